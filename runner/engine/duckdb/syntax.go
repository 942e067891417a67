package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// serialized gives DuckDB's own words for the syntax of each query; statementsOf reads them.
func serialized(ctx context.Context, s engine.Session, queries []string) ([]string, error) {
	if len(queries) == 0 {
		return nil, nil
	}
	literals := make([]string, len(queries))
	for i, query := range queries {
		literals[i] = fmt.Sprintf("(%d, %s)", i, runner.Literal(query))
	}
	found, err := s.Query(ctx, `select cast(json_serialize_sql(q, skip_null := true, skip_empty := true, skip_default := true) as varchar)
from (values `+strings.Join(literals, ", ")+`) as queries(i, q) order by i`)
	if err != nil {
		return nil, err
	}
	var texts []string
	err = engine.Each(found, func(row []any) error {
		texts = append(texts, row[0].(string))
		return nil
	})
	return texts, err
}

// statementsOf gives the syntax tree that serialized describes; false where DuckDB could make none.
func statementsOf(serialized string) (tree any, ok bool) {
	var out struct {
		Failed     bool `json:"error"`
		Statements any  `json:"statements"`
	}
	err := json.Unmarshal([]byte(serialized), &out)
	return out.Statements, err == nil && !out.Failed
}

// syntaxTrees gives the syntax tree of each query, nil for one that DuckDB cannot serialise.
func syntaxTrees(ctx context.Context, s engine.Session, queries []string) ([]any, error) {
	texts, err := serialized(ctx, s, queries)
	trees := make([]any, len(texts))
	for i, text := range texts {
		trees[i], _ = statementsOf(text)
	}
	return trees, err
}

// walk calls visit for every object of a tree, and goes below it if that is true.
func walk(node any, visit func(map[string]any) bool) {
	switch node := node.(type) {
	case map[string]any:
		if visit(node) {
			for _, child := range node {
				walk(child, visit)
			}
		}
	case []any:
		for _, child := range node {
			walk(child, visit)
		}
	}
}
