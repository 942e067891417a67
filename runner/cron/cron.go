// Package cron reads cron lines and tells when they are due in a time zone, also on the days on which clocks are changed.
//
// A local time that does not exist, because clocks went forward over it, is due at the moment right after the gap, once. One
// that comes twice, because clocks went back, is due at its first coming only; but what is due in every hour is due in both.
package cron

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// Line is a cron line in a time zone.
type Line struct {
	text   string
	zone   *time.Location
	hourly bool // due in every hour
}

// Parse reads five fields (minute, hour, day of month, month, day of week) or one of @hourly, @daily, @weekly, @monthly and
// @yearly. Fields may have lists, ranges, steps, and the names of months and days. Where both days are given, either will do.
func Parse(text string, zone *time.Location) (Line, error) {
	fields := strings.Fields(text)
	l := Line{text: strings.Join(fields, " "), zone: zone}
	switch {
	case len(fields) == 1 && strings.HasPrefix(fields[0], "@"):
		l.hourly = strings.EqualFold(fields[0], "@hourly")
		if fields[0] = strings.ToLower(fields[0]); !alias(fields[0]) {
			return Line{}, fmt.Errorf("%q is none of @hourly, @daily, @weekly, @monthly and @yearly", text)
		}
	case len(fields) != 5:
		return Line{}, fmt.Errorf("%q has %d fields; five are needed: minute, hour, day of month, month, day of week", text, len(fields))
	default:
		l.hourly = fields[1] == "*"
	}
	// A year in which February has 29 days and from which on every combination of days comes soon.
	if _, err := l.step(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return Line{}, plain(text, err)
	}
	return l, nil
}

// String is the line as it is written.
func (l Line) String() string { return l.text }

func alias(name string) bool {
	switch name {
	case "@hourly", "@daily", "@weekly", "@monthly", "@yearly":
		return true
	}
	return false
}

// plain says what is wrong in the words of this package.
func plain(text string, err error) error {
	said := err.Error()
	switch {
	case strings.Contains(said, "tried so hard") && gronx.IsValid(text):
		return fmt.Errorf("%q never comes", text)
	case strings.Contains(said, "tried so hard"), strings.Contains(said, "strconv"):
		return fmt.Errorf("%q has a field that is no number, name, range, list or step", text)
	}
	for i, name := range []string{"minute", "hour", "day of month", "month", "day of week"} {
		said = strings.ReplaceAll(said, fmt.Sprintf("segment#%d:", i+1), name)
	}
	return fmt.Errorf("%q: %w", text, errors.New(said))
}

// step gives the next time behind wall that fits, without any thought of time zones: both stand for what clocks show.
func (l Line) step(wall time.Time) (time.Time, error) {
	return gronx.NextTickAfter(l.text, wall, false)
}

// mostChanges is how many changes of clocks Next looks behind: two a year for longer than any line waits.
const mostChanges = 100

// Next is the first time behind after at which the line is due; the zero time if there is none. It is in the line's zone.
func (l Line) Next(after time.Time) time.Time {
	t := after.In(l.zone).Truncate(time.Second)
	from := shown(t)
	if begin, was := before(t); !l.hourly {
		from = later(from, begin.Add(was-time.Second)) // what clocks show for the second time was due at the first
	}
	for range mostChanges {
		_, end := t.ZoneBounds()
		offset := offsetOf(t)
		wall, err := l.step(from)
		if err != nil {
			return time.Time{}
		}
		due := wall.Add(-offset)
		if end.IsZero() || due.Before(end) {
			return due.In(l.zone)
		}
		now := offsetOf(end.In(l.zone))
		old, jumped := end.UTC().Add(offset), end.UTC().Add(now)
		switch {
		case wall.Before(jumped): // clocks go forward over it
			return end.In(l.zone)
		case l.hourly:
			from = jumped.Add(-time.Second)
		default:
			from = later(old, jumped).Add(-time.Second)
		}
		t = end.In(l.zone)
	}
	return time.Time{}
}

// shown is what a clock shows at t, as if it were UTC.
func shown(t time.Time) time.Time { return t.UTC().Add(offsetOf(t)) }

func offsetOf(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// before is when the clocks of t's zone were changed last, and how far from UTC they were until then; zero times and
// durations where they never were.
func before(t time.Time) (changed time.Time, was time.Duration) {
	begin, _ := t.ZoneBounds()
	if begin.IsZero() {
		return time.Time{}, 0
	}
	return begin.UTC(), offsetOf(begin.Add(-time.Second))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Upcoming are the next n times behind after; fewer if there are not so many.
func (l Line) Upcoming(after time.Time, n int) []time.Time {
	times := make([]time.Time, 0, n)
	for range n {
		if after = l.Next(after); after.IsZero() {
			break
		}
		times = append(times, after)
	}
	return times
}

// Last is the latest time behind after, and not behind now, at which the line was due; the zero time if there was none.
func (l Line) Last(after, now time.Time) time.Time {
	// Of a line that is due every minute a long time back, only the end is of interest.
	for _, back := range []time.Duration{time.Hour, 24 * time.Hour, 32 * 24 * time.Hour} {
		if from := now.Add(-back); from.After(after) && !l.Next(from).IsZero() && !l.Next(from).After(now) {
			after = from
			break
		}
	}
	last := time.Time{}
	for next := l.Next(after); !next.IsZero() && !next.After(now); next = l.Next(next) {
		last = next
	}
	return last
}
