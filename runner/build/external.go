package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// external writes the rows of a model to a file, as dbt-duckdb does, and makes the relation a view on it. The file takes
// its place at once when the model is built: unlike exports it does not wait for the publish.
func (x *execution) external(ctx context.Context, d runner.Decision, sql compile.SQL, config runner.Config) (Loaded, error) {
	format, location := "parquet", ""
	if text, ok := config.All["format"].(string); ok {
		format = strings.ToLower(text)
	}
	if text, ok := config.All["location"].(string); ok {
		location = text
	}
	if location == "" {
		location = d.Name + "." + format
	}
	if filepath.Ext(location) == ".csv" && config.All["format"] == nil {
		format = "csv"
	}
	path := location
	if !filepath.IsAbs(path) {
		path = filepath.Join(x.Project.Dir, path)
	}
	kinds := map[string]engine.Format{"parquet": engine.Parquet, "csv": engine.CSV}
	kind, ok := kinds[format]
	if !ok {
		return Loaded{}, configError(label(d), fmt.Sprintf("format %q of an external model is not known", format), format, []string{"parquet", "csv"})
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return Loaded{}, fmt.Errorf("make the folder of %s: %w", location, err)
	}
	temp := path + "." + hash(d.Relation.Name)[:6] + ".tmp"
	rows, err := x.Engine.Copy(ctx, sql.Text, temp, kind)
	if err != nil {
		_ = os.Remove(temp)
		return Loaded{}, sqlError(d, sql, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return Loaded{}, fmt.Errorf("write %s: %w", location, err)
	}
	view := fmt.Sprintf("create or replace view %s as select * from %s", d.Relation, x.Engine.File(path, kind))
	if err := x.Engine.Exec(ctx, view); err != nil {
		return Loaded{}, err
	}
	return Loaded{Rows: rows, Message: fmt.Sprintf("%d rows in %s", rows, location)}, nil
}
