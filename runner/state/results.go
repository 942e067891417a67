package state

import (
	"context"
	"database/sql"

	"elt/runner"
)

// NodeRecord is how one node went in one run.
type NodeRecord struct {
	runner.NodeResult        // Err comes back as a *runner.Error with the same text
	Fingerprint       string // empty where the node has none
}

// SaveResults records results of a run that was begun. A node recorded twice keeps its last result.
func (s *Store) SaveResults(ctx context.Context, runID string, results []NodeRecord) error {
	encoded, err := encodeResults(runID, results)
	if err != nil {
		return err
	}
	return saveAll(ctx, s.file, "record the results", insertResult, encoded, asIs)
}

func asIs(row []any) []any { return row }

func encodeResults(runID string, results []NodeRecord) ([][]any, error) {
	encoded := make([][]any, len(results))
	for i, r := range results {
		failure, err := encodeFailure(r.Failure)
		if err != nil {
			return nil, err
		}
		problem, err := encodeError(r.Err)
		if err != nil {
			return nil, err
		}
		encoded[i] = []any{
			runID, r.ID, r.Kind, r.Name, r.Status, r.Rows, r.Rejected, micros(r.Started), r.Elapsed.Microseconds(),
			r.Message, r.Reason, r.Cause, problem, failure, r.Fingerprint,
		}
	}
	return encoded, nil
}

const insertResult = `
		insert into node_results (run_id, node_id, kind, name, status, rows, rejected, started_at, elapsed, message,
		    reason, cause, error, failure, fingerprint)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (run_id, node_id) do update set
		    kind = excluded.kind, name = excluded.name, status = excluded.status, rows = excluded.rows,
		    rejected = excluded.rejected, started_at = excluded.started_at, elapsed = excluded.elapsed,
		    message = excluded.message, reason = excluded.reason, cause = excluded.cause, error = excluded.error,
		    failure = excluded.failure, fingerprint = excluded.fingerprint`

// Results gives the results of a run in the order they were recorded.
func (s *Store) Results(ctx context.Context, runID string) ([]NodeRecord, error) {
	return list(ctx, s.file, "read the results", `
		select node_id, kind, name, status, rows, rejected, started_at, elapsed, message, reason, cause, error, failure,
		       fingerprint
		from node_results where run_id = ? order by rowid`, readResult, runID)
}

func readResult(row scan) (r NodeRecord, err error) {
	var started sql.NullInt64
	var elapsed int64
	var problem, failure sql.NullString
	err = row(&r.ID, &r.Kind, &r.Name, &r.Status, &r.Rows, &r.Rejected, &started, &elapsed, &r.Message, &r.Reason,
		&r.Cause, &problem, &failure, &r.Fingerprint)
	if err != nil {
		return r, err
	}
	r.Started, r.Elapsed = fromMicros(started), duration(elapsed)
	if r.Err, err = decodeError(problem); err != nil {
		return r, err
	}
	r.Failure, err = decodeFailure(failure)
	return r, err
}
