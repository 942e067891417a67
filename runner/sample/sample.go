// Package sample writes deterministic marketing data in the shape of the raw files the pipeline reads: ads, email, web
// traffic, clients and revenue. It stands in for real exports, so a first run fills a folder and every later run appends,
// as data does over time: more clients, and the next days for all of them.
//
// The same options on the same files give the same bytes on every platform: all draws are integers from a generator seeded
// per (seed, client, day, table), and nothing depends on the clock, on map order or on floating point.
//
// Memory does not grow with rows. It grows with clients, by under a hundred bytes each.
package sample

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// What a run makes when the options do not say.
const (
	DefaultSeed = 1

	FirstClients = 10 // clients made in an empty folder
	FirstDays    = 90 // days made in an empty folder
	LaterClients = 2  // clients added where data exists
	LaterDays    = 30 // days added where data exists
)

// Options say what to generate. Only Dir is required.
type Options struct {
	// Dir is the folder of the raw files. It is made when missing.
	Dir string
	// Seed picks the data; every value, 0 too, is a seed of its own. Give the same seed to later runs to keep the size and
	// character of each client.
	Seed uint64
	// Clients is the number of clients to add: FirstClients or LaterClients when nil. 0 is allowed where clients exist.
	Clients *int
	// Days is the number of days to add for every client: FirstDays or LaterDays when nil.
	Days *int
	// Start is the first day to add; only its year, month and day count. When zero it is 2024-12-01 in an empty folder and
	// the day after the last one where data exists. It may leave a gap, but not go back.
	Start time.Time
}

// Summary tells what one run did.
type Summary struct {
	First        bool      // the folder held no data before
	From, To     time.Time // first and last day added, both included, midnight UTC
	Days         int       // days added
	ClientsAdded int
	ClientsTotal int
	// Campaigns is the number of campaign ids this run drew from, over the three channels, and CampaignsReused how many of
	// them the files held before.
	Campaigns, CampaignsReused int
	Files                      []File // always the same six, in the same order
}

// File is the state of one raw file after the run.
type File struct {
	Name        string
	Path        string
	RowsAdded   int64
	RowsTotal   int64
	Bytes       int64
	First, Last time.Time // range of the dates in the whole file; zero for clients.csv and for a file without rows
}

// Rows is the number of rows added, over all files.
func (s Summary) Rows() int64 {
	var n int64
	for _, f := range s.Files {
		n += f.RowsAdded
	}
	return n
}

// Generate writes or extends the six raw files in o.Dir.
//
// It is all or nothing: the new files are completed beside the old ones and then renamed over them, so on an error, a
// cancelled ctx or a crash each file is whole; a run that a crash cut off between two renames is completed by the next
// call before it starts its own. Every error is a *runner.Error: CodeUsage for options, CodeLoad for existing files that
// cannot be appended to, CodeLocked when another run is writing there, CodeInterrupted, and CodePublish for the rest.
func Generate(ctx context.Context, o Options) (Summary, error) {
	if err := o.check(); err != nil {
		return Summary{}, err
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return Summary{}, failure("make the folder for sample data", err)
	}
	unlock, err := lockDir(o.Dir)
	if err != nil {
		return Summary{}, err
	}
	defer unlock()
	if err := recoverStaging(o.Dir); err != nil {
		return Summary{}, failure("complete the sample data of an interrupted run", err)
	}
	st, err := scan(ctx, o.Dir)
	if err != nil {
		return Summary{}, failure("read the sample data there is", err)
	}
	p, err := newPlan(o, st)
	if err != nil {
		return Summary{}, err
	}
	return write(ctx, o, st, p)
}

// write stages the six files and publishes them.
func write(ctx context.Context, o Options, st *state, p *plan) (Summary, error) {
	s, err := newStaging(ctx, o.Dir, st)
	if err != nil {
		return Summary{}, failure("stage sample data", err)
	}
	if err := fill(ctx, o.Seed, p, s); err != nil {
		s.discard()
		return Summary{}, failure("write sample data", err)
	}
	if err := s.complete(); err != nil {
		s.discard()
		return Summary{}, failure("write sample data", err)
	}
	if err := publish(o.Dir); err != nil {
		return Summary{}, failure("publish sample data, which the next run completes", err)
	}
	return summarize(o, st, p, s), nil
}

// fill appends the clients and days of p. It looks at ctx once per day.
func fill(ctx context.Context, seed uint64, p *plan, s *staging) error {
	g := generator{seed: seed, sinks: &s.sinks}
	g.addClients(p.clients[p.known:], p)
	for d := p.from; d <= p.to; d++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		g.setDay(d)
		for i := range p.clients {
			g.clientDay(&p.clients[i])
		}
		if err := s.err(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func summarize(o Options, st *state, p *plan, s *staging) Summary {
	sum := Summary{
		First: p.first, From: p.from.time(), To: p.to.time(), Days: int(p.to-p.from) + 1,
		ClientsAdded: len(p.clients) - p.known, ClientsTotal: len(p.clients),
		Campaigns: p.campaigns, CampaignsReused: p.reused,
	}
	for t := range numTables {
		was, out := st.files[t], &s.sinks[t]
		f := File{
			Name: specs[t].name, Path: filepath.Join(o.Dir, specs[t].name),
			RowsAdded: out.rows, RowsTotal: was.rows + out.rows, Bytes: out.size,
		}
		if t != tableClients && f.RowsTotal > 0 {
			first, last := was.first, was.last
			if out.rows > 0 {
				last = out.last
				if was.rows == 0 {
					first = out.first
				}
			}
			f.First, f.Last = first.time(), last.time()
		}
		sum.Files = append(sum.Files, f)
	}
	return sum
}
