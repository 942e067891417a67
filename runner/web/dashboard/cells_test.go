package dashboard

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elt/runner/engine/duckdb"
)

// TestMemoryAndSnapshotAgree holds the two ways to answer against each other, on odd rows and filters drawn at random.
func TestMemoryAndSnapshotAgree(t *testing.T) {
	db, err := duckdb.Open(t.Context(), duckdb.Config{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Exec(t.Context(), "select setseed(0.5)", `create table marketing_analytics as
		select
			case cast(random() * 9 as int) when 0 then null when 1 then 'it''s' else 'C' || cast(random() * 5 as int) end as client_id,
			'n' as name,
			date '2024-02-20' + cast(random() * 40 as int) as date,
			['google_ads', 'facebook_ads', 'email_campaigns', 'Ä', null][1 + cast(floor(random() * 5) as int)] as platform,
			'x' as campaign_id,
			cast(random() * 50 as bigint) as clicks,
			case when random() < 0.1 then null else cast(random() * 900 as bigint) end as impressions,
			cast(random() * 200 - 50 as decimal(18, 2)) as spend_usd,
			cast(random() * 50 as bigint) as emails_sent, cast(random() * 50 as bigint) as sessions, cast(random() * 50 as bigint) as pageviews,
			cast(random() * 1000 - 100 as decimal(18, 2)) as attributed_revenue_from_source_usd
		from range(3000)`))
	known, err := readFacts(t.Context(), db)
	require.NoError(t, err)
	require.NotNil(t, known.cells)
	day := rapid.Custom(func(t *rapid.T) string {
		return time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 80).Draw(t, "day")).Format(time.DateOnly)
	})
	rapid.Check(t, func(r *rapid.T) {
		from, to := day.Draw(r, "from"), day.Draw(r, "to")
		if from > to {
			from, to = to, from
		}
		p, err := Filter{
			Clients:   rapid.SliceOfN(rapid.SampledFrom([]string{"C0", "C3", "it's", "nobody", ""}), 0, 3).Draw(r, "clients"),
			Platforms: rapid.SliceOfN(rapid.SampledFrom([]string{"google_ads", "Ä", "nothing"}), 0, 2).Draw(r, "platforms"),
			From:      from, To: to, Grain: rapid.SampledFrom([]string{"day", "week", "month"}).Draw(r, "grain"),
			Compare: rapid.SampledFrom([]string{"previous", "none"}).Draw(r, "compare"),
		}.plan(known.choices)
		require.NoError(r, err)
		want, err := readCube(t.Context(), db, known.analytics, p)
		require.NoError(r, err)
		require.Equal(r, want, known.cells.cube(p), fmt.Sprint(p))
	})
}

func TestTooManyCellsAreNotKept(t *testing.T) {
	db, err := duckdb.Open(t.Context(), duckdb.Config{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	c, err := readCells(t.Context(), db, "nothing", Choices{MinDate: "0001-01-01", MaxDate: "9999-12-31", Clients: make([]Client, 10), Platforms: []string{"a"}})
	require.NoError(t, err)
	require.Nil(t, c)
}
