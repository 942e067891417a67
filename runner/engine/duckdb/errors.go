package duckdb

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"elt/runner"
	"elt/runner/engine"
)

// report is DuckDB's error under errors_as_json.
type report struct {
	Type       string `json:"exception_type"`
	Message    string `json:"exception_message"`
	Position   string `json:"position"` // byte offset in the statement
	Name       string `json:"name"`
	Candidates string `json:"candidates"` // comma separated, the nearest first
	Call       string `json:"call"`       // the function call that fits no form of the function
}

// passing tells whether an error of a kind may be gone when the same is tried again.
func passing(kind string) bool {
	switch kind {
	case "IO", "HTTP", "Network", "Connection", "TransactionContext", "Out of Memory":
		return true
	}
	return false
}

// queryError makes an *engine.SQLError of what the driver says, or gives the context's error if the query was
// cancelled.
func queryError(ctx context.Context, query string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out := &engine.SQLError{SQL: query, Kind: "SQL", Msg: err.Error(), Err: err}
	text := err.Error()
	start := strings.Index(text, "{")
	if start < 0 {
		return out
	}
	var r report
	if json.NewDecoder(strings.NewReader(text[start:])).Decode(&r) != nil || r.Message == "" {
		return out
	}
	out.Kind, out.Msg, out.Name = r.Type, strings.TrimPrefix(r.Message, "Values list "), r.name()
	out.Passing = passing(r.Type)
	out.Known = r.known()
	out.Like = nearest(out.Name, out.Known)
	if offset, ok := r.offset(query); ok {
		before := query[:offset]
		out.Line = strings.Count(before, "\n") + 1
		out.Col = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	}
	return out
}

// Where messages name what is wrong and what there is, if the fields of the report do not.
var (
	namedIn = regexp.MustCompile(`(?:have a column named|^Column|^Referenced table|^Referenced update column|find key|^window) "?([^" ]+)"?`)
	listed  = regexp.MustCompile(`\nCandidate [A-Za-z]+:[ :]*("[^\n]*)`)
)

func (r report) name() string {
	if found := namedIn.FindStringSubmatch(r.Message); r.Name == "" && found != nil {
		return found[1]
	}
	return r.Name
}

// known are the identifiers that exist; of a function that does not take the arguments, the first of its forms, those
// for the type of the first argument before the others.
func (r report) known() []string {
	if r.Call == "" {
		text := r.Candidates
		if found := listed.FindStringSubmatch(r.Message); text == "" && found != nil {
			text = strings.ReplaceAll(strings.ReplaceAll(found[1], `"`, ""), ", ", ",")
		}
		return strings.FieldsFunc(text, func(c rune) bool { return c == ',' })
	}
	head, _, _ := strings.Cut(strings.TrimSuffix(r.Call, ")"), ",")
	var forms, others []string
	for _, line := range strings.Split(r.Message, "\n\t") {
		form, _, ok := strings.Cut(line, " -> ")
		switch {
		case !ok:
		case strings.HasPrefix(form, head+")") || strings.HasPrefix(form, head+","):
			forms = append(forms, form)
		default:
			others = append(others, form)
		}
	}
	return append(forms, others...)
}

// nearest is the name that was most likely meant; a qualified one counts by its last part.
func nearest(name string, known []string) string {
	last := func(text string) string { return text[strings.LastIndexByte(text, '.')+1:] }
	var parts []string
	for _, k := range known {
		parts = append(parts, last(k))
	}
	found := runner.Suggest(last(name), parts)
	if i := slices.Index(parts, found); i >= 0 {
		return known[i]
	}
	return ""
}

// offset is the place in the query that the report speaks of; where it does not say, the only place with the name.
func (r report) offset(query string) (int, bool) {
	if offset, err := strconv.Atoi(r.Position); err == nil {
		return offset, offset >= 0 && offset <= len(query)
	}
	if r.name() == "" {
		return 0, false
	}
	places := regexp.MustCompile(`\b`+regexp.QuoteMeta(r.name())+`\b`).FindAllStringIndex(query, 2)
	if len(places) != 1 {
		return 0, false
	}
	return places[0][0], true
}
