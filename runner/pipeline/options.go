package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/journal"
)

// Options say which project to work on and how. Dir, Clock and Log must be set.
type Options struct {
	Dir           string // project directory
	Target        string // empty: the project's default
	Vars          map[string]any
	Select        []string // selectors; empty: everything
	Selector      string   // one of selectors.yml, instead of Select and Exclude
	StateDir      string   // folder of an earlier manifest.json, for state: and Defer
	Defer         bool     // read what is neither chosen nor built from where that manifest says
	FavorState    bool     // with Defer: even what is built here already
	Exclude       []string
	Indirect      string        // how tests follow what they read: one of IndirectWays; empty: eager
	Kinds         []runner.Kind // of what is chosen, only these; empty: all
	NoKinds       []runner.Kind // of what is chosen, none of these
	Retry         bool          // choose what failed or was skipped in the last run, instead of Select
	StoreFailures bool          // tests keep what they find, unless they are configured not to
	WarnError     bool          // a warning is a failure
	Force         bool          // build what is selected even if nothing changed
	Threads       int           // nodes built at once; 0: the target's, else one a core
	FullRefresh   bool          // build incremental models from nothing
	Window        build.Window  // the time that microbatches cover
	Wait          time.Duration // how long to wait for another writer
	OutputDir     string        // where exports go instead of the project's data folder

	RunID     string   // empty: a new one
	Trigger   string   // what started it, as state.Run has it; empty: the command line
	Command   string   // as typed, for the records: "elt run"
	Args      []string // as typed
	Version   string   // of elt
	LookupEnv func(name string) (string, bool)
	Clock     runner.Clock
	Log       zerolog.Logger
	Print     func(text string) // where print() of templates goes; nil: to Log
	Observe   runner.Observer

	journal *journal.Writer // hears what Observe hears; nil for jobs that keep none
	screen  runner.Observer // Observe as it was given
}

func (o Options) stage(name string) {
	if o.Observe != nil {
		o.Observe(runner.Event{Stage: name})
	}
}

// files are the places of a project in the file system, absolute.
type files struct {
	warehouse, state, lock, runs, output, published, target, temp string
}

func placesOf(p *runner.Project) files {
	at := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(p.Dir, path)
	}
	return files{
		warehouse: at(p.Target.Path),
		state:     at(filepath.Join(p.Paths.Data, "state.db")),
		lock:      at(filepath.Join(p.Paths.Data, "elt.lock")),
		runs:      at(filepath.Join(p.Paths.Data, "runs")),
		output:    at(p.Paths.Output),
		published: filepath.Join(at(p.Paths.Output), "published.json"),
		target:    at(p.Paths.Target),
		temp:      at(filepath.Join(p.Paths.Data, ".tmp")),
	}
}

// NewRunID makes an ID that sorts by time: 20241201T120102Z-1a2b3c. The tail tells two runs of one second apart.
func NewRunID(now time.Time) string {
	now = now.UTC()
	return fmt.Sprintf("%s-%06x", now.Format("20060102T150405Z"), (uint64(now.Nanosecond())*2654435761^uint64(os.Getpid())*40503)&0xffffff)
}

var runID = regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{6}$`)

// IsRunID tells whether text can be the ID of a run.
func IsRunID(text string) bool { return runID.MatchString(text) }

func (o Options) threads(p *runner.Project) int {
	switch {
	case o.Threads > 0:
		return o.Threads
	case p.Target.Threads > 0:
		return p.Target.Threads
	default:
		return runtime.NumCPU()
	}
}

// plural is a number and what there is of it: 1 file, 2 files.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// relative shows a path as people type it: from the project directory where it lies inside.
func relative(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return filepath.ToSlash(rel)
}
