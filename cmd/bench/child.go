package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// sample is what one child process cost, by the operating system's own accounts.
type sample struct {
	wall   time.Duration // from start to exit
	cpu    time.Duration // user and system
	peak   int64         // bytes resident at most
	stages []stage       // in order
	nodes  []event       // what was loaded, built, tested and written
}

// stage is a part of a run that follows another.
type stage struct {
	name string
	took time.Duration
}

func (s sample) megabytes() float64 { return float64(s.peak) / 1e6 }

// event is a line that a child writes to its error stream. Times are in milliseconds.
type event struct {
	Stage   string  `json:"stage"`
	Node    string  `json:"node"`
	File    string  `json:"file"`
	Status  string  `json:"status"`
	Rows    int64   `json:"rows"`
	Elapsed float64 `json:"elapsed"`
}

// runElt runs elt in a project and takes what it tells of itself.
func (s settings) runElt(ctx context.Context, binary, dir string, args ...string) (sample, error) {
	command := exec.CommandContext(ctx, binary, args...)
	if args[0] == "run" {
		command.Args = append(command.Args, "--log-format", "json")
	}
	command.Dir = dir
	return measure(command)
}

// runReplay runs steps in plain DuckDB, in a child of the same kind.
func runReplay(ctx context.Context, dir, command, file string) (sample, error) {
	self, err := os.Executable()
	if err != nil {
		return sample{}, err
	}
	child := exec.CommandContext(ctx, self, command, file)
	child.Dir = dir
	return measure(child)
}

// measure runs a command. Its stages are timed as they are announced.
func measure(command *exec.Cmd) (sample, error) {
	messages, err := command.StderrPipe()
	if err != nil {
		return sample{}, err
	}
	var s sample
	var other bytes.Buffer
	started := time.Now()
	if err := command.Start(); err != nil {
		return sample{}, err
	}
	current, since := "start", started
	lines := bufio.NewReader(messages)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		switch {
		case json.Unmarshal(line, &e) != nil:
			other.Write(line)
		case e.Stage != "":
			now := time.Now()
			s.stages = append(s.stages, stage{current, now.Sub(since)})
			current, since = e.Stage, now
		case e.Node != "" || e.File != "":
			s.nodes = append(s.nodes, e)
		}
		if err != nil {
			break
		}
	}
	err = command.Wait()
	s.wall = time.Since(started)
	s.stages = append(s.stages, stage{current, time.Since(since)})
	s.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.peak = int64(usage.Maxrss)
		if runtime.GOOS != "darwin" { // which alone counts bytes
			s.peak *= 1024
		}
	}
	if err != nil {
		return s, fmt.Errorf("%w: %s", err, strings.TrimSpace(other.String()))
	}
	return s, nil
}

// setUp makes a copy of the project with data for so many clients, and counts its raw rows.
func (s settings) setUp(ctx context.Context, dir string, clients int) (rows int64, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	for _, name := range []string{"models", "macros", "seeds"} {
		target := filepath.Join(dir, name)
		if err := errors.Join(os.RemoveAll(target), os.CopyFS(target, os.DirFS(filepath.Join(s.project, name)))); err != nil {
			return 0, err
		}
	}
	settings, err := os.ReadFile(filepath.Join(s.project, "project.yaml"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "project.yaml"), settings, 0o644)
	}
	if err != nil {
		return 0, err
	}
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
		return 0, err
	}
	generate := exec.CommandContext(ctx, s.elt, "generate", "--clients", fmt.Sprint(clients), "--days", fmt.Sprint(s.days), "--seed", "1")
	generate.Dir = dir
	if text, err := generate.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("generate data: %w: %s", err, text)
	}
	return countRows(filepath.Join(dir, "data", "raw"))
}

// countRows counts the lines of the raw files that hold a row.
func countRows(dir string) (rows int64, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		lines, err := countLines(filepath.Join(dir, f.Name()))
		if err != nil {
			return 0, err
		}
		rows += lines - 1 // the header
		if strings.HasSuffix(f.Name(), ".json") {
			rows-- // the brackets
		}
	}
	return rows, nil
}

func countLines(path string) (lines int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffer := make([]byte, 1<<20)
	for {
		n, err := f.Read(buffer)
		lines += int64(bytes.Count(buffer[:n], []byte{'\n'}))
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
	}
}

// clean removes all that runs have made, but not the raw files.
func clean(dir string) error {
	data := filepath.Join(dir, "data")
	entries, err := os.ReadDir(data)
	for _, e := range entries {
		if e.Name() != "raw" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(data, e.Name())))
		}
	}
	return err
}
