package state

import (
	"context"
	"database/sql"
	"time"
)

// cacheAge is how long a cache entry is kept after it was written. One still in use is made again then.
const cacheAge = 90 * 24 * time.Hour

// Prune forgets old history: of each target it keeps the newest keepRuns runs (at least two) and as many publishes, and
// all that speaks of them. It never forgets what decides a later run: relations, a pending publish, the last verdict of
// each test, the files behind relations that exist, and what is published. It returns the number of runs forgotten.
func (s *Store) Prune(ctx context.Context, keepRuns int) (int64, error) {
	keepRuns = max(keepRuns, 2)
	var forgotten int64
	err := s.write(ctx, crashSafe, "prune the state store", func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			delete from runs where status <> 'running' and run_id in (
			    select run_id from (
			        select run_id, row_number() over (partition by target order by started_at desc, run_id desc) as age
			        from runs
			    ) where age > ?
			)`, keepRuns) // takes node_results along
		if err != nil {
			return err
		}
		if forgotten, err = result.RowsAffected(); err != nil {
			return err
		}
		return pruneRest(ctx, tx, keepRuns, s.now().Add(-cacheAge))
	})
	return forgotten, err
}

func pruneRest(ctx context.Context, tx *sql.Tx, keepRuns int, before time.Time) error {
	statements := []struct {
		text string
		args []any
	}{
		{`delete from publishes where publish_id in (
		    select publish_id from (
		        select publish_id, row_number() over (partition by target order by publish_id desc) as age from publishes
		    ) where age > ?
		)`, []any{keepRuns}}, // takes published_nodes along
		{`delete from publish_intents where state <> 'pending' and run_id not in (select run_id from runs)`, nil},
		{`delete from test_verdicts as v where run_id not in (select run_id from runs) and exists (
		    select 1 from test_verdicts as later
		    where later.target = v.target and later.test_id = v.test_id and later.checked_at > v.checked_at
		)`, nil},
		{`delete from load_files as l where run_id not in (select run_id from runs) and not exists (
		    select 1 from relations as r where r.target = l.target and r.fingerprint = l.fingerprint
		)`, nil},
		{`delete from file_hashes where saved_at < ?`, []any{micros(before)}},
		{`delete from sql_forms where saved_at < ?`, []any{micros(before)}},
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement.text, statement.args...); err != nil {
			return err
		}
	}
	return nil
}
