package state

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"

	"elt/runner"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the last file in migrations; a test keeps the two together. It stands here so that
// opening an up-to-date file costs one query and no look at the migrations.
const schemaVersion = 3

// versionTable has a name of its own, so that another program's goose table is never taken for ours.
const versionTable = "elt_schema_version"

// version is the schema version of the file; 0 for an empty one. A database of another program is an error.
func (f *file) version(ctx context.Context) (int64, error) {
	var version sql.NullInt64
	err := f.db.QueryRowContext(ctx, "select max(version_id) from "+versionTable+" where is_applied").Scan(&version)
	if err == nil {
		return version.Int64, nil
	}
	if !strings.Contains(err.Error(), "no such table") {
		return 0, failed(ctx, f.path, "read the state store", err)
	}
	var tables int
	if err := f.db.QueryRowContext(ctx, "select count(*) from sqlite_master").Scan(&tables); err != nil {
		return 0, failed(ctx, f.path, "read the state store", err)
	}
	if tables == 0 {
		return 0, nil
	}
	// Another process may have created the table between the two questions.
	if err := f.db.QueryRowContext(ctx, "select max(version_id) from "+versionTable).Scan(&version); err == nil {
		return version.Int64, nil
	}
	return 0, &runner.Error{
		Code: runner.CodeState,
		Msg:  f.path + " is a database, but not a state store of elt",
		Hint: "move it away, or name another data folder in project.yaml",
	}
}

// upgrade brings the file to schemaVersion.
func (f *file) upgrade(ctx context.Context) error {
	version, err := f.version(ctx)
	switch {
	case err != nil:
		return err
	case version > schemaVersion:
		return f.tooNew(ctx, version)
	case version == schemaVersion:
		return nil
	}
	// Processes that start together must not migrate together. The winner removes the file; who waited finds nothing
	// left to do.
	guard := flock.New(f.path + "-migrate")
	if _, err := guard.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return failed(ctx, f.path, "lock the state store for its migration", err)
	}
	if err := f.migrate(ctx); err != nil {
		return errors.Join(failed(ctx, f.path, fmt.Sprintf("migrate the state store from schema %d to %d",
			version, schemaVersion), err), guard.Close())
	}
	if err := os.Remove(guard.Path()); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return errors.Join(failed(ctx, f.path, "remove the migration lock", err), guard.Close())
	}
	return guard.Close()
}

func (f *file) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, f.db, dir,
		goose.WithTableName(versionTable), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// tooNew refuses a file of a newer version, naming the program that wrote it where the file still tells.
func (f *file) tooNew(ctx context.Context, version int64) error {
	writer := "a newer elt"
	var last string
	err := f.db.QueryRowContext(ctx, "select elt_version from runs order by started_at desc limit 1").Scan(&last)
	if err == nil && last != "" {
		writer = "elt " + last
	}
	return &runner.Error{
		Code: runner.CodeState,
		Msg: fmt.Sprintf("the state store %s was written by %s (schema %d); this elt reads up to schema %d",
			f.path, writer, version, schemaVersion),
		Hint: fmt.Sprintf("install that version, or move %s away to rebuild everything with this one", f.path),
	}
}

// checkReadable is what upgrade is for a store that must not write.
func (f *file) checkReadable(ctx context.Context) error {
	version, err := f.version(ctx)
	switch {
	case err != nil:
		return err
	case version == 0:
		return notThere(ctx, f.path, fs.ErrNotExist)
	case version > schemaVersion:
		return f.tooNew(ctx, version)
	case version < schemaVersion && !f.hasRuns(ctx):
		return notThere(ctx, f.path, fs.ErrNotExist) // another process is making it
	case version < schemaVersion:
		return &runner.Error{
			Code: runner.CodeState,
			Msg: fmt.Sprintf("the state store %s was written by an older elt (schema %d, this elt reads schema %d)",
				f.path, version, schemaVersion),
			Hint: "`elt run` brings it up to date; nothing is lost",
		}
	}
	return nil
}

// hasRuns tells whether anything was ever recorded: a new store, which is migrated step by step, has nothing until it is whole.
func (f *file) hasRuns(ctx context.Context) bool {
	var found bool
	err := f.db.QueryRowContext(ctx, "select exists (select 1 from runs)").Scan(&found)
	return err == nil && found
}
