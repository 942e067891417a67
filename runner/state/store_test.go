package state_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

// noon is the time of the fixed clock of tests.
func noon() time.Time { return time.Date(2024, 12, 1, 12, 0, 0, 123_456_000, time.UTC) }

func open(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(t.Context(), path, noon)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func fresh(t *testing.T) *state.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "state.db"))
}

// stateError wants a *runner.Error with CodeState.
func stateError(t *testing.T, err error) *runner.Error {
	t.Helper()
	var e *runner.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, runner.CodeState, e.Code)
	return e
}

func TestOpenMakesFolderAndFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a ?#%41 b", "deep", "state.db")
	s, err := state.Open(t.Context(), path, noon)
	require.NoError(t, err)
	require.NoError(t, s.SaveForms(t.Context(), state.Form{Key: "k", Normal: "n"}))
	require.NoError(t, s.Close())
	require.FileExists(t, path)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	require.NoError(t, err)
	require.Equal(t, []string{path}, left, "nothing else lies beside it after closing")

	forms, err := open(t, path).Forms(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, map[string]state.Form{"k": {Key: "k", Normal: "n"}}, forms)
}

func TestOpenRefusesWhatIsNoStore(t *testing.T) {
	dir := t.TempDir()
	for name, prepare := range map[string]func(path string) error{
		"text": func(path string) error {
			return os.WriteFile(path, []byte("clearly no database, but long enough to look at its first bytes"), 0o644)
		},
		"folder": func(path string) error { return os.Mkdir(path, 0o755) },
		"cut off": func(path string) error {
			s, err := state.Open(t.Context(), path, noon)
			if err != nil {
				return err
			}
			if err := s.Close(); err != nil {
				return err
			}
			return os.Truncate(path, 5000)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			require.NoError(t, prepare(path))
			_, err := state.Open(t.Context(), path, noon)
			e := stateError(t, err)
			assert.Contains(t, e.Error(), path)
			assert.NotEmpty(t, e.Hint)
			_, err = state.OpenReadOnly(t.Context(), path)
			assert.NotEmpty(t, stateError(t, err).Hint)
		})
	}
}

func TestOpenRefusesDatabaseOfAnotherProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	execute(t, path, "create table goose_db_version (version_id integer, is_applied integer)",
		"insert into goose_db_version values (40, 1)")
	_, err := state.Open(t.Context(), path, noon)
	assert.Contains(t, stateError(t, err).Error(), "not a state store")
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	_, err := state.OpenReadOnly(t.Context(), path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoFileExists(t, path)

	writer := open(t, path)
	_, err = writer.BeginRun(t.Context(), state.Run{ID: "r1"})
	require.NoError(t, err)

	reader, err := state.OpenReadOnly(t.Context(), path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, reader.Close()) }()
	// A writer in the middle of a transaction does not keep the reader waiting.
	lock := begin(t, path)
	_, err = lock.Exec("update runs set command = 'later'")
	require.NoError(t, err)
	runs, err := reader.Runs(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Empty(t, runs[0].Command)
	require.NoError(t, lock.Commit())
	runs, err = reader.Runs(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, "later", runs[0].Command)

	_ = stateError(t, reader.SaveForms(t.Context(), state.Form{Key: "k"}))
}

func TestReadOnlyWhereThisUserMayNotWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.db")
	writer, err := state.Open(t.Context(), path, noon)
	require.NoError(t, err)
	_, err = writer.BeginRun(t.Context(), state.Run{ID: "r1"})
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	require.NoError(t, os.Chmod(dir, 0o555))
	t.Cleanup(func() { assert.NoError(t, os.Chmod(dir, 0o755)) })

	command := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this very test
	command.Env = append(os.Environ(), "STATE_TEST_CHILD=look", "STATE_TEST_PATH="+path)
	out, _ := command.CombinedOutput()
	require.Equal(t, "r1\n", string(out))
}

func TestCancelledContextIsRecognised(t *testing.T) {
	s := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Runs(ctx, 1)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, s.SaveForms(ctx, state.Form{Key: "k"}), context.Canceled)
	require.NotErrorAs(t, err, new(*runner.Error))
	require.NoError(t, s.SaveForms(t.Context(), state.Form{Key: "k"}), "the store goes on")
}

func BenchmarkOpenUpToDate(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.db")
	for range b.N {
		s, err := state.Open(b.Context(), path, noon)
		require.NoError(b, err)
		require.NoError(b, s.Close())
	}
}
