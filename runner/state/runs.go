package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"elt/runner"
)

// RunStatus says how a run stands or how it ended.
type RunStatus string

const (
	RunRunning     RunStatus = "running"
	RunSuccess     RunStatus = "success"
	RunError       RunStatus = "error"
	RunInterrupted RunStatus = "interrupted" // asked to stop
	RunCrashed     RunStatus = "crashed"     // its process went away without a word
)

// Run is one command that wrote.
type Run struct {
	ID        string // sortable by time; made by the caller
	Target    string
	Command   string
	Args      []string
	Project   string
	Version   string // of elt
	PID       int
	Host      string
	Trigger   string // what started it: "web", "schedule:NAME", "watch:NAME", "retry:RUN"; empty: the command line
	Started   time.Time
	Finished  time.Time // zero while running
	Status    RunStatus
	Published bool
	Counts    map[runner.Status]int // how many nodes ended how
	Err       error                 // read back as a *runner.Error with the same text
}

// RunEnd is what is known when a run is over.
type RunEnd struct {
	Status    RunStatus
	Finished  time.Time // zero: now
	Published bool
	Counts    map[runner.Status]int
	Err       error
}

// BeginRun records that run goes on; Status, Finished, Published, Counts and Err are ignored, a zero Started is now.
//
// The caller holds the writer lock of the run's target, so whatever else is still running there has lost its process:
// those runs become crashed, and their IDs are returned.
func (s *Store) BeginRun(ctx context.Context, run Run) (crashed []string, err error) {
	args, err := json.Marshal(run.Args)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, crashSafe, "record the run", func(tx *sql.Tx) error {
		crashed, err = closeCrashed(ctx, tx, run.Target, s.now())
		if err != nil {
			return err
		}
		return insertRun(ctx, tx, run, string(args), micros(s.orNow(run.Started)))
	})
	return crashed, err
}

func insertRun(ctx context.Context, tx *sql.Tx, run Run, args string, started any) error {
	_, err := tx.ExecContext(ctx, `
		insert into runs (run_id, target, command, args, project, elt_version, pid, host, started_by, started_at, status)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		run.ID, run.Target, run.Command, args, run.Project, run.Version, run.PID, run.Host, run.Trigger, started, RunRunning)
	return err
}

func closeCrashed(ctx context.Context, tx *sql.Tx, target string, now time.Time) (ids []string, err error) {
	rows, err := tx.QueryContext(ctx, `
		update runs set status = ?, finished_at = ? where status = 'running' and target = ? returning run_id`,
		RunCrashed, micros(now), target)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	return ids, errors.Join(rows.Err(), rows.Close())
}

// RecordRun records a run that is over, with its results: one that needed no right to write, such as a test of what is
// published. Unlike BeginRun it leaves alone what else is running. Status, Published, Counts and Err are those of end.
func (s *Store) RecordRun(ctx context.Context, run Run, end RunEnd, results []NodeRecord) error {
	args, err := json.Marshal(run.Args)
	if err != nil {
		return err
	}
	encoded, err := encodeResults(run.ID, results)
	if err != nil {
		return err
	}
	return s.write(ctx, crashSafe, "record the run", func(tx *sql.Tx) error {
		if err := insertRun(ctx, tx, run, string(args), micros(s.orNow(run.Started))); err != nil {
			return err
		}
		if err := finishRun(ctx, tx, run.ID, end, micros(s.orNow(end.Finished))); err != nil {
			return err
		}
		return each(ctx, tx, insertResult, encoded, asIs)
	})
}

// FinishRun records how the run ended. It is an error if the run was never begun.
func (s *Store) FinishRun(ctx context.Context, runID string, end RunEnd) error {
	return s.write(ctx, crashSafe, "record the end of the run", func(tx *sql.Tx) error {
		return finishRun(ctx, tx, runID, end, micros(s.orNow(end.Finished)))
	})
}

func finishRun(ctx context.Context, tx *sql.Tx, runID string, end RunEnd, finished any) error {
	counts, err := json.Marshal(end.Counts)
	if err != nil {
		return err
	}
	failure, err := encodeError(end.Err)
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `
		update runs set status = ?, finished_at = ?, published = ?, counts = ?, error = ? where run_id = ?`,
		end.Status, finished, end.Published, string(counts), failure, runID)
	return must1(result, err, "run "+runID+" was never begun")
}

const selectRuns = `
	select run_id, target, command, args, project, elt_version, pid, host, started_by, started_at, finished_at, status, published,
	       counts, error
	from runs`

// Runs gives the latest runs of all targets, newest first, at most limit of them.
func (s *Store) Runs(ctx context.Context, limit int) ([]Run, error) {
	return list(ctx, s.file, "read the runs", selectRuns+" order by started_at desc, run_id desc limit ?", readRun, limit)
}

// RunsBefore gives the runs that began before one, as Runs does; none where there is none of this ID.
func (s *Store) RunsBefore(ctx context.Context, runID string, limit int) ([]Run, error) {
	return list(ctx, s.file, "read the runs", selectRuns+`
		where (started_at, run_id) < (select started_at, run_id from runs where run_id = ?)
		order by started_at desc, run_id desc limit ?`, readRun, runID, limit)
}

// LastRun gives the ID of the latest run of a target that is over; empty where there is none.
func (s *Store) LastRun(ctx context.Context, target string) (string, error) {
	runs, err := list(ctx, s.file, "read the runs", selectRuns+`
		where target = ? and status <> 'running' order by started_at desc, run_id desc limit 1`, readRun, target)
	if err != nil || len(runs) == 0 {
		return "", err
	}
	return runs[0].ID, nil
}

// Run gives one run; false where there is none of this ID.
func (s *Store) Run(ctx context.Context, runID string) (Run, bool, error) {
	runs, err := list(ctx, s.file, "read the run", selectRuns+" where run_id = ?", readRun, runID)
	if err != nil || len(runs) == 0 {
		return Run{}, false, err
	}
	return runs[0], true, nil
}

func readRun(row scan) (run Run, err error) {
	var args, counts string
	var started, finished sql.NullInt64
	var failure sql.NullString
	err = row(&run.ID, &run.Target, &run.Command, &args, &run.Project, &run.Version, &run.PID, &run.Host, &run.Trigger,
		&started, &finished, &run.Status, &run.Published, &counts, &failure)
	if err != nil {
		return run, err
	}
	run.Started, run.Finished = fromMicros(started), fromMicros(finished)
	if err := json.Unmarshal([]byte(args), &run.Args); err != nil {
		return run, err
	}
	if err := json.Unmarshal([]byte(counts), &run.Counts); err != nil {
		return run, err
	}
	run.Err, err = decodeError(failure)
	return run, err
}
