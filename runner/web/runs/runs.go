// Package runs starts, stops and shows runs. A run is a process of its own, the same one that the command line starts: its
// memory, its locks and its crashes are its own. What a run does is read from its journal while it goes on, and from the
// state store once it is over, so that runs of the command line are seen as well.
//
// It knows no HTTP.
package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"elt/runner"
	"elt/runner/journal"
	"elt/runner/pipeline"
)

// Config says what to run and how. All but Flags and Environ must be set.
type Config struct {
	Program string        // path of elt itself
	Dir     string        // of the project, absolute
	Home    func() Home   // may change when the project's files do
	Version string        // of elt
	Flags   []string      // passed on to each run: --target, --vars, …
	Environ []string      // of each run; nil: that of this process
	Grace   time.Duration // between asking a run to stop and killing it
	Live    Publisher     // hears what happens
	Clock   runner.Clock
	Log     zerolog.Logger
}

// Home is what a project file says of where runs leave their traces.
type Home struct {
	Project  string // its name
	Target   string // its name
	State    string // path of the state store
	Journals string // folder of the journals
}

// Request is a run that is wanted.
type Request struct {
	Command     string // "run", "retry"; empty: "run"
	Select      []string
	Exclude     []string
	Force       bool
	FullRefresh bool
	Trigger     string   // "web", "schedule:NAME", "watch:NAME", "retry:RUN"
	Args        []string // further flags
}

// Errors that callers tell apart.
var (
	ErrNotFound = errors.New("there is no such run")
	ErrOver     = errors.New("the run is over")
	ErrClosed   = errors.New("the server is stopping; it starts no runs any more")
	ErrFull     = errors.New("too many runs are waiting")
	ErrNotLast  = errors.New("only the last run can be taken up again; this one is not it")
	ErrNoRetry  = errors.New("nothing failed in this run")
)

// mostQueued is how many runs may wait for the one that goes on.
const mostQueued = 20

// Manager starts one run at a time and lets the others wait. It is safe for concurrent use.
type Manager struct {
	config Config

	mu     sync.Mutex // guards what follows
	queue  []*job     // the first one is running
	closed bool
	seen   map[string]bool // runs that journals say go on, whoever started them
	work   sync.WaitGroup
}

// job is one run of the queue.
type job struct {
	id      string
	request Request
	queued  time.Time
	child   *child // nil while it waits
	done    chan struct{}
}

// Dir is the folder of the project, absolute.
func (m *Manager) Dir() string { return m.config.Dir }

// New makes a Manager. It starts nothing by itself.
func New(c Config) *Manager { return &Manager{config: c, seen: map[string]bool{}} }

// Start starts a run, or lets it wait until the one that goes on is over, and gives its ID at once.
func (m *Manager) Start(r Request) (runID string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return "", ErrClosed
	case len(m.queue) > mostQueued:
		return "", ErrFull
	}
	now := m.config.Clock()
	j := &job{id: m.newID(now), request: r, queued: now, done: make(chan struct{})}
	m.queue = append(m.queue, j)
	if len(m.queue) == 1 {
		m.begin(j)
	} else {
		m.config.Live.Publish("run", j.id, j.summary(m.config, Queued))
	}
	return j.id, nil
}

// newID is an ID that no job of the queue has. m.mu is held.
func (m *Manager) newID(now time.Time) string {
	for {
		id := pipeline.NewRunID(now)
		if !slices.ContainsFunc(m.queue, func(j *job) bool { return j.id == id }) {
			return id
		}
		now = now.Add(time.Nanosecond)
	}
}

// begin runs the first job of the queue. m.mu is held.
func (m *Manager) begin(j *job) {
	c, err := start(m.config, j)
	if err != nil {
		m.config.Log.Error().Err(err).Msg("start run " + j.id)
	}
	j.child = c
	m.work.Go(func() {
		outcome := c.wait(err)
		m.conclude(j, outcome)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.queue = m.queue[1:]
		close(j.done)
		if len(m.queue) > 0 {
			m.begin(m.queue[0])
		}
	})
}

// conclude gives the journal of a run its end where the run itself did not.
func (m *Manager) conclude(j *job, o outcome) {
	run := journal.Run{
		ID: j.id, Command: "elt " + j.request.command(), Args: j.request.args(), Trigger: j.request.Trigger,
		Project: m.config.Home().Project, Target: m.config.Home().Target, Version: m.config.Version, Started: j.queued,
	}
	if err := journal.Conclude(m.config.Home().Journals, run, o.end(), m.config.Clock); err != nil {
		m.config.Log.Warn().Err(err).Msg("record the end of run " + j.id)
	}
}

// Cancel asks a run to stop, also one of the command line; where it does not within the grace period it is killed, if it is
// ours. A run that waits does not start.
func (m *Manager) Cancel(runID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	events, _ := journal.Read(m.config.Home().Journals, runID) // none yet, perhaps
	told := len(events) > 0 && events[0].Run != nil
	if told && events[len(events)-1].Ended != nil { // though its process may still have to go
		return fmt.Errorf("cancel run %s: %w", runID, ErrOver)
	}
	i := slices.IndexFunc(m.queue, func(j *job) bool { return j.id == runID })
	switch {
	case i >= 0 && m.queue[i].child != nil:
		m.queue[i].child.stop(m.config.Grace)
	case i >= 0:
		m.drop(i)
	case told:
		return interrupt(events[0].Run.PID)
	default:
		return fmt.Errorf("cancel run %.40s: %w", runID, ErrNotFound)
	}
	return nil
}

// drop takes a waiting job out of the queue. m.mu is held.
func (m *Manager) drop(i int) {
	j := m.queue[i]
	m.queue = slices.Delete(m.queue, i, i+1)
	m.conclude(j, outcome{stopped: true})
	close(j.done)
}

// Busy tells whether a run goes on or waits, whoever started it.
func (m *Manager) Busy() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue) > 0 || len(m.seen) > 0
}

// Counts tells how many runs go on, whoever started them, and how many wait.
func (m *Manager) Counts() (running, waiting int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	running, waiting = len(m.seen), max(len(m.queue)-1, 0)
	if len(m.queue) > 0 && !m.seen[m.queue[0].id] {
		running++
	}
	return running, waiting
}

// Waits tells whether a run of this trigger waits for its turn.
func (m *Manager) Waits(trigger string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.queue, func(j *job) bool { return j.child == nil && j.request.Trigger == trigger })
}

// Wait waits for the end of a run that this Manager started; it returns at once for any other.
func (m *Manager) Wait(ctx context.Context, runID string) error {
	m.mu.Lock()
	i := slices.IndexFunc(m.queue, func(j *job) bool { return j.id == runID })
	var done chan struct{}
	if i >= 0 {
		done = m.queue[i].done
	}
	m.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close starts no runs any more, gives up those that wait and lets the one that goes on come to its end. Once ctx ends that
// one is asked to stop, and killed after the grace period.
func (m *Manager) Close(ctx context.Context) {
	m.mu.Lock()
	m.closed = true
	for len(m.queue) > 1 {
		m.drop(len(m.queue) - 1)
	}
	var running *child
	if len(m.queue) == 1 {
		running = m.queue[0].child
		m.config.Log.Info().Msg("waiting for run " + m.queue[0].id + " to end")
	}
	m.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		m.work.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		if running != nil {
			running.stop(m.config.Grace)
		}
		<-ended
	}
}

// Retry runs again what failed or was skipped in a run, with all that depends on it ("failed"), or the same as that run
// ("all").
func (m *Manager) Retry(ctx context.Context, runID, what string) (string, error) {
	run, err := m.find(ctx, runID)
	if err != nil {
		return "", err
	}
	r := Request{Command: "run", Trigger: "retry:" + runID, Args: again(run.Args)}
	if len(run.Args) > 0 && slices.Contains([]string{"build", "load", "seed", "snapshot"}, run.Args[0]) {
		r.Command = run.Args[0]
	}
	if what == "all" {
		return m.Start(r)
	}
	switch last, failed, err := m.failed(ctx, run); {
	case err != nil:
		return "", err
	case !last:
		return "", ErrNotLast
	case !failed:
		return "", ErrNoRetry
	}
	r.Command, r.Args = "retry", only(r.Args, "--target", "--vars", "--threads")
	return m.Start(r)
}
