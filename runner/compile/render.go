package compile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"elt/runner"
	"elt/runner/jinja"
)

// Names says which relation stands for a node in compiled SQL. It is not asked about ephemeral models.
type Names func(id string) runner.Relation

// SQL is compiled SQL that knows where it came from.
type SQL struct {
	Text   string
	pieces []piece
	text   func(file string) string
}

// piece is a run of bytes of SQL.Text that one render made; bytes between pieces were added by the compiler.
type piece struct {
	start, end int // in SQL.Text
	from       int // offset of start in the render's own text
	origin     *jinja.SourceMap
}

// SQL compiles a model or singular test for execution, with the names given.
func (c *Compiler) SQL(ctx context.Context, id string, names Names) (SQL, error) {
	n := c.nodes[id]
	if n == nil || n.template == nil {
		return SQL{}, fmt.Errorf("compile %s: it has no SQL", id)
	}
	out, err := c.rendered(ctx, n, names)
	if err != nil {
		return SQL{}, err
	}
	return c.inject(ctx, out, names)
}

// Logical compiles with the public names of all relations: SQL that people can read and run against a snapshot.
func (c *Compiler) Logical(ctx context.Context, id string) (SQL, error) {
	return c.SQL(ctx, id, nil)
}

// rendered is the template's own text, before ephemeral models are put in.
type rendered struct {
	out        *jinja.Output
	ephemerals []string // IDs, in order of first mention
	impure     bool     // it looked at something that differs between parsing and executing
}

func (c *Compiler) rendered(ctx context.Context, n *Node, names Names) (*rendered, error) {
	if names == nil && n.parsed != nil && !n.parsed.impure {
		return n.parsed, nil
	}
	return c.newScope(n, names, true).render(ctx)
}

// cteName is what an ephemeral model is called inside the models that read it; the prefix is dbt's.
func cteName(n *Node) string { return "__dbt__cte__" + n.Name }

// inject puts the ephemeral models that a render reads in front of it as common table expressions.
func (c *Compiler) inject(ctx context.Context, top *rendered, names Names) (SQL, error) {
	sql := SQL{text: c.fileText}
	body := strings.TrimRight(top.out.Text, " \t\r\n;")
	order, texts, err := c.ephemerals(ctx, top, names)
	if err != nil {
		return SQL{}, err
	}
	if len(order) == 0 {
		sql.add(body, 0, top.out.Map)
		return sql, nil
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
	return sql, nil
}

// ephemerals collects what top reads by way of ephemeral models, each after what it reads itself.
func (c *Compiler) ephemerals(ctx context.Context, top *rendered, names Names) ([]string, map[string]*rendered, error) {
	var order []string
	texts := map[string]*rendered{}
	var visit func(r *rendered) error
	visit = func(r *rendered) error {
		for _, id := range r.ephemerals {
			if texts[id] != nil {
				continue
			}
			inner, err := c.rendered(ctx, c.nodes[id], names)
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

func (s *SQL) add(text string, from int, origin *jinja.SourceMap) {
	start := len(s.Text)
	s.Text += text
	s.pieces = append(s.pieces, piece{start, len(s.Text), from, origin})
}

// splitWith finds where a query begins, and where its first common table expression does if it has any (else the same
// place).
func splitWith(query string) (head, rest int, recursive bool) {
	head = skipBlank(query, 0)
	rest = head
	if !wordAt(query, head, "with") {
		return head, rest, false
	}
	rest = skipBlank(query, head+len("with"))
	if wordAt(query, rest, "recursive") {
		return head, skipBlank(query, rest+len("recursive")), true
	}
	return head, rest, false
}

// skipBlank goes past white space and comments.
func skipBlank(s string, at int) int {
	for at < len(s) {
		switch {
		case strings.ContainsRune(" \t\r\n", rune(s[at])):
			at++
		case strings.HasPrefix(s[at:], "--"):
			end := strings.IndexByte(s[at:], '\n')
			if end < 0 {
				return len(s)
			}
			at += end
		case strings.HasPrefix(s[at:], "/*"):
			end := strings.Index(s[at:], "*/")
			if end < 0 {
				return len(s)
			}
			at += end + 2
		default:
			return at
		}
	}
	return at
}

func wordAt(s string, at int, word string) bool {
	end := at + len(word)
	if end > len(s) || !strings.EqualFold(s[at:end], word) {
		return false
	}
	return end == len(s) || !(s[end] == '_' || s[end] >= '0' && s[end] <= '9' || s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z')
}

// Origin tells where the character at line and column of Text (counting from 1, columns in characters) stands in the
// user's files, with the macro calls that led there, innermost first. False for what the compiler added.
func (s SQL) Origin(line, col int) (runner.Position, []jinja.Frame, bool) {
	offset := offsetOf(s.Text, line, col)
	for _, p := range slices.Backward(s.pieces) {
		if offset < p.start || offset >= p.end {
			continue
		}
		origin, ok := p.origin.At(offset - p.start + p.from)
		return position(origin.Pos), origin.Stack, ok
	}
	return runner.Position{}, nil, false
}

func offsetOf(text string, line, col int) int {
	offset := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(text[offset:], '\n')
		if next < 0 {
			break
		}
		offset += next + 1
	}
	for ; col > 1 && offset < len(text); col-- {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return offset
}

// Wrap puts text around the SQL; what it came from is still known.
func (s SQL) Wrap(before, after string) SQL {
	out := SQL{Text: before + s.Text + after, text: s.text}
	for _, p := range s.pieces {
		p.start, p.end = p.start+len(before), p.end+len(before)
		out.pieces = append(out.pieces, p)
	}
	return out
}
