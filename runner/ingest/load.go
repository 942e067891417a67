package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/ingest/cell"
)

// Load makes the target table, fills it with the files of the manifest, and adds what does not fit to the rejects. Both
// happen in one transaction, or not at all. The files must be as they were scanned, else ErrChanged comes; what is
// wrong with them comes as *runner.Error.
func Load(ctx context.Context, e engine.Engine, c Config, job Job) (_ Result, err error) {
	dir, err := os.MkdirTemp(c.TempDir, "elt-load-")
	if err != nil {
		return Result{}, fmt.Errorf("make a folder for cleaned files: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l := &load{engine: e, config: c, job: &job, dir: dir, cleaned: make([]*cleaned, len(job.Manifest.Files))}
	for _, f := range job.Manifest.Files {
		if err := unchanged(c.Dir, f); err != nil {
			return Result{}, err
		}
	}
	if err := l.clean(ctx, func(i int) bool { return !job.Manifest.Files[i].Layout.Plain }); err != nil {
		return Result{}, err
	}
	for {
		result, failed, err := l.attempt(ctx)
		if failed < 0 || err == nil {
			return result, err
		}
		if err := l.demote(ctx, failed); err != nil {
			return Result{}, err
		}
	}
}

// load is one load under way.
type load struct {
	engine  engine.Engine
	config  Config
	job     *Job
	dir     string     // of the cleaned files
	cleaned []*cleaned // by file; nil: the engine reads it by itself
}

// clean reads those files with care that are not cleaned yet and that need it.
func (l *load) clean(ctx context.Context, needed func(i int) bool) error {
	faults := make([]error, len(l.cleaned))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range l.cleaned {
		if l.cleaned[i] != nil || !needed(i) {
			continue
		}
		group.Go(func() error {
			if ctx.Err() != nil {
				faults[i] = ctx.Err()
				return nil
			}
			file := &l.job.Manifest.Files[i]
			out, err := clean(ctx, l.config, l.job, file, l.dir)
			if err != nil { // a file that is being written looks broken
				if now := unchanged(l.config.Dir, *file); now != nil {
					err = now
				}
			}
			l.cleaned[i], faults[i] = &out, err
			return nil
		})
	}
	_ = group.Wait()
	return gather(faults)
}

// demote has a file cleaned that the engine refused, and with it those behind it that the engine would refuse.
func (l *load) demote(ctx context.Context, failed int) error {
	refused := map[int]bool{failed: true}
	for i := failed + 1; i < len(l.cleaned); i++ {
		if l.cleaned[i] != nil {
			continue
		}
		_, err := engine.One(ctx, l.engine, l.probe(i))
		var bad *engine.SQLError
		switch {
		case errors.As(err, &bad):
			refused[i] = true
		case err != nil:
			return err
		}
	}
	return l.clean(ctx, func(i int) bool { return refused[i] })
}

// errCount is a file of which the engine reads another number of rows than the scan.
var errCount = errors.New("the engine found another number of rows")

// attempt loads all files in one transaction. It names the first file that the engine does not read as plain, or -1 if
// the error, or its absence, is final.
func (l *load) attempt(ctx context.Context) (result Result, failed int, err error) {
	if result.Reasons, err = l.check(); err != nil {
		return Result{}, -1, err
	}
	failed = -1
	err = l.engine.InTx(ctx, func(s engine.Session) error {
		if err := s.Exec(ctx, l.create()); err != nil {
			return fmt.Errorf("make the table %s: %w", l.job.Target.Bare(), err)
		}
		for i := range l.cleaned {
			one, err := l.file(ctx, s, i)
			var bad *engine.SQLError
			if l.cleaned[i] == nil && (errors.As(err, &bad) || errors.Is(err, errCount)) {
				failed = i
			}
			if err != nil {
				return err
			}
			result.Files = append(result.Files, one)
			result.Rows += one.Rows
			result.Rejected += one.Rejected
		}
		for _, f := range l.job.Manifest.Files {
			if err := unchanged(l.config.Dir, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Result{}, failed, err
	}
	return result, -1, nil
}

// check compares rejected rows with what the source allows, and gives the most common reasons.
func (l *load) check() ([]string, error) {
	var rows, rejected int64
	reasons := tally{}
	for i, f := range l.job.Manifest.Files {
		if c := l.cleaned[i]; c != nil {
			rows, rejected = rows+c.rows, rejected+c.rejected
			reasons.merge(c.reasons)
			continue
		}
		rows += f.Records
	}
	return reasons.common(), check(l.job.Source, rows, rejected, reasons)
}

// file loads one file and its rejected rows, and sees that none is lost.
func (l *load) file(ctx context.Context, s engine.Session, i int) (FileResult, error) {
	f := l.job.Manifest.Files[i]
	result := FileResult{Path: f.Path, Warnings: f.Warnings}
	query, want := l.query(i), f.Records
	if c := l.cleaned[i]; c != nil {
		want = c.rows
		result.Warnings = append(result.Warnings[:len(f.Warnings):len(f.Warnings)], c.warnings...)
		if c.rejected > 0 {
			spec := engine.CSVSpec{Path: c.rejectsPath, Delimiter: ",", Multiline: true, Fields: rejectFields()}
			n, err := l.engine.Insert(ctx, s, l.job.Rejects, l.engine.CSV(spec))
			if err != nil {
				return result, fmt.Errorf("set aside the rejected rows of %s: %w", f.Path, err)
			}
			if n != c.rejected {
				return result, lost(f.Path, c.rejected, n)
			}
			result.Rejected = n
		}
	}
	if want > 0 {
		n, err := l.engine.Insert(ctx, s, l.job.Target, query)
		if err != nil {
			return result, fmt.Errorf("load %s: %w", f.Path, err)
		}
		result.Rows = n
	}
	switch {
	case result.Rows != want && l.cleaned[i] == nil:
		return result, errCount
	case result.Rows != want:
		return result, lost(f.Path, want, result.Rows)
	}
	l.compare(&result)
	return result, nil
}

// compare warns of a file that has fewer data lines than in the load before.
func (l *load) compare(now *FileResult) {
	for _, before := range l.job.Previous {
		if lines := now.Rows + now.Rejected; before.Path == now.Path && lines < before.Rows+before.Rejected {
			now.Shrunk = true
			now.Warnings = append(now.Warnings, fmt.Sprintf("has %d data lines; it had %d in the load before", lines, before.Rows+before.Rejected))
		}
	}
}

func lost(name string, want, got int64) error {
	return fault(name, 0, fmt.Sprintf("has %d rows, of which %d arrived in the table", want, got),
		"this is a fault of the program; please report it with the file")
}

// create is the statement that makes the target.
func (l *load) create() string {
	parts := make([]string, len(l.job.Source.Columns))
	for i, c := range l.job.Source.Columns {
		parts[i] = runner.Quote(c.Name) + " " + l.typeOf(i).SQL()
	}
	return fmt.Sprintf("create table %s (%s)", l.job.Target, strings.Join(parts, ", "))
}

// typeOf is the type of a column; Scan has made sure that there is one.
func (l *load) typeOf(i int) cell.Type {
	t, _ := cell.Parse(l.job.Source.Columns[i].DataType)
	return t
}

// query gives the rows of a file, in the order of the source's columns.
func (l *load) query(i int) string {
	if c := l.cleaned[i]; c != nil {
		return l.engine.CSV(l.cleanSpec(c))
	}
	f := l.job.Manifest.Files[i]
	parts := make([]string, len(l.job.Source.Columns))
	for n, c := range l.job.Source.Columns {
		parts[n] = runner.Quote(c.Name)
		if f.Layout.Columns[n] < 0 {
			parts[n] = fmt.Sprintf("cast(null as %s) as %s", l.typeOf(n).SQL(), parts[n])
		}
	}
	return fmt.Sprintf("select %s\nfrom (%s) as file", strings.Join(parts, ", "), l.engine.CSV(l.spec(f)))
}

// probe reads a file through without keeping anything.
func (l *load) probe(i int) string {
	parts := []string{"count(*)"}
	for _, c := range l.job.Source.Columns {
		parts = append(parts, "count("+runner.Quote(c.Name)+")")
	}
	return fmt.Sprintf("select %s from (%s) as probe", strings.Join(parts, ", "), l.query(i))
}

// spec is a file as it stands.
func (l *load) spec(f File) engine.CSVSpec {
	spec := engine.CSVSpec{
		Path: resolve(l.config.Dir, f.Path), Delimiter: f.Layout.Delimiter, SkipLines: int(f.Layout.Skip),
		CRLF: f.Layout.CRLF, Multiline: f.Layout.Multiline, Gzip: f.Gzip,
		Nulls: cell.Nulls(l.job.Source.Load.NullValues), Fields: make([]engine.Field, len(f.Layout.Fields)),
	}
	for i := range spec.Fields {
		spec.Fields[i].Name = fmt.Sprintf("field %d", i+1)
	}
	for i, c := range l.job.Source.Columns {
		if at := f.Layout.Columns[i]; at >= 0 {
			spec.Fields[at] = engine.Field{Name: c.Name, Type: l.typeOf(i).String(), NotNull: c.NotNull}
		}
	}
	return spec
}

// cleanSpec is a file that clean has written.
func (l *load) cleanSpec(c *cleaned) engine.CSVSpec {
	spec := engine.CSVSpec{Path: c.rowsPath, Delimiter: ",", Multiline: c.multiline}
	for i, column := range l.job.Source.Columns {
		spec.Fields = append(spec.Fields, engine.Field{Name: column.Name, Type: l.typeOf(i).SQL(), NotNull: column.NotNull})
	}
	return spec
}
