package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"elt/runner"
	"elt/runner/ingest/cell"
	"elt/runner/ingest/record"
)

// keys finds the column of each key of a JSON file, and remembers the keys that belong to none.
type keys struct {
	slots map[string]int
	names map[string]int // normal names
	extra map[string]bool
	found []bool // by column: a key of it has been seen
}

// extraLimit bounds the memory for keys: JSON may use data as keys.
const extraLimit = 1000

func newKeys(columns []runner.Column) *keys {
	k := &keys{slots: map[string]int{}, names: map[string]int{}, extra: map[string]bool{}, found: make([]bool, len(columns))}
	for i, c := range columns {
		for _, alias := range c.Aliases {
			k.names[normal(alias)] = i
		}
	}
	for i, c := range columns {
		k.names[normal(c.Name)] = i
	}
	return k
}

// slot is the column of a key, -1 for none.
func (k *keys) slot(key []byte) int {
	if i, known := k.slots[string(key)]; known {
		return i
	}
	i, known := k.names[normal(string(key))]
	if !known {
		i = -1
	}
	if len(k.slots) < extraLimit {
		k.slots[string(key)] = i
		if i < 0 {
			k.extra[string(key)] = true
		}
	}
	if i >= 0 {
		k.found[i] = true
	}
	return i
}

// json cleans a JSON file.
func (k *cleaner) json(ctx context.Context, text io.Reader) error {
	numbers, err := columns(k.job.Source, "") // JSON's own have a point, whatever is declared
	if err != nil {
		return err
	}
	known := newKeys(k.job.Source.Columns)
	in, err := record.NewJSON(text, len(k.columns), known.slot)
	if err != nil {
		return k.broken(err)
	}
	var o record.Object
	var again notes
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := in.Next(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return k.broken(err)
		}
		if o.Again >= 0 {
			again.add(o.Again, o.Line)
		}
		if bad := k.object(&o, numbers); bad.reason != "" {
			if err := k.reject(bad); err != nil {
				return err
			}
		}
	}
	if o.Short {
		k.looksCutOff(o.Line)
	}
	for _, note := range again.list(k.job.Source) {
		k.out.warnings = append(k.out.warnings, "of keys that come twice in an object the last one counts: "+note)
	}
	return k.report(known)
}

// broken is JSON that cannot be read on from.
func (k *cleaner) broken(err error) error {
	var bad *record.SyntaxError
	if !errors.As(err, &bad) {
		return unreadable(k.file.Path, err)
	}
	e := fault(k.file.Path, bad.Line, bad.Error(), "mend the file, or have it delivered again; nothing of it was loaded")
	e.Pos.Col = bad.Col
	return e
}

// report turns what was found about the keys into warnings, and fails on a column that no object has.
func (k *cleaner) report(known *keys) error {
	if k.out.rows+k.out.rejected == 0 {
		k.out.warnings = append(k.out.warnings, "has no objects")
		return nil
	}
	extra := make([]string, 0, len(known.extra))
	for key := range known.extra {
		extra = append(extra, key)
	}
	sort.Strings(extra)
	if len(extra) > 0 && !slices.Contains(known.found, true) {
		return fault(k.file.Path, 1, "names none of the declared columns; found "+strings.Join(extra[:min(20, len(extra))], ", "),
			"expected an array of objects, or one object a line, with the columns as keys; where an answer wraps the array, take it out: jq .data")
	}
	for i, c := range k.job.Source.Columns {
		if known.found[i] || c.Optional || k.out.rows == 0 {
			continue
		}
		hint := "mend the file, add the key it uses to the column's `aliases`, or declare the column `optional: true`"
		if similar := runner.DidYouMean(c.Name, extra); similar != "" {
			hint = similar + " " + hint
		}
		return fault(k.file.Path, 1, "no object has the key "+c.Name, hint)
	}
	if len(extra) > 0 {
		k.out.warnings = append(k.out.warnings, "undeclared keys are left out: "+strings.Join(extra[:min(20, len(extra))], ", "))
	}
	return nil
}

// object writes one object as a row, or tells what is wrong with it.
func (k *cleaner) object(o *record.Object, numbers []*cell.Reader) misfit {
	whole := misfit{
		line: o.Line, element: o.Number, value: o.Raw, at: runner.Position{File: k.file.Path, Line: int(o.Line), Col: o.Col},
	}
	switch {
	case o.Problem != "":
		whole.reason = o.Problem
		return whole
	case !utf8.Valid(o.Raw):
		whole.reason = "expected UTF-8; the bytes are those of another encoding, such as Latin-1 or Windows-1252"
		return whole
	}
	start, missing := k.begin(), 0
	for i, reader := range k.columns {
		if i > 0 {
			k.line = append(k.line, ',')
		}
		text, reason := scalar(o.Values[i], reader.Type)
		if o.Values[i].Shape == record.Number {
			reader = numbers[i]
		}
		var null bool
		if reason == "" {
			null, reason = k.value(i, reader, text, o.Line)
		}
		if reason != "" {
			k.line = k.line[:start]
			bad := whole
			bad.column, bad.value, bad.reason = k.job.Source.Columns[i].Name, o.Values[i].Text, reason
			return bad
		}
		if null {
			missing++
		}
	}
	if missing == len(k.columns) {
		whole.reason = "expected a value for at least one declared column"
		return whole
	}
	return k.end(start, whole)
}

// scalar is the text of a value as a cell of CSV would hold it.
func scalar(v record.Value, t cell.Type) ([]byte, string) {
	switch v.Shape {
	case record.Missing, record.Null:
		return nil, ""
	case record.Nested:
		found := "an object"
		if v.Text[0] == '[' {
			found = "a list"
		}
		return nil, fmt.Sprintf("expected one value, found %s", found)
	case record.Bool:
		if t.Kind != cell.Boolean && t.Kind != cell.Text {
			return nil, fmt.Sprintf("expected a %s, found %s", t, v.Text)
		}
	}
	return v.Text, ""
}
