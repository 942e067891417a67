package cell

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"
)

// number is a number as written: sign, digits and the place of the decimal mark.
type number struct {
	negative bool
	digits   []byte // without leading zeros; none for zero
	point    int    // the mark stands behind that many digits; may lie outside of them
}

// maxExponent bounds what is worth telling apart: beyond it a number is out of range or zero in every type.
const maxExponent = 5000

const (
	wantNumber  = "expected a number such as 1234.56"
	wantWhole   = "expected a whole number"
	wantDollars = "expected a number or an amount in dollars; convert other currencies first, or take their sign off"
)

// dollar may stand beside an amount. Other signs may not: who adds amounts up takes them for dollars.
const (
	dollar  = '$'
	foreign = "€£¥₹"
)

// parse reads a number of any style: signs, parentheses for negative ones, dollars, per cent, thousands separators,
// exponents. The digits are kept in the scratch space of r.
func (r *Reader) parse(text []byte) (number, string) {
	text, n, percent := strip(text)
	if len(text) == 0 {
		return n, wantNumber
	}
	if bytes.ContainsAny(text, foreign) {
		return n, wantDollars
	}
	body, exponent, ok := splitExponent(text)
	if !ok {
		return n, wantNumber
	}
	mark, reason := r.decimalMark(body)
	if reason != "" {
		return n, reason
	}
	digits, point, ok := r.collect(body, mark)
	if !ok {
		return n, wantNumber
	}
	n.digits, n.point = digits, point+exponent
	if percent {
		n.point -= 2
	}
	for len(n.digits) > 0 && n.digits[0] == '0' {
		n.digits, n.point = n.digits[1:], n.point-1
	}
	for len(n.digits) > 0 && n.digits[len(n.digits)-1] == '0' {
		n.digits = n.digits[:len(n.digits)-1]
	}
	if len(n.digits) == 0 {
		n.point = 0
	}
	return n, ""
}

// strip takes off what stands around the digits.
func strip(text []byte) (rest []byte, n number, percent bool) {
	if last := len(text) - 1; last > 1 && text[0] == '(' && text[last] == ')' {
		text, n.negative = trim(text[1:last]), true
	}
	signed := false
	for len(text) > 0 {
		c, size := utf8.DecodeRune(text)
		switch {
		case (c == '-' || c == '−') && !signed && !n.negative:
			n.negative, signed = true, true
		case c == '+' && !signed && !n.negative:
			signed = true
		case c == dollar:
			text = bytes.TrimLeft(text[size:], " \u00a0")
			continue
		default:
			size = 0
		}
		if size == 0 {
			break
		}
		text = text[size:]
	}
	for len(text) > 0 {
		c, size := utf8.DecodeLastRune(text)
		if c != '%' && c != dollar || c == '%' && percent {
			break
		}
		percent = percent || c == '%'
		text = bytes.TrimRight(text[:len(text)-size], " \u00a0\u202f")
	}
	return text, n, percent
}

// splitExponent cuts off e3, E-7 and the like.
func splitExponent(text []byte) (body []byte, exponent int, ok bool) {
	i := bytes.IndexAny(text, "eE")
	if i < 0 {
		return text, 0, true
	}
	digits := text[i+1:]
	negative := false
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		negative, digits = digits[0] == '-', digits[1:]
	}
	if len(digits) == 0 {
		return nil, 0, false
	}
	for _, c := range digits {
		if !isDigit(c) {
			return nil, 0, false
		}
		exponent = min(exponent*10+int(c-'0'), maxExponent)
	}
	if negative {
		exponent = -exponent
	}
	return text[:i], exponent, true
}

// decimalMark finds the byte that parts whole from fraction, 0 if there is none.
func (r *Reader) decimalMark(body []byte) (byte, string) {
	dot, comma := bytes.LastIndexByte(body, '.'), bytes.LastIndexByte(body, ',')
	own, other := byte('.'), comma
	if r.comma {
		own, other = ',', dot
	}
	switch {
	case other < 0 && bytes.Count(body, []byte{own}) > 1: // marks come once
		return '.' + ',' - own, ""
	case dot >= 0 && comma >= 0: // the last one is the mark, whatever was declared
		if dot > comma {
			return '.', ""
		}
		return ',', ""
	case other < 0 || bytes.Count(body, body[other:other+1]) > 1:
		return own, ""
	case isGrouped(body, body[other]):
		return own, ""
	case own == '.':
		return 0, "the comma is neither a decimal mark nor parts thousands; if it is the decimal mark, declare `decimal: \",\"`"
	default:
		return 0, "the point is neither a decimal mark nor parts thousands; if it is the decimal mark, declare `decimal: \".\"`"
	}
}

// isGrouped tells whether sep parts the digits of body into groups of three, the first one shorter or equal.
func isGrouped(body []byte, sep byte) bool {
	first := bytes.IndexByte(body, sep)
	if first < 1 || first > 3 || body[0] == '0' {
		return false
	}
	for rest := body[first:]; len(rest) > 0; rest = rest[4:] {
		if len(rest) < 4 || rest[0] != sep || !isDigit(rest[1]) || !isDigit(rest[2]) || !isDigit(rest[3]) {
			return false
		}
	}
	return true
}

// collect gathers the digits of body and the place of the mark. Thousands may be parted by the other mark, spaces,
// apostrophes, in groups of three; an underscore may stand between any two digits.
func (r *Reader) collect(body []byte, mark byte) (digits []byte, point int, ok bool) {
	whole, fraction := body, []byte(nil)
	if mark != 0 {
		if i := bytes.IndexByte(body, mark); i >= 0 {
			whole, fraction = body[:i], body[i+1:]
		}
	}
	r.scratch = r.scratch[:0]
	if !r.whole(whole) {
		return nil, 0, false
	}
	point = len(r.scratch)
	if !r.digits(fraction) {
		return nil, 0, false
	}
	return r.scratch, point, len(r.scratch) > 0
}

// whole gathers the digits before the mark.
func (r *Reader) whole(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if isDigit(text[i]) {
			continue
		}
		if text[i] == '_' {
			return r.digits(text)
		}
		sep, size := utf8.DecodeRune(text[i:])
		switch sep {
		case ',', '.', ' ', '\'', '’', '\u00a0', '\u202f':
			return r.groups(text, text[i:i+size])
		}
		return false
	}
	r.scratch = append(r.scratch, text...)
	return true
}

// groups gathers digits in groups of three.
func (r *Reader) groups(text, sep []byte) bool {
	for first := true; ; first = false {
		group, rest, more := bytes.Cut(text, sep)
		if len(group) > 3 || len(group) < 3 && !first || len(group) == 0 || first && group[0] == '0' {
			return false
		}
		for _, c := range group {
			if !isDigit(c) {
				return false
			}
		}
		r.scratch = append(r.scratch, group...)
		if !more {
			return true
		}
		text = rest
	}
}

func (r *Reader) digits(text []byte) bool {
	for i, c := range text {
		switch {
		case isDigit(c):
			r.scratch = append(r.scratch, c)
		case c == '_' && i > 0 && i+1 < len(text) && isDigit(text[i-1]) && isDigit(text[i+1]):
		default:
			return false
		}
	}
	return true
}

// plainLimit is how many digits before or behind the mark are written out; a number beyond it is out of range or rounds
// to zero.
const plainLimit = 400

// appendPlain writes sign, digits and mark, never an exponent.
func (n number) appendPlain(out []byte) []byte {
	if len(n.digits) == 0 {
		return append(out, '0')
	}
	if n.negative {
		out = append(out, '-')
	}
	for i := range n.point {
		if i < len(n.digits) {
			out = append(out, n.digits[i])
			continue
		}
		out = append(out, '0')
	}
	if n.point <= 0 {
		out = append(out, '0')
	}
	if n.point >= len(n.digits) {
		return out
	}
	out = append(out, '.')
	for range -n.point {
		out = append(out, '0')
	}
	return append(out, n.digits[max(n.point, 0):]...)
}

func (r *Reader) integer(out, text []byte) ([]byte, string) {
	if len(text) < 19 && isPlainInteger(text) {
		return append(out, text...), ""
	}
	n, reason := r.parse(text)
	switch {
	case reason == wantNumber:
		return out, wantWhole
	case reason != "":
		return out, reason
	case n.point < len(n.digits):
		return out, wantWhole
	case n.point > 19:
		return out, "expected a whole number of at most 18 digits"
	}
	start := len(out)
	out = n.appendPlain(out)
	if _, err := strconv.ParseInt(string(out[start:]), 10, 64); err != nil {
		return out[:start], "expected a whole number of at most 18 digits"
	}
	return out, ""
}

// isPlainInteger tells whether the text is what an engine would write.
func isPlainInteger(text []byte) bool {
	if len(text) > 1 && text[0] == '-' && text[1] != '0' {
		text = text[1:]
	}
	if len(text) > 1 && text[0] == '0' {
		return false
	}
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return len(text) > 0
}

func (r *Reader) decimal(out, text []byte) ([]byte, string) {
	n, reason := r.parse(text)
	if reason != "" {
		return out, reason
	}
	whole := r.Type.Precision - r.Type.Scale
	if n.point > whole || n.point == whole && r.roundsUp(n) {
		return out, "expected at most " + strconv.Itoa(whole) + " digits before the decimal mark (" + r.Type.String() + ")"
	}
	if len(n.digits) > n.point+r.Type.Scale { // the engine rounds; more digits than it can hold would not change a thing
		n.digits = n.digits[:max(0, min(len(n.digits), n.point+r.Type.Scale+1))]
	}
	return n.appendPlain(out), ""
}

// roundsUp tells whether rounding a number of the full width gives one digit more: 99.995 as decimal(4,2).
func (r *Reader) roundsUp(n number) bool {
	if len(n.digits) <= r.Type.Precision || n.digits[r.Type.Precision] < '5' {
		return false
	}
	for _, c := range n.digits[:r.Type.Precision] {
		if c != '9' {
			return false
		}
	}
	return true
}

func (r *Reader) double(out, text []byte) ([]byte, string) {
	n, reason := r.parse(text)
	if reason != "" {
		return out, reason
	}
	if n.point < -plainLimit {
		n.digits = nil
	}
	if len(n.digits) == 0 && n.negative {
		return append(out, "-0"...), ""
	}
	start := len(out)
	if n.point <= plainLimit {
		out = n.appendPlain(out)
	}
	if n.point > 300 {
		if f, err := strconv.ParseFloat(string(out[start:]), 64); err != nil || math.IsInf(f, 0) || n.point > plainLimit {
			return out[:start], "expected a number below 1.8e308"
		}
	}
	return out, ""
}
