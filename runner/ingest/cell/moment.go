package cell

import (
	"bytes"
	"fmt"
	"time"
)

// moment reads a date or a timestamp: ISO 8601 first, then the declared formats in order. As a date, a timestamp counts
// with the day as written, whatever its zone; as a timestamp, a zone is brought to UTC and a date is its midnight.
func (r *Reader) moment(out, text []byte) ([]byte, string) {
	m, ok := iso(text)
	for i := 0; !ok && i < len(r.formats); i++ {
		m, ok = r.formats[i].read(text)
	}
	if !ok {
		return out, r.wanted(text)
	}
	if !m.exists() {
		return out, "expected a date that exists"
	}
	if r.Type.Kind == Date {
		return appendDate(out, m.year, m.month, m.day), ""
	}
	t := time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second, m.nanos, time.UTC)
	t = t.Add(-time.Duration(m.offset) * time.Second)
	if t.Year() < 1 || t.Year() > 9999 {
		return out, "expected a year from 1 to 9999"
	}
	out = appendDate(out, t.Year(), int(t.Month()), t.Day())
	return t.AppendFormat(out, " 15:04:05.999999"), ""
}

// moment is a time as written.
type moment struct {
	year, month, day            int
	hour, minute, second, nanos int
	offset                      int // seconds east of UTC
}

func (m moment) exists() bool {
	if m.year < 1 || m.year > 9999 || m.month < 1 || m.month > 12 || m.day < 1 {
		return false
	}
	days := time.Date(m.year, time.Month(m.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return m.day <= days && m.hour < 24 && m.minute < 60 && m.second < 60
}

// iso reads 2024-12-31, alone or followed by a time: T or a space, 23:59, seconds, a fraction, Z or an offset. Months and
// days may have one digit, slashes may stand for dashes; 20241231 will do too.
func iso(text []byte) (m moment, ok bool) {
	s := scanner{text: text}
	if len(text) == 8 && s.number(8, 8, &m.year) && s.rest() == 0 {
		m.year, m.month, m.day = m.year/10000, m.year/100%100, m.year%100
		return m, true
	}
	s = scanner{text: text}
	if !s.number(4, 4, &m.year) {
		return m, false
	}
	sep := s.peek()
	if sep != '-' && sep != '/' || !s.byte(sep) || !s.number(1, 2, &m.month) || !s.byte(sep) || !s.number(1, 2, &m.day) {
		return m, false
	}
	if s.rest() == 0 {
		return m, true
	}
	if !s.byte('T') && !s.byte('t') && !s.byte(' ') {
		return m, false
	}
	return m, s.clock(&m) && s.zone(&m) && s.rest() == 0
}

// wanted is the reason why a text is no date, with a proposal where it looks like one.
func (r *Reader) wanted(text []byte) string {
	example := "2024-12-31"
	if r.Type.Kind == Timestamp {
		example = "2024-12-31 23:59:59"
	}
	reason := fmt.Sprintf("expected a %s such as %s", r.Type, example)
	if len(r.formats) > 0 {
		reason += " or in one of the declared date_formats"
	}
	if proposal := propose(text); proposal != "" {
		reason += "; declare date_formats: " + proposal
	}
	return reason
}

// propose names the formats that a text in another order may have.
func propose(text []byte) string {
	i := bytes.IndexAny(text, "/.-")
	if i < 1 {
		return ""
	}
	s, sep := scanner{text: text}, text[i]
	var first, second, year int
	if !s.number(1, 2, &first) || !s.byte(sep) || !s.number(1, 2, &second) || !s.byte(sep) {
		return ""
	}
	long := s.number(4, 4, &year)
	if !long && !s.number(2, 2, &year) || s.rest() > 0 && s.peek() != ' ' {
		return ""
	}
	mark := "%y"
	if long {
		mark = "%Y"
	}
	dayFirst := fmt.Sprintf("[\"%%d%c%%m%c%s\"]", sep, sep, mark)
	monthFirst := fmt.Sprintf("[\"%%m%c%%d%c%s\"]", sep, sep, mark)
	switch {
	case first > 12:
		return dayFirst
	case second > 12:
		return monthFirst
	default:
		return dayFirst + " (day first) or " + monthFirst + " (month first)"
	}
}

// scanner reads fixed parts of a text.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) rest() int { return len(s.text) - s.at }

// peek is the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) byte(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// number reads least to most digits; it reads none if there are fewer.
func (s *scanner) number(least, most int, into *int) bool {
	n, i := 0, s.at
	for i < len(s.text) && i-s.at < most && isDigit(s.text[i]) {
		n = n*10 + int(s.text[i]-'0')
		i++
	}
	if i-s.at < least {
		return false
	}
	*into, s.at = n, i
	return true
}

// clock reads 23:59, 23:59:59 or 23:59:59.123.
func (s *scanner) clock(m *moment) bool {
	if !s.number(1, 2, &m.hour) || !s.byte(':') || !s.number(2, 2, &m.minute) {
		return false
	}
	if !s.byte(':') {
		return true
	}
	if !s.number(2, 2, &m.second) {
		return false
	}
	return !s.byte('.') && !s.byte(',') || s.fraction(m)
}

// fraction reads one to nine digits of a second.
func (s *scanner) fraction(m *moment) bool {
	start := s.at
	if !s.number(1, 9, &m.nanos) {
		return false
	}
	for range 9 - (s.at - start) {
		m.nanos *= 10
	}
	return true
}

// zone reads nothing, Z, UTC, +02:00, +0200 or +02, after a space if need be.
func (s *scanner) zone(m *moment) bool {
	s.byte(' ')
	if s.rest() == 0 || s.byte('Z') || s.byte('z') {
		return true
	}
	if bytes.Equal(s.text[s.at:], []byte("UTC")) || bytes.Equal(s.text[s.at:], []byte("GMT")) {
		s.at = len(s.text)
		return true
	}
	sign := 1
	if s.byte('-') {
		sign = -1
	} else if !s.byte('+') {
		return false
	}
	var hours, minutes int
	if !s.number(2, 2, &hours) {
		return false
	}
	colon := s.byte(':')
	if !s.number(2, 2, &minutes) && colon || hours > 15 || minutes > 59 {
		return false
	}
	m.offset = sign * (hours*3600 + minutes*60)
	return true
}

func appendDate(out []byte, year, month, day int) []byte {
	return append(out,
		byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-',
		byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10))
}
