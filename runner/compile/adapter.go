package compile

import (
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/compile/warehouse"
	"elt/runner/jinja"
)

// adapterObject is adapter, as code of one package sees it.
type adapterObject struct {
	s   *scope
	pkg *macroPackage
}

// Attr implements jinja.Object.
func (a *adapterObject) Attr(name string) (jinja.Value, bool) {
	if v, ok := whileParsing()[name]; ok && !a.s.execute() {
		a.s.impure = true
		return jinja.Func(func(call *jinja.Call) (any, error) { return v, notText(name, call) }), true
	}
	if do, ok := a.s.c.adapter[name]; ok {
		return jinja.Func(func(call *jinja.Call) (any, error) { return do(a, call) }), true
	}
	switch name {
	case "Relation":
		return &warehouse.RelationClass{Home: a.s.c.database()}, true
	case "Column":
		return warehouse.ColumnClass{}, true
	}
	return nil, false
}

// Names implements jinja.Namer.
func (a *adapterObject) Names() []string {
	return append(keysOf(a.s.c.adapter), "Relation", "Column")
}

func adapterMethods() map[string]func(*adapterObject, *jinja.Call) (any, error) {
	nothing := func(*adapterObject, *jinja.Call) (any, error) { return "", nil }
	return map[string]func(*adapterObject, *jinja.Call) (any, error){
		"dispatch":                     (*adapterObject).dispatch,
		"type":                         func(*adapterObject, *jinja.Call) (any, error) { return "duckdb", nil },
		"quote":                        func(_ *adapterObject, call *jinja.Call) (any, error) { return quote(call, "identifier") },
		"quote_as_configured":          func(_ *adapterObject, call *jinja.Call) (any, error) { return quote(call, "identifier") },
		"quote_seed_column":            func(_ *adapterObject, call *jinja.Call) (any, error) { return quote(call, "column") },
		"get_relation":                 (*adapterObject).getRelation,
		"load_relation":                (*adapterObject).loadRelation,
		"already_exists":               (*adapterObject).alreadyExists,
		"check_schema_exists":          (*adapterObject).schemaExists,
		"list_relations":               (*adapterObject).listRelations,
		"get_columns_in_relation":      (*adapterObject).getColumns,
		"get_missing_columns":          (*adapterObject).missingColumns,
		"get_column_schema_from_query": (*adapterObject).queryColumns,
		"execute":                      (*adapterObject).execute,
		"create_schema":                schemaStatement("create schema if not exists %s"),
		"drop_schema":                  schemaStatement("drop schema if exists %s cascade"),
		"drop_relation":                (*adapterObject).dropRelation,
		"truncate_relation":            (*adapterObject).truncateRelation,
		"rename_relation":              (*adapterObject).renameRelation,
		"expand_target_column_types":   nothing, "commit": nothing, "cache_added": nothing, "cache_dropped": nothing,
		"cache_renamed": nothing, "verify_database": nothing, "clear_transaction": nothing, "add_query": nothing,
		"warn_once": func(a *adapterObject, call *jinja.Call) (any, error) { return a.s.print(call) },
	}
}

// whileParsing is what methods give that ask the warehouse, whatever their arguments, as long as there is none: those may
// themselves be answers.
func whileParsing() map[string]jinja.Value {
	return map[string]jinja.Value{
		"get_relation": nil, "load_relation": nil, "already_exists": false, "check_schema_exists": false,
		"list_relations": jinja.NewList(), "get_columns_in_relation": jinja.NewList(), "get_missing_columns": jinja.NewList(),
		"get_column_schema_from_query": jinja.NewList(), "execute": jinja.NewTuple("", warehouse.NewTable(nil, nil, nil)),
		"create_schema": nil, "drop_schema": nil, "drop_relation": nil, "truncate_relation": nil, "rename_relation": nil,
	}
}

// notText refuses what is wrong whatever the warehouse says: the name of a relation instead of the relation.
func notText(method string, call *jinja.Call) error {
	if method != "get_columns_in_relation" || len(call.Args) == 0 {
		return nil
	}
	if _, isText := jinja.Str(call.Args[0]); !isText {
		return nil
	}
	_, err := asRelation(call.Args[0])
	return err
}

func quote(call *jinja.Call, param string) (any, error) {
	args, err := call.Bind(jinja.Required(param), jinja.Optional("quote_key", nil))
	if err != nil {
		return nil, err
	}
	return runner.Quote(jinja.ToString(args[0])), nil
}

// dispatch finds the macro for this engine: duckdb__name before default__name, in the packages of the namespace.
func (a *adapterObject) dispatch(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("macro_name"), jinja.Optional("macro_namespace", nil))
	if err != nil {
		return nil, err
	}
	name, ok := jinja.Str(args[0])
	if pkg, bare, dotted := strings.Cut(name, "."); dotted || !ok {
		e := compileError("adapter.dispatch(%s): the first argument is the name of a macro without its package", jinja.Repr(args[0]))
		e.Hint = fmt.Sprintf("write adapter.dispatch('%s', '%s')", bare, pkg)
		return nil, e
	}
	namespace := ""
	if args[1] != nil {
		if namespace, ok = jinja.Str(args[1]); !ok {
			return nil, compileError("adapter.dispatch: macro_namespace must be the name of a package, not %s", jinja.Repr(args[1]))
		}
	}
	f, full, tried := a.s.c.dispatched(a.pkg, name, namespace)
	if f == nil {
		return nil, compileError("adapter.dispatch(%q): there is no such macro for this engine; looked for %s", name, strings.Join(tried, ", "))
	}
	macro, ok := a.s.bind(f, full)
	if !ok {
		return nil, a.s.failed
	}
	return macro, nil
}

// relations lists what stands in a schema; nothing while parsing.
func (a *adapterObject) relations(schema string) ([]Entry, error) {
	a.s.impure = true
	if !a.s.execute() {
		return nil, nil
	}
	entries, err := a.s.with.DB.Relations(a.s.ctx, schema)
	if err != nil {
		return nil, fmt.Errorf("list the relations of schema %s: %w", schema, err)
	}
	return entries, nil
}

func (a *adapterObject) find(schema, name string) (any, error) {
	if n := a.s.c.Named(runner.Relation{Schema: schema, Name: name}); n != nil && n.ID != a.s.node.ID {
		if named := a.s.named(n); named.Runner() != n.Public {
			schema, name = named.Schema, named.Name // what this run made of it, not what was public before
		}
	}
	entries, err := a.relations(schema)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.EqualFold(e.Relation.Name, name) {
			return a.entry(e), nil
		}
	}
	return nil, nil
}

func (a *adapterObject) entry(e Entry) *warehouse.Relation {
	kind := warehouse.KindTable
	if e.View {
		kind = warehouse.KindView
	}
	return warehouse.Of(e.Relation, kind, a.s.c.database())
}

// kind tells whether a relation is a table or a view, looking it up where it does not say so.
func (a *adapterObject) kind(r *warehouse.Relation) (string, error) {
	if r.Kind == warehouse.KindTable || r.Kind == warehouse.KindView {
		return r.Kind, nil
	}
	entries, err := a.relations(r.Schema)
	for _, e := range entries {
		if e.View && strings.EqualFold(e.Relation.Name, r.Name) {
			return warehouse.KindView, nil
		}
	}
	return warehouse.KindTable, err
}

func (a *adapterObject) getRelation(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("database"), jinja.Required("schema"), jinja.Required("identifier"))
	if err != nil {
		return nil, err
	}
	return a.find(jinja.ToString(args[1]), jinja.ToString(args[2]))
}

func (a *adapterObject) loadRelation(call *jinja.Call) (any, error) {
	r, err := relationArg(call)
	if err != nil {
		return nil, err
	}
	return a.find(r.Schema, r.Name)
}

func (a *adapterObject) alreadyExists(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("schema"), jinja.Required("name"))
	if err != nil {
		return nil, err
	}
	found, err := a.find(jinja.ToString(args[0]), jinja.ToString(args[1]))
	return found != nil, err
}

func (a *adapterObject) listRelations(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Optional("database", nil), jinja.Required("schema"))
	if err != nil {
		return nil, err
	}
	entries, err := a.relations(jinja.ToString(args[1]))
	if err != nil {
		return nil, err
	}
	out := jinja.NewList()
	for _, e := range entries {
		out.Items = append(out.Items, a.entry(e))
	}
	return out, nil
}

func (a *adapterObject) schemaExists(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Optional("database", nil), jinja.Required("schema"))
	if err != nil {
		return nil, err
	}
	found, err := a.s.query("select 1 from information_schema.schemata where schema_name = " + runner.Literal(jinja.ToString(args[1])))
	if err != nil || found == nil {
		return false, err
	}
	return len(found.Iterate()) > 0, nil
}

// relationArg is a first argument that must be a relation.
func relationArg(call *jinja.Call) (*warehouse.Relation, error) {
	args, err := call.Bind(jinja.Required("relation"))
	if err != nil {
		return nil, err
	}
	return asRelation(args[0])
}

func asRelation(v jinja.Value) (*warehouse.Relation, error) {
	if r, ok := v.(*warehouse.Relation); ok {
		return r, nil
	}
	e := compileError("expected a relation, got %s", jinja.Repr(v))
	e.Hint = "give what ref, source or api.Relation.create returns, not its text"
	return nil, e
}

// columns are those of a relation; none while parsing.
func (a *adapterObject) columns(r *warehouse.Relation) ([]*warehouse.Column, error) {
	a.s.impure = true
	if !a.s.execute() {
		return nil, nil
	}
	var found []Column
	var err error
	if r.Text != "" || r.Kind == warehouse.KindCTE {
		var result Result
		result, err = a.s.with.DB.Query(a.s.ctx, "select * from "+r.String()+" limit 0")
		found = result.Columns
	} else {
		found, err = a.s.with.DB.Columns(a.s.ctx, r.Runner())
	}
	if err != nil {
		return nil, fmt.Errorf("look up the columns of %s: %w", r, err)
	}
	columns := make([]*warehouse.Column, len(found))
	for i, c := range found {
		columns[i] = &warehouse.Column{Name: c.Name, DType: c.Type}
	}
	return columns, nil
}

func columnList(columns []*warehouse.Column) *jinja.List {
	out := jinja.NewList()
	for _, c := range columns {
		out.Items = append(out.Items, c)
	}
	return out
}

func (a *adapterObject) getColumns(call *jinja.Call) (any, error) {
	r, err := relationArg(call)
	if err != nil {
		return nil, err
	}
	columns, err := a.columns(r)
	return columnList(columns), err
}

// missingColumns are the columns of the first relation that the second lacks.
func (a *adapterObject) missingColumns(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("from_relation"), jinja.Required("to_relation"))
	if err != nil {
		return nil, err
	}
	var both [2][]*warehouse.Column
	for i, arg := range args {
		r, err := asRelation(arg)
		if err != nil {
			return nil, err
		}
		if both[i], err = a.columns(r); err != nil {
			return nil, err
		}
	}
	return columnList(slices.DeleteFunc(both[0], func(c *warehouse.Column) bool {
		return slices.ContainsFunc(both[1], func(o *warehouse.Column) bool { return o.Name == c.Name })
	})), nil
}

func (a *adapterObject) queryColumns(call *jinja.Call) (any, error) {
	sql, err := call.String(0, "sql")
	if err != nil {
		return nil, err
	}
	a.s.impure = true
	if !a.s.execute() {
		return jinja.NewList(), nil
	}
	result, err := a.s.with.DB.Query(a.s.ctx, "select * from (\n"+sql+"\n) as q limit 0")
	if err != nil {
		return nil, fmt.Errorf("look up the columns of a query: %w", err)
	}
	out := jinja.NewList()
	for _, c := range result.Columns {
		out.Items = append(out.Items, &warehouse.Column{Name: c.Name, DType: c.Type})
	}
	return out, nil
}

func schemaStatement(format string) func(*adapterObject, *jinja.Call) (any, error) {
	return func(a *adapterObject, call *jinja.Call) (any, error) {
		r, err := relationArg(call)
		if err != nil {
			return nil, err
		}
		_, err = a.s.query(fmt.Sprintf(format, runner.Quote(r.Schema)))
		return "", err
	}
}

func (a *adapterObject) dropRelation(call *jinja.Call) (any, error) {
	r, err := relationArg(call)
	if err != nil {
		return nil, err
	}
	kind, err := a.kind(r)
	if err == nil {
		_, err = a.s.query(fmt.Sprintf("drop %s if exists %s cascade", kind, r))
	}
	return "", err
}

func (a *adapterObject) truncateRelation(call *jinja.Call) (any, error) {
	r, err := relationArg(call)
	if err != nil {
		return nil, err
	}
	_, err = a.s.query("delete from " + r.String())
	return "", err
}

func (a *adapterObject) renameRelation(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("from_relation"), jinja.Required("to_relation"))
	if err != nil {
		return nil, err
	}
	from, err := asRelation(args[0])
	if err != nil {
		return nil, err
	}
	to, err := asRelation(args[1])
	if err != nil {
		return nil, err
	}
	kind, err := a.kind(from)
	if err == nil {
		_, err = a.s.query(fmt.Sprintf("alter %s %s rename to %s", kind, from, runner.Quote(to.Name)))
	}
	return "", err
}

// execute runs a statement and gives what it says and its rows.
func (a *adapterObject) execute(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("sql"), jinja.Optional("auto_begin", false), jinja.Optional("fetch", false), jinja.Optional("limit", nil))
	if err != nil {
		return nil, err
	}
	table, err := a.s.query(jinja.ToString(args[0]))
	if err != nil {
		return nil, err
	}
	if table == nil {
		table = warehouse.NewTable(nil, nil, nil)
	}
	return jinja.NewTuple("OK", table), nil
}
