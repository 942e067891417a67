package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// rowGroupSize is the number of rows in a row group of a Parquet file. It is given so that the bytes of a file do not
// change with a default.
const rowGroupSize = 122880

// Copy implements engine.Copier. The bytes depend on nothing but the rows and their order.
func (db *DB) Copy(ctx context.Context, query, path string, format engine.Format, options ...string) (int64, error) {
	if len(options) == 0 {
		options = usualOptions(format)
	}
	options = append([]string{"format " + string(format)}, options...)
	if !slices.ContainsFunc(options, writesFolder) {
		options = append(options, "use_tmp_file false")
	}
	return db.exec(ctx, fmt.Sprintf("copy (\n%s\n) to %s (%s)", query, runner.Literal(path), strings.Join(options, ", ")))
}

func usualOptions(format engine.Format) []string {
	switch format {
	case engine.Parquet:
		return []string{"compression zstd", fmt.Sprintf("row_group_size %d", rowGroupSize)}
	case engine.CSV:
		return []string{"header true", "delimiter ','"}
	}
	return nil
}

// writesFolder tells whether an option makes several files of one result.
func writesFolder(option string) bool {
	name, _, _ := strings.Cut(strings.ToLower(option), " ")
	return name == "partition_by" || name == "per_thread_output"
}

// File implements engine.Copier.
func (db *DB) File(path string, format engine.Format, options ...string) string {
	if format == engine.CSV && len(options) == 0 {
		options = []string{"header = true"}
	}
	return fmt.Sprintf("read_%s(%s)", format, strings.Join(append([]string{runner.Literal(path)}, options...), ", "))
}

// snapshotName is what the file is called while it is attached.
const snapshotName = "elt_snapshot"

// Snapshot implements engine.Copier. The file must not exist yet.
func (db *DB) Snapshot(ctx context.Context, path string, entries []engine.SnapshotEntry) (rows []int64, err error) {
	conn, release, err := db.take(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	s := session{conn: conn}
	home, err := engine.One(ctx, s, "select current_database()")
	if err != nil {
		return nil, err
	}
	if err := s.Exec(ctx, fmt.Sprintf("attach %s as %s", runner.Literal(path), snapshotName)); err != nil {
		return nil, err
	}
	defer func() {
		late := context.WithoutCancel(ctx)
		err = errors.Join(err, s.Exec(late, "use "+runner.Quote(home[0].(string)), "detach "+snapshotName))
	}()
	all := func(engine.Session) (err error) {
		rows, err = fill(ctx, s, runner.Quote(home[0].(string)), entries)
		return err
	}
	if slices.ContainsFunc(entries, func(e engine.SnapshotEntry) bool { return e.Optional }) {
		err = all(s) // each by itself: what is refused would end the transaction of the others
	} else {
		err = inTx(ctx, s, all)
	}
	if err != nil {
		return nil, err
	}
	return rows, s.Exec(ctx, "checkpoint "+snapshotName)
}

// fill makes the relations.
func fill(ctx context.Context, s session, home string, entries []engine.SnapshotEntry) ([]int64, error) {
	rows := make([]int64, len(entries))
	schemas := map[string]bool{}
	for i, e := range entries {
		if !schemas[e.Relation.Schema] {
			schemas[e.Relation.Schema] = true
			if err := s.Exec(ctx, fmt.Sprintf("create schema if not exists %s.%s", snapshotName, runner.Quote(e.Relation.Schema))); err != nil {
				return nil, err
			}
		}
		n, err := put(ctx, s, home, e)
		if e.Rows != "" && spared(e, err) {
			n, err = put(ctx, s, home, engine.SnapshotEntry{Relation: e.Relation, Query: e.Rows})
		}
		if spared(e, err) {
			n, err = -1, nil
		}
		if err != nil {
			return nil, fmt.Errorf("snapshot %s: %w", e.Relation.Bare(), err)
		}
		rows[i] = n
	}
	return rows, nil
}

// spared tells whether an entry may be left out after an error. One of the context is no *engine.SQLError.
func spared(e engine.SnapshotEntry, err error) bool {
	var refused *engine.SQLError
	return e.Optional && errors.As(err, &refused)
}

// put makes one relation. A view is bound where it will live, so that its names are those of the snapshot.
func put(ctx context.Context, s session, home string, e engine.SnapshotEntry) (int64, error) {
	if e.View {
		return 0, s.Exec(ctx, "use "+snapshotName, fmt.Sprintf("create view %s as\n%s", e.Relation, e.Query))
	}
	table := snapshotName + "." + e.Relation.String()
	if err := s.Exec(ctx, "use "+home, fmt.Sprintf("create table %s as\n%s", table, e.Query)); err != nil {
		return 0, err
	}
	row, err := engine.One(ctx, s, "select count(*) from "+table) // the driver does not tell
	if err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}
