package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/export"
)

// newMarketing makes a project of this repository's own models, with sample data and some of what happens in real life
// added to it: credits, refunds, rows that come twice or weigh the same, revenue nobody touched, clients nobody knows, and a row in each
// file that does not fit.
func newMarketing(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, copyProject(dir))
	elt(t, dir, "generate", "-q", "--seed", "11", "--clients", "6", "--days", "25")
	for name, lines := range map[string]string{
		"google_ads.csv": `G001,C101,2024-12-03,0,0,-17.05,mobile,DE
G001,C101,2024-12-03,0,0,-17.05,mobile,DE
G900, C900 ,2024-12-04,3,100,"$1,005.50",mobile,DE
G901,C900,2024-12-04,3,100,1.00,desktop,AT
G902,C900,2024-12-04,3,100,1.00,tablet,CH
,C102,2024-12-05,7,100,1.01,,
G002,C101,2024-12-06,,,,mobile,DE
G003,C101,2024-12-07,many,10,1.00,mobile,DE
`,
		"email_campaigns.csv": `E900,C900,2024-12-04,1000,0.5,0.000001,"Hello, you"
E901,C101,2024-12-32,1000,0.5,0.5,no such day
`,
		"web_traffic.csv": `C900,2024-12-04,10,0,0.5,1:02:03
C101,2024-12-05,10,5,0.5
`,
		"revenue.csv": `C900,2024-12-04,google_ads,0.02
C900,2024-12-04,email,100.00
C900,2024-12-04,organic,33.33
C901,2024-12-04,organic,1234.56
C101,2024-12-03,google_ads,-50.07
C101,2024-12-03,television,9.99
C101,2024-12-03,,5.00
C101,2030-01-01,google_ads,77.77
C101,2024-12-03,google_ads,free
`,
	} {
		appendText(t, filepath.Join(dir, "data/raw", name), lines)
	}
	return dir
}

func appendText(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// elt runs the program in dir and gives what it prints.
func elt(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	c := exec.Command("elt", args...)
	c.Dir, c.Stdout, c.Stderr = dir, &out, &errOut
	require.NoError(t, c.Run(), "elt %s\n%s%s", strings.Join(args, " "), &out, &errOut)
	return out.String()
}

// rowsOf runs a query over what is published and gives its rows.
func rowsOf(t *testing.T, dir, query string) [][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(elt(t, dir, "query", "--format", "csv", query))).ReadAll()
	require.NoError(t, err)
	return records[1:]
}

func publishedFiles(t *testing.T, dir string) map[string]export.PublishedFile {
	t.Helper()
	p, err := export.ReadPublished(filepath.Join(dir, "data/published.json"))
	require.NoError(t, err)
	return contents(p)
}

// TestSameInputSameBytes holds that neither the number of threads nor the order of the rows in the files shows in what is
// published.
func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	dir := newMarketing(t)
	elt(t, dir, "run", "--threads", "1")
	want := publishedFiles(t, dir)
	require.Greater(t, len(want), 15)

	for _, threads := range []string{"2", "4"} {
		elt(t, dir, "run", "--force", "--threads", threads)
		require.Equal(t, want, publishedFiles(t, dir), "%s threads", threads)
	}
	shuffle(t, filepath.Join(dir, "data/raw"))
	elt(t, dir, "run")
	require.Equal(t, want, publishedFiles(t, dir), "shuffled")
}

// shuffle brings the rows of every raw file into another order.
func shuffle(t *testing.T, dir string) {
	rng := rand.New(rand.NewPCG(1, 2))
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	require.NoError(t, err)
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if filepath.Ext(path) == ".json" {
			var objects []json.RawMessage
			require.NoError(t, json.Unmarshal(text, &objects))
			rng.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
			text, err = json.Marshal(objects)
			require.NoError(t, err)
		} else {
			lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
			rng.Shuffle(len(lines)-1, func(i, j int) { lines[i+1], lines[j+1] = lines[j+1], lines[i+1] })
			text = []byte(strings.Join(lines, "\n") + "\n")
		}
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
}
