package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// usage is what renders of a node looked at; see Content.
type usage struct {
	macros map[macroUse]bool
	vars   map[string]bool
	env    map[string]bool
	this   bool // it asked for its own relation
}

type macroUse struct {
	file *macroFile
	name string
}

func (u *usage) macro(f *macroFile, name string) {
	if u.macros == nil {
		u.macros = map[macroUse]bool{}
	}
	u.macros[macroUse{f, name}] = true
}

func note(set *map[string]bool, name string) {
	if *set == nil {
		*set = map[string]bool{}
	}
	(*set)[name] = true
}

// missing marks an argument that was not given.
type missing struct{}

// varObject is var: called, it gives a variable; var.has_var tells whether there is one.
type varObject struct{ s *scope }

// Attr implements jinja.Object.
func (v *varObject) Attr(name string) (jinja.Value, bool) {
	if name != "has_var" {
		return nil, false
	}
	return jinja.Func(func(call *jinja.Call) (any, error) {
		key, err := call.String(0, "var_name")
		if err != nil {
			return nil, err
		}
		note(&v.s.usage.vars, key)
		_, ok := v.s.lookupVar(key)
		return ok, nil
	}), true
}

// Call implements jinja.Caller.
func (v *varObject) Call(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("name"), jinja.Optional("default", missing{}))
	if err != nil {
		return nil, err
	}
	name, ok := jinja.Str(args[0])
	if !ok {
		return nil, compileError("var takes the name of a variable as a text, not %s", jinja.Repr(args[0]))
	}
	note(&v.s.usage.vars, name)
	if value, ok := v.s.lookupVar(name); ok {
		return v.s.renderedVar(name, value, call.Pos().File)
	}
	if _, none := args[1].(missing); !none {
		return args[1], nil
	}
	e := compileError("var(%q): not set, and no default given", name)
	e.Hint = runner.DidYouMean(name, slices.Collect(maps.Keys(v.s.vars())))
	if e.Hint == "" {
		file := "project.yaml"
		if v.s.c.project.DBT {
			file = "dbt_project.yml"
		}
		e.Hint = fmt.Sprintf("set it below vars: in %s, or with --vars '{%s: …}'", file, name)
	}
	return nil, e
}

// renderedVar is the value of a variable, where it is asked for: in a project of dbt's a text may be a template itself, as
// in "{{ ref('stg_ads') }}". file is where that is.
func (s *scope) renderedVar(name string, value any, file string) (any, error) {
	text, isText := value.(string)
	if !isText || !s.c.project.DBT || !strings.Contains(text, "{{") && !strings.Contains(text, "{%") {
		return value, nil
	}
	if slices.Contains(s.varsOpen, name) {
		e := compileError("var(%q): its value asks for itself", name)
		e.Hint = "variables on the way: " + strings.Join(s.varsOpen, ", ")
		return nil, e
	}
	s.varsOpen = append(s.varsOpen, name)
	defer func() { s.varsOpen = s.varsOpen[:len(s.varsOpen)-1] }()
	return s.renderInner(file+", var "+name, text)
}

// vars are those that the node's package sees.
func (s *scope) vars() map[string]any {
	if s.node != nil && s.node.declared != nil {
		if vars, ok := s.c.project.PackageVars[s.node.declared.Package]; ok && s.node.declared.Package != "" {
			return vars
		}
	}
	return s.c.project.Vars
}

func (s *scope) lookupVar(name string) (any, bool) {
	if v, ok := s.with.Vars[name]; ok {
		return v, true
	}
	v, ok := s.vars()[name]
	return v, ok
}

// secretPrefix marks variables that must not get into SQL.
const secretPrefix = "DBT_ENV_SECRET"

func (s *scope) envVar(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("name"), jinja.Optional("default", missing{}))
	if err != nil {
		return nil, err
	}
	name, _ := jinja.Str(args[0])
	if strings.HasPrefix(name, secretPrefix) {
		e := compileError("env_var(%q): variables that begin with %s are secrets and must not be part of SQL", name, secretPrefix)
		e.Hint = "give the variable another name if it is no secret"
		return nil, e
	}
	note(&s.usage.env, name)
	if v, ok := s.lookupEnv(name); ok {
		return v, nil
	}
	if _, none := args[1].(missing); !none {
		return args[1], nil
	}
	e := compileError("env_var(%q): the environment variable is not set, and no default given", name)
	e.Hint = fmt.Sprintf("set it, or write env_var('%s', 'a default')", name)
	return nil, e
}

func (s *scope) lookupEnv(name string) (string, bool) {
	if v, ok := s.with.Env[name]; ok {
		return v, true
	}
	if s.c.options.LookupEnv == nil {
		return "", false
	}
	return s.c.options.LookupEnv(name)
}
