package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// kilobyte is what budgets are counted in.
const kilobyte = 1000

// page is what a kind of page loads, and what all of it may weigh, gzipped.
type page struct {
	name    string
	entries []string
	budget  int
}

var pages = []page{
	{"overview", []string{"style.css", "shell.js", "dashboard.js"}, 300 * kilobyte},
	{"sql", []string{"style.css", "shell.js", "sql.js"}, 160 * kilobyte},
	{"run", []string{"style.css", "shell.js", "run.js", "log.js"}, 60 * kilobyte},
	{"lineage", []string{"style.css", "shell.js", "page.js", "lineage.js"}, 60 * kilobyte},
	{"other", []string{"style.css", "shell.js", "page.js"}, 60 * kilobyte},
}

// pageWeight is the sum of the gzipped sizes of all that a page loads, in bytes.
type pageWeight struct {
	Gzip   int `json:"gzip"`
	Budget int `json:"budget"`
}

func (p page) weigh(m manifest, files bundle) (pageWeight, error) {
	loaded := map[string]bool{}
	for _, name := range p.entries {
		file, ok := m.Files[name]
		if !ok {
			continue // not written yet: it weighs nothing
		}
		loaded[file] = true
		for _, chunk := range m.Imports[name] {
			loaded[chunk] = true
		}
	}
	sum := 0
	for file := range loaded {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return pageWeight{}, err
		}
		if _, err := w.Write(files[file]); err != nil {
			return pageWeight{}, err
		}
		if err := w.Close(); err != nil {
			return pageWeight{}, err
		}
		sum += packed.Len()
	}
	return pageWeight{Gzip: sum, Budget: p.budget}, nil
}

// report prints what each page weighs and fails where one weighs too much.
func report(m manifest, stdout io.Writer) error {
	var broken []string
	for _, name := range slices.Sorted(maps.Keys(m.Pages)) {
		weight := m.Pages[name]
		fmt.Fprintf(stdout, "%-10s %6.1f kB gzipped of %d\n", name, float64(weight.Gzip)/kilobyte, weight.Budget/kilobyte)
		if weight.Gzip > weight.Budget {
			broken = append(broken, fmt.Sprintf("%s weighs %d bytes, %d more than it may", name, weight.Gzip, weight.Gzip-weight.Budget))
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("a page loads too much: %s", strings.Join(broken, "; "))
	}
	return nil
}
