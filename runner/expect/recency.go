package expect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"elt/runner"
)

// recency fails a relation whose newest value of a date or timestamp is older than an interval before now. Times are
// UTC. A relation without any value fails too: nothing in it is recent (dbt_utils lets it pass).
func recency(d *draft) form {
	field := d.test.Column
	if field == "" {
		field, _ = d.text("field")
	} else if _, both := d.optionalText("field"); both {
		d.fail(`below a column, "field" is that column`, `leave "field" out`)
	}
	part, _ := d.text("datepart")
	interval, ok := d.count("interval")
	if !ok && len(d.errs) == 0 {
		d.fail(`argument "interval" is missing`, "")
	}
	if parts := dateparts(); part != "" && !slices.Contains(parts, part) {
		d.fail(fmt.Sprintf("unknown datepart %q", part), "it is one of "+strings.Join(parts, ", "))
	}
	limit := before(d.on.Now.UTC(), part, int(interval)).Format("2006-01-02 15:04:05")
	value := fmt.Sprintf("cast(%s as timestamp)", runner.Quote(field))
	return form{
		query: fmt.Sprintf("select newest, cast('%s' as timestamp) as expected_after\n"+
			"from (select max(%s) as newest from %s) as latest\nwhere newest is null or newest < cast('%[1]s' as timestamp)",
			limit, value, d.tested()),
		fold:     fmt.Sprintf("case when max(%s) >= cast('%s' as timestamp) then 0 else 1 end", d.onlyTested(value), limit),
		exact:    true,
		volatile: true,
		say: func(f found) string {
			if f.cell(0, 0) == null {
				return "no " + field + " at all, expected one of the last " + plural(interval, part, part+"s")
			}
			return fmt.Sprintf("newest %s is %s, older than %s", field, f.cell(0, 0), plural(interval, part, part+"s"))
		},
	}
}

func dateparts() []string {
	return []string{"second", "minute", "hour", "day", "week", "month", "quarter", "year"}
}

// before subtracts n dateparts. As SQL does, a day that the month lacks becomes the month's last.
func before(now time.Time, part string, n int) time.Time {
	months := 0
	switch part {
	case "second":
		return now.Add(-time.Duration(n) * time.Second)
	case "minute":
		return now.Add(-time.Duration(n) * time.Minute)
	case "hour":
		return now.Add(-time.Duration(n) * time.Hour)
	case "day":
		return now.AddDate(0, 0, -n)
	case "week":
		return now.AddDate(0, 0, -7*n)
	case "month":
		months = n
	case "quarter":
		months = 3 * n
	case "year":
		months = 12 * n
	}
	first := now.AddDate(0, 0, 1-now.Day()).AddDate(0, -months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(now.Day(), last)-1)
}
