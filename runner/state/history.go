package state

import (
	"context"
	"database/sql"
	"time"
)

// NodeRun is how one node went in one of the runs that are remembered.
type NodeRun struct {
	RunID string
	Began time.Time // of the run
	NodeRecord
}

const selectNodeRun = `
	select r.run_id, r.started_at, n.node_id, n.kind, n.name, n.status, n.rows, n.rejected, n.started_at, n.elapsed, n.message,
	       n.reason, n.cause, n.error, n.failure, n.fingerprint
	from `

// NodeHistory gives how a node went in the latest runs of the target that had to do with it, newest first, at most limit
// of them.
func (s *Store) NodeHistory(ctx context.Context, nodeID string, limit int) ([]NodeRun, error) {
	return list(ctx, s.file, "read the history of "+nodeID, selectNodeRun+`runs as r cross join node_results as n on n.run_id = r.run_id
		where n.node_id = ? and r.target = ? order by r.started_at desc, r.run_id desc limit ?`,
		readNodeRun, nodeID, s.target, limit)
}

// LatestResults gives how each of the nodes went in the last run of the target that had to do with it, by ID. Those that
// no remembered run had to do with are left out.
func (s *Store) LatestResults(ctx context.Context, nodeIDs ...string) (map[string]NodeRun, error) {
	packed, err := keys(nodeIDs)
	if err != nil {
		return nil, err
	}
	// Each ID goes through the runs from the newest on and stops at the first that has it, which is nearly always the first.
	runs, err := list(ctx, s.file, "read the latest results", selectNodeRun+`node_results as n join runs as r on r.run_id = n.run_id
		where n.rowid in (
		    select (
		        select latest.rowid from runs as run cross join node_results as latest on latest.run_id = run.run_id
		        where run.target = ? and latest.node_id = wanted.value
		        order by run.started_at desc, run.run_id desc limit 1
		    )
		    from json_each(?) as wanted
		)`, readNodeRun, s.target, packed)
	return index(runs, func(r NodeRun) string { return r.ID }), err
}

func readNodeRun(row scan) (r NodeRun, err error) {
	var began sql.NullInt64
	r.NodeRecord, err = readResult(func(dest ...any) error { return row(append([]any{&r.RunID, &began}, dest...)...) })
	r.Began = fromMicros(began)
	return r, err
}
