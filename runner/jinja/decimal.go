package jinja

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Decimal is Python's decimal.Decimal: an exact number that keeps its scale, 1.50 is not printed as 1.5. It never
// changes. It reckons as Python does by default: 28 digits, halves to the even one. Exponents go to ±100,000.
type Decimal struct{ n apd.Decimal }

// NewDecimal reads a number such as 1.50, 1E+3, NaN or Infinity; false: text is none.
func NewDecimal(text string) (*Decimal, bool) {
	d := new(Decimal)
	_, _, err := d.n.SetString(text)
	return d, err == nil
}

// decimals is Python's default context.
var decimals = decimalContext{apd.Context{
	Precision: 28, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Rounding: apd.RoundHalfEven,
	Traps: apd.InvalidOperation | apd.DivisionByZero | apd.Overflow | apd.DivisionUndefined | apd.DivisionImpossible |
		apd.SystemOverflow | apd.SystemUnderflow,
}}

// decimalContext computes as Python does where the library leaves more zeros at the end.
type decimalContext struct{ apd.Context }

func (c *decimalContext) precise(digits int64) *decimalContext {
	return &decimalContext{*c.WithPrecision(uint32(digits))}
}

// quo divides. An exact quotient has as many places as the dividend has more than the divisor, if they suffice.
func (c *decimalContext) quo(d, x, y *apd.Decimal) (apd.Condition, error) {
	ideal := x.Exponent - y.Exponent
	flags, err := c.Quo(d, x, y)
	if err != nil || flags.Inexact() || d.Form != apd.Finite || d.Exponent >= ideal {
		return flags, err
	}
	var r apd.Decimal
	if r.Reduce(d); r.Exponent < ideal {
		ideal = r.Exponent
	}
	f, err := c.Quantize(d, d, ideal)
	return flags | f, err
}

// pow raises to a power. A negative whole one is the power of the reciprocal.
func (c *decimalContext) pow(d, x, y *apd.Decimal) (apd.Condition, error) {
	var whole, fraction, reciprocal apd.Decimal
	if y.Form != apd.Finite || !y.Negative || x.Form != apd.Finite || x.IsZero() {
		return c.Pow(d, x, y)
	}
	if y.Modf(&whole, &fraction); !fraction.IsZero() {
		return c.Pow(d, x, y)
	}
	digits := int64(c.Precision) + y.NumDigits() + 12
	if _, err := c.precise(digits).quo(&reciprocal, apd.New(1, 0), x); err != nil {
		return apd.InvalidOperation, err
	}
	return c.Pow(d, &reciprocal, whole.Abs(&whole))
}

// decimalOf gives a Decimal or an integer as Decimal, which must not be changed.
func decimalOf(v Value) (*Decimal, bool) {
	if d, ok := v.(*Decimal); ok {
		return d, true
	}
	n, ok := bigOf(v)
	if !ok {
		return nil, false
	}
	return decimalOfBig(n, 0), true
}

// decimalOfBig is n × 10^exponent.
func decimalOfBig(n *big.Int, exponent int32) *Decimal {
	d := &Decimal{apd.Decimal{Exponent: exponent, Negative: n.Sign() < 0}}
	d.n.Coeff.SetMathBigInt(n)
	d.n.Coeff.Abs(&d.n.Coeff)
	return d
}

// decimalOfFloat is the exact value of f.
func decimalOfFloat(f float64) *Decimal {
	switch {
	case math.IsNaN(f):
		return &Decimal{apd.Decimal{Form: apd.NaN}}
	case math.IsInf(f, 0):
		return &Decimal{apd.Decimal{Form: apd.Infinite, Negative: f < 0}}
	}
	// f is n ÷ 2^k, which is n × 5^k ÷ 10^k.
	r := new(big.Rat).SetFloat64(f)
	k := int64(r.Denom().BitLen() - 1)
	n := new(big.Int).Exp(big.NewInt(5), big.NewInt(k), nil)
	return decimalOfBig(n.Mul(n, r.Num()), int32(-k))
}

func (d *Decimal) isNaN() bool { return d.n.Form == apd.NaN || d.n.Form == apd.NaNSignaling }

func (d *Decimal) finite() bool { return d.n.Form == apd.Finite }

func (d *Decimal) truth() bool { return !d.finite() || d.n.Coeff.Sign() != 0 }

// failed is the error that Python raises for what went wrong in a computation.
func failed(c apd.Condition, err error) error {
	switch {
	case err == nil:
		return nil
	case c.DivisionByZero():
		return fail("DivisionByZero", "decimal division by zero")
	case c.Overflow() || c.SystemOverflow():
		return fail("Overflow", "the decimal is too large")
	}
	return fail("InvalidOperation", "invalid operation with a decimal")
}

// arithDecimal applies an operator to a Decimal and another number.
func arithDecimal(op string, a, b Value) (Value, error) {
	x, ok1 := decimalOf(a)
	y, ok2 := decimalOf(b)
	if !ok1 || !ok2 {
		return nil, unsupported(op, a, b) // a float is not exact
	}
	apply := map[string]func(d, x, y *apd.Decimal) (apd.Condition, error){
		"+": decimals.Add, "-": decimals.Sub, "*": decimals.Mul, "/": decimals.quo, "//": decimals.QuoInteger,
		"%": decimals.Rem, "**": decimals.pow,
	}[op]
	d := new(Decimal)
	if err := failed(apply(&d.n, &x.n, &y.n)); err != nil {
		return nil, err
	}
	return d, nil
}

// unaryDecimal applies +, - or abs, which round to the context's digits, too.
func unaryDecimal(op string, x *Decimal) (Value, error) {
	d := new(Decimal)
	apply := decimals.Round
	switch op {
	case "-":
		apply = decimals.Neg
	case "abs":
		apply = decimals.Abs
	}
	if err := failed(apply(&d.n, &x.n)); err != nil {
		return nil, err
	}
	if d.finite() && d.n.Coeff.Sign() == 0 {
		d.n.Negative = false // but for rounding down, zero has no sign after + and -
	}
	return d, nil
}

// compareDecimal orders two numbers of which one is a Decimal, by their exact values; 2 is unordered.
func compareDecimal(a, b Value) int {
	side := func(v Value) *Decimal {
		if f, ok := v.(float64); ok {
			return decimalOfFloat(f)
		}
		d, _ := decimalOf(v)
		return d
	}
	x, y := side(a), side(b)
	if x.isNaN() || y.isNaN() {
		return 2
	}
	return x.n.Cmp(&y.n)
}

// orderedNumbers is the error of ordering a Decimal that is no number, where floats are just unordered.
func orderedNumbers(a, b Value) error {
	x, ok1 := a.(*Decimal)
	y, ok2 := b.(*Decimal)
	if (ok1 || ok2) && compareDecimal(a, b) == 2 {
		if ok1 && x.isNaN() || ok2 && y.isNaN() {
			return fail("InvalidOperation", "comparison involving NaN")
		}
		return fail("InvalidOperation", "comparison of a decimal with a float that is NaN")
	}
	return nil
}

// float is the nearest float.
func (d *Decimal) float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64) // out of range it is ±Inf, as in Python
	return f
}

// integer is d without what is behind the point.
func (d *Decimal) integer() (Value, error) {
	switch {
	case d.isNaN():
		return nil, valueError("cannot convert NaN to integer")
	case !d.finite():
		return nil, fail(KindOverflow, "cannot convert Infinity to integer")
	case d.n.Exponent > maxBits/4:
		return nil, fail(KindLimit, "integer is too large")
	}
	n := d.n.Coeff.MathBigInt()
	p := big.NewInt(int64(d.n.Exponent))
	p.Exp(big.NewInt(10), p.Abs(p), nil)
	if d.n.Exponent >= 0 {
		n.Mul(n, p)
	} else {
		n.Quo(n, p)
	}
	if d.n.Negative {
		n.Neg(n)
	}
	return normBig(n), nil
}

// hash is the key of the int or float that d is equal to, if there is one.
func (d *Decimal) hash() (dictKey, error) {
	if d.n.Form == apd.NaNSignaling {
		return dictKey{}, typeError("cannot hash a signaling NaN value")
	}
	f := d.float()
	if compareDecimal(d, f) == 0 {
		return hashKey(f)
	}
	var r apd.Decimal
	r.Reduce(&d.n)
	if r.Exponent >= 0 && r.Exponent < 400 {
		n, err := d.integer()
		if err != nil {
			return dictKey{}, err
		}
		return hashKey(n)
	}
	return dictKey{kind: 'd', s: (&Decimal{r}).String()}, nil
}

// round rounds to places behind the point, a negative number of them before it.
func (d *Decimal) round(places int) (Value, error) {
	r := new(Decimal)
	if places > apd.MaxExponent || places < apd.MinExponent {
		return nil, fail("InvalidOperation", "cannot round a decimal to %d places", places)
	}
	if err := failed(decimals.Quantize(&r.n, &d.n, int32(-places))); err != nil {
		return nil, err
	}
	return r, nil
}

// roundUp is the round filter's ceil, or floor if not up: Jinja2 goes by way of an integer, so that a float comes out.
func (d *Decimal) roundUp(places int, up bool) (Value, error) {
	if places < 0 {
		return nil, unsupported("*", d, 0.1) // 10**-1 is a float
	}
	p, err := arith("**", 10, places)
	if err != nil {
		return nil, err
	}
	scaled, err := arithDecimal("*", d, p)
	if err != nil {
		return nil, err
	}
	whole, err := scaled.(*Decimal).integer()
	if err != nil {
		return nil, err
	}
	switch c := compareDecimal(scaled, whole); {
	case up && c > 0:
		whole, err = arith("+", whole, 1)
	case !up && c < 0:
		whole, err = arith("-", whole, 1)
	}
	if err != nil {
		return nil, err
	}
	return arith("/", whole, p)
}

// String prints d as Python's str().
func (d *Decimal) String() string {
	whole, rest := d.digits('G', -1)
	if d.n.Negative {
		return "-" + whole + rest
	}
	return whole + rest
}

// digits writes the number without its sign as a format's verb (e, E, f, F, g, G or %) asks: what is before the point,
// and the rest. A precision of -1 keeps all digits.
func (d *Decimal) digits(verb byte, prec int) (whole, rest string) {
	switch {
	case d.isNaN():
		rest = "NaN"
	case !d.finite():
		rest = "Infinity"
	}
	if rest != "" {
		return "", rest + strings.Repeat("%", boolInt(verb == '%'))
	}
	n := new(apd.Decimal).Set(&d.n)
	if verb == '%' {
		n.Exponent += 2
	}
	fixed, exponential := strings.IndexByte("fF%", verb) >= 0, verb == 'e' || verb == 'E'
	switch {
	case prec < 0:
	case fixed:
		rescale(n, int32(-prec))
	case exponential:
		significant(n, prec+1)
	case n.NumDigits() > int64(max(prec, 1)):
		significant(n, max(prec, 1))
	}
	zero := n.Coeff.Sign() == 0
	if zero && n.Exponent > 0 && fixed {
		n.Exponent = 0
	}
	coeff := n.Coeff.String()
	left := int(n.Exponent) + len(coeff)
	point := 1
	switch {
	case fixed, !exponential && n.Exponent <= 0 && left > -6:
		point = left
	case exponential && zero && prec >= 0:
		point = 1 - prec
	}
	whole, rest = splitDigits(coeff, point)
	if rest != "" {
		rest = "." + rest
	}
	if left != point || exponential {
		e := "E"
		if verb == 'e' || verb == 'g' {
			e = "e"
		}
		rest += e + plus(left-point)
	}
	if verb == '%' {
		rest += "%"
	}
	return whole, rest
}

func splitDigits(coeff string, point int) (whole, fraction string) {
	switch {
	case point <= 0:
		return "0", strings.Repeat("0", -point) + coeff
	case point > len(coeff):
		return coeff + strings.Repeat("0", point-len(coeff)), ""
	}
	return coeff[:point], coeff[point:]
}

func plus(n int) string {
	if n < 0 {
		return strconv.Itoa(n)
	}
	return "+" + strconv.Itoa(n)
}

// rescale gives n the exponent, rounding halves to even, whatever the number of its digits.
func rescale(n *apd.Decimal, exponent int32) {
	digits := max(n.NumDigits()+int64(n.Exponent)-int64(exponent), 0) + 2
	_, _ = decimals.precise(digits).Quantize(n, n, exponent)
}

// significant rounds n to so many digits, and fills it up to them.
func significant(n *apd.Decimal, digits int) {
	if n.Coeff.Sign() == 0 {
		return
	}
	exponent := n.Exponent + int32(n.NumDigits()) - int32(digits)
	rescale(n, exponent)
	if n.NumDigits() > int64(digits) { // 9.99 became 10.0
		rescale(n, exponent+1)
	}
}

// decimalAttr are the attributes of a Decimal that templates may want.
func decimalAttr(d *Decimal, name string) (Value, bool) {
	var fn func(c *Call) (Value, error)
	give := func(v Value, err error) { fn = func(*Call) (Value, error) { return v, err } }
	switch name {
	case "real":
		return d, true
	case "imag":
		return decimalOfBig(new(big.Int), 0), true
	case "normalize":
		v, err := unaryDecimal("+", d)
		if r, ok := v.(*Decimal); ok && r.finite() {
			reduced := new(Decimal)
			reduced.n.Reduce(&r.n)
			v = reduced
		}
		give(v, err)
	case "to_integral_value", "to_integral":
		r := d
		var err error
		if d.n.Exponent < 0 {
			r = new(Decimal)
			err = failed(decimals.RoundToIntegralValue(&r.n, &d.n))
		}
		give(r, err)
	case "is_nan":
		give(d.isNaN(), nil)
	case "is_finite":
		give(d.finite(), nil)
	case "is_infinite":
		give(d.n.Form == apd.Infinite, nil)
	case "is_zero":
		give(!d.truth(), nil)
	case "is_signed":
		give(d.n.Negative, nil)
	case "quantize":
		fn = func(c *Call) (Value, error) {
			args, err := c.Bind(Required("exp"))
			if err != nil {
				return nil, err
			}
			like, ok := decimalOf(args[0])
			if !ok || !like.finite() {
				return nil, typeError("conversion from %s to Decimal is not supported", typeName(args[0]))
			}
			return d.round(-int(like.n.Exponent))
		}
	default:
		return nil, false
	}
	return &method{d, name, func(_ Value, c *Call) (Value, error) { return fn(c) }}, true
}
