package jinja

import (
	"maps"
	"slices"
)

// Limits bound what a single render may use. A zero field means its default.
type Limits struct {
	Output     int // bytes of text that a render may build, all intermediate strings and lists counted; 256 MiB
	Iterations int // loop turns and other repeated steps in total; 20 million
	Depth      int // nested macro calls, includes and recursive loops; 500
}

// Loader finds the template that import and include name. It parses it with env, and may cache. When there is no such
// template it returns an error for which errors.Is(err, fs.ErrNotExist) holds.
type Loader func(env *Env, name string) (*Template, error)

// BlockTag declares a block {% TAG name … %}…{% endTAG %} of the host. Rendering a template skips such blocks; the
// host finds them with Template.Blocks.
type BlockTag struct {
	Tag string
	Raw bool // the body is plain text, not a template
	// MacroName, if not nil, makes the block a macro under the name it returns, unless that is "".
	MacroName func(b *Block) string
}

// Env holds what all templates share. It is immutable and safe for concurrent use.
type Env struct {
	globals map[string]Value
	filters map[string]*filterDef
	tests   map[string]Func
	tags    map[string]BlockTag
	loader  Loader
	limits  Limits
	strict  bool
}

// Option configures an Env.
type Option func(*Env)

// New makes an Env with all filters, tests and globals of Jinja2.
func New(opts ...Option) *Env {
	e := &Env{
		globals: builtinGlobals(),
		filters: builtinFilters(),
		tests:   builtinTests(),
		tags:    map[string]BlockTag{},
		limits:  Limits{Output: 256 << 20, Iterations: 20_000_000, Depth: 500},
	}
	for _, o := range opts {
		o(e)
	}
	return e
}

// WithGlobal adds a global variable. Templates can change a list or dict given here, so give functions and objects.
func WithGlobal(name string, v any) Option {
	return func(e *Env) { e.globals[name] = FromGo(v) }
}

// WithFilter adds or replaces a filter.
func WithFilter(name string, f Func) Option {
	return func(e *Env) { e.filters[name] = &filterDef{fn: f} }
}

// WithBlockTag adds a block tag.
func WithBlockTag(tags ...BlockTag) Option {
	return func(e *Env) {
		for _, t := range tags {
			e.tags[t.Tag] = t
		}
	}
}

// WithLoader sets where import and include find templates. Without it they find none.
func WithLoader(l Loader) Option { return func(e *Env) { e.loader = l } }

// WithLimits sets the limits of each render.
func WithLimits(l Limits) Option {
	return func(e *Env) {
		if l.Output > 0 {
			e.limits.Output = l.Output
		}
		if l.Iterations > 0 {
			e.limits.Iterations = l.Iterations
		}
		if l.Depth > 0 {
			e.limits.Depth = l.Depth
		}
	}
}

// WithStrictNames makes printing, concatenating and iterating a name an error that nothing in the template sets and the
// host does not know. Testing it for truth, for definedness and giving it a default stay possible. Other undefined
// values, such as parameters that were not given and keys that a dict lacks, are empty, as always.
func WithStrictNames() Option { return func(e *Env) { e.strict = true } }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (e *Env) filterNames() []string { return sortedKeys(e.filters) }

func (e *Env) testNames() []string { return sortedKeys(e.tests) }

// tagNames lists all tags that may start a block, and their ends.
func (e *Env) tagNames() []string {
	names := []string{
		"set", "endset", "if", "elif", "else", "endif", "for", "endfor", "macro", "endmacro", "call", "endcall", "filter",
		"endfilter", "with", "endwith", "do", "include", "import", "from", "break", "continue", "raw", "endraw",
	}
	for _, t := range sortedKeys(e.tags) {
		names = append(names, t, "end"+t)
	}
	return names
}

// Parse reads a template. file is the name that positions carry. The error is an *Error.
func (e *Env) Parse(file, src string) (*Template, error) {
	t := &Template{env: e, file: file, src: normalise(src), stored: map[string]bool{}}
	t.lines = lineStarts(t.src)
	l := &lexer{src: t.src, rawTags: func(tag string) bool { return e.tags[tag].Raw }}
	lexErr := l.run()
	if lexErr != nil {
		l.add(tokEOF, len(t.src), len(t.src), "")
	}
	p := &parser{env: e, t: t, toks: l.toks}
	var err error
	t.root, err = p.body(nil)
	switch {
	case lexErr != nil && (err == nil || p.tok().kind == tokEOF):
		return nil, t.syntaxError(lexErr)
	case err != nil: // what the parser found stands before what the lexer did
		return nil, t.syntaxError(err)
	case len(p.unknown) > 0:
		return nil, t.syntaxError(p.unknown[0])
	case len(p.late) > 0:
		return nil, t.syntaxError(p.late[0])
	}
	return t, nil
}
