// Package notify tells the world outside how runs end: webhooks, commands, and OpenLineage events. What goes wrong here never
// changes how a run ended; it is a warning.
package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"elt/runner"
)

// Outcome is how a run ended.
type Outcome struct {
	RunID     string                `json:"run_id"`
	Project   string                `json:"project"`
	Target    string                `json:"target"`
	Status    string                `json:"status"` // success, error, crashed
	Command   string                `json:"command"`
	Trigger   string                `json:"trigger"` // cli, web, schedule:NAME, …
	Started   time.Time             `json:"started"`
	Seconds   float64               `json:"seconds"`
	Published bool                  `json:"published"`
	Counts    map[runner.Status]int `json:"counts"` // how many nodes and tests ended how
	Failures  []Failure             `json:"failures"`
	Error     string                `json:"error,omitempty"`
}

// Failure is a node or test that failed.
type Failure struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Message  string `json:"message"`
	Position string `json:"position,omitempty"` // file:line:col
}

// mostFailures is how many failures are told of; the counts have all.
const mostFailures = 20

// FailuresOf lists what failed among the results of a run.
func FailuresOf(results []runner.NodeResult) []Failure {
	failures := []Failure{}
	for _, r := range results {
		if r.Status != runner.StatusError && r.Status != runner.StatusFail || len(failures) == mostFailures {
			continue
		}
		f := Failure{ID: r.ID, Name: r.Name, Message: r.Message}
		if p := runner.ProblemOf(r.Err); p != nil {
			f.Position = runner.Position{File: p.File, Line: p.Line, Col: p.Col}.String()
			f.Message, _, _ = strings.Cut(p.Msg, "\n")
		}
		failures = append(failures, f)
	}
	return failures
}

// Text is the outcome in a few lines.
func (o Outcome) Text() string {
	verb := "succeeded"
	switch {
	case o.Status == "crashed":
		verb = "crashed"
	case o.Status != "success":
		verb = "failed"
	case !o.Published:
		verb = "succeeded, nothing changed"
	}
	text := fmt.Sprintf("%s (%s): %s %s in %.1fs", o.Project, o.Target, o.Command, verb, o.Seconds)
	if o.Error != "" {
		text += "\n" + o.Error
	}
	for i, f := range o.Failures {
		if i == 5 {
			text += fmt.Sprintf("\n… and %d more", len(o.Failures)-i)
			break
		}
		where := f.Name
		if f.Position != "" {
			where += " at " + f.Position
		}
		text += fmt.Sprintf("\n• %s: %s", where, f.Message)
	}
	return fmt.Sprintf("%s\nrun %s, started by %s", text, o.RunID, o.Trigger)
}

// Teller tells.
type Teller struct {
	Dir       string // of the project, where commands run
	LookupEnv func(name string) (string, bool)
	Clock     runner.Clock
	Log       zerolog.Logger
}

// Tell has every hook told of an outcome, all at once, and returns when the last one is done or out of time. What went wrong is
// logged as a warning.
func (t Teller) Tell(ctx context.Context, hooks []runner.Hook, o Outcome) {
	body, err := json.Marshal(struct {
		Text string  `json:"text"` // all that Slack and its like read
		Run  Outcome `json:"run"`
	}{o.Text(), o})
	if err != nil {
		t.Log.Warn().Err(err).Msg("nobody is told of the run")
		return
	}
	var wait sync.WaitGroup
	for _, h := range hooks {
		wait.Go(func() {
			limited, cancel := context.WithTimeout(ctx, h.Timeout)
			defer cancel()
			var err error
			if len(h.Command) > 0 {
				err = t.command(limited, h, o, body)
			} else {
				err = t.webhook(limited, h, o, body)
			}
			if err != nil {
				t.Log.Warn().Msgf("%s: %s", h.Pos, err)
			}
		})
	}
	wait.Wait()
}

// client sends what is to be sent; it follows no redirections, which would make a GET of a POST.
func client() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
