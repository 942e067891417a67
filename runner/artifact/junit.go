package artifact

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elt/runner"
)

// The elements of JUnit XML that GitLab, GitHub actions and Jenkins read.
type (
	testSuites struct {
		XMLName  xml.Name    `xml:"testsuites"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Suites   []testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name      string     `xml:"name,attr"`
		Tests     int        `xml:"tests,attr"`
		Failures  int        `xml:"failures,attr"`
		Errors    int        `xml:"errors,attr"`
		Skipped   int        `xml:"skipped,attr"`
		Time      string     `xml:"time,attr"`
		Timestamp string     `xml:"timestamp,attr"`
		Cases     []testCase `xml:"testcase"`
	}
	testCase struct {
		ClassName string   `xml:"classname,attr"`
		Name      string   `xml:"name,attr"`
		Time      string   `xml:"time,attr"`
		Failure   *outcome `xml:"failure"`
		Error     *outcome `xml:"error"`
		Skipped   *outcome `xml:"skipped"`
		SystemOut *outcome `xml:"system-out"`
	}
	outcome struct {
		Message string `xml:"message,attr,omitempty"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
)

// WriteJUnit writes a run as JUnit XML: a test suite for each kind of node, a test case for each node. A failing data
// test is a failure with its sample rows and the query that shows them all; what could not be done is an error; a
// warning is a case that passed, with its text in system-out. Cases stand in the order of their IDs.
func WriteJUnit(w io.Writer, run runner.RunResult) error {
	all := testSuites{Name: clean(run.Command), Time: seconds(run.Elapsed)}
	for _, kind := range []runner.Kind{runner.KindSource, runner.KindSeed, runner.KindModel, runner.KindTest} {
		suite := suiteOf(kind, run)
		if suite.Tests == 0 {
			continue
		}
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Errors += suite.Errors
		all.Skipped += suite.Skipped
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suiteOf(kind runner.Kind, run runner.RunResult) testSuite {
	suite := testSuite{Name: string(kind) + "s", Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05")}
	var elapsed time.Duration
	for _, node := range sorted(run.Nodes) {
		if node.Kind != kind {
			continue
		}
		c := caseOf(node)
		suite.Tests++
		suite.Failures += count(c.Failure)
		suite.Errors += count(c.Error)
		suite.Skipped += count(c.Skipped)
		suite.Cases = append(suite.Cases, c)
		elapsed += node.Elapsed
	}
	suite.Time = seconds(elapsed)
	return suite
}

func count(o *outcome) int {
	if o == nil {
		return 0
	}
	return 1
}

func caseOf(node runner.NodeResult) testCase {
	// source.shop.google.ads → class shop.sources, name google.ads
	project, name, _ := strings.Cut(strings.TrimPrefix(node.ID, string(node.Kind)+"."), ".")
	c := testCase{
		ClassName: clean(project + "." + string(node.Kind) + "s"),
		Name:      clean(cmp.Or(name, node.Name)),
		Time:      seconds(node.Elapsed),
	}
	message := node.Message
	if message == "" && node.Err != nil {
		message = node.Err.Error()
	}
	said := &outcome{Message: clean(cmp.Or(message, string(node.Status))), Type: string(node.Status), Text: clean(details(node))}
	switch node.Status {
	case runner.StatusFail:
		c.Failure = said
	case runner.StatusError:
		c.Error = said
	case runner.StatusSkipped:
		c.Skipped = &outcome{Message: clean(skipReason(node))}
	case runner.StatusWarn:
		c.SystemOut = &outcome{Text: clean(join("warning: "+message, details(node)))}
	}
	return c
}

func skipReason(node runner.NodeResult) string {
	switch {
	case node.Message != "":
		return node.Message
	case node.Cause != "":
		return "skipped because of " + node.Cause
	default:
		return "skipped"
	}
}

// details is the long text: the error with excerpt and hint, sample rows, the query for all of them.
func details(node runner.NodeResult) string {
	var parts []string
	var known *runner.Error
	switch {
	case errors.As(node.Err, &known) && known.Error() == node.Err.Error():
		parts = append(parts, known.Detail())
	case node.Err != nil:
		parts = append(parts, node.Err.Error())
	}
	if f := node.Failure; f != nil {
		parts = append(parts, found(f), table(f))
		if f.Query != "" {
			parts = append(parts, "query:\n"+f.Query)
		}
		if !f.Stored.IsZero() {
			parts = append(parts, "stored in "+f.Stored.Bare())
		}
	}
	return join(parts...)
}

func found(f *runner.Failure) string {
	rows := "rows fail"
	if f.Count == 1 {
		rows = "row fails"
	}
	if f.Total >= 0 {
		return fmt.Sprintf("%d of %d %s", f.Count, f.Total, rows)
	}
	return fmt.Sprintf("%d %s", f.Count, rows)
}

// table is the sample in columns of equal width.
func table(f *runner.Failure) string {
	if len(f.Columns) == 0 || len(f.Sample) == 0 {
		return ""
	}
	lines := append([][]string{f.Columns}, f.Shown()...)
	widths := make([]int, len(f.Columns))
	for _, line := range lines {
		for i := range min(len(line), len(widths)) {
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(line[i])))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		var row strings.Builder
		for i := range min(len(line), len(widths)) {
			fmt.Fprintf(&row, "%-*s  ", widths[i], oneLine(line[i]))
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}

func oneLine(text string) string {
	return strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
}

// join puts the parts that say something below one another.
func join(parts ...string) string {
	var said []string
	for _, part := range parts {
		if part = strings.TrimRight(part, "\n"); part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, "\n\n")
}

// clean replaces what XML 1.0 cannot hold, even escaped: control characters, surrogates, and bytes that are no UTF-8.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			return r
		default:
			return utf8.RuneError
		}
	}, text)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// sorted gives the nodes in the order of their IDs, which does not depend on which was done first.
func sorted(nodes []runner.NodeResult) []runner.NodeResult {
	return slices.SortedFunc(slices.Values(nodes), func(a, b runner.NodeResult) int { return cmp.Compare(a.ID, b.ID) })
}
