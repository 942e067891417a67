//go:build browser

package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// breaking is a model's file that does not load.
const breaking = "models/breaking.yml"

func brokenSite(t *testing.T) *site {
	return newSite(t, func(dir string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(breaking)), []byte("models: [{namee: x}]\n"), 0o600))
	})
}

func TestAPageOfABrokenProjectComesBackWhenItIsMended(t *testing.T) {
	s := brokenSite(t)
	tb := s.open("/tests")
	tb.excuse("503 (Service Unavailable)")
	tb.until(`document.querySelector("#broken")?.innerText.includes("namee")`)
	tb.accessible()
	s.write(breaking, "models: [{nome: x}]\n")
	tb.until(`document.querySelector("#broken")?.innerText.includes("nome")`)
	require.NoError(t, os.Remove(filepath.Join(s.dir, breaking)))
	tb.until(`document.querySelector("#tests-live")`)

	s.write(breaking, "models: [{namee: x}]\n")
	require.Eventually(t, func() bool {
		return tb.eval(`fetch("/api/v1/meta").then(r => r.json()).then(m => "problem" in m)`) == true
	}, patience, 100*time.Millisecond)
	tb.visit("/tests")
	require.Equal(t, true, tb.eval(`document.querySelector("#unloaded").checkVisibility()`))
	require.NoError(t, os.Remove(filepath.Join(s.dir, breaking)))
	tb.until(`!document.querySelector("#unloaded").checkVisibility()`)
}

func TestAPageOfABrokenProjectComesBackWithoutScripts(t *testing.T) {
	s := brokenSite(t)
	tb := newTab(t, s.url)
	tb.excuse("503 (Service Unavailable)")
	call(tb, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	shows := func(selector string) func() bool { // tb.until takes a picture of what fails, which needs scripts
		return func() bool {
			there, err := chromedp.Run(tb.ctx, chromedp.Evaluate[bool](`!!document.querySelector("`+selector+`")`))
			return err == nil && there
		}
	}
	tb.visit("/tests")
	require.Eventually(t, shows("#broken"), patience, 100*time.Millisecond)
	require.NoError(t, os.Remove(filepath.Join(s.dir, breaking)))
	require.Eventually(t, shows("#tests-live"), patience, 100*time.Millisecond)
}
