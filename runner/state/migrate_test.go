package state_test

import (
	"io/fs"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/state"
)

// latest is the number of the last migration.
func latest(t *testing.T) int64 {
	t.Helper()
	names, err := fs.Glob(files(), "*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	version, err := strconv.ParseInt(names[len(names)-1][:5], 10, 64)
	require.NoError(t, err)
	return version
}

func TestOlderSchemaIsMigrated(t *testing.T) {
	for version := int64(1); version < latest(t); version++ {
		path := filepath.Join(t.TempDir(), "state.db")
		schema(t, path, version)
		execute(t, path,
			`insert into runs (run_id, target, command, args, project, elt_version, pid, started_at, status)
			 values ('old', 'dev', 'run', '["-q"]', 'shop', '0.1.0', 7, 1733054462000000, 'success')`,
			`insert into relations values ('dev', '_elt', 'm__f1', 'model.shop.m', 'f1', 'c1', '[]', 5, 0, 1000, 'old', 1733054462000000)`)

		_, err := state.OpenReadOnly(t.Context(), path)
		assert.Contains(t, stateError(t, err).Detail(), "older elt")

		s := open(t, path)
		run, ok, err := s.Run(t.Context(), "old")
		require.NoError(t, err)
		require.True(t, ok)
		assert.Equal(t, []string{"-q"}, run.Args)
		assert.Empty(t, run.Host)
		relations, err := s.In("dev").Relations(t.Context())
		require.NoError(t, err)
		assert.Equal(t, int64(5), relations["_elt.m__f1"].Rows)
		require.NoError(t, s.SaveForms(t.Context(), state.Form{Key: "k"}), "tables of later schemas are there")
		assert.NoFileExists(t, path+"-migrate")
	}
}

// The last schema is the one the code believes in: a file of it opens, one of the next does not.
func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	schema(t, path, latest(t))
	s, err := state.OpenReadOnly(t.Context(), path)
	require.NoError(t, err, "schemaVersion is the number of the last migration")
	require.NoError(t, s.Close())

	execute(t, path,
		"insert into elt_schema_version (version_id, is_applied) values (99, 1)",
		`insert into runs (run_id, target, command, args, project, elt_version, pid, started_at, status)
		 values ('new', 'dev', 'run', '[]', 'shop', '9.9.0', 7, 1, 'success')`)
	for _, try := range []func() error{
		func() error { _, err := state.Open(t.Context(), path, noon); return err },
		func() error { _, err := state.OpenReadOnly(t.Context(), path); return err },
	} {
		e := stateError(t, try())
		assert.Contains(t, e.Error(), "written by elt 9.9.0 (schema 99)")
		assert.Contains(t, e.Hint, "install that version")
	}

	execute(t, path, "drop table runs")
	_, err = state.Open(t.Context(), path, noon)
	assert.Contains(t, stateError(t, err).Error(), "a newer elt (schema 99)", "also where the file does not tell")
}

// Whoever looks while another process makes the store, a migration a step, finds nothing yet, and no older store.
func TestStoreInTheMakingIsNothingYet(t *testing.T) {
	for version := int64(1); version < latest(t); version++ {
		path := filepath.Join(t.TempDir(), "state.db")
		schema(t, path, version)
		_, err := state.OpenReadOnly(t.Context(), path)
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
}

func TestManyOpenAtOnce(t *testing.T) {
	for _, version := range []int64{0, 1} {
		path := filepath.Join(t.TempDir(), "state.db")
		if version > 0 {
			schema(t, path, version)
		}
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				s, err := state.Open(t.Context(), path, noon)
				if assert.NoError(t, err) {
					assert.NoError(t, s.SaveForms(t.Context(), state.Form{Key: strconv.Itoa(i)}))
					assert.NoError(t, s.Close())
				}
			})
		}
		all.Wait()
	}
}
