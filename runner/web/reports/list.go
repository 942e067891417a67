package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/export"
	"elt/runner/pipeline"
	"elt/runner/web/kind"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// formats are those of the files that can be downloaded.
var formats = []string{"csv", "parquet"}

// found is a report with what it takes to read it.
type found struct {
	Report
	model *runner.Model
	paths map[string]string // of its files below the output folder, by format
}

// List gives the reports: the models that the project exports as CSV. What is published of them is told by rows and files.
func (s *Service) List(ctx context.Context) ([]Report, error) {
	w, err := s.workspace.Get(ctx)
	if err != nil {
		return nil, err
	}
	all, err := collect(w)
	out := make([]Report, len(all))
	for i := range all {
		out[i] = all[i].Report
	}
	return out, err
}

func collect(w *pipeline.Workspace) ([]found, error) {
	published := map[string]export.PublishedFile{}
	if p, err := export.ReadPublished(w.Places().Published); err == nil { // else nothing is published yet
		for _, f := range p.Files {
			published[f.Path] = f
		}
	}
	var all []found
	for _, format := range formats {
		exported, err := w.ExportedModels(format)
		if err != nil {
			return nil, err
		}
		for _, x := range exported {
			i := slices.IndexFunc(all, func(f found) bool { return f.model.ID == x.Model.ID })
			if i < 0 {
				if format != "csv" {
					continue
				}
				i = len(all)
				all = append(all, found{model: x.Model, paths: map[string]string{}, Report: Report{
					Name: x.Model.Name, Title: title(x.Model.Name), Description: x.Model.Description, Rows: -1, Files: []File{},
				}})
			}
			if f, ok := published[x.Path]; ok {
				all[i].Rows, all[i].paths[format] = f.Rows, f.Path
				all[i].Files = append(all[i].Files, File{Format: format, URL: "/reports/" + x.Model.Name + "." + format, Bytes: f.Bytes})
			}
		}
	}
	return all, nil
}

// title makes words of a model's name: daily_client_spend becomes Daily client spend.
func title(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	if strings.HasPrefix(words, "ctr ") {
		return "CTR" + words[3:]
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// one finds a report, also one that was written a moment ago.
func (s *Service) one(ctx context.Context, name string) (report found, w *pipeline.Workspace, err error) {
	var names []string
	there, err := s.workspace.Find(func() (bool, error) {
		if w, err = s.workspace.Get(ctx); err != nil {
			return false, err
		}
		all, err := collect(w)
		if err != nil {
			return false, err
		}
		names = names[:0]
		for _, f := range all {
			if f.Name == name {
				report = f
				return true, nil
			}
			names = append(names, f.Name)
		}
		return false, nil
	})
	if there || err != nil {
		return report, w, err
	}
	hint := runner.DidYouMean(name, names)
	if hint == "" {
		hint = "the reports are the models that project.yaml exports as csv"
	}
	return found{}, nil, kind.Of(ErrNotFound, &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("there is no report %.80q", name), Hint: hint})
}

// One gives one report.
func (s *Service) One(ctx context.Context, name string) (Report, error) {
	report, _, err := s.one(ctx, name)
	return report.Report, err
}

// File finds a published file of a report by its name, such as daily_client_spend.csv: below which folder it is, and where
// there.
func (s *Service) File(ctx context.Context, name string) (folder, relative string, err error) {
	format := strings.TrimPrefix(path.Ext(name), ".")
	report, w, err := s.one(ctx, strings.TrimSuffix(name, path.Ext(name)))
	if err != nil {
		return "", "", err
	}
	relative, ok := report.paths[format]
	if !ok {
		return "", "", kind.Of(ErrNotFound, &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("%s is not published as %.20q", report.Name, format),
			Hint: "`elt run` publishes what project.yaml exports",
		})
	}
	return w.Places().Output, relative, nil
}

// Rows gives a Page of a report as JSON.
func (s *Service) Rows(ctx context.Context, name string, window Window) ([]byte, error) {
	report, w, err := s.one(ctx, name)
	if err != nil {
		return nil, err
	}
	reader, err := s.snapshots.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	// The description is part of the answer, and changes with the project's files.
	key := fmt.Sprintf("%s report %s %v %q %v", reader.Path, name, window, report.Description, report.Files)
	return s.cache.Get(ctx, key, func(ctx context.Context) ([]byte, error) {
		page, err := read(ctx, reader, report, w.Compiler.Public(report.model.ID), window)
		if err != nil {
			return nil, err
		}
		return json.Marshal(page)
	})
}

func read(ctx context.Context, reader *snapshot.Reader, report found, relation runner.Relation, window Window) (Page, error) {
	page := Page{Report: report.Report, RunID: reader.RunID}
	empty, _, err := table.Read(ctx, reader, fmt.Sprintf("select * from %s limit 0", relation), 0)
	if err != nil {
		return page, missing(report.Name, err)
	}
	order, err := orderBy(report.model, empty.Columns, window)
	if err != nil {
		return page, err
	}
	total, _, err := table.Read(ctx, reader, fmt.Sprintf("select count(*) from %s", relation), 0)
	if err != nil {
		return page, err
	}
	page.Total, _ = total.Rows[0][0].(int64)
	page.Table, _, err = table.Read(ctx, reader,
		fmt.Sprintf("select * from %s order by %s limit %d offset %d", relation, order, window.Limit, window.Offset), 0)
	for i, c := range page.Table.Columns {
		at := slices.IndexFunc(report.model.Columns, func(d runner.Column) bool { return strings.EqualFold(d.Name, c.Name) })
		if at >= 0 {
			page.Table.Columns[i].Description = report.model.Columns[at].Description
		}
	}
	return page, err
}

// missing explains a report that the project has by now and the snapshot has not.
func missing(name string, err error) error {
	return kind.Of(ErrNotFound, &runner.Error{
		Code: runner.CodeState, Msg: fmt.Sprintf("read the published %s: %v", name, err), Hint: "`elt run` publishes it",
	})
}

// orderBy gives all rows of a report a place, so that no page repeats or passes over one: by the column asked for or in
// the order of the file, then by all columns.
func orderBy(m *runner.Model, columns []table.Column, window Window) (string, error) {
	var keys []string
	switch window.Sort {
	case "":
		keys = append(keys, m.Config.OrderBy...)
	default:
		var names []string
		for _, c := range columns {
			names = append(names, c.Name)
		}
		if !slices.Contains(names, window.Sort) {
			hint := runner.DidYouMean(window.Sort, names)
			if hint == "" {
				hint = "its columns are " + strings.Join(names, ", ")
			}
			return "", &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("%s has no column %.80q to sort by", m.Name, window.Sort), Hint: hint}
		}
		direction := "asc"
		if window.Desc {
			direction = "desc"
		}
		keys = append(keys, runner.Quote(window.Sort)+" "+direction+" nulls last")
	}
	for i := range columns {
		keys = append(keys, fmt.Sprint(i+1))
	}
	return strings.Join(keys, ", "), nil
}
