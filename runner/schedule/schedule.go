// Package schedule starts runs without being asked: when a cron line is due, and when files come, go or change. What it has
// seen to outlives the process, so that nothing is done twice and what was missed is known.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"elt/runner"
	"elt/runner/cron"
	"elt/runner/state"
)

// Project is what has to be known of a project; it may change while the scheduler works.
type Project struct {
	Schedules []*runner.Schedule
	Made      []string // files and folders that runs make, absolute: changes of these start nothing
}

// Config says what to watch and what to do then. All must be set but Changed.
type Config struct {
	Dir     string        // of the project, absolute
	State   func() string // path of the state store
	Project func(ctx context.Context) (Project, error)
	Start   func(s *runner.Schedule, trigger string) (runID string, err error)
	Busy    func() bool               // whether a run goes on or waits
	Waits   func(trigger string) bool // whether a run of this trigger waits for its turn
	Changed func(Status)              // hears of every change of a schedule
	Clock   runner.Clock
	Log     zerolog.Logger

	Quiet time.Duration // files have to stay the same so long before they start a run
	Poll  time.Duration // between two looks at files, for what the file system does not tell
}

// Usual values of Config.
const (
	Quiet = 2 * time.Second
	Poll  = 5 * time.Second
)

// late is how long after its time a run is still in time.
const late = 90 * time.Second

// ErrNotFound says that there is no schedule of a name.
var ErrNotFound = errors.New("there is no such schedule")

// Scheduler is safe for concurrent use.
type Scheduler struct {
	config Config
	wake   chan struct{} // has one place; whoever fills it has the loop look again

	mu      sync.Mutex // guards what follows
	entries []*entry
	problem error // why the project could not be read when it was last looked at
}

// entry is a schedule with what is known of it.
type entry struct {
	*runner.Schedule
	line   cron.Line // of cron
	memory state.Schedule
	files  *files // of watch
	note   string // what became of it last, if that was no run
}

// New makes a Scheduler. Nothing happens before Run.
func New(c Config) *Scheduler {
	if c.Changed == nil {
		c.Changed = func(Status) {}
	}
	return &Scheduler{config: c, wake: make(chan struct{}, 1)}
}

// Run sees to the schedules until ctx ends. What is wrong with the project or the state store is logged, and tried again.
func (s *Scheduler) Run(ctx context.Context) {
	notices := newNotices(s.config.Log)
	defer notices.close()
	for {
		pause := s.tick(ctx)
		notices.watch(s.roots())
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-notices.changes:
		case <-s.wake:
		}
		timer.Stop()
	}
}

// tick does what is due now and tells how long to wait before the next look.
func (s *Scheduler) tick(ctx context.Context) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := s.refresh(ctx)
	now := s.config.Clock()
	pause := s.config.Poll
	for _, e := range s.entries {
		if !e.Enabled || e.memory.Paused {
			continue
		}
		if e.Cron != "" {
			s.tickCron(ctx, e, now)
			if next := e.line.Next(now); !next.IsZero() {
				pause = min(pause, max(next.Sub(now), time.Millisecond))
			}
			continue
		}
		if s.tickFiles(ctx, e, now, made) {
			pause = min(pause, s.config.Quiet/4+time.Millisecond)
		}
	}
	return pause
}

// refresh takes over what project.yaml says now, and gives the files that runs make. s.mu is held.
func (s *Scheduler) refresh(ctx context.Context) []string {
	p, err := s.config.Project(ctx)
	if err != nil {
		if s.problem == nil || s.problem.Error() != err.Error() {
			s.config.Log.Warn().Msg("schedules stay as they were: " + err.Error())
		}
		s.problem = err
		return nil
	}
	s.problem = nil
	if slices.EqualFunc(s.entries, p.Schedules, func(e *entry, d *runner.Schedule) bool { return reflect.DeepEqual(e.Schedule, d) }) {
		return p.Made
	}
	memories, err := s.remembered(ctx)
	if err != nil {
		s.config.Log.Warn().Msg("schedules stay as they were: " + err.Error())
		return p.Made
	}
	var entries []*entry
	for _, d := range p.Schedules {
		e, err := s.entry(ctx, d, memories)
		if err != nil {
			s.config.Log.Warn().Msgf("schedule %s: %s", d.Name, err)
			continue
		}
		entries = append(entries, e)
	}
	s.entries = entries
	for _, e := range entries {
		s.config.Changed(s.status(e))
	}
	return p.Made
}

// entry makes the entry of a schedule, which keeps what an earlier one of the same kind knew. s.mu is held.
func (s *Scheduler) entry(ctx context.Context, d *runner.Schedule, memories map[string]state.Schedule) (*entry, error) {
	e := &entry{Schedule: d, memory: memories[d.Name]}
	e.memory.Name = d.Name
	if d.Cron == "" {
		e.files = &files{globs: d.Watch}
		for _, old := range s.entries {
			if old.Name == d.Name && old.files != nil && slices.Equal(old.Watch, d.Watch) {
				e.files = old.files
			}
		}
		return e, nil
	}
	zone, err := time.LoadLocation(d.TimeZone)
	if err != nil {
		return nil, err
	}
	if e.line, err = cron.Parse(d.Cron, zone); err != nil {
		return nil, err
	}
	if e.memory.Fired.IsZero() && d.Enabled { // from now on what is missed is known
		e.memory.Fired = s.config.Clock()
		err = s.remember(ctx, e)
	}
	return e, err
}

// tickCron starts a run if the line is due. s.mu is held.
func (s *Scheduler) tickCron(ctx context.Context, e *entry, now time.Time) {
	due := e.line.Last(e.memory.Fired, now)
	if due.IsZero() {
		return
	}
	e.memory.Fired = due
	if now.Sub(due) > late && e.Misfire == runner.MisfireSkip {
		s.leave(ctx, e, "skipped, because elt serve was not running at "+due.Format("2006-01-02 15:04 MST"))
		return
	}
	s.fire(ctx, e)
}

// tickFiles starts a run if files changed and have come to rest. It tells whether some have not. s.mu is held.
func (s *Scheduler) tickFiles(ctx context.Context, e *entry, now time.Time, made []string) (restless bool) {
	first := e.files.seen == nil
	changed, restless := e.files.look(s.config.Dir, made, now, s.config.Quiet)
	if first && e.Misfire == runner.MisfireOnce {
		changed = e.files.newerThan(s.lastRun(ctx))
	}
	if len(changed) == 0 {
		return restless
	}
	s.config.Log.Info().Msgf("%s: %s changed", e.Name, some(changed))
	e.memory.Fired = now
	s.fire(ctx, e)
	return restless
}

// some names a few of many.
func some(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// trigger is how runs tell of a schedule.
func (e *entry) trigger() string {
	if e.Cron != "" {
		return "schedule:" + e.Name
	}
	return "watch:" + e.Name
}

// fire starts a run, unless another one is in the way. s.mu is held.
func (s *Scheduler) fire(ctx context.Context, e *entry) {
	switch {
	case e.Overlap == runner.OverlapSkip && s.config.Busy():
		s.leave(ctx, e, "skipped, because another run went on")
	case s.config.Waits(e.trigger()):
		s.leave(ctx, e, "a run of it waits already")
	default:
		_, _ = s.start(ctx, e) // the entry tells of it
	}
}

func (s *Scheduler) start(ctx context.Context, e *entry) (string, error) {
	id, err := s.config.Start(e.Schedule, e.trigger())
	if err != nil {
		s.leave(ctx, e, "could not start: "+err.Error())
		return "", err
	}
	e.memory.RunID, e.note = id, ""
	s.config.Log.Info().Msgf("%s starts run %s", e.trigger(), id)
	s.keep(ctx, e)
	return id, nil
}

// leave remembers that no run was started, and why. s.mu is held.
func (s *Scheduler) leave(ctx context.Context, e *entry, why string) {
	e.note = why
	s.config.Log.Info().Msgf("%s: %s", e.trigger(), why)
	s.keep(ctx, e)
}

// keep writes down how an entry stands and tells of it. s.mu is held.
func (s *Scheduler) keep(ctx context.Context, e *entry) {
	if err := s.remember(ctx, e); err != nil {
		s.config.Log.Warn().Msgf("schedule %s may fire twice after a restart: %s", e.Name, err)
	}
	s.config.Changed(s.status(e))
}

func (s *Scheduler) remember(ctx context.Context, e *entry) (err error) {
	store, err := state.Open(context.WithoutCancel(ctx), s.config.State(), s.config.Clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return store.SaveSchedule(context.WithoutCancel(ctx), e.memory)
}

func (s *Scheduler) remembered(ctx context.Context) (all map[string]state.Schedule, err error) {
	err = s.look(ctx, func(store *state.Store) error {
		all, err = store.Schedules(ctx)
		return err
	})
	return all, err
}

// lastRun is when the last run began; the zero time if none is known.
func (s *Scheduler) lastRun(ctx context.Context) (began time.Time) {
	err := s.look(ctx, func(store *state.Store) error {
		runs, err := store.Runs(ctx, 1)
		if len(runs) > 0 {
			began = runs[0].Started
		}
		return err
	})
	if err != nil {
		s.config.Log.Warn().Msg("what came while elt serve was not running is not known: " + err.Error())
	}
	return began
}

// look reads the state store, where there is one that this program can read.
func (s *Scheduler) look(ctx context.Context, do func(*state.Store) error) (err error) {
	store, err := state.OpenReadOnly(ctx, s.config.State())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil { // of an older version, perhaps
		if store, err = state.Open(ctx, s.config.State(), s.config.Clock); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(store)
}
