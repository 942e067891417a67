package artifact

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// contractSum is dbt's checksum of an enforced contract, over how Python prints its columns and constraints; nil where
// there is none.
func contractSum(model *runner.Model) *string {
	if !model.Config.Contract {
		return nil
	}
	columns := slices.Clone(model.Columns)
	slices.SortFunc(columns, func(a, b runner.Column) int { return cmp.Compare(a.Name, b.Name) })
	var b strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&b, "|%s%s%s", c.Name, cmp.Or(c.DataType, "None"), printed("ColumnLevelConstraint", c.Constraints))
	}
	if m := model.Config.Materialized; m == runner.Table || m == runner.Incremental {
		b.WriteString(string(m) + printed("ModelLevelConstraint", model.Constraints))
	}
	sum := sha256.Sum256([]byte(b.String()))
	text := hex.EncodeToString(sum[:])
	return &text
}

// printed is a list of constraints as Python prints objects of a class.
func printed(class string, constraints []runner.Constraint) string {
	text := func(s string) string {
		if s == "" {
			return "None"
		}
		return jinja.Repr(s)
	}
	list := func(all []string) string {
		texts := make([]string, len(all))
		for i, s := range all {
			texts[i] = jinja.Repr(s)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	out := make([]string, len(constraints))
	for i, c := range constraints {
		columns := ""
		if class == "ModelLevelConstraint" {
			columns = ", columns=" + list(c.Columns)
		}
		out[i] = fmt.Sprintf("%s(type=<ConstraintType.%s: '%s'>, name=%s, expression=%s, warn_unenforced=True, warn_unsupported=True, to=%s, to_columns=%s%s)",
			class, c.Type, c.Type, text(c.Name), text(c.Expression), text(c.To), list(c.ToColumns), columns)
	}
	return "[" + strings.Join(out, ", ") + "]"
}
