package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"elt/runner"
)

// ErrPublishPending tells that an earlier publish was cut off and has to be completed or abandoned first.
var ErrPublishPending = errors.New("an earlier publish is not completed")

// Intent is what a publish is about to do. It is recorded before the first visible step.
type Intent struct {
	ID      int64
	RunID   string
	Payload json.RawMessage // the publisher's own: views to re-point, files to rename
	Created time.Time
}

// PublishedNode is one node people can read.
type PublishedNode struct {
	NodeID      string
	Relation    runner.Relation // the private version
	Public      runner.Relation // what people call it
	Fingerprint string
}

// Publish is one moment from which other results stood. Nodes is everything public after it, changed or not.
type Publish struct {
	ID        int64  // grows; given by FinishPublish
	RunID     string // that published it
	Published time.Time
	Nodes     []PublishedNode // by NodeID
}

// BeginPublish durably records what is about to be done: when it returns, the intent survives a power failure. The
// payload has to be valid JSON. While another intent of the target is pending the error is ErrPublishPending.
func (s *Store) BeginPublish(ctx context.Context, runID string, payload json.RawMessage) (Intent, error) {
	intent := Intent{RunID: runID, Payload: payload, Created: s.now()}
	if !json.Valid(payload) {
		return Intent{}, failed(ctx, s.path, "record the publish", errors.New("its payload is no JSON"))
	}
	err := s.write(ctx, powerSafe, "record the publish", func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			insert into publish_intents (target, run_id, payload, state, created_at) values (?, ?, ?, 'pending', ?)
			on conflict (target) where state = 'pending' do nothing`,
			s.target, runID, string(payload), micros(intent.Created))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrPublishPending)
		}
		intent.ID, err = result.LastInsertId()
		return err
	})
	if err != nil {
		return Intent{}, err
	}
	return intent, nil
}

// PendingPublish gives the intent that was neither finished nor abandoned; false where there is none.
func (s *Store) PendingPublish(ctx context.Context) (Intent, bool, error) {
	intents, err := list(ctx, s.file, "read the pending publish", `
		select intent_id, run_id, payload, created_at from publish_intents where target = ? and state = 'pending'`,
		readIntent, s.target)
	if err != nil || len(intents) == 0 {
		return Intent{}, false, err
	}
	return intents[0], true, nil
}

func readIntent(row scan) (i Intent, err error) {
	var payload string
	var created sql.NullInt64
	err = row(&i.ID, &i.RunID, &payload, &created)
	i.Payload, i.Created = json.RawMessage(payload), fromMicros(created)
	return i, err
}

// FinishPublish durably records, all at once: the pending intent is done, publish is what stands now, and files are
// the export files as they lie there, replacing all that were recorded. publish.ID is given here and returned; a zero
// Published is now.
func (s *Store) FinishPublish(ctx context.Context, intentID int64, publish Publish, files []ExportFile) (int64, error) {
	published := s.orNow(publish.Published)
	err := s.write(ctx, powerSafe, "record the publish as done", func(tx *sql.Tx) error {
		if err := s.endIntent(ctx, tx, intentID, "done"); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "insert into publishes (target, run_id, published_at) values (?, ?, ?)",
			s.target, publish.RunID, micros(published))
		if err != nil {
			return err
		}
		if publish.ID, err = result.LastInsertId(); err != nil {
			return err
		}
		err = each(ctx, tx, `
			insert into published_nodes (publish_id, node_id, schema_name, relation_name, public_schema, public_name,
			    fingerprint)
			values (?, ?, ?, ?, ?, ?, ?)`, publish.Nodes, func(n PublishedNode) []any {
			return []any{
				publish.ID, n.NodeID, n.Relation.Schema, n.Relation.Name, n.Public.Schema, n.Public.Name, n.Fingerprint,
			}
		})
		if err != nil {
			return err
		}
		return s.replaceExportFiles(ctx, tx, files)
	})
	return publish.ID, err
}

// AbandonPublish durably records that the pending intent will not be carried out: nothing of it is visible.
func (s *Store) AbandonPublish(ctx context.Context, intentID int64) error {
	return s.write(ctx, powerSafe, "record the publish as abandoned", func(tx *sql.Tx) error {
		return s.endIntent(ctx, tx, intentID, "abandoned")
	})
}

func (s *Store) endIntent(ctx context.Context, tx *sql.Tx, intentID int64, state string) error {
	result, err := tx.ExecContext(ctx, `
		update publish_intents set state = ?, ended_at = ? where intent_id = ? and target = ? and state = 'pending'`,
		state, micros(s.now()), intentID, s.target)
	return must1(result, err, "no such publish is pending")
}

// Publishes gives the latest publishes, newest first, at most limit of them: the first is what stands, the second what
// stood before it.
func (s *Store) Publishes(ctx context.Context, limit int) ([]Publish, error) {
	type row struct {
		publish Publish
		node    PublishedNode
	}
	rows, err := list(ctx, s.file, "read the publishes", `
		select p.publish_id, p.run_id, p.published_at, coalesce(n.node_id, ''), coalesce(n.schema_name, ''),
		       coalesce(n.relation_name, ''), coalesce(n.public_schema, ''), coalesce(n.public_name, ''),
		       coalesce(n.fingerprint, '')
		from (select * from publishes where target = ? order by publish_id desc limit ?) as p
		left join published_nodes as n on n.publish_id = p.publish_id
		order by p.publish_id desc, n.node_id`,
		func(read scan) (r row, err error) {
			var published sql.NullInt64
			err = read(&r.publish.ID, &r.publish.RunID, &published, &r.node.NodeID, &r.node.Relation.Schema,
				&r.node.Relation.Name, &r.node.Public.Schema, &r.node.Public.Name, &r.node.Fingerprint)
			r.publish.Published = fromMicros(published)
			return r, err
		}, s.target, limit)
	var out []Publish
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].ID != r.publish.ID {
			out = append(out, r.publish)
		}
		if r.node.NodeID != "" {
			last := &out[len(out)-1]
			last.Nodes = append(last.Nodes, r.node)
		}
	}
	return out, err
}
