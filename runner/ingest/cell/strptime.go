package cell

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// format is a declared date format: directives and literal bytes in turn.
type format []part

type part struct {
	directive byte // 0: literal
	literal   byte
}

// directives are those of strptime that a date or a time needs.
const directives = "YymdeBbHIMSfpzAa%"

func parseFormat(text string) (format, error) {
	var f format
	seen := map[byte]bool{}
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			f = append(f, part{literal: text[i]})
			continue
		}
		i++
		if i < len(text) && text[i] == '-' { // %-d: without a leading zero, which is optional here anyway
			i++
		}
		if i == len(text) || !strings.Contains(directives, text[i:i+1]) {
			return nil, fmt.Errorf("date format %q: unknown directive at %q; there are %%Y %%y %%m %%d %%b %%B %%H %%I %%M %%S %%f %%p %%z %%a %%A", text, text[i-1:])
		}
		if text[i] == '%' {
			f = append(f, part{literal: '%'})
			continue
		}
		seen[text[i]] = true
		f = append(f, part{directive: text[i]})
	}
	switch {
	case !seen['Y'] && !seen['y']:
		return nil, fmt.Errorf("date format %q: lacks the year, %%Y or %%y", text)
	case !seen['m'] && !seen['b'] && !seen['B']:
		return nil, fmt.Errorf("date format %q: lacks the month, %%m or %%b", text)
	case !seen['d'] && !seen['e']:
		return nil, fmt.Errorf("date format %q: lacks the day, %%d", text)
	}
	return f, nil
}

// read reads the whole text by the format.
func (f format) read(text []byte) (m moment, ok bool) {
	s := scanner{text: text}
	afternoon, halves := false, false
	for _, p := range f {
		switch p.directive {
		case 0:
			ok = s.byte(p.literal)
		case 'p':
			afternoon, ok = s.half()
			halves = true
		default:
			ok = s.directive(p.directive, &m)
		}
		if !ok {
			return m, false
		}
	}
	if halves {
		if m.hour < 1 || m.hour > 12 {
			return m, false
		}
		m.hour %= 12
		if afternoon {
			m.hour += 12
		}
	}
	return m, s.rest() == 0
}

// directive reads what one directive stands for.
func (s *scanner) directive(d byte, m *moment) bool {
	switch d {
	case 'Y':
		return s.number(4, 4, &m.year)
	case 'y':
		ok := s.number(2, 2, &m.year)
		if m.year += 2000; m.year >= 2069 { // as POSIX has it
			m.year -= 100
		}
		return ok
	case 'm':
		return s.number(1, 2, &m.month)
	case 'd', 'e':
		s.byte(' ')
		return s.number(1, 2, &m.day)
	case 'b', 'B':
		return s.name(12, func(i int) string { return time.Month(i + 1).String() }, &m.month)
	case 'a', 'A':
		var day int
		return s.name(7, func(i int) string { return time.Weekday(i).String() }, &day)
	case 'H', 'I':
		return s.number(1, 2, &m.hour)
	case 'M':
		return s.number(2, 2, &m.minute)
	case 'S':
		return s.number(2, 2, &m.second)
	case 'f':
		return s.fraction(m)
	default: // z
		return s.rest() > 0 && s.zone(m)
	}
}

// name reads an English name, whole or its first three letters, and gives its number from 1.
func (s *scanner) name(count int, nameOf func(int) string, into *int) bool {
	rest := s.text[s.at:]
	for i := range count {
		name := nameOf(i)
		for _, length := range []int{len(name), 3} {
			if len(rest) >= length && bytes.EqualFold(rest[:length], []byte(name[:length])) {
				*into, s.at = i+1, s.at+length
				return true
			}
		}
	}
	return false
}

// half reads AM or PM.
func (s *scanner) half() (afternoon, ok bool) {
	rest := s.text[s.at:]
	if len(rest) < 2 || rest[1]|0x20 != 'm' || rest[0]|0x20 != 'a' && rest[0]|0x20 != 'p' {
		return false, false
	}
	s.at += 2
	return rest[0]|0x20 == 'p', true
}
