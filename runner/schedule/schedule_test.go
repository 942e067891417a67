package schedule

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

// stage is a scheduler whose clock stands still unless it is moved, over a real state store and real files.
type stage struct {
	t   *testing.T
	dir string

	mu       sync.Mutex // guards what follows
	now      time.Time
	project  Project
	problem  error
	started  []string // triggers
	refusal  error
	busy     bool
	waiting  []string
	statuses []Status
}

func newStage(t *testing.T, schedules ...*runner.Schedule) *stage {
	for _, s := range schedules {
		s.Enabled = true
		if s.TimeZone == "" {
			s.TimeZone = "UTC"
		}
		if s.Misfire == "" {
			s.Misfire = runner.MisfireOnce
		}
	}
	return &stage{t: t, dir: t.TempDir(), now: at("2024-12-01 12:00"), project: Project{Schedules: schedules}}
}

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// scheduler makes one as a start of elt serve would.
func (s *stage) scheduler() *Scheduler {
	locked := func(do func()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		do()
	}
	return New(Config{
		Dir: s.dir, State: func() string { return filepath.Join(s.dir, "state.db") }, Clock: s.clock, Log: zerolog.Nop(), Quiet: 2 * time.Second, Poll: 5 * time.Second,
		Project: func(context.Context) (p Project, err error) {
			locked(func() { p, err = Project{slices.Clone(s.project.Schedules), s.project.Made}, s.problem })
			return p, err
		},
		Start: func(_ *runner.Schedule, trigger string) (id string, err error) {
			locked(func() {
				if err = s.refusal; err == nil {
					s.started = append(s.started, trigger)
					id = "run" + string(rune('0'+len(s.started)))
				}
			})
			return id, err
		},
		Busy: func() (busy bool) { locked(func() { busy = s.busy }); return busy },
		Waits: func(trigger string) (waits bool) {
			locked(func() { waits = slices.Contains(s.waiting, trigger) })
			return waits
		},
		Changed: func(st Status) { locked(func() { s.statuses = append(s.statuses, st) }) },
	})
}

// until moves the clock and looks at it, and gives what was started since.
func (s *stage) until(when string, c *Scheduler) string {
	s.t.Helper()
	s.mu.Lock()
	s.now, s.started = at(when), nil
	s.mu.Unlock()
	c.tick(s.t.Context())
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.started, " ")
}

func TestCronLinesStartRuns(t *testing.T) {
	s := newStage(t, &runner.Schedule{Name: "nightly", Cron: "30 2 * * *", TimeZone: "Europe/Berlin"})
	c := s.scheduler()
	require.Empty(t, s.until("2024-12-01 12:00", c))
	require.Empty(t, s.until("2024-12-02 01:29", c))
	require.Equal(t, "schedule:nightly", s.until("2024-12-02 01:30", c))
	require.Empty(t, s.until("2024-12-02 01:31", c), "once")
	st := c.List(t.Context())[0]
	require.Equal(t, []any{"run1", "cron", "Europe/Berlin"}, []any{st.LastRunID, st.Kind, st.TimeZone})
	require.Equal(t, at("2024-12-02 01:30"), st.LastFired.UTC())
	require.Len(t, st.Next, 5)
	require.Equal(t, "2024-12-03T02:30:00+01:00", st.Next[0].Format(time.RFC3339))
	require.Equal(t, st, s.statuses[len(s.statuses)-1])
}

func TestRunsThatWereMissed(t *testing.T) {
	for misfire, want := range map[runner.Misfire]string{runner.MisfireOnce: "schedule:nightly", runner.MisfireSkip: ""} {
		s := newStage(t, &runner.Schedule{Name: "nightly", Cron: "30 2 * * *", Misfire: misfire})
		require.Empty(t, s.until("2024-12-01 12:00", s.scheduler()))
		// The server was away for three days.
		c := s.scheduler()
		require.Equal(t, want, s.until("2024-12-04 09:00", c))
		require.Empty(t, s.until("2024-12-04 09:01", c), "once, however often it was due")
		require.Empty(t, s.until("2024-12-04 09:02", s.scheduler()), "also after another restart")
		require.Equal(t, "schedule:nightly", s.until("2024-12-05 02:31", c), "a minute late is in time")
	}
}

func TestRunsThatMeetAnother(t *testing.T) {
	s := newStage(t, &runner.Schedule{Name: "skips", Cron: "0 * * * *", Overlap: runner.OverlapSkip},
		&runner.Schedule{Name: "waits", Cron: "0 * * * *", Overlap: runner.OverlapWait})
	c := s.scheduler()
	s.until("2024-12-01 12:00", c)
	s.busy = true
	require.Equal(t, "schedule:waits", s.until("2024-12-01 13:00", c))
	require.Contains(t, c.List(t.Context())[0].Note, "another run went on")
	s.waiting = []string{"schedule:waits"}
	require.Empty(t, s.until("2024-12-01 14:00", c), "two that wait are one")
	s.busy, s.waiting = false, nil
	require.Equal(t, "schedule:skips schedule:waits", s.until("2024-12-01 15:00", c))
	s.refusal = errors.New("no")
	require.Empty(t, s.until("2024-12-01 16:00", c))
	require.Equal(t, "could not start: no", c.List(t.Context())[0].Note)
}

func TestAPauseOutlivesTheServer(t *testing.T) {
	s := newStage(t, &runner.Schedule{Name: "hourly", Cron: "0 * * * *"})
	c := s.scheduler()
	s.until("2024-12-01 12:30", c)
	st, err := c.Pause(t.Context(), "hourly")
	require.NoError(t, err)
	require.True(t, st.Paused)
	require.Empty(t, st.Next)
	require.Empty(t, s.until("2024-12-01 13:00", c))
	c = s.scheduler()
	require.Empty(t, s.until("2024-12-01 14:00", c))
	require.True(t, c.List(t.Context())[0].Paused)
	id, err := c.Start(t.Context(), "hourly")
	require.NoError(t, err)
	require.Equal(t, "run1", id, "one that is asked for starts all the same")
	_, err = c.Resume(t.Context(), "hourly")
	require.NoError(t, err)
	require.Empty(t, s.until("2024-12-01 14:30", c), "what was due in a pause is not made up for")
	require.Equal(t, "schedule:hourly", s.until("2024-12-01 15:00", c))
	for _, err := range []error{
		second(c.Pause(t.Context(), "no")), second(c.Resume(t.Context(), "no")), second(c.Start(t.Context(), "no")),
	} {
		require.ErrorIs(t, err, ErrNotFound)
	}
}

func second[T any](_ T, err error) error { return err }

func TestSchedulesFollowTheProject(t *testing.T) {
	s := newStage(t, &runner.Schedule{Name: "a", Cron: "0 * * * *"})
	c := s.scheduler()
	s.until("2024-12-01 12:30", c)
	s.project.Schedules = []*runner.Schedule{{Name: "b", Cron: "0 * * * *", TimeZone: "UTC", Enabled: true}}
	require.Empty(t, s.until("2024-12-01 12:40", c))
	require.Equal(t, "schedule:b", s.until("2024-12-01 13:00", c))
	s.problem = errors.New("someone is editing")
	require.Equal(t, "schedule:b", s.until("2024-12-01 14:00", c), "it stays as it was")
	s.problem = nil
	s.project.Schedules = []*runner.Schedule{{Name: "b", Cron: "0 * * * *", TimeZone: "UTC"}}
	require.Empty(t, s.until("2024-12-01 15:00", c), "it is not enabled any more")
}

func (s *stage) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(s.t, os.WriteFile(path, []byte(text), 0o644))
}

// after looks some seconds after noon.
func (s *stage) after(seconds float64, c *Scheduler) string {
	s.mu.Lock()
	s.now, s.started = at("2024-12-01 12:00").Add(time.Duration(seconds*float64(time.Second))), nil
	s.mu.Unlock()
	c.tick(s.t.Context())
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.started, " ")
}

func TestFilesStartARunOnceTheyAreAtRest(t *testing.T) {
	s := newStage(t, &runner.Schedule{Name: "drops", Watch: []string{"raw/*.csv", "in/**/*.json"}})
	s.project.Made = []string{filepath.Join(s.dir, "raw", "made.csv")}
	s.write("raw/old.csv", "1")
	c := s.scheduler()
	require.Empty(t, s.after(0, c), "what is there already is known")
	s.write("raw/new.csv", "1")
	require.Empty(t, s.after(1, c))
	s.write("raw/new.csv", "1,2")
	require.Empty(t, s.after(2.9, c), "it still grows")
	require.Empty(t, s.after(4.8, c))
	require.Equal(t, "watch:drops", s.after(4.9, c))
	require.Empty(t, s.after(10, c))

	s.write("in/a/b/deep.json", "{}")
	s.after(20, c)
	require.Equal(t, "watch:drops", s.after(22, c))
	require.NoError(t, os.Remove(filepath.Join(s.dir, "raw/old.csv")))
	s.after(30, c)
	require.Equal(t, "watch:drops", s.after(32, c), "one that is gone")
	for _, name := range []string{"raw/made.csv", "raw/.hidden.csv", "raw/part.tmp", "raw/deep/below.csv", "in/x.csv"} {
		s.write(name, "1")
	}
	s.after(40, c)
	require.Empty(t, s.after(45, c), "nobody asked for these")
	// One that comes and goes leaves nothing to do.
	s.write("raw/brief.csv", "1")
	s.after(50, c)
	require.NoError(t, os.Remove(filepath.Join(s.dir, "raw/brief.csv")))
	require.Empty(t, s.after(53, c))
}

func TestFilesThatCameWhileNobodyWatched(t *testing.T) {
	for misfire, want := range map[runner.Misfire]string{runner.MisfireOnce: "watch:drops", runner.MisfireSkip: ""} {
		s := newStage(t, &runner.Schedule{Name: "drops", Watch: []string{"raw/*.csv"}, Misfire: misfire})
		s.write("raw/a.csv", "1")
		require.Empty(t, s.after(0, s.scheduler()), "nothing was ever run, and nobody asked for that")
		store, err := state.Open(t.Context(), filepath.Join(s.dir, "state.db"), s.clock)
		require.NoError(t, err)
		_, err = store.BeginRun(t.Context(), state.Run{ID: "r1", Started: time.Now().Add(-time.Hour)})
		require.NoError(t, err)
		require.NoError(t, store.Close())
		require.NoError(t, os.Chtimes(filepath.Join(s.dir, "raw/a.csv"), time.Now(), time.Now().Add(-2*time.Hour)))
		require.Empty(t, s.after(1, s.scheduler()), "the run has seen it")
		s.write("raw/b.csv", "1")
		c := s.scheduler()
		require.Equal(t, want, s.after(2, c))
		require.Empty(t, s.after(9, c))
	}
}

func TestFilesThatChangeInAPause(t *testing.T) {
	for misfire, want := range map[runner.Misfire]string{runner.MisfireOnce: "watch:drops", runner.MisfireSkip: ""} {
		s := newStage(t, &runner.Schedule{Name: "drops", Watch: []string{"raw/*.csv"}, Misfire: misfire})
		c := s.scheduler()
		s.after(0, c)
		_, err := c.Pause(t.Context(), "drops")
		require.NoError(t, err)
		s.write("raw/b.csv", "1")
		s.after(10, c)
		require.Empty(t, s.after(20, c))
		_, err = c.Resume(t.Context(), "drops")
		require.NoError(t, err)
		s.after(30, c)
		require.Equal(t, want, s.after(33, c))
	}
}

// TestARealFileIsSeen lets the loop run by the real clock: with what the system tells of files, and without.
func TestARealFileIsSeen(t *testing.T) {
	for name, poll := range map[string]time.Duration{"told": time.Hour, "looked for": 20 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, &runner.Schedule{Name: "drops", Watch: []string{"raw/**/*.csv"}})
			s.write("raw/a.csv", "1")
			c := s.scheduler()
			c.config.Clock, c.config.Quiet, c.config.Poll = time.Now, 50*time.Millisecond, poll
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				c.Run(ctx)
				close(done)
			}()
			count := func(n int) func() bool {
				return func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.started) == n }
			}
			time.Sleep(100 * time.Millisecond) // for the first look
			s.write("raw/b.csv", "1")
			require.Eventually(t, count(1), 10*time.Second, time.Millisecond)
			require.NoError(t, os.MkdirAll(filepath.Join(s.dir, "raw/deep"), 0o755))
			time.Sleep(100 * time.Millisecond)
			s.write("raw/deep/c.csv", "1")
			require.Eventually(t, count(2), 10*time.Second, time.Millisecond)
			cancel()
			<-done
		})
	}
}
