package python

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"elt/runner/jinja"
)

// Flags of Python's module re.
const (
	reIgnoreCase = 2
	reMultiline  = 8
	reDotAll     = 16
	reUnicode    = 32
	reVerbose    = 64
	reASCII      = 256
)

func reModule() Members {
	m := Members{
		"IGNORECASE": reIgnoreCase, "I": reIgnoreCase, "MULTILINE": reMultiline, "M": reMultiline, "DOTALL": reDotAll,
		"S": reDotAll, "UNICODE": reUnicode, "U": reUnicode, "VERBOSE": reVerbose, "X": reVerbose, "ASCII": reASCII, "A": reASCII,
		"compile": function(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("pattern"), jinja.Optional("flags", 0))
			if err != nil {
				return nil, err
			}
			return patternOf(args[0], args[1])
		}),
		"escape": function(func(call *jinja.Call) (any, error) {
			text, err := call.String(0, "pattern")
			return escapePattern(text), err
		}),
		"purge": constant(nil),
	}
	for name, params := range patternMethods() {
		m[name] = function(func(call *jinja.Call) (any, error) {
			all := append([]jinja.ArgSpec{jinja.Required("pattern")}, params...)
			args, err := call.Bind(append(all, jinja.Optional("flags", 0))...)
			if err != nil {
				return nil, err
			}
			p, err := patternOf(args[0], args[len(args)-1])
			if err != nil {
				return nil, err
			}
			return p.run(call, name, args[1:len(args)-1])
		})
	}
	return m
}

// patternMethods are the functions of the module that patterns have as methods, too, and their arguments.
func patternMethods() map[string][]jinja.ArgSpec {
	one := []jinja.ArgSpec{jinja.Required("string")}
	replace := []jinja.ArgSpec{jinja.Required("repl"), jinja.Required("string"), jinja.Optional("count", 0)}
	return map[string][]jinja.ArgSpec{
		"match": one, "search": one, "fullmatch": one, "findall": one, "finditer": one,
		"split": {jinja.Required("string"), jinja.Optional("maxsplit", 0)}, "sub": replace, "subn": replace,
	}
}

// pattern is a compiled regular expression.
type pattern struct {
	source string
	flags  int
	re     *regexp.Regexp
	start  *regexp.Regexp // anchored at the start of the text
	whole  *regexp.Regexp // anchored at both ends
}

func patternOf(v, flags jinja.Value) (*pattern, error) {
	if p, ok := v.(*pattern); ok {
		return p, nil
	}
	source, ok := jinja.Str(v)
	if !ok {
		return nil, typeError("first argument must be string or compiled pattern, not %s", jinja.Repr(v))
	}
	bits, err := whole("flags", flags)
	if err != nil {
		return nil, err
	}
	translated, err := translate(source, bits)
	if err != nil {
		return nil, err
	}
	p := &pattern{source: source, flags: bits}
	for _, form := range []struct {
		into **regexp.Regexp
		text string
	}{{&p.re, translated}, {&p.start, `\A(?:` + translated + `)`}, {&p.whole, `\A(?:` + translated + `)\z`}} {
		if *form.into, err = regexp.Compile(form.text); err != nil {
			return nil, reError(source, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
	}
	return p, nil
}

func reError(source, why string) error {
	return jinja.Errorf("re.error", "regular expression %s: %s", jinja.Repr(source), why)
}

// Attr implements jinja.Object.
func (p *pattern) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "pattern":
		return p.source, true
	case "flags":
		return p.flags, true
	case "groups":
		return p.re.NumSubexp(), true
	}
	params, ok := patternMethods()[name]
	if !ok {
		return nil, false
	}
	return function(func(call *jinja.Call) (any, error) {
		args, err := call.Bind(params...)
		if err != nil {
			return nil, err
		}
		return p.run(call, name, args)
	}), true
}

// String is how Python prints a pattern.
func (p *pattern) String() string { return "re.compile(" + jinja.Repr(p.source) + ")" }

func (p *pattern) run(call *jinja.Call, name string, args []jinja.Value) (any, error) {
	subject := args[0]
	if name == "sub" || name == "subn" {
		subject = args[1]
	}
	text, ok := jinja.Str(subject)
	if !ok {
		return nil, typeError("re.%s: expected string or bytes-like object, got %s", name, jinja.Repr(subject))
	}
	switch name {
	case "match":
		return p.matchOf(p.start, text), nil
	case "fullmatch":
		return p.matchOf(p.whole, text), nil
	case "search":
		return p.matchOf(p.re, text), nil
	case "findall":
		return p.findAll(text), nil
	case "finditer":
		out := jinja.NewList()
		for _, at := range p.re.FindAllStringSubmatchIndex(text, -1) {
			out.Items = append(out.Items, &match{p, text, at})
		}
		return out, nil
	case "split":
		return p.split(text, args[1])
	}
	replaced, n, err := p.substitute(call, args[0], text, args[2])
	if name == "subn" {
		return jinja.NewTuple(replaced, n), err
	}
	return replaced, err
}

func (p *pattern) matchOf(re *regexp.Regexp, text string) any {
	at := re.FindStringSubmatchIndex(text)
	if at == nil {
		return nil
	}
	return &match{p, text, at}
}

// findAll gives whole matches, or groups where the pattern has some.
func (p *pattern) findAll(text string) *jinja.List {
	out := jinja.NewList()
	for _, at := range p.re.FindAllStringSubmatchIndex(text, -1) {
		m := &match{p, text, at}
		switch n := p.re.NumSubexp(); n {
		case 0, 1:
			out.Items = append(out.Items, m.text(n))
		default:
			items := make([]jinja.Value, n)
			for i := range items {
				items[i] = m.text(i + 1)
			}
			out.Items = append(out.Items, jinja.NewTuple(items...))
		}
	}
	return out
}

func (p *pattern) split(text string, maxSplit jinja.Value) (any, error) {
	limit, err := whole("maxsplit", maxSplit)
	if err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = -1
	}
	out := jinja.NewList()
	last := 0
	for _, at := range p.re.FindAllStringSubmatchIndex(text, limit) {
		m := &match{p, text, at}
		out.Items = append(out.Items, text[last:at[0]])
		for i := 1; i <= p.re.NumSubexp(); i++ {
			out.Items = append(out.Items, m.group(i))
		}
		last = at[1]
	}
	out.Items = append(out.Items, text[last:])
	return out, nil
}

func (p *pattern) substitute(call *jinja.Call, by jinja.Value, text string, count jinja.Value) (string, int, error) {
	limit, err := whole("count", count)
	if err != nil {
		return "", 0, err
	}
	if limit == 0 {
		limit = -1
	}
	template, isText := jinja.Str(by)
	var b strings.Builder
	last, n := 0, 0
	for _, at := range p.re.FindAllStringSubmatchIndex(text, limit) {
		m := &match{p, text, at}
		var put string
		if isText {
			put, err = m.expand(template)
		} else {
			var v jinja.Value
			v, err = call.Invoke(by, []jinja.Value{m}, nil)
			put = jinja.ToString(v)
		}
		if err != nil {
			return "", 0, err
		}
		b.WriteString(text[last:at[0]] + put)
		last = at[1]
		n++
	}
	return b.String() + text[last:], n, nil
}

// match is a match object.
type match struct {
	p      *pattern
	string string
	at     []int
}

// group is the text of a group, nil for one that took no part.
func (m *match) group(i int) jinja.Value {
	if m.at[2*i] < 0 {
		return nil
	}
	return m.string[m.at[2*i]:m.at[2*i+1]]
}

func (m *match) text(i int) string {
	s, _ := m.group(i).(string)
	return s
}

// index finds a group by number or name.
func (m *match) index(v jinja.Value) (int, error) {
	if name, ok := jinja.Str(v); ok {
		if i := m.p.re.SubexpIndex(name); i >= 0 {
			return i, nil
		}
		return 0, jinja.Errorf(jinja.KindIndex, "no such group: %s", jinja.Repr(v))
	}
	i, ok := v.(int)
	if !ok || i < 0 || i > m.p.re.NumSubexp() {
		return 0, jinja.Errorf(jinja.KindIndex, "no such group: %s", jinja.Repr(v))
	}
	return i, nil
}

// Attr implements jinja.Object.
func (m *match) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "group":
		return function(m.groupsOf), true
	case "groups":
		return function(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Optional("default", nil))
			if err != nil {
				return nil, err
			}
			items := make([]jinja.Value, m.p.re.NumSubexp())
			for i := range items {
				if items[i] = m.group(i + 1); items[i] == nil {
					items[i] = args[0]
				}
			}
			return jinja.NewTuple(items...), nil
		}), true
	case "groupdict":
		d := jinja.NewDict()
		for i, name := range m.p.re.SubexpNames() {
			if name != "" {
				d.Set(name, m.group(i))
			}
		}
		return constant(d), true
	case "start", "end", "span":
		return function(func(call *jinja.Call) (any, error) { return m.place(call, name) }), true
	case "string":
		return m.string, true
	case "re":
		return m.p, true
	case "lastindex":
		for i := m.p.re.NumSubexp(); i > 0; i-- {
			if m.at[2*i] >= 0 {
				return i, true
			}
		}
		return nil, true
	case "expand":
		return function(func(call *jinja.Call) (any, error) {
			template, err := call.String(0, "template")
			if err != nil {
				return nil, err
			}
			return m.expand(template)
		}), true
	}
	return nil, false
}

func (m *match) groupsOf(call *jinja.Call) (any, error) {
	if len(call.Args) == 0 {
		return m.group(0), nil
	}
	items := make([]jinja.Value, len(call.Args))
	for k, arg := range call.Args {
		i, err := m.index(arg)
		if err != nil {
			return nil, err
		}
		items[k] = m.group(i)
	}
	if len(items) == 1 {
		return items[0], nil
	}
	return jinja.NewTuple(items...), nil
}

// place counts in characters, as Python does.
func (m *match) place(call *jinja.Call, name string) (any, error) {
	args, err := call.Bind(jinja.Optional("group", 0))
	if err != nil {
		return nil, err
	}
	i, err := m.index(args[0])
	if err != nil {
		return nil, err
	}
	from, to := -1, -1
	if m.at[2*i] >= 0 {
		from = utf8.RuneCountInString(m.string[:m.at[2*i]])
		to = utf8.RuneCountInString(m.string[:m.at[2*i+1]])
	}
	switch name {
	case "start":
		return from, nil
	case "end":
		return to, nil
	}
	return jinja.NewTuple(from, to), nil
}

// Item implements jinja.Itemer.
func (m *match) Item(key jinja.Value) (jinja.Value, bool) {
	i, err := m.index(key)
	if err != nil {
		return nil, false
	}
	return m.group(i), true
}

// String is how Python prints a match.
func (m *match) String() string { return "<re.Match object; match=" + jinja.Repr(m.group(0)) + ">" }

// expand fills \1, \g<1> and \g<name> in.
func (m *match) expand(template string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] != '\\' || i+1 == len(template) {
			b.WriteByte(template[i])
			continue
		}
		i++
		c := template[i]
		var ref jinja.Value
		switch {
		case c == 'g' && strings.Contains(template[i:], ">") && i+1 < len(template) && template[i+1] == '<':
			end := i + strings.IndexByte(template[i:], '>')
			name := template[i+2 : end]
			ref = name
			if n, err := strconv.Atoi(name); err == nil {
				ref = n
			}
			i = end
		case c >= '1' && c <= '9':
			end := i + 1
			if end < len(template) && template[end] >= '0' && template[end] <= '9' {
				end++
			}
			ref, _ = strconv.Atoi(template[i:end])
			i = end - 1
		default:
			b.WriteString(unescape(c))
			continue
		}
		n, err := m.index(ref)
		if err != nil {
			return "", reError(m.p.source, "invalid group reference "+jinja.ToString(ref)+" in "+jinja.Repr(template))
		}
		b.WriteString(m.text(n))
	}
	return b.String(), nil
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case '\\':
		return `\`
	case '0':
		return "\x00"
	}
	return `\` + string(c)
}
