package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/compile/python"
	"elt/runner/compile/warehouse"
	"elt/runner/jinja"
)

// members is dbt's context: what every template can see beside macros. Each is made when a render first asks for it.
func members() map[string]func(*scope) any {
	m := map[string]func(*scope) any{
		"ref":            method((*scope).ref),
		"source":         method((*scope).source),
		"config":         func(s *scope) any { return s.config },
		"this":           func(s *scope) any { return s.this() },
		"model":          func(s *scope) any { return s.model() },
		"schema":         func(s *scope) any { return s.node.Public.Schema },
		"database":       func(s *scope) any { return s.c.database() },
		"graph":          func(s *scope) any { return s.graph() },
		"builtins":       builtins,
		"adapter":        func(s *scope) any { return &adapterObject{s, s.c.root} },
		"api":            func(s *scope) any { return api(s) },
		"context":        func(s *scope) any { return &contextObject{s.home()} },
		"execute":        func(s *scope) any { s.impure = true; return s.execute() },
		"is_incremental": method((*scope).isIncremental), "should_full_refresh": method((*scope).shouldFullRefresh),
		"statement": method((*scope).statement), "run_query": method((*scope).runQuery),
		"noop_statement": method((*scope).noopStatement), "load_result": method((*scope).loadResult),
		"store_result": method((*scope).storeResult), "store_raw_result": method((*scope).storeResult),
		"render": method((*scope).renderText), "try_or_compiler_error": method((*scope).tryOr),
		"write":              func(*scope) any { return silent() },
		"exceptions":         func(s *scope) any { return s.exceptions() },
		"doc":                method((*scope).doc),
		"selected_resources": func(s *scope) any { s.impure = true; return s.with.Selected },
		"results":            func(s *scope) any { return s.resultList() },
		"schemas":            func(s *scope) any { return s.schemas() },
		"database_schemas":   func(s *scope) any { return s.databaseSchemas() },
		"pre_hooks":          func(s *scope) any { return hookDicts(s.node.Config.PreHooks) },
		"post_hooks":         func(s *scope) any { return hookDicts(s.node.Config.PostHooks) },
		"defer_relation":     func(*scope) any { return nil },
	}
	maps.Copy(m, baseMembers())
	return m
}

// baseMembers are those that have nothing to do with nodes; templates in YAML files see them, too.
func baseMembers() map[string]func(*scope) any {
	return map[string]func(*scope) any{
		"var": func(s *scope) any { return &varObject{s} }, "env_var": method((*scope).envVar),
		"target":               func(s *scope) any { return s.c.target() },
		"log":                  method((*scope).log),
		"print":                method((*scope).print),
		"debug":                func(*scope) any { return silent() },
		"modules":              func(s *scope) any { return python.Modules(s.c.options.Started) },
		"flags":                func(s *scope) any { return &flagsObject{s} },
		"run_started_at":       func(s *scope) any { return python.NewDateTime(s.c.options.Started.UTC()) },
		"invocation_id":        func(s *scope) any { return s.c.options.InvocationID },
		"invocation_args_dict": func(s *scope) any { return s.c.options.Args },
		"project_name":         func(s *scope) any { return s.c.project.Name },
		"dbt_version":          func(s *scope) any { return s.c.version() },
		"thread_id":            func(*scope) any { return "Thread-1" },
		"dbt_metadata_envs":    func(*scope) any { return map[string]any{} },
		"node_info":            func(s *scope) any { return map[string]any{"unique_id": s.node.ID, "node_name": s.node.Name} },
		"validation":           func(*scope) any { return python.Members{"any": validateAny()} },
		"tojson":               function(toJSON), "fromjson": function(fromJSON), "toyaml": function(toYAML), "fromyaml": function(fromYAML),
		"set": function(makeSet), "set_strict": function(makeSetStrict), "zip": function(zip), "zip_strict": function(zipStrict),
		"local_md5": function(localMD5), "diff_of_two_dicts": function(diffOfTwoDicts),
	}
}

// method makes a member of a method of scope.
func method(do func(*scope, *jinja.Call) (any, error)) func(*scope) any {
	return func(s *scope) any {
		return jinja.Func(func(call *jinja.Call) (any, error) { return do(s, call) })
	}
}

// function makes a member of what does not look at the render.
func function(do jinja.Func) func(*scope) any { return func(*scope) any { return do } }

// silent is a function that takes anything and prints nothing.
func silent() jinja.Func { return func(*jinja.Call) (any, error) { return "", nil } }

func validateAny() jinja.Func {
	return func(*jinja.Call) (any, error) { return silent(), nil }
}

func compileError(format string, args ...any) *runner.Error {
	return &runner.Error{Code: runner.CodeCompile, Msg: fmt.Sprintf(format, args...)}
}

func builtins(s *scope) any {
	return python.Members{"ref": method((*scope).ref)(s), "source": method((*scope).source)(s), "config": s.config}
}

func api(s *scope) any {
	return python.Members{"Relation": &warehouse.RelationClass{Home: s.c.database()}, "Column": warehouse.ColumnClass{}}
}

// version is that of the dbt whose behaviour this is.
func (c *Compiler) version() string {
	if c.options.Version != "" {
		return c.options.Version
	}
	return dbtVersion
}

// database is the name that DuckDB gives the warehouse: that of its file.
func (c *Compiler) database() string {
	name := c.project.Target.Path[strings.LastIndexAny(c.project.Target.Path, `/\`)+1:]
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		name = name[:dot]
	}
	return name
}

func (c *Compiler) target() any {
	t := c.project.Target
	return map[string]any{
		"name": t.Name, "target_name": t.Name, "schema": t.Schema, "type": "duckdb", "threads": t.Threads,
		"profile_name": c.project.Name, "database": c.database(), "dbname": c.database(), "path": t.Path,
	}
}

// model is the node that is rendered, with its batch if it is made in batches.
func (s *scope) model() any {
	node := s.c.nodeDict(s.node)
	node["batch"] = nil
	if b := s.with.Batch; b != nil {
		node["batch"] = map[string]any{
			"id": b.ID, "event_time_start": python.NewDateTime(b.Start), "event_time_end": python.NewDateTime(b.End),
		}
	}
	return node
}

func (s *scope) this() any {
	n := s.node
	switch {
	case n.Kind == kindOperation:
		return nil
	case !s.with.This.IsZero():
		this := warehouse.Of(s.with.This, "", s.c.database())
		s.callPublic(this, n.Public)
		return this
	case n.ephemeral():
		return warehouse.CTE(cteName(n))
	case n.Kind == runner.KindTest:
		return warehouse.Of(runner.Relation{Schema: s.c.project.Target.Schema, Name: n.Name}, "", s.c.database())
	case s.parsing: // config() above may have changed what it is called
		s.usage.this = true
	}
	return s.named(n)
}

// flagsObject is flags.
type flagsObject struct{ s *scope }

// Attr implements jinja.Object.
func (f *flagsObject) Attr(name string) (jinja.Value, bool) {
	o := f.s.c.options
	switch name {
	case "FULL_REFRESH":
		f.s.impure = true
		return f.s.with.FullRefresh, true
	case "WHICH":
		if o.Command == "" {
			return "run", true
		}
		return o.Command, true
	}
	for key, v := range o.Args {
		if strings.EqualFold(key, name) {
			return jinja.FromGo(v), true
		}
	}
	if slices.Contains([]string{"STORE_FAILURES", "DEBUG", "FAIL_FAST", "WARN_ERROR", "QUIET", "EMPTY", "DEFER", "NO_PRINT"}, name) {
		return false, true
	}
	if slices.Contains([]string{"PRINT", "USE_COLORS", "PARTIAL_PARSE", "INTROSPECT", "POPULATE_CACHE", "WRITE_JSON", "VERSION_CHECK"}, name) {
		return true, true
	}
	return nil, false
}

// Item implements jinja.Itemer.
func (f *flagsObject) Item(key jinja.Value) (jinja.Value, bool) { return f.Attr(jinja.ToString(key)) }

// contextObject is context: everything else by its name.
type contextObject struct{ v *view }

// Item implements jinja.Itemer.
func (c *contextObject) Item(key jinja.Value) (jinja.Value, bool) {
	return c.v.Lookup(jinja.ToString(key))
}

// Attr implements jinja.Object.
func (c *contextObject) Attr(name string) (jinja.Value, bool) {
	if name != "get" {
		return c.v.Lookup(name)
	}
	return jinja.Func(func(call *jinja.Call) (any, error) {
		args, err := call.Bind(jinja.Required("name"), jinja.Optional("default", nil))
		if err != nil {
			return nil, err
		}
		if v, ok := c.v.Lookup(jinja.ToString(args[0])); ok {
			return v, nil
		}
		return args[1], nil
	}), true
}

// Iterate implements jinja.Iterable, so that names can be looked for with in.
func (c *contextObject) Iterate() []jinja.Value {
	var out []jinja.Value
	for _, name := range c.v.Names() {
		out = append(out, name)
	}
	return out
}
