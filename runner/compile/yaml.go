package compile

import (
	"context"

	"github.com/goccy/go-yaml"

	"elt/runner"
	"elt/runner/jinja"
)

// YAMLRenderer gives a function that renders the templates in YAML files, which may use var and env_var. It is safe for
// concurrent use; its errors are *runner.Error at the position given.
func YAMLRenderer(lookupEnv func(string) (string, bool)) func(string, map[string]any, runner.Position) (string, error) {
	env := jinja.New(jinja.WithStrictUndefined())
	return func(text string, vars map[string]any, pos runner.Position) (string, error) {
		t, err := env.Parse(pos.File, text)
		if err == nil {
			s := &scope{c: &Compiler{project: &runner.Project{Vars: vars}, options: Options{LookupEnv: lookupEnv}}}
			var out *jinja.Output
			out, err = t.Render(context.Background(), jinja.Vars{"var": jinja.Func(s.variable), "env_var": jinja.Func(s.envVar)})
			if err == nil {
				return out.Text, nil
			}
		}
		e := templateError(err)
		e.Code, e.Pos, e.Excerpt = runner.CodeConfig, pos, ""
		return "", e
	}
}

// ParseVars reads the variables of a command line: a YAML mapping.
func ParseVars(text string) (map[string]any, error) {
	var vars map[string]any
	if err := yaml.Unmarshal([]byte(text), &vars); err != nil {
		return nil, err
	}
	return vars, nil
}
