package jinja_test

import (
	"context"
	"fmt"
	"strings"

	"elt/runner/jinja"
)

// modelScope is what one model's render sees: functions bound to that model, then macros of the project.
type modelScope struct {
	funcs   map[string]jinja.Value
	macros  map[string]*jinja.Template // which file defines a macro
	modules map[*jinja.Template]*jinja.Module
}

// Lookup finds a function or, on first use, runs the macro file that defines the name, with this very scope, so that
// ref and this inside a macro are those of the model.
func (s *modelScope) Lookup(name string) (jinja.Value, bool) {
	if v, ok := s.funcs[name]; ok {
		return v, true
	}
	file, ok := s.macros[name]
	if !ok {
		return nil, false
	}
	m := s.modules[file]
	if m == nil {
		var err error
		if m, err = file.Module(context.Background(), s); err != nil {
			return nil, false
		}
		s.modules[file] = m
	}
	return m.Macro(name)
}

// Example renders a model as a dbt-like host would, and asks where a piece of the SQL comes from.
func Example() {
	env := jinja.New(
		jinja.WithGlobal("return", jinja.Func(jinja.Return)),
		jinja.WithBlockTag(jinja.BlockTag{Tag: "snapshot"}),
		jinja.WithStrictNames(),
	)
	file, err := env.Parse("macros/money.sql", "{% macro cents(column) -%}\n  {{ column }} / {{ scale() }}{% endmacro %}\n"+
		"{% macro scale() %}{{ return(100) }}{% endmacro %}")
	if err != nil {
		fmt.Println(err)
		return
	}
	scope := &modelScope{macros: map[string]*jinja.Template{}, modules: map[*jinja.Template]*jinja.Module{}}
	for _, m := range file.Macros() {
		scope.macros[m.Name] = file
	}
	scope.funcs = map[string]jinja.Value{
		"ref": jinja.Func(func(c *jinja.Call) (any, error) {
			name, err := c.String(0, "model")
			return "main." + name, err
		}),
	}
	model, err := env.Parse("models/orders.sql", "select {{ cents('amount') }}\nfrom {{ ref('stg_orders') }}")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range model.Calls() {
		fmt.Println(c.Pos, c.Name, c.Args[0].Value)
	}
	out, err := model.Render(context.Background(), scope)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out.Text)
	origin, _ := out.Map.At(strings.Index(out.Text, "/ 100"))
	fmt.Println(origin.Pos, "in", origin.Stack[0].Name, "called at", origin.Stack[0].Pos)
	// Output:
	// models/orders.sql:1:11 cents amount
	// models/orders.sql:2:9 ref stg_orders
	// select amount / 100
	// from main.stg_orders
	// macros/money.sql:2:16 in cents called at models/orders.sql:1:11
}
