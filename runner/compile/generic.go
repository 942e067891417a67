package compile

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"elt/runner"
	"elt/runner/compile/warehouse"
	"elt/runner/jinja"
)

// testMacro is the name of the macro that makes a generic test, empty if the project has none: then the test is one of
// the program's own, or unknown.
func (c *Compiler) testMacro(t *runner.Test) string {
	pkg, name := c.testPlace(t)
	for _, from := range []*macroPackage{pkg, c.root} {
		if from == nil {
			continue
		}
		for _, macro := range []string{"test_" + name, "duckdb__test_" + name, "default__test_" + name} {
			if from.files[macro] != nil {
				return macro
			}
		}
		if from == pkg && strings.Contains(t.Type, ".") {
			break
		}
	}
	return ""
}

// testPlace splits the type of a test: dbt_utils.equality is test_equality of that package.
func (c *Compiler) testPlace(t *runner.Test) (*macroPackage, string) {
	if pkg, name, ok := strings.Cut(t.Type, "."); ok {
		return c.packages[pkg], name
	}
	return c.packages[t.Package], t.Type
}

// GenericTest compiles a test that a macro makes: a query that returns failing rows. ok is false for a test that no macro
// of the project is for.
func (c *Compiler) GenericTest(ctx context.Context, t *runner.Test, with Render) (sql SQL, ok bool, err error) {
	n := c.nodes[t.ID]
	if n == nil || n.macro == "" {
		return SQL{}, false, nil
	}
	sql, err = c.SQL(ctx, t.ID, with)
	return sql, true, err
}

// testTemplate is a template that calls the macro of a test, and puts the macro and its arguments into the scope.
func (s *scope) testTemplate() (*jinja.Template, error) {
	t := s.node.Test
	pkg := s.c.macroOfTest(t, s.node.macro)
	macro, ok := s.macro(pkg, s.node.macro)
	if !ok {
		return nil, s.failed
	}
	args, err := s.testArgs(t, pkg)
	if err != nil {
		return nil, err
	}
	s.extra = map[string]jinja.Value{"__test": macro, "__args": args}
	return s.c.env.Parse(t.Pos.File, padded("{{ __test(**__args) }}", t.Pos))
}

// testArgs are the arguments of the macro: the relation tested, the column, and what YAML says.
func (s *scope) testArgs(t *runner.Test, pkg *macroPackage) (*jinja.Dict, error) {
	args := jinja.NewDict()
	if on := s.c.nodes[t.On]; on != nil {
		model, err := s.tested(on, pkg)
		if err != nil {
			return nil, err
		}
		args.Set("model", model)
	} else if t.On != "" {
		return nil, &runner.Error{Code: runner.CodeCompile, Pos: t.Pos, Msg: fmt.Sprintf("test %s is on %s, which does not exist", t.Name, t.On)}
	}
	if t.Column != "" {
		args.Set("column_name", t.Column)
	}
	for _, name := range keysOf(t.Args) {
		if name == "model" {
			continue
		}
		v, err := s.testArg(t, jinja.FromGo(t.Args[name]))
		if err != nil {
			return nil, err
		}
		args.Set(name, v)
	}
	return args, nil
}

// tested is the relation that a test looks at; with where, a subquery.
func (s *scope) tested(on *Node, pkg *macroPackage) (jinja.Value, error) {
	relation := s.relation(on)
	owner, name := s.c.override(s.node, "get_where_subquery")
	if owner == nil {
		if where := s.node.Test.Where; where != "" {
			text, err := s.textOf(where, s.node.Test.Pos)
			if err != nil {
				return nil, err
			}
			return "(select * from " + relation.(*warehouse.Relation).String() + " where " + text + ") dbt_subquery", nil
		}
		return relation, nil
	}
	macro, ok := s.macro(owner, name)
	if !ok {
		return nil, s.failed
	}
	return macro.Call(s.ctx, []jinja.Value{relation}, nil)
}

// looksLikeCall are arguments that dbt takes for templates without braces.
var looksLikeCall = regexp.MustCompile(`^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$`)

// oneExpression is a template that is nothing but one expression; its value stays what it is.
var oneExpression = regexp.MustCompile(`^\s*\{\{-?((?:[^{}]|\{[^{%#]|\}[^}])*?)-?\}\}\s*$`)

// testArg renders the texts in an argument of a test.
func (s *scope) testArg(t *runner.Test, v jinja.Value) (jinja.Value, error) {
	switch x := v.(type) {
	case *jinja.List:
		out := jinja.NewList()
		for _, item := range x.Items {
			rendered, err := s.testArg(t, item)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, rendered)
		}
		return out, nil
	case *jinja.Dict:
		out := jinja.NewDict()
		for _, key := range x.Keys() {
			item, _ := x.Get(key)
			rendered, err := s.testArg(t, item)
			if err != nil {
				return nil, err
			}
			out.Set(key, rendered)
		}
		return out, nil
	}
	text, ok := jinja.Str(v)
	switch {
	case !ok:
		return v, nil
	case looksLikeCall.MatchString(text):
		return s.valueOf(text, t.Pos)
	case !strings.Contains(text, "{"):
		return text, nil
	}
	if found := oneExpression.FindStringSubmatch(text); found != nil {
		return s.valueOf(found[1], t.Pos)
	}
	return s.textOf(text, t.Pos)
}

// valueOf evaluates an expression of a YAML file.
func (s *scope) valueOf(expression string, pos runner.Position) (jinja.Value, error) {
	var got jinja.Value
	outer := s.extra
	s.extra = map[string]jinja.Value{"__keep": jinja.Func(func(call *jinja.Call) (any, error) {
		got = call.Args[0]
		return nil, nil
	})}
	defer func() {
		s.extra = outer
		delete(s.home().values, "__keep")
	}()
	_, err := s.textOf("{% do __keep("+expression+") %}", pos)
	return got, err
}

// textOf renders a text of a YAML file, whose errors are shown at its position.
func (s *scope) textOf(text string, pos runner.Position) (string, error) {
	t, err := s.c.env.Parse(pos.File, text)
	if err == nil {
		var out *jinja.Output
		if out, err = t.Render(s.ctx, s.home()); err == nil {
			return out.Text, nil
		}
	}
	e := s.c.templateError(err)
	e.Pos, e.Excerpt = pos, ""
	return "", e
}
