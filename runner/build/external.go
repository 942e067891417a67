package build

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// external writes the rows of a model to a file, as dbt-duckdb does, and makes the relation a view on it. The file takes
// its place at once when the model is built: unlike exports it does not wait for the publish. A folder of partitions is
// written in place, as its options say.
func (x *execution) external(ctx context.Context, d runner.Decision, sql compile.SQL, config runner.Config) (Loaded, error) {
	o, err := outputOf(d, config.All)
	if err != nil {
		return Loaded{}, err
	}
	path := o.location
	if !filepath.IsAbs(path) {
		path = filepath.Join(x.Project.Dir, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return Loaded{}, fmt.Errorf("make the folder of %s: %w", o.location, err)
	}
	rows, err := x.writeOutput(ctx, d, sql, o, path)
	if err != nil {
		return Loaded{}, err
	}
	read := path
	if o.depth > 0 {
		read += strings.Repeat("/*", o.depth) + "." + string(o.format)
	}
	view := fmt.Sprintf("create or replace view %s as select * from %s", d.Relation, x.Engine.File(read, o.format, o.read...))
	if rows == 0 && o.format != engine.Parquet {
		view += " where 1 = 0" // the one row is there for the columns
	}
	if err := x.Engine.Exec(ctx, view); err != nil {
		return Loaded{}, err
	}
	return Loaded{Rows: rows, Message: fmt.Sprintf("%d rows in %s", rows, o.location)}, nil
}

func (x *execution) writeOutput(ctx context.Context, d runner.Decision, sql compile.SQL, o output, path string) (int64, error) {
	temp := path
	if o.depth == 0 {
		temp = path + "." + hash(d.Relation.Name)[:6] + ".tmp"
	}
	rows, err := x.Engine.Copy(ctx, sql.Text, temp, o.format, o.write...)
	if err == nil && rows == 0 && o.format != engine.Parquet {
		// Such a file tells its columns only where it has a row: as in dbt-duckdb one without values.
		empty := fmt.Sprintf("select q.* from (select 1) as one left join (\n%s\n) as q on 1 = 1", sql.Text)
		_, err = x.Engine.Copy(ctx, empty, temp, o.format, o.write...)
	}
	if err != nil {
		if temp != path {
			_ = os.Remove(temp)
		}
		return 0, x.sqlError(ctx, d, sql, err)
	}
	if temp == path {
		return rows, nil
	}
	if err := os.Rename(temp, path); err != nil {
		return 0, fmt.Errorf("write %s: %w", o.location, err)
	}
	return rows, nil
}

// output is where and how an external model is written.
type output struct {
	format   engine.Format
	location string
	depth    int      // how many levels of folders hold the files; 0: it is one file
	write    []string // options for writing, as the engine spells them
	read     []string // the same for reading
}

// outputOf reads location, format, delimiter, options and the options for reading. What is not said follows from the
// name of the file.
func outputOf(d runner.Decision, config map[string]any) (output, error) {
	options := map[string]any{}
	if given, ok := config["options"].(map[string]any); ok {
		for key, value := range given {
			options[strings.ToLower(key)] = value
		}
	}
	for _, key := range []string{"format", "delimiter"} {
		if value, ok := config[key].(string); ok {
			options[key] = value
		}
	}
	partitions, parted := options["partition_by"].(string)
	o := output{}
	o.location, _ = config["location"].(string)
	named, compression := formatOfName(o.location)
	switch format, given := options["format"].(string); {
	case given:
		named = strings.ToLower(format)
	case named != "":
	case options["delimiter"] != nil:
		named = "csv"
	default:
		named = "parquet"
	}
	if compression != "" && options["compression"] == nil {
		options["compression"] = compression
	}
	kinds := []string{"parquet", "csv", "json"}
	if !slices.Contains(kinds, named) {
		return o, configError(label(d), fmt.Sprintf("format %q of an external model is not known", named), named, kinds)
	}
	o.format = engine.Format(named)
	if o.location == "" && parted {
		o.location = d.Name
	} else if o.location == "" {
		o.location = d.Name + "." + named
	}
	if parted {
		o.depth = 1 + len(strings.Split(partitions, ","))
	} else if options["per_thread_output"] != nil {
		o.depth = 1
	}
	o.write, o.read = writeOptions(o.format, options), readOptions(o.format, options, config)
	return o, nil
}

// formatOfName is what the end of a file's name says of its format and compression.
func formatOfName(location string) (format, compression string) {
	ext := strings.ToLower(filepath.Ext(location))
	if compression = map[string]string{".gz": "gzip", ".zst": "zstd"}[ext]; compression != "" {
		ext = strings.ToLower(filepath.Ext(location[:len(location)-len(ext)]))
	}
	return strings.TrimPrefix(ext, "."), compression
}

// writeOptions are options as SQL has them, in the order of their names. Texts that stand for characters are quoted.
func writeOptions(format engine.Format, options map[string]any) []string {
	if format == engine.CSV && options["header"] == nil {
		options["header"] = true
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(options)) {
		text := fmt.Sprint(options[key])
		switch key {
		case "format":
			continue
		case "delimiter", "quote", "escape", "null", "nullstr":
			if !strings.HasPrefix(text, "'") {
				text = runner.Literal(text)
			}
		case "partition_by":
			if !strings.HasPrefix(text, "(") {
				text = "(" + text + ")"
			}
		}
		out = append(out, key+" "+text)
	}
	return out
}

func readOptions(format engine.Format, options, config map[string]any) []string {
	read := map[string]any{}
	if format != engine.Parquet {
		read["auto_detect"] = true
		if c := options["compression"]; c != nil {
			read["compression"] = c
		}
	}
	if given, ok := config[string(format)+"_read_options"].(map[string]any); ok {
		for key, value := range given {
			read[key] = value
		}
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(read)) {
		text := fmt.Sprint(read[key])
		if s, ok := read[key].(string); ok {
			text = runner.Literal(s)
		}
		out = append(out, key+" = "+text)
	}
	return out
}
