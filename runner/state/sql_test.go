package state_test

import (
	"database/sql"
	"io/fs"
	"os"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// raw opens the file as plain SQLite.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", path+"?_txlock=immediate")
	require.NoError(t, err)
	return db
}

func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	db := raw(t, path)
	for _, statement := range statements {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
}

// begin starts a transaction that writes, as another process would.
func begin(t *testing.T, path string) *sql.Tx {
	t.Helper()
	db := raw(t, path)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	tx, err := db.Begin()
	require.NoError(t, err)
	return tx
}

// files are the migrations as they lie in the folder.
func files() fs.FS { return os.DirFS("migrations") }

// schema makes a file of an older version.
func schema(t *testing.T, path string, version int64) {
	t.Helper()
	db := raw(t, path)
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files(), goose.WithTableName("elt_schema_version"),
		goose.WithLogger(goose.NopLogger()))
	require.NoError(t, err)
	_, err = provider.UpTo(t.Context(), version)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}
