package expect

import (
	"fmt"
	"strings"

	"elt/runner"
)

// acceptedValues fails rows with a value outside a list. NULL passes. With quote: false the values go into the SQL as
// they stand. The query shows each wrong value with its number of rows; rows are counted, not values.
func acceptedValues(d *draft) form {
	values := d.scalars("values")
	if d.yes("quote", true) {
		for i, v := range values {
			values[i] = runner.Literal(v)
		}
	}
	predicate := fmt.Sprintf("%s not in (%s)", d.column(), strings.Join(values, ", "))
	f := d.rowsWhere(predicate, func(f found) string {
		return rowsOf(f, "an unexpected "+d.test.Column) + valuesOf(f)
	})
	f.query = d.perValue(predicate)
	f.count, f.order, f.kept = "coalesce(sum(n_records), 0)", "n_records desc", "value_field, n_records"
	return f
}

// perValue groups the failing rows by the tested column.
func (d *draft) perValue(predicate string) string {
	return fmt.Sprintf("select\n  %s,\n  count(*) as n_records\nfrom %s\nwhere %s\ngroup by %[1]s", d.column(), d.tested(), predicate)
}
