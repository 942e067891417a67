package runs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/journal"
)

// levels of log lines, the least first.
func levels() []string { return []string{"debug", "info", "warn", "error"} }

func rank(level string) int {
	if level == "" {
		level = "info"
	}
	return slices.Index(levels(), level)
}

// lineOf says what happened as a line of a log; false for what is for programs only.
func lineOf(e journal.Entry) (Line, bool) {
	l := Line{Line: e.Line, At: e.At.Format(time.RFC3339Nano), Level: "info"}
	switch {
	case e.Run != nil:
		l.Text = fmt.Sprintf("run %s: %s, elt %s, target %s, process %d", e.Run.ID, e.Run.Command, e.Run.Version, e.Run.Target, e.Run.PID)
	case e.Stage != "":
		l.Text = e.Stage
	case e.Planned != nil:
		l.Text = planText(e.Planned)
	case e.Started != nil:
		l.Level, l.Node, l.Text = "debug", e.Started.ID, "begin "+e.Started.Name
	case e.Retrying != nil:
		r := e.Retrying
		l.Level, l.Node = "warn", r.ID
		l.Text = fmt.Sprintf("attempt %d of %d to build %s failed; again in %gs", r.Attempt, r.Of, r.Name, r.Delay) + problemText(r.Error)
	case e.Finished != nil:
		l.Level, l.Node, l.Text = levelOf(e.Finished.Status), e.Finished.ID, nodeText(*e.Finished)
	case e.Written != nil:
		l.Text = fmt.Sprintf("write %s: %d rows, %d bytes, %.2fs", e.Written.Path, e.Written.Rows, e.Written.Bytes, e.Written.Seconds)
	case e.Log != nil:
		l.Level, l.Text = e.Log.Level, e.Log.Message
		if !slices.Contains(levels(), l.Level) {
			l.Level = "info"
		}
	case e.Ended != nil:
		l.Text = fmt.Sprintf("end: %s in %.2fs", e.Ended.Status, e.Ended.Seconds)
		if e.Ended.Status != journal.Success {
			l.Level = "error"
		}
		l.Text += problemText(e.Ended.Error)
	default:
		return l, false
	}
	return l, true
}

func planText(planned []journal.Planned) string {
	counts := map[runner.Action]int{}
	for _, p := range planned {
		counts[p.Action]++
	}
	return fmt.Sprintf("plan: %d to build, %d to reuse, %d left out",
		counts[runner.ActionBuild], counts[runner.ActionReuse], counts[runner.ActionSkip])
}

func levelOf(s runner.Status) string {
	switch {
	case s == runner.StatusWarn || s == runner.StatusSkipped:
		return "warn"
	case s.Bad():
		return "error"
	case s == runner.StatusPass:
		return "debug"
	default:
		return "info"
	}
}

func nodeText(n journal.Node) string {
	parts := []string{}
	if n.Rows >= 0 && n.Kind != runner.KindTest && n.Kind != runner.KindUnitTest {
		parts = append(parts, fmt.Sprintf("%d rows", n.Rows))
	}
	if n.Rejected > 0 {
		parts = append(parts, fmt.Sprintf("%d rejected", n.Rejected))
	}
	if n.Message != "" {
		parts = append(parts, strings.ReplaceAll(n.Message, "\n", " "))
	}
	if n.Seconds > 0 {
		parts = append(parts, fmt.Sprintf("%.2fs", n.Seconds))
	}
	text := string(n.Status) + " " + n.Name
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text + problemText(n.Error)
}

// problemText shows an error on lines of its own.
func problemText(p *runner.Problem) string {
	var e *runner.Error
	if !errors.As(p.Err(), &e) {
		return ""
	}
	return "\n" + e.Detail()
}
