package engine

import "strings"

// SecondStatement gives the offset in sql at which a second statement begins: what follows a semicolon and is neither
// space nor comment. It is -1 where there is none. Quotes, comments and dollar quotes are those of PostgreSQL and DuckDB.
func SecondStatement(sql string) int {
	ended := false
	for at := 0; at < len(sql); {
		rest := sql[at:]
		size := skipped(rest)
		switch {
		case size > 0:
			at += size
			continue
		case ended && rest[0] != ';':
			return at
		case rest[0] == ';':
			ended = true
		}
		at += max(1, quoted(rest))
	}
	return -1
}

// skipped is the length of the space or comment that text begins with.
func skipped(text string) int {
	switch {
	case strings.ContainsRune(" \t\r\n\f\v", rune(text[0])):
		return 1
	case strings.HasPrefix(text, "--"):
		return until(text, "\n", 2)
	case strings.HasPrefix(text, "/*"):
		return until(text, "*/", 2)
	default:
		return 0
	}
}

// quoted is the length of the quoted text that text begins with; a quote written twice makes two texts, which is as well.
func quoted(text string) int {
	switch text[0] {
	case '\'', '"':
		return until(text, text[:1], 1)
	case '$':
		if end := strings.IndexByte(text[1:], '$'); end >= 0 && isTag(text[1:1+end]) {
			tag := text[:end+2]
			return until(text, tag, len(tag))
		}
	}
	return 0
}

func isTag(text string) bool {
	for i, r := range text {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// until is the length of text up to and with the first end behind its first from bytes; all of it where there is none.
func until(text, end string, from int) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}
