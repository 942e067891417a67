package compile

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// kindOperation is what is rendered without being a node: an inline query, on-run-start.
const kindOperation runner.Kind = "operation"

// rendered is the template's own text, before ephemeral models are put in.
type rendered struct {
	out        *jinja.Output
	ephemerals []string          // IDs, in order of first mention
	private    map[string]string // relations that go by another name during the run: what is printed → what people call them
}

// SQL compiles a model, snapshot or test.
func (c *Compiler) SQL(ctx context.Context, id string, with Render) (SQL, error) {
	n := c.nodes[id]
	if n == nil || n.template == nil && n.macro == "" {
		return SQL{}, fmt.Errorf("compile %s: it has no SQL", id)
	}
	out, err := c.rendered(ctx, n, with)
	if err != nil {
		return SQL{}, err
	}
	return c.inject(ctx, out, with)
}

// Logical compiles with the public names of all relations and without asking the warehouse: SQL that people can read and
// run against a snapshot.
func (c *Compiler) Logical(ctx context.Context, id string) (SQL, error) {
	return c.SQL(ctx, id, Render{})
}

// CTE is what an ephemeral model is called in the SQL of what reads it.
func (c *Compiler) CTE(id string) runner.Relation {
	return runner.Relation{Name: ctePrefix + c.nodes[id].alias}
}

// Around puts ephemeral models, given by their IDs, before a query that names them as CTE does.
func (c *Compiler) Around(ctx context.Context, query string, ids []string, with Render) (SQL, error) {
	return c.inject(ctx, &rendered{out: &jinja.Output{Text: query}, ephemerals: ids}, with)
}

// Hook compiles a pre- or post-hook of a node. It may come out as nothing but white space; then there is nothing to run.
func (c *Compiler) Hook(ctx context.Context, id, text string, with Render) (SQL, error) {
	n := c.nodes[id]
	if n == nil {
		return SQL{}, fmt.Errorf("compile a hook of %s: there is no such node", id)
	}
	return c.text(ctx, n, n.declared.Path+" (hook)", text, with)
}

// LoadedAt compiles what a source says about when its rows were loaded: loaded_at_field or loaded_at_query.
func (c *Compiler) LoadedAt(ctx context.Context, id, text string) (SQL, error) {
	n := c.nodes[id]
	if n == nil {
		return SQL{}, fmt.Errorf("compile the freshness of %s: there is no such node", id)
	}
	return c.text(ctx, n, n.declared.Path+" (freshness)", text, Render{})
}

// OnRun compiles an on-run-start or on-run-end hook; when names it in messages. It may come out as white space.
func (c *Compiler) OnRun(ctx context.Context, when string, hook runner.RunHook, with Render) (SQL, error) {
	n := c.operation(when)
	if hook.Package != "" {
		n.declared.Package = hook.Package
		when += " of package " + hook.Package
	}
	return c.text(ctx, n, when, hook.SQL, with)
}

// Inline compiles a template that stands in no file: elt compile --inline.
func (c *Compiler) Inline(ctx context.Context, text string, with Render) (SQL, error) {
	return c.text(ctx, c.operation(""), "--inline", text, with)
}

// Operation calls a macro, named as in a template, and gives what it returns: elt run-operation.
func (c *Compiler) Operation(ctx context.Context, macro string, args map[string]any, with Render) (string, error) {
	n := c.operation("")
	s := c.newScope(ctx, n, with)
	if !regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$`).MatchString(macro) {
		return "", &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("%q is no name of a macro", macro)}
	}
	s.extra = map[string]jinja.Value{"__args": jinja.FromGo(args)}
	if args == nil {
		s.extra["__args"] = jinja.NewDict()
	}
	t, err := c.env.Parse("run-operation", "{{ "+c.MacroPlace(macro)+"(**__args) }}")
	if err != nil {
		return "", c.templateError(err)
	}
	out, err := s.renderTemplate(t)
	if err != nil {
		return "", err
	}
	return out.out.Text, nil
}

// MacroPlace is the name of a macro with that of its package before it, where it is a package's and the project itself has
// none of its name.
func (c *Compiler) MacroPlace(macro string) string {
	if strings.Contains(macro, ".") || c.root.files[macro] != nil {
		return macro
	}
	for _, name := range keysOf(c.packages) {
		if c.packages[name].files[macro] != nil {
			return name + "." + macro
		}
	}
	return macro
}

// operation is a node that stands for what is none.
func (c *Compiler) operation(name string) *Node {
	declared := &runner.Node{Kind: kindOperation, Name: name, Config: runner.Config{Enabled: true}}
	return &Node{Kind: kindOperation, Name: name, Config: declared.Config, declared: declared}
}

func (c *Compiler) text(ctx context.Context, n *Node, file, text string, with Render) (SQL, error) {
	t, err := c.env.Parse(file, text)
	if err != nil {
		return SQL{}, c.templateError(err)
	}
	out, err := c.newScope(ctx, n, with).renderTemplate(t)
	if err != nil {
		return SQL{}, err
	}
	sql, err := c.inject(ctx, out, with)
	sql.text = func(name string) string {
		if name == file {
			return text
		}
		return c.fileText(name)
	}
	return sql, err
}

func (c *Compiler) rendered(ctx context.Context, n *Node, with Render) (*rendered, error) {
	if with.plain() && n.parsed != nil {
		return n.parsed, nil
	}
	return c.newScope(ctx, n, with).render()
}

// ctePrefix is dbt's.
const ctePrefix = "__dbt__cte__"

// cteName is what an ephemeral model is called inside the models that read it.
func cteName(n *Node) string {
	name := ctePrefix + n.alias
	if plainName.MatchString(name) {
		return name
	}
	return runner.Quote(name)
}

// plainName is a name that needs no quotes.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// inject puts the ephemeral models that a render reads in front of it as common table expressions.
func (c *Compiler) inject(ctx context.Context, top *rendered, with Render) (SQL, error) {
	sql := SQL{text: c.fileText, private: map[string]string{}, blanks: top.out.Blanks}
	body := strings.TrimRight(top.out.Text, " \t\r\n;")
	with.This, with.Incremental = runner.Relation{}, false
	order, texts, err := c.ephemerals(ctx, top, with)
	if err != nil {
		return SQL{}, err
	}
	maps.Copy(sql.private, top.private)
	for _, id := range order {
		maps.Copy(sql.private, texts[id].private)
		sql.blanks = append(sql.blanks, texts[id].out.Blanks...)
	}
	if len(order) == 0 {
		sql.add(body, 0, top.out.Map)
		return sql.publicTexts(), nil
	}
	head, rest, recursive := splitWith(body)
	sql.add(body[:head], 0, top.out.Map)
	sql.Text += "with "
	if recursive {
		sql.Text += "recursive "
	}
	for i, id := range order {
		if i > 0 {
			sql.Text += ",\n"
		}
		sql.Text += cteName(c.nodes[id]) + " as (\n"
		sql.add(strings.TrimRight(texts[id].out.Text, " \t\r\n;"), 0, texts[id].out.Map)
		sql.Text += "\n)"
	}
	if rest > head { // the body goes on with common table expressions of its own
		sql.Text += ",\n"
	} else {
		sql.Text += "\n"
	}
	sql.add(body[rest:], rest, top.out.Map)
	return sql.publicTexts(), nil
}

// ephemerals collects what top reads by way of ephemeral models, each after what it reads itself.
func (c *Compiler) ephemerals(ctx context.Context, top *rendered, with Render) ([]string, map[string]*rendered, error) {
	var order []string
	texts := map[string]*rendered{}
	var visit func(r *rendered) error
	visit = func(r *rendered) error {
		for _, id := range r.ephemerals {
			if texts[id] != nil {
				continue
			}
			inner, err := c.rendered(ctx, c.nodes[id], with)
			if err != nil {
				return err
			}
			texts[id] = inner
			if err := visit(inner); err != nil {
				return err
			}
			order = append(order, id)
		}
		return nil
	}
	err := visit(top)
	return order, texts, err
}
