package sample

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func number(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, 0.0)
	return n
}

func whole(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, 0)
	return n
}

var (
	moneyForm    = regexp.MustCompile(`^(0|[1-9]\d*)\.\d\d$`)
	rateForm     = regexp.MustCompile(`^(0\.\d{4}|1\.0000)$`)
	durationForm = regexp.MustCompile(`^(\d\d:)?[0-5]\d:[0-5]\d$`)
)

// twoRuns is a folder with 40 clients and 60 days, made in two runs.
func twoRuns(t *testing.T) string {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Seed: 11, Clients: new(30), Days: new(40)})
	generate(t, Options{Dir: dir, Seed: 11, Clients: new(10), Days: new(20)})
	return dir
}

func TestValues(t *testing.T) {
	dir := twoRuns(t)
	for _, r := range rows(t, dir, tableGoogle) {
		require.Regexp(t, `^G\d{3,}$`, r["campaign_id"])
		require.LessOrEqual(t, whole(t, r["clicks"]), whole(t, r["impressions"]))
		require.Regexp(t, moneyForm, r["cost_usd"])
		require.Contains(t, devices, r["device_type"])
		require.Contains(t, geos, r["geo"])
	}
	for _, r := range rows(t, dir, tableFacebook) {
		require.Regexp(t, `^FB\d{3,}$`, r["fb_campaign_id"])
		require.LessOrEqual(t, whole(t, r["clicks"]), whole(t, r["reach"]))
		require.Regexp(t, moneyForm, r["spend"])
		require.Contains(t, platforms, r["platform"])
		require.Contains(t, geos, r["geo"])
	}
	for _, r := range rows(t, dir, tableEmail) {
		require.Regexp(t, `^E\d{3,}$`, r["email_id"])
		require.Positive(t, whole(t, r["emails_sent"]))
		require.Regexp(t, rateForm, r["open_rate"])
		require.Regexp(t, rateForm, r["click_rate"])
		require.LessOrEqual(t, r["click_rate"], r["open_rate"])
		require.Contains(t, subjects, r["subject_line"])
	}
	for _, r := range rows(t, dir, tableWeb) {
		require.GreaterOrEqual(t, whole(t, r["pageviews"]), whole(t, r["sessions"]))
		require.Positive(t, whole(t, r["sessions"]))
		require.Regexp(t, rateForm, r["bounce_rate"])
		require.Regexp(t, durationForm, r["avg_session_duration"])
	}
}

func TestClients(t *testing.T) {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Clients: new(1500), Days: new(1)})
	names, signup := map[string]bool{}, map[string]string{}
	text := folder(t, dir)["clients.csv"]
	assert.Contains(t, text, `, Inc."`, "some names need quotes")
	for _, r := range rows(t, dir, tableClients) {
		require.False(t, names[r["name"]], "%s twice", r["name"])
		names[r["name"]] = true
		require.Contains(t, managers, r["account_manager"])
		require.True(t, slices.ContainsFunc(industries[:], func(i struct {
			name     string
			business bool
		},
		) bool {
			return i.name == r["industry"]
		}))
		signup[r["client_id"]] = r["signup_date"]
		require.Less(t, r["signup_date"], "2024-12-01", "no activity before signup")
	}
	assert.Len(t, signup, 1500)
}

// cells counts rows per client, day and channel.
func cells(t *testing.T, dir string) map[[3]string]int {
	n := map[[3]string]int{}
	for tab, channel := range map[table]string{tableGoogle: "google_ads", tableFacebook: "facebook", tableEmail: "email", tableWeb: "organic"} {
		for _, r := range rows(t, dir, tab) {
			n[[3]string{r["client_id"] + r["client"], r["date"], channel}]++
		}
	}
	return n
}

func TestRevenue(t *testing.T) {
	dir := twoRuns(t)
	touch := cells(t, dir)
	paid := map[[3]string]bool{}
	unattributed := 0
	for _, r := range rows(t, dir, tableRevenue) {
		require.Regexp(t, moneyForm, r["attributed_revenue"])
		require.Positive(t, number(t, r["attributed_revenue"]))
		key := [3]string{r["client_id"], r["date"], r["channel"]}
		require.False(t, paid[key], "%v twice", key)
		paid[key] = true
		if touch[key] == 0 {
			unattributed++
		}
	}
	var without int
	for key := range touch {
		if !paid[key] {
			without++
		}
	}
	assert.InDelta(t, 0.005, float64(unattributed)/float64(len(paid)), 0.02)
	assert.Greater(t, unattributed, 5, "revenue on days without a touchpoint")
	assert.InDelta(t, 0.35, float64(without)/float64(len(touch)), 0.1, "touchpoints without revenue")
}

// Return on ad spend is plausible for every client, and clients differ.
func TestReturnOnAdSpend(t *testing.T) {
	dir := t.TempDir()
	generate(t, Options{Dir: dir, Seed: 2, Clients: new(50)})
	spend, earned := map[string]float64{}, map[string]float64{}
	for _, r := range rows(t, dir, tableGoogle) {
		spend[r["client_id"]] += number(t, r["cost_usd"])
	}
	for _, r := range rows(t, dir, tableFacebook) {
		spend[r["client"]] += number(t, r["spend"])
	}
	for _, r := range rows(t, dir, tableRevenue) {
		if r["channel"] == "google_ads" || r["channel"] == "facebook" {
			earned[r["client_id"]] += number(t, r["attributed_revenue"])
		}
	}
	require.Len(t, spend, 50)
	var all []float64
	for id := range spend {
		all = append(all, earned[id]/spend[id])
	}
	slices.Sort(all)
	assert.Greater(t, all[0], 1.5)
	assert.Less(t, all[49], 6.0)
	assert.Greater(t, all[44]/all[5], 1.5, "clients differ")
}

func TestRealism(t *testing.T) {
	dir := t.TempDir()
	s := generate(t, Options{Dir: dir, Seed: 4, Clients: new(100), Days: new(84)})
	assert.InDelta(t, 7, float64(s.Rows())/100/84, 0.2, "rows per client and day")

	keys, n := map[string]int{}, 0
	var week [7]float64
	for _, r := range rows(t, dir, tableGoogle) {
		keys[strings.Join([]string{r["campaign_id"], r["date"], r["device_type"], r["geo"]}, " ")]++
		n++
		week[date(r["date"]).Weekday()] += number(t, r["impressions"])
	}
	twice := float64(n-len(keys)) / float64(n)
	assert.InDelta(t, 0.04, twice, 0.03, "business keys that come again")
	assert.Greater(t, week[3], week[6]*1.1, "Wednesdays are busier than Saturdays")

	sessions := map[string]float64{}
	for _, r := range rows(t, dir, tableWeb) {
		sessions[r["client_id"]] += number(t, r["sessions"])
	}
	var sizes []float64
	for _, v := range sessions {
		sizes = append(sizes, v)
	}
	slices.Sort(sizes)
	assert.Greater(t, sizes[99]/sizes[0], 8.0, "clients of different sizes")

	text := folder(t, dir)["email_campaigns.csv"]
	for _, part := range []string{`"Last chance: ""free shipping"" ends tonight"`, "🎉", `,"Save 20% on everything, today only"`} {
		assert.Contains(t, text, part)
	}
}

func TestAppendForms(t *testing.T) {
	str := func(b []byte) string { return string(b) }
	assert.Equal(t, "0.05", str(appendMoney(nil, 5)))
	assert.Equal(t, "1234.50", str(appendMoney(nil, 123450)))
	assert.Equal(t, "0.0301", str(appendRate(nil, 301)))
	assert.Equal(t, "1.0000", str(appendRate(nil, 10000)))
	assert.Equal(t, "00:02:09", str(appendDuration(nil, 129, false)))
	assert.Equal(t, "02:09", str(appendDuration(nil, 129, true)))
	assert.Equal(t, "01:00:00", str(appendDuration(nil, 3600, true)))
	assert.Equal(t, "G007", str(appendID(nil, "G", 7)))
	assert.Equal(t, "G070", str(appendID(nil, "G", 70)))
	assert.Equal(t, "G7000", str(appendID(nil, "G", 7000)))
	assert.Equal(t, `"a ""b"", c"`, str(appendText(nil, `a "b", c`)))
	for _, s := range []string{"1600-02-29", "1969-12-31", "1970-01-01", "9999-12-31"} {
		d, ok := parseDay([]byte(s))
		require.True(t, ok)
		assert.Equal(t, s, d.String())
		assert.Equal(t, int(d.time().Weekday()), d.weekday())
	}
	_, ok := parseDay([]byte("2025-02-29"))
	assert.False(t, ok)
}

func TestRoster(t *testing.T) {
	var r roster
	for _, id := range []uint32{1, 2, 3, 2, 2, 4, 5, 6, 1} {
		r.see(id)
	}
	assert.Equal(t, roster{n: 5, ids: [5]uint32{1, 6, 5, 4, 2}}, r)
}

func TestReuseTarget(t *testing.T) {
	for total := 1; total < 400; total++ {
		for inUse := range total + 1 {
			got := reuseTarget(inUse, total)
			require.LessOrEqual(t, got, inUse)
			if inUse*10 >= total*7 && total >= 10 {
				require.True(t, got*10 >= total*6 && got*10 <= total*7, "%d of %d, %d in use", got, total, inUse)
			}
		}
	}
}
