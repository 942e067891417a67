package compile

import (
	"strings"

	"elt/runner"
	"elt/runner/compile/python"
	"elt/runner/jinja"
)

// exceptions is what dbt offers under that name: functions that stop with an error, and warn.
func (s *scope) exceptions() any {
	raise := func(code runner.Code, before string) jinja.Func {
		return func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("msg"), jinja.Optional("node", nil))
			if err != nil {
				return nil, err
			}
			e := compileError("%s", before+jinja.ToString(args[0]))
			e.Code = code
			return nil, e
		}
	}
	return python.Members{
		"raise_compiler_error":   raise(runner.CodeCompile, ""),
		"raise_not_implemented":  raise(runner.CodeCompile, "not implemented: "),
		"raise_database_error":   raise(runner.CodeModel, ""),
		"raise_dependency_error": raise(runner.CodeCompile, ""),
		"raise_fail_fast_error":  raise(runner.CodeModel, ""),
		"CompilationError":       raise(runner.CodeCompile, ""),
		"missing_config": named(func(args []string) string {
			return args[0] + " lacks the configuration " + args[1]
		}, "model", "name"),
		"missing_relation": named(func(args []string) string { return "the relation " + args[0] + " does not exist" }, "relation", ""),
		"relation_wrong_type": named(func(args []string) string {
			return "the relation " + args[0] + " should be a " + args[1]
		}, "relation", "expected_type", ""),
		"missing_materialization": named(func(args []string) string {
			return args[0] + " asks for a materialization that does not exist"
		}, "model", "adapter_type"),
		"column_type_missing": named(func(args []string) string {
			return "a contract needs the data_type of every column; missing: " + args[0]
		}, "column_names"),
		"raise_contract_error": named(func([]string) string {
			return "the columns of the query are not those of the contract"
		}, "yaml_columns", "sql_columns"),
		"warn": jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("msg"), jinja.Optional("node", nil))
			if err == nil {
				s.say("warning: " + jinja.ToString(args[0]))
			}
			return "", err
		}),
		"warn_snapshot_timestamp_data_types": silent(),
	}
}

// named is an error made of its arguments; a parameter without a name is one that is passed over.
func named(message func(args []string) string, params ...string) jinja.Func {
	return func(call *jinja.Call) (any, error) {
		specs := make([]jinja.ArgSpec, len(params))
		for i, p := range params {
			if specs[i] = jinja.Required(p); p == "" {
				specs[i] = jinja.Optional("model", nil)
			}
		}
		args, err := call.Bind(specs...)
		if err != nil {
			return nil, err
		}
		texts := make([]string, len(args))
		for i, arg := range args {
			texts[i] = jinja.ToString(arg)
			if d, ok := arg.(*jinja.Dict); ok { // a node
				if id, ok := d.Get("unique_id"); ok {
					texts[i] = jinja.ToString(id)
				}
			}
		}
		return nil, compileError("%s", strings.TrimSpace(message(texts)))
	}
}
