package strict

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"elt/runner"
)

// Bounds of a file, far above what a person writes, so that a mistaken or hostile file ends in an error.
const (
	mostBytes  = 4 << 20
	mostDepth  = 60
	mostValues = 500_000
)

// Parse reads the text of a YAML file into the reader. The value is nil if the file holds nothing, or if it cannot be
// read, which r's errors tell then.
func (r *Reader) Parse() (root *Value) {
	if !r.checkText() {
		return nil
	}
	// The parser is not ours and has panicked on damaged text before; to a user that is a file that cannot be read.
	defer func() {
		if p := recover(); p != nil {
			root = nil
			r.Fail(runner.Position{File: r.file}, "check brackets, quotes and indentation", "cannot be read as YAML")
		}
	}()
	tokens := lexer.Tokenize(r.text)
	if !r.checkDepth(tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.failSyntax(err)
		return nil
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		return nil
	}
	if len(bodies) > 1 {
		r.Fail(r.at(bodies[1].GetToken()), "put it into a file of its own", "a second document begins here, after ---")
		return nil
	}
	c := converter{Reader: r, anchors: map[string]*Value{}}
	root = c.value(bodies[0], 0)
	if root.size > mostValues {
		r.Fail(root.Pos, "", "the file holds too many values once its aliases are followed")
		return nil
	}
	if root.Kind == Null {
		return nil
	}
	return root
}

// checkText refuses what is no text, and strips a byte order mark and carriage returns.
func (r *Reader) checkText() bool {
	whole := runner.Position{File: r.file}
	switch {
	case len(r.text) > mostBytes:
		r.Fail(whole, "split it into several files", "%d MB are too much for a YAML file", len(r.text)>>20)
		return false
	case strings.HasPrefix(r.text, "\xff\xfe"), strings.HasPrefix(r.text, "\xfe\xff"):
		r.Fail(whole, "save it as UTF-8", "the file is UTF-16, not UTF-8")
		return false
	}
	r.text = strings.TrimPrefix(r.text, "\ufeff")
	if pos, ok := CheckUTF8(r.file, r.text); !ok {
		r.Fail(pos, "save the file as UTF-8", "this line is not UTF-8")
		return false
	}
	r.text = strings.ReplaceAll(r.text, "\r\n", "\n")
	if i := strings.IndexByte(r.text, 0); i >= 0 {
		line := 1 + strings.Count(r.text[:i], "\n")
		r.Fail(runner.Position{File: r.file, Line: line}, "", "a zero byte cannot stand in a YAML file")
		return false
	}
	return true
}

// CheckUTF8 finds the first byte of a text that is not UTF-8.
func CheckUTF8(file, text string) (runner.Position, bool) {
	if utf8.ValidString(text) {
		return runner.Position{}, true
	}
	line, col := 1, 1
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return runner.Position{File: file, Line: line, Col: col}, false
}

// checkDepth refuses brackets and dashes nested so deeply that the parser would run out of stack.
func (r *Reader) checkDepth(tokens token.Tokens) bool {
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			dashes++
		}
		if depth > mostDepth || dashes > mostDepth {
			r.Fail(r.at(t), "", "values are nested more than %d deep", mostDepth)
			return false
		}
	}
	return true
}

func (r *Reader) failSyntax(err error) {
	var known yaml.Error
	if !errors.As(err, &known) || known.GetToken() == nil {
		r.Fail(runner.Position{File: r.file}, "", "cannot be read as YAML: %s", firstLine(err.Error()))
		return
	}
	pos := r.at(known.GetToken())
	hint := ""
	for _, line := range []int{pos.Line, pos.Line + 1} {
		if strings.HasPrefix(strings.TrimLeft(r.line(line), " "), "\t") {
			pos.Line, pos.Col = line, 1+len(r.line(line))-len(strings.TrimLeft(r.line(line), " "))
			hint = "indent with spaces; YAML does not allow tabs"
			break
		}
	}
	msg := strings.ReplaceAll(firstLine(known.GetMessage()), "\t", `\t`)
	if hint == "" && strings.Contains(msg, "must be specified") {
		hint = "put texts with { } [ ] , : # into quotes"
	}
	r.Fail(pos, hint, "cannot be read as YAML: %s", msg)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

func (r *Reader) line(n int) string {
	lines := strings.SplitN(r.text, "\n", n+1)
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

func (r *Reader) at(t *token.Token) runner.Position {
	if t == nil || t.Position == nil {
		return runner.Position{File: r.file}
	}
	return runner.Position{File: r.file, Line: t.Position.Line, Col: t.Position.Column}
}

// converter turns the syntax tree of a file into values.
type converter struct {
	*Reader
	anchors map[string]*Value
}

func (c *converter) value(node ast.Node, depth int) *Value {
	if node == nil {
		return &Value{Kind: Null, Pos: runner.Position{File: c.file}, size: 1}
	}
	v := &Value{Pos: c.at(node.GetToken()), size: 1}
	if depth > mostDepth {
		c.Fail(v.Pos, "", "values are nested more than %d deep", mostDepth)
		v.Kind = broken
		return v
	}
	switch n := node.(type) {
	case *ast.NullNode:
		v.Kind, v.Text = Null, n.Token.Value
	case *ast.BoolNode:
		v.Kind, v.Text = Bool, strings.ToLower(n.Token.Value)
	case *ast.IntegerNode:
		v.Kind, v.Text = Number, n.Token.Value
	case *ast.FloatNode:
		v.Kind, v.Text = Number, n.Token.Value
	case *ast.InfinityNode:
		v.Kind, v.Text = Number, n.Token.Value
	case *ast.NanNode:
		v.Kind, v.Text = Number, n.Token.Value
	case *ast.StringNode:
		v.Kind, v.Text, v.Plain = Text, n.Value, n.Token.Type == token.StringType
	case *ast.LiteralNode:
		v.Kind, v.Text = Text, n.Value.Value
	case *ast.SequenceNode:
		c.list(v, n, depth)
	case *ast.MappingNode:
		c.mapping(v, n.Values, depth)
	case *ast.MappingValueNode:
		c.mapping(v, []*ast.MappingValueNode{n}, depth)
	case *ast.AnchorNode:
		v = c.value(n.Value, depth+1)
		c.anchors[n.Name.String()] = v
	case *ast.AliasNode:
		return c.alias(v, n)
	case *ast.TagNode:
		return c.tagged(v, n, depth)
	default:
		v.Kind = broken
		c.Fail(v.Pos, "", "%s cannot be used here", strings.ToLower(node.Type().String()))
	}
	return v
}

func (c *converter) list(v *Value, n *ast.SequenceNode, depth int) {
	v.Kind = List
	for _, item := range n.Values {
		child := c.value(item, depth+1)
		v.Items = append(v.Items, child)
		v.size = min(v.size+child.size, mostValues+1)
	}
}

func (c *converter) mapping(v *Value, entries []*ast.MappingValueNode, depth int) {
	v.Kind = Map
	if len(entries) > 0 {
		v.Pos = c.at(entries[0].Key.GetToken())
	}
	first := map[string]runner.Position{}
	var merged []*Value
	for _, e := range entries {
		child := c.value(e.Value, depth+1)
		v.size = min(v.size+child.size, mostValues+1)
		pos := c.at(e.Key.GetToken())
		if child.Kind == Null && child.Pos.Line == 0 {
			child.Pos = pos
		}
		if e.Key.IsMergeKey() {
			merged = append(merged, child)
			continue
		}
		key := c.key(e.Key)
		before, twice := first[key]
		if twice && c.lenient {
			c.Warn(pos, "", "the key %q stands here twice, first in line %d; this one counts", key, before.Line)
			v.replace(key, child)
			continue
		}
		if twice {
			c.Fail(pos, "", "the key %q stands here twice, first in line %d", key, before.Line)
			continue
		}
		first[key] = pos
		v.Fields = append(v.Fields, Field{Key: key, Pos: pos, Value: child})
	}
	for _, m := range merged {
		c.merge(v, m, first)
	}
}

// replace gives a key another value.
func (v *Value) replace(key string, value *Value) {
	for i := range v.Fields {
		if v.Fields[i].Key == key {
			v.Fields[i].Value = value
		}
	}
}

// merge adds the fields of <<, where the mapping itself has none of that name.
func (c *converter) merge(v, from *Value, present map[string]runner.Position) {
	switch from.Kind {
	case Map:
		for _, f := range from.Fields {
			if _, there := present[f.Key]; !there {
				present[f.Key] = f.Pos
				v.Fields = append(v.Fields, f)
			}
		}
	case List:
		for _, item := range from.Items {
			c.merge(v, item, present)
		}
	case broken:
	default:
		c.Fail(from.Pos, "", "<< needs a mapping to merge, not %s", from.describe())
	}
}

func (c *converter) key(node ast.MapKeyNode) string {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.MappingKeyNode:
		if text, ok := n.Value.(*ast.StringNode); ok {
			return text.Value
		}
		c.Fail(c.at(n.GetToken()), "", "a key has to be text")
	}
	return strings.TrimSpace(node.GetToken().Value)
}

func (c *converter) alias(v *Value, n *ast.AliasNode) *Value {
	name := n.Value.String()
	if target, found := c.anchors[name]; found {
		return target
	}
	v.Kind = broken
	names := make([]string, 0, len(c.anchors))
	for a := range c.anchors {
		names = append(names, a)
	}
	c.Fail(v.Pos, runner.DidYouMean(name, names), "no anchor &%s stands before this alias", name)
	return v
}

// tagged understands !!str, which makes text of a scalar, and refuses all other tags.
func (c *converter) tagged(v *Value, n *ast.TagNode, depth int) *Value {
	inner := c.value(n.Value, depth+1)
	if n.Start.Value != "!!str" || inner.Kind == List || inner.Kind == Map {
		c.Fail(v.Pos, "", "the tag %s is not understood", n.Start.Value)
		v.Kind = broken
		return v
	}
	text := *inner
	text.Kind = Text
	return &text
}
