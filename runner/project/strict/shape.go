package strict

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
)

// Shape reads one kind of value and describes it. Read notes what does not fit and gives false then.
type Shape[V any] struct {
	Schema *jsonschema.Schema
	Read   func(r *Reader, v *Value) (V, bool)
}

// String is text in which {{ … }} is evaluated.
func String() Shape[string] {
	return Shape[string]{
		Schema: &jsonschema.Schema{Type: "string"},
		Read: func(r *Reader, v *Value) (string, bool) {
			if r.lenient && (v.Kind == Number || v.Kind == Bool) {
				return v.Text, true
			}
			if v.Kind != Text {
				hint := ""
				if v.Kind == Number || v.Kind == Bool {
					hint = `write "` + v.Text + `" in quotes`
				}
				r.ExpectedBut(v, "text", hint)
				return "", false
			}
			text, _ := r.rendered(v)
			return text, true
		},
	}
}

// evaluated is the pattern of a text whose {{ … }} may turn out to be anything.
const evaluated = `\{\{`

// orEvaluated allows such a text beside what a schema allows.
func orEvaluated(s *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, {Type: "string", Pattern: evaluated}}}
}

// Raw is text taken as it is, {{ … }} included.
func Raw() Shape[string] {
	s := String()
	read := s.Read
	s.Read = func(r *Reader, v *Value) (string, bool) {
		before := r.render
		r.render = nil
		defer func() { r.render = before }()
		return read(r, v)
	}
	return s
}

// Literal is any scalar, taken as it is written: 0 and null are the texts "0" and "null".
func Literal() Shape[string] {
	return Shape[string]{
		Schema: &jsonschema.Schema{Types: []string{"string", "number", "boolean", "null"}},
		Read: func(r *Reader, v *Value) (string, bool) {
			if v.Kind == List || v.Kind == Map {
				r.Expected(v, "text")
				return "", false
			}
			text, _ := r.rendered(v)
			return text, true
		},
	}
}

// Where narrows a shape of text down to what a pattern allows; what names it in messages.
func Where(s Shape[string], what string, pattern *regexp.Regexp) Shape[string] {
	schema := *s.Schema
	schema.Pattern = pattern.String() + "|" + evaluated
	return Shape[string]{Schema: &schema, Read: func(r *Reader, v *Value) (string, bool) {
		text, ok := s.Read(r, v)
		if ok && !r.lenient && !pattern.MatchString(text) {
			r.Expected(v, what)
			return "", false
		}
		return text, ok
	}}
}

// Choice is one of some words, in any case.
func Choice[S ~string](words ...S) Shape[S] {
	schema := &jsonschema.Schema{Type: "string"}
	names := make([]string, len(words))
	for i, w := range words {
		schema.Enum = append(schema.Enum, string(w))
		names[i] = string(w)
	}
	text := String()
	return Shape[S]{Schema: orEvaluated(schema), Read: func(r *Reader, v *Value) (S, bool) {
		if v.Kind != Text {
			r.Expected(v, oneOf(names))
			return "", false
		}
		found, _ := text.Read(r, v)
		for _, w := range words {
			if strings.EqualFold(string(w), found) {
				return w, true
			}
		}
		r.ExpectedBut(v, oneOf(names), runner.DidYouMean(found, names))
		return "", false
	}}
}

func oneOf(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return `"` + words[0] + `"`
	}
	return `"` + strings.Join(words[:last], `", "`) + `" or "` + words[last] + `"`
}

// Boolean is true or false.
func Boolean() Shape[bool] {
	return Shape[bool]{
		Schema: orEvaluated(&jsonschema.Schema{Type: "boolean"}),
		Read: func(r *Reader, v *Value) (bool, bool) {
			text, changed := r.rendered(v)
			text = strings.ToLower(strings.TrimSpace(text))
			if (v.Kind == Bool || changed || r.lenient) && (text == "true" || text == "false") {
				return text == "true", true
			}
			if yes, known := yesNo[text]; known && r.lenient {
				return yes, true
			}
			r.Expected(v, "true or false")
			return false, false
		},
	}
}

// yesNo are the words that YAML 1.1, which dbt reads, takes for truth values beside true and false.
var yesNo = map[string]bool{"yes": true, "on": true, "no": false, "off": false}

// Count is a whole number from least up.
func Count(least int) Shape[int] {
	return Shape[int]{
		Schema: orEvaluated(&jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(float64(least))}),
		Read: func(r *Reader, v *Value) (int, bool) {
			text, changed := r.rendered(v)
			if v.Kind == Number || changed || r.lenient {
				if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n >= least {
					return n, true
				}
			}
			r.Expected(v, "a whole number from "+strconv.Itoa(least)+" up")
			return 0, false
		},
	}
}

// Share is a count, or a percentage written "5%".
func Share() Shape[runner.Threshold] {
	return Shape[runner.Threshold]{
		Schema: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Type: "integer", Minimum: jsonschema.Ptr(0.0)},
			{Type: "string", Pattern: `^\d+(\.\d+)?\s*%$|` + evaluated},
		}},
		Read: func(r *Reader, v *Value) (runner.Threshold, bool) {
			text, changed := r.rendered(v)
			number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
			n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			fits := err == nil && n >= 0 && !math.IsInf(n, 0)
			switch {
			case fits && percent && v.Kind == Text && n <= 100:
				return runner.Threshold{Set: true, Value: n, Percent: true}, true
			case fits && !percent && (v.Kind == Number || changed) && n == math.Trunc(n):
				return runner.Threshold{Set: true, Value: n}, true
			}
			r.Expected(v, `a count of rows such as 100, or a percentage such as "5%"`)
			return runner.Threshold{}, false
		},
	}
}

// ListOf is a list; items that do not fit are left out.
func ListOf[V any](item Shape[V]) Shape[[]V] {
	return Shape[[]V]{
		Schema: &jsonschema.Schema{Type: "array", Items: item.Schema},
		Read: func(r *Reader, v *Value) ([]V, bool) {
			if v.Kind != List {
				r.Expected(v, "a list")
				return nil, false
			}
			out := make([]V, 0, len(v.Items))
			for _, i := range v.Items {
				if x, ok := item.Read(r, i); ok {
					out = append(out, x)
				}
			}
			return out, true
		},
	}
}

// OneOrMore is a list, or one item without the brackets.
func OneOrMore[V any](item Shape[V]) Shape[[]V] {
	many := ListOf(item)
	return Shape[[]V]{
		Schema: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{item.Schema, many.Schema}},
		Read: func(r *Reader, v *Value) ([]V, bool) {
			if v.Kind == List {
				return many.Read(r, v)
			}
			one, ok := item.Read(r, v)
			return []V{one}, ok
		},
	}
}

// At is a value and where it stands.
type At[V any] struct {
	V   V
	Pos runner.Position
}

// Located reads a shape and keeps its place.
func Located[V any](s Shape[V]) Shape[At[V]] {
	return Shape[At[V]]{Schema: s.Schema, Read: func(r *Reader, v *Value) (At[V], bool) {
		x, ok := s.Read(r, v)
		return At[V]{x, v.Pos}, ok
	}}
}

// Entry is one entry of a mapping whose keys are names.
type Entry[V any] struct {
	Name  string
	Pos   runner.Position // of the name
	Value V
}

// Named is a mapping from any names to values of one shape, in order. A name without a value is read from an empty
// mapping.
func Named[V any](item Shape[V]) Shape[[]Entry[V]] {
	return Shape[[]Entry[V]]{
		Schema: &jsonschema.Schema{Type: "object", AdditionalProperties: item.Schema},
		Read: func(r *Reader, v *Value) ([]Entry[V], bool) {
			if v.Kind != Map {
				r.Expected(v, "a mapping of names")
				return nil, false
			}
			out := make([]Entry[V], 0, len(v.Fields))
			for _, f := range v.Fields {
				value := f.Value
				if value.Kind == Null {
					value = &Value{Kind: Map, Pos: f.Pos}
				}
				if x, ok := item.Read(r, value); ok {
					out = append(out, Entry[V]{f.Key, f.Pos, x})
				}
			}
			return out, true
		},
	}
}

// Any is any value: nil, bool, int, float64, string, []any or map[string]any. Texts are evaluated if evaluate is set.
func Any(evaluate bool) Shape[any] {
	return Shape[any]{
		Schema: &jsonschema.Schema{},
		Read:   func(r *Reader, v *Value) (any, bool) { return r.any(v, evaluate) },
	}
}

// AnyMap is a mapping of names to any values.
func AnyMap(evaluate bool) Shape[map[string]any] {
	return Shape[map[string]any]{
		Schema: &jsonschema.Schema{Type: "object"},
		Read: func(r *Reader, v *Value) (map[string]any, bool) {
			if v.Kind != Map {
				r.Expected(v, "a mapping of names")
				return nil, false
			}
			m, ok := r.any(v, evaluate)
			out, _ := m.(map[string]any)
			return out, ok
		},
	}
}

func (r *Reader) any(v *Value, evaluate bool) (any, bool) {
	ok := true
	switch v.Kind {
	case Bool:
		return v.Text == "true", true
	case Number:
		return r.number(v)
	case Text:
		return r.anyText(v, evaluate), true
	case List:
		out := make([]any, len(v.Items))
		for i, item := range v.Items {
			x, fits := r.any(item, evaluate)
			out[i], ok = x, ok && fits
		}
		return out, ok
	case Map:
		out := make(map[string]any, len(v.Fields))
		for _, f := range v.Fields {
			x, fits := r.any(f.Value, evaluate)
			out[f.Key], ok = x, ok && fits
		}
		return out, ok
	}
	return nil, true
}

// anyText is a text as a value. A lenient reader takes what a template gives for the value it looks like, as dbt does.
func (r *Reader) anyText(v *Value, evaluate bool) any {
	if yes, known := yesNo[strings.ToLower(v.Text)]; known && r.lenient && v.Plain {
		return yes
	}
	if !evaluate {
		return v.Text
	}
	text, changed := r.rendered(v)
	if !changed || !r.lenient {
		return text
	}
	switch text {
	case "True", "true":
		return true
	case "False", "false":
		return false
	case "None":
		return nil
	}
	if n, err := strconv.Atoi(text); err == nil && strconv.Itoa(n) == text {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && strings.Contains(text, ".") && isDigits(strings.ReplaceAll(text, ".", "")) {
		return f
	}
	return text
}

// number refuses what YAML reads as another number than people do.
func (r *Reader) number(v *Value) (any, bool) {
	if r.lenient {
		return lenientNumber(v.Text), true
	}
	digits := strings.TrimLeft(v.Text, "+-")
	if len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0123456789") == "" {
		r.Fail(v.Pos, `write "`+v.Text+`" in quotes to keep the zeros`, "the number %s begins with a zero", v.Text)
		return nil, false
	}
	text := strings.ReplaceAll(v.Text, "_", "")
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return int(n), true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		r.Fail(v.Pos, `write it in quotes if it is an id or a code`, "the number %s cannot be kept exactly", v.Text)
		return nil, false
	}
	if isDigits(digits) {
		r.Fail(v.Pos, `write "`+v.Text+`" in quotes`, "the number %s cannot be kept exactly", v.Text)
		return nil, false
	}
	return f, true
}

// lenientNumber is a number as YAML 1.1 reads it, with zeros in front as octal; else the text.
func lenientNumber(text string) any {
	plain := strings.ReplaceAll(text, "_", "")
	if n, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return int(n)
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil && !isDigits(plain) && !math.IsInf(f, 0) && !math.IsNaN(f) {
		return f
	}
	return text
}

func isDigits(text string) bool { return strings.Trim(text, "0123456789_") == "" }
