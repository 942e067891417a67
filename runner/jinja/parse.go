package jinja

import (
	"fmt"
	"slices"

	"elt/runner"
)

// maxParseDepth bounds how deep expressions and blocks nest.
const maxParseDepth = 300

// parser turns tokens into a tree.
type parser struct {
	env     *Env
	t       *Template
	toks    []token
	i       int
	depth   int
	open    []openTag      // enclosing blocks, innermost last
	macros  []*macroDef    // enclosing macros and call blocks
	unknown []*syntaxError // unknown filters and tests that are certain to be reached
	late    []*syntaxError // what Python refuses after all else is in order
	soft    bool           // inside an if, where unknown filters fail only when reached
	loops   int            // enclosing for loops within this macro
	inLoop  bool           // inside any for loop, also around the macro
}

// openTag is a block that waits for its end.
type openTag struct {
	name string
	ends []string
	at   token
}

func (p *parser) tok() token { return p.toks[p.i] }

func (p *parser) peek() token { return p.toks[min(p.i+1, len(p.toks)-1)] }

// next consumes a token; the last one, the end, stays.
func (p *parser) next() token {
	t := p.toks[p.i]
	if p.i < len(p.toks)-1 {
		p.i++
	}
	return t
}

func (p *parser) isOp(op string) bool {
	t := &p.toks[p.i]
	return t.kind == tokOp && t.val == op
}

func (p *parser) isOpOf(ops []string) bool {
	t := &p.toks[p.i]
	return t.kind == tokOp && slices.Contains(ops, t.val)
}

func (p *parser) isName(name string) bool {
	t := &p.toks[p.i]
	return t.kind == tokName && t.val == name
}

func (p *parser) skipOp(op string) bool {
	ok := p.isOp(op)
	if ok {
		p.next()
	}
	return ok
}

func (p *parser) skipName(name string) bool {
	ok := p.isName(name)
	if ok {
		p.next()
	}
	return ok
}

func (p *parser) expectOp(op string) error {
	if !p.skipOp(op) {
		return p.expected("'" + op + "'")
	}
	return nil
}

func (p *parser) expectName() (token, error) {
	if t := p.tok(); t.kind != tokName {
		return t, p.expected("a name")
	}
	return p.next(), nil
}

func (p *parser) expectBlockEnd() error {
	if p.tok().kind != tokBlockEnd {
		return p.expected("end of statement block")
	}
	p.next()
	return nil
}

// list parses items with commas between them up to the closing, which it consumes. With trailing a comma may stand before
// the closing, too.
func (p *parser) list(closing string, trailing bool, item func() error) error {
	for n := 0; !p.isOp(closing); n++ {
		if n > 0 {
			if err := p.expectOp(","); err != nil {
				return err
			}
			if trailing && p.isOp(closing) {
				break
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
	p.next()
	return nil
}

func (p *parser) expected(what string) error {
	t := p.tok()
	if t.kind == tokEOF {
		return p.failf(t, "unexpected end of template, expected %s", what)
	}
	return p.failf(t, "expected %s, got '%s'", what, t.describe())
}

func (p *parser) failf(t token, format string, args ...any) error {
	return &syntaxError{pos: t.pos, msg: fmt.Sprintf(format, args...)}
}

// python notes an error that Jinja2 leaves to Python, which sees it after everything else has been checked.
func (p *parser) python(t token, msg string) {
	p.late = append(p.late, &syntaxError{pos: t.pos, msg: msg, kind: kindPython})
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > maxParseDepth {
		return p.failf(p.tok(), "nested too deeply")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// inner runs parse for the body of a new scope, where unknown filters are certain to be reached again.
func (p *parser) inner(parse func() error) error {
	soft := p.soft
	p.soft = false
	err := parse()
	p.soft = soft
	return err
}

// noteUnknown remembers an unknown filter or test, to be reported if the template is otherwise well-formed.
func (p *parser) noteUnknown(t token, what string, names func() []string) {
	if p.soft {
		return
	}
	p.unknown = append(p.unknown, &syntaxError{
		pos: t.pos, msg: fmt.Sprintf("no %s named '%s'", what, t.val), kind: KindAssertion, hint: runner.DidYouMean(t.val, names()),
	})
}

// noteName marks the enclosing macros as users of caller, kwargs or varargs.
func (p *parser) noteName(name string) {
	switch name {
	case "caller", "kwargs", "varargs":
		for _, m := range p.macros {
			m.use(name)
		}
	}
}

// noteStore marks a special name as assigned: from there on it is an ordinary variable of the macro.
func (p *parser) noteStore(name string) {
	p.t.stored[name] = true
	switch name {
	case "caller", "kwargs", "varargs":
		for _, m := range p.macros {
			m.hide(name)
		}
	}
}

func (p *parser) noteCall(c *callExpr) {
	p.t.calls = append(p.t.calls, callNote{c, p.enclosing()})
}

// enclosing names the top-level macro or custom block that the parser is in.
func (p *parser) enclosing() string {
	for _, m := range p.macros {
		if !m.isCaller {
			return m.name
		}
	}
	return ""
}

// statements parses up to one of the end tags and consumes the tag's name. It starts before the opening tag's end.
func (p *parser) statements(tag token, ends ...string) ([]stmt, token, error) {
	p.skipOp(":")
	if err := p.expectBlockEnd(); err != nil {
		return nil, token{}, err
	}
	if err := p.enter(); err != nil {
		return nil, token{}, err
	}
	defer p.leave()
	p.open = append(p.open, openTag{tag.val, ends, tag})
	body, err := p.body(ends)
	if err != nil {
		return nil, token{}, err
	}
	if p.tok().kind == tokEOF {
		return nil, token{}, p.unclosed()
	}
	p.open = p.open[:len(p.open)-1]
	return body, p.next(), nil
}

func (p *parser) unclosed() error {
	o := p.open[len(p.open)-1]
	return p.failf(o.at, "unexpected end of template: looking for %s to close '%s'", orList(o.ends), o.name)
}

func orList(names []string) string {
	s := ""
	for i, n := range names {
		if i > 0 {
			s += " or "
		}
		s += "'" + n + "'"
	}
	return s
}

// body parses text, prints and statements until an end tag, whose opening it has consumed, or the end of the template.
func (p *parser) body(ends []string) ([]stmt, error) {
	var out []stmt
	for {
		t := p.next()
		switch t.kind {
		case tokEOF:
			return out, nil
		case tokData:
			out = append(out, &textStmt{pos(t.pos), t.val})
		case tokVarBegin:
			x, err := p.tuple(tupleOpts{cond: true})
			if err != nil {
				return nil, err
			}
			if p.tok().kind != tokVarEnd {
				return nil, p.expected("end of print statement")
			}
			p.next()
			out = append(out, &printStmt{pos(t.pos), x})
		case tokBlockBegin:
			if name := p.tok(); name.kind == tokName && slices.Contains(ends, name.val) {
				return out, nil
			}
			s, err := p.statement(t)
			if err != nil {
				return nil, err
			}
			if err := p.expectBlockEnd(); err != nil {
				return nil, err
			}
			if s != nil {
				out = append(out, s)
			}
		default:
			return nil, p.failf(t, "unexpected '%s'", t.describe())
		}
	}
}

// unknownTag explains a tag that is none, or an end tag in the wrong place.
func (p *parser) unknownTag(t token) error {
	e := &syntaxError{pos: t.pos, msg: fmt.Sprintf("encountered unknown tag '%s'", t.val)}
	if len(p.open) > 0 {
		o := p.open[len(p.open)-1]
		e.msg += fmt.Sprintf("; the innermost open block is '%s', which wants %s", o.name, orList(o.ends))
	}
	e.hint = runner.DidYouMean(t.val, p.env.tagNames())
	return e
}
