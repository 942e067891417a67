package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/state"
)

// Listed is a node as lists show it.
type Listed struct {
	Node
	Last *Outcome `json:"last" doc:"How it went in the last run that had to do with it; null if none is remembered"`
}

// Detail is all that is known of a node.
type Detail struct {
	Listed
	Columns    []Column  `json:"columns" doc:"As published, in their order; then what is declared only"`
	SQL        string    `json:"sql,omitempty" doc:"As written"`
	Compiled   string    `json:"compiled,omitempty" doc:"Over public names"`
	Upstream   []Link    `json:"upstream"`
	Downstream []Link    `json:"downstream"`
	Checks     []Test    `json:"checks" doc:"Data tests and unit tests on it"`
	History    []Outcome `json:"history" doc:"The newest first"`
	Files      []File    `json:"files,omitempty" doc:"The files behind a source, as last loaded"`
	Owner      string    `json:"owner,omitempty" doc:"Of an exposure"`
	URL        string    `json:"url,omitempty" doc:"Of an exposure"`
	Published  bool      `json:"published" doc:"Its rows can be read"`
}

// Column is a column as declared and as published.
type Column struct {
	Name        string   `json:"name"`
	Type        string   `json:"type,omitempty" doc:"What the snapshot has; empty if it has no such column"`
	Declared    string   `json:"declared_type,omitempty"`
	Description string   `json:"description"`
	Tests       []string `json:"tests" doc:"Types of the data tests on it"`
	Absent      bool     `json:"absent,omitempty" doc:"Declared, but not in what is published"`
}

// File is one file behind a source.
type File struct {
	Path     string    `json:"path"`
	Rows     int64     `json:"rows"`
	Rejected int64     `json:"rejected"`
	Bytes    int64     `json:"bytes"`
	Loaded   time.Time `json:"loaded"`
}

// Models gives all nodes with their last results, each after what it reads.
func (p *Project) Models(ctx context.Context) ([]Listed, error) {
	ids := make([]string, len(p.Nodes))
	for i, n := range p.Nodes {
		ids[i] = n.ID
	}
	latest, err := p.latest(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Listed, len(p.Nodes))
	for i, n := range p.Nodes {
		out[i].Node = n
		if r, ok := latest[n.ID]; ok {
			last := outcomeOf(r)
			out[i].Last = &last
		}
	}
	return out, nil
}

// Model gives all that is known of a node. snapshot is what is published, nil if nothing is.
func (p *Project) Model(ctx context.Context, n Node, snapshot engine.Querier) (Detail, error) {
	d := Detail{
		Listed: Listed{Node: n}, Upstream: p.Upstream(n.ID), Downstream: p.Downstream(n.ID), History: []Outcome{}, Columns: []Column{},
	}
	published, err := columnsIn(ctx, snapshot, n.public)
	if err != nil {
		return d, err
	}
	var checks []Test
	for _, i := range p.testsOf[n.ID] {
		checks = append(checks, p.Tests[i])
	}
	if d.Checks, err = p.withLast(ctx, checks); err != nil {
		return d, err
	}
	d.Published = len(published) > 0
	d.Columns = columnsOf(n.declared.Columns, published, checks)
	runs, err := p.history(ctx, n.ID)
	if err != nil {
		return d, err
	}
	for _, r := range runs {
		d.History = append(d.History, outcomeOf(r))
	}
	if len(runs) > 0 {
		d.Last = &d.History[0]
	}
	if n.Kind == runner.KindSource {
		if d.Files, err = p.files(ctx, n.ID); err != nil {
			return d, err
		}
	}
	p.describe(ctx, &d)
	return d, ctx.Err()
}

// columnsIn gives the columns that a snapshot has of a relation; none if it lacks the relation.
func columnsIn(ctx context.Context, snapshot engine.Querier, r runner.Relation) ([]engine.Column, error) {
	if snapshot == nil || r.IsZero() {
		return nil, nil
	}
	columns, err := engine.ColumnsOf(ctx, snapshot, r)
	var refused *engine.SQLError
	if errors.As(err, &refused) { // it is not there
		return nil, ctx.Err()
	}
	return columns, err
}

func columnsOf(declared []runner.Column, published []engine.Column, checks []Test) []Column {
	columns := []Column{}
	place := map[string]int{}
	for _, c := range published {
		place[strings.ToLower(c.Name)] = len(columns)
		columns = append(columns, Column{Name: c.Name, Type: c.Type, Tests: []string{}})
	}
	for _, c := range declared {
		i, there := place[strings.ToLower(c.Name)]
		if !there {
			i = len(columns)
			place[strings.ToLower(c.Name)] = i
			columns = append(columns, Column{Name: c.Name, Tests: []string{}, Absent: len(published) > 0})
		}
		columns[i].Declared, columns[i].Description = c.DataType, c.Description
	}
	for _, t := range checks {
		if i, there := place[strings.ToLower(t.Column)]; there {
			columns[i].Tests = append(columns[i].Tests, t.Type)
		}
	}
	return columns
}

func (p *Project) files(ctx context.Context, sourceID string) (files []File, err error) {
	err = p.look(ctx, func(s *state.Store) error {
		loads, err := s.LatestLoads(ctx)
		for _, f := range loads[sourceID] {
			files = append(files, File{Path: f.Path, Rows: f.Loaded, Rejected: f.Rejected, Bytes: f.Size, Loaded: f.LoadedAt})
		}
		return err
	})
	return files, err
}

// describe adds what the project's files alone tell.
func (p *Project) describe(ctx context.Context, d *Detail) {
	project := p.workspace.Project
	for _, m := range project.Models {
		if m.ID == d.ID {
			d.SQL = m.SQL
		}
	}
	for _, s := range project.Snapshots {
		if s.ID == d.ID {
			d.SQL = s.SQL
		}
	}
	for _, e := range project.Exposures {
		if e.ID == d.ID {
			d.Owner, d.URL = e.Owner, e.URL
		}
	}
	if d.SQL == "" {
		return
	}
	sql, err := p.workspace.Compiler.Logical(ctx, d.ID)
	if err != nil {
		d.Compiled = "-- this SQL is known only when it runs: " + strings.ReplaceAll(err.Error(), "\n", "\n-- ")
		return
	}
	d.Compiled = strings.TrimSpace(sql.Text)
}

// Preview is the query that shows the first rows of a node; empty for what has no rows of its own.
func (n Node) Preview(limit int) string {
	if n.public.IsZero() {
		return ""
	}
	return fmt.Sprintf("select * from %s limit %d", n.public, limit)
}
