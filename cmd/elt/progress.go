package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"elt/runner"
)

// observe shows a run as it goes: a line for each node that was loaded or built, or that failed, and for each test that
// did not pass. What was unchanged, skipped or passed stays silent; the summary counts it.
func (c *console) observe(log zerolog.Logger) runner.Observer {
	return func(e runner.Event) {
		switch {
		case e.Planned != nil:
			c.plan(*e.Planned)
		case e.Started != nil:
			c.begin(*e.Started)
		case e.Finished != nil:
			c.finish(*e.Finished, log)
		case e.Retrying != nil:
			c.retry(*e.Retrying, log)
		case e.Stage != "":
			c.mu.Lock()
			c.stage = e.Stage
			c.mu.Unlock()
			if c.json {
				log.Info().Str("stage", e.Stage).Send()
			}
		case e.Written != nil && c.json:
			log.Info().Str("file", e.Written.Path).Int64("rows", e.Written.Rows).Int64("bytes", e.Written.Bytes).
				Dur("elapsed", e.Written.Elapsed).Send()
		}
	}
}

func (c *console) plan(p runner.Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total = 0
	for _, d := range p.Decisions {
		if d.Action == runner.ActionBuild {
			c.total++
		}
	}
}

func (c *console) begin(d runner.Decision) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = append(c.running, d)
}

func (c *console) finish(r runner.NodeResult, log zerolog.Logger) {
	c.mu.Lock()
	before := len(c.running)
	c.running = slices.DeleteFunc(c.running, func(d runner.Decision) bool { return d.ID == r.ID })
	if len(c.running) < before {
		c.done++
	}
	c.mu.Unlock()
	if c.json {
		logResult(log, r)
		return
	}
	switch r.Status {
	case runner.StatusPass, runner.StatusReused, runner.StatusSkipped: // the summary counts them
		return
	}
	if c.quiet && !r.Status.Bad() {
		return
	}
	c.line("%s", c.resultLine(r))
	if detail := failureDetail(r); detail != "" {
		c.line("%s", detail)
	}
}

// retry tells that a node failed and is tried again.
func (c *console) retry(r runner.Retry, log zerolog.Logger) {
	if c.json {
		log.Warn().Str("node", r.ID).Int("attempt", r.Attempt).Int("of", r.Of).Dur("delay", r.Delay).Str("error", r.Err.Error()).Send()
		return
	}
	c.line("%s  %-34s attempt %d of %d failed; again in %s", c.paint(yellow, "retry "), r.Name, r.Attempt, r.Of, r.Delay)
	c.line("        %s", r.Err)
}

// resultLine is one aligned line: what happened, to what, how much, how long.
func (c *console) resultLine(r runner.NodeResult) string {
	word, colour := verb(r)
	amount := r.Message
	if r.Rows >= 0 && (amount == "" || r.Kind == runner.KindSource) {
		amount = plural(r.Rows, "row")
	}
	if r.Rejected > 0 {
		amount += ", " + thousands(r.Rejected) + " rejected"
	}
	line := fmt.Sprintf("%s  %-34s %s", c.paint(colour, fmt.Sprintf("%-6s", word)), r.Name, amount)
	if r.Elapsed > 0 && r.Kind != runner.KindTest {
		line = fmt.Sprintf("%-74s %s", line, c.paint(dim, seconds(r.Elapsed)))
	}
	return strings.TrimRight(line, " ")
}

func verb(r runner.NodeResult) (word, colour string) {
	switch r.Status {
	case runner.StatusSuccess:
		if r.Kind == runner.KindSource && r.Rows >= 0 {
			return "load", green
		}
		return "build", green
	case runner.StatusReused:
		return "reuse", dim
	case runner.StatusPass:
		return "pass", green
	case runner.StatusWarn:
		return "warn", yellow
	case runner.StatusFail:
		return "FAIL", red
	case runner.StatusSkipped:
		return "skip", yellow
	default:
		return "ERROR", red
	}
}

// failureDetail is what an analyst needs to act: the error with its place, or the failing rows and the query for all.
func failureDetail(r runner.NodeResult) string {
	var b strings.Builder
	var e *runner.Error
	switch {
	case r.Err == nil && r.Kind == runner.KindSource && r.Rows >= 0:
		b.WriteString(r.Message)
	case r.Err == nil:
	case errors.As(r.Err, &e) && r.Failure != nil && e.Pos.File != "": // the line above has the message
		b.WriteString(e.Pos.String())
	case e != nil:
		b.WriteString(e.Detail())
	default:
		b.WriteString(r.Err.Error())
	}
	if f := r.Failure; f != nil && f.Count > 0 {
		if len(f.Sample) > 0 {
			b.WriteString("\n" + alignRows(f.Columns, f.Shown()))
		}
		if f.Query != "" {
			b.WriteString("\nall of them:\n" + f.Query)
		}
		if !f.Stored.IsZero() {
			b.WriteString("\nkept in " + f.Stored.Bare())
		}
	}
	text := strings.Trim(b.String(), "\n")
	if text == "" {
		return ""
	}
	return "        " + strings.ReplaceAll(text, "\n", "\n        ")
}

func logResult(log zerolog.Logger, r runner.NodeResult) {
	event := log.Info()
	if r.Status.Bad() {
		event = log.Error()
	} else if r.Status == runner.StatusWarn {
		event = log.Warn()
	}
	event = event.Str("node", r.ID).Str("status", string(r.Status)).Int64("rows", r.Rows).Dur("elapsed", r.Elapsed)
	if r.Rejected > 0 {
		event = event.Int64("rejected", r.Rejected)
	}
	if r.Reason != "" {
		event = event.Str("reason", r.Reason)
	}
	if r.Err != nil {
		event = event.Str("error", r.Err.Error())
	}
	event.Msg(r.Message)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }

func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return thousands(n) + " " + word + "s"
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
