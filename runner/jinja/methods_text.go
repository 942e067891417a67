package jinja

import (
	"strings"
	"unicode/utf8"
)

func stringList(parts []string) *List {
	items := make([]Value, len(parts))
	for i, p := range parts {
		items[i] = p
	}
	return NewList(items...)
}

func splitMethod(name string) strFunc {
	return func(s string, a []Value, c *Call) (Value, error) {
		limit := a[1].(int)
		if err := c.s.spendItems(len(s)/2 + 1); err != nil {
			return nil, err
		}
		if a[0] == nil {
			return stringList(splitSpace(s, limit, name == "rsplit")), nil
		}
		sep, err := needStr(a[0], "separator")
		if err != nil {
			return nil, err
		}
		if sep == "" {
			return nil, valueError("empty separator")
		}
		if name == "split" || limit < 0 {
			if limit >= 0 {
				limit = min(limit, len(s)) + 1
			}
			return stringList(strings.SplitN(s, sep, limit)), nil
		}
		var parts []string
		for ; limit > 0; limit-- {
			i := strings.LastIndex(s, sep)
			if i < 0 {
				break
			}
			parts = append([]string{s[i+len(sep):]}, parts...)
			s = s[:i]
		}
		return stringList(append([]string{s}, parts...)), nil
	}
}

// splitSpace splits at runs of white space, at most limit times unless it is negative, from the right if so asked.
func splitSpace(s string, limit int, fromRight bool) []string {
	if limit < 0 {
		return strings.FieldsFunc(s, isSpace)
	}
	var parts []string
	if !fromRight {
		for s = strings.TrimLeftFunc(s, isSpace); s != ""; s = strings.TrimLeftFunc(s, isSpace) {
			i := strings.IndexFunc(s, isSpace)
			if limit == 0 || i < 0 {
				return append(parts, s)
			}
			parts, s = append(parts, s[:i]), s[i:]
			limit--
		}
		return parts
	}
	for s = strings.TrimRightFunc(s, isSpace); s != ""; s = strings.TrimRightFunc(s, isSpace) {
		i := strings.LastIndexFunc(s, isSpace)
		if limit == 0 || i < 0 {
			return append([]string{s}, parts...)
		}
		n := runeLen(s[i:])
		parts, s = append([]string{s[i+n:]}, parts...), s[:i]
		limit--
	}
	return parts
}

// splitLines cuts s after each line end.
func splitLines(s string, keep bool) []string {
	var out []string
	for s != "" {
		i := strings.IndexFunc(s, isLineEnd)
		if i < 0 {
			return append(out, s)
		}
		n := runeLen(s[i:])
		if strings.HasPrefix(s[i:], "\r\n") {
			n = 2
		}
		if keep {
			out = append(out, s[:i+n])
		} else {
			out = append(out, s[:i])
		}
		s = s[i+n:]
	}
	return out
}

func isLineEnd(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= 0x1c && r <= 0x1e || r == 0x85 || r == 0x2028 || r == 0x2029
}

func splitLinesMethod(s string, a []Value, c *Call) (Value, error) {
	return stringList(splitLines(s, Truth(a[0]))), c.s.spendItems(len(s) / 4)
}

func joinMethod(sep string, a []Value, c *Call) (Value, error) {
	items, err := c.s.drain(a[0])
	if err != nil {
		return nil, err
	}
	size := 0
	for i, x := range items {
		p, ok := Str(x)
		if !ok {
			return nil, typeError("sequence item %d: expected str instance, %s found", i, typeName(x))
		}
		size += len(p) + len(sep)
	}
	if err := c.s.spend(size); err != nil {
		return nil, err
	}
	var b strings.Builder
	for i, x := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(ToString(x))
	}
	return b.String(), nil
}

func replaceMethod(s string, a []Value, c *Call) (Value, error) {
	return c.s.replace(s, a[0].(string), a[1].(string), a[2].(int))
}

func (s *state) replace(str, old, with string, n int) (Value, error) {
	count := strings.Count(str, old)
	if n >= 0 {
		count = min(count, n)
	}
	if err := s.spendTimes(len(with)+1, count); err != nil {
		return nil, err
	}
	return strings.Replace(str, old, with, n), s.spend(len(str))
}

func justify(name string) strFunc {
	return func(s string, a []Value, c *Call) (Value, error) {
		width, fill := a[0].(int), a[1].(string)
		if utf8.RuneCountInString(fill) != 1 {
			return nil, typeError("the fill character must be exactly one character long")
		}
		pad := max(width-utf8.RuneCountInString(s), 0)
		if err := c.s.spendTimes(len(fill), pad); err != nil {
			return nil, err
		}
		left := 0
		switch name {
		case "rjust":
			left = pad
		case "center":
			left = pad/2 + pad&width&1
		}
		return strings.Repeat(fill, left) + s + strings.Repeat(fill, pad-left), nil
	}
}

func zfill(s string, a []Value, c *Call) (Value, error) {
	width := a[0].(int)
	pad := max(width-utf8.RuneCountInString(s), 0)
	if err := c.s.spend(pad); err != nil {
		return nil, err
	}
	sign := ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, s = s[:1], s[1:]
	}
	return sign + strings.Repeat("0", pad) + s, nil
}

func expandTabs(s string, a []Value, c *Call) (Value, error) {
	size := a[0].(int)
	if err := c.s.spendTimes(max(size, 0), strings.Count(s, "\t")); err != nil {
		return nil, err
	}
	var b strings.Builder
	col := 0
	for _, r := range s {
		switch {
		case r == '\t' && size > 0:
			n := size - col%size
			b.WriteString(strings.Repeat(" ", n))
			col += n
		case r == '\t':
		default:
			b.WriteRune(r)
			col++
			if r == '\n' || r == '\r' {
				col = 0
			}
		}
	}
	return b.String(), nil
}
