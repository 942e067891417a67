package live_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/web/live"
)

func drain(s *live.Subscription) (kinds []string, open bool) {
	for {
		select {
		case e, open := <-s.Events():
			if !open {
				return kinds, false
			}
			kinds = append(kinds, e.Kind+string(e.Data))
		default:
			return kinds, true
		}
	}
}

func TestHub(t *testing.T) {
	h := live.New(time.UnixMicro(1000))
	all, missed := h.Subscribe(0, "")
	require.Empty(t, missed)
	ofRun, _ := h.Subscribe(0, "r1")
	first := h.Last()
	h.Publish(live.Run, "r1", 1)
	h.Publish(live.Log, "r1", 2)
	h.Publish(live.Log, "r2", 3)
	h.Publish(live.Published, "", map[string]int{"a": 4})

	kinds, _ := drain(all)
	assert.Equal(t, []string{"run1", `published{"a":4}`}, kinds, "a log goes only to those who follow its run")
	kinds, _ = drain(ofRun)
	assert.Equal(t, []string{"run1", "log2", `published{"a":4}`}, kinds)

	again, missed := h.Subscribe(first+1, "r2")
	require.Len(t, missed, 2)
	assert.Equal(t, []string{live.Log, live.Published}, []string{missed[0].Kind, missed[1].Kind})
	assert.Greater(t, missed[1].ID, missed[0].ID)
	_, missed = h.Subscribe(h.Last(), "")
	assert.Empty(t, missed, "who missed nothing gets nothing")
	for _, unknown := range []uint64{h.Last() + 1, 5} { // of another server, of long ago
		_, missed = h.Subscribe(unknown, "")
		require.Len(t, missed, 1)
		assert.Equal(t, live.Reset, missed[0].Kind)
		assert.Equal(t, h.Last(), missed[0].ID)
	}
	again.Close()
	again.Close()
	h.Close()
	_, open := drain(all)
	assert.False(t, open)
	h.Publish(live.Run, "", nil)
	late, _ := h.Subscribe(0, "")
	_, open = drain(late)
	assert.False(t, open)
}

func TestWhoIsTooSlowIsDropped(t *testing.T) {
	h := live.New(time.UnixMicro(1000))
	slow, _ := h.Subscribe(0, "")
	quick, _ := h.Subscribe(0, "")
	before, got := h.Last(), 0
	for i := range 3000 {
		h.Publish(live.Node, "r", i)
		if i%100 == 0 {
			kinds, _ := drain(quick)
			got += len(kinds)
		}
	}
	kinds, open := drain(quick)
	assert.True(t, open)
	assert.Equal(t, 3000, got+len(kinds))
	kinds, open = drain(slow)
	assert.False(t, open)
	assert.NotEmpty(t, kinds)
	_, dropped := h.Stats()
	assert.EqualValues(t, 1, dropped)
	_, missed := h.Subscribe(before+uint64(len(kinds)), "")
	require.Len(t, missed, 1, "so much is not remembered")
	assert.Equal(t, live.Reset, missed[0].Kind)
	_, missed = h.Subscribe(h.Last()-1000, "")
	require.Len(t, missed, 1000)
	assert.Equal(t, fmt.Sprint(2999), string(missed[999].Data))
}
