package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/ingest"
)

// values are what files hold, plain and strange; each may come in a column of any type.
func values() []string {
	return []string{
		"", "0", "1", "-1", "12", "12.0", "12.7", ".5", "5.", "+5", "-0", "007", "1e3", "1E3", "1e-3", "1.5e2", "1e", "1e400", "-1e400", "1e-400",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999999999999", "1234567890123456.785", "12.705", "-12.705",
		"12.7049", "99999999999999999.995", "9999999999999999.994", "9999999999999999.995", "0.005", "0.0049999999999999999999999", "-0.005",
		" 12", "12 ", " 12.5 ", "\t7", "0x1F", "0b11", "1_000", "1__0", "_1", "1_", "1_0.5_5", "1,000", "1,5", "1.234,56", "$5", "5%", "(5)", "--5", "- 5", "+-5",
		"nan", "NaN", "inf", "-inf", "Infinity", "infinity", "epoch", "N/A", " N/A ", "n/a", "null", "NULL", "None", "NA", "-", "--",
		"true", "True", "t", "f", "yes", "no", "Y", "on", " true", "2024-12-01", "2024-1-5", " 2024-12-01", "2024/12/01", "2024-02-30", "2024-02-29", "2023-02-29",
		"0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "-0001-01-01", "02024-01-05", "2024-12-01 (BC)", "20241201", "12/31/2024",
		"2024-12-01 10:00:00", "2024-12-01T10:00:00", "2024-12-01T10:00:00Z", "2024-12-01 10:00:00+02", "2024-12-01 10:00:00.5", "2024-12-01 10:00:00.50",
		"2024-12-01 24:00:00", "2024-12-01 10:00", "00:00:07", "01:02:03", "26:00:00", "24:00:00", "2:10", "02:10", "75:00", "1:75:00", "10:60", "01:02:03.5", "7",
		"a", "é", "🙂", "x\x00y", "a\"b", "a b", "a,b", "a\nb", "a\r\nb", "a\rb", "\"", "\"\"", " \"x\"", "Total", "'", `\N`, `\"`, "#x", "C101",
		strings.Repeat("9", 40), "0." + strings.Repeat("3", 50), strings.Repeat("0", 40) + "1", "1e18", "1e16", "1e-2", "123456789012345678",
	}
}

func kinds() []string {
	return []string{"varchar", "bigint", "decimal(18,2)", "decimal(38,10)", "decimal(4,0)", "decimal(2,2)", "double", "boolean", "date", "timestamp", "duration"}
}

// agree loads a file by the engine alone and with care, and fails if the engine takes it and the careful reader differs.
func agree(t *rapid.T, db *duckdb.DB, dir string, columns []runner.Column, nulls []string, text string) (plain, taken bool) {
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.csv"), []byte(text), 0o600))
	source := &runner.Source{
		Node: runner.Node{Name: "x", Columns: columns}, Load: &runner.Load{Files: []string{"x.csv"}, NullValues: nulls, OnError: runner.Quarantine},
	}
	c := ingest.Config{Dir: dir, TempDir: dir}
	m, err := ingest.Scan(t.Context(), c, source)
	var bad *runner.Error
	if errors.As(err, &bad) {
		return false, false
	}
	require.NoError(t, err)
	job := ingest.Job{Source: source, Manifest: m, Rejects: rejects, Target: runner.Relation{Name: "engine"}, RunID: t.Name()}
	require.NoError(t, db.Exec(t.Context(), "drop table if exists engine", "drop table if exists careful", "delete from _elt.rejects"))
	plain = m.Files[0].Layout.Plain
	if plain {
		_, failed, err := ingest.Attempt(t.Context(), db, c, job)
		require.True(t, failed >= 0 || err == nil, "%v", err)
		taken = err == nil
	}
	m.Files[0].Layout.Plain = false
	job.Target.Name = "careful"
	r, err := ingest.Load(t.Context(), db, c, job)
	require.NoError(t, err)
	if m.Files[0].Records >= 0 {
		require.Equal(t, m.Files[0].Records, r.Rows+r.Rejected, "the scan counts as the reader does")
	}
	if !taken {
		return plain, false
	}
	require.Zero(t, r.Rejected, "the engine took what the careful reader rejects: %v", dump(t, db, "select * from _elt.rejects"))
	require.Equal(t, dump(t, db, "select * from engine"), dump(t, db, "select * from careful"))
	return plain, true
}

func dump(t *rapid.T, db *duckdb.DB, query string) (out [][]any) {
	rows, err := db.Query(t.Context(), query)
	require.NoError(t, err)
	require.NoError(t, engine.Each(rows, func(row []any) error {
		out = append(out, append([]any{}, row...))
		return nil
	}))
	return out
}

func memory(t *testing.T) *duckdb.DB {
	db, err := duckdb.Open(t.Context(), duckdb.Config{Threads: 2})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Exec(t.Context(), "create schema _elt", ingest.CreateRejects(rejects)))
	return db
}

// TestEveryValueMeansTheSame puts each value alone into a column of each type.
func TestEveryValueMeansTheSame(t *testing.T) {
	db, dir := memory(t), t.TempDir()
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds()).Draw(t, "type")
		value := rapid.SampledFrom(values()).Draw(t, "value")
		quoted := value
		if strings.ContainsAny(value, ",\"\n\r") || rapid.Bool().Draw(t, "quoted") {
			quoted = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		columns := []runner.Column{{Name: "id", DataType: "varchar"}, {Name: "v", DataType: kind, NotNull: rapid.Bool().Draw(t, "not null")}}
		if _, ok := agree(t, db, dir, columns, nil, "id,v\na,"+quoted+"\n"); ok {
			taken++
		}
	})
	require.NotZero(t, taken)
}

// TestFilesMeanTheSame makes whole files of plausible rows.
func TestFilesMeanTheSame(t *testing.T) {
	db, dir := memory(t), t.TempDir()
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		var columns []runner.Column
		var header []string
		for i := range rapid.IntRange(1, 4).Draw(t, "columns") {
			name := string(rune('a' + i))
			header = append(header, name)
			columns = append(columns, runner.Column{Name: name, DataType: rapid.SampledFrom(kinds()).Draw(t, "type"), NotNull: rapid.IntRange(0, 3).Draw(t, "not null") == 0})
		}
		newline := rapid.SampledFrom([]string{"\n", "\n", "\r\n", "\r"}).Draw(t, "newline")
		delimiter := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
		pool := [][]string{{"1", "-5", "12", "", "2024-12-01", "01:02:03", "02:10", "true", "x", "0", "99"}, values()}[rapid.IntRange(0, 1).Draw(t, "pool")]
		lines := []string{strings.Join(header, delimiter)}
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			fields := make([]string, len(header))
			for i := range fields {
				fields[i] = rapid.SampledFrom(pool).Draw(t, "value")
				if rapid.IntRange(0, 3).Draw(t, "quoted") == 0 || strings.ContainsAny(fields[i], delimiter+"\"\n\r") {
					fields[i] = `"` + strings.ReplaceAll(fields[i], `"`, `""`) + `"`
				}
			}
			lines = append(lines, strings.Join(fields, delimiter))
		}
		text := strings.Join(lines, newline)
		if rapid.Bool().Draw(t, "final newline") {
			text += newline
		}
		if _, ok := agree(t, db, dir, columns, rapid.SampledFrom([][]string{nil, {"99", "x"}}).Draw(t, "nulls"), text); ok {
			taken++
		}
	})
	require.NotZero(t, taken)
}

// TestNoiseMeansTheSame writes arbitrary bytes below a header: what is a line, a field, a quote?
func TestNoiseMeansTheSame(t *testing.T) {
	db, dir := memory(t), t.TempDir()
	columns := []runner.Column{{Name: "a"}, {Name: "b"}}
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		noise := rapid.SliceOfN(rapid.SampledFrom([]string{"x", ",", "\"", "\n", "\r\n", "\r", " ", ",", "\n", "y", "\"\"", "a,b\n", "\xe9", "\"x\"", "N/A", "\ufeff", "\t"}), 0, 24).Draw(t, "noise")
		if _, ok := agree(t, db, dir, columns, nil, rapid.SampledFrom([]string{"a,b\n", "a,b\r\n", "note\na,b\n", "\ufeffa,b\n"}).Draw(t, "header")+strings.Join(noise, "")); ok {
			taken++
		}
	})
	require.NotZero(t, taken)
}
