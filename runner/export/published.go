package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elt/runner"
)

// Published is data/published.json: what the last publish wrote, so that a reader of several files can tell whether they
// belong together.
type Published struct {
	RunID       string          `json:"run_id"`
	PublishedAt time.Time       `json:"published_at"`
	Project     string          `json:"project"`
	Files       []PublishedFile `json:"files"`
}

// PublishedFile is one file. Path is relative to the directory of published.json, with slashes.
type PublishedFile struct {
	Path   string `json:"path"`
	Format string `json:"format"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Entry describes a written item for a published.json in dir.
func Entry(dir string, item Item, w Written) (PublishedFile, error) {
	path, err := filepath.Rel(dir, item.Path)
	if err != nil {
		return PublishedFile{}, fmt.Errorf("describe %s: %w", item.Path, err)
	}
	return PublishedFile{Path: filepath.ToSlash(path), Format: item.Format, Rows: w.Rows, SHA256: w.SHA256, Bytes: w.Bytes}, nil
}

// WritePublished writes p to temp and syncs it; like every other file it is then moved by Commit.
func WritePublished(temp string, p Published) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", temp, err)
	}
	if err := writeFile(temp, append(text, '\n')); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", temp, err), remove(temp))
	}
	return nil
}

func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// ReadPublished reads a published.json. One that does not exist gives an error that is fs.ErrNotExist.
func ReadPublished(path string) (Published, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Published{}, fmt.Errorf("read what is published: %w", err)
	}
	var p Published
	if err := json.Unmarshal(text, &p); err != nil {
		return Published{}, &runner.Error{
			Code: runner.CodeState, Pos: runner.Position{File: path}, Msg: "read what is published", Err: err,
			Hint: "the next publish writes it anew",
		}
	}
	return p, nil
}

// Mismatch is a published file that is not what published.json says.
type Mismatch struct {
	Path   string // as in published.json
	Reason string
}

// Verify sums up all files again and gives those that are missing or different. dir is that of published.json.
func Verify(ctx context.Context, dir string, p Published) ([]Mismatch, error) {
	var out []Mismatch
	for _, file := range p.Files {
		reason, err := verify(ctx, dir, file)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", file.Path, err)
		}
		if reason != "" {
			out = append(out, Mismatch{Path: file.Path, Reason: reason})
		}
	}
	return out, nil
}

func verify(ctx context.Context, dir string, file PublishedFile) (reason string, err error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(file.Path)))
	if errors.Is(err, fs.ErrNotExist) {
		return "missing", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, sum, err := digest(ctx, f)
	switch {
	case err != nil:
		return "", err
	case size != file.Bytes:
		return fmt.Sprintf("%d bytes, published with %d", size, file.Bytes), nil
	case !strings.EqualFold(sum, file.SHA256):
		return fmt.Sprintf("sha256 %s, published with %s", sum, file.SHA256), nil
	}
	return "", nil
}
