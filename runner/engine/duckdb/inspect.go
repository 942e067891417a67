package duckdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// Describe implements engine.Inspector.
func (db *DB) Describe(ctx context.Context, query string) ([]engine.Column, error) {
	return describe(ctx, db, query)
}

// asker runs one statement for its rows.
type asker interface {
	Query(ctx context.Context, sql string) (engine.Rows, error)
}

func describe(ctx context.Context, db asker, query string) ([]engine.Column, error) {
	found, err := db.Query(ctx, "describe "+query)
	if err != nil {
		return nil, err
	}
	var columns []engine.Column
	err = engine.Each(found, func(row []any) error {
		columns = append(columns, engine.Column{Name: row[0].(string), Type: row[1].(string)})
		return nil
	})
	return columns, err
}

// Relations implements engine.Inspector.
func (db *DB) Relations(ctx context.Context, schemas ...string) ([]engine.Info, error) {
	return relations(ctx, db, schemas)
}

func relations(ctx context.Context, db asker, schemas []string) ([]engine.Info, error) {
	if len(schemas) == 0 {
		return nil, nil
	}
	names := make([]string, len(schemas))
	for i, schema := range schemas {
		names[i] = runner.Literal(schema)
	}
	in := "schema_name in (" + strings.Join(names, ", ") + ")"
	found, err := db.Query(ctx, `select schema_name, table_name, false, estimated_size from duckdb_tables()
where database_name = current_database() and `+in+`
union all
select schema_name, view_name, true, -1 from duckdb_views()
where database_name = current_database() and not internal and `+in+`
order by 1, 2`)
	if err != nil {
		return nil, err
	}
	var infos []engine.Info
	err = engine.Each(found, func(row []any) error {
		infos = append(infos, engine.Info{
			Relation: runner.Relation{Schema: row[0].(string), Name: row[1].(string)}, View: row[2].(bool), Rows: row[3].(int64),
		})
		return nil
	})
	return infos, err
}

// Analyze implements engine.Inspector: the form is DuckDB's own syntax tree. What it cannot serialise (PIVOT, say) is
// identified by its text.
func (db *DB) Analyze(ctx context.Context, queries []string) ([]engine.Form, error) {
	texts, err := serialized(ctx, db, queries)
	if err != nil {
		return nil, err
	}
	forms := make([]engine.Form, len(texts))
	for i, text := range texts {
		forms[i] = formOf(queries[i], text)
	}
	return forms, nil
}

func formOf(query, serialized string) engine.Form {
	tree, ok := statementsOf(serialized)
	if !ok {
		return engine.Form{Hash: hash([]byte(query)), Volatile: mentionsVolatile(query)}
	}
	volatile := false
	normal, err := json.Marshal(strip(tree, &volatile))
	if err != nil {
		return engine.Form{Hash: hash([]byte(query)), Volatile: volatile}
	}
	return engine.Form{Hash: hash(normal), Volatile: volatile}
}

// strip drops the positions from a syntax tree and notes whether it calls anything volatile.
func strip(node any, volatile *bool) any {
	switch node := node.(type) {
	case map[string]any:
		delete(node, "query_location")
		if name, ok := node["function_name"].(string); ok && isVolatile(name) {
			*volatile = true
		}
		if names, ok := node["column_names"].([]any); ok && len(names) == 1 && node["type"] == "COLUMN_REF" {
			if name, _ := names[0].(string); isClock(name) {
				*volatile = true
			}
		}
		if name, ok := node["table_name"].(string); ok && node["type"] == "BASE_TABLE" && strings.ContainsAny(name, "./") {
			*volatile = true // a file named as a table
		}
		for key, child := range node {
			node[key] = strip(child, volatile)
		}
	case []any:
		for i, child := range node {
			node[i] = strip(child, volatile)
		}
	}
	return node
}

// isClock names what SQL writes without parentheses.
func isClock(name string) bool {
	switch strings.ToLower(name) {
	case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp":
		return true
	}
	return false
}

// isVolatile names the functions that DuckDB calls volatile or constant only within one query, and those that read
// files (duckdb_functions() lists the former).
func isVolatile(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "now", "today", "random", "setseed", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "nextval", "currval",
		"get_current_time", "get_current_timestamp", "transaction_timestamp", "txid_current", "current_query",
		"current_localtime", "current_localtimestamp", "glob", "sniff_csv", "parquet_scan", "parquet_metadata", "getenv":
		return true
	}
	return isClock(name) || strings.HasPrefix(name, "read_")
}

// mentionsVolatile errs on the safe side for text that has no syntax tree.
func mentionsVolatile(query string) bool {
	for _, word := range words(query) {
		if isVolatile(word) {
			return true
		}
	}
	return false
}

func words(query string) []string {
	return strings.FieldsFunc(query, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
