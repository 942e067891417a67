package jinja

import (
	"math"
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
	out, err := spec.percent(v)
	b.WriteString(out)
	return i, err
}

// spec parses flags, width and precision.
func (p *percentArgs) spec(f string) (fieldSpec, int, error) {
	s := fieldSpec{fill: " ", prec: -1}
	i := 0
	for ; i < len(f) && strings.IndexByte("-+ 0#", f[i]) >= 0; i++ {
		switch f[i] {
		case '-':
			s.align = '<'
		case '+':
			s.sign = '+'
		case ' ':
			s.sign = max(s.sign, ' ')
		case '0':
			s.zero = true
		case '#':
			s.alt = true
		}
	}
	var err error
	if s.width, i, err = p.size(f, i); err != nil {
		return s, i, err
	}
	if s.width < 0 {
		s.align, s.width = '<', -s.width
	}
	s.zero = s.zero && s.align == 0
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

// percent formats v as a conversion of a % format.
func (f fieldSpec) percent(v Value) (string, error) {
	v = plain(v)
	switch f.verb {
	case 's':
		return f.pad("", f.cut(ToString(v)), '>'), nil
	case 'r', 'a':
		return f.pad("", f.cut(Repr(v)), '>'), nil
	case 'c':
		return f.percentChar(v)
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return f.percentInt(v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		if u, ok := v.(*Undefined); ok {
			return "", u.err()
		}
		x, ok := floatOf(v)
		if !ok {
			return "", typeError("must be real number, not %s", typeName(v))
		}
		return f.float(x, f.verb)
	}
	return "", valueError("unsupported format character '%c' (0x%x)", f.verb, f.verb)
}

func (f fieldSpec) percentChar(v Value) (string, error) {
	if n, ok := bigOf(v); ok {
		c, err := char(n)
		return f.pad("", c, '>'), err
	}
	if s, ok := v.(string); ok && utf8.RuneCountInString(s) == 1 {
		return f.pad("", s, '>'), nil
	}
	return "", typeError("%%c requires int or char")
}

func (f fieldSpec) percentInt(v Value) (string, error) {
	decimal := strings.IndexByte("diu", f.verb) >= 0
	var err error
	switch x := v.(type) {
	case *Undefined:
		return "", x.err()
	case float64:
		if decimal {
			v, err = floatToInt(x)
		}
	case *Decimal:
		if decimal {
			v, err = x.integer()
		}
	}
	if err != nil {
		return "", err
	}
	n, ok := bigOf(v)
	if !ok && decimal {
		return "", typeError("%%%c format: a real number is required, not %s", f.verb, typeName(v))
	}
	if !ok {
		return "", typeError("%%%c format: an integer is required, not %s", f.verb, typeName(v))
	}
	sign, body := f.digits(n)
	return f.number(sign, strings.Repeat("0", max(f.prec-len(body), 0))+body, "", 3), nil
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
