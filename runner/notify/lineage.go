package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"elt/runner"
)

// Where the shapes of OpenLineage are described, and who makes these events.
const (
	eventSchema  = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
	facetSchemas = "https://openlineage.io/spec/facets/"
	producer     = "urn:elt"
)

// Dataset is a relation that a job reads or writes.
type Dataset struct {
	Name    string // schema.name
	Columns []Column
	Rows    int64 // of what was written; -1 where unknown
}

// Column is a column of a Dataset.
type Column struct{ Name, Type, Description string }

// Job is one run of one job: of a node, or of the whole project.
type Job struct {
	Name     string
	RunID    string // of elt, with the node's ID behind it for the job of a node
	Parent   *Job   // nil: the whole project
	SQL      string
	Started  time.Time
	Finished time.Time
	Inputs   []Dataset
	Outputs  []Dataset
	Error    string
}

// The types of events.
const (
	Start    = "START"
	Complete = "COMPLETE"
	Fail     = "FAIL"
	Abort    = "ABORT"
)

type (
	object = map[string]any
	facet  = object
)

// Event makes an OpenLineage event of a job.
func (t LineageTeller) Event(kind string, j Job) any {
	at := j.Started
	if kind != Start {
		at = j.Finished
	}
	run, job := object{}, object{"jobType": t.facet("2-0-3/JobTypeJobFacet", facet{
		"processingType": "BATCH", "integration": "ELT", "jobType": jobType(j),
	})}
	if j.Parent != nil {
		run["parent"] = t.facet("1-1-0/ParentRunFacet", facet{
			"run": object{"runId": runUUID(j.Parent.RunID)}, "job": object{"namespace": t.Target.Namespace, "name": j.Parent.Name},
		})
	}
	if j.Error != "" {
		run["errorMessage"] = t.facet("1-0-1/ErrorMessageRunFacet", facet{"message": j.Error, "programmingLanguage": "SQL"})
	}
	if j.SQL != "" {
		job["sql"] = t.facet("1-1-0/SQLJobFacet", facet{"query": j.SQL})
	}
	return object{
		"eventType": kind, "eventTime": at.UTC().Format("2006-01-02T15:04:05.000Z"), "producer": producer, "schemaURL": eventSchema,
		"run":    object{"runId": runUUID(j.RunID), "facets": run},
		"job":    object{"namespace": t.Target.Namespace, "name": j.Name, "facets": job},
		"inputs": t.datasets(j.Inputs, false), "outputs": t.datasets(j.Outputs, kind != Start),
	}
}

func jobType(j Job) string {
	if j.Parent == nil {
		return "RUN"
	}
	return "MODEL"
}

// runUUID is the UUID that stands for one of our IDs: always the same one.
func runUUID(id string) string { return uuid.NewSHA1(uuid.NameSpaceURL, []byte("elt:"+id)).String() }

func (t LineageTeller) facet(schema string, f facet) facet {
	f["_producer"], f["_schemaURL"] = producer, facetSchemas+schema+".json"
	return f
}

func (t LineageTeller) datasets(sets []Dataset, written bool) []any {
	out := make([]any, len(sets))
	for i, d := range sets {
		set := object{"namespace": t.Target.Namespace, "name": d.Name, "facets": object{}}
		if len(d.Columns) > 0 {
			fields := make([]any, len(d.Columns))
			for n, c := range d.Columns {
				field := object{"name": c.Name, "type": c.Type}
				if c.Description != "" {
					field["description"] = c.Description
				}
				fields[n] = field
			}
			set["facets"] = object{"schema": t.facet("1-1-1/SchemaDatasetFacet", facet{"fields": fields})}
		}
		if written && d.Rows >= 0 {
			set["outputFacets"] = object{"outputStatistics": t.facet("1-0-2/OutputStatisticsOutputDatasetFacet", facet{"rowCount": d.Rows})}
		}
		out[i] = set
	}
	return out
}

// LineageTeller sends OpenLineage events.
type LineageTeller struct {
	Target    runner.LineageTarget
	Dir       string // of the project
	LookupEnv func(name string) (string, bool)
}

// Send sends events in order, and stops at the first that does not arrive.
func (t LineageTeller) Send(ctx context.Context, events ...any) error {
	lines := make([][]byte, len(events))
	for i, e := range events {
		var err error
		if lines[i], err = json.Marshal(e); err != nil {
			return fmt.Errorf("write an OpenLineage event: %w", err)
		}
	}
	if t.Target.File != "" {
		return t.write(lines)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if t.Target.KeyEnv != "" {
		key, set := t.LookupEnv(t.Target.KeyEnv)
		if !set {
			return fmt.Errorf("no OpenLineage events are sent to %s: %s is not set", hostOf(t.Target.URL), t.Target.KeyEnv)
		}
		header.Set("Authorization", "Bearer "+key)
	}
	for _, line := range lines {
		limited, cancel := context.WithTimeout(ctx, t.Target.Timeout)
		_, err := post(limited, t.Target.URL, header, line)
		cancel()
		if err != nil {
			return fmt.Errorf("send OpenLineage events to %s: %w", hostOf(t.Target.URL), err)
		}
	}
	return nil
}

// write adds lines to the file, all with one call, so that those of two runs never mix.
func (t LineageTeller) write(lines [][]byte) error {
	path := filepath.FromSlash(t.Target.File)
	if !filepath.IsAbs(path) {
		path = filepath.Join(t.Dir, path)
	}
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		var file *os.File
		if file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644); err == nil {
			_, err = file.Write(append(bytes.Join(lines, []byte("\n")), '\n'))
			if closed := file.Close(); err == nil {
				err = closed
			}
		}
	}
	if err != nil {
		return fmt.Errorf("write OpenLineage events: %w", err)
	}
	return nil
}
