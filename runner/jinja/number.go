package jinja

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// maxBits bounds the size of an integer, so that 9**9**9 fails at once.
const maxBits = 1 << 17

// normBig gives n as int when it fits.
func normBig(n *big.Int) Value {
	if n.IsInt64() && (bits.UintSize == 64 || n.BitLen() < bits.UintSize) {
		return int(n.Int64())
	}
	return n
}

// intOf gives the int in v; booleans count as 0 and 1.
func intOf(v Value) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case bool:
		return boolInt(v), true
	}
	return 0, false
}

// bigOf gives any integer in v as big.Int, which must not be changed.
func bigOf(v Value) (*big.Int, bool) {
	if b, ok := v.(*big.Int); ok {
		return b, true
	}
	if i, ok := intOf(v); ok {
		return big.NewInt(int64(i)), true
	}
	return nil, false
}

// floatOf gives any number in v as float.
func floatOf(v Value) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, true
	case *Decimal:
		return v.float(), true
	}
	i, ok := intOf(v)
	return float64(i), ok
}

func isNumber(v Value) bool {
	switch v.(type) {
	case int, bool, float64, *big.Int, *Decimal:
		return true
	}
	return false
}

func isDecimal(v Value) bool { return isA[*Decimal](v) }

// arith applies an operator to two numbers.
func arith(op string, a, b Value) (Value, error) {
	x, ok1 := intOf(a)
	y, ok2 := intOf(b)
	if ok1 && ok2 {
		if v, ok := smallInt(op, x, y); ok {
			return v, nil
		}
	}
	if isDecimal(a) || isDecimal(b) {
		return arithDecimal(op, a, b)
	}
	_, fa := a.(float64)
	_, fb := b.(float64)
	if fa || fb {
		f, _ := floatOf(a)
		g, _ := floatOf(b)
		return floatArith(op, f, g)
	}
	m, _ := bigOf(a)
	n, _ := bigOf(b)
	return bigArith(op, m, n)
}

// smallInt computes on machine integers; false asks for the slow path: overflow, division by zero or a rare operator.
func smallInt(op string, x, y int) (Value, bool) {
	switch op {
	case "+":
		r := x + y
		return r, (r > x) == (y > 0)
	case "-":
		r := x - y
		return r, (r < x) == (y > 0)
	case "*":
		if x == 0 || y == 0 {
			return 0, true
		}
		r := x * y
		return r, r/y == x && (x != -1 || y != math.MinInt) && (y != -1 || x != math.MinInt)
	case "//":
		if y == 0 || y == -1 {
			return nil, false
		}
		q := x / y
		if x%y != 0 && (x < 0) != (y < 0) {
			q--
		}
		return q, true
	case "%":
		if y == 0 || y == -1 {
			return nil, false
		}
		r := x % y
		if r != 0 && (r < 0) != (y < 0) {
			r += y
		}
		return r, true
	}
	return nil, false
}

func bigArith(op string, a, b *big.Int) (Value, error) {
	r := new(big.Int)
	if a.BitLen()+b.BitLen() > maxBits {
		return nil, fail(KindLimit, "integer is too large")
	}
	switch op {
	case "+":
		return normBig(r.Add(a, b)), nil
	case "-":
		return normBig(r.Sub(a, b)), nil
	case "*":
		return normBig(r.Mul(a, b)), nil
	case "**":
		return bigPow(a, b)
	}
	if b.Sign() == 0 {
		if op == "/" {
			return nil, fail(KindZeroDiv, "division by zero")
		}
		return nil, fail(KindZeroDiv, "integer division or modulo by zero")
	}
	if op == "/" {
		f, _ := new(big.Rat).SetFrac(a, b).Float64()
		if f == 0 && b.Sign() < 0 {
			f = math.Copysign(0, -1)
		}
		if math.IsInf(f, 0) {
			return nil, fail(KindOverflow, "integer division result too large for a float")
		}
		return f, nil
	}
	m := new(big.Int)
	r.QuoRem(a, b, m)
	if m.Sign() != 0 && m.Sign() != b.Sign() {
		r.Sub(r, big.NewInt(1))
		m.Add(m, b)
	}
	if op == "//" {
		return normBig(r), nil
	}
	return normBig(m), nil
}

func bigPow(a, b *big.Int) (Value, error) {
	if b.Sign() < 0 {
		x, _ := floatOf(normBig(a))
		y, _ := floatOf(normBig(b))
		return floatArith("**", x, y)
	}
	if a.BitLen() > 1 && (!b.IsInt64() || b.Int64()*int64(a.BitLen()) > maxBits || b.Int64() > maxBits) {
		return nil, fail(KindLimit, "integer is too large")
	}
	if a.BitLen() <= 1 && b.BitLen() > 1 { // -1, 0, 1: only the parity of the exponent counts
		b = big.NewInt(2 + int64(b.Bit(0)))
	}
	return normBig(new(big.Int).Exp(a, b, nil)), nil
}

func floatArith(op string, a, b float64) (Value, error) {
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "**":
		return floatPow(a, b)
	}
	if b == 0 {
		return nil, fail(KindZeroDiv, "float division by zero")
	}
	if op == "/" {
		return a / b, nil
	}
	m := math.Mod(a, b)
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	if op == "%" {
		if m == 0 {
			m = math.Copysign(0, b)
		}
		return m, nil
	}
	q := (a - m) / b
	if q != 0 {
		f := math.Floor(q)
		if q-f > 0.5 {
			f++
		}
		return f, nil
	}
	return math.Copysign(0, a/b), nil
}

func floatPow(a, b float64) (Value, error) {
	if a == 0 && b < 0 {
		return nil, fail(KindZeroDiv, "0.0 cannot be raised to a negative power")
	}
	if a < 0 && b != math.Trunc(b) {
		return nil, typeError("complex numbers are not supported")
	}
	r := pow(a, b)
	if math.IsInf(r, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
		return nil, fail(KindOverflow, "numerical result out of range")
	}
	return r, nil
}

// powContext reckons with more digits than a float has.
var powContext = apd.Context{Precision: 36, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Rounding: apd.RoundHalfEven}

// pow rounds correctly where math.Pow may be off in the last digits.
func pow(a, b float64) float64 {
	f := math.Pow(a, b)
	whole := a == math.Trunc(a) && b == math.Trunc(b) && b >= 0 && math.Abs(f) < 1<<53
	if whole || math.IsInf(f, 0) || math.IsNaN(f) {
		return f
	}
	var r apd.Decimal
	if _, err := powContext.Pow(&r, &decimalOfFloat(math.Abs(a)).n, &decimalOfFloat(b).n); err != nil {
		return f
	}
	exact, err := strconv.ParseFloat(r.String(), 64)
	if err != nil || math.Abs(exact-math.Abs(f)) > 1e-12*exact {
		return f
	}
	return math.Copysign(exact, f)
}

// parseInt reads an integer as Python's int(s, base) does.
func parseInt(s string, base int) (Value, bool) {
	s = strings.TrimFunc(s, isSpace)
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || len(digits) == 0 || len(digits) > maxBits/4 {
		return nil, false
	}
	if base < 0 || base == 1 || base > 36 {
		return nil, false
	}
	lower := strings.ToLower(digits)
	for b, p := range map[int]string{2: "0b", 8: "0o", 16: "0x"} {
		if (base == b || base == 0) && strings.HasPrefix(lower, p) {
			base, digits = b, strings.TrimPrefix(digits[2:], "_")
			break
		}
	}
	if base == 0 {
		base = 10
	}
	if strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return nil, false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return nil, false
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, false
	}
	if s[0] == '-' {
		n.Neg(n)
	}
	return normBig(n), true
}

// parseFloat reads a float as Python's float(s) does.
func parseFloat(s string) (float64, bool) {
	s = strings.ToLower(strings.TrimFunc(s, isSpace))
	if strings.ContainsAny(s, "xp") || strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

// floatToInt is Python's int(f).
func floatToInt(f float64) (Value, error) {
	if math.IsNaN(f) {
		return nil, valueError("cannot convert float NaN to integer")
	}
	if math.IsInf(f, 0) {
		return nil, fail(KindOverflow, "cannot convert float infinity to integer")
	}
	n, _ := new(big.Float).SetFloat64(math.Trunc(f)).Int(nil)
	return normBig(n), nil
}

// roundFloat rounds to digits after the point as Python's round() does: the exact binary value, ties to even.
func roundFloat(f float64, digits int) float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) || digits > 320 {
		return f
	}
	if digits < 0 {
		if digits < -308 {
			return math.Copysign(0, f)
		}
		p := math.Pow10(-digits)
		return math.RoundToEven(f/p) * p
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', digits, 64), 64)
	if err != nil {
		return f
	}
	return r
}
