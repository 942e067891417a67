package build

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/state"
)

// Rejects is the table of the rows that no source table could take, of all versions of all sources.
func Rejects() runner.Relation { return runner.Relation{Schema: Schema, Name: "_rejects"} }

// Collect drops the private relations that neither the current publish nor the one before it needs, and the rejected
// rows that belong to them.
func Collect(ctx context.Context, e engine.Engine, store *state.Store) (dropped []runner.Relation, err error) {
	publishes, err := store.Publishes(ctx, 2)
	if err != nil {
		return nil, err
	}
	versions, err := store.Relations(ctx)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{Rejects().Name: true}
	var need func(name string)
	need = func(name string) {
		if needed[name] {
			return
		}
		needed[name] = true
		for _, up := range versions[runner.Relation{Schema: Schema, Name: name}.Bare()].Upstream {
			need(up)
		}
	}
	for _, p := range publishes {
		for _, n := range p.Nodes {
			need(n.Relation.Name)
		}
	}
	standing, err := e.Relations(ctx, Schema)
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, info := range standing {
		if needed[info.Relation.Name] {
			continue
		}
		what := "table"
		if info.View {
			what = "view"
		}
		dropped = append(dropped, info.Relation)
		statements = append(statements, fmt.Sprintf("drop %s if exists %s", what, info.Relation))
	}
	if len(dropped) == 0 {
		return nil, nil
	}
	if err := store.ForgetRelations(ctx, dropped...); err != nil {
		return nil, err
	}
	return dropped, e.Exec(ctx, append(statements, forgetRejects(standing, dropped)...)...)
}

// forgetRejects deletes the rejected rows of relations that are gone.
func forgetRejects(standing []engine.Info, dropped []runner.Relation) []string {
	if !slices.ContainsFunc(standing, func(i engine.Info) bool { return i.Relation == Rejects() }) {
		return nil
	}
	names := make([]string, len(dropped))
	for i, r := range dropped {
		names[i] = runner.Literal(r.Bare())
	}
	return []string{fmt.Sprintf("delete from %s where relation in (%s)", Rejects(), strings.Join(names, ", "))}
}
