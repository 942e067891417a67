// Package strict reads YAML files by tables of keys. A table says what a mapping may hold; it reads the mapping, tells
// what does not fit with its line and a proposal, and yields the JSON Schema of the mapping, so that what is read and
// what is described cannot drift apart.
package strict

import (
	"strings"

	"elt/runner"
)

// Kind is what a value is.
type Kind string

const (
	Null   Kind = "nothing"
	Text   Kind = "text"
	Number Kind = "a number"
	Bool   Kind = "a truth value"
	List   Kind = "a list"
	Map    Kind = "a mapping"

	// broken is a value that an error was noted for already. No shape fits it, and none complains.
	broken Kind = "a broken value"
)

// Value is one value of a YAML file with its place. Values are shared where the file uses aliases: never change one.
type Value struct {
	Kind   Kind
	Text   string // of a scalar: its content; of a number or truth value: as written
	Pos    runner.Position
	Plain  bool     // text without quotes
	Items  []*Value // of a list
	Fields []Field  // of a mapping, each key once, in order
	size   int      // values in and below this one, aliases counted at each use
}

// Field is one entry of a mapping.
type Field struct {
	Key   string
	Pos   runner.Position // of the key
	Value *Value
}

// Get is the value of a key, nil if the mapping lacks it or v is no mapping.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, f := range v.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// describe tells in a message what was found.
func (v *Value) describe() string {
	switch v.Kind {
	case Text:
		return `the text "` + shorten(v.Text) + `"`
	case Number:
		return "the number " + shorten(v.Text)
	case Bool:
		return v.Text
	default:
		return string(v.Kind)
	}
}

func shorten(text string) string {
	const most = 40
	if strings.ContainsAny(text, "\r\n") { // a message is one line
		text = strings.Join(strings.Fields(text), " ")
	}
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
