package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"elt/runner/pipeline"
	"elt/runner/web"
)

// TestMain removes the project that all tests share.
func TestMain(m *testing.M) {
	status := m.Run()
	if sharedDir != "" {
		_ = os.RemoveAll(sharedDir)
	}
	os.Exit(status)
}

func options(dir string) pipeline.Options {
	return pipeline.Options{
		Dir: dir, Command: "elt run", Version: "test", LookupEnv: os.LookupEnv, Clock: time.Now, Log: zerolog.Nop(),
	}
}

var sharedDir string

// marketing is this repository's own project with its sample data, built and published once. Tests only read it.
var marketing = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "elt-web-")
	if err != nil {
		return "", err
	}
	sharedDir = dir
	for _, name := range []string{"models", "macros", "seeds", "data/raw"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			return "", err
		}
	}
	text, err := os.ReadFile("../../project.yaml")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "project.yaml"), text, 0o644)
	}
	if err != nil {
		return "", err
	}
	o := options(dir)
	o.Exclude = []string{"resource_type:test", "resource_type:unit_test", "path:models/attribution/examples"}
	_, err = pipeline.Run(context.Background(), o)
	return dir, err
})

func marketingDir(t *testing.T) string {
	t.Helper()
	dir, err := marketing()
	require.NoError(t, err)
	return dir
}

// tiny makes a project of one seed and one report, and runs it.
func tiny(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "project.yaml", `name: shop
target: dev
targets:
  dev: {path: data/shop.duckdb, schema: main}
exports:
  - {format: csv, path: "reports/{name}.csv"}
  - {format: parquet, path: "reports/{name}.parquet"}
  - {format: duckdb, path: shop_now.duckdb}
`)
	write(t, dir, "seeds/sales.csv", "day,amount\n2024-12-01,5\n2024-12-02,7\n")
	write(t, dir, "models/totals.sql", "select sum(amount) as amount, '</script><b>' as text from {{ ref('sales') }}\n")
	publish(t, dir)
	return dir
}

func publish(t *testing.T, dir string) {
	t.Helper()
	_, err := pipeline.Run(t.Context(), options(dir))
	require.NoError(t, err)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// server is a running server and its client.
type server struct {
	t    *testing.T
	base string
	addr string
	stop context.CancelFunc
	done chan error // gives what Serve returned
}

// serve runs the server of a project as `elt serve` does, on a port that is free.
func serve(t *testing.T, dir string, set ...func(*web.Options)) *server {
	t.Helper()
	o := web.Options{Project: options(dir), Grace: 2 * time.Second}
	for _, s := range set {
		s(&o)
	}
	made, err := web.New(t.Context(), o)
	require.NoError(t, err)
	listeners, err := web.Listen(t.Context(), "127.0.0.1", "0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	s := &server{t: t, addr: listeners[0].Addr().String(), stop: stop, done: make(chan error, 1)}
	s.base = "http://" + s.addr
	go func() {
		s.done <- made.Serve(ctx, listeners...)
		close(s.done)
	}()
	t.Cleanup(func() {
		stop()
		for range s.done { // it writes to the folder of the test until it is done
		}
	})
	return s
}

// do sends a request; headers come in pairs.
func (s *server) do(method, path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	require.NoError(s.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	return response, string(text)
}

func (s *server) get(path string) (status int, body string) {
	s.t.Helper()
	response, text := s.do(http.MethodGet, path, "")
	return response.StatusCode, text
}

// post sends JSON.
func (s *server) post(path string, body any) (status int, text string) {
	s.t.Helper()
	encoded, err := json.Marshal(body)
	require.NoError(s.t, err)
	response, text := s.do(http.MethodPost, path, string(encoded), "Content-Type", "application/json")
	return response.StatusCode, text
}

// read gets JSON into a value of type T.
func read[T any](s *server, path string, query url.Values) T {
	s.t.Helper()
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	status, text := s.get(path)
	require.Equal(s.t, http.StatusOK, status, text)
	var v T
	require.NoError(s.t, json.Unmarshal([]byte(text), &v))
	return v
}
