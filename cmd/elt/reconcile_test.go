package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestReportsReconcile works out every report from the raw files by itself, in integers, and compares row for row.
func TestReportsReconcile(t *testing.T) {
	t.Parallel()
	dir := newMarketing(t)
	elt(t, dir, "run")
	raw := readRaw(t, filepath.Join(dir, "data/raw"))

	t.Run("rows in are rows out", func(t *testing.T) {
		require.Equal(t, [][]string{{fmt.Sprint(len(raw.touches)), fmt.Sprint(raw.rejected)}},
			rowsOf(t, dir, "select (select count(*) from marketing_analytics), (select count(*) from raw._rejects)"))
		require.Equal(t, 4, raw.rejected)
	})
	t.Run("sums", func(t *testing.T) {
		var spend, clicks, impressions int64
		for _, touch := range raw.touches {
			spend, clicks, impressions = spend+touch.spend, clicks+touch.clicks, impressions+touch.impressions
		}
		found, err := querySQLite(filepath.Join(dir, "data/analytics.db"),
			"select sum(cast(round(spend_usd * 100) as integer)), sum(clicks), sum(impressions) from marketing_analytics")
		require.NoError(t, err)
		require.Equal(t, [][]string{{fmt.Sprint(spend), fmt.Sprint(clicks), fmt.Sprint(impressions)}}, found)
	})
	t.Run("revenue", func(t *testing.T) { checkRevenue(t, dir, raw) })
	t.Run("shares", func(t *testing.T) { checkShares(t, dir, raw) })
	for name, want := range raw.reports() {
		t.Run(name, func(t *testing.T) {
			file, err := os.Open(filepath.Join(dir, "data/reports", name+"_report.csv"))
			require.NoError(t, err)
			got, err := csv.NewReader(file).ReadAll()
			require.NoError(t, err)
			require.NoError(t, file.Close())
			require.Len(t, got, len(want))
			for i := range want {
				require.Len(t, got[i], len(want[i]))
				for j := range want[i] {
					require.True(t, same(want[i][j], got[i][j]), "row %d: want %v, got %v", i, want[i], got[i])
				}
			}
		})
	}
}

// same compares cells; a rate, which is a number with more than two decimals, up to its rounding.
func same(want, got string) bool {
	if want == got {
		return true
	}
	a, errA := strconv.ParseFloat(want, 64)
	b, errB := strconv.ParseFloat(got, 64)
	return errA == nil && errB == nil && len(want)-strings.IndexByte(want, '.') > 3 && math.Abs(a-b) < 1e-6
}

// touch is one row of the four platforms.
type touch struct {
	platform, channel, client, date, campaign string
	clicks, impressions, spend                int64 // spend in cents
	weight                                    int64 // for source attribution
}

// bucket is what revenue is counted by.
type bucket struct{ client, date, channel string }

type rawData struct {
	touches  []touch
	revenue  map[bucket][2]int64 // cents sold, and cents paid back as a negative number
	rejected int
}

func readRaw(t *testing.T, dir string) *rawData {
	raw := &rawData{revenue: map[bucket][2]int64{}}
	add := func(row row, platform, channel, client, campaign string, clicks, impressions, spend, weight func() int64) {
		touch := touch{
			platform: platform, channel: channel, client: row.text(client), date: row.date(), campaign: row.text(campaign),
			clicks: clicks(), impressions: impressions(), spend: spend(), weight: weight(),
		}
		if touch.campaign == "" {
			touch.campaign = "Unknown"
		}
		if row.bad {
			raw.rejected++
			return
		}
		raw.touches = append(raw.touches, touch)
	}
	none := func() int64 { return 0 }
	for _, r := range readCSV(t, filepath.Join(dir, "google_ads.csv")) {
		clicks := func() int64 { return r.number("clicks", 0) }
		add(r, "google_ads", "google_ads", "client_id", "campaign_id", clicks, func() int64 { return r.number("impressions", 0) },
			func() int64 { return r.number("cost_usd", 2) }, clicks)
	}
	for _, r := range readJSON(t, filepath.Join(dir, "facebook_ads.json")) {
		clicks := func() int64 { return r.number("clicks", 0) }
		add(r, "facebook_ads", "facebook", "client", "fb_campaign_id", clicks, func() int64 { return r.number("reach", 0) },
			func() int64 { return r.number("spend", 2) }, clicks)
	}
	for _, r := range readCSV(t, filepath.Join(dir, "email_campaigns.csv")) {
		add(r, "email_campaigns", "email", "client_id", "email_id", none, none, none,
			func() int64 { return r.number("emails_sent", 0) * r.number("click_rate", 6) })
	}
	for _, r := range readCSV(t, filepath.Join(dir, "web_traffic.csv")) {
		add(r, "web_traffic", "organic", "client_id", "", none, none, none, func() int64 { return r.number("sessions", 0) })
	}
	for _, r := range readCSV(t, filepath.Join(dir, "revenue.csv")) {
		c := bucket{r.text("client_id"), r.date(), strings.ToLower(r.text("channel"))}
		cents := r.number("attributed_revenue", 2)
		if r.bad {
			raw.rejected++
			continue
		}
		before := raw.revenue[c]
		raw.revenue[c] = [2]int64{before[0] + max(cents, 0), before[1] + min(cents, 0)}
	}
	return raw
}

// row is one raw row; bad once something in it could not be read.
type row struct {
	*rowState
	cells map[string]string
}

type rowState struct{ bad bool }

func (r row) text(name string) string { return strings.TrimSpace(r.cells[name]) }

func (r row) date() string {
	if _, err := time.Parse(time.DateOnly, r.cells["date"]); err != nil {
		r.bad = true
	}
	return r.cells["date"]
}

// number reads a number as a whole number of its smallest unit: with decimals 2, dollars as cents. None is 0.
func (r row) number(name string, decimals int) int64 {
	text := strings.NewReplacer("$", "", ",", "").Replace(r.cells[name])
	if text == "" {
		return 0
	}
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(fraction + "000000")[:decimals], 10, 64)
	if err != nil || strings.Trim(fraction[min(decimals, len(fraction)):], "0") != "" {
		r.bad = true
	}
	return n
}

func readCSV(t *testing.T, path string) []row {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	require.NoError(t, err)
	require.NoError(t, file.Close())
	var rows []row
	for _, record := range records[1:] {
		r := row{rowState: &rowState{bad: len(record) != len(records[0])}, cells: map[string]string{}}
		for i, value := range record {
			r.cells[records[0][i]] = value
		}
		rows = append(rows, r)
	}
	return rows
}

func readJSON(t *testing.T, path string) []row {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	var objects []map[string]any
	require.NoError(t, decoder.Decode(&objects))
	require.NoError(t, file.Close())
	rows := make([]row, len(objects))
	for i, object := range objects {
		rows[i] = row{rowState: &rowState{}, cells: map[string]string{}}
		for name, value := range object {
			rows[i].cells[name] = fmt.Sprint(value)
		}
	}
	return rows
}

// lookback is how many days later a touchpoint still earns; lookback_days of project.yaml.
const lookback = 30

// touchDays gives the days with touchpoints of each client and channel.
func (raw *rawData) touchDays() map[[2]string]map[string]bool {
	days := map[[2]string]map[string]bool{}
	for _, t := range raw.touches {
		key := [2]string{t.client, t.channel}
		if days[key] == nil {
			days[key] = map[string]bool{}
		}
		days[key][t.date] = true
	}
	return days
}

// earner gives the day whose touchpoints share what a client earned: the same day, else the channel's last one with
// touchpoints in the lookback window; empty if there is none.
func earner(days map[[2]string]map[string]bool, b bucket) string {
	date, err := time.Parse(time.DateOnly, b.date)
	if err != nil {
		return ""
	}
	for age := range lookback + 1 {
		day := date.AddDate(0, 0, -age).Format(time.DateOnly)
		if days[[2]string{b.client, b.channel}][day] {
			return day
		}
	}
	return ""
}

// attributed is the revenue that has a touchpoint, by channel, and what is left.
func (raw *rawData) attributed() (byChannel map[string]int64, left int64) {
	days := raw.touchDays()
	byChannel = map[string]int64{}
	for b, cents := range raw.revenue {
		if earner(days, b) != "" {
			byChannel[b.channel] += cents[0] + cents[1]
		} else {
			left += cents[0] + cents[1]
		}
	}
	return byChannel, left
}

func checkRevenue(t *testing.T, dir string, raw *rawData) {
	var revenue, attributed int64
	for _, cents := range raw.revenue {
		revenue += cents[0] + cents[1]
	}
	byChannel, left := raw.attributed()
	for _, cents := range byChannel {
		attributed += cents
	}
	require.Equal(t, revenue, attributed+left)
	require.NotZero(t, left)
	require.Equal(t, [][]string{{dollars(revenue), dollars(attributed), dollars(left)}}, rowsOf(t, dir,
		"select sum(revenue_usd), sum(attributed_usd), sum(unattributed_usd) from attribution_reconciliation where scope = 'source_reported'"))
	require.Equal(t, [][]string{{dollars(attributed)}}, rowsOf(t, dir, "select sum(attributed_revenue_from_source_usd) from marketing_analytics"))
	require.Equal(t, [][]string{{dollars(revenue)}}, rowsOf(t, dir,
		`select (select sum(attributed_revenue_model_usd) from marketing_analytics)
		     + (select coalesce(sum(revenue_usd), 0) from unattributed_revenue where attribution = 'model')`))
}

// checkShares holds what each touchpoint gets of each amount: it is less than a cent off its exact share by weight, and the
// parts add up to the amount.
func checkShares(t *testing.T, dir string, raw *rawData) {
	weights := map[bucket][]int64{}
	for _, touch := range raw.touches {
		b := bucket{touch.client, touch.date, touch.channel}
		weights[b] = append(weights[b], touch.weight)
	}
	type amount struct {
		bucket
		kind int // 0 sold, 1 paid back
	}
	got := map[amount][][2]int64{} // weight and cents of each touchpoint
	for _, r := range rowsOf(t, dir, `
		select credits.client_id, credits.revenue_date, credits.channel, cast(credits.kind = 'refund' as integer),
		    case touches.platform when 'email_campaigns' then cast(emails_sent * click_rate * 1000000 as bigint)
		    when 'web_traffic' then sessions else clicks end,
		    credits.attributed_cents
		from source_credits as credits
		join touch_places as places on (places.client_id, places.date, places.place) = (credits.client_id, credits.touch_date, credits.place)
		join touchpoints as touches on touches.touchpoint_id = places.touchpoint_id`) {
		var kind int
		var weight, cents int64
		_, err := fmt.Sscan(strings.Join(r[3:], " "), &kind, &weight, &cents)
		require.NoError(t, err)
		a := amount{bucket{r[0], r[1], r[2]}, kind}
		got[a] = append(got[a], [2]int64{weight, cents})
	}
	days := raw.touchDays()
	for b, cents := range raw.revenue {
		day := earner(days, b)
		for kind := range cents {
			a := amount{b, kind}
			if day == "" || cents[kind] == 0 {
				require.Empty(t, got[a], "%v", a)
				continue
			}
			checkAmount(t, fmt.Sprint(a), cents[kind], weights[bucket{b.client, day, b.channel}], got[a])
		}
	}
}

func checkAmount(t *testing.T, what string, amount int64, weights []int64, shares [][2]int64) {
	var total, sum int64
	var found []int64
	for _, share := range shares {
		total += share[0]
		sum += share[1]
		found = append(found, share[0])
	}
	slices.Sort(found)
	slices.Sort(weights)
	require.Equal(t, weights, found, what)
	require.Equal(t, amount, sum, what)
	for _, share := range shares {
		weight, all := share[0], total
		if total == 0 {
			weight, all = 1, int64(len(shares))
		}
		off := new(big.Int).Sub(product(share[1], all), product(amount, weight)) // in cents, times all
		require.Negative(t, off.CmpAbs(big.NewInt(all)), "%s: %d of %d by weight %d of %d", what, share[1], amount, weight, all)
	}
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }

// reports are the five reports, headers first.
func (raw *rawData) reports() map[string][][]string {
	return map[string][][]string{
		"daily_client_spend": raw.report("date,client_id,spend_usd", nil,
			func(t touch) []string { return []string{t.date, t.client} },
			func(s sums) []string { return []string{dollars(s.spend)} }),
		"total_clicks_by_platform": raw.report("platform,clicks", nil,
			func(t touch) []string { return []string{t.platform} },
			func(s sums) []string { return []string{fmt.Sprint(s.clicks)} }),
		"ctr_trends": raw.report("date,total_clicks,total_impressions,daily_ctr",
			func(t touch) bool { return strings.HasSuffix(t.platform, "_ads") },
			func(t touch) []string { return []string{t.date} },
			func(s sums) []string {
				return []string{fmt.Sprint(s.clicks), fmt.Sprint(s.impressions), rate(100*float64(s.clicks), s.impressions)}
			}),
		"campaign_summary": raw.report("client_id,campaign_id,total_spend,total_clicks,total_impressions", nil,
			func(t touch) []string { return []string{t.client, t.campaign} },
			func(s sums) []string {
				return []string{dollars(s.spend), fmt.Sprint(s.clicks), fmt.Sprint(s.impressions)}
			}),
		"cross_channel_lift": raw.lift(),
	}
}

type sums struct{ spend, clicks, impressions, touches int64 }

// report sums the touchpoints that take part by a key, in the order of the keys.
func (raw *rawData) report(header string, takes func(touch) bool, key func(touch) []string, cells func(sums) []string) [][]string {
	keys, totals := [][]string{}, map[string]*sums{}
	for _, t := range raw.touches {
		if takes != nil && !takes(t) {
			continue
		}
		k := key(t)
		s := totals[strings.Join(k, "\x00")]
		if s == nil {
			s = &sums{}
			totals[strings.Join(k, "\x00")] = s
			keys = append(keys, k)
		}
		s.spend, s.clicks, s.impressions, s.touches = s.spend+t.spend, s.clicks+t.clicks, s.impressions+t.impressions, s.touches+1
	}
	slices.SortFunc(keys, slices.Compare)
	rows := [][]string{strings.Split(header, ",")}
	for _, k := range keys {
		rows = append(rows, append(slices.Clone(k), cells(*totals[strings.Join(k, "\x00")])...))
	}
	return rows
}

func (raw *rawData) lift() [][]string {
	channels := map[string]string{"google_ads": "google_ads", "facebook_ads": "facebook", "email_campaigns": "email", "web_traffic": "organic"}
	byChannel, _ := raw.attributed()
	rows := raw.report("platform,total_attributed_revenue,total_spend,total_clicks,total_impressions,total_touchpoints,"+
		"revenue_per_touchpoint,attributed_roi", nil,
		func(t touch) []string { return []string{t.platform} },
		func(s sums) []string {
			return []string{"", dollars(s.spend), fmt.Sprint(s.clicks), fmt.Sprint(s.impressions), fmt.Sprint(s.touches), fmt.Sprint(s.spend), ""}
		})
	perTouch := func(r []string) float64 {
		n, _ := strconv.ParseFloat(r[5], 64)
		return float64(byChannel[channels[r[0]]]) / 100 / n
	}
	slices.SortFunc(rows[1:], func(a, b []string) int { return cmp.Compare(perTouch(b), perTouch(a)) })
	for _, r := range rows[1:] {
		revenue := byChannel[channels[r[0]]]
		spend, _ := strconv.ParseInt(r[6], 10, 64)
		r[1] = dollars(revenue)
		r[6] = strconv.FormatFloat(perTouch(r), 'f', 6, 64)
		r[7] = rate(100*float64(revenue-spend), spend)
	}
	return rows
}

// rate is a ratio with six decimals, 0 without a denominator.
func rate(numerator float64, denominator int64) string {
	if denominator == 0 {
		return "0.000000"
	}
	return strconv.FormatFloat(numerator/float64(denominator), 'f', 6, 64)
}

func dollars(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}
