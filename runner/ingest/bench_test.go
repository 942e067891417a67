package ingest_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine/duckdb"
	"elt/runner/ingest"
)

// large writes a file of so many rows; the line of the last one is made by last.
func large(b *testing.B, path, begin, end string, count int, row func(w *bufio.Writer, i int)) int64 {
	file, err := os.Create(path)
	require.NoError(b, err)
	w := bufio.NewWriterSize(file, 1<<20)
	_, _ = w.WriteString(begin)
	for i := range count {
		row(w, i)
	}
	_, _ = w.WriteString(end)
	require.NoError(b, w.Flush())
	info, err := file.Stat()
	require.NoError(b, err)
	require.NoError(b, file.Close())
	return info.Size()
}

func ads(w *bufio.Writer, i int) {
	fmt.Fprintf(w, "G%03d,C%d,2024-%02d-%02d,%d,%d,%d.%02d,%s,%s\n", i%500, 100+i%50, 1+i%12, 1+i%28, i%1000, i*7%100000, i%500, i%100,
		[]string{"mobile", "desktop", "tablet"}[i%3], []string{"US", "UK", "CA", "AU"}[i%4])
}

func social(w *bufio.Writer, i int) {
	fmt.Fprintf(w, "  {\"fb_campaign_id\": \"FB%03d\", \"client\": \"C%d\", \"date\": \"2024-%02d-%02d\", \"clicks\": %d, \"reach\": %d, \"spend\": %d.%02d, \"platform\": \"%s\", \"geo\": \"US\"},\n",
		i%500, 100+i%50, 1+i%12, 1+i%28, i%1000, i*7%100000, i%500, i%100, []string{"instagram", "facebook"}[i%2])
}

const adsHeader = "campaign_id,client_id,date,clicks,impressions,cost_usd,device_type,geo\n"

func adColumns() []string {
	return []string{
		"campaign_id varchar", "client_id varchar!", "date date!", "clicks bigint", "impressions bigint", "cost_usd decimal(18;2)", "device_type varchar", "geo varchar",
	}
}

// BenchmarkLoad compares, for 600,000 rows: what DuckDB needs at least, a flawless file, one that needs care, and JSON.
func BenchmarkLoad(b *testing.B) {
	const count = 600_000
	for _, c := range []struct {
		name, file, begin, end string
		row                    func(*bufio.Writer, int)
		columns                []string
	}{
		{"plain", "a.csv", adsHeader, "", ads, adColumns()},
		{"careful", "a.csv", adsHeader, "G1,C1,2024-12-01,5,6,$7,mobile,US\n", ads, adColumns()},
		{"json", "a.json", "[\n", "  {\"client\": \"C1\"}\n]\n", social, []string{
			"fb_campaign_id varchar", "client varchar!", "date date", "clicks bigint", "reach bigint", "spend decimal(18;2)", "platform varchar", "geo varchar",
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			k := newBench(b, c.file, c.columns...)
			disk(b, k)
			b.SetBytes(large(b, filepath.Join(k.dir, c.file), c.begin, c.end, count, c.row))
			m, err := k.scan()
			require.NoError(b, err)
			for b.Loop() {
				r, err := k.loadManifest(b.Context(), m)
				require.NoError(b, err)
				require.GreaterOrEqual(b, r.Rows, int64(count))
			}
			b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	b.Run("floor", func(b *testing.B) {
		k := newBench(b, "a.csv", adColumns()...)
		disk(b, k)
		b.SetBytes(large(b, filepath.Join(k.dir, "a.csv"), adsHeader, "", count, ads))
		for i := 0; b.Loop(); i++ {
			require.NoError(b, k.db.Exec(b.Context(), fmt.Sprintf("create table t%d as select * from read_csv(%s)", i, runner.Literal(filepath.Join(k.dir, "a.csv")))))
		}
		b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkClean is the careful reading alone.
func BenchmarkClean(b *testing.B) {
	const count = 600_000
	for _, c := range []struct {
		name, file, begin, end string
		row                    func(*bufio.Writer, int)
		columns                []string
	}{
		{"csv", "a.csv", adsHeader, "", ads, adColumns()},
		{"json", "a.json", "[\n", "  {\"client\": \"C1\"}\n]\n", social, []string{
			"fb_campaign_id varchar", "client varchar!", "date date", "clicks bigint", "reach bigint", "spend decimal(18;2)", "platform varchar", "geo varchar",
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			k := newBench(b, c.file, c.columns...)
			b.SetBytes(large(b, filepath.Join(k.dir, c.file), c.begin, c.end, count, c.row))
			m, err := k.scan()
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				_, err := ingest.Clean(b.Context(), ingest.Config{Dir: k.dir}, ingest.Job{Source: k.source, Manifest: m}, b.TempDir())
				require.NoError(b, err)
			}
			b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// disk puts the warehouse of a bench into a file.
func disk(b *testing.B, k *bench) {
	db, err := duckdb.Open(b.Context(), duckdb.Config{Path: filepath.Join(k.dir, "w.duckdb")})
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	require.NoError(b, db.Exec(b.Context(), "create schema _elt", ingest.CreateRejects(rejects)))
	k.db = db
}

func BenchmarkScan(b *testing.B) {
	for _, c := range []struct {
		name, file, begin string
		row               func(*bufio.Writer, int)
	}{
		{"csv", "a.csv", adsHeader, ads},
		{"json", "a.json", "[", social},
		{"quoted", "a.csv", adsHeader, func(w *bufio.Writer, i int) {
			fmt.Fprintf(w, "\"G%03d\",\"C%d\",\"2024-12-01\",%d,%d,1.50,\"mobile, new\",\"US\"\n", i%500, i%50, i%1000, i%7000)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			k := newBench(b, c.file, adColumns()...)
			b.SetBytes(large(b, filepath.Join(k.dir, c.file), c.begin, "", 2_000_000, c.row))
			for b.Loop() {
				_, err := k.scan()
				require.NoError(b, err)
			}
		})
	}
}
