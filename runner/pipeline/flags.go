package pipeline

import "strings"

// which is what dbt calls the command, for flags.WHICH.
func (o Options) which() string {
	words := strings.Fields(o.Command)
	if len(words) < 2 {
		return ""
	}
	if last := words[len(words)-1]; last != "ls" { // of `source freshness` dbt says the second word, too
		return last
	}
	return "list"
}

// flags are the options as templates see them in flags and in invocation_args_dict, by dbt's names.
func (o Options) flags() map[string]any {
	list := func(texts []string) []any {
		out := make([]any, len(texts))
		for i, text := range texts {
			out[i] = text
		}
		return out
	}
	vars := o.Vars
	if vars == nil {
		vars = map[string]any{}
	}
	orNone := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	return map[string]any{
		"which": o.which(), "select": list(o.Select), "exclude": list(o.Exclude), "selector": orNone(o.Selector), "vars": vars,
		"target": orNone(o.Target), "full_refresh": o.FullRefresh, "store_failures": o.StoreFailures, "warn_error": o.WarnError,
		"defer": o.Defer, "state": orNone(o.StateDir), "project_dir": o.Dir,
		"invocation_command": strings.TrimSpace("elt " + strings.Join(o.Args, " ")),
	}
}
