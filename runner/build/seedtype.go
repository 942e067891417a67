package build

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// seedType is a type that a column of a seed may have, if all its values fit.
type seedType struct {
	name string
	fits func(string) bool
}

// ownTypes are those of seeds of a project of ours: a number with leading zeros is text.
func ownTypes() []seedType {
	return []seedType{
		{"boolean", truth},
		{"integer", smallNumber},
		{"bigint", wholeNumber.MatchString},
		{"double", func(s string) bool { return fraction.MatchString(s) && !leadingZero(s) }},
		{"date", func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }},
		{"timestamp", func(s string) bool { _, err := time.Parse(time.DateTime, s); return err == nil }},
	}
}

// dbtTypes are those of seeds of a project of dbt's, as dbt finds them: 007 is 7, 1.0 is 1, spaces around do not count, a
// timestamp may be one of ISO 8601. Only a whole number of more than 32 bits, which dbt cannot load, is a bigint.
func dbtTypes() []seedType {
	trimmed := func(fits func(string) bool) func(string) bool {
		return func(s string) bool { return fits(strings.TrimSpace(s)) }
	}
	return []seedType{
		{"integer", trimmed(func(s string) bool {
			whole, _, _ := strings.Cut(s, ".")
			_, err := strconv.ParseInt(whole, 10, 32)
			return err == nil && dbtWhole.MatchString(s)
		})},
		{"bigint", trimmed(dbtWhole.MatchString)},
		{"double", trimmed(dbtNumber.MatchString)},
		{"date", trimmed(func(s string) bool { _, err := time.Parse("2006-1-2", s); return err == nil })},
		{"timestamp", trimmed(func(s string) bool {
			_, err := time.Parse("2006-1-2 15:4:5", s)
			return err == nil && !strings.Contains(s, ".")
		})},
		{"timestamp", trimmed(isoTime)},
		{"boolean", truth},
	}
}

var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9]\d{0,17})$`)
	fraction    = regexp.MustCompile(`^-?\d{1,15}(\.\d+)?([eE][-+]?\d{1,3})?$`)
	dbtWhole    = regexp.MustCompile(`^[-+]?\d{1,18}(\.0*)?$`)
	dbtNumber   = regexp.MustCompile(`^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$`)
	isoOffset   = regexp.MustCompile(`(Z|[-+]\d\d(:?\d\d)?)$`)
)

// inferType gives the first type that holds every value of a column, empty if there is no value.
func inferType(rows [][]string, column int, types []seedType) string {
	var values []string
	for _, row := range rows {
		if row[column] != "" {
			values = append(values, row[column])
		}
	}
	if len(values) == 0 {
		return ""
	}
	for _, kind := range types {
		if all(values, kind.fits) {
			return kind.name
		}
	}
	return "varchar"
}

func all(values []string, fits func(string) bool) bool {
	for _, value := range values {
		if !fits(value) {
			return false
		}
	}
	return true
}

func truth(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }

// smallNumber tells a whole number of 32 bits.
func smallNumber(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil && wholeNumber.MatchString(s)
}

func leadingZero(s string) bool {
	s = strings.TrimPrefix(s, "-")
	_, err := strconv.Atoi(s)
	return err == nil && len(s) > 1 && s[0] == '0'
}

// isoTime tells 2024-03-05T06:07, with seconds, a fraction of them and an offset if it has them.
func isoTime(s string) bool {
	date, clock, _ := strings.Cut(s, "T")
	clock = clock[:len(clock)-len(isoOffset.FindString(clock))]
	for _, layout := range []string{"15:04:05", "15:04"} {
		if _, err := time.Parse(time.DateOnly+"T"+layout, date+"T"+clock); err == nil {
			return true
		}
	}
	return false
}
