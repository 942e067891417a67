package sample

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
)

// stage does a run up to its marker, without moving any file.
func stage(t *testing.T, o Options) {
	t.Helper()
	st, err := scan(t.Context(), o.Dir)
	require.NoError(t, err)
	p, err := newPlan(o, st)
	require.NoError(t, err)
	s, err := newStaging(t.Context(), o.Dir, st)
	require.NoError(t, err)
	require.NoError(t, fill(t.Context(), o.Seed, p, s))
	require.NoError(t, s.complete())
}

func TestCrashBetweenRenamesIsCompleted(t *testing.T) {
	for moved := range int(numTables) + 1 {
		want, dir := t.TempDir(), t.TempDir()
		for range 3 {
			generate(t, Options{Dir: want, Days: new(4)})
		}
		generate(t, Options{Dir: dir, Days: new(4)})
		stage(t, Options{Dir: dir, Days: new(4)})
		for _, s := range specs[:moved] {
			require.NoError(t, os.Rename(filepath.Join(dir, stagingDir, s.name), filepath.Join(dir, s.name)))
		}
		generate(t, Options{Dir: dir, Days: new(4)})
		assert.Equal(t, folder(t, want), folder(t, dir), "after %d renames", moved)
	}
}

func TestCrashBeforeTheMarkerIsForgotten(t *testing.T) {
	want, dir := t.TempDir(), t.TempDir()
	for range 2 {
		generate(t, Options{Dir: want, Days: new(4)})
	}
	generate(t, Options{Dir: dir, Days: new(4)})
	stage(t, Options{Dir: dir, Days: new(4)})
	require.NoError(t, os.Remove(filepath.Join(dir, stagingDir, marker)))
	require.NoError(t, os.Truncate(filepath.Join(dir, stagingDir, "revenue.csv"), 99))
	generate(t, Options{Dir: dir, Days: new(4)})
	assert.Equal(t, folder(t, want), folder(t, dir))
}

func TestOneRunAtATime(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockDir(dir)
	require.NoError(t, err)
	_, err = Generate(t.Context(), Options{Dir: dir, Days: new(1)})
	_ = requireCode(t, err, runner.CodeLocked)
	unlock()
	generate(t, Options{Dir: dir, Days: new(1)})
}

// A first run without any ad leaves an empty array, which a later one can append to.
func TestEmptyArray(t *testing.T) {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Days: new(2)})
	path := filepath.Join(dir, "facebook_ads.json")
	require.NoError(t, os.WriteFile(path, []byte("["+jsonTail), 0o600))
	s := generate(t, Options{Dir: dir, Days: new(2)})
	assert.Len(t, rows(t, dir, tableFacebook), int(s.Files[tableFacebook].RowsAdded))
	assert.Equal(t, s.From, s.Files[tableFacebook].First)
}

func TestForeignFiles(t *testing.T) {
	made := t.TempDir()
	generate(t, Options{Dir: made, Days: new(3)})
	whole := folder(t, made)
	lines := func(name string) int { return strings.Count(whole[name], "\n") }
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	add := func(end string) func(string) string { return func(s string) string { return s + end } }
	cut := func(n int) func(string) string { return func(s string) string { return s[:len(s)-n] } }

	for name, c := range map[string]struct {
		file   string
		change func(string) string
		line   int
		want   string
	}{
		"empty":             {"web_traffic.csv", func(string) string { return "" }, 1, "the file is empty"},
		"header":            {"google_ads.csv", replace("campaign_id", "Campaign ID"), 1, `the first line is "Campaign ID,client_id`},
		"byte order mark":   {"clients.csv", func(s string) string { return "\ufeff" + s }, 1, "the first line is"},
		"cut off":           {"revenue.csv", cut(4), lines("revenue.csv"), "cut off within its last line"},
		"field missing":     {"revenue.csv", add("C101,2024-12-03,email\n"), lines("revenue.csv") + 1, "has 3 fields, expected 4"},
		"field too many":    {"web_traffic.csv", add("C101,2024-12-03,1,1,0.5,01:00,x\n"), lines("web_traffic.csv") + 1, "has 7 fields, expected 6"},
		"campaign":          {"google_ads.csv", add("X-1,C101,2024-12-03,1,2,3.00,mobile,US\n"), lines("google_ads.csv") + 1, `campaign id "X-1" is not like G001`},
		"client":            {"revenue.csv", add("acme,2024-12-03,email,1.00\n"), lines("revenue.csv") + 1, `client id "acme" is not like C101`},
		"unknown client":    {"revenue.csv", add("C999,2024-12-03,email,1.00\n"), lines("revenue.csv") + 1, "client C999 is not in clients.csv"},
		"client twice":      {"clients.csv", add("C101,a,b,c,2024-01-01\n"), 12, "client C101 is there twice"},
		"date":              {"revenue.csv", add("C101,03.12.2024,email,1.00\n"), lines("revenue.csv") + 1, `date "03.12.2024" is not like`},
		"impossible date":   {"revenue.csv", add("C101,2025-02-29,email,1.00\n"), lines("revenue.csv") + 1, `date "2025-02-29" is not like`},
		"array cut off":     {"facebook_ads.json", cut(2), lines("facebook_ads.json"), "the array is not closed"},
		"object cut off":    {"facebook_ads.json", cut(9), lines("facebook_ads.json") - 1, "cut off within its last line"},
		"text after array":  {"facebook_ads.json", add("{}\n"), lines("facebook_ads.json") + 1, "text after the end of the array"},
		"comma too many":    {"facebook_ads.json", replace(jsonTail, ","+jsonTail), lines("facebook_ads.json"), "expected an object after the comma"},
		"comma missing":     {"facebook_ads.json", replace("},", "}"), 3, "expected a comma at the end of the line before"},
		"other objects":     {"facebook_ads.json", replace(`{"fb`, `{ "fb`), 2, "expected one object with fb_campaign_id"},
		"one object a line": {"facebook_ads.json", replace("[\n", ""), 1, `expected [`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for n, text := range whole {
				if n == c.file {
					text = c.change(text)
				}
				require.NoError(t, os.WriteFile(filepath.Join(dir, n), []byte(text), 0o600))
			}
			before := maps.Clone(folder(t, dir))
			_, err := Generate(t.Context(), Options{Dir: dir})
			e := requireCode(t, err, runner.CodeLoad)
			require.ErrorContains(t, err, c.want)
			assert.Equal(t, runner.Position{File: filepath.Join(dir, c.file), Line: c.line}, e.Pos)
			assert.Contains(t, e.Hint, "move the raw files away")
			assert.Equal(t, before, folder(t, dir), "nothing is touched")
		})
	}
}

func TestMissingFiles(t *testing.T) {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Days: new(1)})
	require.NoError(t, os.Remove(filepath.Join(dir, "clients.csv")))
	_, err := Generate(t.Context(), Options{Dir: dir})
	_ = requireCode(t, err, runner.CodeLoad)
	require.ErrorContains(t, err, "clients.csv: append sample data: the file is missing, though revenue.csv is there")

	require.NoError(t, os.Mkdir(filepath.Join(dir, "clients.csv"), 0o755))
	_, err = Generate(t.Context(), Options{Dir: dir})
	require.ErrorContains(t, err, "not a regular file")
}
