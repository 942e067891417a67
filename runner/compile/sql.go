package compile

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"elt/runner"
	"elt/runner/jinja"
)

// SQL is compiled SQL that knows where it came from.
type SQL struct {
	Text   string
	pieces []piece
	text   func(file string) string

	private map[string]string // names of relations for this run → what people call them
	blanks  []*jinja.Error    // undefined values that were printed as nothing
}

// piece is a run of bytes of SQL.Text that one render made; bytes between pieces were added by the compiler.
type piece struct {
	start, end int // in SQL.Text
	from       int // offset of start in the render's own text
	origin     *jinja.SourceMap
}

// Blank tells whether there is nothing to run.
func (s SQL) Blank() bool { return skipBlank(s.Text, 0) == len(s.Text) }

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
	if end == len(s) {
		return true
	}
	goesOn := s[end] == '_' || s[end] >= '0' && s[end] <= '9' || s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z'
	return !goesOn
}

// Origin tells where the character at line and column of Text (counting from 1, columns in characters) stands in the
// user's files, with the macro calls that led there, innermost first. What a macro of dbt's wrote stands where the user
// called it. False for what the compiler added.
func (s SQL) Origin(line, col int) (runner.Position, []jinja.Frame, bool) {
	offset := offsetOf(s.Text, line, col)
	for _, p := range slices.Backward(s.pieces) {
		if offset < p.start || offset >= p.end {
			continue
		}
		origin, ok := p.origin.At(offset - p.start + p.from)
		pos, stack := ofUser(origin.Pos, origin.Stack)
		return position(pos), stack, ok
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
	out := s
	out.Text, out.pieces = before+s.Text+after, nil
	for _, p := range s.pieces {
		p.start, p.end = p.start+len(before), p.end+len(before)
		out.pieces = append(out.pieces, p)
	}
	return out
}

// Explain makes an error of what an engine said about the character at line and column of s (line 0: it did not say
// where). It points at the analyst's own line, and shows the compiled one where the two differ.
func (s SQL) Explain(msg string, line, col int) *runner.Error {
	out := &runner.Error{Code: runner.CodeModel, Msg: msg}
	if line < 1 {
		return out
	}
	pos, stack, ok := s.Origin(line, col)
	if !ok {
		out.Excerpt = runner.Excerpt(s.public(s.Text), line, col)
		return out
	}
	out.Pos = pos
	source := s.text(pos.File)
	out.Excerpt = runner.Excerpt(source, pos.Line, pos.Col) + calls(stack)
	if compiled, written := nthLine(s.Text, line), nthLine(source, pos.Line); compiled != written {
		out.Excerpt += fmt.Sprintf("\n  compiled, line %d: %s", line, strings.TrimSpace(s.public(compiled)))
	}
	return out
}

// BlankHint tells which undefined value came out as nothing, in case that is what is wrong with the SQL; else it is empty.
func (s SQL) BlankHint() string {
	if len(s.blanks) == 0 {
		return ""
	}
	e := s.blanks[0]
	pos, _ := ofUser(e.Pos, e.Stack)
	hint := fmt.Sprintf("what %s prints is empty: %s", pos, e.Message)
	if e.Hint != "" {
		hint += "; " + e.Hint
	}
	return hint
}

// public gives relations the names that people know them by.
func (s SQL) public(text string) string {
	for _, name := range keysOf(s.private) {
		text = strings.ReplaceAll(text, name, s.private[name])
	}
	return text
}

// Shown is the text with the names that people know relations by, as Logical has them.
func (s SQL) Shown() string {
	text := s.Text
	for _, name := range keysOf(s.private) {
		_, public, _ := strings.Cut(s.private[name], `"."`) // without the database
		text = strings.ReplaceAll(text, name, `"`+public)
	}
	return text
}

func nthLine(text string, n int) string {
	lines := strings.Split(text, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}
