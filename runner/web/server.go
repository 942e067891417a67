package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"elt/runner"
	"elt/runner/pipeline"
	"elt/runner/web/api"
	"elt/runner/web/cache"
	"elt/runner/web/catalog"
	"elt/runner/web/console"
	"elt/runner/web/dashboard"
	"elt/runner/web/live"
	"elt/runner/web/reports"
	"elt/runner/web/snapshot"
	"elt/runner/web/workspace"
)

// Options say what to serve and to whom.
type Options struct {
	Project pipeline.Options // Dir, Target, Vars, Version, LookupEnv, Clock and Log
	Hosts   []string         // names under which the server may be asked, beside those of this machine's loopback
	Token   string           // what every request has to bring; empty: nothing
	Debug   bool             // serve /debug/pprof to this machine
	Grace   time.Duration    // how long requests and runs may go on when the server stops
	Console console.Times    // zero: console.DefaultTimes

	Program  string   // elt itself, which runs are started with; empty: this process's own
	RunFlags []string // that every run gets: --target, --vars
}

const (
	cacheBytes      = 64 << 20 // what the answers kept for the next who asks may take
	dashboardMemory = "1GB"    // what all queries of pages together may take; what they sum up is small
)

// Server is the server of one project.
type Server struct {
	options   Options
	log       zerolog.Logger
	services  api.Services
	cache     *cache.Cache
	untrusted *snapshot.Pool // what the console reads
	pages     pages
	assets    *assets
	metrics   *metrics
	handler   http.Handler
	startedAt time.Time
}

// New loads the project and makes a Server of it. A folder that is no project is an error; a project that has never run, or
// that does not load, is not: pages say why until it does.
func New(ctx context.Context, o Options) (*Server, error) {
	s := &Server{options: o, log: o.Project.Log, cache: cache.New(cacheBytes), startedAt: o.Project.Clock()}
	s.services = api.Services{Version: o.Project.Version, Live: live.New(s.startedAt), Cache: s.cache}
	var err error
	if s.services.Workspace, err = workspace.New(ctx, o.Project, s.tellOfProject); err != nil {
		return nil, err
	}
	if s.services.Runs, err = s.newRuns(); err != nil {
		return nil, err
	}
	s.services.Schedules = s.newSchedules()
	s.services.Snapshot = snapshot.New(s.places, snapshot.Trusted(dashboardMemory), snapshot.Hooks{Prepare: s.prepare, Notify: s.announce})
	s.untrusted = snapshot.New(s.places, snapshot.Untrusted(console.Limits), snapshot.Hooks{})
	s.services.Console = console.New(s.untrusted, o.Console)
	s.services.Dashboard = dashboard.New(s.services.Snapshot, s.cache)
	s.services.Reports = reports.New(s.services.Workspace, s.services.Snapshot, s.cache)
	s.services.Catalog = catalog.New(s.services.Workspace)
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = parsePages(s.assets); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.metrics.set.NewGauge("elt_runs_running", func() float64 { n, _ := s.services.Runs.Counts(); return float64(n) })
	s.metrics.set.NewGauge("elt_runs_waiting", func() float64 { _, n := s.services.Runs.Counts(); return float64(n) })
	s.handler = s.routes()
	return s, nil
}

func (s *Server) places(ctx context.Context) pipeline.Places {
	return s.services.Workspace.Outline(ctx).At
}

// prepare has the console and the overview ready for a new snapshot before anyone hears of it.
func (s *Server) prepare(ctx context.Context, r *snapshot.Reader) {
	_ = s.untrusted.Refresh(ctx) // whoever uses the console will be told what is wrong
	if err := s.services.Dashboard.Prepare(ctx, r); err != nil && !errors.Is(err, dashboard.ErrNoModel) {
		s.log.Warn().Err(err).Str("run", r.RunID).Msg("prepare the overview")
	}
}

// announce tells open pages of a new snapshot.
func (s *Server) announce(info snapshot.Info) {
	s.services.Live.Publish(live.Published, info.RunID, info)
}

// tellOfProject tells open pages how the project's files load now.
func (s *Server) tellOfProject(problem error) {
	state := projectState{}
	if problem != nil {
		text := problem.Error()
		state.Problem = &text
	}
	s.services.Live.Publish(live.Project, "", state)
}

// projectState is the payload of events of kind live.Project.
type projectState struct {
	Problem *string `json:"problem"` // null: the project loads
}

// routes puts all parts of the server behind its guard.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	api.Register(mux, s.services)
	for _, area := range []func(*http.ServeMux){
		s.registerAssets, s.registerOperations, s.registerLogin, s.registerOverview, s.registerReports,
		s.registerCatalog, s.registerTests, s.registerSQL, s.registerRuns, s.registerSchedules,
	} {
		area(mux)
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		api.WriteProblem(w, api.NotFound(fmt.Sprintf("there is no operation %s %.100q", r.Method, r.URL.Path), "/openapi.json lists them all"))
	})
	mux.HandleFunc("/", s.notFound)
	return s.guard(noteRoute(mux))
}

// Handler is the whole server, guard included.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers on the listeners until ctx is done, then lets requests end for the grace period. It closes the listeners.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: newErrorLog(s.log),
	}
	var background sync.WaitGroup
	defer background.Wait()                                           // nothing touches the project's files any more
	following, stop := context.WithCancel(context.WithoutCancel(ctx)) // to the end: a run may outlive ctx
	defer stop()
	background.Go(func() { s.services.Snapshot.Follow(following) })
	background.Go(func() { s.untrusted.Follow(following) }) // so that the first query need not wait for it to be opened
	background.Go(func() { s.follow(following) })
	scheduling, stopScheduling := context.WithCancel(ctx)
	defer stopScheduling()
	background.Go(func() { s.services.Schedules.Run(scheduling) })
	ended := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { ended <- server.Serve(l) }()
	}
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	return errors.Join(ignoreClosed(err), s.shutDown(server))
}

// shutDown lets the run that goes on and then requests end. Streams never end by themselves: closing the hub ends them.
func (s *Server) shutDown(server *http.Server) error {
	ctx, stop := context.WithTimeout(context.Background(), s.options.Grace)
	defer stop()
	s.services.Runs.Close(ctx)
	s.services.Live.Close()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn().Msg("requests were cut off at the end of the grace period")
		err = server.Close()
	}
	s.services.Snapshot.Close()
	s.untrusted.Close()
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Listen opens the addresses of a server: for an empty host 127.0.0.1 and, where there is such a thing, ::1, with the same
// port; else the host. A port of 0 is any that is free.
func Listen(ctx context.Context, host, port string) ([]net.Listener, error) {
	if host != "" {
		l, err := listen(ctx, host, port)
		if err != nil {
			return nil, err
		}
		return []net.Listener{l}, nil
	}
	four, err := listen(ctx, "127.0.0.1", port)
	if err != nil {
		return nil, err
	}
	_, taken, err := net.SplitHostPort(four.Addr().String())
	if err != nil {
		return nil, errors.Join(err, four.Close())
	}
	six, err := listen(ctx, "::1", taken)
	if err != nil { // no IPv6 here, or another program has the port there: 127.0.0.1 is enough
		return []net.Listener{four}, nil
	}
	return []net.Listener{four, six}, nil
}

func listen(ctx context.Context, host, port string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, &runner.Error{
			Code: runner.CodeUsage, Msg: "listen on " + net.JoinHostPort(host, port), Err: err, Hint: "choose another port with --port, or stop what has this one",
		}
	}
	return l, nil
}
