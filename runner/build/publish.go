package build

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/export"
	"elt/runner/state"
)

// Publisher brings the outcome of a run before people: public views and exported files, all or nothing.
type Publisher struct {
	Engine    engine.Engine
	Store     *state.Store
	RunID     string
	Project   string
	Published string // absolute path of published.json; paths of files are kept relative to its folder
	Threads   int    // files written at once
	Clock     runner.Clock
	Observe   runner.Observer // may be nil
}

// Release is everything that is to be public.
type Release struct {
	Nodes []state.PublishedNode // by NodeID
	Items []export.Item
}

// intent is all that a publish will do, recorded before the first step that anyone can see. Each step may be repeated,
// so that a publish that was cut off is carried to its end by whoever comes next.
type intent struct {
	RunID  string                `json:"run_id"`
	At     time.Time             `json:"published_at"`
	Nodes  []state.PublishedNode `json:"nodes"`
	Drop   []runner.Relation     `json:"drop"` // public views that are no more
	Moves  []export.Move         `json:"moves"`
	Remove []string              `json:"remove"` // files that are no more, absolute
	Files  []state.ExportFile    `json:"files"`
}

// Publish writes the files that must change beside their targets, then re-points the public views in one transaction,
// then renames the files. It returns the paths of the changed files, relative to the folder of published.json; none if
// everything is public already.
//
// Until the intent is recorded nothing can be seen and an error leaves no trace. From then on the publish will be
// completed, if not by this call then by Recover.
func (p Publisher) Publish(ctx context.Context, r Release) (changed []string, err error) {
	plan, err := p.prepare(ctx, r)
	if err != nil {
		return nil, err
	}
	if plan == nil {
		return nil, nil
	}
	p.emit(runner.Event{Stage: "publish"})
	payload, err := json.Marshal(plan)
	if err != nil {
		return nil, fmt.Errorf("record the publish: %w", err)
	}
	recorded, err := p.Store.BeginPublish(ctx, p.RunID, payload)
	if err != nil {
		_ = export.Discard(plan.Moves)
		return nil, err
	}
	// From here on it goes through to the end, whatever becomes of ctx.
	if err := p.carryOut(context.WithoutCancel(ctx), recorded.ID, *plan); err != nil {
		return nil, err
	}
	for _, m := range plan.Moves {
		changed = append(changed, p.relative(m.Final))
	}
	return changed, nil
}

// Recover completes a publish that was cut off. It tells whose it was; empty if there was none. A publish whose files
// have been taken away in the meantime is given up: what stood before still stands, and the next run publishes anew.
func (p Publisher) Recover(ctx context.Context) (runID string, err error) {
	recorded, pending, err := p.Store.PendingPublish(ctx)
	if err != nil || !pending {
		return "", err
	}
	var plan intent
	if err := json.Unmarshal(recorded.Payload, &plan); err != nil {
		return "", fmt.Errorf("read the publish of run %s that was cut off: %w", recorded.RunID, err)
	}
	if p.lost(ctx, plan) {
		return "", p.Store.AbandonPublish(ctx, recorded.ID)
	}
	return plan.RunID, p.carryOut(ctx, recorded.ID, plan)
}

// lost tells whether something the publish needs is not there any more.
func (p Publisher) lost(ctx context.Context, plan intent) bool {
	for _, m := range plan.Moves {
		_, temp := os.Lstat(m.Temp)
		_, final := os.Lstat(m.Final)
		if temp != nil && final != nil {
			return true
		}
	}
	standing, err := p.Engine.Relations(ctx, Schema)
	if err != nil {
		return true
	}
	for _, n := range plan.Nodes {
		if !slices.ContainsFunc(standing, func(i engine.Info) bool { return i.Relation == n.Relation }) {
			return true
		}
	}
	return false
}

func (p Publisher) carryOut(ctx context.Context, intentID int64, plan intent) error {
	if err := p.repoint(ctx, plan); err != nil {
		return publishError("re-point the public views", err)
	}
	if err := export.Commit(plan.Moves); err != nil {
		return publishError("rename the files", err)
	}
	for _, path := range plan.Remove {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return publishError("remove a file that is no longer published", err)
		}
	}
	publish := state.Publish{RunID: plan.RunID, Published: plan.At, Nodes: plan.Nodes}
	_, err := p.Store.FinishPublish(ctx, intentID, publish, plan.Files)
	return err
}

func publishError(what string, err error) error {
	return &runner.Error{
		Code: runner.CodePublish, Msg: "publish: " + what, Err: err,
		Hint: "mend the cause; the next command completes the publish",
	}
}

// repoint makes the public views show the new relations, in one transaction. Schemas come before it, one after the
// other: making them concurrently conflicts.
func (p Publisher) repoint(ctx context.Context, plan intent) error {
	schemas := map[string]bool{}
	for _, n := range plan.Nodes {
		if !schemas[n.Public.Schema] {
			schemas[n.Public.Schema] = true
			if err := p.Engine.Exec(ctx, "create schema if not exists "+runner.Quote(n.Public.Schema)); err != nil {
				return err
			}
		}
	}
	return p.Engine.InTx(ctx, func(s engine.Session) error {
		for _, r := range plan.Drop {
			if err := s.Exec(ctx, "drop view if exists "+r.String()); err != nil {
				return err
			}
		}
		for _, n := range plan.Nodes {
			if err := s.Exec(ctx, fmt.Sprintf("create or replace view %s as select * from %s", n.Public, n.Relation)); err != nil {
				return err
			}
		}
		return nil
	})
}

// prepare writes what has to be written and gives the intent; nil if nothing would change.
func (p Publisher) prepare(ctx context.Context, r Release) (*intent, error) {
	before, err := p.Store.Publishes(ctx, 1)
	if err != nil {
		return nil, err
	}
	known, err := p.Store.ExportFiles(ctx)
	if err != nil {
		return nil, err
	}
	plan := &intent{RunID: p.RunID, At: p.Clock().UTC(), Nodes: r.Nodes}
	entries := make([]export.PublishedFile, len(r.Items))
	plan.Files = make([]state.ExportFile, len(r.Items))
	moves := make([][]export.Move, len(r.Items))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(p.Threads, 1))
	var observing sync.Mutex // makes the calls of Observe one at a time
	for _, i := range longestFirst(r.Items) {
		group.Go(func() (err error) {
			started := p.Clock()
			entries[i], plan.Files[i], moves[i], err = p.write(inner, r.Items[i], known)
			if err == nil && len(moves[i]) > 0 {
				observing.Lock()
				defer observing.Unlock()
				p.emit(runner.Event{Written: &runner.WrittenFile{
					Path: r.Items[i].Path, Rows: entries[i].Rows, Bytes: entries[i].Bytes, Elapsed: p.Clock().Sub(started),
				}})
			}
			return err
		})
	}
	err = group.Wait()
	plan.Moves = slices.Concat(moves...)
	if err == nil {
		err = p.finishPlan(ctx, plan, r, entries, before, known)
	}
	if err != nil {
		_ = export.Discard(plan.Moves)
		return nil, err
	}
	if len(plan.Moves) == 0 {
		return nil, nil
	}
	return plan, nil
}

// longestFirst orders items so that no long one is left to the end: those of many tables, which are written by one
// thread or hold everything, go before those of one.
func longestFirst(items []export.Item) []int {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(items[b].Tables) - len(items[a].Tables) })
	return order
}

func (p Publisher) emit(e runner.Event) {
	if p.Observe != nil {
		p.Observe(e)
	}
}

// finishPlan adds what goes, and published.json, which names everything that stands and therefore comes last.
func (p Publisher) finishPlan(
	ctx context.Context, plan *intent, r Release, entries []export.PublishedFile, before []state.Publish, known map[string]state.ExportFile,
) error {
	stays := map[string]bool{}
	for _, f := range plan.Files {
		stays[f.Path] = true
	}
	for path := range known {
		if !stays[path] {
			plan.Remove = append(plan.Remove, filepath.Join(filepath.Dir(p.Published), filepath.FromSlash(path)))
		}
	}
	slices.Sort(plan.Remove)
	same := len(before) > 0 && slices.Equal(before[0].Nodes, r.Nodes)
	if len(before) > 0 {
		for _, old := range before[0].Nodes {
			if !slices.ContainsFunc(r.Nodes, func(n state.PublishedNode) bool { return n.Public == old.Public }) {
				plan.Drop = append(plan.Drop, old.Public)
			}
		}
	}
	if same {
		var err error
		if same, err = p.viewsStand(ctx, r.Nodes); err != nil {
			return err
		}
	}
	if _, err := os.Stat(p.Published); err == nil && same && len(plan.Moves) == 0 && len(plan.Remove) == 0 {
		return nil
	}
	last := export.Move{Temp: export.Temp(p.Published, p.RunID), Final: p.Published}
	plan.Moves = append(plan.Moves, last)
	return export.WritePublished(last.Temp, export.Published{
		RunID: p.RunID, PublishedAt: plan.At, Project: p.Project, Files: entries,
	})
}

// viewsStand tells whether every public view is in the warehouse, which somebody may have deleted.
func (p Publisher) viewsStand(ctx context.Context, nodes []state.PublishedNode) (bool, error) {
	schemas := map[string]bool{}
	for _, n := range nodes {
		schemas[n.Public.Schema] = true
	}
	standing, err := engine.Standing(ctx, p.Engine, slices.Sorted(maps.Keys(schemas))...)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(nodes, func(n state.PublishedNode) bool { return !standing[n.Public] }), nil
}

// write makes one file under its temporary name, unless the one that stands is as it should be.
func (p Publisher) write(
	ctx context.Context, item export.Item, known map[string]state.ExportFile,
) (export.PublishedFile, state.ExportFile, []export.Move, error) {
	name := item.Path
	if item.Link != "" {
		name = item.Link
	}
	fingerprint := fingerprintOf(item)
	if old, ok := known[p.relative(name)]; ok && old.Fingerprint == fingerprint && intact(name, old) {
		if target, err := filepath.EvalSymlinks(name); err == nil {
			name = target
		}
		entry := export.PublishedFile{
			Path: p.relative(name), Format: item.Format, Rows: old.Rows, SHA256: old.SHA256, Bytes: old.Size,
		}
		return entry, old, nil, nil
	}
	temp := export.Temp(item.Path, p.RunID)
	written, err := export.Write(ctx, p.Engine, item, temp)
	if err != nil {
		return export.PublishedFile{}, state.ExportFile{}, nil, err
	}
	moves, err := export.Prepare(item, p.RunID)
	if err != nil {
		return export.PublishedFile{}, state.ExportFile{}, nil, err
	}
	entry, err := export.Entry(filepath.Dir(p.Published), item, written)
	if err != nil {
		return export.PublishedFile{}, state.ExportFile{}, moves, err
	}
	info, err := os.Stat(temp)
	if err != nil {
		return export.PublishedFile{}, state.ExportFile{}, moves, err
	}
	return entry, state.ExportFile{
		Path: p.relative(name), Fingerprint: fingerprint, Rows: written.Rows, SHA256: written.SHA256, Size: written.Bytes,
		MTimeNS: info.ModTime().UnixNano(), RunID: p.RunID,
	}, moves, nil
}

// intact tells whether a published file is as it was left.
func intact(path string, old state.ExportFile) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() == old.Size && info.ModTime().UnixNano() == old.MTimeNS
}

// fingerprintOf is everything that decides the bytes of a file.
func fingerprintOf(item export.Item) string {
	parts := []string{"export-2", item.Format}
	for _, t := range item.Tables {
		parts = append(parts, t.Name, t.Public.Bare(), t.Source.Bare(), fmt.Sprint(t.OrderBy), t.View)
	}
	return hash(parts...)
}

func (p Publisher) relative(path string) string {
	rel, err := filepath.Rel(filepath.Dir(p.Published), path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}
