package duckdb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

func TestCSVTakesWhatIsWrittenPlainly(t *testing.T) {
	db := open(t, duckdb.Config{})
	path := filepath.Join(t.TempDir(), "x.csv")
	read := func(typeName, value string) ([]any, error) {
		require.NoError(t, os.WriteFile(path, []byte("note\na,b,c\n1,skipped,"+value+"\n"), 0o600))
		return engine.One(t.Context(), db, db.CSV(engine.CSVSpec{
			Path: path, Delimiter: ",", SkipLines: 2, Nulls: []string{"", "N/A"},
			Fields: []engine.Field{{Name: "a", Type: "bigint"}, {Name: "b"}, {Name: "c", Type: typeName}},
		}))
	}
	for typeName, values := range map[string][2]string{ // taken, refused
		"varchar":       {`x "x,y" N/A`, `"x`},
		"bigint":        {"5 -5", "5.0 12.7 +5 007 0x1F 1e3 x 9223372036854775808"},
		"decimal(18,2)": {"5 5.129 -.5 1e3", "x 1e40"},
		"double":        {"5 1e3", "inf nan 1e400 +-5 x"},
		"boolean":       {"true no", "maybe"},
		"date":          {"2024-02-29", "2024-2-9 2023-02-29 infinity 10000-01-01 20240101"},
		"timestamp":     {"2024-02-29_10:00:00 2024-02-29_10:00:00.5", "2024-02-29T10:00:00 2024-02-29 -infinity"},
		"duration":      {"01:02:03 02:03", "2:03 26:00:00 01:02:03.5 75 1:2:3.50"},
	} {
		for _, value := range strings.Fields(values[0]) {
			_, err := read(typeName, strings.ReplaceAll(value, "_", " "))
			require.NoError(t, err, "%s %s", typeName, value)
		}
		for _, value := range strings.Fields(values[1]) {
			_, err := read(typeName, value)
			var refused *engine.SQLError
			require.ErrorAs(t, err, &refused, "%s %s", typeName, value)
		}
	}
	row, err := read("duration", "02:03")
	require.NoError(t, err)
	require.Equal(t, []any{int64(1), int64(123)}, row)
}

// TestLinesOfBothKindsInParallel is large enough for several threads.
func TestLinesOfBothKindsInParallel(t *testing.T) {
	db := open(t, duckdb.Config{Threads: 4})
	for _, newLine := range []string{"\n", "\r\n"} {
		const count = 1_500_000
		path := filepath.Join(t.TempDir(), "x.csv")
		text := "a,b" + newLine + strings.Repeat("1,\"x\n\r\ny, and more of it to fill the buffers\""+newLine, count)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, db.Exec(t.Context(), "create or replace table t (a bigint, b varchar)"))
		n, err := db.Insert(t.Context(), db, runner.Relation{Name: "t"}, db.CSV(engine.CSVSpec{
			Path: path, Delimiter: ",", SkipLines: 1, CRLF: newLine == "\r\n", Multiline: true,
			Fields: []engine.Field{{Name: "a", Type: "bigint", NotNull: true}, {Name: "b", Type: "varchar"}},
		}))
		require.NoError(t, err)
		require.Equal(t, int64(count), n)
	}
}
