package ingest

import (
	"bytes"
	"unicode/utf8"

	"elt/runner/ingest/record"
)

// counter counts lines and records of a text that comes in pieces, and notices whatever a strict reader of CSV might take
// otherwise than ours. It never holds more than one line.
type counter struct {
	delimiter byte
	skip      int64 // lines above the data

	lines   int64
	filled  int64 // the last line that is not blank
	records int64
	odd     bool // records may be wrong: the text needs the careful reader

	multiline bool  // a value has a line end in it
	quoted    bool  // within a quoted field, which goes on in the next line
	size      int64 // of the record so far
	newline   [2]int64
	returns   int64 // \r in all
	carry     []byte
	tail      []byte
}

// tailSize is how much of the end is kept to look for a line of totals.
const tailSize = 16 << 10

// add counts a piece of text.
func (c *counter) add(piece []byte) {
	c.returns += int64(bytes.Count(piece, []byte{'\r'}))
	if len(piece) >= tailSize {
		c.tail = append(c.tail[:0], piece[len(piece)-tailSize:]...)
	} else {
		c.tail = append(c.tail, piece...)
		c.tail = c.tail[max(0, len(c.tail)-tailSize):]
	}
	last := bytes.LastIndexByte(piece, '\n')
	if last < 0 {
		c.keep(piece)
		return
	}
	text := piece[:last+1]
	if len(c.carry) > 0 {
		first := bytes.IndexByte(piece, '\n')
		c.keep(piece[:first+1])
		c.text(c.carry)
		c.carry = c.carry[:0]
		text = piece[first+1 : last+1]
	}
	c.text(text)
	c.keep(piece[last+1:])
}

// keep puts the beginning of a line aside. Of a line that is too long, only the length of the limit is kept.
func (c *counter) keep(piece []byte) {
	if len(c.carry)+len(piece) > record.MaxSize+4096 {
		c.odd = true
		c.returns -= int64(bytes.Count(c.carry, []byte{'\r'})) // counted where they go
		c.lines += int64(bytes.Count(c.carry, []byte{'\r'}))
		c.carry = c.carry[:0]
	}
	c.carry = append(c.carry, piece...)
}

// text counts whole lines.
func (c *counter) text(text []byte) {
	if !c.odd && (!utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0) {
		c.odd = true
	}
	quotes := bytes.IndexByte(text, '"') >= 0
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			end = len(text) - 1
		}
		line := text[:end]
		text = text[end+1:]
		c.lines++
		crlf := end > 0 && line[end-1] == '\r'
		if crlf {
			line = line[:end-1]
			c.newline[1]++
		} else {
			c.newline[0]++
		}
		if len(line) > 0 {
			c.filled = c.lines
		}
		if c.lines > c.skip && !c.odd {
			c.line(line, quotes)
		}
	}
}

// line counts one line of data.
func (c *counter) line(line []byte, quotes bool) {
	if !c.quoted {
		c.size = 0
	}
	if c.size += int64(len(line)) + 2; c.size > record.MaxSize {
		c.odd = true
	}
	if c.quoted || quotes && bytes.IndexByte(line, '"') >= 0 {
		c.fields(line)
	}
	c.multiline = c.multiline || c.quoted
	if !c.quoted && (len(line) > 0 || c.size > 2) {
		c.records++
	}
}

// fields follows the quotes of a line. Anything but "…" from one delimiter to the next is odd.
func (c *counter) fields(line []byte) {
	for i := 0; ; {
		if !c.quoted {
			if i < len(line) && line[i] == '"' {
				c.quoted = true
				i++
				continue
			}
			field := line[i:]
			next := bytes.IndexByte(field, c.delimiter)
			if next >= 0 {
				field = field[:next]
			}
			if bytes.IndexByte(field, '"') >= 0 {
				c.odd = true
			}
			if next < 0 {
				return
			}
			i += next + 1
			continue
		}
		closing := bytes.IndexByte(line[i:], '"')
		if closing < 0 {
			return
		}
		i += closing + 1
		switch {
		case i < len(line) && line[i] == '"':
			i++
		case i == len(line):
			c.quoted = false
			return
		case line[i] == c.delimiter:
			c.quoted = false
			i++
		default:
			c.odd = true
			return
		}
	}
}

// close counts what is left and settles whether the text is plain.
func (c *counter) close() {
	if len(c.carry) > 0 {
		ended := c.carry[len(c.carry)-1] == '\r' // which ends a line by itself
		c.text(append(c.carry, '\n'))
		if c.newline[0]--; ended {
			c.newline[0], c.newline[1] = c.newline[0]+1, c.newline[1]-1
		}
	}
	if lone := c.returns - c.newline[1]; lone > 0 { // each one ends a line, unless it was the last byte
		c.odd = true
		c.lines += lone
		c.filled = c.lines
		if len(c.tail) > 0 && c.tail[len(c.tail)-1] == '\r' {
			c.lines--
		}
	}
	c.odd = c.odd || c.quoted || c.newline[0] > 0 && c.newline[1] > 0
}

// totals tells whether one of the last four lines speaks of a total.
func (c *counter) totals() bool {
	tail := bytes.TrimRight(c.tail, " \t\r\n")
	start := len(tail)
	for range tailLines {
		start = max(0, bytes.LastIndexByte(tail[:start], '\n'))
	}
	return bytes.Contains(bytes.ToLower(tail[start:]), []byte("total"))
}

// tailLines is how many lines from the end a line of totals may stand.
const tailLines = 4
