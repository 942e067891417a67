// Package cache keeps results that are asked for again and again: bounded in bytes, each computed once however many wait
// for it.
package cache

import (
	"container/list"
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Cache keeps encoded results, the ones used last. It is safe for concurrent use.
//
// A key must say all that the result depends on, the snapshot included: nothing is ever invalidated, what is not asked for
// any more makes room for what is.
type Cache struct {
	limit  int
	flight singleflight.Group

	mu     sync.Mutex // guards what follows
	size   int
	order  *list.List // of *entry, the one used last in front
	byKey  map[string]*list.Element
	hits   uint64
	misses uint64
}

type entry struct {
	key   string
	value []byte
}

// patience is how long a computation may take.
const patience = time.Minute

// overhead is about what an entry takes beside its key and value.
const overhead = 200

func (e *entry) size() int { return len(e.key) + len(e.value) + overhead }

// New makes a Cache for at most limit bytes.
func New(limit int) *Cache {
	return &Cache{limit: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

// Get gives the result for key, computing it if it is not there. Errors are not kept. The bytes are shared: do not change
// them. compute goes on when its caller leaves, for others may wait for it; Get does not return before it has.
func (c *Cache) Get(ctx context.Context, key string, compute func(context.Context) ([]byte, error)) ([]byte, error) {
	if value, ok := c.lookup(key); ok {
		return value, nil
	}
	value, err, _ := c.flight.Do(key, func() (any, error) {
		limited, stop := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer stop()
		value, err := compute(limited)
		if err == nil {
			c.keep(key, value)
		}
		return value, err
	})
	if err != nil {
		return nil, err
	}
	return value.([]byte), nil
}

// Stats tells how often a result was there and was not, and how many bytes are kept.
func (c *Cache) Stats() (hits, misses uint64, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits, c.misses, c.size
}

func (c *Cache) lookup(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.byKey[key]
	if !ok {
		c.misses++
		return nil, false
	}
	c.hits++
	c.order.MoveToFront(found)
	return found.Value.(*entry).value, true
}

func (c *Cache) keep(key string, value []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := &entry{key: key, value: value}
	if _, there := c.byKey[key]; there || e.size() > c.limit {
		return
	}
	c.byKey[key] = c.order.PushFront(e)
	c.size += e.size()
	for c.size > c.limit {
		last := c.order.Back()
		old := c.order.Remove(last).(*entry)
		delete(c.byKey, old.key)
		c.size -= old.size()
	}
}
