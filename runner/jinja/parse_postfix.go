package jinja

// postfix parses subscripts, attributes and calls after x.
func (p *parser) postfix(x expr) (expr, error) {
	var err error
	for err == nil {
		switch {
		case p.isOp("."):
			x, err = p.attribute(x)
		case p.isOp("["):
			x, err = p.subscript(x)
		case p.isOp("("):
			x, err = p.call(x)
		default:
			return x, nil
		}
	}
	return nil, err
}

// filters parses filters and tests after x, and calls of their results.
func (p *parser) filters(x expr) (expr, error) {
	var err error
	for err == nil {
		switch {
		case p.skipOp("|"):
			x, err = p.filter(x)
		case p.isName("is"):
			x, err = p.test(x)
		case p.isOp("("):
			x, err = p.call(x)
		default:
			return x, nil
		}
	}
	return nil, err
}

func (p *parser) attribute(x expr) (expr, error) {
	p.next()
	t := p.next()
	switch t.kind {
	case tokName:
		return &attrExpr{pos(x.at()), x, t.val, t.pos}, nil
	case tokInt:
		n, err := p.number(t)
		return &itemExpr{pos(x.at()), x, n}, err
	}
	return nil, p.failf(t, "expected name or number")
}

func (p *parser) subscript(x expr) (expr, error) {
	open := p.next()
	var keys []expr
	err := p.list("]", false, func() error {
		k, err := p.sliceOrKey()
		keys = append(keys, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(keys) == 1 {
		return &itemExpr{pos(x.at()), x, keys[0]}, nil
	}
	for _, k := range keys {
		if _, ok := k.(*sliceExpr); ok {
			return nil, p.failf(open, "a slice cannot be part of a tuple")
		}
	}
	return &itemExpr{pos(x.at()), x, &seqExpr{pos(open.pos), keys, true}}, nil
}

func (p *parser) sliceOrKey() (expr, error) {
	sl := &sliceExpr{pos: pos(p.tok().pos)}
	if !p.isOp(":") {
		x, err := p.expression()
		if err != nil || !p.isOp(":") {
			return x, err
		}
		sl.start = x
	}
	p.next()
	var err error
	if !p.isOp(":") && !p.isOp("]") && !p.isOp(",") {
		if sl.stop, err = p.expression(); err != nil {
			return nil, err
		}
	}
	if p.skipOp(":") && !p.isOp("]") && !p.isOp(",") {
		sl.step, err = p.expression()
	}
	return sl, err
}

func (p *parser) call(fn expr) (expr, error) {
	c := &callExpr{pos: pos(fn.at()), fn: fn}
	var err error
	if c.args, err = p.arguments(); err != nil {
		return nil, err
	}
	p.noteCall(c)
	return c, nil
}

// arguments parses a parenthesised argument list; a trailing comma is fine.
func (p *parser) arguments() (callArgs, error) {
	var a callArgs
	if err := p.expectOp("("); err != nil {
		return a, err
	}
	err := p.list(")", true, func() error { return p.argument(&a) })
	return a, err
}

func (p *parser) argument(a *callArgs) error {
	t := p.tok()
	ok := true
	var err error
	switch {
	case p.isOp("*"):
		p.next()
		ok = a.star == nil && a.dstar == nil
		a.star, err = p.expression()
	case p.isOp("**"):
		p.next()
		ok = a.dstar == nil
		a.dstar, err = p.expression()
	case t.kind == tokName && p.peek().kind == tokOp && p.peek().val == "=":
		p.next()
		p.next()
		ok = a.dstar == nil
		for _, k := range a.kw {
			if k.name == t.val {
				p.python(t, "keyword argument repeated: "+t.val)
			}
		}
		var x expr
		x, err = p.expression()
		a.kw = append(a.kw, kwArg{t.val, x})
	default:
		ok = a.star == nil && a.dstar == nil && len(a.kw) == 0
		var x expr
		x, err = p.expression()
		a.pos = append(a.pos, x)
	}
	if err != nil {
		return err
	}
	if !ok {
		return p.failf(t, "invalid syntax for function call expression")
	}
	return nil
}

// dottedName parses name(.name)*.
func (p *parser) dottedName() (token, error) {
	t, err := p.expectName()
	for err == nil && p.skipOp(".") {
		var part token
		part, err = p.expectName()
		t.val += "." + part.val
	}
	return t, err
}

// filter parses one filter, whose bar has been read, applied to x.
func (p *parser) filter(x expr) (expr, error) {
	t, err := p.dottedName()
	if err != nil {
		return nil, err
	}
	f := &filterExpr{pos: pos(t.pos), x: x, name: t.val, f: p.env.filters[t.val], nameAt: t.pos}
	if x != nil {
		f.pos = pos(x.at())
	}
	if f.f == nil {
		p.noteUnknown(t, "filter", p.env.filterNames)
	}
	if p.isOp("(") {
		f.args, err = p.arguments()
	}
	return f, err
}

func (p *parser) test(x expr) (expr, error) {
	p.next()
	negated := p.skipName("not")
	t, err := p.dottedName()
	if err != nil {
		return nil, err
	}
	n := &testExpr{pos: pos(x.at()), x: x, name: t.val, fn: p.env.tests[t.val]}
	if n.fn == nil {
		p.noteUnknown(t, "test", p.env.testNames)
	}
	if err := p.testArguments(n); err != nil {
		return nil, err
	}
	if negated {
		return &notExpr{n.pos, n}, nil
	}
	return n, nil
}

// testArguments parses what follows a test's name: arguments in parentheses, or one bare argument.
func (p *parser) testArguments(n *testExpr) error {
	var err error
	t := p.tok()
	switch t.kind {
	case tokOp:
		if t.val == "(" {
			n.args, err = p.arguments()
			return err
		}
		if t.val != "[" && t.val != "{" {
			return nil
		}
	case tokName:
		if t.val == "else" || t.val == "or" || t.val == "and" {
			return nil
		}
		if t.val == "is" {
			return p.failf(t, "you cannot chain multiple tests with is")
		}
	case tokString, tokInt, tokFloat:
	default:
		return nil
	}
	x, err := p.primary()
	if err == nil {
		x, err = p.postfix(x)
	}
	n.args.pos = []expr{x}
	return err
}
