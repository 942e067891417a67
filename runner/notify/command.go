package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"elt/runner"
)

// lastWords is how long a program that was out of time may hold its output open.
const lastWords = time.Second

// command runs a program in the project's folder. It is told what happened by its environment, and in full as JSON on its
// input.
func (t Teller) command(ctx context.Context, h runner.Hook, o Outcome, body []byte) error {
	program := h.Command[0]
	if strings.ContainsRune(program, '/') && !filepath.IsAbs(program) {
		program = filepath.Join(t.Dir, program)
	}
	cmd := exec.CommandContext(ctx, program, h.Command[1:]...)
	var said bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = t.Dir, bytes.NewReader(body), &said, &said, lastWords
	cmd.Env = append(os.Environ(), environment(o)...)
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("the command %s was not done within %s", h.Command[0], h.Timeout)
	default:
		return fmt.Errorf("the command %s failed: %w%s", h.Command[0], err, lastLine(said.String()))
	}
}

// environment tells a program of a run.
func environment(o Outcome) []string {
	var failed []string
	for _, f := range o.Failures {
		failed = append(failed, f.Name)
	}
	return []string{
		"ELT_RUN_ID=" + o.RunID, "ELT_STATUS=" + o.Status, "ELT_PROJECT_NAME=" + o.Project, "ELT_RUN_TARGET=" + o.Target,
		"ELT_TRIGGER=" + o.Trigger, "ELT_COMMAND=" + o.Command, fmt.Sprintf("ELT_SECONDS=%.3f", o.Seconds),
		fmt.Sprintf("ELT_PUBLISHED=%t", o.Published), "ELT_FAILED=" + strings.Join(failed, " "),
		"ELT_ERROR=" + o.Error, "ELT_TEXT=" + o.Text(),
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}

// bare takes the address, which is often a secret, out of an error of net/http.
func bare(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
