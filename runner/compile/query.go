package compile

import (
	"errors"
	"fmt"

	"elt/runner"
	"elt/runner/compile/warehouse"
	"elt/runner/jinja"
)

// query runs a statement for a template; nil while parsing.
func (s *scope) query(sql string) (*warehouse.Table, error) {
	s.impure = true
	if !s.execute() {
		return nil, nil
	}
	result, err := s.with.DB.Query(s.ctx, sql)
	if err != nil {
		out := &runner.Error{Code: runner.CodeModel, Msg: "run a query while the SQL is written", Err: err}
		var known interface{ Hint() string }
		if errors.As(err, &known) {
			out.Hint = known.Hint()
		}
		return nil, out
	}
	names, types := make([]string, len(result.Columns)), make([]string, len(result.Columns))
	for i, c := range result.Columns {
		names[i], types[i] = c.Name, c.Type
	}
	return warehouse.NewTable(names, types, result.Rows), nil
}

// runQuery gives the rows of a query; an undefined value while parsing.
func (s *scope) runQuery(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("sql"))
	if err != nil {
		return nil, err
	}
	table, err := s.query(jinja.ToString(args[0]))
	if err == nil && table == nil {
		return jinja.NewUndefined("table", "run_query has no rows before the model runs: ask for `execute` first"), nil
	}
	return table, err
}

// statement runs the body of a call block and keeps what it gives under a name, for load_result.
func (s *scope) statement(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Optional("name", nil), jinja.Optional("fetch_result", false), jinja.Optional("auto_begin", true),
		jinja.Optional("language", "sql"))
	if err != nil {
		return nil, err
	}
	s.impure = true
	if !s.execute() {
		return "", nil
	}
	if language := jinja.ToString(args[3]); language != "sql" {
		return nil, compileError("statement: language %q is not supported, only sql is", language)
	}
	sql, err := call.CallerText()
	if err != nil {
		return nil, err
	}
	table, err := s.query(sql)
	if err != nil {
		return nil, err
	}
	if args[0] != nil {
		s.keep(jinja.ToString(args[0]), "OK", table)
	}
	return "", nil
}

func (s *scope) noopStatement(call *jinja.Call) (any, error) {
	if call.Caller != nil {
		if _, err := call.CallerText(); err != nil {
			return nil, err
		}
	}
	if name, ok := call.Kwargs.Get("name"); ok {
		s.keep(jinja.ToString(name), "OK", nil)
	}
	return "", nil
}

func (s *scope) keep(name string, response jinja.Value, table *warehouse.Table) {
	if table == nil {
		table = warehouse.NewTable(nil, nil, nil)
	}
	d := jinja.NewDict()
	d.Set("response", response)
	d.Set("data", table.Matrix())
	d.Set("table", table)
	if s.results == nil {
		s.results = map[string]jinja.Value{}
	}
	s.results[name] = d
}

func (s *scope) storeResult(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("name"), jinja.Optional("response", nil), jinja.Optional("agate_table", nil),
		jinja.Optional("message", nil), jinja.Optional("code", nil), jinja.Optional("rows_affected", nil))
	if err != nil {
		return nil, err
	}
	table, _ := args[2].(*warehouse.Table)
	response := args[1]
	if response == nil {
		response = args[3]
	}
	s.keep(jinja.ToString(args[0]), response, table)
	return "", nil
}

// loadResult gives what a statement kept: once, as in dbt, unless it is called main.
func (s *scope) loadResult(call *jinja.Call) (any, error) {
	name, err := call.String(0, "name")
	if err != nil {
		return nil, err
	}
	s.impure = true
	v, ok := s.results[name]
	switch {
	case !ok:
		return nil, nil
	case v == nil:
		return nil, compileError("load_result(%q): this result was loaded already; keep it in a variable", name)
	case name != "main":
		s.results[name] = nil
	}
	return v, nil
}

func (s *scope) isIncremental(*jinja.Call) (any, error) {
	s.impure = true
	if !s.execute() || !s.with.Incremental || s.node.Config.Materialized != runner.Incremental {
		return false, nil
	}
	full, err := s.fullRefresh()
	return !full, err
}

func (s *scope) shouldFullRefresh(*jinja.Call) (any, error) { return s.fullRefresh() }

func (s *scope) fullRefresh() (bool, error) {
	s.impure = true
	if own := s.config.merged.FullRefresh; own != nil {
		return *own, nil
	}
	return s.with.FullRefresh, nil
}

// renderText renders a text as a template that sees what this one sees.
func (s *scope) renderText(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("string"))
	if err != nil {
		return nil, err
	}
	return s.renderInner(call.Pos().File, jinja.ToString(args[0]))
}

// renderInner renders a template that is met while another one is rendered.
func (s *scope) renderInner(name, text string) (any, error) {
	t, err := s.c.env.Parse(name, text)
	if err != nil {
		return nil, err
	}
	out, err := t.Render(s.ctx, s.home(), s.options()...)
	if err != nil {
		return nil, err
	}
	return out.Text, nil
}

// tryOr calls a function and fails with the message given where it fails.
func (s *scope) tryOr(call *jinja.Call) (any, error) {
	if len(call.Args) < 2 {
		return nil, compileError("try_or_compiler_error takes a message, a function and its arguments")
	}
	v, err := call.Invoke(call.Args[1], call.Args[2:], call.Kwargs)
	if err != nil {
		return nil, compileError("%s", jinja.ToString(call.Args[0]))
	}
	return v, nil
}

// say hands a message of a template on, once: templates are rendered more than once.
func (s *scope) say(text string) {
	if !s.execute() || s.c.options.Log == nil {
		return
	}
	if s.node.Name != "" {
		text = fmt.Sprintf("%s: %s", s.node.Name, text)
	}
	s.c.options.Log(text)
}

func (s *scope) log(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("msg"), jinja.Optional("info", false))
	if err == nil && jinja.Truth(args[1]) {
		s.say(jinja.ToString(args[0]))
	}
	return "", err
}

func (s *scope) print(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("msg"))
	switch {
	case err != nil:
	case s.execute() && s.c.options.Print != nil:
		s.c.options.Print(jinja.ToString(args[0]))
	default:
		s.say(jinja.ToString(args[0]))
	}
	return "", err
}
