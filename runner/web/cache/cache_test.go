package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/web/cache"
)

func TestCacheComputesOnce(t *testing.T) {
	c := cache.New(1 << 20)
	var computed atomic.Int64
	release := make(chan struct{})
	left, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			value, err := c.Get(left, "key", func(ctx context.Context) ([]byte, error) {
				computed.Add(1)
				<-release
				return []byte("value"), ctx.Err() // what one asks for serves the others, too
			})
			if assert.NoError(t, err) {
				assert.Equal(t, "value", string(value))
			}
		})
	}
	leave()
	close(release)
	all.Wait()
	assert.EqualValues(t, 1, computed.Load())
}

func TestCacheKeepsToItsLimit(t *testing.T) {
	c := cache.New(10_000)
	get := func(key string, size int) (hit bool) {
		hit = true
		value, err := c.Get(t.Context(), key, func(context.Context) ([]byte, error) {
			hit = false
			return []byte(strings.Repeat("x", size)), nil
		})
		require.NoError(t, err)
		require.Len(t, value, size)
		return hit
	}
	for i := range 100 {
		get(fmt.Sprint(i), 1000)
		get("0", 1000) // asked for again and again
		_, _, bytes := c.Stats()
		require.LessOrEqual(t, bytes, 10_000)
	}
	assert.True(t, get("0", 1000))
	assert.True(t, get("99", 1000))
	assert.False(t, get("1", 1000))
	assert.False(t, get("huge", 20_000))
	assert.False(t, get("huge", 20_000), "what is larger than all is not kept")
	assert.True(t, get("0", 1000), "and drives nothing out")
}

func TestCacheKeepsNoErrors(t *testing.T) {
	c := cache.New(1 << 20)
	_, err := c.Get(t.Context(), "key", func(context.Context) ([]byte, error) { return nil, errors.New("no") })
	require.EqualError(t, err, "no")
	value, err := c.Get(t.Context(), "key", func(context.Context) ([]byte, error) { return []byte("yes"), nil })
	require.NoError(t, err)
	assert.Equal(t, "yes", string(value))
}
