package compile

import (
	"crypto/md5" // dbt's local_md5; nothing is protected by it
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"elt/runner/compile/python"
	"elt/runner/jinja"
)

// converting is a function of a value, a default that it gives for what it cannot convert, and sort_keys.
func converting(call *jinja.Call, name string, sortKeys any, do func(v jinja.Value, sortKeys bool) (jinja.Value, error)) (any, error) {
	args, err := call.Bind(jinja.Required(name), jinja.Optional("default", nil), jinja.Optional("sort_keys", sortKeys))
	if err != nil {
		return nil, err
	}
	v, err := do(args[0], jinja.Truth(args[2]))
	if err != nil {
		return args[1], nil
	}
	return v, nil
}

func toJSON(call *jinja.Call) (any, error) {
	var failed error // what has no form in JSON is an error, whatever the default
	v, err := converting(call, "value", false, func(v jinja.Value, sorted bool) (jinja.Value, error) {
		text, err := python.ToJSON(v, sorted)
		if known := new(jinja.Error); errors.As(err, &known) && known.Kind == jinja.KindType {
			failed = err
		}
		return text, err
	})
	if failed != nil {
		return nil, failed
	}
	return v, err
}

func fromJSON(call *jinja.Call) (any, error) {
	return converting(call, "string", false, func(v jinja.Value, _ bool) (jinja.Value, error) { return python.FromJSON(jinja.ToString(v)) })
}

func toYAML(call *jinja.Call) (any, error) {
	return converting(call, "value", false, func(v jinja.Value, sorted bool) (jinja.Value, error) { return python.ToYAML(v, sorted) })
}

func fromYAML(call *jinja.Call) (any, error) {
	return converting(call, "value", false, func(v jinja.Value, _ bool) (jinja.Value, error) { return python.FromYAML(jinja.ToString(v)) })
}

func makeSet(call *jinja.Call) (any, error) {
	return converting(call, "value", false, func(v jinja.Value, _ bool) (jinja.Value, error) { return python.NewSet(v) })
}

func makeSetStrict(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("value"))
	if err != nil {
		return nil, err
	}
	return python.NewSet(args[0])
}

func zip(call *jinja.Call) (any, error) {
	otherwise, _ := call.Kwargs.Get("default")
	v, err := python.Zip(call.Args)
	if err != nil {
		return otherwise, nil
	}
	return v, nil
}

func zipStrict(call *jinja.Call) (any, error) { return python.Zip(call.Args) }

func localMD5(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("value"))
	if err != nil {
		return nil, err
	}
	sum := md5.Sum([]byte(jinja.ToString(args[0])))
	return hex.EncodeToString(sum[:]), nil
}

// diffOfTwoDicts gives, of a dict of lists, what the second one lacks. Letter case does not count.
func diffOfTwoDicts(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("dict_a"), jinja.Required("dict_b"))
	if err != nil {
		return nil, err
	}
	a, ok1 := args[0].(*jinja.Dict)
	b, ok2 := args[1].(*jinja.Dict)
	if !ok1 || !ok2 {
		return nil, compileError("diff_of_two_dicts takes two dicts of lists")
	}
	known := map[string]bool{}
	for _, key := range b.Keys() {
		values, _ := b.Get(key)
		items, err := jinja.Items(values)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			known[strings.ToLower(jinja.ToString(key))+"\x00"+strings.ToLower(jinja.ToString(item))] = true
		}
	}
	out := jinja.NewDict()
	for _, key := range a.Keys() {
		values, _ := a.Get(key)
		items, err := jinja.Items(values)
		if err != nil {
			return nil, err
		}
		left := jinja.NewList()
		for _, item := range items {
			if !known[strings.ToLower(jinja.ToString(key))+"\x00"+strings.ToLower(jinja.ToString(item))] {
				left.Items = append(left.Items, item)
			}
		}
		if len(left.Items) > 0 {
			out.Set(key, left)
		}
	}
	return out, nil
}

// The filters that dbt adds say what a rendered text is meant to be.

func identity(call *jinja.Call) (any, error) { return call.Args[0], nil }

func asBool(call *jinja.Call) (any, error) {
	switch strings.ToLower(strings.TrimSpace(jinja.ToString(call.Args[0]))) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return nil, compileError("as_bool: %s is neither true nor false", jinja.Repr(call.Args[0]))
}

func asNumber(call *jinja.Call) (any, error) {
	text := strings.TrimSpace(jinja.ToString(call.Args[0]))
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return nil, compileError("as_number: %s is no number", jinja.Repr(call.Args[0]))
	}
	return python.Number(text), nil
}

func asNative(call *jinja.Call) (any, error) {
	if text, ok := jinja.Str(call.Args[0]); ok {
		if v, err := python.FromJSON(text); err == nil {
			return v, nil
		}
	}
	return call.Args[0], nil
}
