package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokData
	tokVarBegin
	tokVarEnd
	tokBlockBegin
	tokBlockEnd
	tokName
	tokString
	tokInt
	tokFloat
	tokOp
)

// token is one lexical element. val is the name, operator or data itself, the decoded string, or the number's digits.
type token struct {
	kind tokenKind
	pos  int // byte offset in the normalised source
	end  int // byte offset after it
	val  string
}

// tokenNames are the names of tokens in Jinja2's messages, of those that are not named by what they are.
var tokenNames = map[tokenKind]string{
	tokEOF: "end of template", tokData: "template data / text", tokVarBegin: "begin of print statement",
	tokVarEnd: "end of print statement", tokBlockBegin: "begin of statement block", tokBlockEnd: "end of statement block",
	tokString: "string", tokInt: "integer", tokFloat: "float",
}

func (t token) describe() string {
	if name, ok := tokenNames[t.kind]; ok {
		return name
	}
	return t.val
}

// lexer cuts a template into tokens. rawTags tells the block tags whose body is not to be read as a template.
type lexer struct {
	src     string
	pos     int
	toks    []token
	rawTags func(tag string) bool
}

// syntaxError is an error at a byte offset, which the parser turns into a position.
type syntaxError struct {
	pos  int
	msg  string
	hint string
	kind string // "" for KindSyntax
}

func (e *syntaxError) Error() string { return e.msg }

// normalise turns every line end into \n and drops the last one.
func normalise(src string) string {
	if strings.IndexByte(src, '\r') >= 0 {
		src = strings.ReplaceAll(src, "\r\n", "\n")
		src = strings.ReplaceAll(src, "\r", "\n")
	}
	return strings.TrimSuffix(src, "\n")
}

func (l *lexer) add(kind tokenKind, pos, end int, val string) {
	l.toks = append(l.toks, token{kind, pos, end, val})
}

// run lexes the whole source, which must be normalised.
func (l *lexer) run() error {
	l.toks = make([]token, 0, len(l.src)/6+8)
	for l.pos < len(l.src) {
		start := l.nextTag()
		text := l.src[l.pos:min(start, len(l.src))]
		if start < len(l.src) && start+2 < len(l.src) && l.src[start+2] == '-' {
			text = strings.TrimRightFunc(text, isSpace)
		}
		if text != "" {
			l.add(tokData, l.pos, l.pos+len(text), text)
		}
		l.pos = start
		if start >= len(l.src) {
			break
		}
		if err := l.tag(); err != nil {
			return err
		}
	}
	l.add(tokEOF, len(l.src), len(l.src), "")
	return nil
}

// nextTag finds the next {{, {% or {# from here.
func (l *lexer) nextTag() int {
	for i := l.pos; ; i++ {
		j := strings.IndexByte(l.src[i:], '{')
		if j < 0 || i+j+1 >= len(l.src) {
			return len(l.src)
		}
		i += j
		switch l.src[i+1] {
		case '{', '%', '#':
			return i
		}
	}
}

// tag lexes one tag that starts here.
func (l *lexer) tag() error {
	start := l.pos
	kind := l.src[start+1]
	l.pos += 2
	if l.pos < len(l.src) && (l.src[l.pos] == '-' || l.src[l.pos] == '+') {
		l.pos++
	}
	switch kind {
	case '#':
		return l.comment(start)
	case '{':
		l.add(tokVarBegin, start, l.pos, "{{")
		return l.inside(tokVarEnd, "}}")
	}
	if end, ok := l.bareTag(l.pos, "raw", false); ok {
		l.pos = end
		return l.rawBody(start, "raw", "raw directive")
	}
	l.add(tokBlockBegin, start, l.pos, "{%")
	first := len(l.toks)
	if err := l.inside(tokBlockEnd, "%}"); err != nil {
		return err
	}
	if last := len(l.toks) - 1; last <= first || l.toks[last].kind != tokBlockEnd {
		return nil
	}
	if name := l.toks[first]; name.kind == tokName && l.rawTags(name.val) {
		return l.rawBody(start, name.val, name.val+" block")
	}
	return nil
}

func (l *lexer) comment(start int) error {
	i := strings.Index(l.src[l.pos:], "#}")
	if i < 0 {
		return &syntaxError{pos: start, msg: "missing end of comment tag"}
	}
	strip := i > 0 && l.src[l.pos+i-1] == '-'
	l.pos += i + 2
	if strip {
		l.skipSpace()
	}
	return nil
}

func (l *lexer) skipSpace() {
	rest := strings.TrimLeftFunc(l.src[l.pos:], isSpace)
	l.pos = len(l.src) - len(rest)
}

// bareTag matches `name %}` at pos, after the opening of a block, and gives the offset after it. A plus before the
// closing is allowed at the end of raw text only.
func (l *lexer) bareTag(pos int, name string, plus bool) (int, bool) {
	rest := strings.TrimLeftFunc(l.src[pos:], isSpace)
	if !strings.HasPrefix(rest, name) {
		return 0, false
	}
	rest = strings.TrimLeftFunc(rest[len(name):], isSpace)
	switch {
	case strings.HasPrefix(rest, "-%}"):
		rest = strings.TrimLeftFunc(rest[3:], isSpace)
	case plus && strings.HasPrefix(rest, "+%}"):
		rest = rest[3:]
	case strings.HasPrefix(rest, "%}"):
		rest = rest[2:]
	default:
		return 0, false
	}
	return len(l.src) - len(rest), true
}

// rawBody takes everything up to {% endTAG %} as data. For a custom tag the end tag stays a tag, for the parser.
func (l *lexer) rawBody(start int, tag, what string) error {
	for i := l.pos; ; {
		j := strings.Index(l.src[i:], "{%")
		if j < 0 {
			return &syntaxError{pos: start, msg: "missing end of " + what}
		}
		i += j
		open := i + 2
		text := l.src[l.pos:i]
		if open < len(l.src) && (l.src[open] == '-' || l.src[open] == '+') {
			if l.src[open] == '-' {
				text = strings.TrimRightFunc(text, isSpace)
			}
			open++
		}
		end, ok := l.bareTag(open, "end"+tag, true)
		if !ok {
			i += 2
			continue
		}
		if text != "" {
			l.add(tokData, l.pos, l.pos+len(text), text)
		}
		if tag != "raw" {
			l.add(tokBlockBegin, i, open, "{%")
			l.add(tokName, open, open, "end"+tag)
			l.add(tokBlockEnd, end, end, "%}")
		}
		l.pos = end
		return nil
	}
}

// inside lexes an expression or statement up to its closing.
func (l *lexer) inside(closeKind tokenKind, closing string) error {
	var brackets []byte
	for {
		l.skipSpace()
		if l.pos >= len(l.src) {
			return nil // the parser knows what is missing
		}
		if len(brackets) == 0 && l.closing(closeKind, closing) {
			return nil
		}
		start := l.pos
		c := l.src[start]
		var err error
		switch {
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf:
			err = l.name()
		case c >= '0' && c <= '9':
			l.number()
		case c == '\'' || c == '"':
			err = l.str(c)
		default:
			brackets, err = l.operator(brackets)
		}
		if err != nil {
			return err
		}
	}
}

func (l *lexer) closing(kind tokenKind, closing string) bool {
	rest := l.src[l.pos:]
	start := l.pos
	switch {
	case strings.HasPrefix(rest, closing):
		l.pos += 2
		l.add(kind, start, l.pos, closing)
	case rest[0] == '-' && strings.HasPrefix(rest[1:], closing):
		l.pos += 3
		l.add(kind, start, l.pos, closing)
		l.skipSpace()
	case rest[0] == '+' && kind == tokBlockEnd && strings.HasPrefix(rest[1:], closing):
		l.pos += 3
		l.add(kind, start, l.pos, closing)
	default:
		return false
	}
	return true
}

func (l *lexer) name() error {
	start := l.pos
	for l.pos < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.src[l.pos:])
		if r != '_' && !unicode.IsLetter(r) && (l.pos == start || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			break
		}
		l.pos += n
	}
	if l.pos == start {
		r, _ := utf8.DecodeRuneInString(l.src[start:])
		return &syntaxError{pos: start, msg: "unexpected character " + reprStr(string(r))}
	}
	l.add(tokName, start, l.pos, l.src[start:l.pos])
	return nil
}

func (l *lexer) operator(brackets []byte) ([]byte, error) {
	rest := l.src[l.pos:]
	op := rest[:1]
	if len(rest) > 1 {
		switch rest[:2] {
		case "//", "**", "==", "!=", ">=", "<=":
			op = rest[:2]
		}
	}
	switch op[0] {
	case '(', '[', '{':
		brackets = append(brackets, op[0])
	case ')', ']', '}':
		want := map[byte]byte{')': '(', ']': '[', '}': '{'}[op[0]]
		if len(brackets) == 0 || brackets[len(brackets)-1] != want {
			e := &syntaxError{pos: l.pos, msg: "unexpected '" + op + "'"}
			if len(brackets) > 0 {
				e.hint = "'" + string(brackets[len(brackets)-1]) + "' is still open"
			}
			return nil, e
		}
		brackets = brackets[:len(brackets)-1]
	case '+', '-', '/', '*', '%', '~', '=', '>', '<', '.', ':', '|', ',', ';':
	default:
		if op != "!=" {
			return nil, &syntaxError{pos: l.pos, msg: "unexpected character " + reprStr(op)}
		}
	}
	l.add(tokOp, l.pos, l.pos+len(op), op)
	l.pos += len(op)
	return brackets, nil
}
