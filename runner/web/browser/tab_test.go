//go:build browser

package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

const (
	chromium = "chromium"
	// patience is how long something may take to appear. Machines are slow at times; what is there is seen at once.
	patience = 20 * time.Second
	// aRun is how long it may take until files that came are noticed, a run is done and its data published.
	aRun = 2 * time.Minute
)

//go:embed testdata/axe.min.js
var axe string

// tab is a page of a fresh browser. When the test ends, nothing may have gone wrong in it: no error on the console, no
// violation of the content security policy, no request to another place.
type tab struct {
	t      testing.TB
	ctx    context.Context
	origin string
	folder string // downloads
	faults *faults
}

// faults are what went wrong in a tab, and what may.
type faults struct {
	mu      sync.Mutex // guards the others
	wrong   []string
	excused []string
}

// open starts a browser and opens a page of the site.
func (s *site) open(path string) *tab {
	s.t.Helper()
	tb := newTab(s.t, s.url)
	tb.visit(path)
	return tb
}

// newTab starts a browser that may talk to origin only.
func newTab(t testing.TB, origin string) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1360, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-US"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	tb := &tab{t: t, ctx: ctx, origin: origin, folder: t.TempDir(), faults: &faults{}}
	require.NoError(t, chromedp.Listen(ctx, tb.watch))
	call(tb, network.Enable, network.EnableParams{})
	call(tb, log.Enable, cdp.Empty{})
	call(tb, audits.Enable, cdp.Empty{})
	call(tb, runtime.Enable, cdp.Empty{})
	call(tb, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: tb.folder,
	})
	t.Cleanup(tb.judge)
	return tb
}

// in gives the same tab for a part of the test.
func (tb *tab) in(t testing.TB) *tab {
	return &tab{t: t, ctx: tb.ctx, origin: tb.origin, folder: tb.folder, faults: tb.faults}
}

// watch notes what must not happen.
func (tb *tab) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			var said []string
			for _, arg := range e.Args {
				said = append(said, describe(arg))
			}
			tb.note("console: " + strings.Join(said, " "))
		}
	case *runtime.EventExceptionThrown:
		tb.note("exception: " + e.ExceptionDetails.Text + " " + describe(e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			tb.note(fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
		}
	case *audits.EventIssueAdded:
		if e.Issue.Details.ContentSecurityPolicyIssueDetails != nil {
			text, _ := json.Marshal(e.Issue.Details.ContentSecurityPolicyIssueDetails)
			tb.note("content security policy: " + string(text))
		}
	case *network.EventRequestWillBeSent:
		url := e.Request.URL
		if !strings.HasPrefix(url, tb.origin+"/") && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:"+tb.origin) {
			tb.note("request off origin: " + url)
		}
	}
}

func (tb *tab) note(what string) {
	tb.faults.mu.Lock()
	defer tb.faults.mu.Unlock()
	tb.faults.wrong = append(tb.faults.wrong, what)
}

// excuse lets what contains text happen: a test that cuts the connection expects errors of the network.
func (tb *tab) excuse(text string) {
	tb.faults.mu.Lock()
	defer tb.faults.mu.Unlock()
	tb.faults.excused = append(tb.faults.excused, text)
}

// judge fails the test over what went wrong so far.
func (tb *tab) judge() {
	tb.faults.mu.Lock()
	defer tb.faults.mu.Unlock()
	for _, what := range tb.faults.wrong {
		if !slices.ContainsFunc(tb.faults.excused, func(text string) bool { return strings.Contains(what, text) }) {
			tb.t.Errorf("the page did what it must not: %s", what)
		}
	}
	tb.faults.wrong = nil
}

// settled waits until nothing is on its way or being drawn any more.
func (tb *tab) settled() {
	tb.t.Helper()
	tb.until(`!document.querySelector("[aria-busy=true]") && [...document.querySelectorAll(".drawing")].every(d => d.querySelector("svg path"))`)
	time.Sleep(300 * time.Millisecond) // what appears fades in
}

// describe gives an object of the page as text.
func describe(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return string(o.Value) + o.Description
}

// call sends a command of the protocol.
func call[P, R any](tb *tab, command cdp.Command[P, R], params P) R {
	tb.t.Helper()
	result, err := chromedp.Run(tb.ctx, func(ctx context.Context, t *chromedp.Target) (R, error) {
		return cdp.Call(ctx, t, command, params)
	})
	require.NoError(tb.t, err, command.Method)
	return result
}

func (tb *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	require.NoError(tb.t, chromedp.Do(tb.ctx, actions...))
}

// visit opens a page and waits until its islands stand.
func (tb *tab) visit(path string) {
	tb.t.Helper()
	tb.run(chromedp.Navigate(tb.origin + path))
	tb.ready()
}

// ready waits until the page is loaded and each of its islands stands.
func (tb *tab) ready() {
	tb.t.Helper()
	tb.until(`document.readyState === "complete" && !document.querySelector("[data-island]:not([data-ready])")`)
}

// eval gives what an expression comes to, as text of JSON values do: strings as they are.
func (tb *tab) eval(expression string) any {
	tb.t.Helper()
	value, err := chromedp.Run(tb.ctx, chromedp.Evaluate[any](expression, chromedp.EvalAwaitPromise))
	require.NoError(tb.t, err, expression)
	return value
}

// text gives the text of the first element.
func (tb *tab) text(selector string) string {
	tb.t.Helper()
	tb.until(fmt.Sprintf(`document.querySelector(%q)`, selector))
	text, _ := tb.eval(fmt.Sprintf(`document.querySelector(%q).innerText`, selector)).(string)
	return text
}

// until waits until an expression is true. A page that changes meanwhile is no error.
func (tb *tab) until(expression string) {
	tb.t.Helper()
	tb.within(patience, expression)
}

// within is until with a patience of its own.
func (tb *tab) within(patience time.Duration, expression string) {
	tb.t.Helper()
	deadline := time.Now().Add(patience)
	var last error
	for time.Now().Before(deadline) {
		ok, err := chromedp.Run(tb.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok {
			return
		}
		last = err
		time.Sleep(30 * time.Millisecond)
	}
	tb.snapshot("failed-" + strings.ReplaceAll(tb.t.Name(), "/", "-"))
	tb.t.Fatalf("this did not become true in %v: %s (%v)", patience, expression, last)
}

// click clicks the first visible element that matches.
func (tb *tab) click(selector string) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	require.NoError(tb.t, chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))), selector)
}

// press types keys to whatever has the focus.
func (tb *tab) press(keys ...string) {
	tb.t.Helper()
	for _, key := range keys {
		tb.run(chromedp.KeyEvent(key))
	}
}

// tabTo presses Tab until the element has the focus, as one without a mouse does.
func (tb *tab) tabTo(selector string) {
	tb.t.Helper()
	for range 80 {
		tb.press(kb.Tab)
		if tb.eval(fmt.Sprintf(`document.activeElement?.matches(%q)`, selector)) == true {
			return
		}
	}
	tb.t.Fatalf("%s cannot be reached by the Tab key", selector)
}

// downloaded waits for a file that the page gives, and reads it.
func (tb *tab) downloaded(name string) []byte {
	tb.t.Helper()
	file := filepath.Join(tb.folder, name)
	var text []byte
	require.Eventually(tb.t, func() bool {
		var err error
		text, err = os.ReadFile(file)
		return err == nil && len(text) > 0
	}, patience, 50*time.Millisecond, "%s is not downloaded", name)
	return text
}

// screen sets width and theme.
func (tb *tab) screen(width, height int64, theme string) {
	tb.t.Helper()
	call(tb, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
	})
	call(tb, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// snapshot puts a picture of the whole page into target/screenshots.
func (tb *tab) snapshot(name string) {
	tb.t.Helper()
	size, ok := tb.eval(`[innerWidth, innerHeight, document.documentElement.scrollHeight]`).([]any)
	require.True(tb.t, ok)
	width, height, whole := size[0].(float64), size[1].(float64), size[2].(float64)
	resize := func(height float64) {
		call(tb, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(width), Height: int64(height), DeviceScaleFactor: 1, Mobile: width < 600,
		})
		tb.eval(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => true)`)
	}
	resize(max(height, whole))
	picture := call(tb, page.CaptureScreenshot, page.CaptureScreenshotParams{}).Data
	resize(height)
	dir := filepath.Join("..", "..", "..", "target", "screenshots")
	require.NoError(tb.t, os.MkdirAll(dir, 0o755))
	require.NoError(tb.t, os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600))
}

// violation is something that axe-core found.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"summary"`
	} `json:"nodes"`
}

// accessible fails over what axe-core finds to be serious or critical.
func (tb *tab) accessible() {
	tb.t.Helper()
	_, err := chromedp.Run(tb.ctx, chromedp.Evaluate[bool](axe+"; true"))
	require.NoError(tb.t, err)
	found, err := chromedp.Run(tb.ctx, chromedp.Evaluate[[]violation](`axe.run(document, {resultTypes: ["violations"]}).then(r =>
		r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => ({html: n.html, summary: n.failureSummary}))})))`,
		chromedp.EvalAwaitPromise))
	require.NoError(tb.t, err)
	for _, f := range found {
		if f.Impact != "serious" && f.Impact != "critical" {
			continue
		}
		for _, node := range f.Nodes[:min(3, len(f.Nodes))] {
			tb.t.Errorf("axe: %s, %s: %s\n%.300s\n%s", f.Impact, f.ID, f.Help, node.HTML, node.Summary)
		}
	}
}
