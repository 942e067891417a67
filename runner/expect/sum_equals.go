package expect

import (
	"fmt"
	"strings"

	"elt/runner"
)

// sumEquals fails groups in which the sum over the tested relation differs from that over another one by more than
// tolerance, which is 0. Without group_by all rows are one group. A group that one side lacks counts as 0 there; NULLs
// are a group like any other. Decimals and integers are compared exactly; sums of doubles depend on the order of
// addition and want a tolerance. where filters the tested relation alone.
func sumEquals(d *draft) form {
	mine, mineSaid := d.summand("column", "expression", d.test.Column)
	theirs, theirsSaid := d.summand("to_column", "to_expression", mineSaid)
	to, name := d.relation("to")
	groups := d.texts("group_by")
	tolerance, ok := d.number("tolerance")
	switch {
	case !ok:
		tolerance = "0"
	case strings.HasPrefix(tolerance, "-"):
		d.fail("tolerance is negative", "")
	}
	var list string
	for _, g := range groups {
		list += runner.Quote(g) + ", "
	}
	groupBy := ""
	if list != "" {
		groupBy = " group by " + strings.TrimSuffix(list, ", ")
	}
	return form{
		query: fmt.Sprintf(`select %[1]ssum_here, sum_there, coalesce(sum_here, 0) - coalesce(sum_there, 0) as difference
from (
  select %[1]ssum(here) as sum_here, sum(there) as sum_there
  from (
    select %[1]ssum(%[2]s) as here, null as there from %[3]s%[6]s
    union all
    select %[1]snull as here, sum(%[4]s) as there from %[5]s%[6]s
  ) as sides%[6]s
) as sums
where abs(coalesce(sum_here, 0) - coalesce(sum_there, 0)) > %[7]s`, list, mine, d.tested(), theirs, to, groupBy, tolerance),
		order: "abs(coalesce(sum_here, 0) - coalesce(sum_there, 0)) desc",
		say: func(f found) string {
			at := len(groups)
			sums := fmt.Sprintf("%s against %s, difference %s", f.cell(0, at), f.cell(0, at+1), f.cell(0, at+2))
			if at == 0 {
				return fmt.Sprintf("sum of %s differs from %s in %s: %s", mineSaid, theirsSaid, name, sums)
			}
			return fmt.Sprintf("sum of %s differs from %s in %s in %s; largest: %s: %s", mineSaid, theirsSaid, name,
				plural(f.count, "group", "groups"), strings.Join(f.cells(0, at), ", "), sums)
		},
	}
}

// summand is what is summed: a column, or an expression in the engine's SQL, as SQL and as said to people.
func (d *draft) summand(columnArg, expressionArg, otherwise string) (sql, said string) {
	column, isColumn := d.optionalText(columnArg)
	expression, isExpression := d.optionalText(expressionArg)
	switch {
	case isColumn && isExpression:
		d.fail(fmt.Sprintf("%q and %q exclude each other", columnArg, expressionArg), "")
	case columnArg == "column" && d.test.Column != "" && (isColumn || isExpression):
		d.fail(fmt.Sprintf("below a column, %q is that column", columnArg), "put the test below the model instead")
	case isExpression:
		return expression, oneLine(expression)
	case isColumn:
		return runner.Quote(column), column
	case otherwise == "":
		d.fail(fmt.Sprintf("needs %q or %q", columnArg, expressionArg), "")
	case columnArg == "to_column" && d.test.Args["expression"] != nil:
		d.fail(`needs "to_column" or "to_expression"`, `an "expression" does not say what to sum in the other relation`)
	}
	return runner.Quote(otherwise), otherwise
}
