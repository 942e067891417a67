//go:build browser

package browser

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// template is a project with one run behind it, and binary what made it; TestMain makes both. Each test gets a copy.
var binary, template string

func TestMain(m *testing.M) {
	code, err := prepare(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "prepare the browser tests:", err)
		code = 1
	}
	os.Exit(code)
}

func prepare(m *testing.M) (int, error) {
	if _, err := exec.LookPath(chromium); err != nil {
		return 1, fmt.Errorf("%w: `make test-browser` installs it where it can", err)
	}
	dir, err := os.MkdirTemp("", "elt-browser-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		return 1, err
	}
	binary, template = filepath.Join(dir, "elt"), filepath.Join(dir, "project")
	if out, err := exec.Command("go", "build", "-o", binary, filepath.Join(root, "cmd", "elt")).CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build elt: %w\n%s", err, out)
	}
	for _, part := range []string{"models", "macros", "seeds", "data/raw", "project.yaml"} {
		to := filepath.Join(template, filepath.FromSlash(part))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return 1, err
		}
		if out, err := exec.Command("cp", "-r", filepath.Join(root, filepath.FromSlash(part)), to).CombinedOutput(); err != nil {
			return 1, fmt.Errorf("copy the project: %w\n%s", err, out)
		}
	}
	if out, err := exec.Command(binary, "run", "--project-dir", template).CombinedOutput(); err != nil {
		return 1, fmt.Errorf("run the project: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// site is a project that a server serves.
type site struct {
	t   testing.TB
	dir string
	url string // without a slash at the end
}

// newSite copies the template and serves it until the test ends. edit may change the copy first.
func newSite(t testing.TB, edit ...func(dir string)) *site {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	out, err := exec.Command("cp", "-a", template, dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, e := range edit {
		e(dir)
	}
	s := &site{t: t, dir: dir}
	s.serve()
	return s
}

var serving = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (s *site) serve() {
	s.t.Helper()
	command := exec.Command(binary, "serve", "--project-dir", s.dir, "--port", "0", "--shutdown-grace", "5s")
	command.Env = append(os.Environ(), "NO_COLOR=1")
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	require.NoError(s.t, command.Start())
	said := &lines{}
	found := make(chan string, 1)
	go func() {
		scanner := bufio.NewScanner(reader)
		for scanner.Scan() {
			said.add(scanner.Text())
			if url := serving.FindString(scanner.Text()); url != "" && len(found) == 0 {
				found <- url
			}
		}
	}()
	s.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGINT)
		err := command.Wait()
		if s.t.Failed() {
			s.t.Logf("the server ended with %v and said:\n%s", err, said)
		}
	})
	select {
	case s.url = <-found:
	case <-time.After(30 * time.Second):
		s.t.Fatalf("the server does not start:\n%s", said)
	}
}

// published is the run whose data is published.
func (s *site) published() string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "published.json"))
	require.NoError(s.t, err)
	var about struct {
		RunID string `json:"run_id"`
	}
	require.NoError(s.t, json.Unmarshal(text, &about))
	return about.RunID
}

// append adds lines to a file of the project.
func (s *site) append(file, text string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, filepath.FromSlash(file)), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(s.t, err)
	_, err = f.WriteString(text)
	require.NoError(s.t, err)
	require.NoError(s.t, f.Close())
}

type lines struct {
	mu  sync.Mutex // guards all
	all []string
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}
