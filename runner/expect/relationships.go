package expect

import (
	"fmt"

	"elt/runner"
)

// relationships fails rows whose value is missing from a column of another relation. NULL passes. The query shows each
// missing value with its number of rows; as in dbt, rows are counted.
func relationships(d *draft) form {
	to, name := d.relation("to")
	field, _ := d.text("field")
	// qualified, for a field that the other relation lacks would be taken for one of the tested relation
	predicate := fmt.Sprintf("%s is not null\n  and %[1]s not in (select parent.%[2]s from %[3]s as parent where parent.%[2]s is not null)",
		d.column(), runner.Quote(field), to)
	return form{
		query:   d.perValue(predicate),
		count:   "coalesce(sum(n_records), 0)",
		order:   "n_records desc",
		kept:    "from_field, n_records",
		counted: true,
		say: func(f found) string {
			return rowsOf(f, fmt.Sprintf("a %s that is not in %s.%s", d.test.Column, name, field)) + valuesOf(f)
		},
	}
}
