package expect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Condition is a warn_if or error_if: an operator and a number of failures, or a percentage of the tested rows.
type Condition struct {
	Op      string // "!=", "=", ">", ">=", "<" or "<="
	Value   float64
	Percent bool
}

// ParseCondition reads conditions such as "!=0", "> 10" and ">5%". An empty text is dbt's default "!=0".
func ParseCondition(text string) (Condition, error) {
	rest := strings.TrimSpace(text)
	if rest == "" {
		return Condition{Op: "!="}, nil
	}
	var c Condition
	for _, op := range []string{"!=", "<>", ">=", "<=", "==", "=", ">", "<"} { // longest first
		if after, ok := strings.CutPrefix(rest, op); ok {
			c.Op, rest = op, strings.TrimSpace(after)
			break
		}
	}
	switch c.Op {
	case "":
		return Condition{}, fmt.Errorf("%q has no operator", text)
	case "<>":
		c.Op = "!="
	case "==":
		c.Op = "="
	}
	rest, c.Percent = strings.CutSuffix(rest, "%")
	rest = strings.TrimSpace(rest)
	value, err := strconv.ParseFloat(rest, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || strings.ContainsAny(rest, "xX_pP") {
		return Condition{}, fmt.Errorf("%q has no number after its operator", text)
	}
	if value < 0 {
		return Condition{}, fmt.Errorf("%q: the number is negative", text)
	}
	c.Value = value + 0 // -0 becomes 0
	return c, nil
}

// String is the condition as people write it, parseable again.
func (c Condition) String() string {
	text := c.Op + " " + strconv.FormatFloat(c.Value, 'f', -1, 64)
	if c.Percent {
		text += "%"
	}
	return text
}

// Holds tells whether count failures among total tested rows meet the condition. No row tested is 0 %.
func (c Condition) Holds(count, total int64) bool {
	have, want := float64(count), c.Value
	if c.Percent {
		have, want = have*100, want*float64(max(total, 0))
	}
	switch c.Op {
	case "=":
		return have == want
	case ">":
		return have > want
	case ">=":
		return have >= want
	case "<":
		return have < want
	case "<=":
		return have <= want
	default:
		return have != want
	}
}

// isDefault tells whether any failure counts.
func (c Condition) isDefault() bool { return c == Condition{Op: "!="} }
