package expect

import (
	"fmt"
	"regexp"
	"strings"
)

// Ref names a node in an argument of a test. Source is empty for models and seeds.
type Ref struct {
	Source string
	Name   string
}

// String is the ref as people write it.
func (r Ref) String() string {
	if r.Source != "" {
		return fmt.Sprintf("source('%s', '%s')", r.Source, r.Name)
	}
	return fmt.Sprintf("ref('%s')", r.Name)
}

// ParseRef reads ref('model'), ref('project', 'model'), source('source', 'table'), any of them in {{ }}, or the bare
// name of a model.
func ParseRef(text string) (Ref, error) {
	inner := strings.TrimSpace(text)
	if strings.HasPrefix(inner, "{{") && strings.HasSuffix(inner, "}}") && len(inner) >= 4 {
		inner = strings.Trim(strings.TrimSpace(inner[2:len(inner)-2]), "- ")
	}
	if bareName.MatchString(inner) {
		return Ref{Name: inner}, nil
	}
	call := refCall.FindStringSubmatch(inner)
	if call == nil {
		return Ref{}, fmt.Errorf("%q names no relation", text)
	}
	var names []string
	for _, part := range strings.Split(call[2], ",") {
		part = strings.TrimSpace(part)
		if len(part) < 3 || part[0] != part[len(part)-1] || (part[0] != '\'' && part[0] != '"') {
			return Ref{}, fmt.Errorf("%q: expected names in quotes", text)
		}
		names = append(names, part[1:len(part)-1])
	}
	switch {
	case call[1] == "ref" && len(names) <= 2:
		return Ref{Name: names[len(names)-1]}, nil
	case call[1] == "source" && len(names) == 2:
		return Ref{Source: names[0], Name: names[1]}, nil
	case call[1] == "source":
		return Ref{}, fmt.Errorf("%q: source takes the source and the table", text)
	default:
		return Ref{}, fmt.Errorf("%q: ref takes one model", text)
	}
}

var (
	bareName = regexp.MustCompile(`^[\pL_][\pL\pN_]*$`)
	refCall  = regexp.MustCompile(`(?s)^(ref|source)\s*\((.*)\)$`)
)
