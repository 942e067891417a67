package record

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// errShort is text that ends before the value does.
var errShort = errors.New("the text ends within a value")

// misfit is a byte that JSON does not allow at its place.
type misfit struct {
	at   int
	want string
}

func (m *misfit) Error() string { return m.want }

// blanks is the number of bytes of white space that text begins with.
func blanks(text []byte) int {
	for i, c := range text {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return i
		}
	}
	return len(text)
}

// object reads the element that text begins with and gives its length.
func (r *JSON) object(text []byte, o *Object) (int, error) {
	if cap(o.Values) < r.slots {
		o.Values = make([]Value, r.slots)
	}
	o.Values = o.Values[:r.slots]
	clear(o.Values)
	o.Problem, o.Short, o.Again = "", false, -1
	r.scratch = r.scratch[:0]
	if len(text) == 0 {
		return 0, errShort
	}
	if text[0] != '{' {
		size, err := r.skip(text, 0)
		o.Problem, o.Raw = "expected an object", text[:max(size, 0)]
		return size, err
	}
	i := 1 + blanks(text[1:])
	if i < len(text) && text[i] == '}' {
		o.Raw = text[:i+1]
		return i + 1, nil
	}
	for {
		next, err := r.pair(text, i, o)
		if err != nil {
			return 0, err
		}
		i = next + blanks(text[next:])
		switch {
		case i == len(text):
			return 0, errShort
		case text[i] == '}':
			o.Raw = text[:i+1]
			return i + 1, nil
		case text[i] != ',':
			return 0, &misfit{i, "expected a comma or } in the object"}
		}
		i++
		i += blanks(text[i:])
	}
}

// pair reads a key and its value from text[i:] and gives where they end.
func (r *JSON) pair(text []byte, i int, o *Object) (int, error) {
	if i == len(text) {
		return 0, errShort
	}
	if text[i] != '"' {
		return 0, &misfit{i, `expected a key in double quotes`}
	}
	key, i, err := r.str(text, i)
	if err != nil {
		return 0, err
	}
	i += blanks(text[i:])
	if i == len(text) {
		return 0, errShort
	}
	if text[i] != ':' {
		return 0, &misfit{i, "expected a colon after the key"}
	}
	i++
	i += blanks(text[i:])
	if i == len(text) {
		return 0, errShort
	}
	slot := r.slot(key)
	if slot >= 0 && o.Values[slot].Shape != Missing {
		o.Again = slot
	}
	if text[i] == '"' {
		value, next, err := r.str(text, i)
		if err == nil && slot >= 0 {
			o.Values[slot] = Value{String, value}
		}
		return next, err
	}
	next, err := r.skip(text, i)
	if err == nil && slot >= 0 {
		o.Values[slot] = Value{shape(text[i]), text[i:next]}
	}
	return next, err
}

func shape(first byte) Shape {
	switch first {
	case 'n', 'N':
		return Null
	case 't', 'f':
		return Bool
	case '{', '[':
		return Nested
	default:
		return Number
	}
}

// str reads the string that begins at text[i] and gives its text and where it ends.
func (r *JSON) str(text []byte, i int) ([]byte, int, error) {
	i++
	for end := i; end < len(text); end++ {
		switch text[end] {
		case '"':
			return text[i:end], end + 1, nil
		case '\\':
			return r.escaped(text, i, end)
		case '\n', '\r':
			return nil, 0, &misfit{end, "expected the closing quote of a string before the end of the line"}
		}
	}
	return nil, 0, errShort
}

// escaped reads on a string that began at text[from], from its first backslash at text[i].
func (r *JSON) escaped(text []byte, from, i int) ([]byte, int, error) {
	start := len(r.scratch)
	for i < len(text) {
		switch text[i] {
		case '"':
			r.scratch = append(r.scratch, text[from:i]...)
			return r.scratch[start:], i + 1, nil
		case '\n', '\r':
			return nil, 0, &misfit{i, "expected the closing quote of a string before the end of the line"}
		case '\\':
			r.scratch = append(r.scratch, text[from:i]...)
			next, err := r.escape(text, i)
			if err != nil {
				return nil, 0, err
			}
			i, from = next, next
		default:
			i++
		}
	}
	return nil, 0, errShort
}

// escape reads the escape sequence at text[i] into the scratch space and gives where it ends.
func (r *JSON) escape(text []byte, i int) (int, error) {
	if i+1 == len(text) {
		return 0, errShort
	}
	const plain, meant = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if n := bytes.IndexByte([]byte(plain), text[i+1]); n >= 0 {
		r.scratch = append(r.scratch, meant[n])
		return i + 2, nil
	}
	if text[i+1] != 'u' {
		return 0, &misfit{i, "expected one of the escapes of JSON after \\"}
	}
	unit, err := hex(text, i)
	if err != nil {
		return 0, err
	}
	next := i + 6
	if utf16.IsSurrogate(unit) && next+1 < len(text) && text[next] == '\\' && text[next+1] == 'u' {
		low, err := hex(text, next)
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(unit, low); pair != utf8.RuneError {
			unit, next = pair, next+6
		}
	}
	r.scratch = utf8.AppendRune(r.scratch, unit) // half a pair becomes U+FFFD
	return next, nil
}

// hex reads \uXXXX.
func hex(text []byte, i int) (rune, error) {
	if i+6 > len(text) {
		return 0, errShort
	}
	n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 32)
	if err != nil {
		return 0, &misfit{i, "expected four hexadecimal digits after \\u"}
	}
	return rune(n), nil
}

// skip passes over the value at text[i] and gives where it ends.
func (r *JSON) skip(text []byte, i int) (int, error) {
	switch c := text[i]; {
	case c == '"':
		_, next, err := r.str(text, i)
		return next, err
	case c == '{', c == '[':
		return r.skipNested(text, i)
	case c == 't':
		return literal(text, i, "true")
	case c == 'f':
		return literal(text, i, "false")
	case c == 'n':
		return literal(text, i, "null")
	case c == 'N': // as Python writes a missing number
		return literal(text, i, "NaN")
	case c == 'I': // and one that is too large, which no column takes
		return literal(text, i, "Infinity")
	case c == '-' && i+1 < len(text) && text[i+1] == 'I':
		return literal(text, i, "-Infinity")
	case c == '-' || c >= '0' && c <= '9':
		return number(text, i)
	default:
		return 0, &misfit{i, "expected a value"}
	}
}

// skipNested passes over an object or array by its brackets and strings.
func (r *JSON) skipNested(text []byte, i int) (int, error) {
	var open []byte
	for {
		at := bytes.IndexAny(text[i:], `"{}[]`)
		if at < 0 {
			return 0, errShort
		}
		i += at
		switch c := text[i]; c {
		case '"':
			_, next, err := r.str(text, i)
			if err != nil {
				return 0, err
			}
			i = next
			continue
		case '{', '[':
			open = append(open, c+2) // the closing bracket stands two behind it in ASCII
		default:
			if open[len(open)-1] != c {
				return 0, &misfit{i, "expected " + string(rune(open[len(open)-1]))}
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return i + 1, nil
			}
		}
		i++
	}
}

func literal(text []byte, i int, word string) (int, error) {
	for n := range len(word) {
		if i+n == len(text) {
			return 0, errShort
		}
		if text[i+n] != word[n] {
			return 0, &misfit{i, "expected a value"}
		}
	}
	return i + len(word), nil
}

// number passes over -12.5e+3.
func number(text []byte, i int) (int, error) {
	start := i
	if text[i] == '-' {
		i++
	}
	i, ok := digits(text, i)
	if ok && i < len(text) && text[i] == '.' {
		i, ok = digits(text, i+1)
	}
	if ok && i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		i, ok = digits(text, i)
	}
	switch {
	case i >= len(text):
		return 0, errShort
	case !ok:
		return 0, &misfit{start, "expected a number"}
	}
	return i, nil
}

func digits(text []byte, i int) (int, bool) {
	start := i
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	return i, i > start
}
