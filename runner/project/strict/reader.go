package strict

import (
	"errors"
	"fmt"
	"strings"

	"elt/runner"
)

// Render replaces the {{ … }} in a text of a YAML file. An error that is a *runner.Error is shown with its own words, but
// at the place of the text.
type Render func(text string, pos runner.Position) (string, error)

// Reader reads one file and collects what is wrong with it. It is for one goroutine.
type Reader struct {
	file   string
	text   string
	render Render
	label  string // of the key being read, for messages
	errs   runner.Errors
	warns  runner.Errors
	noted  map[string]bool // errors already in errs: an alias is read at each of its uses

	evaluated map[*Value]string // texts in which {{ … }} was replaced
	lenient   bool
}

// NewReader makes a reader for the text of a file, named as messages name it. Without render {{ … }} stays as it is.
func NewReader(file, text string, render Render) *Reader {
	return &Reader{file: file, text: text, render: render}
}

// Errors are what was found wrong so far, in the order in which it was found.
func (r *Reader) Errors() runner.Errors { return r.errs }

// SetLenient makes the reader take what dbt takes: unknown keys, numbers for text, yes and no for truth values, a key
// given twice. Call it before Parse.
func (r *Reader) SetLenient() { r.lenient = true }

// Lenient tells whether SetLenient was called.
func (r *Reader) Lenient() bool { return r.lenient }

// Warnings are what a lenient reader passed over.
func (r *Reader) Warnings() runner.Errors { return r.warns }

// Warn notes something odd that is no error.
func (r *Reader) Warn(pos runner.Position, hint, format string, args ...any) {
	r.warns = append(r.warns, r.Error(pos, hint, format, args...))
}

// SetRender replaces how {{ … }} is read from here on.
func (r *Reader) SetRender(render Render) { r.render = render }

// Fail notes an error at a position of the file. The hint may be empty.
func (r *Reader) Fail(pos runner.Position, hint, format string, args ...any) {
	r.note(r.Error(pos, hint, format, args...))
}

func (r *Reader) note(e *runner.Error) {
	key := e.Error()
	if r.noted == nil {
		r.noted = map[string]bool{}
	}
	if !r.noted[key] {
		r.noted[key] = true
		r.errs = append(r.errs, e)
	}
}

var oneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`)

// Error makes an error of the file without noting it. Its message is one line, whatever text of the file it quotes.
func (r *Reader) Error(pos runner.Position, hint, format string, args ...any) *runner.Error {
	return &runner.Error{
		Code:    runner.CodeConfig,
		Pos:     pos,
		Msg:     oneLine.Replace(fmt.Sprintf(format, args...)),
		Excerpt: runner.Excerpt(r.text, pos.Line, pos.Col),
		Hint:    hint,
	}
}

// Expected notes that a value is not what its key needs.
func (r *Reader) Expected(v *Value, what string) {
	r.ExpectedBut(v, what, "")
}

// ExpectedBut is Expected with a hint.
func (r *Reader) ExpectedBut(v *Value, what, hint string) {
	if v.Kind == broken {
		return
	}
	found := v.describe()
	if text, changed := r.evaluated[v]; changed {
		found = (&Value{Kind: Text, Text: text}).describe()
	}
	label := ""
	if r.label != "" {
		label = r.label + ": "
	}
	r.Fail(v.Pos, hint, "%sexpected %s, found %s", label, what, found)
}

// rendered gives the text of v with its {{ … }} replaced, and whether there were any.
func (r *Reader) rendered(v *Value) (text string, changed bool) {
	if r.render == nil || v.Kind != Text || !strings.Contains(v.Text, "{{") && !strings.Contains(v.Text, "{%") {
		return v.Text, false
	}
	text, err := r.render(v.Text, v.Pos)
	if err != nil {
		r.noteRender(v, err)
		v.Kind = broken
	}
	if r.evaluated == nil {
		r.evaluated = map[*Value]string{}
	}
	r.evaluated[v] = text
	return text, true
}

// noteRender notes why a text cannot be evaluated. An error that a user can read already keeps its words.
func (r *Reader) noteRender(v *Value, err error) {
	e := r.Error(v.Pos, "", "cannot evaluate this text")
	var known *runner.Error
	if errors.As(err, &known) {
		e.Msg, e.Hint, e.Err = known.Msg, known.Hint, known.Err
	} else {
		e.Err = err
	}
	r.note(e)
}

// labelled runs read while messages name the key.
func (r *Reader) labelled(label string, read func()) {
	before := r.label
	r.label = label
	read()
	r.label = before
}
