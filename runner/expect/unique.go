package expect

import "fmt"

// unique fails values that occur more than once. NULL passes. As in dbt, values are counted, not rows.
func unique(d *draft) form {
	column := d.column()
	value := d.onlyTested(column)
	return form{
		query:   d.perValue(column+" is not null") + "\nhaving count(*) > 1",
		order:   "n_records desc",
		kept:    "unique_field, n_records",
		counted: true,
		fold:    fmt.Sprintf("count(%s) - count(distinct %s)", value, value),
		say: func(f found) string {
			verb := plural(f.count, "value of "+d.test.Column+" occurs", "values of "+d.test.Column+" occur")
			return verb + " more than once" + valuesOf(f)
		},
	}
}
