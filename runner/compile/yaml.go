package compile

import (
	"context"
	"sync"

	"github.com/goccy/go-yaml"

	"elt/runner"
	"elt/runner/jinja"
)

// YAMLRenderer gives a function that renders the templates in YAML files, which may use var, env_var, target and what else
// does not depend on a node; of the project it is given, name, vars and target count. It is safe for concurrent use; its
// errors are *runner.Error at the position given.
func YAMLRenderer(lookupEnv func(string) (string, bool)) func(string, *runner.Project, runner.Position) (string, error) {
	env := sync.OnceValue(newEnv)
	return func(text string, in *runner.Project, pos runner.Position) (string, error) {
		c := &Compiler{
			project: in, options: Options{LookupEnv: lookupEnv}, env: env(), members: baseMembers(),
			packages: map[string]*macroPackage{}, root: &macroPackage{}, builtin: &macroPackage{name: dbtName},
		}
		t, err := c.env.Parse(pos.File, text)
		if err == nil {
			s := c.newScope(context.Background(), c.operation(""), Render{})
			var out *jinja.Output
			if out, err = t.Render(s.ctx, s.home()); err == nil {
				return out.Text, nil
			}
		}
		e := c.templateError(err)
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
