package dashboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"elt/runner/engine"
)

// maxCells bounds what is kept in memory of one snapshot: about 300 MB. Beyond, each filter is summed up by the engine.
const maxCells = 4_000_000

// cells are the touchpoints of a snapshot, summed up by client, day and platform: a filter is a matter of a millisecond
// then, however many rows there are. They are read-only once read.
type cells struct {
	first     time.Time // the day that days are counted from
	days      int
	platforms []string
	byClient  map[string][]entry
}

// entry is what a client did on one day on one platform.
type entry struct {
	day      int32
	platform int32
	cell
}

// nobody stands for a client that is NULL. No filter can name it, for it is a control character.
const nobody = "\x00"

// readCells gives nil where there may be more than maxCells, and where there is no data.
func readCells(ctx context.Context, q engine.Querier, relation string, known Choices) (*cells, error) {
	first, err := time.Parse(time.DateOnly, known.MinDate)
	if err != nil {
		return nil, nil //nolint:nilerr // no rows, no dates
	}
	last, err := time.Parse(time.DateOnly, known.MaxDate)
	if err != nil {
		return nil, nil //nolint:nilerr // as above
	}
	c := &cells{first: first, days: daysBetween(first, last) + 1, platforms: known.Platforms, byClient: map[string][]entry{}}
	if c.days > maxCells || len(known.Clients)*len(known.Platforms)*c.days > maxCells {
		return nil, nil
	}
	sql := fmt.Sprintf("select\n    date,\n    platform,%s,\n    client_id\nfrom %s\nwhere date is not null and platform is not null\ngroup by\n    date,\n    platform,\n    client_id",
		sums, relation)
	err = eachSum(ctx, q, sql, func(day time.Time, platform string, d cell, rest []any) {
		client, known := rest[0].(string)
		if !known {
			client = nobody
		}
		at, _ := slices.BinarySearch(c.platforms, platform)
		c.byClient[client] = append(c.byClient[client], entry{day: int32(daysBetween(first, day)), platform: int32(at), cell: d})
	})
	return c, err
}

func daysBetween(a, b time.Time) int { return int((b.Unix() - a.Unix()) / 86400) }

// cube sums up what a filter leaves.
func (c *cells) cube(p plan) cube {
	first, last := int32(daysBetween(c.first, p.first())), int32(daysBetween(c.first, p.to))
	wanted := make([]bool, len(c.platforms))
	for i, platform := range c.platforms {
		wanted[i] = len(p.platforms) == 0 || slices.Contains(p.platforms, platform)
	}
	byDay := make([]cell, c.days*len(c.platforms)) // by day, then platform
	there := make([]bool, len(byDay))
	sum := func(entries []entry) {
		for i := range entries {
			if e := &entries[i]; e.day >= first && e.day <= last && wanted[e.platform] {
				at := int(e.day)*len(c.platforms) + int(e.platform)
				byDay[at].add(e.cell)
				there[at] = true
			}
		}
	}
	if len(p.clients) == 0 {
		for _, entries := range c.byClient {
			sum(entries)
		}
	}
	for _, client := range p.clients {
		sum(c.byClient[client])
	}
	out := newCube()
	for at, d := range byDay {
		if there[at] {
			out.count(p, c.first.AddDate(0, 0, at/len(c.platforms)), c.platforms[at%len(c.platforms)], d)
		}
	}
	return out
}
