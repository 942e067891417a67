package dashboard

import (
	"context"
	"fmt"
	"time"

	"elt/runner/engine"
)

// cell is what one platform did in one period. Money is in cents: sums of integers are exact in any order.
type cell struct {
	clicks, impressions, spend, sessions, pageviews, emails, revenue int64
}

func (c *cell) add(d cell) {
	c.clicks += d.clicks
	c.impressions += d.impressions
	c.spend += d.spend
	c.sessions += d.sessions
	c.pageviews += d.pageviews
	c.emails += d.emails
	c.revenue += d.revenue
}

// cube is everything that the figures and charts of one filter are made of.
type cube struct {
	now      map[time.Time]map[string]cell // by period and platform
	before   cell                          // the previous range as a whole
	platform map[string]cell               // the range as a whole, by platform
}

func newCube() cube {
	return cube{now: map[time.Time]map[string]cell{}, platform: map[string]cell{}}
}

func (c *cube) count(p plan, day time.Time, platform string, d cell) {
	if day.Before(p.from) {
		c.before.add(d)
		return
	}
	period := p.period(day)
	if c.now[period] == nil {
		c.now[period] = map[string]cell{}
	}
	for _, into := range []map[string]cell{c.now[period], c.platform} {
		sum := into[platform]
		sum.add(d)
		into[platform] = sum
	}
}

// total sums up all platforms of a period or of the range.
func total(platforms map[string]cell) cell {
	var sum cell
	for _, d := range platforms {
		sum.add(d)
	}
	return sum
}

// cube answers the question from memory, or from the snapshot where that has too much to keep.
func (q question) cube(ctx context.Context) (cube, error) {
	if q.cells != nil {
		return q.cells.cube(q.plan), nil
	}
	return readCube(ctx, q.reader, q.analytics, q.plan)
}

// sums are the figures of a cell, in their order there.
const sums = `
    cast(sum(clicks) as bigint) as clicks,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(cast(spend_usd * 100 as bigint)) as bigint) as spend_cents,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(pageviews) as bigint) as pageviews,
    cast(sum(emails_sent) as bigint) as emails_sent,
    cast(sum(cast(attributed_revenue_from_source_usd * 100 as bigint)) as bigint) as revenue_cents`

// eachSum calls do for every row of a query for a day, a platform and sums, and whatever follows these.
func eachSum(ctx context.Context, q engine.Querier, sql string, do func(day time.Time, platform string, d cell, rest []any)) error {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return err
	}
	return engine.Each(rows, func(row []any) error {
		day, isDay := row[0].(time.Time)
		if !isDay {
			return fmt.Errorf("a date of %s is %v", analytics, row[0])
		}
		platform, _ := row[1].(string)
		number := func(i int) int64 { n, _ := row[i].(int64); return n } // a sum of nothing but NULL is 0
		do(day, platform, cell{number(2), number(3), number(4), number(5), number(6), number(7), number(8)}, row[9:])
		return nil
	})
}

// readCube sums up in the snapshot, in one scan.
func readCube(ctx context.Context, q engine.Querier, relation string, p plan) (cube, error) {
	c := newCube()
	sql := fmt.Sprintf("select\n    date,\n    platform,%s\nfrom %s\nwhere platform is not null\n    and %s\ngroup by\n    date,\n    platform", sums, relation, p.where(p.first(), p.to))
	err := eachSum(ctx, q, sql, func(day time.Time, platform string, d cell, _ []any) { c.count(p, day, platform, d) })
	return c, err
}
