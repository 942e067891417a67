// Package format writes numbers, money, dates and names as people read them. The UI's lib/format.ts does the same in the
// browser: whoever changes one changes the other.
package format

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// None stands where there is no value.
const None = "–"

// Unit is what a number counts.
type Unit string

// The units.
const (
	Count   Unit = "count"
	USD     Unit = "usd"
	Percent Unit = "percent"
)

var (
	numericType = regexp.MustCompile(`(?i)^(u?(tiny|small|big|huge)?int(eger)?|decimal|numeric|double|float|real)\b`)
	money       = regexp.MustCompile(`(^|_)(usd|spend|revenue|cost|cpc|cpm|sales|refunds)(_|$)`)
	notMoney    = regexp.MustCompile(`roi|roas|share|ratio|days|percent`)
	rate        = regexp.MustCompile(`(^|_)(ctr|roi|percent|pct)(_|$)`)
	acronym     = regexp.MustCompile(`^(ctr|cpc|cpm|ctor|roi|roas|iroas|usd|id|sql)$`)
)

// Numeric tells whether values of an SQL type are numbers.
func Numeric(sqlType string) bool { return numericType.MatchString(sqlType) }

// UnitOf guesses from a column's name what its numbers count.
func UnitOf(column string) Unit {
	switch {
	case money.MatchString(column) && !notMoney.MatchString(column):
		return USD
	case rate.MatchString(column):
		return Percent
	default:
		return Count
	}
}

// Words turns an identifier into words: total_spend becomes Total spend, ctr becomes CTR.
func Words(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		switch {
		case acronym.MatchString(w):
			words[i] = strings.ToUpper(w)
		case i == 0 && w != "":
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// Number writes n with at most digits decimals, and a comma every three digits.
func Number(n float64, digits int) string {
	text := strconv.FormatFloat(math.Abs(n), 'f', digits, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if n < 0 && strings.ContainsAny(whole, "123456789") {
		return "−" + whole
	}
	return whole
}

// Value writes n in its unit: 1,234, $1,234.50, 2.41%.
func Value(n float64, unit Unit) string {
	switch unit {
	case USD:
		digits := 2
		if n == math.Trunc(n) || math.Abs(n) >= 1000 {
			digits = 0
		}
		return dollars(Number(n, digits))
	case Percent:
		return Number(n, 2) + "%"
	default:
		if n == math.Trunc(n) || math.Abs(n) >= 1000 {
			return Number(n, 0)
		}
		return Number(n, 2)
	}
}

// Short writes n for an axis: 1.2M, $340K, 2.5%.
func Short(n float64, unit Unit) string {
	if unit == Percent {
		return trimmed(Number(n, 2)) + "%"
	}
	text := trimmed(Number(n, 2))
	for _, step := range []struct {
		size float64
		name string
	}{{1e9, "B"}, {1e6, "M"}, {1e3, "K"}} {
		if math.Abs(n) >= step.size {
			text = trimmed(Number(n/step.size, 1)) + step.name
			break
		}
	}
	if unit == USD {
		return dollars(text)
	}
	return text
}

func trimmed(number string) string {
	if !strings.Contains(number, ".") {
		return number
	}
	return strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
}

func dollars(number string) string {
	if rest, negative := strings.CutPrefix(number, "−"); negative {
		return "−$" + rest
	}
	return "$" + number
}

// Cell writes a value of a table.Table by the name and type of its column.
func Cell(v any, column, sqlType string) string {
	switch v := v.(type) {
	case nil:
		return None
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	n, isNumber := Float(v)
	if !Numeric(sqlType) || !isNumber {
		return fmt.Sprint(v)
	}
	switch UnitOf(column) {
	case USD:
		if n == math.Trunc(n) {
			return dollars(Number(n, 0))
		}
		return dollars(Number(n, 2))
	case Percent:
		return Number(n, 2) + "%"
	default:
		if n == math.Trunc(n) {
			return Number(n, 0)
		}
		return Number(n, 2)
	}
}

// Float gives the number that a value of a table.Table stands for.
func Float(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	case string:
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil
	default:
		return 0, false
	}
}

// Day writes an ISO date: 1 Dec 2024, or 1 Dec without its year. What is no date stays as it is.
func Day(iso string, year bool) string {
	if len(iso) < len(time.DateOnly) {
		return iso
	}
	t, err := time.Parse(time.DateOnly, iso[:len(time.DateOnly)])
	if err != nil {
		return iso
	}
	if year {
		return t.Format("2 Jan 2006")
	}
	return t.Format("2 Jan")
}

// Bytes writes the size of a file: 812 B, 4.2 kB, 1.3 MB.
func Bytes(n int64) string {
	size := float64(n)
	if size < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	for _, unit := range []string{"kB", "MB", "GB"} {
		size /= 1000
		if size < 1000 || unit == "GB" {
			return fmt.Sprintf("%.1f %s", size, unit)
		}
	}
	return ""
}

// places are what people call platforms and channels.
var places = map[string]string{
	"google_ads": "Google Ads", "facebook_ads": "Facebook Ads", "facebook": "Facebook", "email_campaigns": "Email", "email": "Email",
	"web_traffic": "Web", "organic": "Organic",
}

// Place gives what people call a platform or a channel; other names stay as they are, with spaces.
func Place(key string) string {
	if name, ok := places[key]; ok {
		return name
	}
	if key != strings.ToLower(key) || key == "" {
		return key
	}
	return Words(key)
}

// Look gives a platform or channel the place among colours and dashes that it has everywhere, from 1; 0 for other names.
func Look(key string) int {
	switch key {
	case "google_ads":
		return 1
	case "facebook_ads", "facebook":
		return 2
	case "email_campaigns", "email":
		return 3
	case "web_traffic", "organic":
		return 4
	default:
		return 0
	}
}
