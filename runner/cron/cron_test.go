package cron_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elt/runner/cron"
)

func zone(t require.TestingT, name string) *time.Location {
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func TestNextOnDaysOnWhichClocksAreChanged(t *testing.T) {
	const berlin, newYork = "Europe/Berlin", "America/New_York"
	for name, c := range map[string]struct{ line, zone, after, want string }{
		"skipped, Berlin":                {"30 2 * * *", berlin, "2024-03-30T12:00:00+01:00", "03-31 03:00 CEST, 04-01 02:30 CEST, 04-02 02:30 CEST"},
		"skipped, its first minute":      {"0 2 * * *", berlin, "2024-03-30T12:00:00+01:00", "03-31 03:00 CEST, 04-01 02:00 CEST"},
		"skipped several times, once":    {"*/20 2 * * *", berlin, "2024-03-30T12:00:00+01:00", "03-31 03:00 CEST, 04-01 02:00 CEST, 04-01 02:20 CEST"},
		"skipped and due after the gap":  {"0,30 2,3 * * *", berlin, "2024-03-30T12:00:00+01:00", "03-31 03:00 CEST, 03-31 03:30 CEST, 04-01 02:00 CEST"},
		"every half hour over the gap":   {"*/30 * * * *", berlin, "2024-03-31T01:15:00+01:00", "03-31 01:30 CET, 03-31 03:00 CEST, 03-31 03:30 CEST"},
		"asked within the last hour":     {"30 2 * * *", berlin, "2024-03-31T01:59:59+01:00", "03-31 03:00 CEST, 04-01 02:30 CEST"},
		"asked at the end of the gap":    {"30 2 * * *", berlin, "2024-03-31T03:00:00+02:00", "04-01 02:30 CEST"},
		"twice, Berlin":                  {"30 2 * * *", berlin, "2024-10-26T12:00:00+02:00", "10-27 02:30 CEST, 10-28 02:30 CET, 10-29 02:30 CET"},
		"twice, asked between":           {"30 2 * * *", berlin, "2024-10-27T02:45:00+02:00", "10-28 02:30 CET"},
		"twice, asked in the second":     {"30 2 * * *", berlin, "2024-10-27T02:15:00+01:00", "10-28 02:30 CET"},
		"twice, at the change":           {"0 3 * * *", berlin, "2024-10-26T12:00:00+02:00", "10-27 03:00 CET, 10-28 03:00 CET"},
		"the first minute that is twice": {"0 2 * * *", berlin, "2024-10-26T12:00:00+02:00", "10-27 02:00 CEST, 10-28 02:00 CET"},
		"every half hour, both hours":    {"*/30 * * * *", berlin, "2024-10-27T02:15:00+02:00", "10-27 02:30 CEST, 10-27 02:00 CET, 10-27 02:30 CET, 10-27 03:00 CET"},
		"hourly, both hours":             {"@hourly", berlin, "2024-10-27T01:30:00+02:00", "10-27 02:00 CEST, 10-27 02:00 CET, 10-27 03:00 CET"},
		"every second hour":              {"0 */2 * * *", berlin, "2024-10-27T01:30:00+02:00", "10-27 02:00 CEST, 10-27 04:00 CET"},
		"skipped, New York":              {"30 2 * * *", newYork, "2024-03-09T12:00:00-05:00", "03-10 03:00 EDT, 03-11 02:30 EDT"},
		"twice, New York":                {"30 1 * * *", newYork, "2024-11-02T12:00:00-04:00", "11-03 01:30 EDT, 11-04 01:30 EST"},
		"a skipped midnight":             {"0 0 * * *", "America/Havana", "2024-03-09T12:00:00-05:00", "03-10 01:00 CDT, 03-11 00:00 CDT"},
		"a skipped day":                  {"0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00-10:00", "12-29 12:00 -10, 12-31 00:00 +14, 12-31 12:00 +14"},
		"half an hour back":              {"45 1 * * *", "Australia/Lord_Howe", "2024-04-06T12:00:00+11:00", "04-07 01:45 +11, 04-08 01:45 +1030"},
		"no changes at all":              {"30 2 * * *", "UTC", "2024-03-30T12:00:00Z", "03-31 02:30 UTC, 04-01 02:30 UTC"},
		"either day":                     {"0 0 1 * mon", "UTC", "2024-12-28T00:00:00Z", "12-30 00:00 UTC, 01-01 00:00 UTC, 01-06 00:00 UTC"},
		"leap days":                      {"0 0 29 2 *", "UTC", "2024-03-01T00:00:00Z", "02-29 00:00 UTC, 02-29 00:00 UTC"},
		"the time itself is not behind":  {"0 12 * * *", "UTC", "2024-12-01T12:00:00Z", "12-02 12:00 UTC"},
		"parts of seconds are":           {"0 12 * * *", "UTC", "2024-12-01T11:59:59.5Z", "12-01 12:00 UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := cron.Parse(c.line, zone(t, c.zone))
			require.NoError(t, err)
			after, err := time.Parse(time.RFC3339, c.after)
			require.NoError(t, err)
			var got []string
			for _, at := range l.Upcoming(after, strings.Count(c.want, ",")+1) {
				got = append(got, at.Format("01-02 15:04 MST"))
			}
			require.Equal(t, c.want, strings.Join(got, ", "))
		})
	}
}

func TestLinesThatCannotBe(t *testing.T) {
	for line, want := range map[string]string{
		"":               `"" has 0 fields; five are needed`,
		"0 2 * *":        "has 4 fields",
		"0 0 2 * * *":    "has 6 fields",
		"61 * * * *":     "minute '61' out of bounds(0, 59)",
		"0 24 * * *":     "hour '24' out of bounds",
		"0 0 30 2 *":     "never comes",
		"a b c d e":      "has a field that is no number, name, range, list or step",
		"*/0 * * * *":    "step can't be 0",
		"@every 5m":      "has 2 fields",
		"@reboot":        "is none of @hourly, @daily",
		"H 2 * * *":      "no number",
		"1, * * * *":     "no number",
		"0 10-5 * * *":   "out of bounds",
		"0 0 * * monday": "no number",
	} {
		_, err := cron.Parse(line, time.UTC)
		require.ErrorContains(t, err, want, line)
	}
}

// TestNextIsSoundAnywhere compares Next with going through all minutes: each due time is one at which clocks show what the line
// says, or the end of a gap which had such a time in it; none is missed, and none comes twice.
func TestNextIsSoundAnywhere(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata", "America/Santiago"}
	days := []time.Time{
		time.Date(2024, 3, 30, 20, 0, 0, 0, time.UTC), time.Date(2024, 10, 26, 12, 0, 0, 0, time.UTC),
		time.Date(2024, 3, 9, 20, 0, 0, 0, time.UTC), time.Date(2024, 11, 2, 20, 0, 0, 0, time.UTC), time.Date(2024, 4, 6, 4, 0, 0, 0, time.UTC),
	}
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		minute := rapid.IntRange(0, 59).Draw(t, "minute")
		hour := rapid.IntRange(0, 4).Draw(t, "hour")
		l, err := cron.Parse(strings.Join([]string{itoa(minute), itoa(hour), "*", "*", "*"}, " "), z)
		require.NoError(t, err)
		from := rapid.SampledFrom(days).Draw(t, "day").Add(time.Duration(rapid.IntRange(0, 20*60).Draw(t, "minutes")) * time.Minute)

		var want []time.Time
		shown := map[string]bool{}                                                  // wall times that have been
		for at := from.Add(-26 * time.Hour); at.Before(from.Add(50 * time.Hour)); { // from long before, to know what came once
			was, next := at.In(z), at.Add(time.Minute).In(z)
			wall := next.Format("01-02 15:04")
			due := next.Hour() == hour && next.Minute() == minute && !shown[wall]
			for skipped := was.Add(0); !due && gap(was, next) > 0 && skipped.Before(was.Add(gap(was, next))); skipped = skipped.Add(time.Minute) {
				w := time.Date(was.Year(), was.Month(), was.Day(), was.Hour(), was.Minute(), 0, 0, time.UTC).Add(time.Minute + skipped.Sub(was))
				due = w.Hour() == hour && w.Minute() == minute
			}
			shown[wall] = true
			if due && next.After(from) {
				want = append(want, next)
			}
			at = at.Add(time.Minute)
		}
		got := l.Upcoming(from, len(want))
		require.Len(t, got, len(want))
		for i := range want {
			require.True(t, want[i].Equal(got[i]), "%s: %s, want %s", l, got[i], want[i])
		}
	})
}

// gap is how far clocks went forward between two minutes.
func gap(was, next time.Time) time.Duration {
	_, a := was.Zone()
	_, b := next.Zone()
	return time.Duration(b-a) * time.Second
}

func itoa(n int) string { return string([]rune{rune('0' + n/10), rune('0' + n%10)}) }

func TestTheLastTimeItWasDue(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	l, err := cron.Parse("30 2 * * *", berlin)
	require.NoError(t, err)
	at := func(text string) time.Time {
		out, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		require.NoError(t, err)
		return out
	}
	require.Equal(t, at("2024-12-05 02:30"), l.Last(at("2024-12-01 03:00"), at("2024-12-05 09:00")))
	require.True(t, l.Last(at("2024-12-05 02:30"), at("2024-12-06 02:29")).IsZero())
	require.Equal(t, at("2024-12-06 02:30"), l.Last(at("2024-12-05 02:30"), at("2024-12-06 02:30")))
	each, err := cron.Parse("* * * * *", berlin)
	require.NoError(t, err)
	began := time.Now()
	require.Equal(t, at("2024-12-06 02:30"), each.Last(at("2004-12-05 02:30"), at("2024-12-06 02:30")))
	require.Less(t, time.Since(began), 5*time.Second)
}
