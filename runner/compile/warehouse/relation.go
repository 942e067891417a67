// Package warehouse holds what templates see of a warehouse: relations, columns and the tables that queries give. Names
// and behaviour are those of dbt and its DuckDB adapter.
//
// Its values are made for one render and belong to its goroutine. It runs no SQL itself.
package warehouse

import (
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// Kinds of relations, as dbt calls them.
const (
	KindTable    = "table"
	KindView     = "view"
	KindCTE      = "cte"
	KindExternal = "external"
)

// Relation is a table, a view or a common table expression. It prints as SQL and never changes.
type Relation struct {
	Database string // printed only where it differs from Home, or where include asks for it
	Schema   string
	Name     string
	Kind     string // one of the kinds; empty: unknown
	Home     string // the target's database
	Text     string // SQL to print instead of the name: a file to read, or a subquery; may be empty

	// Filter is a condition for the rows that SQL sees of it; empty: all.
	Filter string

	// Known is what schema and identifier tell, where the name in SQL is a private one; zero: Schema and Name.
	Known runner.Relation

	include, unquoted parts
}

// parts says something of database, schema and identifier; of include, nil means as usual.
type parts [3]*bool

var partNames = [...]string{"database", "schema", "identifier"}

// Of makes a relation of our own one.
func Of(r runner.Relation, kind, home string) *Relation {
	return &Relation{Database: home, Schema: r.Schema, Name: r.Name, Kind: kind, Home: home}
}

// Qualified is the relation under its full name.
func (r *Relation) Qualified() *Relation {
	c, yes := *r, true
	c.include[0] = &yes
	return &c
}

// Runner is the relation without its database.
func (r *Relation) Runner() runner.Relation { return runner.Relation{Schema: r.Schema, Name: r.Name} }

func (r *Relation) known() runner.Relation {
	if r.Known.IsZero() {
		return r.Runner()
	}
	return r.Known
}

// String is the relation as SQL.
func (r *Relation) String() string {
	if r.Filter != "" {
		return "(select * from " + r.render() + " where " + r.Filter + ")"
	}
	return r.render()
}

// render is the relation as SQL without its filter.
func (r *Relation) render() string {
	if r.Text != "" {
		return r.Text
	}
	var out []string
	for i, part := range []string{r.Database, r.Schema, r.Name} {
		shown := part != "" && (i > 0 || r.Kind != KindCTE && r.Database != r.Home)
		if r.include[i] != nil {
			shown = part != "" && *r.include[i]
		}
		if !shown {
			continue
		}
		if bare := r.unquoted[i]; bare == nil || !*bare {
			part = runner.Quote(part)
		}
		out = append(out, part)
	}
	return strings.Join(out, ".")
}

// CTE is a common table expression.
func CTE(name string) *Relation {
	yes := true
	r := &Relation{Name: name, Kind: KindCTE}
	r.unquoted[2] = &yes
	return r
}

// TypeName implements jinja.Typed.
func (*Relation) TypeName() string { return "Relation" }

// Hash implements jinja.Hashable.
func (r *Relation) Hash() string { return r.Database + "\x00" + r.Schema + "\x00" + r.Name }

// Equal implements jinja.Equaler: two relations are equal that name the same thing.
func (r *Relation) Equal(other jinja.Value) bool {
	o, ok := other.(*Relation)
	return ok && r.Hash() == o.Hash() && r.Text == o.Text
}

// Keys implements jinja.Mapping; macros of packages look whether a relation is one.
func (*Relation) Keys() []jinja.Value {
	return []jinja.Value{"path", "type", "quote_character", "include_policy", "quote_policy"}
}

// Attr implements jinja.Object.
func (r *Relation) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "database":
		return orNone(r.Database), true
	case "schema":
		return orNone(r.known().Schema), true
	case "identifier", "name", "table":
		return orNone(r.known().Name), true
	case "type":
		return orNone(r.Kind), true
	case "is_table", "is_view", "is_cte", "is_external":
		return r.Kind == strings.TrimPrefix(name, "is_"), true
	case "is_materialized_view", "is_dynamic_table", "is_pointer", "is_function", "can_be_renamed", "can_be_replaced":
		return false, true
	case "external":
		return orNone(r.Text), true
	case "path":
		return r.dict(func(i int) any { return orNone([]string{r.Database, r.Schema, r.Name}[i]) }), true
	case "quote_policy":
		return r.dict(func(i int) any { return r.unquoted[i] == nil || !*r.unquoted[i] }), true
	case "include_policy":
		return r.dict(func(i int) any { return r.include[i] == nil || *r.include[i] }), true
	case "quote_character":
		return `"`, true
	case "metadata":
		return relationType(), true
	}
	if method := r.method(name); method != nil {
		return method, true
	}
	return nil, false
}

func relationType() *jinja.Dict {
	d := jinja.NewDict()
	d.Set("type", "DuckDBRelation")
	return d
}

func (r *Relation) dict(of func(i int) any) *jinja.Dict {
	d := jinja.NewDict()
	for i, name := range partNames {
		d.Set(name, of(i))
	}
	return d
}

func orNone(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (r *Relation) method(name string) jinja.Func {
	switch name {
	case "render":
		return func(*jinja.Call) (any, error) { return r.render(), nil }
	case "include":
		return func(call *jinja.Call) (any, error) {
			return r.flagged(call, func(c *Relation) *parts { return &c.include }, false)
		}
	case "quote":
		return func(call *jinja.Call) (any, error) {
			return r.flagged(call, func(c *Relation) *parts { return &c.unquoted }, true)
		}
	case "without_identifier":
		return func(*jinja.Call) (any, error) {
			c := *r
			c.Name = ""
			return &c, nil
		}
	case "incorporate":
		return r.incorporate
	case "replace_path":
		return func(call *jinja.Call) (any, error) {
			c := *r
			return &c, c.setPath(call.Kwargs)
		}
	case "matches":
		return r.matches
	case "get":
		return r.get
	case "quoted":
		return func(call *jinja.Call) (any, error) {
			text, err := call.String(0, "identifier")
			return runner.Quote(text), err
		}
	case "information_schema", "information_schema_only":
		return r.informationSchema
	case "add_ephemeral_prefix":
		return func(call *jinja.Call) (any, error) {
			text, err := call.String(0, "name")
			return "__dbt__cte__" + text, err
		}
	}
	return nil
}

// flagged copies the relation with some of its flags set; invert where the argument says the opposite of the flag.
func (r *Relation) flagged(call *jinja.Call, flags func(*Relation) *parts, invert bool) (any, error) {
	args, err := call.Bind(jinja.Optional("database", nil), jinja.Optional("schema", nil), jinja.Optional("identifier", nil))
	if err != nil {
		return nil, err
	}
	c := *r
	for i, v := range args {
		if v != nil {
			on := jinja.Truth(v) != invert
			flags(&c)[i] = &on
		}
	}
	return &c, nil
}

func (r *Relation) setPath(path *jinja.Dict) error {
	for _, key := range path.Keys() {
		v, _ := path.Get(key)
		text := ""
		if v != nil {
			text = jinja.ToString(v)
		}
		switch jinja.ToString(key) {
		case "database":
			r.Database = text
		case "schema":
			r.Schema = text
		case "identifier":
			r.Name = text
		default:
			return jinja.Errorf(jinja.KindType, "a relation has no %s: its path is database, schema, identifier", jinja.Repr(key))
		}
	}
	return nil
}

// incorporate copies the relation with parts of it replaced.
func (r *Relation) incorporate(call *jinja.Call) (any, error) {
	c := *r
	for _, key := range call.Kwargs.Keys() {
		v, _ := call.Kwargs.Get(key)
		switch jinja.ToString(key) {
		case "path":
			path, _ := v.(*jinja.Dict)
			if err := c.setPath(path); err != nil {
				return nil, err
			}
		case "type":
			c.Kind = ""
			if v != nil {
				c.Kind = jinja.ToString(v)
			}
		}
	}
	return &c, nil
}

func (r *Relation) matches(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Optional("database", nil), jinja.Optional("schema", nil), jinja.Optional("identifier", nil))
	if err != nil {
		return nil, err
	}
	for i, have := range []string{r.Database, r.Schema, r.Name} {
		if args[i] != nil && !strings.EqualFold(jinja.ToString(args[i]), have) {
			return false, nil
		}
	}
	return true, nil
}

func (r *Relation) get(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("key"), jinja.Optional("default", nil))
	if err != nil {
		return nil, err
	}
	if v, ok := r.Attr(jinja.ToString(args[0])); ok {
		return v, nil
	}
	return args[1], nil
}

func (r *Relation) informationSchema(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Optional("view_name", nil))
	if err != nil {
		return nil, err
	}
	c := &Relation{Database: r.Database, Home: r.Home, Schema: "information_schema", Text: "information_schema"}
	if name, ok := jinja.Str(args[0]); ok {
		c.Name = name
		c.Text += "." + name
	}
	return c, nil
}

// RelationClass is api.Relation.
type RelationClass struct{ Home string }

// Attr implements jinja.Object.
func (c *RelationClass) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "create":
		return jinja.Func(c.create), true
	case "Table":
		return KindTable, true
	case "View":
		return KindView, true
	case "CTE":
		return KindCTE, true
	case "External":
		return KindExternal, true
	case "scd_args":
		return jinja.Func(scdArgs), true
	case "add_ephemeral_prefix":
		return CTE("").method(name), true
	}
	return nil, false
}

func (c *RelationClass) create(call *jinja.Call) (any, error) {
	known := jinja.NewDict()
	for _, name := range []string{"database", "schema", "identifier", "type", "quote_policy", "include_policy", "limit"} {
		if v, ok := call.Kwargs.Get(name); ok {
			known.Set(name, v)
		}
	}
	bound := &jinja.Call{Args: call.Args, Kwargs: known}
	args, err := bound.Bind(jinja.Optional("database", nil), jinja.Optional("schema", nil), jinja.Optional("identifier", nil),
		jinja.Optional("type", nil), jinja.Optional("quote_policy", nil), jinja.Optional("include_policy", nil), jinja.Optional("limit", nil))
	if err != nil {
		return nil, err
	}
	r := &Relation{Home: c.Home}
	for i, into := range []*string{&r.Database, &r.Schema, &r.Name, &r.Kind} {
		if args[i] == nil {
			continue
		}
		if _, undefined := args[i].(*jinja.Undefined); !undefined {
			*into = jinja.ToString(args[i])
		}
	}
	for i, name := range partNames {
		r.include[i] = policy(args[5], name, false)
		r.unquoted[i] = policy(args[4], name, true)
	}
	return r, nil
}

func policy(v jinja.Value, name string, invert bool) *bool {
	d, ok := v.(*jinja.Dict)
	if !ok {
		return nil
	}
	on, set := d.Get(name)
	if !set || on == nil {
		return nil
	}
	flag := jinja.Truth(on) != invert
	return &flag
}

func scdArgs(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("primary_key"), jinja.Required("updated_at"))
	if err != nil {
		return nil, err
	}
	if keys, ok := args[0].(*jinja.List); ok {
		return jinja.NewList(append(append([]jinja.Value{}, keys.Items...), args[1])...), nil
	}
	return jinja.NewList(args...), nil
}

// String names the class.
func (*RelationClass) String() string { return fmt.Sprintf("<class '%s'>", "Relation") }
