package build

import (
	"fmt"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/compile"
)

// Window is the time that microbatches cover, as the user gave it. The zero Window leaves it to the models.
type Window struct{ Start, End time.Time }

// IsZero tells whether nothing was given.
func (w Window) IsZero() bool { return w.Start.IsZero() && w.End.IsZero() }

// batching is how a microbatch model is cut into pieces of time, all in UTC. The rules are dbt's.
type batching struct {
	eventTime string
	size      string // hour, day, month, year
	begin     time.Time
	lookback  int
}

func batchingOf(name string, config map[string]any) (batching, error) {
	b := batching{lookback: 1}
	b.eventTime, _ = config["event_time"].(string)
	b.size, _ = config["batch_size"].(string)
	b.size = strings.ToLower(b.size)
	begin, err := ParseEventTime(fmt.Sprint(config["begin"]))
	if err != nil {
		return b, configError(name, fmt.Sprintf("begin: %v", err), "", nil)
	}
	b.begin = begin
	switch n := config["lookback"].(type) {
	case int:
		b.lookback = n
	case int64:
		b.lookback = int(n)
	case uint64:
		b.lookback = int(n)
	}
	return b, nil
}

// ParseEventTime reads a time as --event-time-start and begin have it: in UTC unless it says otherwise.
func ParseEventTime(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write it like 2024-12-31 or 2024-12-31 18:00:00", text)
}

// batches are the pieces to make. With an earlier version only the newest ones are made again, unless the window says
// which.
func (b batching) batches(window Window, now time.Time, grows bool) []compile.Batch {
	last := window.End
	if last.IsZero() {
		last = now.UTC()
	}
	end := b.truncate(last)
	if !end.Equal(last) {
		end = b.add(end, 1)
	}
	start := b.truncate(b.begin)
	switch {
	case !window.Start.IsZero():
		start = b.truncate(window.Start)
	case grows:
		start = b.add(end, -b.lookback-1)
	}
	var all []compile.Batch
	for {
		next := b.add(start, 1)
		batch := compile.Batch{ID: b.id(start), Start: start, End: next}
		all = append(all, batch)
		if !next.Before(end) {
			return all
		}
		start = next
	}
}

func (b batching) truncate(t time.Time) time.Time {
	switch b.size {
	case "hour":
		return t.Truncate(time.Hour)
	case "month":
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case "year":
		return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// add moves the start of a batch by n batches.
func (b batching) add(t time.Time, n int) time.Time {
	switch b.size {
	case "hour":
		return t.Add(time.Duration(n) * time.Hour)
	case "month":
		return t.AddDate(0, n, 0)
	case "year":
		return t.AddDate(n, 0, 0)
	}
	return t.AddDate(0, 0, n)
}

func (b batching) id(t time.Time) string {
	layout := map[string]string{"hour": "20060102T15", "month": "200601", "year": "2006"}[b.size]
	if layout == "" {
		layout = "20060102"
	}
	return t.Format(layout)
}

// within is a condition for the rows of a relation that belong to a batch.
func (b batching) within(batch compile.Batch) string {
	return batch.Condition(runner.Quote(b.eventTime))
}
