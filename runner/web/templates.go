package web

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/web/highlight"
)

// catalogFuncs are what the templates of models, tests and runs use beside those of all pages.
func catalogFuncs() template.FuncMap {
	return template.FuncMap{"sql": highlight.SQL, "rows": rows, "seconds": seconds, "sign": sign, "settled": settled, "plural": plural, "tally": tally, "typed": typed, "trigger": triggerOf}
}

// rows is a number of rows that may not be known.
func rows(n *int64) string {
	if n == nil {
		return "–"
	}
	return count(*n)
}

// seconds is a duration as lib/format.ts writes it.
func seconds(n float64) string {
	switch {
	case n < 10:
		return fmt.Sprintf("%.2f s", n)
	case n < 60:
		return fmt.Sprintf("%.1f s", n)
	case n < 3600:
		return fmt.Sprintf("%d min %d s", int(n)/60, int(n)%60)
	default:
		return fmt.Sprintf("%d h %d min", int(n)/3600, int(n)%3600/60)
	}
}

// sign stands for a status where there is no room for words.
func sign(s runner.Status) string {
	switch s {
	case runner.StatusPass, runner.StatusSuccess, runner.StatusReused:
		return "✓"
	case runner.StatusFail, runner.StatusError:
		return "✕"
	case runner.StatusWarn:
		return "!"
	default:
		return "–"
	}
}

// settled tells of a node that a reader need not look at: nothing was done, or all is well.
func settled(s runner.Status) bool { return s == runner.StatusReused || s == runner.StatusPass }

// tally says how many nodes and tests ended how, the worst first.
func tally(counts map[runner.Status]int) string {
	var parts []string
	for _, s := range []struct {
		status runner.Status
		word   string
	}{
		{runner.StatusError, "failed"},
		{runner.StatusFail, "tests failed"},
		{runner.StatusSkipped, "skipped"},
		{runner.StatusWarn, "warned"},
		{runner.StatusSuccess, "built"},
		{runner.StatusReused, "unchanged"},
		{runner.StatusPass, "passed"},
	} {
		if n := counts[s.status]; n > 0 {
			parts = append(parts, count(n)+" "+s.word)
		}
	}
	return strings.Join(parts, ", ")
}

// trigger is what started a run.
type trigger struct {
	Kind string
	Name string // of a schedule, or the ID of a run
	Run  bool   // Name is that of a run
}

// triggerOf takes schedule:NAME, watch:NAME, retry:RUN, web and cli apart.
func triggerOf(text string) trigger {
	kind, name, _ := strings.Cut(text, ":")
	switch kind {
	case "cli":
		kind = "command line"
	case "retry":
		kind = "retry of"
	}
	return trigger{Kind: kind, Name: name, Run: strings.HasPrefix(text, "retry:")}
}

// internal are flags that the server gives to the runs it starts, which tell a reader nothing.
var internal = []string{"--project-dir", "--run-id", "--trigger", "--wait", "--log-format"}

// typed is a command line as people would type it. The first of args is the command, which command has, too.
func typed(command string, args []string) string {
	words := []string{command}
	for i := 1; i < len(args); i++ {
		name, _, joined := strings.Cut(args[i], "=")
		switch {
		case !slices.Contains(internal, name):
			words = append(words, args[i])
		case !joined:
			i++ // its value
		}
	}
	return strings.Join(words, " ")
}

// plural is a number and what there is of it: 1 run, 2 runs.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}
