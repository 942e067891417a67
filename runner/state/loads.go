package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// LoadFile is one file behind one version of a source.
type LoadFile struct {
	SourceID    string
	Fingerprint string // of the version of the source
	Path        string
	RunID       string // that loaded it
	Hash        string // of the content
	Size        int64
	MTimeNS     int64
	Loaded      int64 // rows
	Rejected    int64 // rows
	Warnings    []string
	LoadedAt    time.Time
}

// SaveLoads records files that were loaded, replacing what was known of the same file in the same version. A zero
// LoadedAt is now.
func (s *Store) SaveLoads(ctx context.Context, files ...LoadFile) error {
	now := s.now() // one time for the whole batch, for LatestLoads
	encoded := make([][]any, len(files))
	for i, f := range files {
		warnings, err := json.Marshal(f.Warnings)
		if err != nil {
			return err
		}
		if f.LoadedAt.IsZero() {
			f.LoadedAt = now
		}
		encoded[i] = []any{
			s.target, f.SourceID, f.Fingerprint, f.Path, f.RunID, f.Hash, f.Size, f.MTimeNS, f.Loaded, f.Rejected,
			string(warnings), micros(f.LoadedAt),
		}
	}
	return saveAll(ctx, s.file, "record the loaded files", `
		insert or replace into load_files (target, source_id, fingerprint, path, run_id, hash, size, mtime_ns, loaded,
		    rejected, warnings, loaded_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, encoded, func(row []any) []any { return row })
}

const selectLoads = `
	select source_id, fingerprint, path, run_id, hash, size, mtime_ns, loaded, rejected, warnings, loaded_at
	from load_files as l`

// Loads gives the files behind versions of sources, by fingerprint; each list by source and path.
func (s *Store) Loads(ctx context.Context, fingerprints ...string) (map[string][]LoadFile, error) {
	packed, err := keys(fingerprints)
	if err != nil {
		return nil, err
	}
	files, err := list(ctx, s.file, "read the loaded files", selectLoads+`
		where target = ? and fingerprint in (select value from json_each(?)) order by source_id, path`,
		readLoad, s.target, packed)
	return group(files, func(f LoadFile) string { return f.Fingerprint }), err
}

// LatestLoads gives the files of the version of each source that was loaded last, published or not, by source ID; each
// list by path.
func (s *Store) LatestLoads(ctx context.Context) (map[string][]LoadFile, error) {
	files, err := list(ctx, s.file, "read the loaded files", selectLoads+`
		where target = ? and fingerprint = (
		    select fingerprint from load_files as latest
		    where latest.target = l.target and latest.source_id = l.source_id
		    order by loaded_at desc, run_id desc, fingerprint limit 1
		) order by source_id, path`, readLoad, s.target)
	return group(files, func(f LoadFile) string { return f.SourceID }), err
}

// RunLoads gives the files a run loaded, by source and path.
func (s *Store) RunLoads(ctx context.Context, runID string) ([]LoadFile, error) {
	return list(ctx, s.file, "read the loaded files", selectLoads+`
		where target = ? and run_id = ? order by source_id, path`, readLoad, s.target, runID)
}

func readLoad(row scan) (f LoadFile, err error) {
	var warnings string
	var loaded sql.NullInt64
	err = row(&f.SourceID, &f.Fingerprint, &f.Path, &f.RunID, &f.Hash, &f.Size, &f.MTimeNS, &f.Loaded, &f.Rejected,
		&warnings, &loaded)
	if err != nil {
		return f, err
	}
	f.LoadedAt = fromMicros(loaded)
	return f, json.Unmarshal([]byte(warnings), &f.Warnings)
}

func group(files []LoadFile, key func(LoadFile) string) map[string][]LoadFile {
	out := map[string][]LoadFile{}
	for _, f := range files {
		out[key(f)] = append(out[key(f)], f)
	}
	return out
}
