package jinja

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tracedFilters handle texts themselves, and those that cut keep the origins of what remains.
func tracedFilters() map[string]Func {
	return map[string]Func{
		"trim":        bindFilter(trimFilter, Optional("chars", nil)),
		"escape":      bindFilter(escapeFilter),
		"forceescape": bindFilter(func(a []Value, _ *Call) (Value, error) { return markup(escape(ToString(a[0]))), nil }),
		"safe": bindFilter(func(a []Value, _ *Call) (Value, error) {
			if t, ok := a[0].(*text); ok {
				return &text{t.s, t.segs, true}, nil
			}
			return markup(ToString(a[0])), nil
		}),
		"string": bindFilter(func(a []Value, _ *Call) (Value, error) {
			if t, ok := a[0].(*text); ok {
				return t, nil
			}
			return ToString(a[0]), nil
		}),
	}
}

func textFilters() map[string]Func {
	return map[string]Func{
		"upper":      stringFilter(upper),
		"lower":      stringFilter(lower),
		"capitalize": stringFilter(capitalize),
		"title":      stringFilter(titleFilter),
		"striptags":  stringFilter(stripTags),
		"wordcount": bindFilter(func(a []Value, _ *Call) (Value, error) {
			return len(strings.FieldsFunc(ToString(a[0]), func(r rune) bool { return !isWord(r) })), nil
		}),
		"replace": bindFilter(replaceFilter, Required("old"), Required("new"), Optional("count", nil)),
		"join":    seqFilter(joinFilter, Optional("d", ""), Optional("attribute", nil)),
		"center": bindFilter(func(a []Value, c *Call) (Value, error) {
			return justify("center")(ToString(a[0]), []Value{a[1], " "}, c)
		}, integer(Optional("width", 80))),
		"format": formatFilter,
		"indent": bindFilter(indentFilter, Optional("width", 4), Optional("first", false), Optional("blank", false)),
		"truncate": bindFilter(truncateFilter, Optional("length", 255), Optional("killwords", false), Optional("end", "..."),
			Optional("leeway", nil)),
		"wordwrap": bindFilter(wordWrapFilter, Optional("width", 79), Optional("break_long_words", true),
			Optional("wrapstring", nil), Optional("break_on_hyphens", true)),
		"urlencode": bindFilter(urlEncodeFilter),
		"pprint": bindFilter(func(a []Value, _ *Call) (Value, error) {
			w := printer{sorted: true}
			w.repr(a[0], 0)
			return w.b.String(), nil
		}),
	}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

func markup(s string) *text { return &text{s: s, markup: true} }

// stringFilter makes a filter of a function on strings; other values are printed first.
func stringFilter(fn func(string) string) Func {
	return bindFilter(func(a []Value, c *Call) (Value, error) {
		s := ToString(a[0])
		return fn(s), c.s.spend(len(s))
	})
}

func trimFilter(a []Value, _ *Call) (Value, error) {
	t, ok := a[0].(*text)
	if !ok {
		return strip("strip", ToString(a[0]), a[1])
	}
	v, err := strip("strip", t.s, a[1])
	if err != nil {
		return nil, err
	}
	right, _ := strip("lstrip", t.s, a[1])
	from := len(t.s) - len(right.(string))
	return t.slice(from, from+len(v.(string))), nil
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)
}

func escapeFilter(a []Value, _ *Call) (Value, error) {
	if t, ok := a[0].(*text); ok && t.markup {
		return t, nil
	}
	return markup(escape(ToString(a[0]))), nil
}

// stripTags removes comments and tags, joins white space and resolves entities.
func stripTags(s string) string {
	s = cutAll(cutAll(s, "<!--", "-->"), "<", ">")
	return html.UnescapeString(strings.Join(strings.FieldsFunc(s, isSpace), " "))
}

// cutAll removes everything from each opening to its end.
func cutAll(s, opening, end string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, opening)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(before)
		s = after
	}
}

func replaceFilter(a []Value, c *Call) (Value, error) {
	n := -1
	if a[3] != nil {
		var err error
		if n, err = needInt(a[3]); err != nil {
			return nil, err
		}
	}
	return c.s.replace(ToString(a[0]), ToString(a[1]), ToString(a[2]), n)
}

func joinFilter(items, a []Value, c *Call) (Value, error) {
	items, err := newGetter(a[2], false, true, nil).getAll(c, items)
	if err != nil {
		return nil, err
	}
	sep := ToString(a[1])
	var b strings.Builder
	for i, x := range items {
		if err := c.s.printable(x); err != nil {
			return nil, err
		}
		s := ToString(x)
		if err := c.s.spend(len(s) + len(sep)); err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// formatFilter is `'%s %s' | format(a, b)` or `'%(x)s' | format(x=1)`.
func formatFilter(c *Call) (any, error) {
	args := c.Args[1:]
	if len(args) > 0 && c.Kwargs.Len() > 0 {
		return nil, fail("FilterArgumentError", "can't handle positional and keyword arguments at the same time")
	}
	if c.Kwargs.Len() > 0 {
		return c.s.percentFormat(ToString(c.Args[0]), c.Kwargs)
	}
	return c.s.percentFormat(ToString(c.Args[0]), NewTuple(args...))
}

func indentFilter(a []Value, c *Call) (Value, error) {
	if u, undef := a[0].(*Undefined); undef {
		return nil, u.err()
	}
	indent, ok := a[1].(string)
	if !ok {
		n, err := needCount(a[1])
		if err != nil {
			return nil, err
		}
		if err := c.s.spend(max(n, 0)); err != nil {
			return nil, err
		}
		indent = strings.Repeat(" ", max(n, 0))
	}
	str, ok := Str(a[0])
	if !ok {
		return nil, notText(a[0])
	}
	lines := splitLines(str+"\n", false)
	if err := c.s.spendTimes(len(indent)+1, len(lines)); err != nil {
		return nil, err
	}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
			if line != "" || Truth(a[3]) {
				b.WriteString(indent)
			}
		} else if Truth(a[2]) {
			b.WriteString(indent)
		}
		b.WriteString(line)
	}
	return b.String(), c.s.spend(b.Len())
}

// notText is the error that Python meets when a filter expects a string.
func notText(v Value) error {
	if _, ok := v.(*List); ok {
		return fail(kindAttribute, "'list' object has no attribute 'splitlines'")
	}
	return typeError("the text to indent must be str, not %s", typeName(v))
}

func truncateFilter(a []Value, _ *Call) (Value, error) {
	limit, err := needCount(a[1])
	if err != nil {
		return nil, err
	}
	leeway := 5
	if a[4] != nil {
		if leeway, err = needCount(a[4]); err != nil {
			return nil, err
		}
	}
	end := ToString(a[3])
	endLen := utf8.RuneCountInString(end)
	if limit < endLen {
		return nil, fail("AssertionError", "expected length >= %d, got %d", endLen, limit)
	}
	if leeway < 0 {
		return nil, fail("AssertionError", "expected leeway >= 0, got %d", leeway)
	}
	if _, ok := Str(a[0]); !ok {
		if n, err := length(a[0]); err != nil || n <= limit+leeway {
			return a[0], err
		}
	}
	s := newRuneString(ToString(a[0]))
	if s.len()-leeway <= limit {
		return s.s, nil
	}
	head := s.slice(0, min(limit-endLen, s.len()))
	if !Truth(a[2]) {
		if i := strings.LastIndexByte(head, ' '); i >= 0 {
			head = head[:i]
		}
	}
	return head + end, nil
}

func urlEncodeFilter(a []Value, c *Call) (Value, error) {
	var pairs []Value
	switch x := a[0].(type) {
	case *Dict:
		pairs = (&dictView{x, "dict_items"}).items()
	case *List, *Tuple, *generator, *dictView, *Range:
		var err error
		if pairs, err = c.s.drain(x); err != nil {
			return nil, err
		}
	default:
		return quoteURL(ToString(x), "/"), nil
	}
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		kv, err := Items(p)
		if err != nil {
			return nil, typeError("cannot unpack non-iterable %s object", typeName(p))
		}
		if len(kv) != 2 {
			return nil, valueError("not enough values to unpack (expected 2, got %d)", len(kv))
		}
		quote := func(v Value) string { return strings.ReplaceAll(quoteURL(ToString(v), ""), "%20", "+") }
		parts[i] = quote(kv[0]) + "=" + quote(kv[1])
	}
	return strings.Join(parts, "&"), nil
}

// quoteURL percent-encodes all but letters, digits, _.-~ and the characters in safe.
func quoteURL(s, safe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < utf8.RuneSelf && (isDec(c) || unicode.IsLetter(rune(c)) || strings.IndexByte("_.-~"+safe, c) >= 0) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
