package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
	"elt/runner/ingest"
	"elt/runner/state"
)

// scanCache keeps what scans found in the state store.
type scanCache struct {
	store *state.Store
	clock runner.Clock
}

// Get implements ingest.Cache.
func (c scanCache) Get(ctx context.Context, path string, stat ingest.Stat) ([]byte, error) {
	scans, err := c.store.FileScans(ctx, path)
	if err != nil {
		return nil, err
	}
	if scan, ok := scans[path]; ok && scan.Fits(stamp(stat)) {
		return scan.Info, nil
	}
	return nil, nil
}

// Put implements ingest.Cache.
func (c scanCache) Put(ctx context.Context, path string, stat ingest.Stat, blob []byte) error {
	if c.store.ReadOnly() {
		return nil
	}
	return c.store.SaveFileScans(ctx, state.FileScan{Path: path, Stamp: stamp(stat), Info: blob, Began: c.clock()})
}

func stamp(stat ingest.Stat) state.FileStamp {
	return state.FileStamp{Size: stat.Size, MTimeNS: stat.ModTime, Inode: stat.Inode}
}

// formVersion is part of the key of a cached form; it grows when the engine's trees or our reading of them change.
const formVersion = "duckdb-1.5-1"

// analyze gives the form of each query, from the state store where it is known.
func analyze(ctx context.Context, store *state.Store, inspector engine.Inspector, queries []string) ([]engine.Form, error) {
	keys := make([]string, len(queries))
	for i, query := range queries {
		keys[i] = hashOf(formVersion, query)
	}
	known, err := store.Forms(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var missing []string
	var places []int
	forms := make([]engine.Form, len(queries))
	for i, key := range keys {
		if f, ok := known[key]; ok {
			forms[i] = engine.Form{Hash: f.Normal, Volatile: f.Volatile}
			continue
		}
		missing, places = append(missing, queries[i]), append(places, i)
	}
	if len(missing) == 0 {
		return forms, nil
	}
	found, err := inspector.Analyze(ctx, missing)
	if err != nil {
		return nil, err
	}
	fresh := make([]state.Form, len(found))
	for i, f := range found {
		forms[places[i]] = f
		fresh[i] = state.Form{Key: keys[places[i]], Normal: f.Hash, Volatile: f.Volatile}
	}
	if store.ReadOnly() {
		return forms, nil
	}
	return forms, store.SaveForms(ctx, fresh...)
}

// forms gives the form of the SQL of every model and snapshot over public names, by ID.
func (w *Workspace) forms(ctx context.Context, store *state.Store, inspector engine.Inspector) (map[string]engine.Form, error) {
	var ids, queries []string
	for _, m := range w.Project.Models {
		ids = append(ids, m.ID)
	}
	for _, s := range w.Project.Snapshots {
		ids = append(ids, s.ID)
	}
	var errs runner.Errors
	for _, id := range ids {
		sql, err := w.Compiler.Logical(ctx, id)
		if err != nil {
			return nil, err
		}
		if e := oneStatement(sql); e != nil {
			errs = append(errs, e)
		}
		queries = append(queries, sql.Text)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	found, err := analyze(ctx, store, inspector, queries)
	if err != nil {
		return nil, err
	}
	forms := make(map[string]engine.Form, len(ids))
	for i, id := range ids {
		forms[id] = found[i]
	}
	return forms, nil
}

// oneStatement refuses what the engine would run behind the select of a model.
func oneStatement(sql compile.SQL) *runner.Error {
	second := engine.SecondStatement(sql.Text)
	if second < 0 {
		return nil
	}
	before := sql.Text[:second]
	line := strings.Count(before, "\n") + 1
	e := sql.Explain("a second statement begins here; a model is one select", line, second-strings.LastIndexByte(before, '\n'))
	e.Code, e.Hint = runner.CodeCompile, "take it out, or give it a model of its own"
	return e
}

func hashOf(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
