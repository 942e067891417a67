package compile

import (
	"strings"
)

// publicTexts gives the relations that string literals name the names people know them by: what the SQL reads goes by
// names of its own during the run, what it writes into a column does not.
func (s SQL) publicTexts() SQL {
	if len(s.private) == 0 {
		return s
	}
	out, done := s, 0
	out.Text, out.pieces = "", nil
	for _, l := range literals(s.Text) {
		for at := l.start; at < l.end; at++ {
			name := s.privateAt(at)
			if name == "" {
				continue
			}
			out.addPart(s, done, at)
			out.Text += strings.ReplaceAll(s.private[name], "'", "''")
			done = at + len(name)
			at = done - 1
		}
	}
	out.addPart(s, done, len(s.Text))
	return out
}

// privateAt is the private name that stands at a place of the text, or empty.
func (s SQL) privateAt(at int) string {
	if s.Text[at] != '"' {
		return ""
	}
	for name := range s.private {
		if strings.HasPrefix(s.Text[at:], name) {
			return name
		}
	}
	return ""
}

// addPart appends the bytes from start to end of another SQL, which keep their origins.
func (s *SQL) addPart(from SQL, start, end int) {
	shift := len(s.Text) - start
	s.Text += from.Text[start:end]
	for _, p := range from.pieces {
		cut := max(start-p.start, 0)
		p.start, p.end, p.from = p.start+cut, min(p.end, end), p.from+cut
		if p.start < p.end {
			p.start, p.end = p.start+shift, p.end+shift
			s.pieces = append(s.pieces, p)
		}
	}
}

// span is a range of bytes.
type span struct{ start, end int }

// literals finds the string literals of a query, quotes included.
func literals(sql string) []span {
	var out []span
	for i := 0; i < len(sql); {
		switch {
		case strings.HasPrefix(sql[i:], "--"), strings.HasPrefix(sql[i:], "/*"):
			i = max(skipBlank(sql, i), i+1)
		case sql[i] == '\'' || sql[i] == '"':
			end := closing(sql, i)
			if sql[i] == '\'' {
				out = append(out, span{i, end})
			}
			i = end
		default:
			i++
		}
	}
	return out
}

// closing is the offset behind a quoted text that begins at start; doubled quotes belong to it.
func closing(sql string, start int) int {
	for i := start + 1; i < len(sql); i++ {
		if sql[i] != sql[start] {
			continue
		}
		if i+1 == len(sql) || sql[i+1] != sql[start] {
			return i + 1
		}
		i++
	}
	return len(sql)
}
