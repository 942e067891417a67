package expect

import "strings"

// singular is a query of the user's: every row it returns is a failure. Generic tests written as macros end here too.
func singular(d *draft) form {
	query := d.on.SQL
	if d.public && d.on.ShowSQL != "" {
		query = d.on.ShowSQL
	}
	if query = strings.TrimRight(query, "; \t\r\n"); query == "" {
		d.fail("has no SQL", "write a query that returns the rows which are wrong")
	}
	if d.test.Type == "singular" && d.test.Where != "" {
		d.fail(`"where" has no relation to filter`, "put the condition into the query")
	}
	return form{query: query, total: "-1", say: func(f found) string {
		return plural(f.count, "row", "rows") + " returned, expected none"
	}}
}
