package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"elt/runner"
)

// RelationVersion is a private relation that is complete in the warehouse and may be reused.
type RelationVersion struct {
	Relation    runner.Relation
	NodeID      string
	Fingerprint string
	Content     string   // what the node itself said when it was built
	Upstream    []string // names of the private relations it cannot be read without
	Rows        int64
	Rejected    int64
	Elapsed     time.Duration // to build it
	RunID       string        // that built it
	Created     time.Time
}

// SaveRelations records relations, replacing what was known under the same names. A zero Created is now.
//
// Record a relation after the warehouse has committed it, and forget it before it is dropped: a record must never
// speak of what is not there.
func (s *Store) SaveRelations(ctx context.Context, versions ...RelationVersion) error {
	encoded := make([][]any, len(versions))
	for i, v := range versions {
		upstream, err := keys(v.Upstream)
		if err != nil {
			return err
		}
		encoded[i] = []any{
			s.target, v.Relation.Schema, v.Relation.Name, v.NodeID, v.Fingerprint, v.Content, upstream, v.Rows,
			v.Rejected, v.Elapsed.Microseconds(), v.RunID, micros(s.orNow(v.Created)),
		}
	}
	return saveAll(ctx, s.file, "record the relations", `
		insert or replace into relations (target, schema_name, relation_name, node_id, fingerprint, content, upstream,
		    rows, rejected, elapsed, run_id, created_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, encoded, func(row []any) []any { return row })
}

// Relations gives all relations known, by Relation.Bare().
func (s *Store) Relations(ctx context.Context) (map[string]RelationVersion, error) {
	versions, err := list(ctx, s.file, "read the relations", `
		select schema_name, relation_name, node_id, fingerprint, content, upstream, rows, rejected, elapsed, run_id,
		       created_at
		from relations where target = ?`, readRelation, s.target)
	return index(versions, func(v RelationVersion) string { return v.Relation.Bare() }), err
}

func readRelation(row scan) (v RelationVersion, err error) {
	var elapsed int64
	var upstream string
	var created sql.NullInt64
	err = row(&v.Relation.Schema, &v.Relation.Name, &v.NodeID, &v.Fingerprint, &v.Content, &upstream, &v.Rows,
		&v.Rejected, &elapsed, &v.RunID, &created)
	if err == nil {
		err = json.Unmarshal([]byte(upstream), &v.Upstream)
	}
	v.Elapsed, v.Created = duration(elapsed), fromMicros(created)
	return v, err
}

// ForgetRelations removes the records of relations; unknown ones are no error.
func (s *Store) ForgetRelations(ctx context.Context, relations ...runner.Relation) error {
	return saveAll(ctx, s.file, "forget the relations",
		"delete from relations where target = ? and schema_name = ? and relation_name = ?", relations,
		func(r runner.Relation) []any { return []any{s.target, r.Schema, r.Name} })
}
