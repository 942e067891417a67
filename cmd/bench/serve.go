package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// served are the figures of `elt serve` on a published project. Times are those of a client on the same machine.
type served struct {
	ready   []float64 // seconds from the start of the program until it is ready
	first   []float64 // until the first overview of a fresh server is whole
	again   []float64 // until the same is whole once more
	changes []float64 // until figures and charts of a filter are there that nobody asked for before
	load    load
}

// Budgets of the server, in seconds, on 600 k rows.
const (
	firstBudget  = 0.300
	changeBudget = 0.150
	loadBudget   = 0.500
)

// webServer is a running `elt serve`.
type webServer struct {
	base    string
	command *exec.Cmd
	ready   float64 // seconds from its start
}

var servingAt = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startServer starts the server of a project and waits until it is ready.
func (s settings) startServer(ctx context.Context, dir string) (*webServer, error) {
	command := exec.CommandContext(ctx, s.elt, "serve", "--port", "0")
	command.Dir = dir
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	messages, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	started := time.Now()
	if err := command.Start(); err != nil {
		return nil, err
	}
	w := &webServer{command: command}
	lines := bufio.NewScanner(messages)
	var said []string
	for w.base == "" && lines.Scan() {
		said = append(said, lines.Text())
		w.base = servingAt.FindString(lines.Text())
	}
	if w.base == "" {
		return nil, errors.Join(fmt.Errorf("elt serve: %s", strings.Join(said, "\n")), w.stop())
	}
	go func() { _, _ = io.Copy(io.Discard, messages) }() // so that it never waits for us to listen
	for range 100 {
		if _, err := w.get(ctx, http.DefaultClient, "/readyz"); err == nil {
			w.ready = time.Since(started).Seconds()
			return w, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("elt serve does not get ready"), w.stop())
}

func (w *webServer) stop() error {
	err := w.command.Process.Signal(syscall.SIGTERM)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	return errors.Join(err, w.command.Wait())
}

// get asks for a path and gives the seconds until the answer was whole.
func (w *webServer) get(ctx context.Context, client *http.Client, path string) (seconds float64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+path, nil)
	if err != nil {
		return 0, err
	}
	started := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	seconds = time.Since(started).Seconds()
	if err = errors.Join(err, response.Body.Close()); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, response.Status)
	}
	return seconds, err
}

// metric is a figure that the server tells of itself; 0 where its system does not tell.
func (w *webServer) metric(ctx context.Context, name string) (float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }() // it is read to its end
	text, err := io.ReadAll(response.Body)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, err
}

// measureServer takes the figures of the server on a project that is published.
func (s settings) measureServer(ctx context.Context, dir string, progress io.Writer) (f served, err error) {
	for round := range s.runs {
		w, err := s.startServer(ctx, dir)
		if err != nil {
			return f, err
		}
		err = errors.Join(f.alone(ctx, w, round), w.stop())
		if err != nil {
			return f, err
		}
	}
	fmt.Fprintf(progress, "      the server, alone: done\n")
	w, err := s.startServer(ctx, dir)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, w.stop()) }()
	f.load, err = s.underLoad(ctx, w, dir)
	fmt.Fprintf(progress, "      the server, with %d users: done\n", s.users)
	return f, err
}

// alone takes the figures of a server that has nothing else to do. Each round asks for other filters.
func (f *served) alone(ctx context.Context, w *webServer, round int) error {
	f.ready = append(f.ready, w.ready)
	for _, into := range []*[]float64{&f.first, &f.again} {
		took, err := w.get(ctx, http.DefaultClient, "/")
		if err != nil {
			return err
		}
		*into = append(*into, took)
	}
	for i := range 10 {
		took, err := w.get(ctx, http.DefaultClient, fmt.Sprintf("/api/v1/dashboard?client=C%d&client=C%d&grain=week", 101+i, 102+i+round))
		if err != nil {
			return err
		}
		f.changes = append(f.changes, took)
	}
	return nil
}

// report prints the figures, each with what it may be.
func (f served) report(out io.Writer, s settings) {
	same := func(v float64) float64 { return v }
	fmt.Fprintf(out, "\nThe server, as a client on the same machine sees it:\n\n")
	line := func(name string, seconds, budget float64) {
		fmt.Fprintf(out, "  %-58s %8.1f ms (at most %.0f)%s\n", name, seconds*1000, budget*1000, over(seconds, budget))
	}
	fmt.Fprintf(out, "  %-58s %8.1f ms\n", "ready from its start, median", median(f.ready, same)*1000)
	line("overview with its data, from a fresh server, median", median(f.first, same), firstBudget)
	line("overview once more, median", median(f.again, same), firstBudget)
	line("a filter nobody asked for before, median", median(f.changes, same), changeBudget)
	line("a filter nobody asked for before, 95th percentile", percentile(f.changes, 0.95), changeBudget)
	l := f.load
	fmt.Fprintf(out, "\n  %d users for %s, while the pipeline runs (%d published): %d requests (%.0f a second), %d errors%s\n", l.users,
		l.took.Round(time.Second), l.runs, len(l.seconds), float64(len(l.seconds))/l.took.Seconds(), l.errors, over(float64(l.errors), 0))
	line("median", median(l.seconds, same), loadBudget)
	line("95th percentile", percentile(l.seconds, 0.95), loadBudget)
	line("99th percentile", percentile(l.seconds, 0.99), loadBudget)
	fmt.Fprintf(out, "  %-58s %8.1f ms\n", "CPU time of the server a request", l.cpu/float64(max(1, len(l.seconds)))*1000)
	fmt.Fprintf(out, "  %-58s %8.0f MB\n", "most memory the server had", l.peak)
	if l.example != "" {
		fmt.Fprintf(out, "  one of the errors: %s\n", l.example)
	}
}

func over(value, budget float64) string {
	if value > budget {
		return "  OVER BUDGET"
	}
	return ""
}

// load is how the server did with many users at once.
type load struct {
	users   int
	took    time.Duration
	runs    int       // that published meanwhile
	seconds []float64 // of each request
	errors  int
	example string  // of an error
	cpu     float64 // seconds that the server took for all of them
	peak    float64 // MB
}

// underLoad lets users look at the overview while runs publish one after the other.
func (s settings) underLoad(ctx context.Context, w *webServer, dir string) (load, error) {
	l := load{users: s.users}
	before, err := w.metric(ctx, "process_cpu_seconds_total")
	if err != nil {
		return l, err
	}
	started := time.Now()
	during, stop := context.WithTimeout(ctx, s.load)
	defer stop()
	var all sync.WaitGroup
	var mu sync.Mutex // guards l
	for i := range s.users {
		u := newUser(w, i)
		all.Go(func() {
			u.look(during)
			mu.Lock()
			defer mu.Unlock()
			l.seconds, l.errors = append(l.seconds, u.seconds...), l.errors+u.errors
			if u.example != "" {
				l.example = u.example
			}
		})
	}
	runErr := s.publishAgain(during, dir, &l.runs)
	all.Wait()
	l.took = time.Since(started)
	after, err := w.metric(ctx, "process_cpu_seconds_total")
	l.cpu = after - before
	peak, peakErr := w.metric(ctx, "process_resident_memory_peak_bytes")
	l.peak = peak / 1e6
	return l, errors.Join(runErr, err, peakErr)
}

// publishAgain runs the whole pipeline until ctx is done, each time with other rows, so that each run publishes.
func (s settings) publishAgain(ctx context.Context, dir string, published *int) error {
	for ctx.Err() == nil {
		if err := appendClick(filepath.Join(dir, "data", "raw", "google_ads.csv"), *published); err != nil {
			return err
		}
		command := exec.CommandContext(ctx, s.elt, "run", "--exclude", "resource_type:test", "--wait", "5m") // the server starts runs, too
		command.Dir = dir
		command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
		switch text, err := command.CombinedOutput(); {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("elt run during the load: %w: %s", err, text)
		}
		*published++
	}
	return nil
}

func appendClick(path string, n int) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "G001,C101,2024-12-01,%d,1000,1.00,mobile,DE\n", n+1)
	return errors.Join(err, f.Close())
}
