package python

import (
	"fmt"
	"math"
	"strings"

	"elt/runner/jinja"
)

// Delta is Python's datetime.timedelta, in microseconds.
type Delta int64

const (
	second = 1_000_000
	day    = 86_400 * second
)

func deltaClass() *Class {
	return &Class{Name: "datetime.timedelta", Make: makeDelta}
}

func makeDelta(call *jinja.Call) (any, error) {
	units := []struct {
		name string
		size float64
	}{
		{"days", day},
		{"seconds", second},
		{"microseconds", 1},
		{"milliseconds", 1000},
		{"minutes", 60 * second},
		{"hours", 3600 * second},
		{"weeks", 7 * day},
	}
	params := make([]jinja.ArgSpec, len(units))
	for i, u := range units {
		params[i] = jinja.Optional(u.name, 0)
	}
	args, err := call.Bind(params...)
	if err != nil {
		return nil, err
	}
	var total float64
	for i, v := range args {
		n, err := number(units[i].name, v)
		if err != nil {
			return nil, err
		}
		total += n * units[i].size
	}
	if math.Abs(total) > 1<<62 {
		return nil, jinja.Errorf(jinja.KindOverflow, "timedelta: %v microseconds are too many", total)
	}
	return Delta(math.Round(total)), nil
}

// days splits as Python does: whole days rounded down, and the rest, which is never negative.
func (d Delta) days() (days int, rest int64) {
	days, rest = int(int64(d)/day), int64(d)%day
	if rest < 0 {
		days, rest = days-1, rest+day
	}
	return days, rest
}

// Attr implements jinja.Object.
func (d Delta) Attr(name string) (jinja.Value, bool) {
	days, rest := d.days()
	switch name {
	case "days":
		return days, true
	case "seconds":
		return int(rest / second), true
	case "microseconds":
		return int(rest % second), true
	case "total_seconds":
		return constant(float64(d) / second), true
	}
	return nil, false
}

// String prints as Python does: 1 day, 2:03:04.
func (d Delta) String() string {
	days, rest := d.days()
	text := fmt.Sprintf("%d:%02d:%02d", rest/(3600*second), rest/(60*second)%60, rest/second%60)
	if micro := rest % second; micro != 0 {
		text += fmt.Sprintf(".%06d", micro)
	}
	switch {
	case days == 1 || days == -1:
		return fmt.Sprintf("%d day, %s", days, text)
	case days != 0:
		return fmt.Sprintf("%d days, %s", days, text)
	}
	return text
}

// Repr implements jinja.Representer.
func (d Delta) Repr() string {
	days, rest := d.days()
	var parts []string
	for _, p := range []struct {
		name string
		n    int
	}{{"days", int(days)}, {"seconds", int(rest / second)}, {"microseconds", int(rest % second)}} {
		if p.n != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", p.name, p.n))
		}
	}
	if parts == nil {
		parts = []string{"0"}
	}
	return "datetime.timedelta(" + strings.Join(parts, ", ") + ")"
}

// TypeName implements jinja.Typed.
func (Delta) TypeName() string { return "datetime.timedelta" }

// Truth implements jinja.Truther.
func (d Delta) Truth() bool { return d != 0 }

// Hash implements jinja.Hashable.
func (d Delta) Hash() string { return d.String() }

// Equal implements jinja.Equaler.
func (d Delta) Equal(other jinja.Value) bool { return d == other }

// Compare implements jinja.Comparable.
func (d Delta) Compare(other jinja.Value) (int, bool) {
	o, ok := other.(Delta)
	switch {
	case d < o:
		return -1, ok
	case d > o:
		return 1, ok
	}
	return 0, ok
}

// Operate implements jinja.Operand.
func (d Delta) Operate(op string, other jinja.Value, reflected bool) (jinja.Value, bool) {
	if o, ok := other.(Delta); ok && !reflected {
		return d.withDelta(op, o)
	}
	var n float64
	switch o := other.(type) {
	case int:
		n = float64(o)
	case float64:
		n = o
	default:
		return nil, false
	}
	switch {
	case op == "*":
		return Delta(math.RoundToEven(float64(d) * n)), true
	case op == "/" && !reflected && n != 0:
		return Delta(math.RoundToEven(float64(d) / n)), true
	case op == "//" && !reflected && n != 0:
		return Delta(math.Floor(float64(d) / n)), true
	}
	return nil, false
}

func (d Delta) withDelta(op string, o Delta) (jinja.Value, bool) {
	switch {
	case op == "+":
		return d + o, true
	case op == "-":
		return d - o, true
	case o == 0:
		return nil, false
	case op == "/":
		return float64(d) / float64(o), true
	case op == "//":
		return int(math.Floor(float64(d) / float64(o))), true
	}
	return nil, false
}
