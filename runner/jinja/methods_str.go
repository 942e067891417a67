package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// strFunc is a string method whose arguments have been bound.
type strFunc func(s string, a []Value, c *Call) (Value, error)

// bound makes a method of a function and its parameters.
func bound(fn strFunc, params ...ArgSpec) methodFunc {
	return func(recv Value, c *Call) (Value, error) {
		args, err := c.Bind(params...)
		if err != nil {
			return nil, err
		}
		return fn(recv.(string), args, c)
	}
}

// mapping makes a method of a function from string to string.
func mapping(fn func(string) string) methodFunc {
	return bound(func(s string, _ []Value, c *Call) (Value, error) {
		return fn(s), c.s.spend(len(s))
	})
}

// predicate makes a method that asks something of a string.
func predicate(fn func(string) bool) methodFunc {
	return bound(func(s string, _ []Value, _ *Call) (Value, error) { return fn(s), nil })
}

func strMethod(name string) methodFunc {
	switch name {
	case "upper":
		return mapping(upper)
	case "lower":
		return mapping(lower)
	case "casefold":
		return mapping(casefold)
	case "translate":
		return bound(translate, Required("table"))
	case "capitalize":
		return mapping(capitalize)
	case "title":
		return mapping(pyTitle)
	case "swapcase":
		return mapping(swapCase)
	case "strip", "lstrip", "rstrip":
		return bound(func(s string, a []Value, _ *Call) (Value, error) { return strip(name, s, a[0]) }, Optional("chars", nil))
	case "removeprefix", "removesuffix":
		return bound(removeAffix(name), Required("affix"))
	case "startswith", "endswith":
		return bound(hasAffix(name), Required("affix"), Optional("start", nil), Optional("end", nil))
	case "find", "rfind", "index", "rindex", "count":
		return bound(findIn(name), Required("sub"), Optional("start", nil), Optional("end", nil))
	case "split", "rsplit":
		return bound(splitMethod(name), Optional("sep", nil), Optional("maxsplit", -1))
	case "partition", "rpartition":
		return bound(partition(name), Required("sep"))
	case "splitlines":
		return bound(splitLinesMethod, Optional("keepends", false))
	case "join":
		return bound(joinMethod, Required("iterable"))
	case "replace":
		return bound(replaceMethod, Required("old"), Required("new"), Optional("count", -1))
	case "ljust", "rjust", "center":
		return bound(justify(name), Required("width"), Optional("fillchar", " "))
	case "zfill":
		return bound(zfill, Required("width"))
	case "expandtabs":
		return bound(expandTabs, Optional("tabsize", 8))
	case "format":
		return func(recv Value, c *Call) (Value, error) { return c.s.strFormat(recv.(string), c.Args, c.Kwargs) }
	case "format_map":
		return bound(func(s string, a []Value, c *Call) (Value, error) {
			d, ok := a[0].(*Dict)
			if !ok {
				return nil, typeError("format_map() argument must be a mapping")
			}
			return c.s.strFormat(s, nil, d)
		}, Required("mapping"))
	}
	return strPredicate(name)
}

func strPredicate(name string) methodFunc {
	all := func(is func(rune) bool) methodFunc {
		return predicate(func(s string) bool {
			return s != "" && strings.IndexFunc(s, func(r rune) bool { return !is(r) }) < 0
		})
	}
	switch name {
	case "isdigit", "isdecimal":
		return all(unicode.IsDigit)
	case "isnumeric":
		return all(unicode.IsNumber)
	case "isalpha":
		return all(unicode.IsLetter)
	case "isalnum":
		return all(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
	case "isspace":
		return all(isSpace)
	case "isascii":
		return predicate(func(s string) bool { return newRuneString(s).runes == nil })
	case "isprintable":
		return predicate(func(s string) bool {
			return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
		})
	case "isidentifier":
		return predicate(isIdentifier)
	case "islower":
		return predicate(func(s string) bool { return isCase(s, unicode.IsLower, unicode.IsUpper) })
	case "isupper":
		return predicate(func(s string) bool { return isCase(s, unicode.IsUpper, unicode.IsLower) })
	case "istitle":
		return predicate(func(s string) bool { return s == pyTitle(s) && strings.IndexFunc(s, isCased) >= 0 })
	}
	return nil
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
		affix, err := needStr(a[0], "argument")
		if name == "removeprefix" {
			return strings.TrimPrefix(s, affix), err
		}
		return strings.TrimSuffix(s, affix), err
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
		sub, err := needStr(a[0], "argument")
		if err != nil {
			return nil, err
		}
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
		sep, err := needStr(a[0], "separator")
		if err != nil {
			return nil, err
		}
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
