package python

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"elt/runner/jinja"
)

// strftime formats as Python does on Linux, in the C locale.
func strftime(at time.Time, format string, aware bool) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		bare := format[i] == '-' && i+1 < len(format)
		if bare {
			i++
		}
		text, ok := directive(at, format[i], aware)
		if !ok {
			return "", valueError("strftime: '%%%c' is not supported", format[i])
		}
		if bare {
			if text = strings.TrimLeft(text, "0 "); text == "" {
				text = "0"
			}
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// layouts are the directives that Go's own formats can express.
func layout(c byte) string {
	switch c {
	case 'Y':
		return "2006"
	case 'm':
		return "01"
	case 'd':
		return "02"
	case 'e':
		return "_2"
	case 'H':
		return "15"
	case 'I':
		return "03"
	case 'M':
		return "04"
	case 'S':
		return "05"
	case 'p':
		return "PM"
	case 'y':
		return "06"
	case 'b', 'h':
		return "Jan"
	case 'B':
		return "January"
	case 'a':
		return "Mon"
	case 'A':
		return "Monday"
	case 'F':
		return "2006-01-02"
	case 'T', 'X':
		return "15:04:05"
	case 'R':
		return "15:04"
	case 'D', 'x':
		return "01/02/06"
	case 'c':
		return "Mon Jan _2 15:04:05 2006"
	}
	return ""
}

func directive(at time.Time, c byte, aware bool) (string, bool) {
	if l := layout(c); l != "" {
		return at.Format(l), true
	}
	isoYear, isoWeek := at.ISOWeek()
	weekday := int(at.Weekday())
	switch c {
	case '%':
		return "%", true
	case 'f':
		return fmt.Sprintf("%06d", at.Nanosecond()/1000), true
	case 'j':
		return fmt.Sprintf("%03d", at.YearDay()), true
	case 's':
		return strconv.FormatInt(at.Unix(), 10), true
	case 'u':
		return strconv.Itoa((weekday+6)%7 + 1), true
	case 'w':
		return strconv.Itoa(weekday), true
	case 'U':
		return fmt.Sprintf("%02d", (at.YearDay()+6-weekday)/7), true
	case 'W':
		return fmt.Sprintf("%02d", (at.YearDay()+6-(weekday+6)%7)/7), true
	case 'V':
		return fmt.Sprintf("%02d", isoWeek), true
	case 'G':
		return strconv.Itoa(isoYear), true
	case 'C':
		return fmt.Sprintf("%02d", at.Year()/100), true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'z', 'Z':
		switch {
		case !aware:
			return "", true
		case c == 'z':
			return at.Format("-0700"), true
		}
		return at.Format("MST"), true
	}
	return "", false
}

// strptime reads a datetime as Python does.
func strptime(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("date_string"), jinja.Required("format"))
	if err != nil {
		return nil, err
	}
	text, ok1 := jinja.Str(args[0])
	format, ok2 := jinja.Str(args[1])
	if !ok1 || !ok2 {
		return nil, typeError("strptime() argument must be str, not %s", jinja.Repr(args[0]))
	}
	pattern, fields, err := readingPattern(format)
	if err != nil {
		return nil, err
	}
	found := pattern.FindStringSubmatch(text)
	if found == nil {
		return nil, valueError("time data %s does not match format %s", jinja.Repr(text), jinja.Repr(format))
	}
	return fromFields(fields, found[1:])
}

// readingPattern makes a regular expression of a format, with one group for each directive.
func readingPattern(format string) (*regexp.Regexp, []byte, error) {
	groups := map[byte]string{
		'Y': `(\d{4})`, 'm': `(1[0-2]|0?[1-9])`, 'd': `(3[01]|[12]\d|0?[1-9]| [1-9])`, 'H': `(2[0-3]|[01]?\d)`,
		'I': `(1[0-2]|0?[1-9])`, 'M': `([0-5]?\d)`, 'S': `(6[01]|[0-5]?\d)`, 'f': `(\d{1,6})`, 'y': `(\d\d)`, 'j': `(\d{1,3})`,
		'p': `((?i:am|pm))`, 'b': `([A-Za-z]{3})`, 'B': `([A-Za-z]+)`, 'a': `([A-Za-z]{3})`, 'A': `([A-Za-z]+)`,
		'z': `(Z|[+-]\d\d:?\d\d(?::?\d\d)?)`, 'Z': `([A-Za-z]+)`,
	}
	whole := map[byte]string{'F': "%Y-%m-%d", 'T': "%H:%M:%S", 'R': "%H:%M", 'D': "%m/%d/%y"}
	var b strings.Builder
	var fields []byte
	b.WriteString("^")
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			b.WriteString(`\s+`)
		case c != '%' || i+1 == len(format):
			b.WriteString(regexp.QuoteMeta(string(c)))
		case format[i+1] == '%':
			b.WriteString("%")
			i++
		case whole[format[i+1]] != "":
			format = format[:i] + whole[format[i+1]] + format[i+2:]
			i--
		case groups[format[i+1]] == "":
			return nil, nil, valueError("'%c' is a bad directive in format %s", format[i+1], jinja.Repr(format))
		default:
			i++
			b.WriteString(groups[format[i]])
			fields = append(fields, format[i])
		}
	}
	re, err := regexp.Compile(b.String() + "$")
	return re, fields, err
}

// fromFields makes a datetime of what the directives matched.
func fromFields(fields []byte, texts []string) (*DateTime, error) {
	year, month, dayOf, yearDay := 1900, 1, 1, 0
	var hour, minute, seconds, micro int
	afternoon, twelve := false, false
	var zone jinja.Value
	for i, c := range fields {
		text := strings.TrimSpace(texts[i])
		n, _ := strconv.Atoi(text)
		switch c {
		case 'Y':
			year = n
		case 'y':
			if year = 1900 + n; n < 69 {
				year = 2000 + n
			}
		case 'm':
			month = n
		case 'b', 'B':
			at, err := time.Parse("January", monthName(text))
			if err != nil {
				return nil, valueError("%s is no month", jinja.Repr(text))
			}
			month = int(at.Month())
		case 'd':
			dayOf = n
		case 'j':
			yearDay = n
		case 'H':
			hour = n
		case 'I':
			hour, twelve = n%12, true
		case 'p':
			afternoon = strings.EqualFold(text, "pm")
		case 'M':
			minute = n
		case 'S':
			seconds = n
		case 'f':
			micro, _ = strconv.Atoi((text + "00000")[:6])
		case 'z':
			zone = fixedZone(text)
		}
	}
	if twelve && afternoon {
		hour += 12
	}
	if yearDay > 0 {
		at := time.Date(year, 1, yearDay, 0, 0, 0, 0, time.UTC)
		month, dayOf = int(at.Month()), at.Day()
	}
	return dateTimeOf([]jinja.Value{year, month, dayOf, hour, minute, seconds, micro, zone})
}

// monthName completes an abbreviated month.
func monthName(text string) string {
	for m := time.January; m <= time.December; m++ {
		if strings.EqualFold(text, m.String()) || strings.EqualFold(text, m.String()[:3]) {
			return m.String()
		}
	}
	return text
}

// fromISO reads what isoformat writes, and dates alone.
func fromISO(text string) (*DateTime, error) {
	for _, l := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05.999999"} {
		for _, sep := range []string{"T", " "} {
			l := strings.Replace(l, "T", sep, 1)
			if at, err := time.Parse(l, text); err == nil {
				return &DateTime{at: at}, nil
			}
			if at, err := time.Parse(l+"Z07:00", text); err == nil {
				return NewDateTime(at), nil
			}
		}
	}
	return nil, valueError("invalid isoformat string: %s", jinja.Repr(text))
}
