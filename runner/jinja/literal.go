package jinja

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// digits skips digits of a base with single underscores between them, starting at i, and gives the end.
func (l *lexer) digits(i int, is func(byte) bool) int {
	for i < len(l.src) {
		switch {
		case is(l.src[i]):
			i++
		case l.src[i] == '_' && i+1 < len(l.src) && is(l.src[i+1]):
			i += 2
		default:
			return i
		}
	}
	return i
}

func isDec(c byte) bool { return c >= '0' && c <= '9' }
func isBin(c byte) bool { return c == '0' || c == '1' }
func isOct(c byte) bool { return c >= '0' && c <= '7' }
func isHex(c byte) bool { return isDec(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// number lexes an integer or float. After a dot only an integer is possible: `x.0.1` are two subscripts.
func (l *lexer) number() {
	start := l.pos
	at := func(i int) byte {
		if i < len(l.src) {
			return l.src[i]
		}
		return 0
	}
	if at(start) == '0' {
		for c, is := range map[byte]func(byte) bool{'b': isBin, 'o': isOct, 'x': isHex} {
			first := start + 2
			if at(first) == '_' {
				first++
			}
			if at(start+1)|0x20 == c && is(at(first)) {
				l.pos = l.digits(first, is)
				l.add(tokInt, start, l.pos, l.src[start:l.pos])
				return
			}
		}
	}
	end := l.digits(start, isDec)
	float := false
	if start == 0 || at(start-1) != '.' {
		i := end
		if at(i) == '.' && isDec(at(i+1)) {
			i = l.digits(i+1, isDec)
			end, float = i, true
		}
		if at(i)|0x20 == 'e' {
			i++
			if at(i) == '+' || at(i) == '-' {
				i++
			}
			if isDec(at(i)) {
				end, float = l.digits(i, isDec), true
			}
		}
	}
	if float {
		l.add(tokFloat, start, end, l.src[start:end])
	} else {
		if at(start) == '0' { // 012 is 0 followed by 12, and then no valid expression
			end = l.digits(start, func(c byte) bool { return c == '0' })
		}
		l.add(tokInt, start, end, l.src[start:end])
	}
	l.pos = end
}

// str lexes a string literal and decodes its escapes.
func (l *lexer) str(quote byte) error {
	start := l.pos
	escaped := false
	for i := start + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			escaped = true
			i++
		case quote:
			s := l.src[start+1 : i]
			if escaped {
				var err error
				if s, err = unescape(s); err != nil {
					return &syntaxError{pos: start, msg: err.Error()}
				}
			}
			l.add(tokString, start, i+1, s)
			l.pos = i + 1
			return nil
		}
	}
	return &syntaxError{pos: start, msg: "unexpected character " + reprStr(string(quote)), hint: "the string is not closed"}
}

// unescape decodes Python's string escapes; an unknown one stays as it is.
func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		c := s[i]
		simple := strings.IndexByte("ntrabfv\\'\"", c)
		switch {
		case simple >= 0:
			b.WriteByte("\n\t\r\a\b\f\v\\'\""[simple])
		case c == '\n':
		case isOct(c):
			end := i + 1
			for end < len(s) && end < i+3 && isOct(s[end]) {
				end++
			}
			n, _ := strconv.ParseUint(s[i:end], 8, 32)
			b.WriteRune(rune(n))
			i = end - 1
		case c == 'x' || c == 'u' || c == 'U':
			size := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if i+1+size > len(s) {
				return "", valueError("truncated \\%cXX escape", c)
			}
			n, err := strconv.ParseUint(s[i+1:i+1+size], 16, 32)
			if err != nil || n > utf8.MaxRune {
				return "", valueError("invalid \\%c escape", c)
			}
			b.WriteRune(rune(n))
			i += size
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}
