package dashboard

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"elt/runner"
	"elt/runner/web/kind"
)

// defaultDays is the length of the range that a zero Filter means.
const defaultDays = 30

// FilterOf reads a filter from the query string of the overview or of the API. Commas do not separate: a value is a value.
func FilterOf(q url.Values) Filter {
	return Filter{
		Clients: q["client"], Platforms: q["platform"], From: q.Get("from"), To: q.Get("to"), Grain: q.Get("grain"), Compare: q.Get("compare"),
	}
}

// Query is the filter as FilterOf reads it, in one spelling, without what is the default anyway.
func (f Filter) Query() url.Values {
	q := url.Values{}
	for _, c := range sorted(f.Clients) {
		q.Add("client", c)
	}
	for _, p := range sorted(f.Platforms) {
		q.Add("platform", p)
	}
	for _, field := range []struct{ name, value, usual string }{
		{"from", f.From, ""}, {"to", f.To, ""}, {"grain", f.Grain, "day"}, {"compare", f.Compare, "previous"},
	} {
		if field.value != field.usual {
			q.Set(field.name, field.value)
		}
	}
	return q
}

func sorted(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}

// plan is a filter that is checked, with its dates worked out.
type plan struct {
	clients, platforms []string
	from, to           time.Time
	before             time.Time // first day of the previous range, which ends before from; zero where nothing is compared
	grain              string
}

// plan checks the filter. Dates left out are taken from the days that have data.
func (f Filter) plan(c Choices) (plan, error) {
	p := plan{clients: sorted(f.Clients), platforms: sorted(f.Platforms), grain: f.Grain}
	for _, name := range append(slices.Clone(p.clients), p.platforms...) {
		if strings.ContainsFunc(name, unicode.IsControl) || len(name) > 200 {
			return p, bad("a client or platform with control characters or more than 200 bytes", "")
		}
	}
	if p.grain == "" {
		p.grain = "day"
	}
	if !slices.Contains([]string{"day", "week", "month"}, p.grain) {
		return p, bad(fmt.Sprintf("grain %q", p.grain), "day, week or month")
	}
	if !slices.Contains([]string{"", "previous", "none"}, f.Compare) {
		return p, bad(fmt.Sprintf("compare %q", f.Compare), "previous or none")
	}
	var err error
	if p.to, err = day("to", f.To, c.MaxDate); err != nil {
		return p, err
	}
	start := p.to.AddDate(0, 0, 1-defaultDays).Format(time.DateOnly)
	if p.from, err = day("from", f.From, max(start, min(c.MinDate, p.to.Format(time.DateOnly)))); err != nil {
		return p, err
	}
	days := int(p.to.Sub(p.from).Hours()/24) + 1
	switch {
	case days < 1:
		return p, bad(fmt.Sprintf("from %s is after to %s", p.from.Format(time.DateOnly), p.to.Format(time.DateOnly)), "")
	case days > 50*366:
		return p, bad("a range of more than fifty years", "")
	case f.Compare != "none":
		p.before = p.from.AddDate(0, 0, -days)
	}
	return p, nil
}

func day(name, text, usual string) (time.Time, error) {
	if text == "" {
		text = usual
	}
	if text == "" {
		text = "1970-01-01" // no data: any day will do
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, bad(fmt.Sprintf("%s %.40q", name, text), "write a date as 2024-12-31")
	}
	return t, nil
}

func bad(what, hint string) error {
	return kind.Of(ErrFilter, &runner.Error{Code: runner.CodeUsage, Msg: "read the filter: " + what, Hint: hint})
}

// first is the first day that is read.
func (p plan) first() time.Time {
	if p.before.IsZero() {
		return p.from
	}
	return p.before
}

// key tells filters with different answers apart, whatever they were spelled like.
func (p plan) key() string {
	return fmt.Sprintf("%q %q %s %s %s %s", p.clients, p.platforms, p.from.Format(time.DateOnly), p.to.Format(time.DateOnly),
		p.before.Format(time.DateOnly), p.grain)
}

// where is the condition for the rows of a range.
func (p plan) where(from, to time.Time) string {
	conditions := []string{fmt.Sprintf("date between date '%s' and date '%s'", from.Format(time.DateOnly), to.Format(time.DateOnly))}
	for _, c := range []struct {
		column string
		names  []string
	}{{"client_id", p.clients}, {"platform", p.platforms}} {
		if len(c.names) > 0 {
			literals := make([]string, len(c.names))
			for i, name := range c.names {
				literals[i] = runner.Literal(name)
			}
			conditions = append(conditions, fmt.Sprintf("%s in (%s)", c.column, strings.Join(literals, ", ")))
		}
	}
	return strings.Join(conditions, "\n    and ")
}

// period is the first day of the period of a day.
func (p plan) period(t time.Time) time.Time {
	switch p.grain {
	case "week":
		return t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	case "month":
		return t.AddDate(0, 0, 1-t.Day())
	default:
		return t
	}
}

// periods are the first days of all periods that the range touches.
func (p plan) periods() []time.Time {
	var out []time.Time
	for t := p.period(p.from); !t.After(p.to); {
		out = append(out, t)
		switch p.grain {
		case "week":
			t = t.AddDate(0, 0, 7)
		case "month":
			t = t.AddDate(0, 1, 0)
		default:
			t = t.AddDate(0, 0, 1)
		}
	}
	return out
}
