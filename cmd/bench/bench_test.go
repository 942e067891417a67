package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary stand in for the program, which starts itself for the floor.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && (os.Args[1] == floorCommand || os.Args[1] == partCommand) {
		main()
	}
	os.Exit(m.Run())
}

func TestBench(t *testing.T) {
	if testing.Short() {
		t.Skip("builds elt and runs it several times")
	}
	elt := filepath.Join(t.TempDir(), "elt")
	built, err := exec.Command("go", "build", "-o", elt, "elt/cmd/elt").CombinedOutput()
	require.NoError(t, err, string(built))

	var out, errOut bytes.Buffer
	status := run([]string{"-elt", elt, "-project", "../..", "-clients", "20", "-days", "3", "-runs", "1", "-users", "5", "-load", "2s", "-compare", elt}, &out, &errOut)

	require.Zero(t, status, errOut.String())
	for _, line := range []string{
		"20 clients, 3 days: ", "| elt run / floor ", "| elt run, nothing changed ", "| elt version ", "times the rows take",
		"Where the time of elt run goes", "| pooled models, all seven ",
		"| source_reported ", "| lift and its bootstrap ", "| markov, 10,000 paths, 12 channels ", "  write files ", "Where the time of the floor goes", "5 users for ", ", 0 errors\n", "95th percentile",
	} {
		assert.Contains(t, out.String(), line)
	}
}

func TestMedianAndRatio(t *testing.T) {
	same := func(v float64) float64 { return v }
	assert.Zero(t, median(nil, same))
	assert.InDelta(t, 2, median([]float64{9, 2, 1}, same), 0)
	assert.InDelta(t, 3, median([]float64{1, 5}, same), 0)
	slow, fast := []sample{{peak: 20}, {peak: 90}, {peak: 40}}, []sample{{peak: 10}, {peak: 30}, {peak: 20}}
	assert.InDelta(t, 2, ratio(slow, fast, peak), 1e-9)
}

func TestSettingsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{{"-clients", "5"}, {"-runs", "0"}, {"-scale", "0"}, {"-days", "0"}, {"-nonsense"}} {
		_, err := parse(args, &bytes.Buffer{})
		assert.Error(t, err, args)
	}
}
