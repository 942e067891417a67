package expect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The readers below give an argument in the type a kind wants. Each notes an error on the draft for a missing or wrong
// one and reports whether the value is there.

// text is a required, non-empty string.
func (d *draft) text(name string) (string, bool) {
	if d.test.Args[name] == nil {
		d.fail(fmt.Sprintf("argument %q is missing", name), "")
		return "", false
	}
	return d.optionalText(name)
}

// optionalText is a string that may be left out.
func (d *draft) optionalText(name string) (string, bool) {
	switch v := d.test.Args[name].(type) {
	case nil:
		return "", false
	case string:
		if v = strings.TrimSpace(v); v != "" {
			return v, true
		}
		d.fail(fmt.Sprintf("argument %q is empty", name), "")
	default:
		d.wrong(name, "a text", v)
	}
	return "", false
}

// number is a number that may be left out, as SQL writes it.
func (d *draft) number(name string) (string, bool) {
	v := d.test.Args[name]
	if v == nil {
		return "", false
	}
	if n, ok := integer(v); ok {
		return strconv.FormatInt(n, 10), true
	}
	if f, ok := v.(float64); ok && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'f', -1, 64), true
	}
	d.wrong(name, "a number", v)
	return "", false
}

// count is a whole number, not negative, that may be left out.
func (d *draft) count(name string) (int64, bool) {
	v := d.test.Args[name]
	if v == nil {
		return 0, false
	}
	n, ok := integer(v)
	switch {
	case !ok:
		d.wrong(name, "a whole number", v)
		return 0, false
	case n < 0:
		d.fail(fmt.Sprintf("argument %q is negative: %d", name, n), "")
		return 0, false
	}
	return n, true
}

// yes is a boolean, otherwise if left out.
func (d *draft) yes(name string, otherwise bool) bool {
	switch v := d.test.Args[name].(type) {
	case nil:
	case bool:
		return v
	default:
		d.wrong(name, "true or false", v)
	}
	return otherwise
}

// texts is a list of strings, or one string, that may be left out.
func (d *draft) texts(name string) []string {
	switch v := d.test.Args[name].(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []any:
		out := make([]string, 0, len(v))
		for _, item := range v {
			text, ok := item.(string)
			if !ok || text == "" {
				d.wrong(name, "a list of texts", item)
				return nil
			}
			out = append(out, text)
		}
		return out
	default:
		d.wrong(name, "a list of texts", v)
		return nil
	}
}

// scalars is a required list of texts, numbers and booleans, as text.
func (d *draft) scalars(name string) []string {
	list, ok := d.test.Args[name].([]any)
	switch {
	case d.test.Args[name] == nil:
		d.fail(fmt.Sprintf("argument %q is missing", name), "")
		return nil
	case !ok:
		d.wrong(name, "a list", d.test.Args[name])
		return nil
	case len(list) == 0:
		d.fail(fmt.Sprintf("argument %q is an empty list", name), "")
		return nil
	}
	out := make([]string, 0, len(list))
	for _, item := range list {
		text, ok := scalar(item)
		if !ok {
			d.wrong(name, "a list of texts and numbers", item)
			return nil
		}
		out = append(out, text)
	}
	return out
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	n, ok := integer(v)
	return strconv.FormatInt(n, 10), ok
}

// integer is any of the types that YAML and JSON readers use for whole numbers.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return 0, false
}

func (d *draft) wrong(name, want string, got any) {
	d.fail(fmt.Sprintf("argument %q: expected %s, got %s", name, want, shown(got)), "")
}

func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return strconv.Quote(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	default:
		return fmt.Sprint(v)
	}
}
