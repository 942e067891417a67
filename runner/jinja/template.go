package jinja

import (
	"errors"
	"math/big"
	"sort"
	"strings"
	"unicode/utf8"
)

// Template is a parsed template. It is immutable: it may be rendered by several goroutines at once.
type Template struct {
	env    *Env
	file   string
	src    string
	lines  []int // byte offset of each line's start
	root   []stmt
	macros []*macroDef
	blocks []*Block
	calls  []callNote
	stored map[string]bool // every name that is set anywhere: variables, parameters, macros
}

type callNote struct {
	call *callExpr
	in   string
}

// File is the name given to Parse.
func (t *Template) File() string { return t.file }

func lineStarts(src string) []int {
	starts := make([]int, 1, strings.Count(src, "\n")+1)
	for i := 0; i < len(src); i++ {
		if src[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// position turns a byte offset into line and column.
func (t *Template) position(off int) Position {
	line := lineOf(t.lines, off)
	start := t.lines[line]
	return Position{t.file, line + 1, utf8.RuneCountInString(t.src[start:min(off, len(t.src))]) + 1}
}

// lineOf gives the index of the line that contains offset off.
func lineOf(starts []int, off int) int {
	return sort.SearchInts(starts, off+1) - 1
}

// line gives the text of a line that starts at 1.
func (t *Template) line(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	s := t.src[t.lines[n-1]:]
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	return s
}

// syntaxError places an error of the lexer or parser.
func (t *Template) syntaxError(err error) error {
	var se *syntaxError
	if !errors.As(err, &se) {
		return err
	}
	e := &Error{Kind: se.kind, Message: se.msg, Hint: se.hint, Pos: t.position(se.pos), located: true}
	if e.Kind == "" {
		e.Kind = KindSyntax
	}
	e.Source = t.line(e.Pos.Line)
	return e
}

// Param is a parameter of a macro.
type Param struct {
	Name       string
	HasDefault bool
	Default    Value // the default's value when it is a literal, else nil
}

// MacroInfo describes a macro without running anything.
type MacroInfo struct {
	Name   string
	Params []Param
	Pos    Position
	Source string // from the opening to the closing tag
}

// Macros lists the macros that the template defines at its top level, custom blocks that are macros among them, in
// order of the source.
func (t *Template) Macros() []MacroInfo {
	out := make([]MacroInfo, len(t.macros))
	for i, m := range t.macros {
		end := m.end
		if j := strings.Index(t.src[end:], "%}"); j >= 0 {
			end += j + 2
		}
		out[i] = MacroInfo{m.name, m.params(), t.position(m.at()), t.src[m.at():end]}
	}
	return out
}

func (m *macroDef) params() []Param {
	out := make([]Param, len(m.args))
	for i, a := range m.args {
		out[i].Name = a
		if d := i - (len(m.args) - len(m.defaults)); d >= 0 {
			out[i].HasDefault = true
			out[i].Default, _ = constValue(m.defaults[d])
		}
	}
	return out
}

// Block is a custom block of a template.
type Block struct {
	Tag       string
	Name      string
	Options   map[string]Value // `flag` is true, `name=literal` its value
	MacroName string           // see BlockTag.MacroName

	t                  *Template
	def                *macroDef
	bodyStart, bodyEnd int
}

// Params are the parameters between parentheses after the name.
func (b *Block) Params() []Param { return b.def.params() }

// Pos is where the block starts.
func (b *Block) Pos() Position { return b.t.position(b.def.at()) }

// BodyPos is where the body starts.
func (b *Block) BodyPos() Position { return b.t.position(b.bodyStart) }

// Body is the source between the opening and the closing tag.
func (b *Block) Body() string { return b.t.src[b.bodyStart:b.bodyEnd] }

// Template gives the body as a template of its own, whose positions are those of the file.
func (b *Block) Template() *Template {
	t := &Template{env: b.t.env, file: b.t.file, src: b.t.src, lines: b.t.lines, root: b.def.body, stored: b.t.stored}
	for _, c := range b.t.calls {
		if at := c.call.at(); at >= b.bodyStart && at < b.bodyEnd {
			t.calls = append(t.calls, c)
		}
	}
	return t
}

// Blocks lists the custom blocks with the given tag at the top level of the template; with "" all.
func (t *Template) Blocks(tag string) []*Block {
	var out []*Block
	for _, b := range t.blocks {
		if tag == "" || b.Tag == tag {
			out = append(out, b)
		}
	}
	return out
}

// CallSite is a call that stands in the source, whether or not rendering reaches it.
type CallSite struct {
	Name   string // ref, or dbt_utils.star
	Pos    Position
	In     string // the top-level macro or custom block that contains it, or ""
	Args   []Arg
	Spread bool // *args or **kwargs add unknown arguments
}

// Arg is an argument of a CallSite. Value counts only when Const.
type Arg struct {
	Name  string // "" for a positional one
	Value Value
	Const bool
}

// Calls lists every call to a plain or dotted name, in order of the source.
func (t *Template) Calls() []CallSite {
	out := make([]CallSite, 0, len(t.calls))
	for _, n := range t.calls {
		name, ok := dotted(n.call.fn)
		if !ok {
			continue
		}
		a := n.call.args
		site := CallSite{Name: name, Pos: t.position(n.call.at()), In: n.in, Spread: a.star != nil || a.dstar != nil}
		for _, x := range a.pos {
			v, ok := constValue(x)
			site.Args = append(site.Args, Arg{"", v, ok})
		}
		for _, k := range a.kw {
			v, ok := constValue(k.x)
			site.Args = append(site.Args, Arg{k.name, v, ok})
		}
		out = append(out, site)
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].Pos, out[j].Pos
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
	})
	return out
}

// dotted gives the name of a plain variable or an attribute path of one.
func dotted(x expr) (string, bool) {
	name := ""
	for {
		switch n := x.(type) {
		case *nameExpr:
			return n.name + name, true
		case *attrExpr:
			name = "." + n.name + name
			x = n.x
		default:
			return "", false
		}
	}
}

// constValue evaluates a literal.
func constValue(x expr) (Value, bool) {
	switch n := x.(type) {
	case *constExpr:
		return n.v, true
	case *unaryExpr:
		v, ok := constValue(n.x)
		switch v.(type) {
		case int, float64, *big.Int:
		default:
			return nil, false
		}
		r, err := unary(n.op, v)
		return r, ok && err == nil
	case *seqExpr:
		items := make([]Value, len(n.items))
		for i, it := range n.items {
			v, ok := constValue(it)
			if !ok {
				return nil, false
			}
			items[i] = v
		}
		if n.tuple {
			return NewTuple(items...), true
		}
		return NewList(items...), true
	case *dictExpr:
		d := NewDict()
		for i := range n.keys {
			k, ok1 := constValue(n.keys[i])
			v, ok2 := constValue(n.vals[i])
			if !ok1 || !ok2 || d.put(k, v) != nil {
				return nil, false
			}
		}
		return d, true
	}
	return nil, false
}
