package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"elt/runner"
	"elt/runner/ingest/record"
)

// fresh is how old a change must be for its time to tell it from the next one.
const fresh = 2 * time.Second

// Scan finds the files of a source and reads each one once, but for those the cache knows, for its content's hash, its
// layout and its number of lines. The source must have a Load. What is wrong with the files comes as *runner.Error, or
// runner.Errors in the order of the files; a file that changes while it is read gives ErrChanged.
func Scan(ctx context.Context, c Config, source *runner.Source) (Manifest, error) {
	if _, err := columns(source, source.Load.Decimal); err != nil {
		return Manifest{}, err
	}
	names, err := expand(c.Dir, source)
	if err != nil {
		return Manifest{}, err
	}
	files, faults := make([]File, len(names)), make([]error, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() error {
			if faults[i] = ctx.Err(); faults[i] == nil {
				files[i], faults[i] = scanCached(ctx, c, source, name)
			}
			return nil
		})
	}
	_ = group.Wait()
	if err := gather(faults); err != nil {
		return Manifest{}, err
	}
	return Manifest{Source: source.ID, Files: files}, distinct(files)
}

// gather makes one error of those of several files.
func gather(faults []error) error {
	var all runner.Errors
	for _, err := range faults {
		var e *runner.Error
		switch {
		case err == nil:
		case errors.As(err, &e) && !errors.Is(err, ErrChanged):
			all = append(all, e)
		default:
			return err
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return all.AsError()
}

// distinct refuses the same content under two names: its rows would count twice.
func distinct(files []File) error {
	first := map[string]string{}
	for _, f := range files {
		if f.Records == 0 {
			continue
		}
		if other, known := first[f.Hash]; known {
			return fault(f.Path, 0, "has the same content as "+other+": its rows would count twice", "remove one of the two files, or narrow the pattern of the source")
		}
		first[f.Hash] = f.Path
	}
	return nil
}

// cached is what the cache keeps of a file. Spec says for which declaration of the source it holds.
type cached struct {
	Spec string `json:"spec"`
	File File   `json:"file"`
}

func scanCached(ctx context.Context, c Config, source *runner.Source, name string) (File, error) {
	stat, err := look(c.Dir, name)
	if err != nil {
		return File{}, err
	}
	want := spec(source)
	if c.Cache != nil {
		blob, err := c.Cache.Get(ctx, name, stat)
		if err != nil {
			return File{}, fmt.Errorf("look up the last scan of %s: %w", name, err)
		}
		var known cached
		if json.Unmarshal(blob, &known) == nil && known.Spec == want && known.File.Path == name {
			return known.File, nil
		}
	}
	f, err := scan(ctx, c, source, name, stat)
	if err != nil || c.Cache == nil || c.now().Sub(time.Unix(0, stat.ModTime)) < fresh {
		return f, err
	}
	blob, err := json.Marshal(cached{Spec: want, File: f})
	if err == nil {
		err = c.Cache.Put(ctx, name, stat, blob)
	}
	if err != nil {
		return File{}, fmt.Errorf("keep the scan of %s: %w", name, err)
	}
	return f, nil
}

func scan(ctx context.Context, c Config, source *runner.Source, name string, stat Stat) (File, error) {
	f := File{
		Path: name, Stat: stat, Format: Format(source.Load.Format), Gzip: strings.HasSuffix(strings.ToLower(name), ".gz"),
	}
	if f.Format == "" {
		f.Format = formatOf(name)
	}
	if f.Format != CSV && f.Format != JSON {
		if IsData(name) {
			return File{}, fault(name, 0, "is in a format that is not read here", "export it as CSV or JSON")
		}
		return File{}, fault(name, 0, "its ending does not tell its format", "declare `format: csv` or `format: json` for the source")
	}
	if stat.Size == 0 {
		return File{}, fault(name, 0, "is empty (0 bytes)", "deliver it again; a source that may lack data for a day still has its header line, or []")
	}
	file, err := os.Open(resolve(c.Dir, name))
	if err != nil {
		e := fault(name, 0, "cannot be read", hintFor(err))
		e.Err = plain(err)
		return File{}, e
	}
	defer func() { _ = file.Close() }()
	if err := scanInto(ctx, &f, file, source); err != nil {
		if e := unchanged(c.Dir, f); e != nil {
			return File{}, e
		}
		return File{}, err
	}
	return f, unchanged(c.Dir, f)
}

// scanInto reads the whole file.
func scanInto(ctx context.Context, f *File, file io.Reader, source *runner.Source) error {
	sum := sha256.New()
	raw := io.TeeReader(file, sum)
	text, encoding, err := decoded(raw, f.Gzip)
	if err != nil {
		return unreadable(f.Path, err)
	}
	f.Layout.Encoding = encoding
	buffer := make([]byte, 1<<20)
	size, ended, err := fill(text, buffer)
	if err != nil {
		return unreadable(f.Path, err)
	}
	count := &counter{}
	if f.Format == CSV {
		if err := f.lay(buffer[:size], source, count); err != nil {
			return err
		}
	}
	count.add(buffer[:size])
	objects := bytes.IndexByte(buffer[:size], '{') >= 0
	for !ended {
		if err := ctx.Err(); err != nil {
			return err
		}
		if size, ended, err = fill(text, buffer); err != nil {
			return unreadable(f.Path, err)
		}
		count.add(buffer[:size])
		objects = objects || bytes.IndexByte(buffer[:size], '{') >= 0
	}
	count.close()
	if _, err := io.Copy(io.Discard, raw); err != nil { // what stands behind a compressed stream
		return unreadable(f.Path, err)
	}
	f.settle(source, count, objects)
	f.Hash = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// fill reads until the buffer is full or the text ends.
func fill(text io.Reader, buffer []byte) (size int, ended bool, err error) {
	for size < len(buffer) && err == nil {
		var n int
		n, err = text.Read(buffer[size:])
		size += n
	}
	if errors.Is(err, io.EOF) {
		return size, true, nil
	}
	return size, false, err
}

// decoded gives the text of a file.
func decoded(file io.Reader, zipped bool) (io.Reader, record.Encoding, error) {
	if zipped {
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			return nil, "", err
		}
		file = unzipped
	}
	return record.Decode(file)
}

func unreadable(name string, err error) error {
	e := fault(name, 0, "cannot be read", hintFor(err))
	e.Err = plain(err)
	switch {
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		e.Hint = "it is no gzip file, or it is damaged; deliver it again"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Msg, e.Err = "is cut off: its compressed data end too early", nil
		e.Hint = "deliver it again"
	}
	return e
}

// lay finds the header of a CSV file in the beginning of its text.
func (f *File) lay(head []byte, source *runner.Source, count *counter) error {
	header, err := findHeader(f.Path, head, source)
	if err != nil {
		return err
	}
	f.Layout.Delimiter, f.Layout.Header, f.Layout.Skip = string(header.delimiter), header.line, header.line+header.lines-1
	f.Layout.Fields, f.Layout.Columns = header.fields, header.columns
	f.Layout.Plain = header.lines == 1
	count.delimiter, count.skip = header.delimiter, f.Layout.Skip
	if header.line > 1 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the header is on line %d; what stands above is left out", header.line))
	}
	if extra := header.extra(); len(extra) > 0 {
		f.Warnings = append(f.Warnings, "undeclared columns are left out: "+strings.Join(extra, ", "))
	}
	return nil
}

// settle takes over what has been counted.
func (f *File) settle(source *runner.Source, count *counter, objects bool) {
	f.Lines, f.Filled = count.lines, count.filled
	f.Records = -1
	if f.Format == JSON {
		if !objects {
			f.Records = 0
		}
		return
	}
	f.Layout.Plain = f.Layout.Plain && !count.odd && f.Layout.Encoding == record.UTF8 && source.Load.Decimal != "," && !count.totals()
	f.Layout.CRLF, f.Layout.Multiline = count.newline[1] > 0, count.multiline
	if !count.odd {
		f.Records = count.records
	}
	if f.Records == 0 {
		f.Warnings = append(f.Warnings, "has a header and no data")
	}
}
