package web_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/web"
	"elt/runner/web/api"
)

const secretText = "what nobody may read"

// TestConsoleEscapes tries to make the console do more than read what is published. None may work, none may leave a trace,
// and the console has to answer afterwards as if nothing had been.
func TestConsoleEscapes(t *testing.T) {
	dir := tiny(t)
	write(t, dir, "secret.txt", secretText)
	write(t, dir, "out/keep", "")
	s := serve(t, dir)
	secret := runner.Literal(filepath.Join(dir, "secret.txt"))
	out := func(name string) string { return runner.Literal(filepath.Join(dir, "out", name)) }
	warehouse := runner.Literal(filepath.Join(dir, "data/shop.duckdb"))
	for _, query := range []string{
		// Files: writing, reading, listing.
		"copy (select 1) to " + out("a.csv"), "copy totals to " + out("a.parquet") + " (format parquet)", "export database " + out("all"),
		"explain analyze copy (select 1) to " + out("b.csv"), "copy (select 1) to '/dev/stdout'",
		"from read_text(" + secret + ")", "from read_blob(" + secret + ")", "from read_csv(" + secret + ", columns={'a': 'varchar'}, auto_detect=false)",
		"from read_csv_auto(" + secret + ")", "from read_json(" + secret + ")", "from read_ndjson_objects(" + secret + ")", "from read_parquet(" + secret + ")",
		"from " + secret, `from "` + filepath.Join(dir, "secret.txt") + `"`, "from glob(" + runner.Literal(dir+"/*") + ")", "from sniff_csv(" + secret + ")",
		"select content from read_text('secret.txt')", "from read_text('file://" + filepath.Join(dir, "secret.txt") + "')", "from read_text('/proc/self/environ')",
		"select * from totals where exists (from read_text(" + secret + "))", "with x as (from read_text(" + secret + ")) from x",
		"describe from read_csv(" + secret + ")", "summarize from read_csv(" + secret + ")", "from parquet_metadata(" + secret + ")", "from duckdb_secrets()  limit -1",
		// Other databases, extensions, the network.
		"attach " + warehouse + " as w", "attach ':memory:' as m", "attach " + out("new.duckdb"), "detach shop_now", "use memory",
		"install httpfs", "load httpfs", "load " + secret, "force install json", "install spatial from community", "from 'http://127.0.0.1:1/x.csv'",
		"from read_csv('https://example.com/x.csv')", "create secret (type s3)", "from sqlite_scan(" + warehouse + ", 'x')", "from postgres_scan('', '', '')",
		// Settings.
		"set enable_external_access = true", "set global enable_external_access = true", "reset enable_external_access", "set lock_configuration = false",
		"set memory_limit = '100GB'", "set threads = 64", "set temp_directory = " + out("tmp"), "set home_directory = '/'", "set allowed_directories = ['/']",
		"pragma enable_profiling", "pragma database_list; select 1", "pragma memory_limit = '9GB'", "pragma enable_logging", "call enable_logging()",
		"set variable x = 1", "set schema = 'x'", "set extension_directory = '/tmp'",
		// More than one statement, and statements that change something.
		"select 1; select 2", "select 1; copy (select 1) to " + out("c.csv"), "copy (select 1) to " + out("d.csv") + "; select 1",
		"attach " + out("e.duckdb") + "; select 1", "prepare p as select 1", "execute p", "deallocate p", "select ';'; drop table totals",
		"/* ; */ select 1; -- \ncopy (select 1) to " + out("f.csv"), "select E'\\'; copy (select 1) to " + out("g.csv") + " --'; select 1",
		"select 1) limit 1; copy (select 1) to " + out("h.csv") + "; select * from (select 1", "$$;$$; select 1",
		"create table x as select 1", "create temp table x as select 1", "create view x as select 1", "create macro f() as 1", "create type e as enum ('a')",
		"insert into totals values (1)", "update totals set amount = 0", "delete from totals", "drop table totals", "alter table totals add column x int",
		"truncate totals", "begin", "commit", "checkpoint", "vacuum", "comment on table totals is 'x'",
		// SQL from text, and functions with effects.
		"from query('from read_text(" + strings.ReplaceAll(secret, "'", "''") + ")')", "from query_table('totals'); select 1",
		"from json_execute_serialized_sql(json_serialize_sql('select 1'))", "select getenv('PATH')", "select nextval('s')", "from checkpoint()", "select pg_sleep(60)",
		"", "   ", ";", "--", "select", "select ?", "select $1", strings.Repeat("(", 50_000), "select " + strings.Repeat("abs(", 300) + "1" + strings.Repeat(")", 300), "select " + strings.Repeat("1+", 40_000) + "1",
	} {
		for _, path := range []string{"/api/v1/sql", "/api/v1/sql/csv"} {
			status, text := s.post(path, map[string]any{"sql": query})
			if strings.HasPrefix(query, "from duckdb_secrets") && status == 200 {
				continue // there are none, and it tells that
			}
			assert.GreaterOrEqual(t, status, 400, "%.100s", query)
			assert.Less(t, status, 500, "%.100s: %.200s", query, text)
			assert.NotContains(t, text, secretText, "%.100s", query)
		}
	}
	left, err := os.ReadDir(filepath.Join(dir, "out"))
	require.NoError(t, err)
	assert.Len(t, left, 1, "something was written")
	status, text := s.post("/api/v1/sql", map[string]any{"sql": "select amount, current_setting('enable_external_access') as open, current_setting('lock_configuration') as locked from totals"})
	assert.Equal(t, 200, status)
	assert.Contains(t, text, `[[12,false,true]]`)
}

// raw sends bytes as they are and gives the status line of the answer; empty if the connection was closed without one.
func (s *server) raw(text string) string {
	s.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.t.Context(), "tcp", s.addr)
	require.NoError(s.t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(conn, text)
	require.NoError(s.t, err)
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

// TestPathsLeadNowhere asks every route that gives files for others.
func TestPathsLeadNowhere(t *testing.T) {
	dir := tiny(t)
	write(t, dir, "secret.csv", secretText)
	write(t, dir, "data/secret.csv", secretText)
	s := serve(t, dir)
	status, text := s.get("/reports/totals.csv")
	require.Equal(t, 200, status)
	require.Contains(t, text, "12")
	for _, route := range []string{"/reports/", "/assets/", "/api/v1/reports/", "/models/", "/runs/", "/api/v1/runs/", "/api/v1/models/"} {
		for _, path := range []string{
			"../secret.csv", "../../secret.csv", "..%2fsecret.csv", "..%2f..%2fsecret.csv", "%2e%2e/secret.csv", "%2e%2e%2f%2e%2e%2fsecret.csv", "..%5csecret.csv",
			"....//secret.csv", "/" + dir + "/secret.csv", "%2f" + strings.ReplaceAll(dir[1:], "/", "%2f") + "%2fsecret.csv", "secret.csv", "secret.csv%00.csv", "totals.csv%00",
			"totals%00.csv", "../state.db", "..%2fstate.db", "totals.duckdb", "shop_now.duckdb", "totals.csv/../../secret.csv", "..;/secret.csv", "%252e%252e%252fsecret.csv", "../../../../../../etc/passwd",
		} {
			line := s.raw("GET " + route + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			assert.NotContains(t, line, " 200 ", route+path)
			assert.NotContains(t, line, " 500 ", route+path)
		}
	}
	// A published file that is a link out of the folder now.
	for _, target := range []string{filepath.Join(dir, "secret.csv"), "../../secret.csv", "/etc/passwd"} {
		file := filepath.Join(dir, "data/reports/totals.csv")
		require.NoError(t, os.Remove(file))
		require.NoError(t, os.Symlink(target, file))
		status, text := s.get("/reports/totals.csv")
		assert.GreaterOrEqual(t, status, 400)
		assert.NotContains(t, text, secretText)
		assert.NotContains(t, text, "root:")
	}
}

// TestStrangersAreRefused forges what a page of a stranger's could send, or a program that means ill.
func TestStrangersAreRefused(t *testing.T) {
	s := serve(t, tiny(t))
	const sql = `{"sql":"select 1"}`
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
	}{
		"another name":              {"GET", "/", "", []string{"Host", "evil.example"}, 421},
		"another name with a port":  {"GET", "/api/v1/meta", "", []string{"Host", "evil.example:8501"}, 421},
		"a name that begins alike":  {"GET", "/", "", []string{"Host", "localhost.evil.example"}, 421},
		"a name that ends alike":    {"GET", "/", "", []string{"Host", "evil-localhost"}, 421},
		"an address":                {"GET", "/", "", []string{"Host", "192.168.1.1"}, 421},
		"all addresses":             {"GET", "/", "", []string{"Host", "0.0.0.0"}, 421},
		"metrics under another":     {"GET", "/metrics", "", []string{"Host", "evil.example"}, 421},
		"health under another":      {"GET", "/healthz", "", []string{"Host", "evil.example"}, 421},
		"post from elsewhere":       {"POST", "/api/v1/sql", sql, []string{"Content-Type", "application/json", "Origin", "http://evil.example"}, 403},
		"post of another port":      {"POST", "/api/v1/sql", sql, []string{"Content-Type", "application/json", "Origin", "http://localhost:1"}, 403},
		"post from nowhere":         {"POST", "/api/v1/sql", sql, []string{"Content-Type", "application/json", "Origin", "null"}, 403},
		"post of another site":      {"POST", "/api/v1/sql", sql, []string{"Content-Type", "application/json", "Sec-Fetch-Site", "cross-site"}, 403},
		"post of a sibling":         {"POST", "/api/v1/sql", sql, []string{"Content-Type", "application/json", "Sec-Fetch-Site", "same-site"}, 403},
		"a form":                    {"POST", "/api/v1/sql", "sql=select+1", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		"text":                      {"POST", "/api/v1/sql", sql, []string{"Content-Type", "text/plain"}, 415},
		"a form with files":         {"POST", "/api/v1/sql", sql, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415},
		"no type":                   {"POST", "/api/v1/sql", sql, nil, 415},
		"JSON in name only":         {"POST", "/api/v1/sql", sql, []string{"Content-Type", "text/plain; x=application/json"}, 415},
		"a method":                  {"PUT", "/api/v1/sql", sql, []string{"Content-Type", "application/json"}, 405},
		"delete":                    {"DELETE", "/", "", nil, 405},
		"trace":                     {"TRACE", "/", "", nil, 405},
		"asking for leave":          {"OPTIONS", "/api/v1/sql", "", []string{"Origin", "http://evil.example", "Access-Control-Request-Method", "POST"}, 405},
		"too large":                 {"POST", "/api/v1/sql", `{"sql":"` + strings.Repeat("x", 1<<20) + `"}`, []string{"Content-Type", "application/json"}, 413},
		"a long query":              {"POST", "/api/v1/sql", `{"sql":"` + strings.Repeat("x", 150_000) + `"}`, []string{"Content-Type", "application/json"}, 422},
		"a long address":            {"GET", "/?client=" + strings.Repeat("x", 20_000), "", nil, 414},
		"broken JSON":               {"POST", "/api/v1/sql", `{"sql":`, []string{"Content-Type", "application/json"}, 400},
		"deep JSON":                 {"POST", "/api/v1/sql", strings.Repeat("[", 20_000), []string{"Content-Type", "application/json"}, 400},
		"an unknown field":          {"POST", "/api/v1/sql", `{"sql":"select 1","x":1}`, []string{"Content-Type", "application/json"}, 422},
		"a limit beyond":            {"POST", "/api/v1/sql", `{"sql":"select 1","limit":100000}`, []string{"Content-Type", "application/json"}, 422},
		"profiles without --debug":  {"GET", "/debug/pprof/", "", nil, 404},
		"profiles without --debug.": {"GET", "/debug/pprof/heap", "", nil, 404},
	} {
		response, text := s.do(c.method, c.path, c.body, c.headers...)
		assert.Equal(t, c.status, response.StatusCode, "%s: %.200s", name, text)
		assert.Empty(t, response.Header.Get("Access-Control-Allow-Origin"), name)
		sameShape(t, c.path, response, text)
	}
	for name, text := range map[string]string{
		"no name":     "GET / HTTP/1.1\r\n\r\n",
		"two names":   "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
		"old":         "GET / HTTP/1.0\r\n\r\n",
		"absolute":    "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a tunnel":    "CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"two lengths": "POST /api/v1/sql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\n",
		"too much":    "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n",
	} {
		assert.NotContains(t, s.raw(text), " 200 ", name)
	}
	for _, host := range []string{"localhost", "LOCALHOST:99", "127.0.0.1", "127.0.0.1:8501", "[::1]:8501", "[::1]", "localhost."} {
		response, _ := s.do("GET", "/healthz", "", "Host", host)
		assert.Equal(t, 200, response.StatusCode, host)
	}
	response, _ := s.do("POST", "/api/v1/sql", sql, "Content-Type", "application/json; charset=utf-8", "Origin", s.base)
	assert.Equal(t, 200, response.StatusCode, "its own pages may")
}

// sameShape checks that whoever uses the API is refused with a problem, like all its errors, and nobody else is.
func sameShape(t *testing.T, path string, response *http.Response, text string) {
	t.Helper()
	if !strings.HasPrefix(path, "/api/") {
		assert.Contains(t, response.Header.Get("Content-Type"), "text/", path)
		return
	}
	assert.Equal(t, "application/problem+json", response.Header.Get("Content-Type"), path)
	var problem api.Problem
	if assert.NoError(t, json.Unmarshal([]byte(text), &problem), text) {
		assert.Equal(t, response.StatusCode, problem.Status)
		assert.NotEmpty(t, problem.Detail)
	}
}

// TestSlowSenders sees that those who send slowly are cut off, while others are answered.
func TestSlowSenders(t *testing.T) {
	t.Parallel()
	s := serve(t, tiny(t))
	var open []net.Conn
	for range 50 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.addr)
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-")
		require.NoError(t, err)
		open = append(open, conn)
	}
	status, _ := s.get("/healthz")
	assert.Equal(t, 200, status, "others are answered meanwhile")
	started := time.Now()
	for _, conn := range open {
		require.NoError(t, conn.SetReadDeadline(started.Add(15*time.Second)))
		_, err := io.Copy(io.Discard, conn)
		require.NoError(t, err, "the server should have closed the connection by now")
		_ = conn.Close()
	}
}

// TestAnswersCarryTheirPolicy looks at what browsers are told.
func TestAnswersCarryTheirPolicy(t *testing.T) {
	s := serve(t, tiny(t))
	seen := map[string]bool{}
	for _, path := range []string{"/", "/reports", "/reports/totals", "/nowhere", "/api/v1/meta", "/openapi.json", "/metrics", "/reports/totals.csv", "/login"} {
		response, text := s.do("GET", path, "")
		policy := response.Header.Get("Content-Security-Policy")
		assert.Contains(t, policy, "default-src 'none'", path)
		assert.NotContains(t, policy, "unsafe", path)
		assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
		assert.False(t, seen[policy], "a nonce is used once")
		seen[policy] = true
		for _, tag := range []string{"<script>", "<style>", " style=", " onclick=", "javascript:"} {
			assert.NotContains(t, text, tag, path)
		}
		if !strings.HasSuffix(path, ".csv") {
			assert.NotContains(t, text, "</script><b>", "%s: values are text", path)
		}
	}
}

const token = "correct horse battery staple"

func withToken(o *web.Options) { o.Token, o.Hosts = token, []string{"elt.example.com"} }

func TestToken(t *testing.T) {
	s := serve(t, tiny(t), withToken)
	page := []string{"Accept", "text/html,*/*"}
	for _, path := range []string{"/", "/reports", "/reports/totals.csv", "/api/v1/meta", "/openapi.json", "/metrics", "/api/v1/events", "/nowhere"} {
		response, text := s.do("GET", path, "")
		assert.Equal(t, 401, response.StatusCode, path)
		assert.NotContains(t, text, "shop")
		sameShape(t, path, response, text)
		response, _ = s.do("GET", path, "", page...)
		assert.Equal(t, 303, response.StatusCode, path)
		assert.Equal(t, "/login?next="+strings.ReplaceAll(path, "/", "%2F"), response.Header.Get("Location"))
		for _, wrong := range []string{"", "x", token + "x", token[:10], strings.ToUpper(token)} {
			response, _ = s.do("GET", path, "", "Authorization", "Bearer "+wrong)
			assert.Equal(t, 401, response.StatusCode, wrong)
			response, _ = s.do("GET", path, "", "Cookie", "elt_session="+wrong)
			assert.Equal(t, 401, response.StatusCode, wrong)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/login"} {
		response, text := s.do("GET", path, "")
		assert.Equal(t, 200, response.StatusCode, path)
		assert.NotContains(t, text, "shop", "the login page tells nothing of the project")
	}
	response, _ := s.do("GET", "/api/v1/meta", "", "Authorization", "Bearer "+token, "Host", "elt.example.com")
	assert.Equal(t, 200, response.StatusCode)

	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Origin", s.base}
	response, _ = s.do("POST", "/login", "token=guess", form...)
	assert.Equal(t, 401, response.StatusCode)
	assert.Empty(t, response.Cookies())
	response, _ = s.do("POST", "/login", "token=correct+horse+battery+staple", "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://evil.example")
	assert.Equal(t, 403, response.StatusCode)
	for next, want := range map[string]string{
		"/reports?a=b": "/reports?a=b", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "javascript:alert(1)": "/", "": "/", "/%0d%0aX: y": "/%0d%0aX:%20y",
	} {
		response, _ = s.do("POST", "/login", "token=correct+horse+battery+staple&next="+strings.NewReplacer("%", "%25", "&", "%26", " ", "+").Replace(next), form...)
		require.Equal(t, 303, response.StatusCode)
		location := response.Header.Get("Location")
		assert.True(t, location == want || strings.HasPrefix(location, "/%0d"), "%s leads to %s", next, location)
	}
	cookie := response.Cookies()[0]
	assert.True(t, cookie.HttpOnly)
	assert.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	response, text := s.do("GET", "/reports", "", "Cookie", cookie.Name+"="+cookie.Value)
	assert.Equal(t, 200, response.StatusCode)
	assert.Contains(t, text, "totals")
	parts := strings.Split(cookie.Value, ".")
	later := time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339) + "." + parts[1]
	response, _ = s.do("GET", "/reports", "", "Cookie", cookie.Name+"="+later)
	assert.Equal(t, 401, response.StatusCode, "nobody may extend a session")
}

func TestProfilesOfTheServer(t *testing.T) {
	s := serve(t, tiny(t), func(o *web.Options) { o.Debug = true })
	status, text := s.get("/debug/pprof/goroutine?debug=1")
	assert.Equal(t, 200, status)
	assert.Contains(t, text, "goroutine profile")
}

func TestMetrics(t *testing.T) {
	s := serve(t, tiny(t))
	_, _ = s.get("/reports/totals")
	_, _ = s.get("/reports/totals")
	_, _ = s.get("/nowhere%22%0a")
	status, text := s.get("/metrics")
	require.Equal(t, 200, status)
	for _, line := range []string{
		`elt_http_requests_total{route="GET /reports/{name}",status="200"} 2`, `elt_cache_hits_total`, `elt_sse_subscribers 0`, "process_resident_memory_bytes", "go_goroutines",
	} {
		assert.Contains(t, text, line)
	}
	assert.NotContains(t, text, "nowhere", "what people ask for is no label")
}

// TestFromAfar asks as another machine would.
func TestFromAfar(t *testing.T) {
	o := web.Options{Project: options(tiny(t)), Debug: true}
	withToken(&o)
	s, err := web.New(t.Context(), o)
	require.NoError(t, err)
	ask := func(from, path string) *http.Response {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.RemoteAddr, r.Host = from, "elt.example.com"
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Result()
	}
	for _, path := range []string{"/reports", "/openapi.json"} {
		afar, near := ask("192.0.2.1:4711", path), ask("127.0.0.1:4711", path)
		require.Equal(t, []int{200, 200}, []int{afar.StatusCode, near.StatusCode})
		assert.Empty(t, near.Header.Get("Content-Encoding"))
		if path == "/reports" {
			assert.Equal(t, "gzip", afar.Header.Get("Content-Encoding"))
			text, err := gzip.NewReader(afar.Body)
			require.NoError(t, err)
			whole, err := io.ReadAll(text)
			require.NoError(t, err)
			assert.Contains(t, string(whole), "totals")
		}
	}
	assert.Equal(t, 404, ask("192.0.2.1:4711", "/debug/pprof/").StatusCode, "profiles are for this machine")
	assert.Equal(t, 200, ask("[::1]:4711", "/debug/pprof/").StatusCode)

	// Streams come as they are sent, not when enough has come together to compress.
	afar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr, r.Host = "192.0.2.1:4711", "elt.example.com"
		r.Header.Set("Authorization", "Bearer "+token)
		s.Handler().ServeHTTP(w, r)
	}))
	defer afar.Close()
	ctx, leave := context.WithTimeout(t.Context(), 10*time.Second)
	defer leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, afar.URL+"/api/v1/events", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	line, err := bufio.NewReader(response.Body).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "retry: 2000\n", line)
	leave()
	require.NoError(t, response.Body.Close())
}
