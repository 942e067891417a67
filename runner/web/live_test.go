package web_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/web"
	"elt/runner/web/console"
	"elt/runner/web/reports"
	"elt/runner/web/table"
)

// stream is an open stream of events.
type stream struct {
	t     *testing.T
	body  io.ReadCloser
	lines *bufio.Reader
}

type event struct{ id, kind, data string }

func (s *server) events(query string, headers ...string) *stream {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.base+"/api/v1/events"+query, nil)
	require.NoError(s.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, response.StatusCode)
	require.Equal(s.t, "text/event-stream", response.Header.Get("Content-Type"))
	s.t.Cleanup(func() { _ = response.Body.Close() })
	return &stream{t: s.t, body: response.Body, lines: bufio.NewReader(response.Body)}
}

// next waits for an event of a kind.
func (s *stream) next(kind string) (e event) {
	s.t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		require.NoError(s.t, err)
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.kind == kind {
				return e
			}
			e = event{}
		}
	}
}

// TestPagesHearOfANewSnapshot publishes under the eyes of readers.
func TestPagesHearOfANewSnapshot(t *testing.T) {
	dir := tiny(t)
	s := serve(t, dir)
	first := read[reports.Page](s, "/api/v1/reports/totals", nil)
	assert.InDelta(t, 12.0, first.Table.Rows[0][0], 0)
	listener := s.events("")

	write(t, dir, "seeds/sales.csv", "day,amount\n2024-12-01,5\n2024-12-02,37\n")
	publish(t, dir)
	heard := listener.next("published")
	var info struct {
		RunID string `json:"run_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(heard.data), &info))
	assert.NotEqual(t, first.RunID, info.RunID)
	second := read[reports.Page](s, "/api/v1/reports/totals", nil)
	assert.Equal(t, info.RunID, second.RunID)
	assert.InDelta(t, 42.0, second.Table.Rows[0][0], 0)
	status, text := s.post("/api/v1/sql", map[string]any{"sql": "select amount from totals"})
	assert.Equal(t, 200, status)
	assert.Contains(t, text, "[[42]]")

	// Who comes back gets what was missed; who comes with what is not known starts anew.
	write(t, dir, "seeds/sales.csv", "day,amount\n2024-12-01,1\n")
	publish(t, dir)
	again := s.events("", "Last-Event-ID", heard.id)
	later := again.next("published")
	assert.Greater(t, later.id, heard.id)
	require.NoError(t, json.Unmarshal([]byte(later.data), &info))
	assert.InDelta(t, 1.0, read[reports.Page](s, "/api/v1/reports/totals", nil).Table.Rows[0][0], 0)
	s.events("?after=" + heard.id).next("published")
	s.events("", "Last-Event-ID", "7").next("reset")
	status, _ = s.get("/api/v1/events?after=soon")
	assert.Equal(t, 400, status)
}

// TestReadersDuringPublishes reads while one snapshot after the other takes the place of the last.
func TestReadersDuringPublishes(t *testing.T) {
	dir := tiny(t)
	s := serve(t, dir)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			last := 12.0
			for {
				select {
				case <-done:
					return
				default:
				}
				page := read[reports.Page](s, "/api/v1/reports/totals", nil)
				now := page.Table.Rows[0][0].(float64)
				assert.GreaterOrEqual(t, now, last, "readers never go back")
				last = now
			}
		})
	}
	for i := range 4 {
		write(t, dir, "seeds/sales.csv", fmt.Sprintf("day,amount\n2024-12-01,%d\n", 100+i))
		publish(t, dir)
	}
	time.Sleep(600 * time.Millisecond)
	close(done)
	readers.Wait()
	assert.InDelta(t, 103.0, read[reports.Page](s, "/api/v1/reports/totals", nil).Table.Rows[0][0], 0)
	open, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	held := 0
	for _, fd := range open {
		if path, err := os.Readlink(fd); err == nil && strings.HasPrefix(path, dir) && strings.Contains(path, "shop_now-") {
			held++
		}
	}
	assert.LessOrEqual(t, held, 4, "old snapshots are let go of")
}

func TestStreamsEndWithTheServer(t *testing.T) {
	s := serve(t, tiny(t))
	listener := s.events("")
	s.stop()
	_, err := io.ReadAll(listener.body)
	require.NoError(t, err, "the stream ends in order")
	select {
	case err := <-s.done:
		require.NoError(t, err)
	case <-time.After(5 * time.Second):
		t.Fatal("the server does not stop")
	}
}

func TestRequestsEndBeforeTheServer(t *testing.T) {
	s := serve(t, tiny(t), func(o *web.Options) { o.Grace = 30 * time.Second })
	answered := make(chan string, 1)
	go func() {
		_, text := s.post("/api/v1/sql", map[string]any{"sql": "select count(*), max(hash(range)) is null from range(50000000)"})
		answered <- text
	}()
	time.Sleep(200 * time.Millisecond)
	s.stop()
	assert.Contains(t, <-answered, "[[50000000,false]]")
	require.NoError(t, <-s.done)
}

// deadlines is a connection that remembers how long it may be read.
type deadlines struct {
	*httptest.ResponseRecorder
	read time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error { d.read = t; return nil }

func (d *deadlines) SetWriteDeadline(time.Time) error { return nil }

// TestNoDeadlineBehindTheBody sees that nothing cuts a request short whose body is read: a deadline for reading would.
func TestNoDeadlineBehindTheBody(t *testing.T) {
	s, err := web.New(t.Context(), web.Options{Project: options(tiny(t))})
	require.NoError(t, err)
	for _, path := range []string{"/api/v1/sql", "/api/v1/sql/csv"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{"sql":"select 1"}`))
		r.Host = "localhost"
		r.Header.Set("Content-Type", "application/json")
		w := &deadlines{ResponseRecorder: httptest.NewRecorder(), read: time.Now()}
		s.Handler().ServeHTTP(w, r)
		require.Equal(t, 200, w.Code)
		assert.True(t, w.read.IsZero(), path)
	}
}

const endless = "select sum(hash(a.range + b.range)) from range(1000000) as a, range(1000000) as b"

func TestConsole(t *testing.T) {
	s := serve(t, tiny(t))
	run := func(body map[string]any) console.Result {
		t.Helper()
		status, text := s.post("/api/v1/sql", body)
		require.Equal(t, 200, status, text)
		var result console.Result
		require.NoError(t, json.Unmarshal([]byte(text), &result))
		return result
	}
	result := run(map[string]any{"sql": "select range as a from range(5000) order by a desc"})
	assert.Len(t, result.Rows, 1000)
	assert.True(t, result.Truncated)
	assert.InDelta(t, 4999.0, result.Rows[0][0], 0)
	result = run(map[string]any{"sql": "from range(1000)"})
	assert.Len(t, result.Rows, 1000)
	assert.False(t, result.Truncated)
	result = run(map[string]any{"sql": "from range(10)", "limit": 3})
	assert.Len(t, result.Rows, 3)
	assert.True(t, result.Truncated)
	result = run(map[string]any{"sql": "select repeat('x', 1000000) as x from range(100)"})
	assert.Less(t, len(result.Rows), 10)
	assert.True(t, result.Truncated)
	result = run(map[string]any{"sql": `select null as a, true as b, 9007199254740993 as c, 0.1::decimal(18,2) as d, 'nan'::double as e, date '2024-12-01' as f,
		timestamp '2024-12-01 10:20:30' as g, [1, 2] as h, {'k': 1.5} as i, 12345678901234567.89::decimal(38,2) as j, '\xff'::blob as k, 0.1::double as l`})
	text, err := json.Marshal(result.Rows)
	require.NoError(t, err)
	assert.JSONEq(t, `[[null, true, "9007199254740993", 0.10, "NaN", "2024-12-01", "2024-12-01T10:20:30", [1,2], {"k": 1.5}, "12345678901234567.89", "\\xff", 0.1]]`, string(text))
	for _, sql := range []string{"describe totals", "summarize totals", "explain select * from totals", "show tables", "with x as (select 1) from x"} {
		assert.NotEmpty(t, run(map[string]any{"sql": sql}).Rows, sql)
	}
	all := read[[]console.Relation](s, "/api/v1/sql/schema", nil)
	require.Len(t, all, 2)
	assert.Equal(t, console.Relation{Schema: "main", Name: "totals", Bare: true, Columns: []table.Column{{Name: "amount", Type: "HUGEINT"}, {Name: "text", Type: "VARCHAR"}}}, all[1])

	response, body := s.do(http.MethodPost, "/api/v1/sql/csv", `{"sql":"select range as a, 'x,\"y' as b, null as c from range(2500)"}`, "Content-Type", "application/json")
	assert.Equal(t, 200, response.StatusCode)
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 2501)
	assert.Equal(t, []string{"2499", `x,"y`, ""}, rows[2500])
	// An error after the first rows must not look like an end.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/api/v1/sql/csv", strings.NewReader(`{"sql":"select range, case when range > 900000 then error('late') else 'x' end as b from range(1000000)"}`))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	late, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, late.Body)
	assert.True(t, err != nil || late.StatusCode >= 400)
	_ = late.Body.Close()
}

// TestConsoleTakesTurns fills both places, sees the third wait and be told, and gives a place back by leaving.
func TestConsoleTakesTurns(t *testing.T) {
	s := serve(t, tiny(t), func(o *web.Options) {
		o.Console = console.Times{Wait: 200 * time.Millisecond, Query: 20 * time.Second, CSV: 20 * time.Second}
	})
	leave := make([]func(), 2)
	var left sync.WaitGroup
	for i := range leave {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/api/v1/sql", strings.NewReader(fmt.Sprintf(`{"sql":%q}`, endless)))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		ctx, cancel := context.WithCancel(t.Context())
		leave[i] = cancel
		left.Go(func() {
			response, err := http.DefaultClient.Do(r.WithContext(ctx))
			if err == nil {
				_ = response.Body.Close()
				t.Error("the query came to an end")
			}
		})
	}
	require.Eventually(t, func() bool {
		status, _ := s.post("/api/v1/sql", map[string]any{"sql": "select 1"})
		return status == http.StatusTooManyRequests
	}, 5*time.Second, 10*time.Millisecond)
	for _, path := range []string{"/api/v1/sql", "/api/v1/sql/csv"} {
		response, text := s.do(http.MethodPost, path, `{"sql":"select 1"}`, "Content-Type", "application/json")
		assert.Contains(t, text, "2 queries are running")
		assert.Equal(t, "5", response.Header.Get("Retry-After"))
	}
	status, _ := s.get("/reports/totals")
	assert.Equal(t, 200, status, "pages do not wait for the console")
	leave[0]()
	require.Eventually(t, func() bool {
		status, _ := s.post("/api/v1/sql", map[string]any{"sql": "select 1"})
		return status == http.StatusOK
	}, 5*time.Second, 10*time.Millisecond, "whoever leaves gives the place back")
	leave[1]()
	left.Wait()
}

func TestConsoleKeepsToItsTimeAndMemory(t *testing.T) {
	s := serve(t, tiny(t), func(o *web.Options) {
		o.Console = console.Times{Wait: time.Second, Query: 300 * time.Millisecond, CSV: 300 * time.Millisecond}
	})
	for _, path := range []string{"/api/v1/sql", "/api/v1/sql/csv"} {
		started := time.Now()
		status, text := s.post(path, map[string]any{"sql": endless})
		assert.Equal(t, 422, status)
		assert.Contains(t, text, "longer than 300ms")
		assert.Less(t, time.Since(started), 5*time.Second)
	}
	status, _ := s.post("/api/v1/sql", map[string]any{"sql": "select 1"})
	assert.Equal(t, 200, status)
	// Planning cannot be stopped, so it is not waited for. It may have its place for as long as it takes.
	started := time.Now()
	deep := strings.Repeat("[", 400)
	status, text := s.post("/api/v1/sql", map[string]any{"sql": "select from_json('" + deep + strings.Repeat("]", 400) + "', '" + deep + `"int"` + strings.Repeat("]", 400) + "')"})
	assert.Equal(t, 422, status)
	assert.Contains(t, text, "longer than 300ms")
	assert.Less(t, time.Since(started), 3*time.Second)
	status, _ = s.post("/api/v1/sql", map[string]any{"sql": "select 1"})
	assert.Equal(t, 200, status)

	s = serve(t, tiny(t))
	status, text = s.post("/api/v1/sql", map[string]any{"sql": "select list(range) from range(500000000)"})
	assert.Equal(t, 422, status)
	assert.Contains(t, strings.ToLower(text), "memory")
	status, _ = s.post("/api/v1/sql", map[string]any{"sql": "select 1"})
	assert.Equal(t, 200, status)
}
