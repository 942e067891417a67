package jinja

import (
	"context"
	"errors"
	"math"
)

// state is one render in progress. It belongs to one goroutine.
type state struct {
	ctx    context.Context
	env    *Env
	t      *Template // whose nodes are being evaluated
	out    *buffer
	stack  *callFrame
	depth  int // active calls
	deep   int // active evaluations
	turns  int // iterations so far
	spent  int // bytes built so far
	loaded map[string]*Template
	// modules holds what was imported without context: importing it again gives the same module
	modules map[*Template]*Module
	lenient bool // see Lenient
	blanks  []*Error
	guessed bool // an undefined value was used as only a lenient render allows
}

// maxDeep bounds how deep evaluation nests, whatever makes it so; about a kilobyte of stack each.
const maxDeep = 20_000

// itemSize is what a list item counts against the memory limit.
const itemSize = 16

// signal is how a statement ended.
type signal uint8

const (
	sigNone signal = iota
	sigBreak
	sigContinue
)

func newState(ctx context.Context, env *Env, t *Template) *state {
	return &state{ctx: ctx, env: env, t: t, out: &buffer{}}
}

// spend counts n bytes of new text.
func (s *state) spend(n int) error {
	s.spent += n
	if n < 0 || s.spent > s.env.limits.Output || s.spent < 0 {
		s.spent = math.MaxInt / 2
		return fail(KindLimit, "the render builds more than %d bytes", s.env.limits.Output)
	}
	return nil
}

// spendTimes counts n pieces of size bytes.
func (s *state) spendTimes(size, n int) error {
	if size > 0 && n > s.env.limits.Output/size {
		return s.spend(math.MaxInt / 2)
	}
	return s.spend(size * n)
}

func (s *state) spendItems(n int) error { return s.spendTimes(itemSize, n) }

// tick counts one iteration and now and then looks whether the render was canceled.
func (s *state) tick() error {
	s.turns++
	if s.turns > s.env.limits.Iterations {
		return fail(KindLimit, "the render makes more than %d iterations", s.env.limits.Iterations)
	}
	if s.turns%256 == 0 {
		return s.canceled()
	}
	return nil
}

func (s *state) canceled() error {
	if err := s.ctx.Err(); err != nil {
		e := fail(KindCanceled, "%s", err.Error())
		e.Cause = err
		return e
	}
	return nil
}

// locate gives err a position and the call stack unless it has them.
func (s *state) locate(err error, at int) error {
	var ret *returnSignal
	if errors.As(err, &ret) {
		return err
	}
	e := asError(err)
	if e.located {
		return e
	}
	e.located = true
	e.Pos = s.t.position(at)
	e.Source = s.t.line(e.Pos.Line)
	e.Stack = s.stack.frames()
	return e
}

// eval evaluates an expression; errors leave it with a position.
func (s *state) eval(x expr, f *frame) (Value, error) {
	if c, ok := x.(*constExpr); ok {
		return c.v, nil
	}
	s.deep++
	if s.deep > maxDeep {
		s.deep--
		return nil, s.locate(fail(KindRecursion, "maximum recursion depth exceeded"), x.at())
	}
	v, err := x.eval(s, f)
	s.deep--
	if err != nil {
		return nil, s.locate(err, x.at())
	}
	return v, nil
}

// run executes statements in order.
func (s *state) run(body []stmt, f *frame) (signal, error) {
	s.deep++
	defer func() { s.deep-- }()
	if s.deep > maxDeep {
		return sigNone, fail(KindRecursion, "maximum recursion depth exceeded")
	}
	for _, st := range body {
		sig, err := st.exec(s, f)
		if err != nil {
			return sigNone, s.locate(err, st.at())
		}
		if sig != sigNone {
			return sig, nil
		}
	}
	return sigNone, nil
}

// capture runs body and gives what it printed, and how it ended.
func (s *state) capture(body []stmt, f *frame) (*text, signal, error) {
	out := s.out
	s.out = &buffer{}
	sig, err := s.run(body, f)
	t := s.out.text()
	s.out = out
	return t, sig, err
}

// enter pushes a call and switches to the template the callee stands in. The returned function undoes it.
func (s *state) enter(name string, t *Template, at int) (func(), error) {
	if s.depth >= s.env.limits.Depth {
		return nil, fail(KindRecursion, "more than %d nested calls", s.env.limits.Depth)
	}
	if err := s.tick(); err != nil {
		return nil, err
	}
	stack, from := s.stack, s.t
	s.depth++
	s.stack = &callFrame{stack, name, from, at}
	s.t = t
	return func() {
		s.depth--
		s.stack, s.t = stack, from
	}, nil
}

// returnSignal ends a macro; it travels as an error.
type returnSignal struct{ v Value }

func (*returnSignal) Error() string { return "return outside of a macro" }

// Return is a function for templates: called in a macro, it ends that macro, and the macro call's value is the argument
// itself, not a string. Register it with WithGlobal or give it out from a Scope.
func Return(call *Call) (any, error) {
	args, err := call.Bind(Optional("value", nil))
	if err != nil {
		return nil, err
	}
	return nil, &returnSignal{args[0]}
}

// Output is a rendered template.
type Output struct {
	Text    string
	Map     *SourceMap
	Blanks  []*Error // undefined values that were printed as nothing, the first few: what using them would have said
	Guessed bool     // a lenient render went on where another one would have failed
}

// RenderOption changes how one render goes.
type RenderOption func(*state)

// Lenient lets an undefined value have attributes and items and be called: each gives an undefined value again. It is
// for looking through a template before what it asks for is known. Names that nothing defines stay mistakes.
func Lenient() RenderOption { return func(s *state) { s.lenient = true } }

// Render evaluates the template with the variables of scope, which may be nil. The error is an *Error.
func (t *Template) Render(ctx context.Context, scope Scope, options ...RenderOption) (*Output, error) {
	s := newState(ctx, t.env, t)
	for _, option := range options {
		option(s)
	}
	f := &frame{scope: memo(scope), env: t.env}
	if err := s.top(t, f); err != nil {
		return nil, err
	}
	out := string(s.out.b)
	return &Output{Text: out, Map: &SourceMap{s.out.segs, out}, Blanks: s.blanks, Guessed: s.guessed}, nil
}

// top runs a whole template at the outermost level.
func (s *state) top(t *Template, f *frame) error {
	if err := s.canceled(); err != nil {
		return s.locate(err, 0)
	}
	_, err := s.run(t.root, f)
	if err == nil {
		return nil
	}
	return s.settle(err)
}

// settle turns whatever ended a render into an *Error.
func (s *state) settle(err error) error {
	var ret *returnSignal
	if errors.As(err, &ret) {
		err = fail(KindRuntime, "%s", ret.Error())
	}
	return s.locate(err, 0)
}
