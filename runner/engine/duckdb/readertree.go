package duckdb

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"

	"elt/runner/engine"
)

// effect names a function of a query that does more than read, if there is one.
func effect(ctx context.Context, s engine.Session, query string) (string, error) {
	trees, err := syntaxTrees(ctx, s, []string{query})
	if err != nil {
		return "", err
	}
	if trees[0] == nil { // what has no tree (PIVOT, say) is judged by its words
		for _, word := range words(query) {
			if hasEffect(word) {
				return word, nil
			}
		}
		return "", nil
	}
	found := ""
	walk(trees[0], func(node map[string]any) bool {
		if name, ok := node["function_name"].(string); ok && hasEffect(name) {
			found = name
		}
		return found == ""
	})
	return found, nil
}

// hasEffect knows the functions that change settings or logs, run SQL that is given as text, take addresses in memory or
// only spend time. Files and settings are shut beneath, too; but enable_logging, to name one, would have the
// engine log to a file that it may not write, and fail at everything from then on.
func hasEffect(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "query", "json_execute_serialized_sql", "write_log", "truncate_duckdb_logs", "checkpoint", "force_checkpoint",
		"import_database", "copy_database", "add_parquet_key", "seq_scan", "pg_sleep", "sleep_ms", "nextval", "setseed":
		return true
	}
	for _, prefix := range []string{"enable_", "disable_", "verify_", "check_peg", "arrow_scan", "pandas_scan", "python_", "load_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// viewFiles are the files that the views of a database read, as absolute paths, and the folders in which they look for
// files by a pattern.
func viewFiles(ctx context.Context, s engine.Session) (files, folders []string, err error) {
	found, err := s.Query(ctx, "select sql from duckdb_views() where not internal")
	if err != nil {
		return nil, nil, err
	}
	var queries []string
	err = engine.Each(found, func(row []any) error {
		text, _ := row[0].(string)
		if !namesFile.MatchString(text) {
			return nil
		}
		for _, at := range asWord.FindAllStringIndex(text, -1) { // the name of a view may have the word in it, too
			queries = append(queries, text[at[1]:])
		}
		return nil
	})
	if err != nil || len(queries) == 0 {
		return nil, nil, err
	}
	trees, err := syntaxTrees(ctx, s, queries)
	if err != nil {
		return nil, nil, err
	}
	for _, tree := range trees {
		for _, path := range filesOf(tree) {
			path, isFolder := fixedPart(path)
			if path, err = filepath.Abs(path); err != nil {
				return nil, nil, err
			}
			if isFolder {
				folders = append(folders, path+string(filepath.Separator))
			} else {
				files = append(files, path)
			}
		}
	}
	return files, folders, nil
}

var (
	namesFile = regexp.MustCompile(`(?i)read_|_scan|"[^"]*[./][^"]*"`)
	asWord    = regexp.MustCompile(`(?i)\bas\s`)
)

// fixedPart is a path, or the folder above its first part that is a pattern.
func fixedPart(path string) (fixed string, isFolder bool) {
	at := strings.IndexAny(path, "*?[{")
	if at < 0 {
		return path, false
	}
	return filepath.Dir(path[:at] + "x"), true
}

// filesOf are the files that a query names: as tables, and as arguments of functions that read files.
func filesOf(tree any) (paths []string) {
	walk(tree, func(node map[string]any) bool {
		if name, ok := node["table_name"].(string); ok && node["type"] == "BASE_TABLE" && strings.ContainsAny(name, "./") {
			paths = append(paths, name)
		}
		name, _ := node["function_name"].(string)
		if !strings.HasPrefix(name, "read_") && !strings.HasSuffix(name, "_scan") {
			return true
		}
		walk(node["children"], func(argument map[string]any) bool {
			if value, ok := argument["value"].(map[string]any); ok && argument["class"] == "CONSTANT" {
				if path, ok := value["value"].(string); ok {
					paths = append(paths, path)
				}
			}
			return argument["class"] != "COMPARISON" // an option, such as header = true
		})
		return false
	})
	return paths
}
