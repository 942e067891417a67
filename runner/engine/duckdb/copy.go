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
func (db *DB) Snapshot(ctx context.Context, path string, entries []engine.SnapshotEntry) (err error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	s := session{conn: conn}
	home, err := engine.One(ctx, s, "select current_database()")
	if err != nil {
		return err
	}
	if err := s.Exec(ctx, fmt.Sprintf("attach %s as %s", runner.Literal(path), snapshotName)); err != nil {
		return err
	}
	defer func() {
		late := context.WithoutCancel(ctx)
		err = errors.Join(err, s.Exec(late, "use "+runner.Quote(home[0].(string)), "detach "+snapshotName))
	}()
	err = inTx(ctx, s, func(engine.Session) error { return fill(ctx, s, runner.Quote(home[0].(string)), entries) })
	if err != nil {
		return err
	}
	return s.Exec(ctx, "checkpoint "+snapshotName)
}

// fill makes the relations. A view is bound where it will live, so that its names are those of the snapshot.
func fill(ctx context.Context, s session, home string, entries []engine.SnapshotEntry) error {
	schemas := map[string]bool{}
	for _, e := range entries {
		target := snapshotName + "." + e.Relation.String()
		statements := []string{"use " + home, fmt.Sprintf("create table %s as\n%s", target, e.Query)}
		if e.View {
			statements = []string{"use " + snapshotName, fmt.Sprintf("create view %s as\n%s", e.Relation, e.Query)}
		}
		if !schemas[e.Relation.Schema] {
			schemas[e.Relation.Schema] = true
			create := fmt.Sprintf("create schema if not exists %s.%s", snapshotName, runner.Quote(e.Relation.Schema))
			statements = append([]string{create}, statements...)
		}
		if err := s.Exec(ctx, statements...); err != nil {
			return fmt.Errorf("snapshot %s: %w", e.Relation.Bare(), err)
		}
	}
	return nil
}
