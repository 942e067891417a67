package state

import (
	"context"
	"database/sql"
	"time"
)

// Schedule is what is remembered of a schedule of project.yaml.
type Schedule struct {
	Name   string
	Paused bool
	Fired  time.Time // the time it was last due and seen to; zero: never
	RunID  string    // of the last run it started; empty: none
}

// Schedules gives what is remembered of every schedule, by name.
func (s *Store) Schedules(ctx context.Context) (map[string]Schedule, error) {
	read := func(row scan) (sch Schedule, err error) {
		var fired sql.NullInt64
		err = row(&sch.Name, &sch.Paused, &fired, &sch.RunID)
		sch.Fired = fromMicros(fired)
		return sch, err
	}
	all, err := list(ctx, s.file, "read the schedules", "select name, paused, fired_at, run_id from schedules", read)
	return index(all, func(sch Schedule) string { return sch.Name }), err
}

// SaveSchedule remembers how a schedule stands now.
func (s *Store) SaveSchedule(ctx context.Context, sch Schedule) error {
	return s.write(ctx, crashSafe, "record the schedule", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			insert into schedules (name, paused, fired_at, run_id, updated_at) values (?, ?, ?, ?, ?)
			on conflict (name) do update set
			    paused = excluded.paused, fired_at = excluded.fired_at, run_id = excluded.run_id, updated_at = excluded.updated_at`,
			sch.Name, sch.Paused, micros(sch.Fired), sch.RunID, micros(s.now()))
		return err
	})
}
