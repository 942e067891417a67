package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/jinja"
)

// members is dbt's context: what every template can see beside macros. Each is made when a render first asks for it.
func members() map[string]func(*scope) any {
	return map[string]func(*scope) any{
		"ref":            func(s *scope) any { return jinja.Func(s.ref) },
		"source":         func(s *scope) any { return jinja.Func(s.source) },
		"config":         func(s *scope) any { return s.config },
		"var":            func(s *scope) any { return jinja.Func(s.variable) },
		"env_var":        func(s *scope) any { return jinja.Func(s.envVar) },
		"this":           func(s *scope) any { return s.this() },
		"target":         func(s *scope) any { return s.target() },
		"model":          func(s *scope) any { return s.model() },
		"execute":        func(s *scope) any { s.impure = true; return s.execute },
		"is_incremental": func(*scope) any { return jinja.Func(isIncremental) },
		"log":            func(s *scope) any { return jinja.Func(s.log) },
		"print":          func(s *scope) any { return jinja.Func(s.print) },
		"exceptions":     func(s *scope) any { return s.exceptions() },
		"adapter":        func(s *scope) any { return s.adapter() },
		"run_started_at": func(s *scope) any { return s.c.options.Started.UTC().Format(time.RFC3339) },
		"invocation_id":  func(s *scope) any { return s.c.options.InvocationID },
		"project_name":   func(s *scope) any { return s.c.project.Name },
	}
}

func compileError(format string, args ...any) *runner.Error {
	return &runner.Error{Code: runner.CodeCompile, Msg: fmt.Sprintf(format, args...)}
}

func (s *scope) ref(call *jinja.Call) (any, error) {
	var name string
	var err error
	switch len(call.Args) {
	case 1:
		name, err = call.String(0, "model")
	case 2: // ref('package', 'model')
		if name, err = call.String(0, "package"); err == nil && name != s.c.project.Name {
			return nil, compileError("ref: there is no package %q", name)
		}
		name, err = call.String(1, "model")
	default:
		return nil, compileError("ref takes the name of a model or seed, as in ref('stg_clients')")
	}
	if err != nil {
		return nil, err
	}
	id, err := s.c.Ref(name)
	if err != nil {
		return nil, err
	}
	if id == s.node.ID {
		return nil, &runner.Error{
			Code: runner.CodeCompile, Msg: fmt.Sprintf("%s reads itself", name), Hint: "use {{ this }} for the table of the model itself",
		}
	}
	return s.relation(id), nil
}

func (s *scope) source(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("source"), jinja.Required("table"))
	if err != nil {
		return nil, err
	}
	source, _ := jinja.Str(args[0])
	table, _ := jinja.Str(args[1])
	id, err := s.c.Source(source, table)
	if err != nil {
		return nil, err
	}
	return s.relation(id), nil
}

func (s *scope) variable(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("name"), jinja.Optional("default", missing{}))
	if err != nil {
		return nil, err
	}
	name, _ := jinja.Str(args[0])
	if v, ok := s.c.project.Vars[name]; ok {
		return v, nil
	}
	if _, none := args[1].(missing); !none {
		return args[1], nil
	}
	e := compileError("var(%q): not set, and no default given", name)
	e.Hint = runner.DidYouMean(name, slices.Collect(maps.Keys(s.c.project.Vars)))
	if e.Hint == "" {
		e.Hint = fmt.Sprintf("set it below vars: in project.yaml, or with --vars '{%s: …}'", name)
	}
	return nil, e
}

// missing marks an argument that was not given.
type missing struct{}

func (s *scope) envVar(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("name"), jinja.Optional("default", missing{}))
	if err != nil {
		return nil, err
	}
	name, _ := jinja.Str(args[0])
	if s.c.options.LookupEnv != nil {
		if v, ok := s.c.options.LookupEnv(name); ok {
			return v, nil
		}
	}
	if _, none := args[1].(missing); !none {
		return args[1], nil
	}
	e := compileError("env_var(%q): the environment variable is not set, and no default given", name)
	e.Hint = fmt.Sprintf("set it, or write env_var('%s', 'a default')", name)
	return nil, e
}

func (s *scope) this() any {
	if s.node.Public.IsZero() && s.execute {
		return &relationObject{relation: runner.Relation{Name: cteName(s.node)}, bare: true}
	}
	if s.names == nil || s.node.Kind == runner.KindTest {
		return &relationObject{relation: s.c.public(s.node), view: s.node.Config.Materialized == runner.View}
	}
	return s.named(s.node.ID)
}

func (s *scope) target() any {
	t := s.c.project.Target
	return map[string]any{
		"name": t.Name, "schema": t.Schema, "type": "duckdb", "threads": t.Threads, "profile_name": s.c.project.Name,
		"database": strings.TrimSuffix(t.Path[strings.LastIndexAny(t.Path, `/\`)+1:], ".duckdb"),
	}
}

func (s *scope) model() any {
	n := s.node
	return map[string]any{
		"name": n.Name, "unique_id": n.ID, "resource_type": string(n.Kind), "path": n.declared.Path,
		"original_file_path": n.declared.Path, "description": n.declared.Description, "tags": n.Config.Tags,
		"schema": n.Public.Schema, "alias": n.Public.Name, "raw_code": n.text, "meta": n.Config.Meta,
		"package_name": s.c.project.Name,
	}
}

// isIncremental is false as long as no model is built on top of what is there already.
func isIncremental(*jinja.Call) (any, error) { return false, nil }

func (s *scope) log(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("msg"), jinja.Optional("info", false))
	if err == nil && jinja.Truth(args[1]) {
		s.say(jinja.ToString(args[0]))
	}
	return "", err
}

func (s *scope) print(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("msg"))
	if err == nil {
		s.say(jinja.ToString(args[0]))
	}
	return "", err
}

// say hands a message of a template on, once: templates are rendered more than once.
func (s *scope) say(text string) {
	if s.names != nil && s.c.options.Log != nil {
		s.c.options.Log(s.node.Name + ": " + text)
	}
}

func (s *scope) exceptions() any {
	raise := func(call *jinja.Call) (any, error) {
		args, err := call.Bind(jinja.Required("msg"))
		if err != nil {
			return nil, err
		}
		return nil, compileError("%s", jinja.ToString(args[0]))
	}
	warn := func(call *jinja.Call) (any, error) {
		args, err := call.Bind(jinja.Required("msg"))
		if err == nil {
			s.say("warning: " + jinja.ToString(args[0]))
		}
		return "", err
	}
	return functions{"raise_compiler_error": raise, "warn": warn}
}

// functions is an object whose attributes are functions.
type functions map[string]jinja.Func

// Attr implements jinja.Object.
func (f functions) Attr(name string) (jinja.Value, bool) {
	v, ok := f[name]
	return v, ok
}

func (s *scope) adapter() any {
	return functions{"dispatch": s.dispatch, "quote": quote, "type": func(*jinja.Call) (any, error) { return "duckdb", nil }}
}

func quote(call *jinja.Call) (any, error) {
	name, err := call.String(0, "identifier")
	return runner.Quote(name), err
}

// dispatch finds the macro for this engine: duckdb__name before default__name.
func (s *scope) dispatch(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("macro_name"), jinja.Optional("macro_namespace", nil))
	if err != nil {
		return nil, err
	}
	name, _ := jinja.Str(args[0])
	for _, prefix := range []string{"duckdb__", "default__"} {
		if macro, ok := s.macro(prefix + name); ok {
			return macro, nil
		}
	}
	e := compileError("adapter.dispatch(%q): there is neither a macro duckdb__%s nor default__%s", name, name, name)
	return nil, e
}
