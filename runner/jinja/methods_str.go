package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// strFunc is a string method whose arguments have been bound.
type strFunc = func(s string, a []Value, c *Call) (Value, error)

func stringMethodTable() map[string]methodFunc {
	start, end, sep := Optional("start", nil), Optional("end", nil), str(Required("sep"), "separator")
	width := integer(Required("width"))
	m := map[string]methodFunc{
		"translate":  methodOf(translate, Required("table")),
		"splitlines": methodOf(splitLinesMethod, Optional("keepends", false)),
		"join":       methodOf(joinMethod, Required("iterable")),
		"replace": methodOf(replaceMethod, str(Required("old"), "replace() argument 1"), str(Required("new"), "replace() argument 2"),
			integer(Optional("count", -1))),
		"zfill":      methodOf(zfill, width),
		"expandtabs": methodOf(expandTabs, integer(Optional("tabsize", 8))),
		"format":     func(recv Value, c *Call) (Value, error) { return c.s.strFormat(recv.(string), c.Args, c.Kwargs) },
		"format_map": methodOf(formatMap, Required("mapping")),
	}
	for name, fn := range map[string]func(string) string{
		"upper": upper, "lower": lower, "casefold": casefold, "capitalize": capitalize, "title": pyTitle, "swapcase": swapCase,
	} {
		m[name] = methodOf(func(s string, _ []Value, c *Call) (Value, error) { return fn(s), c.s.spend(len(s)) })
	}
	for name, is := range strPredicates {
		m[name] = methodOf(func(s string, _ []Value, _ *Call) (Value, error) { return is(s), nil })
	}
	for _, name := range []string{"strip", "lstrip", "rstrip"} {
		m[name] = methodOf(func(s string, a []Value, _ *Call) (Value, error) { return strip(name, s, a[0]) }, Optional("chars", nil))
	}
	for _, name := range []string{"removeprefix", "removesuffix"} {
		m[name] = methodOf(removeAffix(name), str(Required("affix"), "argument"))
	}
	for _, name := range []string{"startswith", "endswith"} {
		m[name] = methodOf(hasAffix(name), Required("affix"), start, end)
	}
	for _, name := range []string{"find", "rfind", "index", "rindex", "count"} {
		m[name] = methodOf(findIn(name), str(Required("sub"), "argument"), start, end)
	}
	for _, name := range []string{"split", "rsplit"} {
		m[name] = methodOf(splitMethod(name), Optional("sep", nil), integer(Optional("maxsplit", -1)))
	}
	for _, name := range []string{"partition", "rpartition"} {
		m[name] = methodOf(partition(name), sep)
	}
	for _, name := range []string{"ljust", "rjust", "center"} {
		m[name] = methodOf(justify(name), width, str(Optional("fillchar", " "), "the fill character"))
	}
	return m
}

func formatMap(s string, a []Value, c *Call) (Value, error) {
	d, ok := a[0].(*Dict)
	if !ok {
		return nil, typeError("format_map() argument must be a mapping")
	}
	return c.s.strFormat(s, nil, d)
}

// every makes a predicate that asks something of all characters, of which there must be one.
func every(is func(rune) bool) func(string) bool {
	return func(s string) bool { return s != "" && all(s, is) }
}

func all(s string, is func(rune) bool) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !is(r) }) < 0
}

var strPredicates = map[string]func(string) bool{
	"isdigit":      every(unicode.IsDigit),
	"isdecimal":    every(unicode.IsDigit),
	"isnumeric":    every(unicode.IsNumber),
	"isalpha":      every(unicode.IsLetter),
	"isalnum":      every(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
	"isspace":      every(isSpace),
	"isascii":      isASCII,
	"isprintable":  func(s string) bool { return all(s, unicode.IsPrint) },
	"isidentifier": isIdentifier,
	"islower":      func(s string) bool { return isCase(s, unicode.IsLower, unicode.IsUpper) },
	"isupper":      func(s string) bool { return isCase(s, unicode.IsUpper, unicode.IsLower) },
	"istitle":      func(s string) bool { return s == pyTitle(s) && strings.IndexFunc(s, isCased) >= 0 },
}

// isCase tells whether s has letters of one case and none of the other.
func isCase(s string, is, isOther func(rune) bool) bool {
	return strings.IndexFunc(s, isOther) < 0 && strings.IndexFunc(s, is) >= 0
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// strip removes white space, or the given characters, at the ends that the method's name says.
func strip(name, s string, chars Value) (Value, error) {
	in := isSpace
	if chars != nil {
		set, ok := Str(chars)
		if !ok {
			return nil, typeError("%s arg must be None or str", name)
		}
		in = func(r rune) bool { return strings.ContainsRune(set, r) }
	}
	if name != "rstrip" {
		s = strings.TrimLeftFunc(s, in)
	}
	if name != "lstrip" {
		s = strings.TrimRightFunc(s, in)
	}
	return s, nil
}

func needStr(v Value, what string) (string, error) {
	s, ok := Str(v)
	if !ok {
		return "", wrongType(v, "%s must be str, not %s", what, typeName(v))
	}
	return s, nil
}

func needInt(v Value) (int, error) {
	n, ok := intOf(v)
	if !ok {
		return 0, wrongType(v, "'%s' object cannot be interpreted as an integer", typeName(v))
	}
	return n, nil
}

// needCount is needInt for a filter's argument, which Jinja2 reckons with: an undefined one is an UndefinedError.
func needCount(v Value) (int, error) {
	if u, ok := v.(*Undefined); ok {
		return 0, u.err()
	}
	return needInt(v)
}

// wrongType is the TypeError of a function that got v. If v is undefined, the hint says which name is.
func wrongType(v Value, format string, args ...any) error {
	e := fail(KindType, format, args...)
	if u, ok := v.(*Undefined); ok {
		cause := u.err()
		e.Hint = cause.Message
		if cause.Hint != "" {
			e.Hint += "; " + cause.Hint
		}
	}
	return e
}

// translate replaces characters by the table's entries for their code points; none deletes one.
func translate(s string, a []Value, c *Call) (Value, error) {
	table, ok := a[0].(*Dict)
	if !ok {
		return nil, wrongType(a[0], "translate() needs a mapping, not %s", typeName(a[0]))
	}
	var b strings.Builder
	for _, r := range s {
		v, ok := table.Get(int(r))
		switch n, isInt := v.(int); {
		case !ok:
			b.WriteRune(r)
		case isInt:
			b.WriteRune(rune(n))
		case v != nil:
			b.WriteString(ToString(v))
		}
		if err := c.s.spend(1); err != nil {
			return nil, err
		}
	}
	return b.String(), c.s.spend(b.Len())
}

func removeAffix(name string) strFunc {
	return func(s string, a []Value, _ *Call) (Value, error) {
		if name == "removeprefix" {
			return strings.TrimPrefix(s, a[0].(string)), nil
		}
		return strings.TrimSuffix(s, a[0].(string)), nil
	}
}

// window gives the part of s between the rune bounds that the arguments give, and the rune offset of its start. It is
// false when the start lies behind the end of s.
func window(s string, start, end Value) (part string, runes int, ok bool, err error) {
	if start == nil && end == nil {
		return s, 0, true, nil
	}
	bounds := []Value{start, end, nil}
	if err := checkBounds(bounds); err != nil {
		return "", 0, false, err
	}
	r := newRuneString(s)
	from, to, _ := sliceBounds(bounds, r.len())
	if n, isInt := intOf(start); isInt && n > r.len() || from > to {
		return "", 0, false, nil
	}
	return r.slice(from, to), from, true, nil
}

func hasAffix(name string) strFunc {
	has := strings.HasPrefix
	if name == "endswith" {
		has = strings.HasSuffix
	}
	return func(s string, a []Value, _ *Call) (Value, error) {
		s, _, ok, err := window(s, a[1], a[2])
		if err != nil {
			return nil, err
		}
		affixes := []Value{a[0]}
		if t, isTuple := a[0].(*Tuple); isTuple {
			affixes = t.Items
		}
		for _, x := range affixes {
			affix, err := needStr(x, name+" first arg")
			if err != nil {
				return nil, err
			}
			if ok && has(s, affix) {
				return true, nil
			}
		}
		return false, nil
	}
}

func findIn(name string) strFunc {
	return func(s string, a []Value, _ *Call) (Value, error) {
		sub := a[0].(string)
		part, base, ok, err := window(s, a[1], a[2])
		if err != nil {
			return nil, err
		}
		if name == "count" {
			if !ok {
				return 0, nil
			}
			return strings.Count(part, sub), nil
		}
		i := -1
		if ok && strings.HasPrefix(name, "r") {
			i = strings.LastIndex(part, sub)
		} else if ok {
			i = strings.Index(part, sub)
		}
		if i >= 0 {
			return base + utf8.RuneCountInString(part[:i]), nil
		}
		if strings.HasSuffix(name, "index") {
			return nil, valueError("substring not found")
		}
		return -1, nil
	}
}

func partition(name string) strFunc {
	return func(s string, a []Value, _ *Call) (Value, error) {
		sep := a[0].(string)
		if sep == "" {
			return nil, valueError("empty separator")
		}
		if name == "partition" {
			if before, after, ok := strings.Cut(s, sep); ok {
				return NewTuple(before, sep, after), nil
			}
			return NewTuple(s, "", ""), nil
		}
		if i := strings.LastIndex(s, sep); i >= 0 {
			return NewTuple(s[:i], sep, s[i+len(sep):]), nil
		}
		return NewTuple("", "", s), nil
	}
}
