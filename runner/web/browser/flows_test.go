//go:build browser

package browser

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image/png"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// figures is what the overview shows, as text.
const figures = `[...document.querySelectorAll(".tile-value, .range p")].map(e => e.textContent).join(" | ")`

func TestTheAddressIsTheView(t *testing.T) {
	tb := newSite(t).open("/")
	usual := tb.eval(figures)
	require.Contains(t, usual, "30 Jan 2025 – 28 Feb 2025, compared with 31 Dec 2024 – 29 Jan 2025")

	tb.click(`.chip:has([value="google_ads"])`)
	tb.until(`location.search === "?platform=google_ads"`)
	tb.settled()
	ads := tb.eval(figures)
	require.NotEqual(t, usual, ads)

	tb.click(`.segments label:has([value="week"])`)
	tb.eval(`(() => { const s = document.querySelector('select[aria-label="Range"]'); s.value = "4"; s.dispatchEvent(new Event("change")) })()`)
	tb.until(`location.search === "?platform=google_ads&from=2024-12-01&to=2025-02-28&grain=week"`)
	tb.settled()
	all := tb.eval(figures)
	require.Contains(t, all, "1 Dec 2024 – 28 Feb 2025")

	tb.run(chromedp.Reload())
	tb.ready()
	tb.settled()
	require.Equal(t, all, tb.eval(figures), "the same after a reload")
	require.Equal(t, true, tb.eval(`document.querySelector('[value="week"]').checked && document.querySelector('[value="google_ads"]').checked`))

	tb.eval(`history.go(-2)`)
	tb.until(`location.search === "?platform=google_ads"`)
	tb.settled()
	require.Equal(t, ads, tb.eval(figures), "back again")
	tb.eval(`history.back()`)
	tb.until(`location.search === ""`)
	tb.settled()
	require.Equal(t, usual, tb.eval(figures))

	tb.eval(`history.forward()`)
	tb.until(`location.search === "?platform=google_ads"`)
	tb.click("#reset")
	tb.until(`location.search === ""`)
	tb.settled()
	require.Equal(t, usual, tb.eval(figures))
}

func TestWithoutAMouse(t *testing.T) {
	tb := newSite(t).open("/")
	tb.press(kb.Tab)
	require.Equal(t, true, tb.eval(`document.activeElement.matches(".skip")`), "the first stop leads to the content")
	tb.press(kb.Enter)
	tb.until(`location.hash === "#content"`)

	tb.press("/")
	tb.until(`document.activeElement.matches(".picker button")`)
	tb.press(kb.Enter)
	tb.until(`document.activeElement.matches(".popover input[type=search]")`)
	tb.press("C", "1", "0", "3", kb.ArrowDown, " ")
	tb.until(`location.search === "?client=C103"`)
	tb.press(kb.Escape)
	tb.until(`!document.querySelector(".popover") && document.activeElement.matches(".picker button")`)

	tb.tabTo(`#spend_by_platform .chart-tools button`)
	tb.press(kb.Enter)
	tb.until(`document.querySelector("#spend_by_platform table")`)

	tb.click(`.chip:has([value="google_ads"])`)
	tb.press("?") // a check mark with the focus takes no text
	tb.until(`document.querySelector("#keys").open`)
	tb.press(kb.Escape)
	tb.until(`!document.querySelector("#keys").open`)

	tb.press("g", "r")
	tb.until(`location.pathname === "/reports"`)
	tb.ready()
	tb.tabTo(`a[href="/reports/weekly_trends"]`)
	tb.press(kb.Enter)
	tb.until(`location.pathname === "/reports/weekly_trends"`)
	tb.ready()
	tb.tabTo(`th a[href*="sort=revenue"]`)
	tb.press(kb.Enter)
	tb.until(`document.querySelector('th[aria-sort="descending"]')?.innerText.includes("Revenue")`)
	tb.ready()
	tb.press("g", "o")
	tb.until(`location.pathname === "/"`)
}

func TestAChartIsATableACSVAndAPicture(t *testing.T) {
	tb := newSite(t).open("/")
	tb.settled()
	tb.eval(`(() => {
		const drawing = document.querySelector("#clicks_over_time .drawing"), box = drawing.getBoundingClientRect()
		const at = {bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}
		for (const type of ["mouseover", "mousemove"]) drawing.querySelector("svg").dispatchEvent(new MouseEvent(type, at))
	})()`)
	tb.until(`document.querySelector("#clicks_over_time .tip")?.innerText.includes("Google Ads")`)

	tb.click(`#clicks_over_time button:nth-of-type(3)`)
	picture, err := png.Decode(bytes.NewReader(tb.downloaded("clicks_over_time.png")))
	require.NoError(t, err)
	require.Greater(t, picture.Bounds().Dx(), 600)

	tb.click(`#clicks_over_time button:nth-of-type(2)`)
	rows, err := csv.NewReader(bytes.NewReader(tb.downloaded("clicks_over_time.csv"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"date", "platform", "clicks"}, rows[0])

	tb.click(`#clicks_over_time button:nth-of-type(1)`)
	tb.until(`document.querySelectorAll("#clicks_over_time tbody tr").length > 0`)
	require.Equal(t, true, tb.eval(fmt.Sprintf(`document.querySelectorAll("#clicks_over_time tbody tr").length === %d`, len(rows)-1)))
}

func TestReportsSortAndDownload(t *testing.T) {
	s := newSite(t)
	tb := s.open("/reports/daily_client_spend")
	require.Contains(t, tb.text("caption"), "900 rows, of which 1 to 200 are here")
	tb.click(`th a[href*="sort=spend_usd"]`)
	tb.until(`document.querySelector('th[aria-sort="descending"]')`)
	spend := tb.eval(`[...document.querySelectorAll("tbody tr")].map(r => Number(r.cells[2].innerText.replace(/[$,]/g, "")))`).([]any)
	for i := range spend[1:] {
		require.GreaterOrEqual(t, spend[i], spend[i+1])
	}
	tb.click(`a[rel=next]`)
	tb.until(`document.querySelector("caption").innerText.includes("201 to 400")`)
	require.LessOrEqual(t, tb.eval(`Number(document.querySelector("tbody tr").cells[2].innerText.replace(/[$,]/g, ""))`), spend[len(spend)-1])

	tb.click(`.actions a[href$=".csv"]`)
	rows, err := csv.NewReader(bytes.NewReader(tb.downloaded("daily_client_spend_report.csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 901)
	tb.click(`.actions a[href$=".parquet"]`)
	require.Equal(t, "PAR1", string(tb.downloaded("daily_client_spend.parquet")[:4]))
}

// more is a row for a day that there was not before.
const more = "G001,C101,2025-03-01,777,9000,123.45,mobile,US\n"

func TestAFileThatComesStartsARunAndThePageShowsIt(t *testing.T) {
	s := newSite(t)
	tb := s.open("/")
	tb.settled()
	before := tb.eval(`document.documentElement.dataset.snapshot`).(string)
	s.append("data/raw/google_ads.csv", more)
	tb.within(aRun, `!document.querySelector("#news").hidden`)
	require.Contains(t, tb.text("#news"), "New data: run #"+s.published())
	require.Equal(t, before, tb.eval(`document.documentElement.dataset.snapshot`), "nothing changes under the reader's eyes")

	tb.click("#news-load")
	tb.until(`document.documentElement.dataset.snapshot !== "` + before + `"`)
	tb.ready()
	require.Contains(t, tb.eval(figures), "31 Jan 2025 – 1 Mar 2025")

	tb.eval(`localStorage.setItem("refresh", "always")`)
	tb.visit("/")
	s.append("data/raw/google_ads.csv", strings.Replace(more, "2025-03-01", "2025-03-02", 1))
	tb.within(aRun, `document.querySelector(".range p")?.textContent.includes("2 Mar 2025")`)
}

func TestTheStreamResumesWhereItBrokeOff(t *testing.T) {
	s := newSite(t)
	wire := newWire(t, strings.TrimPrefix(s.url, "http://"))
	tb := newTab(t, "http://"+wire.address())
	tb.excuse("net::ERR_")
	tb.visit("/")
	tb.until(`document.querySelector("#connection").dataset.state === "live"`)

	wire.cut()
	tb.until(`document.querySelector("#connection").textContent === "Reconnecting…"`)
	before := s.published()
	s.append("data/raw/google_ads.csv", more)
	require.Eventually(t, func() bool { return s.published() != before }, aRun, 100*time.Millisecond, "no run")
	require.Equal(t, true, tb.eval(`document.querySelector("#news").hidden`))

	wire.mend()
	tb.until(`document.querySelector("#connection").dataset.state === "live"`)
	tb.until(`!document.querySelector("#news").hidden`)
	require.Contains(t, tb.text("#news"), s.published())
}

// wire is a connection between browser and server that can be cut.
type wire struct {
	listener net.Listener
	target   string

	mu   sync.Mutex // guards the others
	down bool
	open []net.Conn
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{listener: listener, target: target}
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut()
	})
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			w.join(c)
		}
	}()
	return w
}

func (w *wire) address() string { return w.listener.Addr().String() }

// join passes bytes on in both directions, until one side ends.
func (w *wire) join(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	server, err := net.Dial("tcp", w.target)
	if w.down || err != nil {
		_ = c.Close()
		return
	}
	w.open = append(w.open, c, server)
	for _, way := range [][2]net.Conn{{c, server}, {server, c}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_ = c.Close()
			_ = server.Close()
		}()
	}
}

// cut ends all connections and refuses new ones.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = false
}
