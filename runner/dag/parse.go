package dag

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Selector is a parsed selection in dbt's grammar:
//
//	a b        a or b: spaces join
//	a,b        a and b: commas narrow down
//	+a  2+a    a and its ancestors, or those at most two edges away
//	a+  a+3    a and its descendants, or those at most three edges away
//	@a         a, its descendants, and all ancestors of those
//	tag:x      a method and its value; a value alone has the method ""
//
// The zero Selector selects nothing.
type Selector struct {
	union []intersection
}

// intersection is what stands between two spaces: parts that have to hold together.
type intersection struct {
	text  string
	parts []part
}

// part is one method and value with the graph operators around it.
type part struct {
	text     string
	method   string
	value    string
	parents  int // depth of ancestors; 0: none
	children int // depth of descendants; 0: none
	around   bool
}

// SyntaxError says where a selector cannot be read.
type SyntaxError struct {
	Text string // the expression as given
	Col  int    // counts from 1, in characters
	Msg  string
}

// Error tells the selector, the column and what is wrong.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("selector %q, column %d: %s", e.Text, e.Col, e.Msg)
}

// Parse reads expressions and joins them. Empty expressions add nothing. The error is a *SyntaxError.
func Parse(exprs ...string) (Selector, error) {
	var s Selector
	for _, expr := range exprs {
		runes := []rune(expr)
		for at := 0; at < len(runes); {
			if unicode.IsSpace(runes[at]) {
				at++
				continue
			}
			end := at
			for end < len(runes) && !unicode.IsSpace(runes[end]) {
				end++
			}
			in, err := parseIntersection(expr, runes[at:end], at+1)
			if err != nil {
				return Selector{}, err
			}
			s.union = append(s.union, in)
			at = end
		}
	}
	return s, nil
}

// IsZero tells whether s has no part, as when nothing was asked for.
func (s Selector) IsZero() bool { return len(s.union) == 0 }

// String is the selector as given, with single spaces.
func (s Selector) String() string {
	texts := make([]string, len(s.union))
	for i, in := range s.union {
		texts[i] = in.text
	}
	return strings.Join(texts, " ")
}

func parseIntersection(expr string, runes []rune, col int) (intersection, error) {
	in := intersection{text: string(runes)}
	for _, text := range strings.Split(in.text, ",") {
		p, problem := parsePart(text)
		if problem != nil {
			return in, &SyntaxError{Text: expr, Col: col + problem.offset, Msg: problem.msg}
		}
		in.parts = append(in.parts, p)
		col += len([]rune(text)) + 1
	}
	return in, nil
}

// problem is what is wrong with a part, and how many characters into it.
type problem struct {
	offset int
	msg    string
}

func parsePart(text string) (part, *problem) {
	p := part{text: text}
	rest := text
	if after, found := strings.CutPrefix(rest, "@"); found {
		p.around, rest = true, after
	}
	var bad *problem
	if p.parents, rest, bad = leadingDepth(rest, len(text)-len(rest)); bad != nil {
		return p, bad
	}
	offset := len(text) - len(rest) // of the bare name; what stands before it is ASCII
	if p.children, rest, bad = trailingDepth(rest); bad != nil {
		bad.offset += offset
		return p, bad
	}
	if method, value, found := strings.Cut(rest, ":"); found {
		if method == "" {
			return p, &problem{offset, "a method has to stand before the colon, as in tag:x"}
		}
		if i := strings.IndexFunc(method, notMethod); i >= 0 {
			return p, &problem{offset + len([]rune(method[:i])), fmt.Sprintf("%q cannot be part of a method", method[i:i+1])}
		}
		p.method, p.value = method, value
		offset += len([]rune(method)) + 1
	} else {
		p.value = rest
	}
	switch {
	case p.value == "" && p.method != "":
		return p, &problem{offset, "a value is missing after " + p.method + ":"}
	case p.value == "":
		return p, &problem{offset, "a name is missing"}
	case p.around && (p.parents != 0 || p.children != 0):
		return p, &problem{0, "@ takes parents and children already and cannot be joined with +"}
	case strings.ContainsAny(p.value, "+@"):
		i := strings.IndexAny(p.value, "+@")
		return p, &problem{offset + len([]rune(p.value[:i])), fmt.Sprintf("%q may stand before or after a name only", p.value[i:i+1])}
	}
	return p, nil
}

func notMethod(r rune) bool {
	return r != '_' && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// leadingDepth takes "+" or "2+" off the front of text. The depth is 0 if there is none.
func leadingDepth(text string, offset int) (int, string, *problem) {
	digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 || text[digits] != '+' {
		return 0, text, nil
	}
	depth, ok := depthOf(text[:digits])
	if !ok {
		return 0, text, &problem{offset, "the number of edges before + has to be between 1 and 9999"}
	}
	return depth, text[digits+1:], nil
}

// trailingDepth takes "+" or "+3" off the end of text. The depth is 0 if there is none.
func trailingDepth(text string) (int, string, *problem) {
	plus := strings.LastIndexByte(text, '+')
	if plus < 0 || strings.Trim(text[plus+1:], "0123456789") != "" {
		return 0, text, nil
	}
	depth, ok := depthOf(text[plus+1:])
	if !ok {
		return 0, text, &problem{len([]rune(text[:plus+1])), "the number of edges after + has to be between 1 and 9999"}
	}
	return depth, text[:plus], nil
}

func depthOf(digits string) (int, bool) {
	if digits == "" {
		return All, true
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 1 && n <= 9999
}
