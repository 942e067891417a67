package jinja

import (
	"slices"
	"strings"
)

func (m *macroDef) use(name string) {
	switch {
	case m.hidden[name]:
	case name == "caller":
		m.usesCaller = true
	case name == "kwargs":
		m.usesKwargs = true
	case name == "varargs":
		m.usesVarargs = true
	}
}

func (m *macroDef) hide(name string) {
	if m.hidden == nil {
		m.hidden = map[string]bool{}
	}
	m.hidden[name] = true
}

// signature parses (a, b=1).
func (p *parser) signature(m *macroDef) error {
	if err := p.expectOp("("); err != nil {
		return err
	}
	return p.list(")", false, func() error {
		t, err := p.targetName()
		if err != nil {
			return err
		}
		if slices.Contains(m.args, t.val) {
			p.python(t, "duplicate argument '"+t.val+"'")
		}
		m.args, m.argPos = append(m.args, t.val), append(m.argPos, t.pos)
		if !p.skipOp("=") {
			if len(m.defaults) > 0 {
				return p.failf(t, "non-default argument follows default argument")
			}
			return nil
		}
		x, err := p.expression()
		m.defaults = append(m.defaults, x)
		return err
	})
}

// macroBody parses the body of a macro or call block, in which break has no outer loop.
func (p *parser) macroBody(m *macroDef, tag token, end string) error {
	loops := p.loops
	p.loops = 0
	p.macros = append(p.macros, m)
	err := p.inner(func() error {
		var err error
		var t token
		m.body, t, err = p.statements(tag, end)
		m.end = t.pos
		return err
	})
	p.macros = p.macros[:len(p.macros)-1]
	p.loops = loops
	if err != nil {
		return err
	}
	m.hideArgs()
	return m.special()
}

// special checks an explicit caller argument, which needs a default because only call blocks give it.
func (m *macroDef) special() error {
	for i, a := range m.args {
		if a != "caller" {
			continue
		}
		m.explicitCaller = true
		if m.usesCaller && i < len(m.args)-len(m.defaults) {
			return &syntaxError{
				pos: m.argPos[i], msg: "the special 'caller' argument must be omitted or be given a default", kind: KindAssertion,
			}
		}
	}
	return nil
}

// hideArgs drops the special variables that are explicit arguments.
func (m *macroDef) hideArgs() {
	for _, a := range m.args {
		switch a {
		case "kwargs":
			m.usesKwargs = false
		case "varargs":
			m.usesVarargs = false
		}
	}
}

func (p *parser) macro(at pos, tag token) (stmt, error) {
	topLevel := len(p.open) == 0
	t, err := p.targetName()
	if err != nil {
		return nil, err
	}
	m := &macroDef{pos: at, name: t.val}
	if err := p.signature(m); err != nil {
		return nil, err
	}
	if err := p.macroBody(m, tag, "endmacro"); err != nil {
		return nil, err
	}
	if topLevel {
		p.t.macros = append(p.t.macros, m)
	}
	return &macroStmt{at, m}, nil
}

func (p *parser) callTag(at pos, tag token) (stmt, error) {
	m := &macroDef{pos: at, name: "caller", isCaller: true}
	if p.isOp("(") {
		if err := p.signature(m); err != nil {
			return nil, err
		}
	}
	t := p.tok()
	x, err := p.expression()
	if err != nil {
		return nil, err
	}
	call, ok := x.(*callExpr)
	if !ok {
		return nil, p.failf(t, "expected a call")
	}
	return &callStmt{at, call, m}, p.macroBody(m, tag, "endcall")
}

// custom parses a host's block: a name, a signature or comma-separated options, and the body.
func (p *parser) custom(at pos, tag token, spec BlockTag) (stmt, error) {
	topLevel := len(p.open) == 0
	name, err := p.dottedName()
	if err != nil {
		return nil, err
	}
	b := &Block{Tag: tag.val, Name: name.val, t: p.t, def: &macroDef{pos: at, name: name.val}}
	if p.isOp("(") {
		if err := p.signature(b.def); err != nil {
			return nil, err
		}
	}
	for p.skipOp(",") {
		if err := p.blockOption(b); err != nil {
			return nil, err
		}
	}
	if spec.MacroName != nil {
		b.MacroName = spec.MacroName(b)
		b.def.name = b.MacroName
	}
	header := p.tok()
	if err := p.macroBody(b.def, tag, "end"+tag.val); err != nil {
		return nil, err
	}
	b.bodyStart = header.end
	b.bodyEnd = max(strings.LastIndex(p.t.src[:b.def.end], "{%"), header.end)
	if topLevel {
		p.t.blocks = append(p.t.blocks, b)
		if b.MacroName != "" {
			p.t.macros = append(p.t.macros, b.def)
		}
	}
	return &customStmt{at, b}, nil
}

// blockOption parses `flag` or `name=literal` in the head of a custom block.
func (p *parser) blockOption(b *Block) error {
	t, err := p.expectName()
	if err != nil {
		return err
	}
	if b.Options == nil {
		b.Options = map[string]Value{}
	}
	if !p.skipOp("=") {
		b.Options[t.val] = true
		return nil
	}
	at := p.tok()
	x, err := p.expression()
	if err != nil {
		return err
	}
	v, ok := constValue(x)
	if !ok {
		return p.failf(at, "option '%s' must be a literal", t.val)
	}
	b.Options[t.val] = v
	return nil
}
