package runner

import "time"

// Misfire says what becomes of a run that was due while nothing looked at the clock.
type Misfire string

// Overlap says what becomes of a run that is due while another one goes on.
type Overlap string

const (
	MisfireSkip Misfire = "skip"
	MisfireOnce Misfire = "run_once" // once, however often it was due
	OverlapSkip Overlap = "skip"
	OverlapWait Overlap = "queue" // after the other one; several of one schedule become one
)

// Schedule is a reason to start a run without being asked: it is time, or files changed. One of Cron and Watch is set.
type Schedule struct {
	Name     string
	Cron     string   // as package cron reads it
	TimeZone string   // of Cron, a name of the IANA; never empty
	Watch    []string // globs of files, relative to the project directory
	Select   []string // as for --select; empty: everything
	Exclude  []string
	Misfire  Misfire
	Overlap  Overlap
	Enabled  bool
	Pos      Position
}

// WatchedSources is the name of the schedule that every project has unless it says otherwise: files of sources.
const WatchedSources = "sources"

// Hook tells somebody how a run ended: a webhook, or a command. One of URL and Command is set.
type Hook struct {
	URL       string
	SecretEnv string   // environment variable with the key of the signature; empty: none
	Command   []string // program and arguments
	Timeout   time.Duration
	Retries   int
	Pos       Position
}

// LineageTarget is where OpenLineage events go. One of URL and File is set.
type LineageTarget struct {
	URL       string
	KeyEnv    string // environment variable with the API key; empty: none
	File      string // events are added to it as lines; relative to the project directory
	Namespace string // of the project's jobs and datasets
	Timeout   time.Duration
	Pos       Position
}
