package expect

import (
	"fmt"
	"strings"
)

// rowCountBetween fails a relation with fewer rows than min or more than max; one of them may be left out.
func rowCountBetween(d *draft) form {
	low, hasLow := d.count("min")
	high, hasHigh := d.count("max")
	if !hasLow && !hasHigh && len(d.errs) == 0 {
		d.fail(`needs "min" or "max"`, "")
	}
	if hasLow && hasHigh && low > high {
		d.fail(fmt.Sprintf("min %d is above max %d", low, high), "")
	}
	outside := func(count string) string {
		var parts []string
		if hasLow {
			parts = append(parts, fmt.Sprintf("%s < %d", count, low))
		}
		if hasHigh {
			parts = append(parts, fmt.Sprintf("%s > %d", count, high))
		}
		return strings.Join(parts, " or ")
	}
	expected := "at least " + thousands(low)
	switch {
	case hasLow && hasHigh:
		expected = fmt.Sprintf("between %s and %s", thousands(low), thousands(high))
	case hasHigh:
		expected = "at most " + thousands(high)
	}
	return form{
		query: fmt.Sprintf("select row_count\nfrom (select count(*) as row_count from %s) as counted\nwhere %s",
			d.tested(), outside("row_count")),
		fold:  fmt.Sprintf("case when %s then 1 else 0 end", outside(d.countWhere(""))),
		exact: true,
		say: func(f found) string {
			return fmt.Sprintf("%s rows, expected %s", f.cell(0, 0), expected)
		},
	}
}
