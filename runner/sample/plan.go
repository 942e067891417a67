package sample

import (
	"slices"
	"time"
)

// plan is what one run adds. It is worked out from the options and the existing files, and touches neither.
type plan struct {
	first             bool
	from, to          day // both included
	known             int // clients[:known] are in clients.csv, the rest are new
	clients           []client
	campaigns, reused int
}

// Client and campaign numbers stay within nine digits, which is what scan reads back.
const (
	mostClients = 100_000_000
	mostNumber  = 999_999_999
)

var (
	defaultStart = dayOf(time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC))
	latest       = dayOf(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
)

// check finds what is wrong whatever the folder holds.
func (o Options) check() error {
	switch {
	case o.Dir == "":
		return usage("name the folder of the raw files", "no folder to write to")
	case o.Clients != nil && (*o.Clients < 0 || *o.Clients > mostClients):
		return usage("give a number from 0 to 100000000", "cannot add %d clients", *o.Clients)
	case o.Days != nil && *o.Days < 1:
		return usage("give at least 1", "cannot add %d days", *o.Days)
	case !o.Start.IsZero() && (o.Start.Year() < 1900 || o.Start.Year() > 9999):
		return usage("give a date from 1900 to 9999", "cannot start in year %d", o.Start.Year())
	}
	return nil
}

func newPlan(o Options, st *state) (*plan, error) {
	p := &plan{first: len(st.clients) == 0 && !st.dated, known: len(st.clients)}
	if err := p.setDays(o, st); err != nil {
		return nil, err
	}
	add := LaterClients
	if p.known == 0 {
		add = FirstClients
	}
	if o.Clients != nil {
		add = *o.Clients
	}
	if p.known+add == 0 {
		return nil, usage("add at least 1", "%s holds no clients yet", o.Dir)
	}
	if int(st.maxClient)+add > mostNumber || int(slices.Max(st.maxCampaign[:]))+(p.known+add)*maxCampaigns > mostNumber {
		return nil, usage("generate into an empty folder", "no numbers left for the ids of %s", o.Dir)
	}
	p.clients = make([]client, p.known, p.known+add)
	copy(p.clients, st.clients)
	next := max(st.maxClient+1, firstClient)
	for i := range add {
		p.clients = append(p.clients, client{no: next + uint32(i)})
	}
	for ch := range numChannels {
		r := rotate(o.Seed, p.clients, ch, p.from, p.known == 0, st.maxCampaign[ch])
		p.campaigns += r.campaigns
		p.reused += r.reused
	}
	return p, nil
}

func (p *plan) setDays(o Options, st *state) error {
	p.from = defaultStart
	days := FirstDays
	if st.dated {
		p.from, days = st.last+1, LaterDays
	}
	if !o.Start.IsZero() {
		p.from = dayOf(o.Start)
	}
	if o.Days != nil {
		days = *o.Days
	}
	if st.dated && p.from <= st.last {
		return usage("leave the start out to continue from there",
			"cannot start on %s, as %s holds data until %s", p.from, o.Dir, st.last)
	}
	if days > int(latest-p.from)+1 {
		return usage("give fewer days", "%d days from %s go past the year 9999", days, p.from)
	}
	p.to = p.from + day(days-1)
	return nil
}
