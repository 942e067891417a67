package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/ingest"
)

const rowsOfA = "id,n\na,1\n"

func paths(m ingest.Manifest) (out []string) {
	for _, f := range m.Files {
		out = append(out, f.Path)
	}
	return out
}

func TestPatternsFindFilesInOrder(t *testing.T) {
	b := newBench(t, "data/**/*.csv", "id varchar", "n bigint")
	b.source.Load.Files = []string{"data/z.csv", "data/**/*.csv", "data/*.json"}
	b.source.Load.AllowEmpty = true
	for i, name := range []string{"data/b.csv", "data/a.csv", "data/2024/c.csv", "data/z.csv", "data/.hidden.csv", "data/~$a.csv", "data/x/note.txt"} {
		b.write(name, fmt.Sprintf("id,n\na,%d\n", i))
	}
	m, err := b.scan()
	require.NoError(t, err)
	require.Equal(t, []string{"data/z.csv", "data/2024/c.csv", "data/a.csv", "data/b.csv"}, paths(m))
}

func TestWhatCannotBeRead(t *testing.T) {
	b := newBench(t, "data/raw/*.csv", "id varchar", "n bigint")
	fails := func(want string) {
		t.Helper()
		_, err := b.load()
		require.EqualError(t, err, want)
		var e *runner.Error
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.Hint)
	}
	fails("models/sources.yml:9:7: no file matches data/raw/*.csv")
	b.write("data/raw/a.csv", rowsOfA)
	b.write("data/raw/b.csv/c.txt", "")
	fails("data/raw/b.csv: is a directory where a file should be")
	require.NoError(t, os.RemoveAll(filepath.Join(b.dir, "data/raw/b.csv")))
	b.write("data/raw/copy.csv", rowsOfA)
	fails("data/raw/copy.csv: has the same content as data/raw/a.csv: its rows would count twice")
	require.NoError(t, os.Remove(filepath.Join(b.dir, "data/raw/copy.csv")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(b.dir, "data/raw/link.csv")))
	fails("data/raw/link.csv: cannot be read: no such file or directory")
	require.NoError(t, os.Remove(filepath.Join(b.dir, "data/raw/link.csv")))
	b.write("data/raw/a.csv.gz", "this is no gzip file")
	b.source.Load.Files = []string{"data/raw/a.csv.gz"}
	fails("data/raw/a.csv.gz: cannot be read: gzip: invalid header")
	b.write("data/raw/a.csv.gz", zipped(strings.Repeat(rowsOfA, 1000))[:40])
	fails("data/raw/a.csv.gz: is cut off: its compressed data end too early")
	b.write("data/raw/zero.csv", "")
	b.write("data/raw/bad.csv", "x\n")
	b.source.Load.Files = []string{"data/raw/*.csv"}
	fails("data/raw/bad.csv:1: names none of the declared columns; found x\ndata/raw/zero.csv: is empty (0 bytes)")
}

func TestNoPermission(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	b := newBench(t, "a.csv", "id varchar", "n bigint")
	b.write("a.csv", rowsOfA)
	require.NoError(t, os.Chmod(filepath.Join(b.dir, "a.csv"), 0))
	_, err := b.load()
	require.EqualError(t, err, "a.csv: cannot be read: permission denied")
}

func TestNoFilesGiveAnEmptyTable(t *testing.T) {
	b := newBench(t, "data/raw/*.csv", "id varchar", "n duration")
	b.source.Load.AllowEmpty = true
	r, err := b.load()
	require.NoError(t, err)
	require.Equal(t, ingest.Result{}, r)
	require.Empty(t, b.rows())
}

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

func TestCompressedFiles(t *testing.T) {
	b := newBench(t, "*.gz", "id varchar", "n bigint")
	b.write("a.csv.gz", zipped("id,n\na,1\nb,2\n"))
	b.write("b.csv.gz", zipped("id,n\nc,$3\nd,x\n"))
	b.write("c.json.gz", zipped(`[{"id":"e","n":5}]`))
	r, err := b.load()
	require.NoError(t, err)
	require.Equal(t, []string{"a|1", "b|2", "c|3", "e|5"}, b.rows())
	require.Equal(t, int64(1), r.Rejected)
}

func TestManyFilesOfWhichSomeAreMessy(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	var want []string
	for i := range 12 {
		value := fmt.Sprint(i)
		if i%3 == 1 {
			value = "$" + value
		}
		b.write(fmt.Sprintf("%02d.csv", i), fmt.Sprintf("id,n\na,%s\nb,%d\n", value, i+100))
		want = append(want, fmt.Sprintf("a|%d", i), fmt.Sprintf("b|%d", i+100))
	}
	b.write("99.csv", "id,n\na,1.5\n")
	r, err := b.load()
	require.NoError(t, err)
	require.Equal(t, want, b.rows())
	require.Equal(t, []string{"2|n|1.5|expected a whole number"}, b.rejected())
	require.Equal(t, ingest.FileResult{Path: "99.csv", Rejected: 1}, r.Files[12])
}

func TestAFailedLoadLeavesNothing(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	b.write("a.csv", "id,n\na,1\nb,x\n")
	_, err := b.load()
	require.NoError(t, err)
	b.write("b.csv", "id,n\na,y\n")
	m, err := b.scan()
	require.NoError(t, err)
	require.NoError(t, b.db.Exec(t.Context(), "alter table _elt.rejects drop column reason")) // the second half of the load breaks
	_, err = b.loadManifest(t.Context(), m)
	require.Error(t, err)
	require.Equal(t, []string{"1"}, b.query("select count(*) from _elt.rejects"))
	require.Equal(t, []string{"google_ads__1"}, b.query("select table_name from information_schema.tables where table_name like 'google%'"))
}

func TestChangesBetweenScanAndLoad(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	b.write("a.csv", rowsOfA)
	m, err := b.scan()
	require.NoError(t, err)
	b.write("a.csv", "id,n\na,1\nb,2\n")
	_, err = b.loadManifest(t.Context(), m)
	require.ErrorIs(t, err, ingest.ErrChanged)
	require.EqualError(t, err, "a.csv: the file changed while it was being read")
	m, err = b.scan()
	require.NoError(t, err)
	r, err := b.loadManifest(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, int64(2), r.Rows)
	m, err = b.scan()
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(b.dir, "a.csv")))
	_, err = b.loadManifest(t.Context(), m)
	require.EqualError(t, err, "a.csv: disappeared before it was loaded: the file changed while it was being read")
}

// late is an engine during whose transactions something happens.
type late struct {
	engine.Engine
	happens func()
}

func (l late) InTx(ctx context.Context, do func(engine.Session) error) error {
	return l.Engine.InTx(ctx, func(s engine.Session) error {
		l.happens()
		return do(s)
	})
}

func TestAFileThatGrowsDuringTheLoad(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	b.write("a.csv", rowsOfA)
	m, err := b.scan()
	require.NoError(t, err)
	grows := late{b.db, func() { b.write("a.csv", "id,n\na,1\nb,2\n") }}
	_, err = ingest.Load(t.Context(), grows, ingest.Config{Dir: b.dir}, ingest.Job{Source: b.source, Manifest: m, Target: b.target(), Rejects: rejects})
	require.ErrorIs(t, err, ingest.ErrChanged)
	require.Empty(t, b.query("select table_name from information_schema.tables where table_name like 'google%'"))
}

func TestALoadCanBeInterrupted(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	b.write("a.csv", rowsOfA)
	b.write("b.csv", "id,n\na,$1\n")
	m, err := b.scan()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.loadManifest(ctx, m)
	require.ErrorIs(t, err, context.Canceled)
	_, err = ingest.Scan(ctx, ingest.Config{Dir: b.dir}, b.source)
	require.ErrorIs(t, err, context.Canceled)
}

func TestAFileThatShrinks(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	b.write("a.csv", "id,n\na,1\nb,2\nc,x\n")
	before, err := b.load()
	require.NoError(t, err)
	b.write("a.csv", "id,n\na,7\n")
	m, err := b.scan()
	require.NoError(t, err)
	after, err := ingest.Load(t.Context(), b.db, ingest.Config{Dir: b.dir}, ingest.Job{
		Source: b.source, Manifest: m, Target: runner.Relation{Schema: "_elt", Name: "next"}, Rejects: rejects, Previous: before.Files,
	})
	require.NoError(t, err)
	require.Equal(t, []string{"has 1 data lines; it had 3 in the load before"}, after.Files[0].Warnings)
	require.Equal(t, []string{"a|7"}, b.query("select * from _elt.next"), "a restated file is replaced whole")
	require.Equal(t, []string{"a|1", "b|2"}, b.rows(), "the version before stays")
}

// memo is a cache that counts.
type memo struct {
	blobs      map[string][]byte
	hits, puts int
}

func (m *memo) Get(_ context.Context, path string, stat ingest.Stat) ([]byte, error) {
	blob := m.blobs[fmt.Sprint(path, stat)]
	if blob != nil {
		m.hits++
	}
	return blob, nil
}

func (m *memo) Put(_ context.Context, path string, stat ingest.Stat, blob []byte) error {
	m.puts++
	m.blobs[fmt.Sprint(path, stat)] = blob
	return nil
}

func TestUnchangedFilesAreNotReadAgain(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	b.write("a.csv", rowsOfA)
	cache := &memo{blobs: map[string][]byte{}}
	now := time.Now()
	c := ingest.Config{Dir: b.dir, Cache: cache, Now: func() time.Time { return now }}
	scan := func() ingest.Manifest {
		m, err := ingest.Scan(t.Context(), c, b.source)
		require.NoError(t, err)
		return m
	}
	first := scan()
	require.Equal(t, []int{0, 0}, []int{cache.hits, cache.puts}, "a file changed just now may change again unnoticed")
	now = now.Add(time.Minute)
	scan()
	require.Equal(t, first, scan())
	require.Equal(t, []int{1, 1}, []int{cache.hits, cache.puts})
	b.source.Columns[1].Optional = true
	scan()
	require.Equal(t, []int{2, 2}, []int{cache.hits, cache.puts}, "another declaration is another scan")
	b.write("a.csv", "id,n\nb,1\n")
	require.NotEqual(t, first.Files[0].Hash, scan().Files[0].Hash)
}

func TestFingerprintsFollowContentAndDeclaration(t *testing.T) {
	b := newBench(t, "*.csv", "id varchar", "n bigint")
	b.write("a.csv", rowsOfA)
	seen := map[string]string{}
	fresh := func(why string) {
		t.Helper()
		m, err := b.scan()
		require.NoError(t, err)
		print := m.Fingerprint(b.source)
		require.Empty(t, seen[print], "%s: the same as %s", why, seen[print])
		seen[print] = why
		m, err = b.scan()
		require.NoError(t, err)
		require.Equal(t, print, m.Fingerprint(b.source))
	}
	fresh("first")
	b.write("a.csv", "id,n\na,2\n")
	fresh("content")
	b.write("b.csv", rowsOfA)
	fresh("one more file")
	require.NoError(t, os.Rename(filepath.Join(b.dir, "b.csv"), filepath.Join(b.dir, "c.csv")))
	fresh("another name")
	for why, change := range map[string]func(){
		"type":          func() { b.source.Columns[1].DataType = "double" },
		"not null":      func() { b.source.Columns[1].NotNull = true },
		"alias":         func() { b.source.Columns[1].Aliases = []string{"m"} },
		"null values":   func() { b.source.Load.NullValues = []string{"x"} },
		"date formats":  func() { b.source.Load.DateFormats = []string{"%d/%m/%Y"} },
		"decimal":       func() { b.source.Load.Decimal = "," },
		"on error":      func() { b.source.Load.OnError = runner.Fail },
		"more rejected": func() { b.source.Load.MaxRejected.Set = true },
	} {
		change()
		fresh(why)
	}
	m, err := b.scan()
	require.NoError(t, err)
	print := m.Fingerprint(b.source)
	b.source.Load.Pos.Line++
	b.source.Columns[0].Description = "x"
	require.Equal(t, print, m.Fingerprint(b.source), "words change nothing")
}
