package python

import (
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"elt/runner/jinja"
)

// FromYAML reads one YAML document; mappings keep their order.
func FromYAML(text string) (jinja.Value, error) {
	var v any
	if err := yaml.NewDecoder(strings.NewReader(text), yaml.UseOrderedMap()).Decode(&v); err != nil {
		if strings.TrimSpace(text) == "" {
			return nil, nil
		}
		return nil, err
	}
	return fromYAML(v), nil
}

func fromYAML(v any) jinja.Value {
	switch x := v.(type) {
	case yaml.MapSlice:
		d := jinja.NewDict()
		for _, item := range x {
			d.Set(fromYAML(item.Key), fromYAML(item.Value))
		}
		return d
	case map[string]any:
		return jinja.FromGo(x)
	case []any:
		list := jinja.NewList()
		for _, item := range x {
			list.Items = append(list.Items, fromYAML(item))
		}
		return list
	case time.Time:
		if x.Equal(NewDate(x).at) {
			return NewDate(x)
		}
		return NewNaive(x.UTC())
	}
	return jinja.FromGo(v)
}

// ToYAML writes a value as YAML in block style.
func ToYAML(v jinja.Value, sortKeys bool) (string, error) {
	plain, err := toYAML(v, sortKeys, 0)
	if err != nil {
		return "", err
	}
	out, err := yaml.MarshalWithOptions(plain, yaml.IndentSequence(false))
	return string(out), err
}

func toYAML(v jinja.Value, sortKeys bool, depth int) (any, error) {
	if depth > 100 {
		return nil, valueError("circular reference detected")
	}
	each := func(items []jinja.Value) (any, error) {
		out := make([]any, len(items))
		for i, x := range items {
			var err error
			if out[i], err = toYAML(x, sortKeys, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	switch x := v.(type) {
	case *jinja.List:
		return each(x.Items)
	case *jinja.Tuple:
		return each(x.Items)
	case *jinja.Dict:
		if sortKeys {
			return jinja.ToGo(x), nil
		}
		out := yaml.MapSlice{}
		for _, key := range x.Keys() {
			value, _ := x.Get(key)
			plain, err := toYAML(value, sortKeys, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, yaml.MapItem{Key: jinja.ToGo(key), Value: plain})
		}
		return out, nil
	case nil, bool, int, float64, string:
		return v, nil
	}
	return nil, typeError("%s has no form in YAML", jinja.Repr(v))
}
