package expect

import (
	"fmt"
	"strconv"
	"strings"

	"elt/runner"
)

// null is how a sample shows NULL.
const null = "NULL"

// cell is a value of the sample, "?" where there is none.
func (f found) cell(row, column int) string {
	if row < len(f.sample) && column < len(f.sample[row]) {
		return f.sample[row][column]
	}
	return "?"
}

// cells are the first n values of a row of the sample.
func (f found) cells(row, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = f.cell(row, i)
	}
	return out
}

// rowsOf says how many rows have something wrong: "3 of 1,200 rows have no client_id".
func rowsOf(f found, what string) string { return among(f, "has", "have") + " " + what }

// among is the beginning of such a sentence, with the verb that fits the number.
func among(f found, one, many string) string {
	verb := many
	if f.count == 1 {
		verb = one
	}
	return fmt.Sprintf("%s of %s %s", thousands(f.count), plural(f.total, "row", "rows"), verb)
}

// valuesOf lists what a sample of (value, number of rows) holds: ": facebock (312), tiktok (4)".
func valuesOf(f found) string {
	var shown []string
	for i := range f.sample[:min(len(f.sample), runner.ShownRows)] {
		shown = append(shown, fmt.Sprintf("%s (%s)", clip(f.cell(i, 0), 40), f.cell(i, 1)))
	}
	if len(shown) == 0 {
		return ""
	}
	return ": " + strings.Join(shown, ", ")
}

// plural is a number with its noun: "1 row", "1,200 rows".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// oneLine joins lines and cuts what is too long for a message.
func oneLine(text string) string { return clip(strings.Join(strings.Fields(text), " "), 120) }

func clip(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}
