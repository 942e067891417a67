package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"elt/runner"
	"elt/runner/ingest/record"
)

// headerLines is how far down a header may stand.
const headerLines = 50

// candidate is a line that may be the header, cut by one delimiter.
type candidate struct {
	delimiter byte
	line      int64
	lines     int64
	fields    []string
	columns   []int // field of each declared column, -1 for none
	matched   int
	missing   []string // required columns that it lacks
}

// findHeader finds the first line that names all required columns of the source. Head is the beginning of the text.
func findHeader(name string, head []byte, source *runner.Source) (candidate, error) {
	delimiters := []byte{',', ';', '\t', '|'}
	if source.Load.Delimiter != "" {
		delimiters = []byte(source.Load.Delimiter)[:1]
	}
	var best candidate
	found := false
	for _, delimiter := range delimiters {
		rows := record.NewCSV(bytes.NewReader(head), delimiter, 1)
		var row record.Row
		for {
			err := rows.Next(&row)
			if err != nil && !errors.Is(err, io.EOF) {
				return candidate{}, err
			}
			if err != nil || row.Line > headerLines {
				break
			}
			c := consider(delimiter, &row, source)
			if !found || c.better(best) {
				best, found = c, true
			}
		}
	}
	switch {
	case !found:
		return candidate{}, fault(name, 1, "has no header: there are blank lines only", "the first line names the columns")
	case best.matched == 0 && binary(head) != "":
		return candidate{}, fault(name, 0, "is "+binary(head)+", not text", "export it as CSV or JSON; a file that gzip compressed ends in .gz")
	case len(best.missing) > 0 || best.matched == 0:
		return candidate{}, best.lacking(name, source)
	}
	return best, best.doubled(name, source)
}

// binary is what a file without a header is that begins like no text; empty for text.
func binary(head []byte) string {
	for _, kind := range []struct{ magic, name string }{
		{"\x1f\x8b", "compressed with gzip"},
		{"PK\x03\x04", "a ZIP archive or an Excel workbook"},
		{"PAR1", "a Parquet file"},
		{"%PDF-", "a PDF document"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook"},
		{"SQLite format 3\x00", "a SQLite database"},
	} {
		if bytes.HasPrefix(head, []byte(kind.magic)) {
			return kind.name
		}
	}
	for _, c := range head[:min(len(head), 512)] {
		if c < ' ' && !strings.ContainsRune("\t\n\v\f\r", rune(c)) {
			return "binary data"
		}
	}
	return ""
}

// better prefers headers with all required columns, then more declared columns, then the upper line.
func (c candidate) better(than candidate) bool {
	if whole, other := len(c.missing) == 0 && c.matched > 0, len(than.missing) == 0 && than.matched > 0; whole != other {
		return whole
	}
	if c.delimiter == than.delimiter && len(than.missing) == 0 && than.matched > 0 {
		return false // data lines below the header
	}
	return c.matched > than.matched || c.matched == than.matched && len(c.fields) > len(than.fields) && c.line <= than.line
}

// consider reads a row as a header.
func consider(delimiter byte, row *record.Row, source *runner.Source) candidate {
	c := candidate{delimiter: delimiter, line: row.Line, lines: row.Lines, columns: make([]int, len(source.Columns))}
	keys := make([]string, len(row.Fields))
	for i, field := range row.Fields {
		c.fields = append(c.fields, strings.ToValidUTF8(string(field), "\uFFFD"))
		keys[i] = normal(string(field))
	}
	for i, column := range source.Columns {
		c.columns[i] = -1
		for _, name := range append([]string{column.Name}, column.Aliases...) {
			if at := slices.Index(keys, normal(name)); at >= 0 {
				c.columns[i] = at
				c.matched++
				break
			}
		}
		if c.columns[i] < 0 && !column.Optional {
			c.missing = append(c.missing, column.Name)
		}
	}
	return c
}

// lacking is the error about a header without a required column.
func (c candidate) lacking(name string, source *runner.Source) error {
	shown := c.shown()
	if c.matched == 0 {
		hint := "the file has no header line, or it is not a file of this source"
		if source.Load.Delimiter != "" {
			hint += ", or its delimiter is not " + fmt.Sprintf("%q", source.Load.Delimiter)
		}
		return fault(name, c.line, "names none of the declared columns; found "+shown, hint)
	}
	hint := "mend the file, add the name it uses to the column's `aliases`, or declare the column `optional: true`"
	if similar := runner.DidYouMean(c.missing[0], c.fields); similar != "" {
		hint = similar + " " + hint
	}
	what := "column " + c.missing[0]
	if len(c.missing) > 1 {
		what = "columns " + strings.Join(c.missing, ", ")
	}
	return fault(name, c.line, "lacks the "+what+"; found "+shown, hint)
}

// doubled refuses a header that names a declared column twice.
func (c candidate) doubled(name string, source *runner.Source) error {
	for i, at := range c.columns {
		if at < 0 {
			continue
		}
		for j := at + 1; j < len(c.fields); j++ {
			if normal(c.fields[j]) == normal(c.fields[at]) {
				return fault(name, c.line, fmt.Sprintf("names the column %s twice, as fields %d and %d", source.Columns[i].Name, at+1, j+1),
					"rename or drop one of the two")
			}
		}
	}
	return nil
}

func (c candidate) shown() string {
	names := make([]string, len(c.fields))
	for i, field := range c.fields {
		names[i] = strings.Map(func(c rune) rune {
			if unicode.IsPrint(c) {
				return c
			}
			return '\uFFFD' // what steers a terminal does not belong into a message
		}, strings.TrimSpace(field))
	}
	shown := strings.Join(names, ", ")
	if runes := []rune(shown); len(runes) > 200 {
		shown = string(runes[:200]) + "…"
	}
	return shown
}

// extra lists the fields that belong to no declared column.
func (c candidate) extra() []string {
	var names []string
	for i, field := range c.fields {
		if !slices.Contains(c.columns, i) && strings.TrimSpace(field) != "" {
			names = append(names, strings.TrimSpace(field))
		}
	}
	return names
}

// normal is a column's name without what people vary: letter case, and anything but letters and digits, of which each run
// is one underscore. "Cost (USD)" is cost_usd.
func normal(name string) string {
	var b strings.Builder
	gap := false
	for _, c := range name {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
