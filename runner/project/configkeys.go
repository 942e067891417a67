package project

import (
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

// The tables of configuration keys, one for each kind of node.

func modelConfigKeys() *strict.Object[nodePatch] {
	return &strict.Object[nodePatch]{
		What: "the configuration of a model",
		Rest: restOfConfig,
		Keys: concat(
			[]strict.Key[nodePatch]{
				materializedKey(), schemaKey(), aliasKey(), tagsKey(), enabledKey(),
				option("order_by", "Order of the rows in exported files: column names, each with desc if wanted.",
					strict.OneOrMore(strict.String()), func(c *nodeConfig, by []string) { c.OrderBy = by }),
				metaKey(), groupKey(), accessKey(), contractKey(), fullRefreshKey(),
			},
			hookKeys(), incrementalKeys(), externalKeys(), describingKeys(), attemptKeys(),
		),
		Instead: map[string]string{
			"description": "a description stands beside config:, not in it",
			"delimiter":   "only seeds have a delimiter",
		},
	}
}

func concat[T any](lists ...[]strict.Key[T]) []strict.Key[T] {
	var out []strict.Key[T]
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// hookKeys are the SQL that goes before and after.
func hookKeys() []strict.Key[nodePatch] {
	return []strict.Key[nodePatch]{
		option("pre-hook", "SQL to run before it is built. Hooks add to those of the folders above.", strict.OneOrMore(hookShape()),
			func(c *nodeConfig, sql []string) {
				c.PreHooks = append(c.PreHooks[:len(c.PreHooks):len(c.PreHooks)], sql...)
			}).Or("pre_hook"),
		option("post-hook", "SQL to run after it is built. Hooks add to those of the folders above.", strict.OneOrMore(hookShape()),
			func(c *nodeConfig, sql []string) {
				c.PostHooks = append(c.PostHooks[:len(c.PostHooks):len(c.PostHooks)], sql...)
			}).Or("post_hook"),
	}
}

// hookShape is SQL, or a mapping with sql and transaction. What a template in it says is seen to when it runs.
func hookShape() strict.Shape[string] {
	keys := strict.Object[string]{
		What: "a hook",
		Keys: []strict.Key[string]{
			strict.FieldOf("sql", "The SQL.", strict.Raw(), func(s *string) *string { return s }).Needed(),
			strict.FieldOf("transaction", "Accepted for files that come from dbt; means nothing.", strict.Boolean(),
				func(*string) *bool { return new(bool) }),
		},
	}
	mapping, text := keys.Shape(), strict.Raw()
	return strict.Shape[string]{
		Schema: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{text.Schema, mapping.Schema}},
		Read: func(r *strict.Reader, v *strict.Value) (string, bool) {
			if v.Kind == strict.Map {
				return mapping.Read(r, v)
			}
			return text.Read(r, v)
		},
	}
}

func incrementalKeys() []strict.Key[nodePatch] {
	texts := func() strict.Shape[[]string] { return strict.OneOrMore(strict.String()) }
	return []strict.Key[nodePatch]{
		plain("unique_key", "Columns that tell one row from another.", texts()),
		plain("incremental_strategy", "How new rows join the old: append, delete+insert, merge or microbatch.",
			strict.Choice("append", "delete+insert", "merge", "microbatch")),
		plain("incremental_predicates", "SQL conditions on the old rows that may be replaced.", texts()),
		plain("on_schema_change", "What to do when columns come or go: ignore, fail, append_new_columns or sync_all_columns.",
			strict.Choice("ignore", "fail", "append_new_columns", "sync_all_columns")),
		plain("merge_update_columns", "Columns that merge takes from the new row; without it all.", texts()),
		plain("merge_exclude_columns", "Columns that merge keeps of the old row.", texts()),
		plain("event_time", "Column with the time at which a row happened.", strict.String()),
		plain("begin", "Time from which microbatches are made.", strict.String()),
		plain("batch_size", "How long a microbatch is: hour, day, month or year.", strict.Choice("hour", "day", "month", "year")),
		plain("lookback", "Microbatches made again before the newest.", strict.Count(0)),
		plain("concurrent_batches", "Whether microbatches may be built at once.", strict.Boolean()),
	}
}

func externalKeys() []strict.Key[nodePatch] {
	return []strict.Key[nodePatch]{
		plain("location", "File that an external model writes.", strict.String()),
		plain("format", "Kind of file that an external model writes: parquet, csv or json.", strict.Choice("parquet", "csv", "json")),
		plain("options", "Options of the file, as copy … to takes them.", strict.AnyMap(true)),
	}
}

func describingKeys() []strict.Key[nodePatch] {
	return []strict.Key[nodePatch]{
		plain("persist_docs", "Whether descriptions become comments in the warehouse: {relation: true, columns: true}.", strict.AnyMap(true)),
		docsKey(),
		plain("database", "Accepted for files that come from dbt; means nothing.", strict.Literal()),
		plain("sql_header", "SQL that goes before the statement that builds it.", strict.Raw()),
		plain("grants", "Accepted for files that come from dbt; means nothing.", strict.AnyMap(true)),
	}
}

func seedConfigKeys() *strict.Object[nodePatch] {
	return &strict.Object[nodePatch]{
		What: "the configuration of a seed",
		Rest: restOfConfig,
		Keys: concat(
			[]strict.Key[nodePatch]{
				schemaKey(), aliasKey(), tagsKey(), enabledKey(),
				option("delimiter", "What separates the fields of the file; without it a comma.", delimiterShape(),
					func(c *nodeConfig, d string) { c.delimiter = d }),
				metaKey(), groupKey(), fullRefreshKey(),
				plain("column_types", "Types of columns by name; the data_type of a column does the same.", strict.AnyMap(true)),
				plain("quote_columns", "Accepted for files that come from dbt; names are always quoted.", strict.Boolean()),
				plain("event_time", "Column with the time at which a row happened.", strict.String()),
			},
			hookKeys(), describingKeys(), attemptKeys(),
		),
		Instead: map[string]string{"materialized": "a seed is always a table"},
	}
}

func snapshotConfigKeys() *strict.Object[nodePatch] {
	texts := func() strict.Shape[[]string] { return strict.OneOrMore(strict.String()) }
	return &strict.Object[nodePatch]{
		What: "the configuration of a snapshot",
		Rest: restOfConfig,
		Keys: concat(
			[]strict.Key[nodePatch]{
				schemaKey(), aliasKey(), tagsKey(), enabledKey(), metaKey(), groupKey(),
				plain("strategy", "How a change is found: timestamp (by updated_at) or check (by comparing check_cols).",
					strict.Choice("timestamp", "check")),
				plain("unique_key", "Columns that tell one row from another.", texts()),
				plain("updated_at", "Column with the time of the last change of a row.", strict.String()),
				plain("check_cols", `Columns that are compared; "all" for all.`, texts()),
				plain("hard_deletes", "What becomes of rows that are gone: ignore, invalidate or new_record.",
					strict.Choice("ignore", "invalidate", "new_record")),
				plain("invalidate_hard_deletes", "true means hard_deletes: invalidate.", strict.Boolean()),
				plain("dbt_valid_to_current", "SQL for the end of what still holds; without it null.", strict.String()),
				plain("snapshot_meta_column_names", "Other names for the columns that a snapshot adds.", strict.AnyMap(true)),
				plain("target_schema", "Schema it is published in, whatever other rules say.", strict.String()),
				plain("target_database", "Accepted for files that come from dbt; means nothing.", strict.Literal()),
				plain("event_time", "Column with the time at which a row happened.", strict.String()),
				fullRefreshKey(),
			},
			hookKeys(), describingKeys(), attemptKeys(),
		),
		Instead: map[string]string{
			"materialized": "a snapshot is always a table",
			"relation":     "relation stands beside config:, not in it",
		},
	}
}

func sourceConfigKeys() *strict.Object[nodePatch] {
	return &strict.Object[nodePatch]{
		What: "the configuration of a source",
		Rest: restOfConfig,
		Keys: concat(attemptKeys(), []strict.Key[nodePatch]{
			tagsKey(), enabledKey(), metaKey(), freshnessKey(),
			option("loaded_at_field", "Column or SQL with the time at which a row was loaded, for freshness.", strict.Raw(),
				func(c *nodeConfig, sql string) { c.loadedAt = sql }),
			option("loaded_at_query", "Query that gives the time of the newest row, for freshness.", strict.Raw(),
				func(c *nodeConfig, sql string) { c.loadedAt = "(" + sql + ")" }),
			plain("event_time", "Column with the time at which a row happened.", strict.String()),
			plain("external_location", "File or table function to read, as dbt-duckdb has it.", strict.String()),
		}),
		Instead: map[string]string{"schema": "schema stands beside config:, not in it"},
	}
}

// useConfigKeys is the table for unit tests and exposures.
func useConfigKeys(what string) *strict.Object[nodePatch] {
	return &strict.Object[nodePatch]{
		What: "the configuration of " + what,
		Rest: restOfConfig,
		Keys: []strict.Key[nodePatch]{enabledKey(), tagsKey(), metaKey()},
	}
}

// testConfig is the configuration of a data test while its parts are laid over each other.
type testConfig struct {
	enabled       bool
	disabledAt    runner.Position
	tags          []string
	meta          map[string]any
	severity      runner.Severity
	warnIf        string
	errorIf       string
	where         string
	limit         int
	storeFailures bool
	failCalc      string
	schema        string
	alias         string
	retries       int
	retryDelay    time.Duration
	timeout       time.Duration
	all           map[string]any
}

type testPatch = strict.Patch[testConfig]

// testOption is option for data tests.
func testOption[V any](name, doc string, shape strict.Shape[V], apply func(*testConfig, V)) strict.Key[testPatch] {
	return strict.Key[testPatch]{Name: name, Doc: doc, Schema: shape.Schema, Read: func(r *strict.Reader, v *strict.Value, into *testPatch) {
		x, ok := shape.Read(r, v)
		if !ok {
			return
		}
		if raw, ok := strict.Any(name != "where").Read(r, v); ok {
			*into = append(*into, func(c *testConfig) {
				apply(c, x)
				c.keep(name, raw)
			})
		}
	}}
}

func (c *testConfig) keep(name string, value any) {
	if c.all == nil {
		c.all = map[string]any{}
	}
	keep(c.all, name, value)
}

func testConfigKeys() *strict.Object[testPatch] {
	return &strict.Object[testPatch]{
		What: "the configuration of a data test",
		Rest: func(r *strict.Reader, f strict.Field, into *testPatch) {
			if raw, ok := strict.Any(true).Read(r, f.Value); ok {
				*into = append(*into, func(c *testConfig) { c.keep(f.Key, raw) })
			}
		},
		Keys: []strict.Key[testPatch]{
			testOption("severity", "error (as without this key) stops the publish when the test fails, warn only tells.",
				strict.Choice(runner.SeverityError, runner.SeverityWarn), func(c *testConfig, s runner.Severity) { c.severity = s }),
			testOption("warn_if", `Failing rows that make a warning: "> 10", "> 5%"; without it "!= 0".`, conditionShape(),
				func(c *testConfig, text string) { c.warnIf = text }),
			testOption("error_if", `Failing rows that make an error: "> 10", "> 5%"; without it "!= 0".`, conditionShape(),
				func(c *testConfig, text string) { c.errorIf = text }),
			testOption("where", "SQL condition; only rows for which it holds are tested.", strict.Raw(),
				func(c *testConfig, text string) { c.where = text }),
			testOption("limit", "Most failing rows that store_failures keeps and that warn_if and error_if count; 0: all.", strict.Count(0),
				func(c *testConfig, n int) { c.limit = n }),
			testOption("fail_calc", "SQL that counts the failures among the failing rows; without it count(*).", strict.String(),
				func(c *testConfig, sql string) { c.failCalc = sql }),
			testOption("store_failures", "Keeps failing rows in a table of the warehouse.", strict.Boolean(),
				func(c *testConfig, on bool) { c.storeFailures = on }),
			testOption("store_failures_as", "What keeps failing rows: table, or ephemeral (nothing). view makes a table, too.",
				strict.Choice("table", "view", "ephemeral"), func(c *testConfig, as string) { c.storeFailures = as != "ephemeral" }),
			testOption("schema", "Schema of the table that keeps failing rows.", nameShape(), func(c *testConfig, s string) { c.schema = s }),
			testOption("alias", "Name of the table that keeps failing rows.", nameShape(), func(c *testConfig, a string) { c.alias = a }),
			testOption("database", "Accepted for files that come from dbt; means nothing.", strict.Literal(), func(*testConfig, string) {}),
			testOption("retries", "How often it is tried again where it could not run because of an error that may be gone by then; 0 without this key. One that fails is not tried again.",
				strict.Count(0), func(c *testConfig, n int) { c.retries = n }),
			testOption("retry_delay", "How long to wait before the first of these tries, as in 30s; it doubles each time. 1s without this key.",
				durationShape(), func(c *testConfig, d time.Duration) { c.retryDelay = d }),
			testOption("timeout", "How long a try may take, as in 10m; without this key as long as it takes.", durationShape(),
				func(c *testConfig, d time.Duration) { c.timeout = d }),
			testOption("tags", "Labels for --select tag:…", strict.OneOrMore(strict.String()),
				func(c *testConfig, tags []string) { c.tags = addTags(c.tags, tags) }),
			testOption("enabled", "false leaves the test out.", strict.Located(strict.Boolean()),
				func(c *testConfig, on strict.At[bool]) { c.enabled, c.disabledAt = on.V, on.Pos }),
			testOption("meta", "Anything worth keeping beside the test.", strict.AnyMap(false),
				func(c *testConfig, meta map[string]any) { c.meta = addMeta(c.meta, meta) }),
		},
	}
}
