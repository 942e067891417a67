package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/pipeline"
)

// part is some of the models by themselves: what they cost, all else being there.
type part struct {
	name   string
	models []string
	inline string // a template to build instead, over the table that prepare makes
	given  string // the SQL of that table
	limit  limit
}

// limit is what a part may take on two cores at 1,000 clients and 90 days.
type limit struct {
	seconds   float64
	megabytes float64 // 0: as it comes
}

// markovPaths are 10,000 paths of three to nine steps over 12 channels.
const markovPaths = `
select
    array_to_string(list_transform(range(3 + number % 7), step -> 'channel ' || hash(100 * number + step) % 12), ' > ') as path,
    1 + number % 5 as total_conversions,
    10 * (1 + number % 5) as total_conversion_value,
    number % 9 as total_null
from range(10000) as numbers (number)`

// parts are those with a limit.
func parts() []part {
	return []part{
		{name: "pooled models, all seven", limit: limit{5, 2000}, models: []string{
			"client_days", "touch_campaigns", "pooled_credits", "pooled_touch_days", "pooled_campaigns", "pooled_touchpoints",
		}},
		{name: "source_reported", limit: limit{seconds: 0.5}, models: []string{"source_credits", "source_touchpoints"}},
		{name: "lift and its bootstrap", limit: limit{seconds: 2}, models: []string{"lift_units", "channel_lift"}},
		{
			name: "markov, 10,000 paths, 12 channels", limit: limit{seconds: 2}, given: markovPaths,
			inline: "{{ attribute_paths(paths='markov_paths', model='markov') }}",
		},
	}
}

func (p part) file(dir string) string {
	return filepath.Join(dir, "part-"+strings.Fields(p.name)[0]+".json")
}

// write puts the steps of a part into a file, to be taken in the database that the floor leaves behind.
func (p part) write(ctx context.Context, dir string) error {
	steps, err := p.steps(ctx, dir)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return writeSteps(p.file(dir), steps)
}

func (p part) steps(ctx context.Context, dir string) ([]step, error) {
	if p.inline != "" {
		options := pipeline.Options{Dir: dir, LookupEnv: os.LookupEnv, Clock: time.Now}
		sql, err := pipeline.Inline(ctx, options, p.inline)
		return []step{
			{Stage: "prepare", Name: "given", Statements: []string{"create or replace table markov_paths as " + p.given}},
			{Stage: "build", Name: p.name, Statements: []string{"create or replace table markov_credits as " + sql}},
		}, err
	}
	w, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	var steps []step
	for _, name := range p.models {
		id := "model." + w.Project.Name + "." + name
		sql, err := w.Compiler.Logical(ctx, id)
		if err != nil {
			return nil, err
		}
		create := fmt.Sprintf("create or replace table %s as\n%s", w.Compiler.Public(id), sql.Text)
		if w.Compiler.Node(id).Config.Materialized == runner.View { // which costs nothing until it is read
			create = fmt.Sprintf("create temp table %s as\n%s", runner.Quote(name), sql.Text)
		}
		steps = append(steps, step{Stage: "build", Name: name, Statements: []string{create}})
	}
	return steps, nil
}

// measureParts takes the figures of each part, in turn.
func (s settings) measureParts(ctx context.Context, dir string, progress io.Writer) (map[string][]sample, error) {
	taken := map[string][]sample{}
	for range s.runs {
		for _, p := range parts() {
			one, err := runReplay(ctx, dir, partCommand, p.file(dir))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			taken[p.name] = append(taken[p.name], one)
		}
	}
	fmt.Fprintf(progress, "      parts: done\n")
	return taken, nil
}

// built is how long the stage build took.
func built(s sample) float64 {
	for _, st := range s.stages {
		if st.name == "build" {
			return st.took.Seconds()
		}
	}
	return 0
}

// reportParts prints the figures of the parts, with what they may take.
func (s settings) reportParts(out io.Writer, taken map[string][]sample) {
	fmt.Fprintf(out, "\nParts by themselves, in plain DuckDB; limits are for 1,000 clients and 90 days on two cores.\n\n")
	fmt.Fprintf(out, "| %-36s | %9s | %9s | %9s | %9s | %9s |\n", "", "time", "CPU time", "peak", "limit", "limit")
	fmt.Fprintf(out, "|%s|%s:|%[2]s:|%[2]s:|%[2]s:|%[2]s:|\n", strings.Repeat("-", 38), strings.Repeat("-", 10))
	for _, p := range parts() {
		samples, memory := taken[p.name], ""
		if p.limit.megabytes > 0 {
			memory = fmt.Sprintf("%.0f MB", p.limit.megabytes)
		}
		fmt.Fprintf(out, "| %-36s | %7.2f s | %7.2f s | %6.0f MB | %7.1f s | %9s |\n", p.name,
			median(samples, built), median(samples, cpu), median(samples, peak), p.limit.seconds, memory)
	}
}

func writeSteps(path string, steps []step) error {
	text, err := json.MarshalIndent(steps, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
