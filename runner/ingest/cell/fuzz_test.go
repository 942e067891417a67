package cell_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner/ingest/cell"
)

func reader(t testing.TB, text string, o cell.Options) *cell.Reader {
	kind, err := cell.Parse(text)
	require.NoError(t, err)
	r, err := cell.NewReader(kind, o)
	require.NoError(t, err)
	return r
}

// FuzzNumber holds that what is written plainly reads again as the same, and agrees with Go's own reading of plain numbers.
func FuzzNumber(f *testing.F) {
	for _, text := range []string{"1", "-1,234.50", "$5", "(3)", "1e3", "1.234,56", "1.000.000", "0.54%", "1_0", ".5", "1 000", "9e400", "-1e-400"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []string{"bigint", "decimal(18,2)", "double"} {
			for _, mark := range []string{".", ","} {
				r := reader(t, kind, cell.Options{Decimal: mark})
				plain, null, reason := r.Append([]byte("x"), []byte(text))
				if null || reason != "" {
					require.Equal(t, "x", string(plain))
					continue
				}
				value, ok := new(big.Rat).SetString(string(plain[1:]))
				require.True(t, ok, "%q gives %q", text, plain)
				if mark == "." && kind == "double" && strings.Trim(text, "0123456789.") == "" && strings.Count(text, ".") < 2 && len(text) < 300 {
					want, ok := new(big.Rat).SetString(text)
					require.True(t, ok && want.Cmp(value) == 0, "%q gives %q", text, plain)
				}
				if kind == "bigint" {
					_, err := strconv.ParseInt(string(plain[1:]), 10, 64)
					require.NoError(t, err)
				}
				again, null, reason := reader(t, kind, cell.Options{}).Append(nil, plain[1:])
				require.False(t, null || reason != "", "%q gives %q: %s", text, plain, reason)
				same, ok := new(big.Rat).SetString(string(again))
				require.True(t, ok && same.Cmp(value) == 0, "%q gives %q, which gives %q", text, plain, again)
			}
		}
	})
}

// FuzzMoment holds that dates exist, and that what is written plainly reads again as the same.
func FuzzMoment(f *testing.F) {
	for _, text := range []string{"2024-02-29", "2024-1-5T10:00Z", "31/12/2024", "Dec 31, 2024 11:59 pm", "20240105", "2024-12-01 10:00:00.123456789+05:30", "0001-01-01 00:00+15"} {
		f.Add(text, "%d/%m/%Y")
		f.Add(text, "%b %d, %Y %I:%M %p")
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		if cell.CheckDateFormat(format) != nil {
			format = "%d/%m/%Y"
		}
		for kind, layout := range map[string]string{"date": "2006-01-02", "timestamp": "2006-01-02 15:04:05.999999"} {
			plain, null, reason := reader(t, kind, cell.Options{DateFormats: []string{format}}).Append(nil, []byte(text))
			if null || reason != "" {
				continue
			}
			at, err := time.Parse(layout, string(plain))
			require.NoError(t, err)
			require.Equal(t, at.Format(layout), string(plain))
		}
	})
}

func FuzzDuration(f *testing.F) {
	for _, text := range []string{"26:00:00", "2:10", "1:75:00", "75", "0:0:0", "999999999999:59:59"} {
		f.Add(text)
	}
	r := reader(f, "duration", cell.Options{})
	f.Fuzz(func(t *testing.T, text string) {
		plain, null, reason := r.Append(nil, []byte(text))
		if null || reason != "" {
			return
		}
		n, err := strconv.ParseInt(string(plain), 10, 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, n, int64(0))
	})
}
