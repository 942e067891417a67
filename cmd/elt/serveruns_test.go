package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner/journal"
	"elt/runner/web/api"
	"elt/runner/web/runs"
)

// serving is an `elt serve` of its own process.
type serving struct {
	t    *testing.T
	dir  string
	base string
	cmd  *exec.Cmd
	said *strings.Builder
}

func startServing(t *testing.T, dir string, args ...string) *serving {
	t.Helper()
	s := &serving{t: t, dir: dir, said: &strings.Builder{}}
	s.cmd = exec.Command("elt", append([]string{"serve", "--port", "0", "--project-dir", dir}, args...)...)
	errOut, err := s.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it has ended, where all went well
		_ = s.cmd.Wait()
	})
	lines := bufio.NewReader(errOut)
	for s.base == "" {
		line, err := lines.ReadString('\n')
		require.NoError(t, err, s.said.String())
		s.said.WriteString(line)
		if found := regexp.MustCompile(`http://127\S+`).FindString(line); found != "" {
			s.base = found
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return s
}

// call asks the API and reads the answer into out.
func (s *serving) call(method, path, body string, out any) int {
	s.t.Helper()
	request, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	if raw, ok := out.(*string); ok {
		*raw = string(text)
		return response.StatusCode
	}
	require.NoError(s.t, json.Unmarshal(text, out), string(text))
	return response.StatusCode
}

// run waits for a run to come to a point.
func (s *serving) run(id string, there func(runs.Detail) bool) runs.Detail {
	s.t.Helper()
	var d runs.Detail
	require.Eventually(s.t, func() bool {
		d = runs.Detail{}
		var text string // no run at all while the first one is making the state store
		return s.call("GET", "/api/v1/runs/"+id, "", &text) == 200 && json.Unmarshal([]byte(text), &d) == nil && there(d)
	}, patience, 20*time.Millisecond)
	return d
}

func (s *serving) start() string {
	s.t.Helper()
	var started api.RunStarted
	require.Equal(s.t, 202, s.call("POST", "/api/v1/runs", `{}`, &started))
	return started.ID
}

func over(d runs.Detail) bool { return d.Finished != nil }

func TestAFileThatComesStartsARun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, copyTree("testdata/shop", dir))
	s := startServing(t, dir)
	require.Equal(t, journal.Success, s.run(s.start(), over).Status)

	path := filepath.Join(dir, "data/raw/customers.csv")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(text, "C9,Eve\n"...), 0o644))
	var list api.RunList
	require.Eventually(t, func() bool {
		s.call("GET", "/api/v1/runs", "", &list)
		return list.Runs[0].Trigger == "watch:sources" && list.Runs[0].Finished != nil
	}, patience, 20*time.Millisecond)
	require.True(t, list.Runs[0].Published)
	report, err := os.ReadFile(filepath.Join(dir, "data/reports/sales_by_customer.csv"))
	require.NoError(t, err)
	require.Contains(t, string(report), "Eve")

	var schedules api.ScheduleList
	s.call("GET", "/api/v1/schedules", "", &schedules)
	require.Equal(t, list.Runs[0].ID, schedules.Schedules[0].LastRunID)
	var metrics string
	require.Eventually(t, func() bool { // they are counted from the journals, which end a moment later
		require.Equal(t, 200, s.call("GET", "/metrics", "", &metrics))
		return strings.Contains(metrics, "elt_publishes_total 2")
	}, patience, 20*time.Millisecond)
	require.Contains(t, metrics, `elt_runs_total{status="success",trigger="web"} 1`)
	require.Contains(t, metrics, `elt_runs_total{status="success",trigger="watch"} 1`)
	require.Regexp(t, `elt_nodes_total{status="pass"} \d+`, metrics)

	for path, want := range map[string]int{
		"/api/v1/runs/../../etc/cancel":               404,
		"/api/v1/runs/20240101T000000Z-000000/retry":  404,
		"/api/v1/runs/" + list.Runs[0].ID + "/retry":  409,
		"/api/v1/runs/" + list.Runs[0].ID + "/cancel": 409,
		"/api/v1/schedules/nightly/pause":             404,
	} {
		var answer string
		require.Equal(t, want, s.call("POST", path, `{"what":"failed"}`, &answer), path+answer)
	}
}

func TestACrashIsToldOfByTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, copyTree("testdata/shop", dir))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "models/marts/slow.sql"), []byte(slowModel), 0o644))
	config, err := os.OpenFile(filepath.Join(dir, "project.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = config.WriteString("\non_failure: {command: [sh, -c, 'echo $ELT_STATUS $ELT_RUN_ID >told.new; mv told.new told']}\n")
	require.NoError(t, err)
	require.NoError(t, config.Close())
	s := startServing(t, dir)
	id := s.start()
	s.run(id, building)
	var metrics string
	s.call("GET", "/metrics", "", &metrics)
	require.Contains(t, metrics, "elt_runs_running 1\n")
	require.Contains(t, metrics, "elt_runs_waiting 0\n")
	events, err := journal.Read(filepath.Join(dir, "data/runs"), id)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(events[0].Run.PID, syscall.SIGKILL))
	var told []byte
	require.Eventually(t, func() bool {
		told, err = os.ReadFile(filepath.Join(dir, "told"))
		return err == nil
	}, patience, 20*time.Millisecond)
	require.Equal(t, "crashed "+id+"\n", string(told))
}

func TestAServerThatIsToldToEndLooksAfterItsRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, copyTree("testdata/shop", dir))
	slow := filepath.Join(dir, "models/marts/slow.sql")
	// Long enough to be seen running, and over soon.
	require.NoError(t, os.WriteFile(slow, []byte("select count(*) as n from range(15000) as a (x) cross join range(15000) as b (y) where (a.x * b.y) % 7 = 3\n"), 0o644))
	s := startServing(t, dir)
	id := s.start()
	s.run(id, building)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	_ = s.cmd.Wait() // its status says how it was ended
	events, err := journal.Read(filepath.Join(dir, "data/runs"), id)
	require.NoError(t, err)
	require.Equal(t, journal.Success, events[len(events)-1].Ended.Status)

	require.NoError(t, os.WriteFile(slow, []byte(slowModel), 0o644))
	s = startServing(t, dir, "--shutdown-grace", "100ms")
	id = s.start()
	s.run(id, building)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	_ = s.cmd.Wait()
	events, err = journal.Read(filepath.Join(dir, "data/runs"), id)
	require.NoError(t, err)
	require.Equal(t, journal.Interrupted, events[len(events)-1].Ended.Status)
}
