package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// settings say what to measure.
type settings struct {
	elt     string // binary
	project string // folder with the project to copy
	clients int
	days    int
	scale   int // times as many clients
	runs    int // of each kind; figures are medians
	work    string
	compare string        // another elt binary, run in turn with the first; empty: none
	users   int           // of the server at once; 0: do not measure it
	load    time.Duration // how long they stay
	served  string        // measure only the server, on this project, which is published; empty: measure all
}

// run is the whole program: it takes arguments and streams and returns the exit status.
func run(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(args) == 2 && (args[0] == floorCommand || args[0] == partCommand) {
		return status(errOut, replay(ctx, args[0], args[1]))
	}
	s, err := parse(args, errOut)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = s.bench(ctx, out, errOut)
	}
	return status(errOut, err)
}

func status(errOut io.Writer, err error) int {
	if err != nil {
		fmt.Fprintln(errOut, "error:", err)
		return 1
	}
	return 0
}

func parse(args []string, errOut io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&s.elt, "elt", "bin/elt", "the `binary` to measure")
	flags.StringVar(&s.project, "project", ".", "the `folder` with the project to copy")
	flags.IntVar(&s.clients, "clients", 1000, "clients in the data")
	flags.IntVar(&s.days, "days", 90, "days in the data")
	flags.IntVar(&s.scale, "scale", 1, "times as many clients")
	flags.IntVar(&s.runs, "runs", 5, "how often each figure is taken")
	flags.StringVar(&s.work, "work", "", "the `folder` to work in, kept afterwards (default: a temporary one)")
	flags.StringVar(&s.compare, "compare", "", "another elt `binary`, run in turn with the first")
	flags.IntVar(&s.users, "users", 200, "users of the server at once; 0: do not measure it")
	flags.DurationVar(&s.load, "load", time.Minute, "how long they stay")
	flags.StringVar(&s.served, "served", "", "measure only the server, on the published project in this `folder`, whose raw files will grow")
	err := flags.Parse(args)
	if err == nil && (s.clients < 10 || s.days < 1 || s.scale < 1 || s.runs < 1) {
		err = errors.New("-clients must be 10 at least, -days, -scale and -runs 1")
	}
	s.clients *= s.scale
	return s, err
}

// bench takes all figures and prints them.
func (s settings) bench(ctx context.Context, out, progress io.Writer) (err error) {
	if s.elt, err = filepath.Abs(s.elt); err != nil {
		return err
	}
	if s.served != "" {
		server, err := s.measureServer(ctx, s.served, progress)
		server.report(out, s)
		return err
	}
	if s.work == "" {
		if s.work, err = os.MkdirTemp("", "elt-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(s.work)) }()
	}
	full, err := s.measureProject(ctx, filepath.Join(s.work, "full"), s.clients, progress)
	if err != nil {
		return err
	}
	small := settings{elt: s.elt, project: s.project, days: s.days, runs: s.runs}
	tenth, err := small.coldRuns(ctx, filepath.Join(s.work, "tenth"), s.clients/10, progress)
	if err != nil {
		return err
	}
	s.report(out, full, tenth)
	if s.users == 0 {
		return nil
	}
	server, err := s.measureServer(ctx, filepath.Join(s.work, "full"), progress)
	server.report(out, s)
	return err
}

// figures are all that is measured on one project.
type figures struct {
	rows      int64 // in the raw files
	elt       []sample
	floor     []sample
	other     []sample // of the binary to compare with
	untested  []sample // elt without data tests
	unchanged []sample
	version   []sample
	parts     map[string][]sample // some models by themselves
}

// measureProject takes all figures at one size. What is to be compared runs in turn, so that a busy machine hits all alike.
func (s settings) measureProject(ctx context.Context, dir string, clients int, progress io.Writer) (figures, error) {
	var f figures
	var err error
	if f.rows, err = s.setUp(ctx, dir, clients); err != nil {
		return f, err
	}
	if err := writeFloor(ctx, dir); err != nil {
		return f, err
	}
	for _, p := range parts() {
		if err := p.write(ctx, dir); err != nil {
			return f, err
		}
	}
	kinds := []struct {
		name string
		into *[]sample
		cold bool
		take func() (sample, error)
	}{
		{"compared elt run", &f.other, true, func() (sample, error) { return s.runElt(ctx, s.compare, dir, "run") }},
		{"without tests", &f.untested, true, func() (sample, error) {
			return s.runElt(ctx, s.elt, dir, "run", "--exclude", "resource_type:test")
		}},
		{"elt run", &f.elt, true, func() (sample, error) { return s.runElt(ctx, s.elt, dir, "run") }},
		{"no change", &f.unchanged, false, func() (sample, error) { return s.runElt(ctx, s.elt, dir, "run") }},
		{"floor", &f.floor, false, func() (sample, error) { return runReplay(ctx, dir, floorCommand, filepath.Join(dir, floorFile)) }},
		{"elt version", &f.version, false, func() (sample, error) { return s.runElt(ctx, s.elt, dir, "version") }},
	}
	for round := range s.runs {
		for _, k := range kinds {
			if k.into == &f.other && s.compare == "" {
				continue
			}
			if k.cold {
				if err := clean(dir); err != nil {
					return f, err
				}
			}
			taken, err := k.take()
			if err != nil {
				return f, fmt.Errorf("%s: %w", k.name, err)
			}
			fmt.Fprintf(progress, "%d/%d  %-16s %8.2f s wall %8.2f s cpu %6.0f MB\n", round+1, s.runs, k.name,
				taken.wall.Seconds(), taken.cpu.Seconds(), taken.megabytes())
			*k.into = append(*k.into, taken)
		}
		if err := sameReports(dir); err != nil {
			return f, err
		}
	}
	f.parts, err = s.measureParts(ctx, dir, progress)
	return f, err
}

// sameReports sees that the floor has written the reports that elt has, byte for byte: else it is not the same work.
func sameReports(dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "data", "reports", "*.csv"))
	if err == nil && len(paths) == 0 {
		err = errors.New("elt has written no reports")
	}
	if err != nil {
		return err
	}
	for _, path := range paths {
		ours, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		plain, err := os.ReadFile(filepath.Join(dir, floorOutput, "reports", filepath.Base(path)))
		if err != nil {
			return err
		}
		if !bytes.Equal(ours, plain) {
			return fmt.Errorf("%s of the floor differs from that of elt", filepath.Base(path))
		}
	}
	return nil
}

// coldRuns takes the figures of first runs at another size.
func (s settings) coldRuns(ctx context.Context, dir string, clients int, progress io.Writer) (f figures, err error) {
	if f.rows, err = s.setUp(ctx, dir, clients); err != nil {
		return f, err
	}
	for range s.runs {
		if err := clean(dir); err != nil {
			return f, err
		}
		taken, err := s.runElt(ctx, s.elt, dir, "run")
		if err != nil {
			return f, fmt.Errorf("elt run: %w", err)
		}
		f.elt = append(f.elt, taken)
	}
	fmt.Fprintf(progress, "      a tenth of the clients: done\n")
	return f, nil
}
