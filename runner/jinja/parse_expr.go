package jinja

import (
	"math/big"
	"strings"
)

func (p *parser) expression() (expr, error) { return p.condExpression(true) }

// condExpression parses a full expression; without withCond an inline if is left for the caller.
func (p *parser) condExpression(withCond bool) (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	unknown := len(p.unknown)
	x, err := p.or()
	if err != nil || !withCond {
		return x, err
	}
	for p.skipName("if") {
		at := pos(x.at())
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		test, err := p.or()
		if err != nil {
			return nil, err
		}
		var no expr
		if p.skipName("else") {
			if no, err = p.condExpression(true); err != nil {
				return nil, err
			}
		}
		x = &condExpr{at, test, x, no}
		p.unknown = p.unknown[:unknown] // an unknown filter in a condition fails only when reached
	}
	return x, nil
}

func (p *parser) or() (expr, error) { return p.logic("or", p.and) }

func (p *parser) and() (expr, error) { return p.logic("and", p.not) }

func (p *parser) logic(word string, operand func() (expr, error)) (expr, error) {
	l, err := operand()
	if err != nil {
		return nil, err
	}
	for p.skipName(word) {
		r, err := operand()
		if err != nil {
			return nil, err
		}
		l = &logicExpr{pos(l.at()), word == "and", l, r}
	}
	return l, nil
}

func (p *parser) not() (expr, error) {
	if !p.isName("not") {
		return p.comparison()
	}
	at := pos(p.next().pos)
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	x, err := p.not()
	return &notExpr{at, x}, err
}

// compareOperator consumes a comparison operator, or gives "".
func (p *parser) compareOperator() string {
	t := p.tok()
	if t.kind == tokOp {
		switch t.val {
		case "==", "!=", "<", "<=", ">", ">=":
			p.next()
			return t.val
		}
		return ""
	}
	if p.skipName("in") {
		return "in"
	}
	if p.isName("not") && p.peek().kind == tokName && p.peek().val == "in" {
		p.next()
		p.next()
		return "not in"
	}
	return ""
}

func (p *parser) comparison() (expr, error) {
	first, err := p.sum()
	if err != nil {
		return nil, err
	}
	var c *compareExpr
	for op := p.compareOperator(); op != ""; op = p.compareOperator() {
		x, err := p.sum()
		if err != nil {
			return nil, err
		}
		if c == nil {
			c = &compareExpr{pos: pos(first.at()), first: first}
		}
		c.ops, c.rest = append(c.ops, op), append(c.rest, x)
	}
	if c == nil {
		return first, nil
	}
	return c, nil
}

// leftAssoc parses operand (op operand)*.
func (p *parser) leftAssoc(operand func() (expr, error), ops ...string) (expr, error) {
	l, err := operand()
	if err != nil {
		return nil, err
	}
	for p.isOpOf(ops) {
		op := p.next()
		r, err := operand()
		if err != nil {
			return nil, err
		}
		l = &binExpr{pos(l.at()), op.val, l, r}
	}
	return l, nil
}

func (p *parser) sum() (expr, error) { return p.leftAssoc(p.concat, "+", "-") }

func (p *parser) product() (expr, error) { return p.leftAssoc(p.power, "*", "/", "//", "%") }

func (p *parser) power() (expr, error) {
	return p.leftAssoc(func() (expr, error) { return p.unary(true) }, "**")
}

func (p *parser) concat() (expr, error) {
	x, err := p.product()
	if err != nil || !p.isOp("~") {
		return x, err
	}
	c := &concatExpr{pos: pos(x.at()), items: []expr{x}}
	for p.skipOp("~") {
		x, err := p.product()
		if err != nil {
			return nil, err
		}
		c.items = append(c.items, x)
	}
	return c, nil
}

func (p *parser) unary(withFilter bool) (expr, error) {
	t := p.tok()
	var x expr
	var err error
	if p.isOp("-") || p.isOp("+") {
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		p.next()
		var inner expr
		inner, err = p.unary(false)
		x = &unaryExpr{pos(t.pos), t.val, inner}
	} else {
		x, err = p.primary()
	}
	if err == nil {
		x, err = p.postfix(x)
	}
	if err == nil && withFilter {
		x, err = p.filters(x)
	}
	return x, err
}

func (p *parser) primary() (expr, error) {
	t := p.tok()
	switch t.kind {
	case tokName:
		p.next()
		switch t.val {
		case "true", "True":
			return &constExpr{pos(t.pos), true}, nil
		case "false", "False":
			return &constExpr{pos(t.pos), false}, nil
		case "none", "None":
			return &constExpr{pos(t.pos), nil}, nil
		}
		p.noteName(t.val)
		return &nameExpr{pos(t.pos), t.val}, nil
	case tokString:
		s := p.next().val
		for p.tok().kind == tokString {
			s += p.next().val
		}
		return &constExpr{pos(t.pos), s}, nil
	case tokInt, tokFloat:
		p.next()
		return p.number(t)
	case tokOp:
		switch t.val {
		case "(":
			p.next()
			x, err := p.tuple(tupleOpts{cond: true, parens: true})
			if err != nil {
				return nil, err
			}
			return x, p.expectOp(")")
		case "[":
			return p.listLiteral()
		case "{":
			return p.dictLiteral()
		}
	}
	return nil, p.failf(t, "unexpected '%s'", t.describe())
}

func (p *parser) number(t token) (expr, error) {
	digits := strings.ReplaceAll(t.val, "_", "")
	if t.kind == tokFloat {
		f, ok := parseFloat(digits)
		if !ok {
			return nil, p.failf(t, "invalid number %s", t.val)
		}
		return &constExpr{pos(t.pos), f}, nil
	}
	n, ok := new(big.Int).SetString(digits, 0)
	if len(digits) > 1 && isDec(digits[1]) {
		n, ok = new(big.Int).SetString(digits, 10)
	}
	if !ok || n.BitLen() > maxBits {
		return nil, p.failf(t, "invalid number %.20s", t.val)
	}
	return &constExpr{pos(t.pos), normBig(n)}, nil
}

// tupleOpts says how to read a comma list.
type tupleOpts struct {
	cond   bool // inline ifs are allowed
	parens bool // it stands in parentheses, so it may be empty
	names  bool // only assignment targets
	ns     bool // with names: ns.attr is a target, too
}

// tuple parses one expression, or several with commas, which make a tuple.
func (p *parser) tuple(o tupleOpts) (expr, error) {
	first := p.tok()
	var items []expr
	comma := false
	for {
		if len(items) > 0 {
			if err := p.expectOp(","); err != nil {
				return nil, err
			}
		}
		if t := p.tok(); t.kind == tokVarEnd || t.kind == tokBlockEnd || p.isOp(")") {
			break
		}
		var x expr
		var err error
		if o.names {
			x, err = p.targetItem(o.ns)
		} else {
			x, err = p.condExpression(o.cond)
		}
		if err != nil {
			return nil, err
		}
		items = append(items, x)
		if !p.isOp(",") {
			break
		}
		comma = true
	}
	if !comma && len(items) == 1 {
		return items[0], nil
	}
	if len(items) == 0 && !o.parens {
		return nil, p.failf(p.tok(), "expected an expression, got '%s'", p.tok().describe())
	}
	return &seqExpr{pos(first.pos), items, true}, nil
}

func (p *parser) listLiteral() (expr, error) {
	l := &seqExpr{pos: pos(p.next().pos)}
	return l, p.list("]", true, func() error {
		x, err := p.expression()
		l.items = append(l.items, x)
		return err
	})
}

func (p *parser) dictLiteral() (expr, error) {
	d := &dictExpr{pos: pos(p.next().pos)}
	return d, p.list("}", true, func() error {
		k, err := p.expression()
		if err != nil {
			return err
		}
		if err := p.expectOp(":"); err != nil {
			return err
		}
		v, err := p.expression()
		d.keys, d.vals = append(d.keys, k), append(d.vals, v)
		return err
	})
}
