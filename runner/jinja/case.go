package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// What follows are Python's case mappings, in which one character may become several: ß in capitals is SS.

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func upper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

func casefold(s string) string { return cases.Fold().String(s) }

// capitalize starts s with a title letter and lowers the rest.
func capitalize(s string) string {
	if s == "" {
		return s
	}
	n := runeLen(s)
	return titleRune(s[:n]) + strings.TrimPrefix(lower("A"+s[n:]), "a") // a sigma at the end is another one behind a letter
}

func titleRune(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Title(language.Und).String(s)
}

// isCased tells the characters that have a case.
func isCased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// words applies fn to every run of characters that belong to a word.
func words(s string, inWord func(rune) bool, fn func(string) string) string {
	var b strings.Builder
	for s != "" {
		word := inWord(firstRune(s))
		end := strings.IndexFunc(s, func(r rune) bool { return inWord(r) != word })
		if end < 0 {
			end = len(s)
		}
		if word {
			b.WriteString(fn(s[:end]))
		} else {
			b.WriteString(s[:end])
		}
		s = s[end:]
	}
	return b.String()
}

// pyTitle is the method title: each run of letters is capitalized.
func pyTitle(s string) string { return words(s, isCased, capitalize) }

// titleFilter is the filter title: words start after white space, hyphens and opening brackets.
func titleFilter(s string) string {
	return words(s, func(r rune) bool { return !startsWord(r) }, func(w string) string {
		n := runeLen(w)
		return upper(w[:n]) + lower(w[n:])
	})
}

func startsWord(r rune) bool { return isSpace(r) || strings.ContainsRune("-({[<", r) }

func swapCase(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) {
			b.WriteString(lower(string(r)))
		} else {
			b.WriteString(upper(string(r)))
		}
	}
	return b.String()
}
