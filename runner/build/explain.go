package build

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// Explain points an engine's error about a statement at the analyst's own line. head is the number of lines of the
// statement above sql. Errors that are not the engine's, and nil, are returned as they are.
func Explain(what string, sql compile.SQL, head int, err error) error {
	var e *engine.SQLError
	if !errors.As(err, &e) {
		return err
	}
	return explained(what, sql, head, e)
}

// ExplainWithin is Explain for a statement that has sql somewhere in it, as it is.
func ExplainWithin(what string, sql compile.SQL, err error) error {
	var e *engine.SQLError
	if !errors.As(err, &e) {
		return err
	}
	at := strings.Index(e.SQL, sql.Text)
	if at < 0 || sql.Text == "" {
		unplaced := *e
		unplaced.Line, unplaced.Col = 0, 0
		e, at = &unplaced, 0
	}
	before := e.SQL[:at]
	inner := *e
	if head := strings.Count(before, "\n"); e.Line == head+1 { // it begins within this line
		inner.Col -= utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
		inner.Line = 1
	} else if e.Line > 0 {
		inner.Line -= head
	}
	return explained(what, sql, 0, &inner)
}

func explained(what string, sql compile.SQL, head int, e *engine.SQLError) *runner.Error {
	message, _, _ := strings.Cut(e.Msg, "\n")
	out := sql.Explain(what+": "+message, e.Line-head, e.Col)
	out.Hint, out.Passing = e.Hint(), e.Passing
	if e.Kind == "Out of Memory" {
		out.Hint = "give the target a larger memory_limit in project.yaml, or fewer threads"
	}
	return out
}

// sqlError explains what the engine says about the SQL of a node, and knows what the node reads.
func (x *execution) sqlError(ctx context.Context, d runner.Decision, sql compile.SQL, err error) error {
	var e *engine.SQLError
	if !errors.As(err, &e) {
		return err
	}
	out := explained("build "+label(d), sql, headLines, e)
	if hint := x.hint(ctx, d, sql, e); hint != "" {
		out.Hint = hint
	}
	return out
}

// hookError explains what the engine says about a hook. Where that is not in the text of the hook is shown whole.
func (x *execution) hookError(d runner.Decision, what, text string, sql compile.SQL, err error) error {
	var out *runner.Error
	if err = Explain(what+" of "+label(d), sql, 0, err); !errors.As(err, &out) || out.Pos.File != "" {
		return err
	}
	out.Pos = runner.Position{File: x.declared(d).Path}
	out.Excerpt = runner.Excerpt(strings.TrimSpace(text), 1, 1)
	return out
}

// missingTable is how engines name a table that is not there.
var missingTable = regexp.MustCompile(`^Table with name "?([\w.]+)"? does not exist`)

func (x *execution) hint(ctx context.Context, d runner.Decision, sql compile.SQL, e *engine.SQLError) string {
	if found := missingTable.FindStringSubmatch(e.Msg); found != nil {
		return x.tableHint(found[1])
	}
	if e.Like != "" {
		return ""
	}
	if e.Kind == "Binder" && e.Name != "" && !strings.HasPrefix(e.Msg, "Referenced table") && !strings.HasPrefix(e.Msg, "No function") {
		if hint := x.columnHint(ctx, d, e); hint != "" {
			return hint
		}
	}
	if e.Hint() == "" {
		return sql.BlankHint()
	}
	return ""
}

// tableHint tells how to read what a query names directly.
func (x *execution) tableHint(name string) string {
	calls := map[string]string{}
	foreign := map[string]bool{} // calls of tables that others make
	add := func(r runner.Relation, call string) {
		calls[r.Name] = call
		calls[r.Bare()] = call
	}
	for _, s := range x.Project.Sources {
		call := fmt.Sprintf("{{ source('%s', '%s') }}", s.Source, s.Name)
		add(x.Compiler.Public(s.ID), call)
		foreign[call] = s.Load == nil
	}
	for _, d := range x.Plan.Decisions {
		if d.Kind != runner.KindSource && !d.Public.IsZero() {
			add(d.Public, fmt.Sprintf("{{ ref('%s') }}", d.Name))
		}
	}
	known := make([]string, 0, len(calls))
	for k := range calls {
		known = append(known, k)
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, candidate := range []string{name, last} {
		call, ok := calls[candidate]
		switch {
		case ok && foreign[call]:
			return call + " is a table that others make, and it is not in the warehouse: have them make it first, mend the source's schema, or give it `load:` with files"
		case ok:
			return "read it as " + call
		}
	}
	for _, candidate := range []string{name, last} {
		if found := runner.Suggest(candidate, known); found != "" {
			return "did you mean " + calls[found] + "?"
		}
	}
	return "read models and seeds with {{ ref('name') }}, tables of others with {{ source('source', 'table') }}"
}

// maxColumns is how many columns a hint lists.
const maxColumns = 12

// columnHint looks for the name that was meant among the columns of what the node reads and the names in its SQL; where
// none is like it, it lists the columns.
func (x *execution) columnHint(ctx context.Context, d runner.Decision, e *engine.SQLError) string {
	var known, lists []string
	for _, id := range d.Upstream {
		up, ok := x.decisions[id]
		if !ok || up.Relation.IsZero() {
			continue
		}
		columns, err := engine.ColumnsOf(ctx, x.Engine, up.Relation)
		if err != nil {
			continue
		}
		for _, c := range columns {
			known = append(known, c.Name)
		}
		if len(columns) <= maxColumns {
			lists = append(lists, fmt.Sprintf("%s has %s", up.Name, names(columns)))
		}
	}
	if found := runner.Suggest(e.Name, known); found != "" {
		return fmt.Sprintf("did you mean %q?", found)
	}
	for _, alias := range aliases.FindAllStringSubmatch(e.SQL, -1) {
		if runner.Suggest(e.Name, alias[1:]) != "" {
			return fmt.Sprintf("did you mean %q?", alias[1])
		}
	}
	if len(lists) == 0 || len(lists) > 2 || slices.ContainsFunc(known, func(name string) bool { return strings.EqualFold(name, e.Name) }) {
		return ""
	}
	return strings.Join(lists, "; ")
}

// aliases are names that a query gives.
var aliases = regexp.MustCompile(`(?i)\bas\s+"?(\w+)`)
