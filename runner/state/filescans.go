package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// racy is how close to its last change a file must not have been read for the reading to be trusted. It covers the
// coarsest clock of a file system (FAT: two seconds).
const racy = 2 * time.Second

// FileStamp is what a look at a file's directory entry tells. Zero fields are unknown on this system.
type FileStamp struct {
	Size    int64
	MTimeNS int64
	CTimeNS int64
	Inode   uint64
}

// FileScan is what reading a whole file told, so that it need not be read again while it is unchanged.
type FileScan struct {
	Path  string
	Stamp FileStamp // taken before reading began
	Hash  string    // of the content
	Lines int64     // data lines
	Info  json.RawMessage
	Began time.Time // when reading began
}

// Fits tells whether the scan still speaks of the file whose stamp is now.
//
// Equal stamps are not enough: a file changed twice within one tick of the file system's clock, read in between, looks
// the same. So a scan that began less than two seconds after the last change is not trusted; reading the file again
// later, and saving that scan, mends it. (git calls such entries racily clean.) A file from the future, as on a network
// drive with a clock ahead of ours, is read each time.
func (f FileScan) Fits(now FileStamp) bool {
	last := max(f.Stamp.MTimeNS, f.Stamp.CTimeNS)
	return f.Stamp == now && last < f.Began.Add(-racy).UnixNano()
}

// SaveFileScans remembers scans, replacing those of the same paths. Began must be set.
func (s *Store) SaveFileScans(ctx context.Context, scans ...FileScan) error {
	now := s.now()
	return saveAll(ctx, s.file, "remember the file hashes", `
		insert or replace into file_hashes (path, size, mtime_ns, ctime_ns, inode, hash, lines, info, hashed_at, saved_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, scans, func(f FileScan) []any {
		return []any{
			f.Path, f.Stamp.Size, f.Stamp.MTimeNS, f.Stamp.CTimeNS, int64(f.Stamp.Inode), f.Hash, f.Lines, text(f.Info),
			micros(f.Began), micros(now),
		}
	})
}

// FileScans gives what is remembered of paths. Ask Fits before trusting one.
func (s *Store) FileScans(ctx context.Context, paths ...string) (map[string]FileScan, error) {
	packed, err := keys(paths)
	if err != nil {
		return nil, err
	}
	scans, err := list(ctx, s.file, "read the file hashes", `
		select path, size, mtime_ns, ctime_ns, inode, hash, lines, info, hashed_at
		from file_hashes where path in (select value from json_each(?))`, readFileScan, packed)
	return index(scans, func(f FileScan) string { return f.Path }), err
}

func readFileScan(row scan) (f FileScan, err error) {
	var inode int64
	var info sql.NullString
	var began sql.NullInt64
	err = row(&f.Path, &f.Stamp.Size, &f.Stamp.MTimeNS, &f.Stamp.CTimeNS, &inode, &f.Hash, &f.Lines, &info, &began)
	f.Stamp.Inode, f.Info, f.Began = uint64(inode), fromText(info), fromMicros(began)
	return f, err
}
