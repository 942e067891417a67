package runner

import (
	"fmt"
	"strings"
)

// Excerpt is the given line of text with its number and a caret below the column, ready for Error.Excerpt. Line and col
// count from 1, col in characters; a col of 0 leaves the caret out, a line that text lacks gives an empty excerpt. Long
// lines are cut around the column.
func Excerpt(text string, line, col int) string {
	source, found := nthLine(text, line)
	if !found {
		return ""
	}
	const width = 120
	runes := []rune(strings.TrimRight(source, "\r"))
	if from := max(0, col-width/2); len(runes) > width && from < len(runes) {
		runes, col = runes[from:min(len(runes), from+width)], col-from
	}
	number := fmt.Sprintf("%4d", line)
	out := number + " | " + string(runes)
	if col < 1 {
		return out
	}
	margin := make([]rune, 0, col)
	for i := range min(col-1, len(runes)) {
		if runes[i] == '\t' {
			margin = append(margin, '\t')
			continue
		}
		margin = append(margin, ' ')
	}
	return out + "\n" + strings.Repeat(" ", len(number)) + " | " + string(margin) + "^"
}

// nthLine is one line of text without its line end.
func nthLine(text string, line int) (string, bool) {
	if line < 1 {
		return "", false
	}
	for ; line > 1; line-- {
		end := strings.IndexByte(text, '\n')
		if end < 0 {
			return "", false
		}
		text = text[end+1:]
	}
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return text, true
}
