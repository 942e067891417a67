package jinja

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// percentArgs hands out the values of a % format.
type percentArgs struct {
	items []Value
	next  int
	dict  *Dict
}

func (p *percentArgs) take() (Value, error) {
	if p.next >= len(p.items) {
		return nil, typeError("not enough arguments for format string")
	}
	p.next++
	return p.items[p.next-1], nil
}

// byKey finds the value of the (key) that f starts with and gives the key's length. After it none is left to take by order.
func (p *percentArgs) byKey(f string) (Value, int, error) {
	if p.dict == nil {
		if len(p.items) == 1 {
			if u, ok := p.items[0].(*Undefined); ok {
				return nil, 0, u.err()
			}
		}
		return nil, 0, typeError("format requires a mapping")
	}
	end := strings.IndexByte(f, ')')
	if end < 0 {
		return nil, 0, valueError("incomplete format key")
	}
	v, ok := p.dict.Get(f[1:end])
	if !ok {
		return nil, 0, fail(KindKey, "%s", reprStr(f[1:end]))
	}
	p.next = len(p.items)
	return v, end + 1, nil
}

// percentSpec is one conversion of a % format.
type percentSpec struct {
	minus, plus, space, zero, alt bool
	width, prec                   int // prec -1: none
	verb                          byte
}

// percentFormat is Python's `format % args`.
func (s *state) percentFormat(format string, v Value) (Value, error) {
	args := &percentArgs{items: []Value{v}}
	switch x := v.(type) {
	case *Tuple:
		args.items = x.Items
	case *Dict:
		args.dict = x
	}
	var b strings.Builder
	for i := 0; i < len(format); {
		j := strings.IndexByte(format[i:], '%')
		if j < 0 {
			b.WriteString(format[i:])
			break
		}
		b.WriteString(format[i : i+j])
		n, err := s.conversion(&b, format[i+j+1:], args)
		if err != nil {
			return nil, err
		}
		i += j + 1 + n
	}
	_, isList := v.(*List)
	if args.next < len(args.items) && args.dict == nil && !isList && !isMapLike(v) {
		return nil, typeError("not all arguments converted during string formatting")
	}
	return b.String(), s.spend(b.Len())
}

// isMapLike tells values that Python accepts as unused mapping arguments.
func isMapLike(v Value) bool {
	switch v.(type) {
	case *Range, *Undefined:
		return true
	}
	return false
}

// conversion formats the conversion that f starts with, after the percent sign, and gives its length.
func (s *state) conversion(b *strings.Builder, f string, args *percentArgs) (int, error) {
	if strings.HasPrefix(f, "%") {
		b.WriteByte('%')
		return 1, nil
	}
	var key *Value
	i := 0
	if strings.HasPrefix(f, "(") {
		v, n, err := args.byKey(f)
		if err != nil {
			return 0, err
		}
		key, i = &v, n
	}
	spec, n, err := args.spec(f[i:])
	if err != nil {
		return 0, err
	}
	i += n
	if i >= len(f) {
		return 0, valueError("incomplete format")
	}
	spec.verb = f[i]
	i++
	if err := s.spend(spec.width + max(spec.prec, 0)); err != nil {
		return 0, err
	}
	var v Value
	if key != nil {
		v = *key
	} else if v, err = args.take(); err != nil {
		return 0, err
	}
	out, err := spec.format(v)
	b.WriteString(out)
	return i, err
}

// spec parses flags, width and precision.
func (p *percentArgs) spec(f string) (percentSpec, int, error) {
	s := percentSpec{prec: -1}
	i := 0
flags:
	for ; i < len(f); i++ {
		switch f[i] {
		case '-':
			s.minus = true
		case '+':
			s.plus = true
		case ' ':
			s.space = true
		case '0':
			s.zero = true
		case '#':
			s.alt = true
		default:
			break flags
		}
	}
	var err error
	if s.width, i, err = p.size(f, i); err != nil {
		return s, i, err
	}
	if s.width < 0 {
		s.minus, s.width = true, -s.width
	}
	if i < len(f) && f[i] == '.' {
		if s.prec, i, err = p.size(f, i+1); err != nil {
			return s, i, err
		}
		s.prec = max(s.prec, 0)
	}
	for i < len(f) && strings.IndexByte("hlL", f[i]) >= 0 {
		i++
	}
	return s, i, nil
}

// maxWidth bounds widths and precisions of formats.
const maxWidth = 1 << 24

// size parses a number or takes it from the arguments for a star.
func (p *percentArgs) size(f string, i int) (int, int, error) {
	if i < len(f) && f[i] == '*' {
		v, err := p.take()
		if err != nil {
			return 0, i, err
		}
		n, ok := intOf(v)
		if !ok {
			return 0, i, typeError("* wants int")
		}
		if n > maxWidth || n < -maxWidth {
			return 0, i, valueError("width too big")
		}
		return n, i + 1, nil
	}
	n := 0
	for ; i < len(f) && isDec(f[i]); i++ {
		if n = n*10 + int(f[i]-'0'); n > maxWidth {
			return 0, i, valueError("width too big")
		}
	}
	return n, i, nil
}

func (p percentSpec) format(v Value) (string, error) {
	v = plain(v)
	switch p.verb {
	case 's', 'r', 'a':
		str := ToString(v)
		if p.verb != 's' {
			str = Repr(v)
		}
		if p.prec >= 0 {
			r := newRuneString(str)
			str = r.slice(0, min(p.prec, r.len()))
		}
		return p.pad("", str, false), nil
	case 'c':
		return p.char(v)
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return p.integer(v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return p.float(v)
	}
	return "", valueError("unsupported format character '%c' (0x%x)", p.verb, p.verb)
}

// pad widens sign+body to the width, with zeros after the sign where asked.
func (p percentSpec) pad(sign, body string, number bool) string {
	n := p.width - utf8.RuneCountInString(sign) - utf8.RuneCountInString(body)
	switch {
	case n <= 0:
		return sign + body
	case p.minus:
		return sign + body + strings.Repeat(" ", n)
	case p.zero && number:
		return sign + strings.Repeat("0", n) + body
	}
	return strings.Repeat(" ", n) + sign + body
}

func (p percentSpec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case p.plus:
		return "+"
	case p.space:
		return " "
	}
	return ""
}

func (p percentSpec) char(v Value) (string, error) {
	if n, ok := v.(int); ok {
		if n < 0 || n > utf8.MaxRune {
			return "", fail(KindOverflow, "%%c arg not in range(0x110000)")
		}
		return p.pad("", string(rune(n)), false), nil
	}
	if s, ok := v.(string); ok && utf8.RuneCountInString(s) == 1 {
		return p.pad("", s, false), nil
	}
	return "", typeError("%%c requires int or char")
}

func (p percentSpec) integer(v Value) (string, error) {
	if f, ok := v.(float64); ok && strings.IndexByte("diu", p.verb) >= 0 {
		var err error
		if v, err = floatToInt(f); err != nil {
			return "", err
		}
	}
	if d, ok := v.(*Decimal); ok && strings.IndexByte("diu", p.verb) >= 0 {
		var err error
		if v, err = d.integer(); err != nil {
			return "", err
		}
	}
	if u, ok := v.(*Undefined); ok {
		return "", u.err()
	}
	n, ok := bigOf(v)
	if !ok {
		if strings.IndexByte("diu", p.verb) >= 0 {
			return "", typeError("%%%c format: a real number is required, not %s", p.verb, typeName(v))
		}
		return "", typeError("%%%c format: an integer is required, not %s", p.verb, typeName(v))
	}
	base, prefix := 10, ""
	switch p.verb {
	case 'x', 'X':
		base, prefix = 16, "0"+string(p.verb)
	case 'o':
		base, prefix = 8, "0o"
	}
	body := new(big.Int).Abs(n).Text(base)
	if p.verb == 'X' {
		body = strings.ToUpper(body)
	}
	if len(body) < p.prec {
		body = strings.Repeat("0", p.prec-len(body)) + body
	}
	sign := p.sign(n.Sign() < 0)
	if p.alt && base != 10 {
		sign += prefix
	}
	return p.pad(sign, body, true), nil
}

func (p percentSpec) float(v Value) (string, error) {
	if u, ok := v.(*Undefined); ok {
		return "", u.err()
	}
	f, ok := floatOf(v)
	if !ok {
		return "", typeError("must be real number, not %s", typeName(v))
	}
	prec := p.prec
	if prec < 0 {
		prec = 6
	}
	if prec > 5000 {
		return "", valueError("precision too big")
	}
	body := formatFloat(math.Abs(f), p.verb, prec, p.alt)
	return p.pad(p.sign(math.Signbit(f) && !math.IsNaN(f)), body, !math.IsInf(f, 0) && !math.IsNaN(f) || p.zero), nil
}

// formatFloat prints a non-negative float with a C conversion.
func formatFloat(f float64, verb byte, prec int, alt bool) string {
	var s string
	switch {
	case math.IsInf(f, 0):
		s = "inf"
	case math.IsNaN(f):
		s = "nan"
	case verb == 'e' || verb == 'E':
		s = strconv.FormatFloat(f, 'e', prec, 64)
		if alt && prec == 0 {
			s = s[:1] + "." + s[1:]
		}
	case verb == 'g' || verb == 'G':
		s = formatGeneral(f, prec, alt, false)
	default:
		s = strconv.FormatFloat(f, 'f', prec, 64)
		if alt && prec == 0 {
			s += "."
		}
	}
	if verb == 'E' || verb == 'G' || verb == 'F' {
		s = strings.ToUpper(s)
	}
	return s
}

// formatGeneral is C's %g: prec significant digits, trailing zeros dropped unless alt. With point there is at least one
// digit behind the point, as in Python's format without a type.
func formatGeneral(f float64, prec int, alt, point bool) string {
	prec = max(prec, 1)
	e := strconv.FormatFloat(f, 'e', prec-1, 64)
	mant, expText, _ := strings.Cut(e, "e")
	exp, _ := strconv.Atoi(expText)
	fixed := exp >= -4 && exp < prec-boolInt(point)
	if fixed {
		mant = strconv.FormatFloat(f, 'f', max(prec-1-exp, 0), 64)
	}
	switch {
	case alt && !strings.Contains(mant, "."):
		mant += "."
	case !alt && strings.Contains(mant, "."):
		mant = strings.TrimRight(strings.TrimRight(mant, "0"), ".")
	}
	switch {
	case !fixed:
		return mant + "e" + expText
	case point && !strings.Contains(mant, "."):
		return mant + ".0"
	}
	return mant
}
