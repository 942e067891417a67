// Package highlight marks up SQL, with Jinja in it or without, for pages. The classes are those of the SQL editor: tok-keyword,
// tok-string, tok-number, tok-comment, and tok-jinja for what a template adds.
package highlight

import (
	"html/template"
	"strings"
	"unicode/utf8"
)

// SQL is text as HTML: the same characters, with spans around what has a class.
func SQL(text string) template.HTML {
	var b strings.Builder
	for text != "" {
		class, n := token(text)
		piece := template.HTMLEscapeString(text[:n])
		if class == "" {
			b.WriteString(piece)
		} else {
			b.WriteString(`<span class="tok-` + class + `">` + piece + `</span>`)
		}
		text = text[n:]
	}
	return template.HTML(b.String()) //nolint:gosec // all text of the user's is escaped above
}

// token gives the class of what text begins with, empty for what has none, and its length, at least 1.
func token(text string) (class string, n int) {
	for _, t := range []struct{ class, begin, end string }{
		{"comment", "{#", "#}"}, {"jinja", "{{", "}}"}, {"jinja", "{%", "%}"}, {"comment", "--", "\n"}, {"comment", "/*", "*/"},
	} {
		if strings.HasPrefix(text, t.begin) {
			return t.class, upTo(text, len(t.begin), t.end)
		}
	}
	switch c := text[0]; {
	case c == '\'':
		return "string", quoted(text)
	case c == '"':
		return "", quoted(text)
	case isDigit(c):
		return "number", span(text, func(c byte) bool { return isDigit(c) || c == '.' })
	case isLetter(c):
		n = span(text, func(c byte) bool { return isLetter(c) || isDigit(c) })
		if keywords[strings.ToLower(text[:n])] {
			return "keyword", n
		}
		return "", n
	default:
		_, n = utf8.DecodeRuneInString(text)
		return "", n
	}
}

// upTo is the length up to and with end; all of text where end is missing. A line's end is not part of its comment.
func upTo(text string, from int, end string) int {
	at := strings.Index(text[from:], end)
	switch {
	case at < 0:
		return len(text)
	case end == "\n":
		return from + at
	default:
		return from + at + len(end)
	}
}

// quoted is the length of a string or name in quotes; a doubled quote is part of it.
func quoted(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		if i+1 == len(text) || text[i+1] != quote {
			return i + 1
		}
		i++
	}
	return len(text)
}

func span(text string, in func(byte) bool) int {
	n := 1
	for n < len(text) && in(text[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

var keywords = words(`all and any as asc between both by case cast coalesce create cross current date day desc distinct else end
except exists extract false filter first following from full group having ilike in inner intersect interval is join last lateral
left like limit month natural not null nulls offset on or order outer over partition preceding qualify range recursive right row
rows select set table then timestamp true unbounded union unnest using values view when where window with within year`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}
