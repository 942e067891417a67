package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordWrapFilter wraps every line of a text as Python's textwrap does.
func wordWrapFilter(a []Value, c *Call) (Value, error) {
	if u, ok := a[0].(*Undefined); ok {
		return nil, u.err()
	}
	width, err := needCount(a[1])
	if err != nil {
		return nil, err
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
	lines := splitLines(s, false)
	if width <= 0 && len(lines) > 0 {
		return nil, valueError("invalid width %d (must be > 0)", width)
	}
	var out []string
	for _, line := range lines {
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

// chunks cuts a line into runs of white space, words, which may end after a hyphen, and dashes between words.
func (w *wrapper) chunks(line string) []string {
	var out []string
	for line != "" {
		space := isWrapSpace(firstRune(line))
		i := strings.IndexFunc(line, func(r rune) bool { return isWrapSpace(r) != space })
		if i < 0 {
			i = len(line)
		}
		word := []rune(line[:i])
		line = line[i:]
		for start := 0; w.hyphens && !space; {
			n := hyphenBreak(word, start)
			if n == len(word) {
				word = word[start:]
				break
			}
			out = append(out, string(word[start:n]))
			start = n
		}
		out = append(out, string(word))
	}
	return out
}

func isWrapSpace(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' }

// hyphenBreak finds where the piece of a word that begins at start ends: behind the hyphen of a compound, before or
// behind a dash of several hyphens between words, or at the end.
func hyphenBreak(word []rune, start int) int {
	at := func(i int, is func(rune) bool) bool { return i >= 0 && i < len(word) && is(word[i]) }
	hyphen := func(r rune) bool { return r == '-' }
	dash := func(i int) (end int, ok bool) { // hyphens from i on, between words
		for end = i; at(end, hyphen); end++ {
		}
		return end, end-i >= 2 && at(i-1, isWordPunct) && at(end, isWord)
	}
	if end, ok := dash(start); ok {
		return end
	}
	for i := start + 1; i < len(word); i++ {
		if _, ok := dash(i); ok {
			return i
		}
		// a hyphen behind two letters, or a letter, a hyphen and a letter
		before := at(i-1, isLetter) && (at(i-2, isLetter) || at(i-2, hyphen) && at(i-3, isLetter))
		after := at(i+1, isLetter) && (at(i+2, isLetter) || at(i+2, hyphen) && at(i+3, isLetter))
		if word[i] == '-' && before && after {
			return i + 1
		}
	}
	return len(word)
}

func isWordPunct(r rune) bool { return isWord(r) || strings.ContainsRune("!\"'&.,?", r) }

func isLetter(r rune) bool { return isWord(r) && !unicode.IsDigit(r) }

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
