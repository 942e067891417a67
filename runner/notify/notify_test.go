package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"elt/runner"
)

func noon() time.Time { return time.Date(2024, 12, 1, 12, 0, 0, 0, time.UTC) }

func failed() Outcome {
	return Outcome{
		RunID: "20241201T120000Z-000001", Project: "shop", Target: "dev", Status: "error", Command: "elt run", Trigger: "schedule:nightly",
		Started: noon(), Seconds: 12.34, Counts: map[runner.Status]int{runner.StatusError: 1}, Error: "1 failed; nothing was published",
		Failures: FailuresOf([]runner.NodeResult{
			{ID: "model.shop.a", Name: "marts.a", Status: runner.StatusError, Err: &runner.Error{Pos: runner.Position{File: "a.sql", Line: 3, Col: 7}, Msg: "build marts.a: no\nsecond line"}},
			{ID: "model.shop.b", Name: "marts.b", Status: runner.StatusSkipped, Message: "skipped"},
			{ID: "test.shop.t", Name: "t", Status: runner.StatusFail, Message: "2 rows"},
		}),
	}
}

// teller gives one that looks for secrets in env, and what it warned of.
func teller(t *testing.T, env map[string]string) (Teller, *bytes.Buffer) {
	warnings := &bytes.Buffer{}
	return Teller{
		Dir: t.TempDir(), Clock: noon, Log: zerolog.New(zerolog.SyncWriter(warnings)),
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	}, warnings
}

func hook(url string) runner.Hook {
	return runner.Hook{URL: url, Timeout: 10 * time.Second, Retries: 3}
}

func TestText(t *testing.T) {
	require.Equal(t, `shop (dev): elt run failed in 12.3s
1 failed; nothing was published
• marts.a at a.sql:3:7: build marts.a: no
• t: 2 rows
run 20241201T120000Z-000001, started by schedule:nightly`, failed().Text())
	fine := Outcome{RunID: "r", Project: "shop", Target: "dev", Status: "success", Command: "elt run", Trigger: "cli", Seconds: 1}
	require.Contains(t, fine.Text(), "elt run succeeded, nothing changed in 1.0s")
	fine.Published = true
	require.Contains(t, fine.Text(), "elt run succeeded in 1.0s")
}

func TestAWebhookIsSigned(t *testing.T) {
	var got struct {
		Text string
		Run  struct {
			RunID    string `json:"run_id"`
			Failures []Failure
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &got) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		// As a receiver would check it, from what the documentation says.
		mac := hmac.New(sha256.New, []byte("s3cret"))
		mac.Write([]byte(fmt.Sprintf("%d.", noon().Unix()) + string(body)))
		want := fmt.Sprintf("t=%d,v1=%s", noon().Unix(), hex.EncodeToString(mac.Sum(nil)))
		if r.Header.Get("X-Elt-Signature") != want || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Elt-Event") != "run.error" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	tell, warnings := teller(t, map[string]string{"SECRET": "s3cret"})
	h := hook(server.URL)
	h.SecretEnv = "SECRET"
	tell.Tell(t.Context(), []runner.Hook{h}, failed())
	require.Empty(t, warnings.String())
	require.Equal(t, failed().Text(), got.Text)
	require.Equal(t, failed().RunID, got.Run.RunID)
	require.Equal(t, failed().Failures, got.Run.Failures)

	got.Text = ""
	tell, warnings = teller(t, nil)
	tell.Tell(t.Context(), []runner.Hook{h}, failed())
	require.Contains(t, warnings.String(), "SECRET is not set, and nothing is sent unsigned")
	require.Empty(t, got.Text)
}

func TestWebhooksAreTriedAgainWhereThatMayHelp(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []int // the last one stays
		retries int
		calls   int
		warning string
	}{
		{"at once", []int{204}, 3, 1, ""},
		{"busy at first", []int{503, 429, 200}, 3, 3, ""},
		{"busy for good", []int{500}, 1, 2, "500 Internal Server Error"},
		{"refused", []int{403}, 3, 1, `it answered 403 Forbidden: \"go away\"`},
		{"moved", []int{302}, 3, 1, "302 Found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n := int(calls.Add(1)) - 1
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.answers[min(n, len(c.answers)-1)])
				fmt.Fprint(w, "go away")
			}))
			defer server.Close()
			tell, warnings := teller(t, nil)
			h := hook(server.URL + "/secret-path")
			h.Retries = c.retries
			tell.Tell(t.Context(), []runner.Hook{h}, failed())
			require.EqualValues(t, c.calls, calls.Load())
			require.Equal(t, c.warning == "", warnings.Len() == 0, warnings)
			require.Contains(t, warnings.String(), c.warning)
			require.NotContains(t, warnings.String(), "secret-path")
		})
	}
}

func TestNobodyWaitsForAWebhookThatHangs(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	tell, warnings := teller(t, nil)
	hanging, gone := hook(server.URL), hook("http://127.0.0.1:1/x")
	hanging.Timeout, gone.Timeout = 100*time.Millisecond, 100*time.Millisecond
	began := time.Now()
	tell.Tell(t.Context(), []runner.Hook{hanging, gone}, failed())
	require.Less(t, time.Since(began), 5*time.Second)
	require.Contains(t, warnings.String(), "deadline exceeded")
	require.Contains(t, warnings.String(), "refused")
}

func TestACommandIsToldByItsEnvironmentAndItsInput(t *testing.T) {
	tell, warnings := teller(t, nil)
	script := filepath.Join(tell.Dir, "tell.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\necho \"$1 $ELT_STATUS $ELT_RUN_ID $ELT_FAILED $ELT_PUBLISHED\" > said\ncat > input\n"), 0o755))
	tell.Tell(t.Context(), []runner.Hook{{Command: []string{"./tell.sh", "x y"}, Timeout: 10 * time.Second}}, failed())
	require.Empty(t, warnings.String())
	said, err := os.ReadFile(filepath.Join(tell.Dir, "said"))
	require.NoError(t, err)
	require.Equal(t, "x y error 20241201T120000Z-000001 marts.a t false\n", string(said))
	input, err := os.ReadFile(filepath.Join(tell.Dir, "input"))
	require.NoError(t, err)
	require.Contains(t, string(input), `"run_id":"20241201T120000Z-000001"`)
}

func TestCommandsThatFail(t *testing.T) {
	for want, command := range map[string][]string{
		"exit status 3: no luck": {"sh", "-c", "echo some; echo no luck >&2; exit 3"},
		"no-such-program":        {"no-such-program"},
		"not done within 100ms":  {"sh", "-c", "sleep 60 & sleep 60"},
	} {
		tell, warnings := teller(t, nil)
		began := time.Now()
		tell.Tell(t.Context(), []runner.Hook{{Command: command, Timeout: 100 * time.Millisecond, Pos: runner.Position{File: "project.yaml", Line: 9}}}, failed())
		require.Contains(t, warnings.String(), want)
		require.Contains(t, warnings.String(), "project.yaml:9: the command")
		require.Less(t, time.Since(began), 10*time.Second)
	}
}

func TestOpenLineage(t *testing.T) {
	dir := t.TempDir()
	tell := LineageTeller{Target: runner.LineageTarget{File: "out/lineage.jsonl", Namespace: "shop"}, Dir: dir}
	run := Job{Name: "shop", RunID: "r1", Started: noon()}
	node := Job{
		Name: "shop.marts.a", RunID: "r1/model.shop.a", Parent: &run, SQL: "select 1", Started: noon(), Finished: noon().Add(1500 * time.Millisecond),
		Inputs:  []Dataset{{Name: "raw.x", Rows: -1}},
		Outputs: []Dataset{{Name: "marts.a", Rows: 7, Columns: []Column{{"id", "BIGINT", "its key"}, {"v", "VARCHAR", ""}}}},
	}
	broken := node
	broken.Error = "a.sql:1:1: no"
	require.NoError(t, tell.Send(t.Context(), tell.Event(Start, run)))
	require.NoError(t, tell.Send(t.Context(), tell.Event(Complete, node), tell.Event(Fail, broken)))
	text, err := os.ReadFile(filepath.Join(dir, "out/lineage.jsonl"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 3)
	type event struct {
		EventType, EventTime, Producer, SchemaURL string
		Run                                       struct {
			RunID  string
			Facets map[string]map[string]any
		}
		Job struct {
			Namespace, Name string
			Facets          map[string]map[string]any
		}
		Inputs, Outputs []struct {
			Namespace, Name string
			Facets          struct {
				Schema struct{ Fields []map[string]string }
			}
			OutputFacets map[string]map[string]any
		}
	}
	events := make([]event, 3)
	for i, line := range lines {
		require.NoError(t, json.Unmarshal([]byte(line), &events[i]))
	}
	require.Equal(t, []string{"START", "COMPLETE", "FAIL"}, []string{events[0].EventType, events[1].EventType, events[2].EventType})
	require.Equal(t, "2024-12-01T12:00:01.500Z", events[1].EventTime)
	require.Equal(t, events[0].Run.RunID, events[1].Run.Facets["parent"]["run"].(map[string]any)["runId"], "the same ID gives the same UUID")
	require.NotEqual(t, events[0].Run.RunID, events[1].Run.RunID)
	require.Equal(t, "select 1", events[1].Job.Facets["sql"]["query"])
	require.Equal(t, "raw.x", events[1].Inputs[0].Name)
	require.Equal(t, []map[string]string{{"name": "id", "type": "BIGINT", "description": "its key"}, {"name": "v", "type": "VARCHAR"}},
		events[1].Outputs[0].Facets.Schema.Fields)
	require.EqualValues(t, 7, events[1].Outputs[0].OutputFacets["outputStatistics"]["rowCount"])
	require.Equal(t, "a.sql:1:1: no", events[2].Run.Facets["errorMessage"]["message"])
}

func TestOpenLineageOverHTTP(t *testing.T) {
	var keys []string
	status := http.StatusCreated
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Authorization"))
		w.WriteHeader(status)
	}))
	defer server.Close()
	tell := LineageTeller{Target: runner.LineageTarget{URL: server.URL, KeyEnv: "KEY", Namespace: "n", Timeout: 10 * time.Second}}
	tell.LookupEnv = func(string) (string, bool) { return "", false }
	require.ErrorContains(t, tell.Send(t.Context(), 1), "KEY is not set")
	tell.LookupEnv = func(string) (string, bool) { return "k", true }
	require.NoError(t, tell.Send(t.Context(), 1, 2))
	require.Equal(t, []string{"Bearer k", "Bearer k"}, keys)
	status, keys = http.StatusTeapot, nil
	require.ErrorContains(t, tell.Send(t.Context(), 1, 2), "418")
	require.Len(t, keys, 1, "the rest would not arrive, either")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, tell.Send(ctx, 1), context.Canceled)
}
