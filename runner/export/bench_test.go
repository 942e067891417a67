package export_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/engine/duckdb"
	"elt/runner/export"
)

// wide makes rows like those of marketing_analytics.
const wide = `select
  'C' || cast(100 + i %% 200 as varchar) as client_id,
  date '2024-12-01' + cast(i %% 365 as integer) as date,
  case i %% 4 when 0 then 'google_ads' when 1 then 'facebook_ads' when 2 then 'email_campaigns' else 'web_traffic' end as platform,
  'G' || cast(i %% 1000 as varchar) as campaign_id,
  case i %% 3 when 0 then 'mobile' when 1 then 'desktop' else 'Unknown' end as device_type,
  case i %% 5 when 0 then 'US' when 1 then 'DE' else 'Unknown' end as geo,
  cast(i * 7919 %% 1009 as bigint) as clicks, cast(i * 7919 %% 50021 as bigint) as impressions,
  cast(i * 31 %% 100003 / 100.0 as decimal(18, 2)) as spend_usd, cast(i * 13 %% 5003 as bigint) as emails_sent,
  cast(i * 17 %% 1000 as double) / 1000 as open_rate, cast(i * 19 %% 1000 as double) / 1000 as click_rate,
  case when i %% 4 = 2 then 'Subject number ' || cast(i %% 50 as varchar) || ' for you' else 'Unknown' end as subject_line,
  cast(i %% 907 as bigint) as pageviews, cast(i %% 401 as bigint) as sessions, cast(i * 23 %% 1000 as double) / 1000 as bounce_rate,
  cast(i %% 600 as bigint) as avg_session_duration_seconds, 'Unknown' as platform_detail,
  'Client number ' || cast(100 + i %% 200 as varchar) as name, 'Retail' as industry, 'Manager ' || cast(i %% 7 as varchar) as account_manager,
  date '2020-01-01' + cast(i %% 1000 as integer) as signup_date,
  cast(i * 7 %% 1013 as double) / 13 as ctr, cast(i * 3 %% 1013 as double) / 17 as cpc_usd, cast(i * 5 %% 1013 as double) / 19 as cpm_usd,
  cast(i * 7919 %% 6011 as bigint) as total_interactions,
  cast(i * 37 %% 100003 / 100.0 as decimal(18, 2)) as a, cast(i * 41 %% 100003 / 100.0 as decimal(18, 2)) as b
from range(%d) as r(i)`

func BenchmarkWrite(b *testing.B) {
	const rows = 630_000
	db := open(b, duckdb.Config{Path: filepath.Join(b.TempDir(), "w.duckdb"), Threads: 2}, "create schema _elt",
		"create table _elt.wide__1 as "+fmt.Sprintf(wide, rows))
	for _, format := range []string{"sqlite", "parquet", "csv", "duckdb"} {
		b.Run(format, func(b *testing.B) {
			item := export.Item{
				Format: format, Path: filepath.Join(b.TempDir(), "wide"),
				Tables: []export.Table{table("wide", "client_id", "date", "platform", "campaign_id")},
			}
			for b.Loop() {
				w, err := export.Write(b.Context(), db, item, export.Temp(item.Path, runID))
				require.NoError(b, err)
				require.EqualValues(b, rows, w.Rows)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
