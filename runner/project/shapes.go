package project

import (
	"regexp"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner/project/strict"
)

// nameShape is the name of a node, a schema or a target: what needs no thought in a file name, a selector or SQL.
func nameShape() strict.Shape[string] {
	return strict.Where(strict.String(), "a name of letters, digits, _ and -", validName)
}

var (
	validName      = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_-]*$`)
	validProject   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	validKind      = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_-]*(\.[\p{L}_][\p{L}\p{N}_-]*)?$`)
	validCondition = regexp.MustCompile(`^\s*(=|==|!=|<>|<|<=|>|>=)\s*[0-9]+(\.[0-9]+)?\s*%?\s*$`)
	notBlank       = regexp.MustCompile(`\S`)
)

// conditionShape is warn_if and error_if.
func conditionShape() strict.Shape[string] {
	s := strict.Where(strict.String(), `a comparison such as "> 10" or "> 5%"`, validCondition)
	read := s.Read
	s.Read = func(r *strict.Reader, v *strict.Value) (string, bool) {
		text, ok := read(r, v)
		return strings.ReplaceAll(text, " ", ""), ok
	}
	return s
}

// textShape is text that says something.
func textShape() strict.Shape[string] { return strict.Where(strict.String(), "some text", notBlank) }

// delimiterShape is one character; a tab may be written \t.
func delimiterShape() strict.Shape[string] {
	text := strict.String()
	schema := &jsonschema.Schema{Type: "string", MinLength: jsonschema.Ptr(1), MaxLength: jsonschema.Ptr(2)}
	return strict.Shape[string]{Schema: schema, Read: func(r *strict.Reader, v *strict.Value) (string, bool) {
		d, ok := text.Read(r, v)
		if d == `\t` || d == "tab" {
			d = "\t"
		}
		if ok && (len(d) != 1 || strings.ContainsAny(d, "\"\r\n")) {
			r.Expected(v, `a single character, such as ";" or "\t"`)
			return "", false
		}
		return d, ok
	}}
}

// pathShape is a path to a file or folder of the user's, with slashes on every system.
func pathShape() strict.Shape[string] {
	s := textShape()
	read := s.Read
	s.Read = func(r *strict.Reader, v *strict.Value) (string, bool) {
		text, ok := read(r, v)
		if ok && strings.ContainsRune(text, 0) {
			r.Expected(v, "a path")
			return "", false
		}
		return strings.TrimSpace(text), ok
	}
	return s
}
