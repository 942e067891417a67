package jinja_test

import (
	"context"
	"errors"
	"testing"

	"elt/runner/jinja"
)

// FuzzRender holds that no template makes the engine panic, hang or return an error that is not an *Error, and that
// every byte of output has an origin.
func FuzzRender(f *testing.F) {
	for _, c := range loadCases(f) {
		f.Add(c.Template)
	}
	for _, src := range errorTemplates {
		f.Add(src)
	}
	env := dbtEnv(jinja.WithLimits(jinja.Limits{Output: 1 << 20, Iterations: 20_000, Depth: 60}),
		jinja.WithLoader(loaderOf(map[string]string{"m": "{% macro f(x) %}<{{ x }}>{% endmacro %}{% set v = 5 %}{{ s }}"})))
	f.Fuzz(func(t *testing.T, src string) {
		tmpl, err := env.Parse("fuzz", src)
		var out *jinja.Output
		if err == nil {
			for _, c := range tmpl.Calls() {
				_ = c.Name
			}
			for _, b := range tmpl.Blocks("") {
				_ = b.Body()
			}
			tmpl.Macros()
			out, err = tmpl.Render(context.Background(), caseVars())
		}
		if err != nil {
			var je *jinja.Error
			if !errors.As(err, &je) || je.Pos.Line < 1 || je.Pos.Col < 1 {
				t.Fatalf("not a placed error: %#v", err)
			}
			_ = je.Render()
			return
		}
		for i := 0; i < len(out.Text); i += max(1, len(out.Text)/16) {
			if o, ok := out.Map.At(i); !ok || o.Pos.Line < 1 {
				t.Fatalf("byte %d of %q has no origin", i, out.Text)
			}
		}
	})
}
