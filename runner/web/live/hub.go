// Package live tells open pages what happens: a hub of events with monotonic numbers, which remembers the last of them for
// those who come back.
package live

import (
	"encoding/json"
	"sync"
	"time"
)

// The kinds of events.
const (
	Run       = "run"       // a run started or finished
	Node      = "node"      // a node of a run started or finished
	Log       = "log"       // a line of a run's log
	Published = "published" // a new snapshot is current
	Schedule  = "schedule"  // a schedule changed
	Project   = "project"   // the files of the project load again, or do not, or not for another reason
	Reset     = "reset"     // what was missed is forgotten: load everything anew
)

// Publisher is what those need that have something to tell. data becomes the JSON of the event. run names the run that
// the event is about; events of kind Log go only to those who follow that run, all others to everyone.
type Publisher interface {
	Publish(kind, run string, data any)
}

// Event is one message. IDs grow, also from one start of the server to the next.
type Event struct {
	ID   uint64
	Kind string
	Run  string
	Data []byte // JSON without line ends
}

// Hub passes events on. It is safe for concurrent use; publishing never blocks.
type Hub struct {
	mu          sync.Mutex // guards what follows
	last        uint64
	ring        []Event // the last events, the oldest first
	subscribers map[*Subscription]struct{}
	closed      bool
	dropped     uint64
}

const (
	remembered = 2048 // events
	patience   = 256  // events that may wait for one subscriber
)

var _ Publisher = (*Hub)(nil)

// New makes a Hub. Its IDs begin where no earlier server of this project can have come to.
func New(now time.Time) *Hub {
	return &Hub{last: uint64(now.UnixMicro()), subscribers: map[*Subscription]struct{}{}}
}

// Publish implements Publisher. A subscriber that does not keep up is dropped: it will come back and ask for what it missed.
func (h *Hub) Publish(kind, run string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		text = []byte("null") // what cannot be told is an event all the same
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.last++
	e := Event{ID: h.last, Kind: kind, Run: run, Data: text}
	if len(h.ring) == remembered {
		h.ring = append(h.ring[:0], h.ring[remembered/4:]...)
	}
	h.ring = append(h.ring, e)
	for s := range h.subscribers {
		if !s.wants(e) {
			continue
		}
		select {
		case s.events <- e:
		default:
			h.dropped++
			h.remove(s)
		}
	}
}

// Subscription is one reader of events.
type Subscription struct {
	hub    *Hub
	run    string
	events chan Event // closed by the hub when the subscription ends
}

// Events gives the events; the channel is closed when the reader was too slow, or the hub is closed.
func (s *Subscription) Events() <-chan Event { return s.events }

// Close ends the subscription. It may be called more than once.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.remove(s)
}

func (s *Subscription) wants(e Event) bool { return e.Kind != Log || s.run != "" && s.run == e.Run }

// Subscribe gives what happens from now on, after what happened since the event with the ID after, which may be 0 for one
// who comes for the first time. missed is in order; where it cannot be complete, it is one event of kind Reset. run names
// the run whose log is wanted; empty: of none.
func (h *Hub) Subscribe(after uint64, run string) (s *Subscription, missed []Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s = &Subscription{hub: h, run: run, events: make(chan Event, patience)}
	if h.closed {
		close(s.events)
		return s, nil
	}
	h.subscribers[s] = struct{}{}
	if after == 0 {
		return s, nil
	}
	if after > h.last || after < h.forgotten() {
		return s, []Event{{ID: h.last, Kind: Reset, Data: []byte("{}")}}
	}
	for _, e := range h.ring {
		if e.ID > after && s.wants(e) {
			missed = append(missed, e)
		}
	}
	return s, missed
}

// forgotten is the ID of the last event that is not remembered. h.mu is held.
func (h *Hub) forgotten() uint64 { return h.last - uint64(len(h.ring)) }

// Last is the ID of the last event. A page that was made after it needs no events up to it.
func (h *Hub) Last() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// Stats tells how many listen, and how many were too slow so far.
func (h *Hub) Stats() (subscribers int, dropped uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subscribers), h.dropped
}

// Close ends all subscriptions. Nothing is published afterwards.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subscribers {
		h.remove(s)
	}
}

// remove ends a subscription, if it stands. h.mu is held.
func (h *Hub) remove(s *Subscription) {
	if _, there := h.subscribers[s]; there {
		delete(h.subscribers, s)
		close(s.events)
	}
}
