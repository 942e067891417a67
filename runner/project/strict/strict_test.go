package strict

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
)

// read reads a text as a shape and gives the value and the errors.
func read[V any](t *testing.T, shape Shape[V], text string, render Render) (V, []string) {
	t.Helper()
	r := NewReader("f.yml", text, render)
	root := r.Parse()
	var out V
	if root != nil {
		out, _ = shape.Read(r, root)
	}
	var messages []string
	for _, e := range r.Errors() {
		messages = append(messages, e.Error())
	}
	return out, messages
}

func TestAny(t *testing.T) {
	tests := []struct {
		text string
		want any
	}{
		{"12", 12},
		{"-3", -3},
		{"0", 0},
		{"0x1F", 31},
		{"1_000", 1000},
		{"1.50", 1.5},
		{"-0.5", -0.5},
		{"1e3", "1e3"}, // an id more often than a number
		{"true", true},
		{"yes", "yes"},
		{"off", "off"},
		{"2024-12-01", "2024-12-01"},
		{"12:30", "12:30"},
		{`"007"`, "007"},
		{"1.2.3", "1.2.3"},
		{"[1, a, null]", []any{1, "a", nil}},
		{"{a: {b: ~}}", map[string]any{"a": map[string]any{"b": nil}}},
		{"|\n  two\n  lines\n", "two\nlines\n"},
		{">\n  one\n  line", "one line"},
		{"a: &x [1]\nb: *x", map[string]any{"a": []any{1}, "b": []any{1}}},
		{"a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3", map[string]any{"a": map[string]any{"k": 1, "l": 2}, "b": map[string]any{"k": 1, "l": 3}}},
		{"a: &x {k: 1}\nb: &y {m: 2}\nc: {<<: [*x, *y]}", map[string]any{
			"a": map[string]any{"k": 1}, "b": map[string]any{"m": 2}, "c": map[string]any{"k": 1, "m": 2},
		}},
		{"!!str 12", "12"},
		{"? a\n: b", map[string]any{"a": "b"}},
		{"1: a\ntrue: b", map[string]any{"1": "a", "true": "b"}},
		{"\"a\\tb\"", "a\tb"},
	}
	for _, tt := range tests {
		got, errs := read(t, Any(false), tt.text, nil)
		require.Empty(t, errs, tt.text)
		require.Equal(t, tt.want, got, tt.text)
	}
}

func TestAnyRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"007", "f.yml:1:1: the number 007 begins with a zero"},
		{"12345678901234567890", "f.yml:1:1: the number 12345678901234567890 cannot be kept exactly"},
		{".inf", "f.yml:1:1: the number .inf cannot be kept exactly"},
		{".nan", "f.yml:1:1: the number .nan cannot be kept exactly"},
		{"[!wild x]", "f.yml:1:2: the tag !wild is not understood"},
		{"*nobody", "f.yml:1:1: no anchor &nobody stands before this alias"},
		{"a: *|-\n  0\n  0", `f.yml:1:4: no anchor &|-\n  0\n  0 stands before this alias`},
	}
	for _, tt := range tests {
		_, errs := read(t, Any(false), tt.text, nil)
		require.Equal(t, []string{tt.want}, errs, tt.text)
	}
}

func TestEvaluatedTexts(t *testing.T) {
	render := func(text string, pos runner.Position) (string, error) {
		if strings.Contains(text, "bad") {
			return "", errors.New("no such thing")
		}
		if strings.Contains(text, "known") {
			return "", &runner.Error{Code: runner.CodeConfig, Pos: pos, Msg: "there is no var x", Hint: "set it"}
		}
		return strings.NewReplacer("{{ n }}", "7", "{{ t }}", "True", "{{ w }}", "warn", "{{ s }}", "5 %").Replace(text), nil
	}
	n, errs := read(t, Count(0), `"{{ n }}"`, render)
	require.Empty(t, errs)
	require.Equal(t, 7, n)
	b, errs := read(t, Boolean(), `"{{ t }}"`, render)
	require.Empty(t, errs)
	require.True(t, b)
	w, errs := read(t, Choice("error", "warn"), `"{{ w }}"`, render)
	require.Empty(t, errs)
	require.Equal(t, "warn", w)
	s, errs := read(t, Share(), `"{{ s }}"`, render)
	require.Empty(t, errs)
	require.Equal(t, runner.Threshold{Set: true, Value: 5, Percent: true}, s)
	raw, errs := read(t, Raw(), `"{{ bad }}"`, render)
	require.Empty(t, errs)
	require.Equal(t, "{{ bad }}", raw)
	all, errs := read(t, Any(true), `{a: "{{ n }}", b: "x{{ n }}"}`, render)
	require.Empty(t, errs)
	require.Equal(t, map[string]any{"a": "7", "b": "x7"}, all)

	_, errs = read(t, Count(0), `"{{ bad }}"`, render)
	require.Equal(t, []string{"f.yml:1:1: cannot evaluate this text: no such thing"}, errs, "one error is enough")
	_, errs = read(t, Count(0), `"{{ known }}"`, render)
	require.Equal(t, []string{"f.yml:1:1: there is no var x"}, errs)
	_, errs = read(t, Count(8), `"{{ n }}"`, render)
	require.Equal(t, []string{`f.yml:1:1: expected a whole number from 8 up, found the text "7"`}, errs)
}

func TestParseOfNothing(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# only a comment\n", "---\n", "--- # x\n...\n", "~", "\ufeff"} {
		r := NewReader("f.yml", text, nil)
		require.Nil(t, r.Parse(), "%q", text)
		require.Empty(t, r.Errors(), "%q", text)
	}
}

func TestPositions(t *testing.T) {
	r := NewReader("f.yml", "\ufeffa: 1\r\n# é\r\nlist:\r\n  - \"x\"\r\n  - {k: 'v'}\r\n", nil)
	root := r.Parse()
	require.Empty(t, r.Errors())
	require.Equal(t, runner.Position{File: "f.yml", Line: 3, Col: 1}, root.Fields[1].Pos)
	list := root.Get("list")
	require.Equal(t, runner.Position{File: "f.yml", Line: 4, Col: 5}, list.Items[0].Pos)
	require.Equal(t, runner.Position{File: "f.yml", Line: 5, Col: 9}, list.Items[1].Get("k").Pos)
	require.Nil(t, list.Get("k"))
	require.Nil(t, (*Value)(nil).Get("k"))
}

func TestObjectOnTopOfDefaults(t *testing.T) {
	type thing struct {
		a, b string
	}
	keys := &Object[thing]{
		What: "a thing",
		Keys: []Key[thing]{
			FieldOf("a", "A.", String(), func(x *thing) *string { return &x.a }).Needed(),
			FieldOf("b", "B.", String(), func(x *thing) *string { return &x.b }).Or("bee"),
		},
	}
	shape := keys.ShapeFrom(func() thing { return thing{b: "kept"} })
	got, errs := read(t, shape, "{a: x, bee: }", nil)
	require.Empty(t, errs)
	require.Equal(t, thing{"x", "kept"}, got)
	_, errs = read(t, shape, "{c: x, bee: y, b: z}", nil)
	require.Equal(t, []string{
		`f.yml:1:2: a thing has no key "c"`,
		`f.yml:1:16: "bee" and "b" mean the same; keep one of them`,
		`f.yml:1:2: a thing needs the key "a"`,
	}, errs)
	_, errs = read(t, Named(shape), "{x: {a: 1}, y: }", nil)
	require.Equal(t, []string{
		`f.yml:1:9: a: expected text, found the number 1`,
		`f.yml:1:13: a thing needs the key "a"`,
	}, errs)
}

func TestLenient(t *testing.T) {
	lenient := func(text string) *Reader {
		r := NewReader("f.yml", text, func(string, runner.Position) (string, error) { return text[1:4], nil })
		r.SetLenient()
		return r
	}
	for text, want := range map[string]any{
		"yes": true, "Off": false, `"yes"`: "yes", "007": 7, "008": "008", "1_000": 1000, "1.5": 1.5, ".inf": ".inf",
		"12345678901234567890": "12345678901234567890", "{a: 1, a: 2}": map[string]any{"a": 2},
	} {
		r := lenient(text)
		got, ok := Any(false).Read(r, r.Parse())
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
		require.Empty(t, r.Errors())
	}
	r := lenient("{n: 3, odd: 1, on: no, when: 2024-01-01}")
	type thing struct {
		n    string
		on   bool
		when string
	}
	keys := &Object[thing]{What: "a thing", Keys: []Key[thing]{
		FieldOf("n", "", Where(String(), "a word", regexp.MustCompile("^[a-z]+$")), func(x *thing) *string { return &x.n }),
		FieldOf("on", "", Boolean(), func(x *thing) *bool { return &x.on }),
		FieldOf("when", "", String(), func(x *thing) *string { return &x.when }),
	}}
	got, ok := keys.Shape().Read(r, r.Parse())
	require.True(t, ok)
	require.Equal(t, thing{n: "3", when: "2024-01-01"}, got)
	require.Len(t, r.Warnings(), 1)
	require.EqualError(t, r.Warnings()[0], `f.yml:1:8: a thing has no key "odd"; it is passed over`)
}

func TestLenientTemplates(t *testing.T) {
	for result, want := range map[string]any{"True": true, "false": false, "None": nil, "12": 12, "-1": -1, "007": "007", "1.5": 1.5, "1.2.3": "1.2.3", "x": "x"} {
		r := NewReader("f.yml", `"{{ x }}"`, func(string, runner.Position) (string, error) { return result, nil })
		r.SetLenient()
		got, ok := Any(true).Read(r, r.Parse())
		require.True(t, ok)
		require.Equal(t, want, got, result)
	}
}
