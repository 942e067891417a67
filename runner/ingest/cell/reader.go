package cell

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Options say how a source writes its values.
type Options struct {
	Decimal     string   // "." or ","; empty: "."
	DateFormats []string // beside ISO 8601, strptime style, tried in order
	NullValues  []string // beside the usual ones
}

// Nulls are the texts that mean NULL in a column of any type, exactly as they stand: nothing at all, the marks that nobody
// takes for a value, and the declared ones.
func Nulls(declared []string) []string {
	return append([]string{"", "--", "N/A", "n/a", "#N/A", "null", "NULL"}, declared...)
}

// typedNulls mean NULL too, letter case aside, but not in text: NA is Namibia, and None may be a name.
func typedNulls() []string {
	return []string{"-", "—", "–", "na", "none", "nil", "nan", "#div/0!", "n.a.", "(not set)", "(none)", "null", "n/a", "#n/a"}
}

// Reader reads the values of one column. It is not safe for concurrent use.
type Reader struct {
	Type    Type
	comma   bool // the decimal mark
	formats []format
	nulls   map[string]bool
	typed   map[string]bool
	first   [256]bool // bytes that nulls begin with
	longest int       // bytes of the longest null text
	scratch []byte
}

// NewReader prepares the reading of a column. It fails on a date format that it does not know.
func NewReader(t Type, o Options) (*Reader, error) {
	r := &Reader{Type: t, comma: o.Decimal == ",", nulls: map[string]bool{}, typed: map[string]bool{}}
	for _, text := range Nulls(o.NullValues) {
		r.nulls[text] = true
		r.longest = max(r.longest, len(text))
		if text != "" {
			r.first[text[0]] = true
		}
	}
	for _, text := range typedNulls() {
		r.typed[text] = true
		r.longest = max(r.longest, len(text))
	}
	for _, text := range o.DateFormats {
		f, err := parseFormat(text)
		if err != nil {
			return nil, err
		}
		r.formats = append(r.formats, f)
	}
	return r, nil
}

// CheckDateFormat tells what is wrong with a date format, nil if nothing is.
func CheckDateFormat(text string) error {
	_, err := parseFormat(text)
	return err
}

// Append adds the plain form of a value to out. Null is true, and out unchanged, for a text that means NULL. A reason says
// what was expected of a text that cannot be read; out is unchanged then too.
func (r *Reader) Append(out, text []byte) (_ []byte, null bool, reason string) {
	if r.IsNull(text) {
		return out, true, ""
	}
	if r.Type.Kind == Text {
		return append(out, text...), false, ""
	}
	text = trim(text)
	if r.IsNull(text) || r.isTypedNull(text) {
		return out, true, ""
	}
	plain, reason := r.value(out, text)
	if reason != "" {
		return out, false, reason
	}
	return plain, false, ""
}

func (r *Reader) value(out, text []byte) ([]byte, string) {
	switch r.Type.Kind {
	case Integer:
		return r.integer(out, text)
	case Decimal:
		return r.decimal(out, text)
	case Double:
		return r.double(out, text)
	case Boolean:
		return boolean(out, text)
	case Date, Timestamp:
		return r.moment(out, text)
	case Duration:
		return duration(out, text)
	default:
		return append(out, text...), ""
	}
}

// IsNull tells whether the text means NULL in a column of any type.
func (r *Reader) IsNull(text []byte) bool {
	return len(text) == 0 || len(text) <= r.longest && r.first[text[0]] && r.nulls[string(text)]
}

// isTypedNull tells whether the text, which is not empty, means NULL where no text is expected.
func (r *Reader) isTypedNull(text []byte) bool {
	if len(text) > r.longest || isDigit(text[0]) {
		return false
	}
	r.scratch = append(r.scratch[:0], text...)
	for i, c := range r.scratch {
		if c >= 'A' && c <= 'Z' {
			r.scratch[i] = c + 'a' - 'A'
		}
	}
	return r.typed[string(r.scratch)]
}

func boolean(out, text []byte) ([]byte, string) {
	switch strings.ToLower(string(text)) {
	case "true", "t", "yes", "y", "1":
		return append(out, "true"...), ""
	case "false", "f", "no", "n", "0":
		return append(out, "false"...), ""
	}
	return out, "expected true or false (yes, no, 1 and 0 will do)"
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// trim drops white space at both ends, no-break spaces included.
func trim(text []byte) []byte {
	if len(text) > 0 && text[0] > ' ' && text[0] < utf8.RuneSelf {
		if last := text[len(text)-1]; last > ' ' && last < utf8.RuneSelf {
			return text
		}
	}
	return bytes.TrimSpace(text)
}

// Show is a text as a message quotes it: cut to a sensible length, on one line.
func Show(text []byte) string {
	const limit = 60
	shown := strings.ToValidUTF8(string(text), "\uFFFD")
	if runes := []rune(shown); len(runes) > limit {
		shown = string(runes[:limit]) + "…"
	}
	return fmt.Sprintf("%q", shown)
}
