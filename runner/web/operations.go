package web

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
	"github.com/rs/zerolog"

	"elt/runner/web/snapshot"
)

// metrics are what /metrics tells, in the text format of Prometheus.
type metrics struct {
	set *vm.Set
}

func newMetrics(s *Server) *metrics {
	set := vm.NewSet()
	set.NewGauge("elt_sse_subscribers", func() float64 { n, _ := s.services.Live.Stats(); return float64(n) })
	set.NewGauge("elt_sse_dropped_total", func() float64 { _, n := s.services.Live.Stats(); return float64(n) })
	set.NewGauge("elt_cache_hits_total", func() float64 { n, _, _ := s.cache.Stats(); return float64(n) })
	set.NewGauge("elt_cache_misses_total", func() float64 { _, n, _ := s.cache.Stats(); return float64(n) })
	set.NewGauge("elt_cache_bytes", func() float64 { _, _, n := s.cache.Stats(); return float64(n) })
	set.NewGauge("elt_start_time_seconds", func() float64 { return float64(s.startedAt.Unix()) })
	return &metrics{set: set}
}

type routeKey struct{}

// observe counts requests by their route, never by what they ask for, and takes their time.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, route := time.Now(), "refused"
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			s.metrics.set.GetOrCreateCounter(fmt.Sprintf(`elt_http_requests_total{route=%q,status="%d"}`, route, recorder.status)).Inc()
			if !strings.HasSuffix(route, "/events") { // which never end
				s.metrics.set.GetOrCreateHistogram(fmt.Sprintf(`elt_http_request_seconds{route=%q}`, route)).UpdateDuration(started)
			}
		}()
		next.ServeHTTP(recorder, r.WithContext(context.WithValue(r.Context(), routeKey{}, &route)))
	})
}

// noteRoute tells observe which route a request took; those that get this far have one.
func noteRoute(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if route, ok := r.Context().Value(routeKey{}).(*string); ok {
			_, *route = mux.Handler(r)
		}
		mux.ServeHTTP(w, r)
	})
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
	wrote  bool
}

// WriteHeader implements http.ResponseWriter.
func (r *statusRecorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what is below.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush lets those stream who ask for a http.Flusher.
func (r *statusRecorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// registerOperations adds what those need who keep the server running.
func (s *Server) registerOperations(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.services.Workspace.Get(r.Context()); err != nil {
			plain(w, http.StatusServiceUnavailable, "the project does not load: "+err.Error())
			return
		}
		// A project that has published nothing yet is served all the same.
		_, err := s.services.Snapshot.Current(r.Context())
		if err != nil && (!errors.Is(err, snapshot.ErrNone) || errors.Is(err, snapshot.ErrGone)) {
			s.log.Error().Err(err).Msg("not ready")
			plain(w, http.StatusServiceUnavailable, "the published snapshot cannot be read")
			return
		}
		plain(w, http.StatusOK, "ready")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s.metrics.set.WritePrometheus(w)
		vm.WriteProcessMetrics(w)
	})
	if s.options.Debug {
		for pattern, handler := range map[string]http.HandlerFunc{
			"GET /debug/pprof/": pprof.Index, "GET /debug/pprof/profile": pprof.Profile, "GET /debug/pprof/trace": pprof.Trace,
			"GET /debug/pprof/symbol": pprof.Symbol,
		} {
			mux.Handle(pattern, thisMachine(handler))
		}
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // who has left needs no answer
}

// thisMachine answers those only who ask from the machine that the server runs on.
func thisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isThisMachine(r) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isThisMachine(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// newErrorLog has net/http write to our log what it has to say: broken handshakes and the like.
func newErrorLog(to zerolog.Logger) *log.Logger {
	return log.New(to.With().Str("from", "http").Logger().Level(zerolog.WarnLevel), "", 0)
}
