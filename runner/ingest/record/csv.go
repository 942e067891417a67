package record

import (
	"bytes"
	"fmt"
	"io"
)

// MaxSize is how long a record may be. A longer one is a problem: most likely a quote that is never closed.
const MaxSize = 900_000

// Row is one record of a CSV file. Its slices are good until the next one is read.
type Row struct {
	Line    int64    // where it begins, as an editor counts
	Lines   int64    // how many it takes
	Raw     []byte   // as it stands, without its line end
	Fields  [][]byte // without quotes
	Problem string   // why it could not be cut into fields; empty if it could
}

// CSV reads records of RFC 4180 and those near it: lines may end in \n, \r\n or \r in any mixture; spaces may stand around
// quotes; a quote inside an unquoted field is itself. Blank lines are passed over.
//
// A quote that is not closed where a field ends makes a problem of its first line only, and the reading goes on with the
// next line: so it never swallows the lines below.
type CSV struct {
	window
	delimiter byte
	line      int64
	blank     int64
	scratch   []byte
}

// NewCSV reads UTF-8 from in; line is the number of its first line.
func NewCSV(in io.Reader, delimiter byte, line int64) *CSV {
	return &CSV{window: window{in: in, data: make([]byte, 0, 1<<18)}, delimiter: delimiter, line: line}
}

// Blank is the number of blank lines passed over so far.
func (r *CSV) Blank() int64 { return r.blank }

// Ended tells, once everything has been read, whether the text ends with a line end.
func (r *CSV) Ended() bool { return r.last == '\n' || r.last == '\r' }

// Next reads one record into row, and returns io.EOF after the last one.
func (r *CSV) Next(row *Row) error {
	for {
		rest := r.rest()
		if len(rest) == 0 && r.eof {
			return io.EOF
		}
		size, outcome := 0, hungry
		if len(rest) > 0 {
			size, outcome = r.cut(rest, row)
		}
		switch outcome {
		case hungry:
			if err := r.more(); err != nil {
				return err
			}
			continue
		case blank:
			r.pos += size
			r.line++
			r.blank++
			continue
		}
		r.pos += size
		row.Line = r.line
		r.line += row.Lines
		return nil
	}
}

// outcome tells what cut found.
type outcome uint8

const (
	whole  outcome = iota
	blank          // a line without anything
	hungry         // the record goes on behind what has been read
)

// cut finds one record at the beginning of text. The size includes its line end.
func (r *CSV) cut(text []byte, row *Row) (int, outcome) {
	end, next, found := r.lineEnd(text)
	if !found && len(text) <= MaxSize {
		return 0, hungry
	}
	if !found || end > MaxSize {
		return r.tooLong(text, row)
	}
	if end == 0 {
		return next, blank
	}
	row.Fields, row.Lines, row.Problem, row.Raw = row.Fields[:0], 1, "", text[:end]
	if bytes.IndexByte(text[:end], '"') < 0 {
		row.Fields = splitInto(row.Fields, text[:end], r.delimiter)
		return next, whole
	}
	size, outcome, problem := r.quoted(text, row)
	if problem != "" { // the line by itself
		row.Fields, row.Lines, row.Problem, row.Raw = row.Fields[:0], 1, problem, text[:end]
		return next, whole
	}
	return size, outcome
}

// lineEnd finds where the first line ends and the next one begins; the end of the file ends a line too.
func (r *CSV) lineEnd(text []byte) (end, next int, found bool) {
	i := bytes.IndexByte(text, '\n')
	line := text
	if i >= 0 {
		line = text[:i]
	}
	switch j := bytes.IndexByte(line, '\r'); {
	case j >= 0 && j+1 == i:
		return j, i + 1, true
	case j >= 0 && (j+1 < len(text) || r.eof):
		return j, j + 1, true
	case j >= 0:
		return 0, 0, false // \n may follow
	case i >= 0:
		return i, i + 1, true
	}
	return len(text), len(text), r.eof
}

// tooLong consumes the line that is there, to its end or as far as it has been read, as one record with a problem.
func (r *CSV) tooLong(text []byte, row *Row) (int, outcome) {
	row.Fields, row.Lines, row.Raw = row.Fields[:0], 1, text[:min(len(text), 256)]
	row.Problem = fmt.Sprintf("expected a line of at most %d bytes", MaxSize)
	row.Raw = bytes.Clone(row.Raw)
	for {
		if _, next, found := r.lineEnd(text); found {
			return next, whole
		}
		r.pos = len(r.data)
		if r.data[r.pos-1] == '\r' { // \n may follow
			r.pos--
		}
		if err := r.more(); err != nil {
			return len(r.rest()), whole // and the next reading meets the error again
		}
		text = r.rest()
	}
}

func splitInto(fields [][]byte, line []byte, delimiter byte) [][]byte {
	for {
		i := bytes.IndexByte(line, delimiter)
		if i < 0 {
			return append(fields, line)
		}
		fields = append(fields, line[:i])
		line = line[i+1:]
	}
}

const openQuote = `a quote is opened and not closed before the end of the field (a quote inside a value is written twice: "")`

// quoted cuts a record with quotes in it, which may take several lines.
func (r *CSV) quoted(text []byte, row *Row) (int, outcome, string) {
	r.scratch = r.scratch[:0]
	for i := 0; ; {
		start := i
		for i < len(text) && text[i] == ' ' && r.delimiter != ' ' {
			i++
		}
		var field []byte
		if i < len(text) && text[i] == '"' {
			var closed bool
			field, i, closed = r.unquote(text, i+1)
			if !closed {
				if r.eof || len(text) > MaxSize {
					return 0, whole, openQuote
				}
				return 0, hungry, ""
			}
			for i < len(text) && text[i] == ' ' {
				i++
			}
		} else {
			i = start
			for i < len(text) && text[i] != r.delimiter && text[i] != '\n' && text[i] != '\r' {
				i++
			}
			field = text[start:i]
		}
		row.Fields = append(row.Fields, field)
		if i < len(text) && text[i] == r.delimiter {
			i++
			continue
		}
		end, next, found := r.lineEnd(text[i:])
		switch {
		case i == len(text) && !r.eof, !found && i < len(text) && text[i] == '\r':
			return 0, hungry, ""
		case found && end == 0:
			row.Raw = text[:i]
			row.Lines = 1 + breaks(row.Raw)
			return i + next, whole, ""
		default:
			return 0, whole, openQuote
		}
	}
}

// unquote reads from behind the opening quote to behind the closing one.
func (r *CSV) unquote(text []byte, from int) (field []byte, next int, closed bool) {
	start := len(r.scratch)
	for i := from; ; {
		j := bytes.IndexByte(text[i:], '"')
		if j < 0 {
			return nil, 0, false
		}
		j += i
		switch {
		case j+1 < len(text) && text[j+1] == '"':
			r.scratch = append(r.scratch, text[i:j+1]...)
			i = j + 2
		case j+1 == len(text) && !r.eof: // another quote may follow
			return nil, 0, false
		case i == from:
			return text[from:j], j + 1, true
		default:
			r.scratch = append(r.scratch, text[i:j]...)
			return r.scratch[start:], j + 1, true
		}
	}
}

// breaks counts the line ends in a text.
func breaks(text []byte) int64 {
	return int64(bytes.Count(text, []byte{'\n'}) + bytes.Count(text, []byte{'\r'}) - bytes.Count(text, []byte("\r\n")))
}

// Place is where field i of the row begins: lines below the row's own, and the column in characters from 1. The field must
// be one of row.Fields.
func (row *Row) Place(i int, delimiter byte) (below int64, col int) {
	quoted, blank, at := false, true, 0 // blank: nothing but spaces since the field began
	for n := 0; n < i && at < len(row.Raw); at++ {
		switch c := row.Raw[at]; {
		case c == '"' && (quoted || blank):
			quoted, blank = !quoted, true
		case c == delimiter && !quoted:
			n++
			blank = true
		case c != ' ':
			blank = false
		}
	}
	before := row.Raw[:at]
	below = breaks(before)
	return below, len([]rune(string(before[bytes.LastIndexAny(before, "\r\n")+1:]))) + 1
}
