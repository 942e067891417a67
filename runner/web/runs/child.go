package runs

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"elt/runner"
	"elt/runner/journal"
)

// patience is how long a run waits for one of the command line to end.
const patience = 24 * time.Hour

// child is the process of a run.
type child struct {
	cmd    *exec.Cmd
	errOut *os.File // its messages; a file, so that it does not depend on this process
	ended  chan struct{}

	mu      sync.Mutex // guards stopped
	stopped bool       // it was asked to stop
}

// start starts the process of a job.
func start(c Config, j *job) (*child, error) {
	errOut, err := os.CreateTemp("", "elt-run-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(errOut.Name()); err != nil { // it goes away with its last user
		return nil, errors.Join(err, errOut.Close())
	}
	args := slices.Concat([]string{j.request.command()}, c.Flags, j.request.args()[1:])
	args = append(args, "--project-dir="+c.Dir, "--run-id="+j.id, "--trigger="+j.request.Trigger,
		"--wait="+patience.String(), "--log-format=json")
	cmd := exec.Command(c.Program, args...)
	cmd.Dir, cmd.Env, cmd.Stderr, cmd.SysProcAttr = c.Dir, c.Environ, errOut, apart()
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, errOut.Close())
	}
	return &child{cmd: cmd, errOut: errOut, ended: make(chan struct{})}, nil
}

// outcome is how the process of a run ended.
type outcome struct {
	err     error // nil: with status 0
	stopped bool  // it was asked to stop
	problem *runner.Problem
}

// wait waits for the end of a process that was started, or not because of failure. c may be nil then.
func (c *child) wait(failure error) outcome {
	if failure != nil {
		return outcome{err: failure, problem: runner.ProblemOf(failure)}
	}
	err := c.cmd.Wait()
	close(c.ended)
	c.mu.Lock()
	stopped := c.stopped
	c.mu.Unlock()
	o := outcome{err: err, stopped: stopped}
	if err != nil {
		o.problem = lastProblem(c.errOut)
	}
	_ = c.errOut.Close() // it is gone with that
	return o
}

// stop asks the process to end and kills it if it has not after grace. It does not wait.
func (c *child) stop(grace time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	c.stopped = true
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		_ = c.cmd.Process.Kill() // where there are no signals, or it is gone already
		return
	}
	go func() {
		select {
		case <-c.ended:
		case <-time.After(grace):
			_ = c.cmd.Process.Kill() // it may have ended in this moment
		}
	}()
}

// end is what the journal of a run that did not end it itself is told.
func (o outcome) end() journal.End {
	switch {
	case o.stopped:
		return journal.End{Status: journal.Interrupted, Error: &runner.Problem{
			Code: runner.CodeInterrupted, Msg: "stopped before it came to its end; nothing was published",
		}}
	case o.err == nil: // it found nothing to do
		return journal.End{Status: journal.Success}
	case o.problem != nil:
		return journal.End{Status: journal.Failed, Error: o.problem}
	default:
		return journal.End{Status: journal.Crashed, Error: &runner.Problem{
			Code: runner.CodeInterrupted, Msg: "its process went away: " + o.err.Error() + "; nothing was published",
			Hint: "run it again; what it had built is used",
		}}
	}
}

// message is a line of what a run writes to its error stream.
type message struct {
	Level   string      `json:"level"`
	Message string      `json:"message"`
	Code    runner.Code `json:"code"`
	Hint    string      `json:"hint"`
}

// lastProblem finds the error that a run has told of last; nil if there is none.
func lastProblem(errOut *os.File) *runner.Problem {
	if _, err := errOut.Seek(0, io.SeekStart); err != nil {
		return nil
	}
	var found *runner.Problem
	lines := bufio.NewScanner(errOut)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) == nil && m.Level == "error" && m.Code != "" {
			found = &runner.Problem{Code: m.Code, Msg: m.Message, Hint: m.Hint}
		}
	}
	return found
}

// interrupt asks a process that is not ours to stop.
func interrupt(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := p.Signal(os.Interrupt); err != nil {
		return &runner.Error{Code: runner.CodeState, Msg: "stop the process of the run", Err: err, Hint: "stop it where it was started"}
	}
	return nil
}
