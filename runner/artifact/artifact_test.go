package artifact_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elt/runner"
	"elt/runner/artifact"
	"elt/runner/compile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func noon() time.Time { return time.Date(2024, 12, 1, 12, 0, 0, 123_456_000, time.UTC) }

// golden compares with a file in testdata, or writes it.
func golden(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	require.NoError(t, write(&got))
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}

// run has a node of every status, in the order they finished.
func run() runner.RunResult {
	node := func(kind runner.Kind, name string, status runner.Status) runner.NodeResult {
		return runner.NodeResult{
			ID: string(kind) + ".shop." + name, Kind: kind, Name: name, Status: status, Rows: 12, Started: noon(),
			Elapsed: 1500 * time.Millisecond, Message: "12 rows",
		}
	}
	failing := node(runner.KindTest, "unique_orders_id", runner.StatusFail)
	failing.Message = "2 of 12 rows fail: id is not unique"
	failing.Failure = &runner.Failure{
		Count: 2, Total: 12, Columns: []string{"id", "note"},
		Sample: [][]string{{"1", "a]]>b\nc"}, {"22", "\x1b[31mred\x00\xff"}},
		Query:  "select id\nfrom reports.orders\nwhere id < 3 && 'ü'", Stored: runner.Relation{Schema: "audit", Name: "u"},
	}
	failing.Err = &runner.Error{Code: runner.CodeTest, Msg: "test failed", Hint: "look at the query"}
	warned := node(runner.KindTest, "not_null_orders_client", runner.StatusWarn)
	warned.Message = "1 row fails"
	warned.Failure = &runner.Failure{Count: 1, Total: -1, Query: "select 1"}
	passed := node(runner.KindTest, "a_passes", runner.StatusPass)
	passed.Rows = 0
	broken := node(runner.KindModel, "broken", runner.StatusError)
	broken.Message, broken.Rows = "", -1
	broken.Err = &runner.Error{
		Code: runner.CodeModel, Pos: runner.Position{File: "models/broken.sql", Line: 3, Col: 8}, Msg: "cannot build broken",
		Excerpt: "  3 | select x\n             ^", Hint: "is it y?", Err: errors.New("no column x"),
	}
	skipped := node(runner.KindModel, "after", runner.StatusSkipped)
	skipped.Message, skipped.Cause, skipped.Started, skipped.Elapsed, skipped.Rows = "", broken.ID, time.Time{}, 0, -1
	source := node(runner.KindSource, "google.ads", runner.StatusWarn)
	source.Name, source.Rejected, source.Message = "ads", 3, "12 rows, 3 rejected"
	reused := node(runner.KindModel, "orders", runner.StatusReused)
	return runner.RunResult{
		RunID: "20241201T120000Z-1", Command: "elt run", Started: noon(), Elapsed: 4 * time.Second, Status: runner.StatusError,
		Nodes: []runner.NodeResult{failing, warned, passed, skipped, broken, source, node(runner.KindSeed, "channels", runner.StatusSuccess), reused},
	}
}

func call() artifact.Invocation {
	return artifact.Invocation{
		ID: "20241201T120000Z-1", Version: "1.0.0", Engine: "duckdb", Generated: noon().Add(4 * time.Second),
		Args:     map[string]any{"select": []string{"orders+"}, "full_refresh": false},
		Compiled: map[string]string{"model.shop.orders": "select *\nfrom a where b < 1 && c > 2"},
		Relations: map[string]runner.Relation{
			"model.shop.orders": {Schema: "reports", Name: "orders"}, "source.shop.google.ads": {Schema: "google", Name: "ads"},
		},
		Macros: []compile.Macro{
			{ID: "macro.shop.cents", Name: "cents", Package: "shop", Path: "macros/m.sql", Text: "{% macro cents(x) -%}{% endmacro %}"},
			{
				ID: "macro.shop.test_positive", Name: "test_positive", Package: "shop", Path: "macros/m.sql",
				Text: "{% test positive(model) %}{{ cents(1) }}{% endtest %}", Uses: []string{"macro.shop.cents"},
			},
		},
		Uses: map[string][]string{"model.shop.orders": {"macro.shop.cents"}},
	}
}

func project() *runner.Project {
	node := func(kind runner.Kind, id, name, path string) runner.Node {
		return runner.Node{
			ID: string(kind) + ".shop." + id, Kind: kind, Name: name, Path: path,
			Config: runner.Config{Enabled: true, Materialized: runner.View},
		}
	}
	orders := node(runner.KindModel, "orders", "orders", "models/reports/orders.sql")
	orders.Description = "One row an order."
	orders.Columns = []runner.Column{{Name: "id", DataType: "bigint", Description: "key"}, {Name: "note"}}
	orders.Config.Tags, orders.Config.Meta, orders.Config.Schema = []string{"daily"}, map[string]any{"owner": "ann"}, "reports"
	orders.Config.Group, orders.Config.Access, orders.Config.Contract = "sales", "public", true
	orders.Config.PostHooks, orders.Config.All = []string{"select 1"}, map[string]any{"materialized": "view", "post-hook": []any{"select 1"}}
	second := node(runner.KindModel, "clients.v2", "clients.v2", "models/clients_v2.sql")
	off := node(runner.KindModel, "off", "off", "models/off.sql")
	off.Config.Enabled = false
	return &runner.Project{
		Name:    "shop",
		Target:  runner.Target{Name: "dev", Path: "data/warehouse.duckdb", Schema: "main"},
		Paths:   runner.Paths{Models: []string{"models"}, Seeds: []string{"seeds"}},
		Sources: []*runner.Source{{Node: node(runner.KindSource, "google.ads", "ads", "models/sources.yml"), Source: "google", Load: &runner.Load{}}},
		Seeds:   []*runner.Seed{{Node: node(runner.KindSeed, "channels", "channels", "seeds/channels.csv")}},
		Models: []*runner.Model{
			{
				Node: orders, SQL: "select * from {{ source('google', 'ads') }}\n",
				Constraints: []runner.Constraint{{Type: "primary_key", Columns: []string{"id"}}},
			},
			{Node: off, SQL: "select 1"},
			{Node: second, SQL: "select 2", BaseName: "clients", Version: "2", Latest: true},
		},
		Tests: []*runner.Test{
			{
				Node: node(runner.KindTest, "range_orders_id", "range_orders_id", "models/reports/orders.yml"),
				Type: "dbt_utils.accepted_range", On: "model.shop.orders", Column: "id", Args: map[string]any{"min_value": 0},
				Severity: runner.SeverityError, Limit: 10,
			},
			{
				Node: node(runner.KindTest, "adds_up", "adds_up", "models/assertions/adds_up.sql"), Type: "singular",
				SQL: "select 1 where false", Severity: runner.SeverityWarn, WarnIf: ">5",
			},
		},
		Docs:     map[string]string{"order": "An order."},
		Disabled: map[string]runner.Position{"model.shop.retired": {File: "models/retired.sql", Line: 1, Col: 1}},
		Groups:   []runner.Group{{Name: "sales", Owner: "Ann", OwnerEmail: "ann@example.com"}},
		Exposures: []*runner.Exposure{{
			Node: node(runner.KindExposure, "board", "board", "models/uses.yml"), Type: "dashboard", Owner: "Ann", Label: "Board",
		}},
		UnitTests: []*runner.UnitTest{{
			Node: node(runner.KindUnitTest, "orders.adds_up", "adds_up", "models/reports/orders.yml"), Model: "model.shop.orders",
			Given:  []runner.Fixture{{Input: "ref('channels')", Format: "dict", Rows: []map[string]any{{"id": 1}}}},
			Expect: runner.Fixture{Format: "csv", Rows: []map[string]any{{"id": "1"}}},
		}},
	}
}

func TestGolden(t *testing.T) {
	golden(t, "junit.xml", func(w io.Writer) error { return artifact.WriteJUnit(w, run()) })
	golden(t, "run_results.json", func(w io.Writer) error { return artifact.WriteRunResults(w, run(), call()) })
	golden(t, "manifest.json", func(w io.Writer) error {
		return artifact.WriteManifest(w, project(), map[string][]string{
			"model.shop.orders":         {"source.shop.google.ads", "seed.shop.channels", "model.shop.off", "seed.shop.channels"},
			"test.shop.range_orders_id": {"model.shop.orders"},
			"test.shop.adds_up":         {"model.shop.orders"},
			"exposure.shop.board":       {"model.shop.orders", "model.shop.clients.v2", "source.shop.google.ads"},
		}, call())
	})
}

// What tools read of a manifest, and what dbt's own reader cannot do without, is there for each kind of node.
func TestManifestHasWhatToolsRead(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, artifact.WriteManifest(&b, project(), map[string][]string{"model.shop.orders": {"source.shop.google.ads"}}, call()))
	var manifest map[string]map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(b.Bytes(), &manifest))
	graph := "name resource_type package_name path original_file_path unique_id fqn description config tags meta "
	node := graph + "database schema alias checksum columns depends_on relation_name unrendered_config docs group "
	compiled := node + "raw_code language refs sources compiled contract "
	tests := []struct{ part, id, keys string }{
		{"nodes", "model.shop.orders", compiled + "access version latest_version deprecation_date constraints primary_key compiled_code"},
		{"nodes", "seed.shop.channels", node + "raw_code root_path"},
		{"nodes", "test.shop.range_orders_id", compiled + "column_name attached_node file_key_name test_metadata"},
		{"nodes", "test.shop.adds_up", compiled},
		{"sources", "source.shop.google.ads", graph + "database schema identifier source_name source_description loader loaded_at_field freshness columns"},
		{"exposures", "exposure.shop.board", graph + "type owner maturity url label depends_on refs sources"},
		{"unit_tests", "unit_test.shop.orders.adds_up", "name resource_type unique_id fqn model given expect overrides depends_on config"},
		{"macros", "macro.shop.cents", "name resource_type package_name path original_file_path unique_id macro_sql depends_on description arguments"},
		{"groups", "group.shop.sales", "name resource_type package_name path original_file_path unique_id owner"},
		{"docs", "doc.shop.order", "name resource_type package_name path original_file_path unique_id block_contents"},
	}
	for _, tt := range tests {
		var entry map[string]any
		require.NoError(t, json.Unmarshal(manifest[tt.part][tt.id], &entry), tt.id)
		for _, key := range strings.Fields(tt.keys) {
			assert.Contains(t, entry, key, tt.id)
		}
	}
	for _, part := range strings.Fields("metadata parent_map child_map group_map disabled selectors metrics saved_queries semantic_models functions") {
		assert.Contains(t, manifest, part)
	}
	for _, key := range strings.Fields("dbt_schema_version dbt_version generated_at invocation_id project_name adapter_type") {
		assert.Contains(t, manifest["metadata"], key)
	}
}

// The order in which nodes finished does not show.
func TestOrderOfNodesDoesNotMatter(t *testing.T) {
	write := func(r runner.RunResult) string {
		var b bytes.Buffer
		require.NoError(t, artifact.WriteJUnit(&b, r))
		require.NoError(t, artifact.WriteRunResults(&b, r, call()))
		return b.String()
	}
	want := write(run())
	rapid.Check(t, func(rt *rapid.T) {
		r := run()
		r.Nodes = rapid.Permutation(r.Nodes).Draw(rt, "nodes")
		require.Equal(rt, want, write(r))
	})
}

func TestEmptyRun(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, artifact.WriteJUnit(&b, runner.RunResult{Command: "elt run"}))
	assert.Contains(t, b.String(), `<testsuites name="elt run" tests="0"`)
	b.Reset()
	require.NoError(t, artifact.WriteRunResults(&b, runner.RunResult{}, artifact.Invocation{}))
	assert.Contains(t, b.String(), `"results": []`)
	assert.Contains(t, b.String(), `"args": {}`)
	b.Reset()
	require.NoError(t, artifact.WriteManifest(&b, &runner.Project{Name: "shop"}, nil, artifact.Invocation{}))
	assert.NotContains(t, b.String(), "null")
}

// Whatever bytes the texts hold, the XML is well formed, and the JSON is valid.
func TestAnyTextIsWellFormed(t *testing.T) {
	bytesOf := rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("]]>&<\"'\x00\x1b\n\r\xef\xbf\xbe")))).Draw(t, "bytes"))
	})
	rapid.Check(t, func(rt *rapid.T) {
		text := bytesOf.Draw(rt, "text")
		status := rapid.SampledFrom([]runner.Status{
			runner.StatusFail, runner.StatusError, runner.StatusWarn, runner.StatusSkipped, runner.StatusPass,
		}).Draw(rt, "status")
		r := runner.RunResult{Command: text, Nodes: []runner.NodeResult{{
			ID: "test.shop." + text, Kind: runner.KindTest, Name: text, Status: status, Message: text, Cause: text,
			Err:     errors.New(text),
			Failure: &runner.Failure{Columns: []string{text, "b"}, Sample: [][]string{{text}, {text, text, text}}, Query: text},
		}}}
		var b bytes.Buffer
		require.NoError(rt, artifact.WriteJUnit(&b, r))
		decoder := xml.NewDecoder(&b)
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(rt, err, "%q", text)
		}
		b.Reset()
		require.NoError(rt, artifact.WriteRunResults(&b, r, artifact.Invocation{}))
		require.True(rt, json.Valid(b.Bytes()))
	})
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "target", "a.json")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, wrote := io.WriteString(w, text)
			return errors.Join(wrote, err)
		}
	}
	require.NoError(t, artifact.WriteFile(path, write("one", nil)))
	boom := errors.New("boom")
	require.ErrorIs(t, artifact.WriteFile(path, write(strings.Repeat("two", 1e5), boom)), boom)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "one", string(content), "what failed changed nothing")
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "and left nothing behind")

	require.NoError(t, os.Mkdir(path+".d", 0o755))
	require.Error(t, artifact.WriteFile(path+".d", write("", nil)))
	entries, err = os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 2)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode().Perm())
}

func TestCatalogGolden(t *testing.T) {
	entries := []artifact.CatalogEntry{
		{
			ID: "model.shop.orders", Kind: runner.KindModel, Relation: runner.Relation{Schema: "reports", Name: "orders"}, Rows: 12,
			Comment: "One row an order.", Columns: []artifact.CatalogColumn{{Name: "id", Type: "BIGINT", Comment: "Key."}, {Name: "at", Type: "DATE"}},
		},
		{ID: "model.shop.v", Kind: runner.KindModel, Relation: runner.Relation{Schema: "main", Name: "v"}, View: true, Rows: -1},
		{ID: "source.shop.raw.orders", Kind: runner.KindSource, Relation: runner.Relation{Schema: "raw", Name: "orders"}, Rows: 3},
	}
	golden(t, "catalog.json", func(w io.Writer) error {
		return artifact.WriteCatalog(w, entries, artifact.Invocation{ID: "r1", Version: "1.2.3", Generated: noon()})
	})
}

func TestSourcesGolden(t *testing.T) {
	results := []artifact.FreshnessResult{
		{ID: "source.shop.raw.b", Status: "runtime error", Err: errors.New("no such column")},
		{
			ID: "source.shop.raw.a", Status: "warn", Newest: noon().Add(-36 * time.Hour), Checked: noon(), Elapsed: time.Second,
			Freshness: runner.Freshness{WarnAfter: 24 * time.Hour, ErrorAfter: 90 * time.Minute, Filter: "x > 1"},
		},
	}
	golden(t, "sources.json", func(w io.Writer) error {
		return artifact.WriteSources(w, results, 2*time.Second, artifact.Invocation{ID: "r1", Version: "1.2.3", Generated: noon()})
	})
}
