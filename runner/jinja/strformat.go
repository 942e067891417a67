package jinja

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// formatter renders one str.format call.
type formatter struct {
	s      *state
	args   []Value
	kwargs *Dict
	auto   int  // next automatic field number
	manual bool // numbered fields have been used
	b      strings.Builder
}

// strFormat is Python's format.format(*args, **kwargs).
func (s *state) strFormat(format string, args []Value, kwargs *Dict) (Value, error) {
	f := &formatter{s: s, args: args, kwargs: kwargs}
	if err := f.expand(format, 2); err != nil {
		return nil, err
	}
	return f.b.String(), s.spend(f.b.Len())
}

// expand writes format with its fields replaced; fields may nest depth deep in format specs.
func (f *formatter) expand(format string, depth int) error {
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(format) && format[i+1] == c && depth == 2:
			f.b.WriteByte(c)
			i++
		case c == '}':
			return valueError("single '}' encountered in format string")
		case c == '{':
			end := closingBrace(format[i+1:])
			if end < 0 {
				return valueError("expected '}' before end of string")
			}
			out, err := f.field(format[i+1:i+1+end], depth)
			if err != nil {
				return err
			}
			f.b.WriteString(out)
			if f.b.Len() > maxWidth {
				return fail(KindLimit, "format result is too large")
			}
			i += end + 1
		default:
			f.b.WriteByte(c)
		}
	}
	return nil
}

// closingBrace finds the brace that closes the one before s.
func closingBrace(s string) int {
	depth := 1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// field formats `name!conversion:spec`.
func (f *formatter) field(field string, depth int) (string, error) {
	if depth == 0 {
		return "", valueError("max string recursion exceeded")
	}
	name, spec := field, ""
	brackets := 0
	for i := 0; i < len(field); i++ {
		brackets += boolInt(field[i] == '[') - boolInt(field[i] == ']')
		if field[i] == ':' && brackets <= 0 {
			name, spec = field[:i], field[i+1:]
			break
		}
	}
	name, conv, hasConv := strings.Cut(name, "!")
	v, err := f.value(name)
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(spec, "{}") {
		in := &formatter{s: f.s, args: f.args, kwargs: f.kwargs, auto: f.auto, manual: f.manual}
		if err := in.expand(spec, depth-1); err != nil {
			return "", err
		}
		f.auto = in.auto
		spec = in.b.String()
	}
	if hasConv {
		switch conv {
		case "s":
			v = ToString(v)
		case "r", "a":
			v = Repr(v)
		default:
			return "", valueError("unknown conversion specifier %s", conv)
		}
	}
	return f.s.formatSpec(v, spec)
}

// value finds what a field names: a number, a keyword or nothing, followed by .attr and [item] parts.
func (f *formatter) value(name string) (Value, error) {
	end := strings.IndexAny(name, ".[")
	if end < 0 {
		end = len(name)
	}
	first, rest := name[:end], name[end:]
	v, err := f.root(first)
	for err == nil && rest != "" {
		if u, ok := v.(*Undefined); ok {
			return nil, u.err()
		}
		if rest[0] == '.' {
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			attr := rest[1:end]
			var ok bool
			if v, ok = builtinAttr(plain(v), attr); !ok {
				return nil, fail(kindAttribute, "object has no attribute '%s'", attr)
			}
			rest = rest[end:]
			continue
		}
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 2 {
			return nil, valueError("invalid field name in format string")
		}
		var key Value = rest[1:end]
		if n, err := strconv.Atoi(rest[1:end]); err == nil && isDigits(rest[1:end]) {
			key = n
		}
		if v, err = formatItem(plain(v), key); err != nil {
			return nil, err
		}
		rest = rest[end+1:]
	}
	return v, err
}

// formatItem is v[key] where there is no undefined.
func formatItem(v, key Value) (Value, error) {
	if x, ok := item(v, key); ok {
		return x, nil
	}
	_, isInt := key.(int)
	switch v.(type) {
	case *Dict, Itemer:
	case *List, *Tuple, string, *Range:
		if isInt {
			return nil, fail(KindIndex, "%s index out of range", typeName(v))
		}
		return nil, typeError("%s indices must be integers, not 'str'", typeName(v))
	default:
		return nil, typeError("'%s' object is not subscriptable", typeName(v))
	}
	return nil, fail(KindKey, "%s", Repr(key))
}

func (f *formatter) root(name string) (Value, error) {
	n, err := strconv.Atoi(name)
	switch {
	case name == "":
		if f.manual {
			return nil, valueError("cannot switch from manual field specification to automatic field numbering")
		}
		n = f.auto
		f.auto++
	case err == nil && isDigits(name):
		if f.auto > 0 {
			return nil, valueError("cannot switch from automatic field numbering to manual field specification")
		}
		f.manual = true
	default:
		v, ok := f.kwargs.Get(name)
		if !ok {
			return nil, fail(KindKey, "%s", reprStr(name))
		}
		return v, nil
	}
	if n < 0 || n >= len(f.args) {
		return nil, fail(KindIndex, "replacement index %d out of range for positional args tuple", n)
	}
	return f.args[n], nil
}

// fieldSpec is a parsed format specification: [[fill]align][sign][#][0][width][,][.prec][type].
type fieldSpec struct {
	fill  string
	align byte
	zero  bool // 0 before the width, which aligns numbers behind their sign
	sign  byte
	alt   bool
	width int
	comma byte
	prec  int
	verb  byte
}

func parseFieldSpec(s string) (fieldSpec, error) {
	f, filled := fieldSpec{fill: " ", prec: -1}, false
	isAlign := func(c byte) bool { return c == '<' || c == '>' || c == '^' || c == '=' }
	if s != "" {
		if n := runeLen(s); n < len(s) && isAlign(s[n]) {
			f.fill, f.align, s, filled = s[:n], s[n], s[n+1:], true
		} else if isAlign(s[0]) {
			f.align, s = s[0], s[1:]
		}
	}
	if s != "" && strings.IndexByte("+- ", s[0]) >= 0 {
		f.sign, s = s[0], s[1:]
	}
	if strings.HasPrefix(s, "#") {
		f.alt, s = true, s[1:]
	}
	if !filled && strings.HasPrefix(s, "0") {
		f.fill, f.zero, s = "0", f.align == 0, s[1:]
	}
	var err error
	if f.width, s, err = leadingInt(s, 0); err != nil {
		return f, err
	}
	if s != "" && (s[0] == ',' || s[0] == '_') {
		f.comma, s = s[0], s[1:]
	}
	if strings.HasPrefix(s, ".") {
		if f.prec, s, err = leadingInt(s[1:], -1); err != nil {
			return f, err
		}
		if f.prec < 0 {
			return f, valueError("format specifier missing precision")
		}
	}
	if len(s) > 1 {
		return f, valueError("invalid format specifier")
	}
	if s != "" {
		f.verb = s[0]
	}
	grouped := "\x00deEfFgG%"
	if f.comma == '_' {
		grouped += "boxX"
	}
	if f.comma != 0 && strings.IndexByte(grouped, f.verb) < 0 {
		return f, valueError("cannot specify '%c' with '%c'", f.comma, f.verb)
	}
	return f, nil
}

func leadingInt(s string, none int) (int, string, error) {
	i := 0
	for i < len(s) && isDec(s[i]) {
		i++
	}
	if i == 0 {
		return none, s, nil
	}
	n, err := strconv.Atoi(s[:i])
	if err != nil || n > maxWidth {
		return 0, s, valueError("too many decimal digits in format string")
	}
	return n, s[i:], nil
}

// formatSpec formats one value as Python's format(v, spec).
func (s *state) formatSpec(v Value, spec string) (string, error) {
	v = plain(v)
	if spec == "" {
		return ToString(v), nil
	}
	if _, ok := v.(string); !ok && !isNumber(v) {
		return "", typeError("unsupported format string passed to %s.__format__", typeName(v))
	}
	f, err := parseFieldSpec(spec)
	if err != nil {
		return "", err
	}
	if err := s.spendTimes(len(f.fill), f.width); err != nil {
		return "", err
	}
	switch x := v.(type) {
	case string:
		return f.str(x)
	case float64:
		return f.float(x, f.verb)
	case *Decimal:
		out, err := f.decimal(x)
		if err != nil {
			return "", err
		}
		return out, s.spend(len(out))
	}
	return f.integer(v)
}

func (f fieldSpec) str(s string) (string, error) {
	if f.verb != 0 && f.verb != 's' {
		return "", valueError("unknown format code '%c' for object of type 'str'", f.verb)
	}
	if f.sign != 0 || f.comma != 0 || f.alt || f.align == '=' {
		return "", valueError("format specifier not allowed for strings")
	}
	return f.pad("", f.cut(s), '<'), nil
}

// cut shortens a string to the precision.
func (f fieldSpec) cut(s string) string {
	if f.prec < 0 {
		return s
	}
	r := newRuneString(s)
	return r.slice(0, min(f.prec, r.len()))
}

// pad aligns sign+body in the width.
func (f fieldSpec) pad(sign, body string, dflt byte) string {
	n := f.width - utf8.RuneCountInString(sign) - utf8.RuneCountInString(body)
	if n <= 0 {
		return sign + body
	}
	align := f.align
	if align == 0 {
		align = dflt
	}
	fill := func(n int) string { return strings.Repeat(f.fill, n) }
	switch align {
	case '<':
		return sign + body + fill(n)
	case '^':
		return fill(n/2) + sign + body + fill(n-n/2)
	case '=':
		return sign + fill(n) + body
	}
	return fill(n) + sign + body
}

func (f fieldSpec) signOf(negative bool) string {
	if negative {
		return "-"
	}
	if f.sign == '+' || f.sign == ' ' {
		return string(f.sign)
	}
	return ""
}

// char is the character of a code point.
func char(n *big.Int) (string, error) {
	if n.Sign() < 0 || n.Cmp(big.NewInt(utf8.MaxRune)) > 0 {
		return "", fail(KindOverflow, "%%c arg not in range(0x110000)")
	}
	return string(rune(n.Int64())), nil
}

// digits writes an integer in the base of the verb: its sign with the base's prefix where asked for, and the digits.
func (f fieldSpec) digits(n *big.Int) (sign, body string) {
	base := map[byte]int{'x': 16, 'X': 16, 'o': 8, 'b': 2}[f.verb]
	sign = f.signOf(n.Sign() < 0)
	if base == 0 {
		base = 10
	} else if f.alt {
		sign += "0" + string(f.verb)
	}
	body = new(big.Int).Abs(n).Text(base)
	if f.verb == 'X' {
		body = strings.ToUpper(body)
	}
	return sign, body
}

func (f fieldSpec) integer(v Value) (string, error) {
	n, _ := bigOf(v)
	every := 3
	switch f.verb {
	case 0, 'd', 'n':
	case 'x', 'X', 'o', 'b':
		every = 4
	case 'c':
		c, err := char(n)
		return f.pad("", c, '<'), err
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		x, _ := floatOf(v)
		return f.float(x, f.verb)
	default:
		return "", valueError("unknown format code '%c' for object of type 'int'", f.verb)
	}
	if f.prec >= 0 {
		return "", valueError("precision not allowed in integer format specifier")
	}
	sign, body := f.digits(n)
	return f.number(sign, body, "", every), nil
}

// number groups the digits and pads; zero padding takes part in the grouping.
func (f fieldSpec) number(sign, digits, rest string, every int) string {
	if f.zero {
		f.fill, f.align = "0", '='
	}
	if f.comma == 0 {
		return f.pad(sign, digits+rest, '>')
	}
	if f.fill == "0" && f.align == '=' {
		n, room := len(digits), f.width-len(sign)-len(rest)
		for n+(n-1)/every < room {
			n++
		}
		digits = strings.Repeat("0", n-len(digits)) + digits
	}
	return f.pad(sign, group(digits, f.comma, every)+rest, '>')
}

// group puts a separator between every so many digits.
func group(digits string, sep byte, every int) string {
	var b strings.Builder
	for i, c := range []byte(digits) {
		if i > 0 && (len(digits)-i)%every == 0 {
			b.WriteByte(sep)
		}
		b.WriteByte(c)
	}
	return b.String()
}

func (f fieldSpec) float(x float64, verb byte) (string, error) {
	prec := f.prec
	if prec < 0 {
		prec = 6
	}
	if prec > 5000 {
		return "", valueError("precision too big")
	}
	abs := math.Abs(x)
	var body string
	switch verb {
	case 'e', 'E', 'f', 'F', 'g', 'G':
		body = formatFloat(abs, verb, prec, f.alt)
	case 'n':
		body = formatFloat(abs, 'g', prec, f.alt)
	case '%':
		body = formatFloat(abs*100, 'f', prec, f.alt) + "%"
	case 0:
		body = reprFloat(abs)
		if f.prec >= 0 {
			body = formatGeneral(abs, prec, f.alt, true)
		}
	default:
		return "", valueError("unknown format code '%c' for object of type 'float'", verb)
	}
	i := strings.IndexFunc(body, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 {
		i = len(body)
	}
	return f.number(f.signOf(math.Signbit(x) && !math.IsNaN(x)), body[:i], body[i:], 3), nil
}

func (f fieldSpec) decimal(d *Decimal) (string, error) {
	verb := f.verb
	switch verb {
	case 0:
		verb = 'G'
	case 'n':
		verb = 'g'
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
	default:
		return "", valueError("invalid format string")
	}
	switch {
	case f.alt:
		return "", valueError("invalid format string")
	case f.prec > 5000:
		return "", valueError("precision too big")
	case !d.finite() && f.zero:
		f.fill, f.zero = " ", false
	}
	whole, rest := d.digits(verb, f.prec)
	return f.number(f.signOf(d.n.Negative), whole, rest, 3), nil
}
