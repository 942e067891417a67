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
		at += max(1, token(rest))
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
		return blockComment(text)
	default:
		return 0
	}
}

// blockComment is the length of the comment that text begins with. Comments may stand in comments.
func blockComment(text string) int {
	depth := 0
	for at := 0; at < len(text); at++ {
		switch {
		case strings.HasPrefix(text[at:], "/*"):
			depth, at = depth+1, at+1
		case strings.HasPrefix(text[at:], "*/"):
			if depth, at = depth-1, at+1; depth == 0 {
				return at + 1
			}
		}
	}
	return len(text)
}

// Explained takes EXPLAIN, or EXPLAIN ANALYZE, off the front of a statement, with the space and comments before and
// between. Without it, explain is empty.
func Explained(sql string) (explain, statement string) {
	rest, ok := afterWord(sql, "explain")
	if !ok {
		return "", sql
	}
	if inner, ok := afterWord(rest, "analyze"); ok {
		return "explain analyze ", inner
	}
	return "explain ", rest
}

// afterWord is what follows a word that text begins with, space and comments aside.
func afterWord(text, word string) (rest string, ok bool) {
	for text != "" && skipped(text) > 0 {
		text = text[skipped(text):]
	}
	if end := wordLength(text); strings.EqualFold(text[:end], word) {
		return text[end:], true
	}
	return text, false
}

// token is the length of the word or quoted text that text begins with; a quote written twice makes two texts, which is as
// well.
func token(text string) int {
	if end := wordLength(text); end > 0 {
		if strings.EqualFold(text[:end], "e") && strings.HasPrefix(text[end:], "'") {
			return end + escaped(text[end:])
		}
		return end
	}
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

// wordLength is the length of the name, keyword or number that text begins with.
func wordLength(text string) int {
	for i := range len(text) {
		c := text[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
		if !letter && (c != '$' || i == 0) {
			return i
		}
	}
	return len(text)
}

// escaped is the length of the text in single quotes that text begins with, where a backslash takes the next character's
// meaning away.
func escaped(text string) int {
	for at := 1; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '\'':
			return at + 1
		}
	}
	return len(text)
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
