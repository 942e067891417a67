package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"elt/runner"
	"elt/runner/ingest/cell"
	"elt/runner/ingest/record"
)

// cleaned is what the careful reading of a file gave: two plain CSV files without header, of the rows in the order of the
// source's columns and of the rejected ones in that of the rejects table.
type cleaned struct {
	rowsPath    string
	rejectsPath string
	multiline   bool // a value of rowsPath has a line end in it
	rows        int64
	rejected    int64
	reasons     tally
	warnings    []string
}

// cleaner reads one file record by record. It is used once.
type cleaner struct {
	job     *Job
	file    *File
	columns []*cell.Reader
	rows    *bufio.Writer
	rejects *bufio.Writer
	line    []byte // the row that is being written
	seen    int64  // lines of the file that are accounted for
	zeros   notes  // values with NUL characters, by column
	out     cleaned
}

// rowLimit is the longest row that an engine is given, in bytes as CSV.
const rowLimit = 1_900_000

// clean reads a file with care and writes what it found below dir.
func clean(ctx context.Context, c Config, job *Job, file *File, dir string) (_ cleaned, err error) {
	readers, err := columns(job.Source, job.Source.Load.Decimal)
	if err != nil {
		return cleaned{}, err
	}
	in, err := os.Open(resolve(c.Dir, file.Path))
	if err != nil {
		return cleaned{}, unreadable(file.Path, err)
	}
	defer func() { _ = in.Close() }()
	text, _, err := decoded(in, file.Gzip)
	if err != nil {
		return cleaned{}, unreadable(file.Path, err)
	}
	rows, err := os.CreateTemp(dir, "rows-*.csv")
	if err != nil {
		return cleaned{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	rejects, err := os.CreateTemp(dir, "rejects-*.csv")
	if err != nil {
		return cleaned{}, err
	}
	defer func() { err = errors.Join(err, rejects.Close()) }()
	k := &cleaner{
		job: job, file: file, columns: readers,
		rows: bufio.NewWriterSize(rows, 1<<18), rejects: bufio.NewWriter(rejects),
		out: cleaned{rowsPath: rows.Name(), rejectsPath: rejects.Name(), reasons: tally{}},
	}
	if file.Format == JSON {
		err = k.json(ctx, text)
	} else {
		err = k.csv(ctx, text)
	}
	for _, note := range k.zeros.list(job.Source) {
		k.out.warnings = append(k.out.warnings, "NUL characters are left out of "+note)
	}
	return k.out, errors.Join(err, k.rows.Flush(), k.rejects.Flush())
}

// csv cleans a CSV file.
func (k *cleaner) csv(ctx context.Context, text io.Reader) error {
	layout := k.file.Layout
	in := record.NewCSV(text, layout.Delimiter[0], 1)
	var row record.Row
	rejected := false // the last row
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := in.Next(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(k.file.Path, err)
		}
		k.seen += row.Lines
		if row.Line < layout.Header+1 || row.Line <= layout.Skip {
			continue
		}
		bad := k.row(&row)
		if rejected = bad.reason != ""; rejected {
			if err := k.reject(bad); err != nil {
				return err
			}
		}
	}
	if rejected && !in.Ended() && k.breaksOff(&row) {
		k.looksCutOff(row.Line)
	}
	if k.seen += in.Blank(); k.seen != k.file.Lines {
		return fault(k.file.Path, 0, "has "+strconv.FormatInt(k.file.Lines, 10)+" lines, of which the loader accounted for "+
			strconv.FormatInt(k.seen, 10), "this is a fault of the program; please report it with the file")
	}
	return nil
}

// breaksOff tells whether a row ends before its last field does.
func (k *cleaner) breaksOff(row *record.Row) bool {
	return row.Problem != "" || !utf8.Valid(row.Raw) || len(row.Fields) < len(k.file.Layout.Fields) && !isTotal(row.Fields)
}

func (k *cleaner) looksCutOff(line int64) {
	k.out.warnings = append(k.out.warnings, fmt.Sprintf(
		"looks cut off: its last line, %d, breaks off; what came behind it is missing, so have the file delivered again", line))
}

// row writes one row, or tells what is wrong with it.
func (k *cleaner) row(row *record.Row) misfit {
	layout := k.file.Layout
	whole := misfit{line: row.Line, value: row.Raw, at: runner.Position{File: k.file.Path, Line: int(row.Line)}}
	total := isTotal(row.Fields)
	switch {
	case row.Problem != "":
		whole.reason = row.Problem
		return whole
	case !utf8.Valid(row.Raw):
		whole.reason = "expected UTF-8; the bytes are those of another encoding, such as Latin-1 or Windows-1252"
		return whole
	case !k.fits(row.Fields):
		whole.reason = "expected " + strconv.Itoa(len(layout.Fields)) + " fields, found " + strconv.Itoa(len(row.Fields))
		if total {
			whole.reason = "looks like a total row: " + whole.reason
		}
		return whole
	}
	start, missing := k.begin(), 0
	for i, reader := range k.columns {
		if i > 0 {
			k.line = append(k.line, ',')
		}
		at := layout.Columns[i]
		if at < 0 {
			missing++
			continue
		}
		null, reason := k.value(i, reader, row.Fields[at], row.Line)
		if reason != "" {
			k.line = k.line[:start]
			return k.badValue(row, i, at, total, reason)
		}
		if null {
			missing++
		}
	}
	switch {
	case missing == len(k.columns):
		whole.reason = "expected a value in at least one declared column"
	case total && missing > 0 && row.Line > k.file.Filled-tailLines:
		whole.reason = "looks like a total row: it lacks values that other rows have"
	default:
		return k.end(start, whole)
	}
	k.line = k.line[:start]
	return whole
}

// badValue is a row with a value that does not fit.
func (k *cleaner) badValue(row *record.Row, column, field int, total bool, reason string) misfit {
	below, col := row.Place(field, k.file.Layout.Delimiter[0])
	if total {
		reason = "looks like a total row: " + reason
	}
	return misfit{
		line: row.Line, column: k.job.Source.Columns[column].Name, value: row.Fields[field], reason: reason,
		at: runner.Position{File: k.file.Path, Line: int(row.Line + below), Col: col},
	}
}

// fits tells whether a row has as many fields as the header. Superfluous ones without a value are forgiven.
func (k *cleaner) fits(fields [][]byte) bool {
	want := len(k.file.Layout.Fields)
	for i := want; i < len(fields); i++ {
		if !k.columns[0].IsNull(fields[i]) {
			return false
		}
	}
	return len(fields) >= want
}

// isTotal tells whether the first value of a row announces a total.
func isTotal(fields [][]byte) bool {
	for _, field := range fields {
		if len(field) == 0 {
			continue
		}
		if len(field) < len("total") || len(field) > 40 || !bytes.ContainsAny(field, "tT") {
			return false
		}
		text := normal(string(field))
		for _, word := range []string{"total", "totals", "grand_total", "sub_total", "subtotal"} {
			if text == word {
				return true
			}
		}
		return strings.HasPrefix(text, "total_")
	}
	return false
}

// begin and end frame a row in the buffer, which is written whenever it is full.
func (k *cleaner) begin() int {
	k.line = k.line[:0]
	return 0
}

func (k *cleaner) end(start int, whole misfit) misfit {
	if len(k.line)-start > rowLimit {
		k.line = k.line[:start]
		whole.reason = "expected a row of at most " + strconv.Itoa(rowLimit) + " bytes"
		return whole
	}
	k.line = append(k.line, '\n')
	k.out.rows++
	_, _ = k.rows.Write(k.line) // the error stays and comes with Flush
	return misfit{}
}

// value adds one value to the row, which begins on the line.
func (k *cleaner) value(i int, reader *cell.Reader, text []byte, line int64) (null bool, reason string) {
	before := len(k.line)
	k.line, null, reason = reader.Append(k.line, text)
	switch {
	case reason != "":
		return false, reason
	case null && k.job.Source.Columns[i].NotNull:
		return true, "expected a value"
	case !null && reader.Type.Kind == cell.Text:
		var multiline, zeros bool
		k.line, multiline, zeros = quote(k.line, before)
		if zeros {
			k.zeros.add(i, line)
			k.line = k.line[:before]
			return k.value(i, reader, bytes.ReplaceAll(text, []byte{0}, nil), line)
		}
		k.out.multiline = k.out.multiline || multiline
	}
	return null, ""
}

// quote puts the text behind start in quotes where CSV needs them: also where it begins with a space or a byte order mark,
// which a reader might pass over. Multiline tells that it has a line end in it, zeros that it has a NUL character.
func quote(line []byte, start int) (_ []byte, multiline, zeros bool) {
	text := line[start:]
	quotes, needed := 0, text[0] == ' ' || text[0] == 0xEF
	for _, c := range text {
		if c > ',' { // as nearly all are
			continue
		}
		switch c {
		case '"':
			quotes++
		case ',':
			needed = true
		case '\n', '\r':
			needed, multiline = true, true
		case 0:
			zeros = true
		}
	}
	if quotes == 0 && !needed {
		return line, false, zeros
	}
	size := len(line)
	for range quotes + 2 {
		line = append(line, '"')
	}
	to := len(line) - 2
	for from := size - 1; from >= start; from-- {
		line[to] = line[from]
		to--
		if line[from] == '"' {
			line[to] = '"'
			to--
		}
	}
	line[start] = '"'
	return line, multiline, zeros
}

// reject writes a rejected row, or fails if the source takes none.
func (k *cleaner) reject(m misfit) error {
	if k.job.Source.Load.OnError == runner.Fail {
		return m.refused()
	}
	k.out.rejected++
	k.out.reasons.add(m)
	value := []byte(strings.ToValidUTF8(string(m.value[:min(len(m.value), 1000)]), "\uFFFD"))
	if m.column == "" && len(value) > 200 {
		value = append(value[:len(strings.ToValidUTF8(string(value[:200]), ""))], "…"...)
	}
	element := ""
	if m.element > 0 {
		element = strconv.FormatInt(m.element, 10)
	}
	var line []byte
	for i, text := range []string{
		k.job.Target.Bare(), sourceName(k.job.Source), k.file.Path, strconv.FormatInt(m.line, 10), m.column, string(value), m.reason, k.job.RunID,
		element,
	} {
		if i > 0 {
			line = append(line, ',')
		}
		if start := len(line); text != "" {
			line, _, _ = quote(append(line, text...), start)
		}
	}
	_, _ = k.rejects.Write(append(line, '\n')) // the error stays and comes with Flush
	return nil
}

// sourceName is what people call a source: source.table.
func sourceName(s *runner.Source) string {
	if s.Source == "" {
		return s.Name
	}
	return s.Source + "." + s.Name
}
