package state

import (
	"context"
	"database/sql"
)

// ExportFile is a published file as it was left. One whose size and modification time on disk are still these is
// intact; one whose fingerprint is still this need not be written again.
type ExportFile struct {
	Path        string // as the exporter names it
	Fingerprint string // of everything that decides the bytes
	Rows        int64
	SHA256      string // hex
	Size        int64
	MTimeNS     int64
	RunID       string // that wrote it
}

// ExportFiles gives all published files, by path.
func (s *Store) ExportFiles(ctx context.Context) (map[string]ExportFile, error) {
	files, err := list(ctx, s.file, "read the export files", `
		select path, fingerprint, rows, sha256, size, mtime_ns, run_id from export_files where target = ?`,
		func(row scan) (f ExportFile, err error) {
			err = row(&f.Path, &f.Fingerprint, &f.Rows, &f.SHA256, &f.Size, &f.MTimeNS, &f.RunID)
			return f, err
		}, s.target)
	return index(files, func(f ExportFile) string { return f.Path }), err
}

func (s *Store) replaceExportFiles(ctx context.Context, tx *sql.Tx, files []ExportFile) error {
	if _, err := tx.ExecContext(ctx, "delete from export_files where target = ?", s.target); err != nil {
		return err
	}
	return each(ctx, tx, `
		insert into export_files (target, path, fingerprint, rows, sha256, size, mtime_ns, run_id)
		values (?, ?, ?, ?, ?, ?, ?, ?)`, files, func(f ExportFile) []any {
		return []any{s.target, f.Path, f.Fingerprint, f.Rows, f.SHA256, f.Size, f.MTimeNS, f.RunID}
	})
}
