package export_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine/duckdb"
	"elt/runner/export"
)

func memory() duckdb.Config { return duckdb.Config{} }

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestCommitMayBeRepeatedAfterACrash(t *testing.T) {
	dir := t.TempDir()
	var moves []export.Move
	for _, name := range []string{"a.csv", "b.csv"} {
		path := filepath.Join(dir, name)
		write(t, path, "old")
		write(t, export.Temp(path, "r2"), "new")
		moves = append(moves, export.Move{Temp: export.Temp(path, "r2"), Final: path})
	}
	require.NoError(t, export.Commit(moves[:1])) // and then the machine stopped
	require.Equal(t, "old", read(t, moves[1].Final))
	for range 2 {
		require.NoError(t, export.Commit(moves))
		require.Equal(t, "new", read(t, moves[0].Final))
		require.Equal(t, "new", read(t, moves[1].Final))
	}
	require.Equal(t, []string{"a.csv", "b.csv"}, files(t, dir))
	require.ErrorContains(t, export.Commit([]export.Move{{Temp: dir + "/.c.r2.tmp", Final: dir + "/c"}}), "publish "+dir+"/c")
}

func TestLeftoversOfDeadRuns(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".a.csv.dead.tmp", ".a.csv.alive.tmp", ".x.duckdb.dead.tmp.wal", "a.csv", ".hidden", "b.dead.tmp", ".gitignore.tmp"} {
		write(t, filepath.Join(dir, name), "")
	}
	require.NoError(t, os.Symlink("a.csv", filepath.Join(dir, ".link.dead.tmp")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".dir.dead.tmp"), 0o755))
	dirs := []string{dir, filepath.Join(dir, "missing")}
	alive := func(id string) bool { return id == "alive" }
	removed, err := export.RemoveLeftovers(dirs, alive)
	require.NoError(t, err)
	require.Equal(t, []string{
		filepath.Join(dir, ".a.csv.dead.tmp"), filepath.Join(dir, ".link.dead.tmp"), filepath.Join(dir, ".x.duckdb.dead.tmp.wal"),
	}, removed)
	require.Len(t, files(t, dir), 6)
	none, err := export.Leftovers(dirs, alive)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestDiscardLeavesWhatIsPublished(t *testing.T) {
	dir := t.TempDir()
	db := open(t, memory(), "create schema _elt", "create table _elt.t__1 as select 1 as i")
	link := filepath.Join(dir, "a.duckdb")
	item := export.Item{Format: "duckdb", Path: export.Versioned(link, "r1"), Link: link, Tables: []export.Table{table("t")}}
	publishAs(t, db, item, "r1")
	item.Path = export.Versioned(link, "r2")
	_, err := export.Write(t.Context(), db, item, export.Temp(item.Path, "r2"))
	require.NoError(t, err)
	moves, err := export.Prepare(item, "r2")
	require.NoError(t, err)
	require.Len(t, moves, 2)
	require.NoError(t, export.Discard(moves))
	require.Equal(t, []string{"a-r1.duckdb", "a.duckdb"}, files(t, dir))
	to, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, "a-r1.duckdb", to)
}

func TestPublishedTellsWhatChanged(t *testing.T) {
	dir := t.TempDir()
	db := open(t, memory(), "create schema _elt", "create table _elt.t__1 as select 1 as i")
	want := export.Published{RunID: runID, PublishedAt: time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), Project: "p"}
	for _, name := range []string{"a.csv", "b.csv", "c.csv"} {
		item := export.Item{Format: "csv", Path: filepath.Join(dir, "reports", name), Tables: []export.Table{table("t")}}
		file, err := export.Entry(dir, item, publish(t, db, item))
		require.NoError(t, err)
		want.Files = append(want.Files, file)
	}
	path := filepath.Join(dir, "published.json")
	require.NoError(t, export.WritePublished(export.Temp(path, runID), want))
	require.NoError(t, export.Commit([]export.Move{{Temp: export.Temp(path, runID), Final: path}}))
	got, err := export.ReadPublished(path)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Contains(t, read(t, path), `"path": "reports/a.csv",
      "format": "csv",
      "rows": 1,
      "sha256": "`)

	wrong, err := export.Verify(t.Context(), dir, got)
	require.NoError(t, err)
	require.Empty(t, wrong)
	write(t, filepath.Join(dir, "reports", "a.csv"), "i\n2\n")
	write(t, filepath.Join(dir, "reports", "b.csv"), "i\n11\n")
	require.NoError(t, os.Remove(filepath.Join(dir, "reports", "c.csv")))
	wrong, err = export.Verify(t.Context(), dir, got)
	require.NoError(t, err)
	require.Len(t, wrong, 3)
	require.Regexp(t, "^sha256 ", wrong[0].Reason)
	require.Equal(t, []export.Mismatch{
		{Path: "reports/b.csv", Reason: "5 bytes, published with 4"}, {Path: "reports/c.csv", Reason: "missing"},
	}, wrong[1:])
}

func TestPublishedThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	_, err := export.ReadPublished(filepath.Join(dir, "published.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	write(t, filepath.Join(dir, "published.json"), "{")
	_, err = export.ReadPublished(filepath.Join(dir, "published.json"))
	var e *runner.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, runner.CodeState, e.Code)
}
