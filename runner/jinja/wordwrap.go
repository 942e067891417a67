package jinja

import (
	"strings"
	"unicode/utf8"
)

// wordWrapFilter wraps every line of a text as Python's textwrap does.
func wordWrapFilter(a []Value, c *Call) (Value, error) {
	if u, ok := a[0].(*Undefined); ok {
		return nil, u.err()
	}
	width, err := needInt(a[1])
	if err != nil {
		return nil, err
	}
	if width <= 0 {
		return nil, valueError("invalid width %d (must be > 0)", width)
	}
	sep := "\n"
	if a[3] != nil {
		sep = ToString(a[3])
	}
	w := &wrapper{width: width, breakLong: Truth(a[2]), hyphens: Truth(a[4])}
	s, ok := Str(a[0])
	if !ok {
		return nil, fail(kindAttribute, "'%s' object has no attribute 'splitlines'", typeName(a[0]))
	}
	if err := c.s.spendTimes(len(sep)+1, len(s)); err != nil {
		return nil, err
	}
	var out []string
	for _, line := range splitLines(s, false) {
		out = append(out, strings.Join(w.wrap(line), sep))
	}
	return strings.Join(out, sep), nil
}

// wrapper fills lines up to a width.
type wrapper struct {
	width     int
	breakLong bool
	hyphens   bool
}

// chunks cuts a line into words and runs of white space; words may end after a hyphen.
func (w *wrapper) chunks(line string) []string {
	var out []string
	for line != "" {
		space := isSpace(firstRune(line))
		i := strings.IndexFunc(line, func(r rune) bool { return isSpace(r) != space })
		if i < 0 {
			i = len(line)
		}
		word := line[:i]
		line = line[i:]
		for w.hyphens && !space {
			j := hyphenBreak(word)
			if j < 0 {
				break
			}
			out = append(out, word[:j])
			word = word[j:]
		}
		out = append(out, word)
	}
	return out
}

// hyphenBreak finds where a word may break: after a hyphen between letters.
func hyphenBreak(word string) int {
	r := []rune(word)
	size := 0
	for i, c := range r {
		size += utf8.RuneLen(c)
		if c != '-' || i < 2 || i+2 >= len(r) {
			continue
		}
		if isLetter(r[i-1]) && isLetter(r[i-2]) && isLetter(r[i+1]) && isLetter(r[i+2]) {
			return size
		}
	}
	return -1
}

func isLetter(r rune) bool { return isWord(r) && (r < '0' || r > '9') && r != '_' }

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func (w *wrapper) wrap(line string) []string {
	var out []string
	chunks := w.chunks(line)
	for len(chunks) > 0 {
		var cur []string
		size := 0
		if len(out) > 0 && strings.TrimFunc(chunks[0], isSpace) == "" {
			chunks = chunks[1:]
		}
		for len(chunks) > 0 {
			n := utf8.RuneCountInString(chunks[0])
			if size+n > w.width {
				break
			}
			cur, size, chunks = append(cur, chunks[0]), size+n, chunks[1:]
		}
		if len(chunks) > 0 && utf8.RuneCountInString(chunks[0]) > w.width {
			cur, chunks = w.long(cur, size, chunks)
		}
		if len(cur) > 0 && strings.TrimFunc(cur[len(cur)-1], isSpace) == "" {
			cur = cur[:len(cur)-1]
		}
		if len(cur) > 0 {
			out = append(out, strings.Join(cur, ""))
		}
	}
	return out
}

// afterHyphen is where a word is cut that does not fit: behind its last hyphen, if anything else stands before that.
func afterHyphen(r []rune) int {
	for i := len(r) - 1; i > 0; i-- {
		if r[i] == '-' && strings.Trim(string(r[:i]), "-") != "" {
			return i + 1
		}
	}
	return len(r)
}

// long places a chunk that is wider than a line.
func (w *wrapper) long(cur []string, size int, chunks []string) ([]string, []string) {
	if w.breakLong {
		room := w.width - size
		r := []rune(chunks[0])
		if w.hyphens {
			room = afterHyphen(r[:room])
		}
		chunks[0] = string(r[room:])
		return append(cur, string(r[:room])), chunks
	}
	if len(cur) == 0 {
		return append(cur, chunks[0]), chunks[1:]
	}
	return cur, chunks
}
