package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"elt/runner"
)

// console is where a command writes: results to out, progress and messages to err. On a terminal it keeps one live
// status line below the finished nodes; elsewhere every line is plain and final.
type console struct {
	out, err io.Writer
	quiet    bool
	json     bool // messages as JSON lines
	color    bool
	live     bool
	width    func() int

	mu      sync.Mutex // guards what follows: the ticker of the status line and the observer share it
	running []runner.Decision
	total   int
	done    int
	stage   string
	began   time.Time
	drawn   bool
}

// newConsole looks at the streams and the environment to see what they can show.
func newConsole(out, err io.Writer, quiet, json bool, now time.Time) *console {
	c := &console{out: out, err: err, quiet: quiet, json: json, began: now, width: func() int { return 80 }}
	file, isFile := err.(*os.File)
	terminal := isFile && isatty.IsTerminal(file.Fd())
	plain := os.Getenv("CI") != "" || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	c.color = terminal && !plain
	c.live = terminal && !plain && !quiet && !json
	if terminal {
		c.width = func() int {
			if w, _, e := term.GetSize(int(file.Fd())); e == nil && w > 20 {
				return w
			}
			return 80
		}
	}
	return c
}

// start draws the status line from now on, until the returned function is called.
func (c *console) start() (stop func()) {
	if !c.live {
		return func() {}
	}
	ticker, quit := time.NewTicker(100*time.Millisecond), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-ticker.C:
				c.mu.Lock()
				c.draw()
				c.mu.Unlock()
			case <-quit:
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		ticker.Stop()
		close(quit)
		wait.Wait()
		c.mu.Lock()
		c.erase()
		c.mu.Unlock()
	})
}

// line writes one finished line to err, above the status line.
func (c *console) line(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.erase()
	fmt.Fprintf(c.err, format+"\n", args...)
}

func (c *console) erase() {
	if c.drawn {
		fmt.Fprint(c.err, "\r\x1b[K")
		c.drawn = false
	}
}

const barWidth = 20

// draw writes the status line: bar, count, what runs, seconds.
func (c *console) draw() {
	text := c.stage
	if c.total > 0 {
		filled := barWidth * c.done / c.total
		text = fmt.Sprintf("[%s%s] %d/%d", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), c.done, c.total)
		if len(c.running) > 0 {
			names := make([]string, len(c.running))
			for i, d := range c.running {
				names[i] = d.Name
			}
			text += " " + strings.Join(names, ", ")
		} else if c.stage != "" {
			text += " " + c.stage
		}
	}
	seconds := fmt.Sprintf(" %.1fs", time.Since(c.began).Seconds())
	room := c.width() - 1 - len(seconds)
	if utf8.RuneCountInString(text) > room {
		text = string([]rune(text)[:room-1]) + "…"
	}
	c.erase()
	fmt.Fprint(c.err, text+seconds)
	c.drawn = true
}

// Colours by meaning. Text always says the same, so that colour never stands alone.
const (
	green  = "32"
	yellow = "33"
	red    = "31"
	dim    = "2"
	bold   = "1"
)

func (c *console) paint(code, text string) string {
	if !c.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
