package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/web/catalog"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// PreviewRows is how many rows of a model are shown.
const PreviewRows = 20

type nodeInput struct {
	Name string `path:"name" maxLength:"300" doc:"What ref() calls it, source.table, schema.name or its ID"`
}

type lineageInput struct {
	Node  string `query:"node" maxLength:"300" doc:"A node as for /models/{name}; none: the whole graph"`
	Depth int    `query:"depth" minimum:"0" maximum:"1000" default:"1" doc:"How many steps up and down"`
}

func registerCatalog(a huma.API, s Services) {
	huma.Register(a, operation("lineage", "/lineage", "What a node reads and what reads it", "catalogue"),
		func(ctx context.Context, in *lineageInput) (*body[catalog.Lineage], error) {
			l, err := lineage(ctx, s, in)
			return &body[catalog.Lineage]{Body: l}, problemOf(err)
		})
	huma.Register(a, operation("models", "/models", "Sources, seeds, models, snapshots and exposures, each after what it reads", "catalogue"),
		func(ctx context.Context, _ *struct{}) (*body[[]catalog.Listed], error) {
			p, err := s.Catalog.Project(ctx)
			if err != nil {
				return nil, problemOf(err)
			}
			list, err := p.Models(ctx)
			return &body[[]catalog.Listed]{Body: list}, problemOf(err)
		})
	huma.Register(a, operation("model", "/models/{name}", "All that is known of a node", "catalogue"),
		func(ctx context.Context, in *nodeInput) (*body[catalog.Detail], error) {
			d, err := ModelOf(ctx, s, in.Name)
			return &body[catalog.Detail]{Body: d}, problemOf(err)
		})
	huma.Register(a, operation("model-preview", "/models/{name}/preview", "The first rows of a node, as published", "catalogue"),
		func(ctx context.Context, in *nodeInput) (*body[table.Table], error) {
			t, err := PreviewOf(ctx, s, in.Name)
			return &body[table.Table]{Body: t}, problemOf(err)
		})
}

func lineage(ctx context.Context, s Services, in *lineageInput) (catalog.Lineage, error) {
	if in.Node == "" {
		p, err := s.Catalog.Project(ctx)
		if err != nil {
			return catalog.Lineage{}, err
		}
		return p.Lineage(ctx, "", catalog.WholeGraph)
	}
	p, n, err := NodeOf(ctx, s, in.Node)
	if err != nil {
		return catalog.Lineage{}, err
	}
	return p.Lineage(ctx, n.ID, in.Depth)
}

// NodeOf finds a node by what people call it, also one that was written a moment ago. The error says what is like it.
func NodeOf(ctx context.Context, s Services, name string) (p *catalog.Project, n catalog.Node, err error) {
	found, err := s.Workspace.Find(func() (found bool, err error) {
		if p, err = s.Catalog.Project(ctx); err == nil {
			n, found = p.Node(name)
		}
		return found, err
	})
	if found || err != nil {
		return p, n, err
	}
	hint := runner.DidYouMean(name, p.Names())
	if hint == "" {
		hint = "the lineage lists all nodes"
	}
	return nil, n, NotFound(fmt.Sprintf("there is no model, seed, source, snapshot or exposure %.100q", name), hint)
}

// ModelOf gives all that is known of a node.
func ModelOf(ctx context.Context, s Services, name string) (catalog.Detail, error) {
	p, n, err := NodeOf(ctx, s, name)
	if err != nil {
		return catalog.Detail{}, err
	}
	reader, err := s.Snapshot.Acquire(ctx)
	switch {
	case errors.Is(err, snapshot.ErrNone):
		return p.Model(ctx, n, nil)
	case err != nil:
		return catalog.Detail{}, err
	}
	defer reader.Close()
	return p.Model(ctx, n, reader)
}

// PreviewOf gives the first rows of a node. Where it has none the error is a Problem.
func PreviewOf(ctx context.Context, s Services, name string) (table.Table, error) {
	p, n, err := NodeOf(ctx, s, name)
	if err != nil {
		return table.Table{}, err
	}
	query := n.Preview(PreviewRows)
	if query == "" {
		return table.Table{}, NotFound(n.Name+" has no rows of its own", "")
	}
	reader, err := s.Snapshot.Acquire(ctx)
	if err != nil {
		return table.Table{}, err
	}
	defer reader.Close()
	t, _, err := table.Read(ctx, reader, query, PreviewRows)
	var refused *engine.SQLError
	if errors.As(err, &refused) && refused.Kind == "Catalog" {
		hint := "`elt run` builds and publishes it"
		if p.DBT {
			hint += "; what elt does not load, and a view that cannot be read, is in the warehouse only: try `elt query`"
		}
		return t, NotFound(n.Name+" is not published yet", hint)
	}
	return t, err
}
