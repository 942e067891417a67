package format_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/web/format"
)

func TestValue(t *testing.T) {
	for _, c := range []struct {
		n    float64
		unit format.Unit
		want string
	}{
		{0, format.Count, "0"},
		{1234567, format.Count, "1,234,567"},
		{-0.001, format.Count, "0.00"},
		{12.345, format.Count, "12.35"},
		{999.5, format.USD, "$999.50"},
		{-1234.5, format.USD, "−$1,234"},
		{2.405, format.Percent, "2.40%"},
	} {
		require.Equal(t, c.want, format.Value(c.n, c.unit), "%v %s", c.n, c.unit)
	}
}

func TestShort(t *testing.T) {
	require.Equal(t, "1.2M", format.Short(1_234_567, format.Count))
	require.Equal(t, "$340K", format.Short(340_000, format.USD))
	require.Equal(t, "−$2K", format.Short(-2000, format.USD))
	require.Equal(t, "0.5", format.Short(0.5, format.Count))
	require.Equal(t, "2.5%", format.Short(2.5, format.Percent))
}

func TestCellKnowsMoneyRatesAndNothing(t *testing.T) {
	require.Equal(t, "$1,234.50", format.Cell(json.Number("1234.5"), "total_spend", "DECIMAL(18,2)"))
	require.Equal(t, "38.70%", format.Cell(38.7, "share_of_spend_percent", "DOUBLE"))
	require.Equal(t, "4.51", format.Cell(4.506, "blended_roas", "DOUBLE"))
	require.Equal(t, "16,000", format.Cell(int64(16000), "clicks", "BIGINT"))
	require.Equal(t, "0017", format.Cell("0017", "campaign_id", "VARCHAR"))
	require.Equal(t, "–", format.Cell(nil, "clicks", "BIGINT"))
}

func TestWords(t *testing.T) {
	require.Equal(t, "Total spend", format.Words("total_spend"))
	require.Equal(t, "Daily CTR", format.Words("daily_ctr"))
	require.Equal(t, "Client ID", format.Words("client_id"))
}

func TestDayAndBytes(t *testing.T) {
	require.Equal(t, "1 Dec 2024", format.Day("2024-12-01", true))
	require.Equal(t, "1 Dec", format.Day("2024-12-01T10:00:00", false))
	require.Equal(t, "soon", format.Day("soon", true))
	require.Equal(t, "812 B", format.Bytes(812))
	require.Equal(t, "1.3 MB", format.Bytes(1_300_000))
}
