package dag

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOrderFollowsInsertion(t *testing.T) {
	g := shop()
	order, err := g.Order()
	require.NoError(t, err)
	require.Equal(t, "raw lookup stg mart report board alone", strings.Join(order, " "))

	late := &Graph{}
	late.Depend("b", "z")
	late.Depend("b", "a")
	order, err = late.Order()
	require.NoError(t, err)
	require.Equal(t, []string{"z", "a", "b"}, order)
}

func TestNeighbours(t *testing.T) {
	g := shop()
	require.Equal(t, []string{"stg", "lookup"}, g.Parents("mart"))
	require.Equal(t, []string{"report"}, g.Children("mart"))
	require.Nil(t, g.Parents("nobody"))
	require.Equal(t, []string{"lookup", "raw", "stg"}, g.Ancestors("mart", All).Sorted())
	require.Equal(t, []string{"lookup", "stg"}, g.Ancestors("mart", 1).Sorted())
	require.Empty(t, g.Descendants("raw", 0))
	require.Equal(t, []string{"mart", "report", "stg"}, g.Descendants("raw", 3).Sorted())
}

func TestCycle(t *testing.T) {
	g := shop()
	g.Depend("stg", "report")
	_, err := g.Order()
	var cycle *CycleError
	require.ErrorAs(t, err, &cycle)
	require.EqualError(t, err, "cycle: stg → report → mart → stg")

	self := &Graph{}
	self.Depend("a", "a")
	_, err = self.Order()
	require.EqualError(t, err, "cycle: a → a")
	_, err = self.Walk(context.Background(), 1, func(context.Context, string) error { panic("visited") })
	require.ErrorAs(t, err, &cycle)
	_, err = self.Restrict(Set{"a": true})
	require.ErrorAs(t, err, &cycle)
}

func TestRestrictKeepsOrderThroughGaps(t *testing.T) {
	got, err := shop().Restrict(Set{"raw": true, "report": true, "lookup": true, "mart": false})
	require.NoError(t, err)
	require.Equal(t, []string{"raw", "lookup", "report"}, got.IDs())
	require.Equal(t, []string{"lookup", "raw"}, slices.Sorted(slices.Values(got.Parents("report"))))
}

func TestWalkSkipsBelowFailures(t *testing.T) {
	broken := errors.New("broken")
	visits, err := shop().Walk(context.Background(), 2, func(_ context.Context, id string) error {
		if id == "mart" {
			return broken
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []Visit{
		{ID: "raw", Outcome: Done},
		{ID: "lookup", Outcome: Done},
		{ID: "stg", Outcome: Done},
		{ID: "mart", Outcome: Failed, Err: broken},
		{ID: "report", Outcome: Skipped, Cause: "mart"},
		{ID: "board", Outcome: Skipped, Cause: "mart"},
		{ID: "alone", Outcome: Done},
	}, visits)
}

func TestWalkPrefersTheLongestWay(t *testing.T) {
	var seen []string
	_, err := shop().Walk(context.Background(), 1, func(_ context.Context, id string) error {
		seen = append(seen, id)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, "raw lookup stg mart report board alone", strings.Join(seen, " "))

	g := &Graph{}
	g.Add("short")
	g.Depend("end", "long")
	seen = nil
	_, err = g.Walk(context.Background(), 1, func(_ context.Context, id string) error {
		seen = append(seen, id)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"long", "short", "end"}, seen)
}

func TestWalkStopsWithItsContext(t *testing.T) {
	stop := errors.New("stop asked")
	ctx, cancel := context.WithCancelCause(context.Background())
	visits, err := shop().Walk(ctx, 1, func(ctx context.Context, id string) error {
		if id == "stg" {
			cancel(stop)
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	require.ErrorIs(t, err, stop)
	outcomes := map[string]Outcome{}
	for _, v := range visits {
		outcomes[v.ID] = v.Outcome
	}
	require.Equal(t, map[string]Outcome{
		"raw": Done, "lookup": Done, "stg": Failed, "mart": Skipped, "report": Skipped, "board": Skipped, "alone": NotStarted,
	}, outcomes)
}

func TestWalkWaitsForTheRunning(t *testing.T) {
	g := &Graph{}
	for i := range 10 {
		g.Add(fmt.Sprint(i))
	}
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	var running atomic.Int32
	_, err := g.Walk(ctx, 4, func(context.Context, string) error {
		running.Add(1)
		defer running.Add(-1)
		cancel()
		time.Sleep(5 * time.Millisecond)
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, running.Load())
	for deadline := time.Now().Add(time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestWalkHandsPanicsOn(t *testing.T) {
	for name, visit := range map[string]func(context.Context, string) error{
		"panic":  func(context.Context, string) error { panic("boom") },
		"goexit": func(context.Context, string) error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				p, ok := recover().(*Panic)
				require.True(t, ok)
				require.Contains(t, p.Error(), "visit of raw")
			}()
			_, _ = shop().Walk(context.Background(), 1, visit)
			t.Fatal("did not panic")
		})
	}
}

func TestWalkOfAnyGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 30).Draw(t, "size")
		workers := rapid.IntRange(1, 5).Draw(t, "workers")
		g := &Graph{}
		fails := Set{}
		for i := range size {
			id := fmt.Sprint(i)
			g.Add(id)
			for _, p := range rapid.SliceOfNDistinct(rapid.IntRange(0, max(i-1, 0)), 0, min(i, 4), rapid.ID).Draw(t, "parents") {
				if p < i {
					g.Depend(id, fmt.Sprint(p))
				}
			}
			fails[id] = rapid.IntRange(0, 9).Draw(t, "fails") == 0
		}
		var mu sync.Mutex // guards finished and visited
		finished, visited := Set{}, map[string]int{}
		var running atomic.Int32
		visits, err := g.Walk(context.Background(), workers, func(_ context.Context, id string) error {
			if int(running.Add(1)) > workers {
				t.Errorf("more than %d visits at once", workers)
			}
			defer running.Add(-1)
			mu.Lock()
			defer mu.Unlock()
			visited[id]++
			for _, p := range g.Parents(id) {
				if !finished[p] {
					t.Errorf("%s visited before %s was done", id, p)
				}
			}
			if fails[id] {
				return errors.New("failed")
			}
			finished[id] = true
			return nil
		})
		require.NoError(t, err)
		checkVisits(t, g, fails, visits, visited)
	})
}

func checkVisits(t *rapid.T, g *Graph, fails Set, visits []Visit, visited map[string]int) {
	order, err := g.Order()
	require.NoError(t, err)
	require.Len(t, visits, len(order))
	at := map[string]int{}
	for i, v := range visits {
		require.Equal(t, order[i], v.ID)
		at[v.ID] = i
		for _, p := range g.Parents(v.ID) {
			require.Less(t, at[p], i)
		}
		ancestors := g.Ancestors(v.ID, All)
		anyFails := slices.ContainsFunc(ancestors.Sorted(), func(id string) bool { return fails[id] })
		switch v.Outcome {
		case Done:
			require.False(t, anyFails || fails[v.ID])
			require.Equal(t, 1, visited[v.ID])
		case Failed:
			require.True(t, fails[v.ID])
			require.False(t, anyFails)
			require.Equal(t, 1, visited[v.ID])
		case Skipped:
			require.True(t, ancestors[v.Cause] && fails[v.Cause])
			require.Zero(t, visited[v.ID])
		default:
			t.Fatalf("%s was %s", v.ID, v.Outcome)
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	g := &Graph{}
	for i := range 1000 {
		g.Add(fmt.Sprint(i))
		for p := max(0, i-30); p < i-20; p++ {
			g.Depend(fmt.Sprint(i), fmt.Sprint(p))
		}
	}
	for b.Loop() {
		_, err := g.Walk(context.Background(), 4, func(context.Context, string) error { return nil })
		require.NoError(b, err)
	}
}
