package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Shape is what a JSON value is.
type Shape uint8

const (
	Missing Shape = iota
	Null
	String
	Number
	Bool
	Nested
)

// Value is a JSON value: the text of a string without quotes and escapes, any other as it stands.
type Value struct {
	Shape Shape
	Text  []byte
}

// Object is one element of a JSON file. Its slices are good until the next one is read.
type Object struct {
	Line    int64
	Col     int   // where it begins, in characters from 1
	Number  int64 // of the element in the file, from 1
	Raw     []byte
	Values  []Value // by slot; Missing where the object lacks the key
	Again   int     // a slot that more than one key fills, -1 if there is none
	Problem string  // why it is no object that could be read; empty if it is
	Short   bool    // the problem is that its line ends within it
}

// SyntaxError is JSON that cannot be read on from.
type SyntaxError struct {
	Line  int64
	Col   int // in characters
	Whole int64
	Msg   string
}

// Error says what was expected, and how many elements were whole.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s (%d elements before it are whole)", e.Msg, e.Whole)
}

// JSON reads an array of objects, or one object a line. Of a key that comes twice in an object, the last value counts.
//
// A line that is not an object is an Object with a problem, and so is an element of an array. An array that is malformed
// ends the reading with a *SyntaxError.
type JSON struct {
	window
	slot    func(key []byte) int // the place of a key in Values, -1 for none
	slots   int
	lines   bool // one object a line
	began   bool
	closed  bool
	line    int64 // of the first byte of rest
	col     int   // characters before it in that line
	halfway bool  // \r has been consumed, of which \n may be the other half
	count   int64
	scratch []byte
}

// NewJSON reads UTF-8 from in. Slot tells where in Object.Values, which has so many slots, the value of a key goes; it
// may keep neither key nor its bytes.
func NewJSON(in io.Reader, slots int, slot func(key []byte) int) (*JSON, error) {
	r := &JSON{window: window{in: in, data: make([]byte, 0, 1<<18)}, slot: slot, slots: slots, line: 1}
	for !r.began {
		r.consume(blanks(r.rest()))
		if len(r.rest()) > 0 || r.eof {
			break
		}
		if err := r.more(); err != nil {
			return nil, err
		}
	}
	switch rest := r.rest(); {
	case len(rest) == 0:
		return nil, r.syntax(0, "expected an array of objects, or one object a line; found nothing")
	case rest[0] == '[':
		r.consume(1)
	case rest[0] == '{':
		r.lines = true
	default:
		return nil, r.syntax(0, "expected an array of objects, or one object a line")
	}
	return r, nil
}

// Next reads one element, and returns io.EOF after the last one.
func (r *JSON) Next(o *Object) error {
	if r.lines {
		return r.nextLine(o)
	}
	for {
		size, err := r.element(r.rest(), o)
		switch {
		case errors.Is(err, errShort) && !r.eof && len(r.rest()) <= 16*MaxSize:
			if err := r.more(); err != nil {
				return err
			}
			continue
		case errors.Is(err, errShort):
			return r.syntax(len(r.rest()), "the array is cut off: expected ] at its end")
		case err != nil:
			return err
		}
		o.Line, o.Col = r.place(r.rest()[:size-len(o.Raw)])
		r.consume(size)
		r.count++
		o.Number = r.count
		return nil
	}
}

// place is where an element begins, behind the blanks and the comma before it.
func (r *JSON) place(before []byte) (line int64, col int) {
	if end := max(bytes.LastIndexByte(before, '\n'), bytes.LastIndexByte(before, '\r')); end >= 0 {
		return r.line + breaks(before), len(before) - end
	}
	return r.line, r.col + len(before) + 1
}

// element reads the next element of an array, from behind the last one.
func (r *JSON) element(text []byte, o *Object) (int, error) {
	i := blanks(text)
	if i == len(text) {
		if r.closed && r.eof {
			return 0, io.EOF
		}
		return 0, errShort
	}
	switch {
	case r.closed:
		return 0, r.syntax(i, "expected nothing after the array")
	case text[i] == ']':
		r.closed = true
		r.consume(i + 1)
		return r.element(r.rest(), o)
	case r.began && text[i] != ',':
		return 0, r.syntax(i, "expected a comma or ] after an element")
	case r.began:
		i++
		i += blanks(text[i:])
	}
	size, err := r.object(text[i:], o)
	if err == nil {
		r.began = true
		return i + size, nil
	}
	var bad *misfit
	if errors.As(err, &bad) {
		return 0, r.syntax(i+bad.at, bad.want)
	}
	return 0, err
}

const severalLines = "expected an array of objects, or one object a line; found an object over several lines: where it wraps the array, take " +
	"that out, as in jq .data"

// nextLine reads the next line that is not blank.
func (r *JSON) nextLine(o *Object) error {
	for {
		rest := r.rest()
		end := bytes.IndexByte(rest, '\n')
		switch {
		case end < 0 && !r.eof && len(rest) <= 16*MaxSize:
			if err := r.more(); err != nil {
				return err
			}
			continue
		case end < 0 && len(rest) == 0:
			return io.EOF
		case end < 0 && !r.eof:
			return r.syntax(0, "expected a line of at most 16 MiB")
		case end < 0:
			end = len(rest)
		}
		line := bytes.TrimRight(rest[:end], " \t\r")
		if r.pos = min(r.pos+end+1, len(r.data)); len(line) == 0 {
			r.line++
			continue
		}
		size, err := r.object(line, o)
		short := errors.Is(err, errShort)
		if short && r.count == 0 && bytes.IndexByte([]byte("{[,:"), line[len(line)-1]) >= 0 {
			return r.syntax(0, severalLines)
		}
		if err != nil {
			o.Problem, o.Short, size = broken(line, err), short, len(line)
		}
		if size += blanks(line[size:]); size < len(line) {
			o.Problem = fmt.Sprintf("expected the end of the line at column %d", utf8.RuneCount(line[:size])+1)
		}
		o.Raw, o.Line, o.Col = line, r.line, 1
		r.line++
		r.count++
		o.Number = r.count
		return nil
	}
}

// broken tells why a line is no JSON.
func broken(line []byte, err error) string {
	var bad *misfit
	if errors.As(err, &bad) {
		return fmt.Sprintf("%s at column %d", bad.want, utf8.RuneCount(line[:bad.at])+1)
	}
	return "expected a whole JSON object on the line; it ends too early"
}

// consume passes over bytes of the rest and keeps the place.
func (r *JSON) consume(size int) {
	passed := r.rest()[:size]
	r.pos += size
	if size == 0 {
		return
	}
	if r.halfway && passed[0] == '\n' {
		r.line--
	}
	r.halfway = passed[size-1] == '\r'
	if bytes.IndexByte(passed, '\r') >= 0 {
		passed = bytes.ReplaceAll(bytes.ReplaceAll(passed, []byte("\r\n"), []byte{'\n'}), []byte{'\r'}, []byte{'\n'})
	}
	for {
		newline := bytes.IndexByte(passed, '\n')
		if newline < 0 {
			break
		}
		r.line, r.col, passed = r.line+1, 0, passed[newline+1:]
	}
	r.col += utf8.RuneCount(passed)
}

// syntax is an error at a place in the rest.
func (r *JSON) syntax(at int, msg string) *SyntaxError {
	r.consume(at)
	return &SyntaxError{Line: r.line, Col: r.col + 1, Whole: r.count, Msg: msg}
}
