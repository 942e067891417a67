package cell_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/ingest/cell"
)

func TestValues(t *testing.T) {
	for _, c := range []struct{ kind, text, want string }{
		{"double", "−5", "-5"},
		{"double", "$ 1'234.5", "1234.5"},
		{"double", "£ 1'234.5", "!expected a number or an amount in dollars; convert other currencies first, or take their sign off"},
		{"double", "1\u00a0234,5", "!the comma is neither a decimal mark nor parts thousands; if it is the decimal mark, declare `decimal: \",\"`"},
		{"double", "1.234", "1.234"},
		{"double", "1.234.567", "1234567"},
		{"double", "-$1,005.50", "-1005.5"},
		{"double", "$-5", "-5"},
		{"double", "-0.0", "-0"},
		{"double", "1e400", "!expected a number below 1.8e308"},
		{"double", "1.7e308", "17" + zeros(307)},
		{"double", "-1e-500", "-0"},
		{"double", "1..2", "!expected a number such as 1234.56"},
		{"double", "12,3,4.5", "!expected a number such as 1234.56"},
		{"double", "%", "!expected a number such as 1234.56"},
		{"double", "0,123.5", "!expected a number such as 1234.56"},
		{"decimal(4,2)", "99.995", "!expected at most 2 digits before the decimal mark (decimal(4,2))"},
		{"decimal(4,2)", "99.994", "99.994"},
		{"decimal(4,2)", "0e99", "0"},
		{"decimal(2,2)", "0.999", "!expected at most 0 digits before the decimal mark (decimal(2,2))"},
		{"bigint", "-9223372036854775808", "-9223372036854775808"},
		{"bigint", "50%", "!expected a whole number"},
		{"bigint", "00", "0"},
		{"timestamp", "2024-12-01 10:00:00.1234567", "2024-12-01 10:00:00.123456"},
		{"timestamp", "2024-12-01 10:00 UTC", "2024-12-01 10:00:00"},
		{"timestamp", "2024-12-01 10:00+0530", "2024-12-01 04:30:00"},
		{"timestamp", "0001-01-01 00:00+01", "!expected a year from 1 to 9999"},
		{"timestamp", "2024-12-01 10", "!expected a timestamp such as 2024-12-31 23:59:59"},
		{"date", "45292", "!expected a date such as 2024-12-31"},
		{"boolean", " Yes ", "true"},
		{"varchar", " - ", " - "},
		{"bigint", " #DIV/0! ", "∅"},
	} {
		plain, null, reason := reader(t, c.kind, cell.Options{}).Append(nil, []byte(c.text))
		got := string(plain)
		if null {
			got = "∅"
		}
		if reason != "" {
			got = "!" + reason
		}
		require.Equal(t, c.want, got, "%s of %q", c.kind, c.text)
	}
}

func zeros(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = '0'
	}
	return string(out)
}

func TestDateFormats(t *testing.T) {
	for _, c := range [][3]string{
		{"%d.%m.%y", "31.12.24", "2024-12-31 00:00:00"},
		{"%d.%m.%y", "31.12.69", "1969-12-31 00:00:00"},
		{"%A, %B %-d, %Y", "Tuesday, december 3, 2024", "2024-12-03 00:00:00"},
		{"%a %b %e %Y", "Tue Dec  3 2024", "2024-12-03 00:00:00"},
		{"%m/%d/%Y %I:%M:%S.%f %p", "12/31/2024 12:05:09.5 am", "2024-12-31 00:05:09.5"},
		{"%Y%m%d%H%M%S%z", "20241231235959+0100", "2024-12-31 22:59:59"},
		{"%d%%%m%%%Y", "1%2%2024", "2024-02-01 00:00:00"},
		{"%m/%d/%Y %I:%M %p", "12/31/2024 13:00 pm", ""},
		{"%d/%m/%Y", "31/12/2024 ", "2024-12-31 00:00:00"},
		{"%d/%m/%Y", "31/12/20245", ""},
	} {
		plain, _, reason := reader(t, "timestamp", cell.Options{DateFormats: []string{c[0]}}).Append(nil, []byte(c[1]))
		require.Equal(t, c[2] == "", reason != "", "%s of %q: %s", c[0], c[1], reason)
		require.Equal(t, c[2], string(plain), "%s of %q", c[0], c[1])
	}
	for text, want := range map[string]string{
		"%d/%m": "lacks the year", "%Y": "lacks the month", "%Y-%m": "lacks the day", "%Y-%q": "unknown directive", "%Y-%m-%d%": "unknown directive",
	} {
		require.ErrorContains(t, cell.CheckDateFormat(text), want)
	}
	require.NoError(t, cell.CheckDateFormat("%d/%m/%Y"))
}
