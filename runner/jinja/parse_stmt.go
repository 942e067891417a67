package jinja

// statement parses one tag after its opening, up to but without the closing of its last part.
func (p *parser) statement(open token) (stmt, error) {
	t := p.tok()
	if t.kind != tokName {
		return nil, p.expected("the name of a tag")
	}
	p.next()
	at := pos(open.pos)
	switch t.val {
	case "set":
		return p.set(at, t)
	case "if":
		return p.ifTag(at, t)
	case "for":
		return p.forTag(at, t)
	case "macro":
		return p.macro(at, t)
	case "call":
		return p.callTag(at, t)
	case "filter":
		return p.filterTag(at, t)
	case "with":
		return p.with(at, t)
	case "do":
		x, err := p.tuple(tupleOpts{cond: true})
		return &doStmt{at, x}, err
	case "print":
		return p.print(at)
	case "include":
		return p.include(at)
	case "import":
		return p.importTag(at)
	case "from":
		return p.from(at)
	case "break", "continue":
		return p.loopControl(at, t)
	}
	if tag, ok := p.env.tags[t.val]; ok {
		return p.custom(at, t, tag)
	}
	return nil, p.unknownTag(t)
}

// target parses what stands on the left of an assignment: names and tuples of them.
func (p *parser) target(ns bool) (expr, error) {
	return p.tuple(tupleOpts{names: true, ns: ns})
}

// targetItem parses one part of an assignment target.
func (p *parser) targetItem(ns bool) (expr, error) {
	if p.isOp("(") {
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		p.next()
		x, err := p.tuple(tupleOpts{names: true, ns: ns, parens: true})
		if err != nil {
			return nil, err
		}
		return x, p.expectOp(")")
	}
	t := p.tok()
	if t.kind != tokName {
		return nil, p.failf(t, "cannot assign to '%s'", t.describe())
	}
	if ns && p.peek().kind == tokOp && p.peek().val == "." {
		p.next()
		p.next()
		attr, err := p.expectName()
		return &nsTarget{pos(t.pos), t.val, attr.val}, err
	}
	_, err := p.targetName()
	return &nameExpr{pos(t.pos), t.val}, err
}

// targetName parses one plain name to assign to.
func (p *parser) targetName() (token, error) {
	t, err := p.expectName()
	if err != nil {
		return t, err
	}
	switch t.val {
	case "true", "false", "none", "True", "False", "None":
		return t, p.failf(t, "cannot assign to '%s'", t.val)
	case "loop":
		if p.inLoop {
			p.unknown = append(p.unknown, &syntaxError{
				pos: t.pos, msg: "cannot assign to the special variable 'loop' in a for loop", kind: KindAssertion,
			})
		}
	}
	p.noteStore(t.val)
	return t, nil
}

func (p *parser) set(at pos, tag token) (stmt, error) {
	target, err := p.target(true)
	if err != nil {
		return nil, err
	}
	if p.skipOp("=") {
		x, err := p.tuple(tupleOpts{cond: true})
		return &setStmt{at, target, x}, err
	}
	s := &setBlockStmt{pos: at, target: target}
	err = p.inner(func() error {
		var err error
		if s.filter, err = p.filterChain(nil); err != nil {
			return err
		}
		s.body, _, err = p.statements(tag, "endset")
		return err
	})
	return s, err
}

// filterChain parses `| filter` any number of times.
func (p *parser) filterChain(x expr) (expr, error) {
	for p.skipOp("|") {
		var err error
		if x, err = p.filter(x); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (p *parser) ifTag(at pos, tag token) (stmt, error) {
	soft := p.soft
	p.soft = true
	defer func() { p.soft = soft }()
	s := &ifStmt{pos: at}
	for {
		test, err := p.tuple(tupleOpts{})
		if err != nil {
			return nil, err
		}
		body, end, err := p.statements(tag, "elif", "else", "endif")
		if err != nil {
			return nil, err
		}
		s.tests, s.bodies = append(s.tests, test), append(s.bodies, body)
		if end.val == "elif" {
			continue
		}
		if end.val == "else" {
			s.orElse, _, err = p.statements(tag, "endif")
		}
		return s, err
	}
}

func (p *parser) forTag(at pos, tag token) (stmt, error) {
	s := &forStmt{pos: at}
	inLoop := p.inLoop
	p.inLoop = true
	defer func() { p.inLoop = inLoop }()
	var err error
	if s.target, err = p.target(false); err != nil {
		return nil, err
	}
	if !p.skipName("in") {
		return nil, p.expected("'in'")
	}
	if s.iter, err = p.tuple(tupleOpts{}); err != nil {
		return nil, err
	}
	err = p.inner(func() error {
		if p.skipName("if") {
			if s.test, err = p.expression(); err != nil {
				return err
			}
		}
		s.recursive = p.skipName("recursive")
		p.loops++
		var end token
		s.body, end, err = p.statements(tag, "endfor", "else")
		p.loops--
		if err == nil && end.val == "else" {
			s.orElse, _, err = p.statements(tag, "endfor")
		}
		return err
	})
	return s, err
}

func (p *parser) filterTag(at pos, tag token) (stmt, error) {
	s := &filterStmt{pos: at}
	err := p.inner(func() error {
		x, err := p.filter(nil)
		if err != nil {
			return err
		}
		if s.filter, err = p.filterChain(x); err != nil {
			return err
		}
		s.body, _, err = p.statements(tag, "endfilter")
		return err
	})
	return s, err
}

func (p *parser) with(at pos, tag token) (stmt, error) {
	s := &withStmt{pos: at}
	for p.tok().kind != tokBlockEnd {
		if len(s.targets) > 0 {
			if err := p.expectOp(","); err != nil {
				return nil, err
			}
		}
		target, err := p.target(false)
		if err != nil {
			return nil, err
		}
		if err := p.expectOp("="); err != nil {
			return nil, err
		}
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		s.targets, s.values = append(s.targets, target), append(s.values, x)
	}
	err := p.inner(func() error {
		var err error
		s.body, _, err = p.statements(tag, "endwith")
		return err
	})
	return s, err
}

// print parses {% print a, b %}, which prints one after the other.
func (p *parser) print(at pos) (stmt, error) {
	all := &concatExpr{pos: at}
	for len(all.items) == 0 || p.skipOp(",") {
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		all.items = append(all.items, x)
	}
	if len(all.items) == 1 {
		return &printStmt{at, all.items[0]}, nil
	}
	return &printStmt{at, all}, nil
}

func (p *parser) loopControl(at pos, t token) (stmt, error) {
	if p.loops == 0 {
		p.python(t, "'"+t.val+"' outside loop")
	}
	if t.val == "break" {
		return &loopControlStmt{at, sigBreak}, nil
	}
	return &loopControlStmt{at, sigContinue}, nil
}

// context parses an optional `with context` or `without context` into with, and tells whether there was one.
func (p *parser) context(with *bool) bool {
	next := p.peek()
	if !p.isName("with") && !p.isName("without") || next.kind != tokName || next.val != "context" {
		return false
	}
	*with = p.next().val == "with"
	p.next()
	return true
}

func (p *parser) include(at pos) (stmt, error) {
	s := &includeStmt{pos: at, withContext: true}
	var err error
	if s.x, err = p.expression(); err != nil {
		return nil, err
	}
	if p.isName("ignore") && p.peek().kind == tokName && p.peek().val == "missing" {
		s.ignoreMissing = true
		p.next()
		p.next()
	}
	p.context(&s.withContext)
	return s, nil
}

func (p *parser) importTag(at pos) (stmt, error) {
	s := &importStmt{pos: at}
	var err error
	if s.x, err = p.expression(); err != nil {
		return nil, err
	}
	if !p.skipName("as") {
		return nil, p.expected("'as'")
	}
	t, err := p.targetName()
	s.target = t.val
	p.context(&s.withContext)
	return s, err
}

func (p *parser) from(at pos) (stmt, error) {
	s := &fromStmt{pos: at}
	var err error
	if s.x, err = p.expression(); err != nil {
		return nil, err
	}
	if !p.skipName("import") {
		return nil, p.expected("'import'")
	}
	for !p.context(&s.withContext) {
		name, err := p.targetName()
		if err != nil {
			return nil, err
		}
		if name.val[0] == '_' {
			return nil, &syntaxError{pos: name.pos, msg: "names starting with an underline cannot be imported", kind: KindAssertion}
		}
		alias := name
		if p.skipName("as") {
			if alias, err = p.targetName(); err != nil {
				return nil, err
			}
		}
		s.names, s.aliases = append(s.names, name.val), append(s.aliases, alias.val)
		if p.context(&s.withContext) || !p.skipOp(",") {
			break
		}
	}
	return s, nil
}
