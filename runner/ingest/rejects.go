package ingest

import (
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/ingest/cell"
)

// CreateRejects makes the table of rejected rows unless it is there. Relation is the versioned table that a row would
// have been in; line is where it begins in the file, and element which one it is in a JSON file; reason says what was expected.
func CreateRejects(table runner.Relation) string {
	columns := make([]string, len(rejectFields()))
	for i, f := range rejectFields() {
		columns[i] = runner.Quote(f.Name) + " " + f.Type
	}
	return fmt.Sprintf("create table if not exists %s (%s)", table, strings.Join(columns, ", "))
}

// GrowRejects gives the table of an earlier release the column that it lacks.
func GrowRejects(table runner.Relation) string {
	return fmt.Sprintf("alter table %s add column if not exists element bigint", table)
}

func rejectFields() []engine.Field {
	return []engine.Field{
		{Name: "relation", Type: "varchar"},
		{Name: "source", Type: "varchar"},
		{Name: "file", Type: "varchar"},
		{Name: "line", Type: "bigint"},
		{Name: "column", Type: "varchar"},
		{Name: "value", Type: "varchar"},
		{Name: "reason", Type: "varchar"},
		{Name: "run_id", Type: "varchar"},
		{Name: "element", Type: "bigint"},
	}
}

// misfit is a row that does not fit.
type misfit struct {
	line    int64
	element int64  // of a JSON file, from 1; 0 in CSV
	column  string // empty where the whole row is at fault
	value   []byte // as it stands in the file
	reason  string
	at      runner.Position // of the value itself
}

// tally counts rejected rows by their reason, with the first example of each.
type tally map[string]*tallied

type tallied struct {
	count int64
	first runner.Position
	label string
}

// tallyLimit bounds the memory for reasons; those beyond it are counted together.
const tallyLimit = 1000

func (t tally) add(m misfit) {
	label := m.reason
	if m.column != "" {
		label = m.column + ": " + m.reason
	}
	entry := t[label]
	if entry == nil && len(t) >= tallyLimit {
		label = "other reasons"
		entry = t[label]
	}
	if entry == nil {
		entry = &tallied{first: m.at, label: label}
		t[label] = entry
	}
	entry.count++
}

func (t tally) merge(other tally) {
	for label, entry := range other {
		if t[label] == nil {
			t[label] = &tallied{first: entry.first, label: label}
		}
		t[label].count += entry.count
	}
}

// common lists the three most common reasons, each with an example.
func (t tally) common() []string {
	entries := make([]*tallied, 0, len(t))
	for _, entry := range t {
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, func(a, b *tallied) int {
		if a.count != b.count {
			return int(b.count - a.count)
		}
		return strings.Compare(a.label, b.label)
	})
	var lines []string
	for _, entry := range entries[:min(3, len(entries))] {
		lines = append(lines, fmt.Sprintf("%d × %s (first: %s)", entry.count, entry.label, entry.first))
	}
	return lines
}

// check fails a source with too many rejected rows.
func check(source *runner.Source, rows, rejected int64, reasons tally) error {
	limit := source.Load.MaxRejected
	if !limit.Set {
		return nil
	}
	lines := rows + rejected
	allowed := fmt.Sprintf("max_rejected is %g", limit.Value)
	over := float64(rejected) > limit.Value
	if limit.Percent {
		allowed += "%"
		over = float64(rejected)*100 > limit.Value*float64(lines)
	}
	if !over {
		return nil
	}
	return &runner.Error{
		Code: runner.CodeLoad, Pos: source.Pos,
		Msg:     fmt.Sprintf("%d of %d data lines of %s were rejected, but %s", rejected, lines, source.Name, allowed),
		Excerpt: "  " + strings.Join(reasons.common(), "\n  ") + "\n",
		Hint:    "mend the files or the columns' types and options; if so many bad lines are to be expected, raise max_rejected",
	}
}

// refused is the error about the first bad row of a source that takes none.
func (m misfit) refused() error {
	msg := m.reason
	if m.column != "" {
		msg = "column " + m.column + ": " + m.reason
		if m.value != nil {
			msg += ", found " + cell.Show(m.value)
		}
	}
	return &runner.Error{
		Code: runner.CodeLoad, Pos: m.at, Msg: msg,
		Hint: "mend the file, or declare `on_error: quarantine` for the source to set such rows aside",
	}
}
