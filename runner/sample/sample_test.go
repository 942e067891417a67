package sample

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
)

func generate(t *testing.T, o Options) Summary {
	t.Helper()
	s, err := Generate(t.Context(), o)
	require.NoError(t, err)
	return s
}

// folder is the content of every file in dir, staging folder included.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || e.IsDir() {
			files[name] = "folder"
			return err
		}
		b, err := os.ReadFile(path)
		files[name] = string(b)
		return err
	}))
	return files
}

// row is one raw row by column name.
type row map[string]string

// rows reads a raw file with the standard library, and checks its header or keys.
func rows(t *testing.T, dir string, tab table) []row {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, specs[tab].name))
	require.NoError(t, err)
	var out []row
	if specs[tab].json {
		var list []map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(b, &list))
		for _, o := range list {
			r := row{}
			for k, v := range o {
				r[k] = strings.Trim(string(v), `"`)
			}
			require.Len(t, r, 8)
			out = append(out, r)
		}
		return out
	}
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, specs[tab].header, strings.Join(all[0], ","))
	for _, rec := range all[1:] {
		r := row{}
		for i, v := range rec {
			r[all[0][i]] = v
		}
		out = append(out, r)
	}
	return out
}

func date(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestFirstRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "raw")
	s := generate(t, Options{Dir: dir, Seed: DefaultSeed})

	assert.True(t, s.First)
	assert.Equal(t, date("2024-12-01"), s.From)
	assert.Equal(t, date("2025-02-28"), s.To)
	assert.Equal(t, 90, s.Days)
	assert.Equal(t, 10, s.ClientsAdded)
	assert.Equal(t, 10, s.ClientsTotal)
	assert.Zero(t, s.CampaignsReused)
	assert.InDelta(t, 6300, s.Rows(), 300, "about 7 rows per client and day")

	require.Len(t, s.Files, int(numTables))
	var total int64
	for i, f := range s.Files {
		got := rows(t, dir, table(i))
		info, err := os.Stat(f.Path)
		require.NoError(t, err)
		assert.Equal(t, info.Size(), f.Bytes, f.Name)
		assert.Equal(t, len(got), int(f.RowsAdded), f.Name)
		assert.Equal(t, f.RowsAdded, f.RowsTotal, f.Name)
		assert.Equal(t, specs[i].dated, !f.First.IsZero(), f.Name)
		total += f.Bytes
	}
	assert.Less(t, total, int64(2<<20))
	assert.Len(t, folder(t, dir), 6, "nothing but the six files")
	assert.Equal(t, "C101", rows(t, dir, tableClients)[0]["client_id"])
	first := "[\n{\"fb_campaign_id\":\"FB0"
	assert.Equal(t, first, folder(t, dir)["facebook_ads.json"][:len(first)])
}

// A change of the draws is a change for everyone who compares results: it must be meant.
func TestGolden(t *testing.T) {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Seed: 1})
	var got strings.Builder
	for tab := range numTables {
		fmt.Fprintf(&got, "%x %s\n", sha256.Sum256([]byte(folder(t, dir)[specs[tab].name])), specs[tab].name)
	}
	want, err := os.ReadFile("testdata/seed1.sha256")
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String())
}

func TestLaterRunAppends(t *testing.T) {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Seed: 1})
	before := folder(t, dir)
	s := generate(t, Options{Dir: dir, Seed: 1})

	assert.False(t, s.First)
	assert.Equal(t, date("2025-03-01"), s.From)
	assert.Equal(t, date("2025-03-30"), s.To)
	assert.Equal(t, 2, s.ClientsAdded)
	assert.Equal(t, 12, s.ClientsTotal)
	after := folder(t, dir)
	require.Len(t, after, 6)
	for i, f := range s.Files {
		old := strings.TrimSuffix(before[f.Name], jsonTail)
		assert.True(t, strings.HasPrefix(after[f.Name], old), "%s keeps what it had", f.Name)
		got := rows(t, dir, table(i))
		assert.Len(t, got, int(f.RowsTotal), f.Name)
		assert.Len(t, after[f.Name], int(f.Bytes), f.Name)
		if specs[i].dated {
			assert.Equal(t, got[0]["date"], f.First.Format(time.DateOnly))
			assert.Equal(t, got[len(got)-1]["date"], f.Last.Format(time.DateOnly))
			for j := range got[1:] {
				require.LessOrEqual(t, got[j]["date"], got[j+1]["date"], "%s is in the order of days", f.Name)
			}
		}
	}
	web := rows(t, dir, tableWeb)[900:]
	assert.Len(t, web, 12*30)
	assert.Equal(t, row{"client_id": "C112", "date": "2025-03-30"},
		row{"client_id": web[359]["client_id"], "date": web[359]["date"]})
	for _, c := range rows(t, dir, tableClients)[10:] {
		assert.Less(t, c["signup_date"], "2025-03-01")
		assert.GreaterOrEqual(t, c["signup_date"], "2025-02-01")
	}
}

func campaigns(t *testing.T, dir string) map[string]bool {
	ids := map[string]bool{}
	for tab, col := range map[table]string{
		tableGoogle: "campaign_id", tableFacebook: "fb_campaign_id", tableEmail: "email_id",
	} {
		for _, r := range rows(t, dir, tab) {
			ids[r[col]] = true
		}
	}
	return ids
}

func TestLaterRunsReuseCampaigns(t *testing.T) {
	for seed := range uint64(4) {
		dir := t.TempDir()
		generate(t, Options{Dir: dir, Seed: seed})
		for run := range 3 {
			before := campaigns(t, dir)
			sizes := [numChannels]int{}
			for tab := range numChannels {
				sizes[tab] = len(rows(t, dir, table(tab)))
			}
			s := generate(t, Options{Dir: dir, Seed: seed})
			used, reused := map[string]bool{}, 0
			for tab, col := range []string{"campaign_id", "fb_campaign_id", "email_id"} {
				for _, r := range rows(t, dir, table(tab))[sizes[tab]:] {
					if id := r[col]; !used[id] {
						used[id] = true
						if before[id] {
							reused++
						}
					}
				}
			}
			share := float64(s.CampaignsReused) / float64(s.Campaigns)
			assert.InDelta(t, 0.65, share, 0.05, "seed %d, run %d: planned", seed, run)
			share = float64(reused) / float64(len(used))
			assert.InDelta(t, 0.65, share, 0.05, "seed %d, run %d: %d of %d in the files", seed, run, reused, len(used))
		}
	}
}

func TestCampaignsBelongToOneClient(t *testing.T) {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Seed: 5})
	generate(t, Options{Dir: dir, Seed: 5})
	owner := map[string]string{}
	for _, r := range rows(t, dir, tableGoogle) {
		id := r["campaign_id"]
		if owner[id] == "" {
			owner[id] = r["client_id"]
		}
		require.Equal(t, owner[id], r["client_id"], id)
	}
}

func TestReproducible(t *testing.T) {
	a, b, c := t.TempDir(), t.TempDir(), t.TempDir()
	for range 3 {
		generate(t, Options{Dir: a, Seed: 7})
		generate(t, Options{Dir: b, Seed: 7})
		generate(t, Options{Dir: c, Seed: 8})
	}
	assert.Equal(t, folder(t, a), folder(t, b))
	for name, text := range folder(t, c) {
		assert.NotEqual(t, folder(t, a)[name], text, name)
	}
}

// What a client does on a day depends neither on who else is there nor on how the days were cut into runs.
func TestClientsAndDaysAreIndependent(t *testing.T) {
	whole, parts, few := t.TempDir(), t.TempDir(), t.TempDir()
	generate(t, Options{Dir: whole, Seed: 3, Clients: new(6), Days: new(20)})
	generate(t, Options{Dir: parts, Seed: 3, Clients: new(6), Days: new(13)})
	generate(t, Options{Dir: parts, Seed: 3, Clients: new(0), Days: new(7)})
	generate(t, Options{Dir: few, Seed: 3, Clients: new(2), Days: new(20)})

	assert.Equal(t, rows(t, whole, tableWeb), rows(t, parts, tableWeb))
	assert.Equal(t, rows(t, whole, tableRevenue), rows(t, parts, tableRevenue))
	var first []row
	for _, r := range rows(t, whole, tableRevenue) {
		if r["client_id"] < "C103" {
			first = append(first, r)
		}
	}
	assert.Equal(t, first, rows(t, few, tableRevenue))
}

func TestStart(t *testing.T) {
	dir := t.TempDir()
	paris := time.FixedZone("UTC+2", 2*60*60)
	s := generate(t, Options{Dir: dir, Start: time.Date(2023, 6, 1, 0, 30, 0, 0, paris), Days: new(2), Clients: new(1)})
	assert.Equal(t, date("2023-06-01"), s.From, "the civil date, whatever the zone")
	s = generate(t, Options{Dir: dir, Start: date("2023-06-10"), Days: new(1), Clients: new(0)})
	assert.Equal(t, date("2023-06-10"), s.From, "a gap is allowed")
	assert.Equal(t, 1, s.ClientsTotal)
}

func TestOptionErrors(t *testing.T) {
	full := t.TempDir()
	generate(t, Options{Dir: full, Days: new(3)})
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"no folder":     {Options{}, "no folder to write to"},
		"clients":       {Options{Dir: t.TempDir(), Clients: new(-1)}, "cannot add -1 clients"},
		"no client yet": {Options{Dir: t.TempDir(), Clients: new(0)}, "holds no clients yet"},
		"days":          {Options{Dir: t.TempDir(), Days: new(0)}, "cannot add 0 days"},
		"far future":    {Options{Dir: t.TempDir(), Days: new(3_000_000)}, "go past the year 9999"},
		"early":         {Options{Dir: t.TempDir(), Start: date("1815-01-01")}, "cannot start in year 1815"},
		"back":          {Options{Dir: full, Start: date("2024-12-03")}, "cannot start on 2024-12-03, as " + full + " holds data until 2024-12-03"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Generate(t.Context(), c.o)
			require.ErrorContains(t, err, c.want)
			_ = requireCode(t, err, runner.CodeUsage)
		})
	}
}

func requireCode(t *testing.T, err error, code runner.Code) *runner.Error {
	t.Helper()
	var e *runner.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, code, e.Code)
	return e
}

// countdown is cancelled after it was asked left times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestCancelLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	for run := range 2 {
		before := folder(t, dir)
		for left := 0; ; left++ {
			require.Less(t, left, 100, "a run asks once per day and file")
			_, err := Generate(&countdown{t.Context(), left}, Options{Dir: dir, Days: new(5)})
			if err == nil {
				require.Greater(t, left, 5)
				break
			}
			require.ErrorIs(t, err, context.Canceled)
			_ = requireCode(t, err, runner.CodeInterrupted)
			require.Equal(t, before, folder(t, dir), "run %d, cancelled at check %d", run, left)
		}
	}
}
