package compile

import (
	"elt/runner"
	"elt/runner/jinja"
)

// relationObject is a relation as templates see it: it prints as SQL and has dbt's attributes.
type relationObject struct {
	relation runner.Relation
	view     bool
	bare     bool // a name that needs no quotes: a common table expression
}

// String is the relation as SQL.
func (r *relationObject) String() string {
	if r.bare {
		return r.relation.Name
	}
	return r.relation.String()
}

// Attr implements jinja.Object.
func (r *relationObject) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "schema":
		return r.relation.Schema, true
	case "identifier", "name", "table":
		return r.relation.Name, true
	case "is_view":
		return r.view, true
	case "is_table":
		return !r.view, true
	case "type":
		if r.view {
			return string(runner.View), true
		}
		return string(runner.Table), true
	case "render":
		return jinja.Func(func(*jinja.Call) (any, error) { return r.String(), nil }), true
	}
	return nil, false
}
