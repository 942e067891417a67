//go:build browser

package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What watches the pages must see what it is there for.
func TestATabNoticesWhatMustNotHappen(t *testing.T) {
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'nonce-n'; img-src *")
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Bad</title><link rel="icon" href="data:,"><h1 style="color: red">Bad</h1>
			<img alt="" src="http://127.0.0.1:9/elsewhere.png"><script nonce="n">console.error("oh no"); setTimeout(() => { throw new Error("thrown") })</script>`))
	}))
	t.Cleanup(bad.Close)
	tb := newTab(t, bad.URL)
	tb.visit("/")
	wanted := []string{"console: \"oh no\"", "thrown", "content security policy", "request off origin: http://127.0.0.1:9/elsewhere.png"}
	for _, want := range wanted {
		require.Eventually(t, func() bool {
			tb.faults.mu.Lock()
			defer tb.faults.mu.Unlock()
			return strings.Contains(strings.Join(tb.faults.wrong, "\n"), want)
		}, patience, 1e8, want)
	}
	tb.faults.mu.Lock()
	defer tb.faults.mu.Unlock()
	tb.faults.wrong = nil
}
