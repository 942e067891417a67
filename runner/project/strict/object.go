package strict

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
)

// Object is a table of the keys of one mapping, and where each value goes.
type Object[T any] struct {
	What    string // "a target", for messages
	Keys    []Key[T]
	Instead map[string]string // hints for keys that people know from elsewhere
	At      func(*T, runner.Position)

	// Rest takes the keys that a lenient reader finds beside those of the table; without it they are warned of.
	Rest func(r *Reader, f Field, into *T)
}

// Key is one line of the table.
type Key[T any] struct {
	Name     string
	Also     string // another spelling; empty if there is none
	Doc      string
	Required bool
	Nulls    bool // Read is called for a key without a value, too
	Schema   *jsonschema.Schema
	Read     func(r *Reader, v *Value, into *T)
}

// FieldOf is a key whose value goes into a field. Nothing is stored if the value does not fit or is missing.
func FieldOf[T, V any](name, doc string, shape Shape[V], field func(*T) *V) Key[T] {
	return Key[T]{Name: name, Doc: doc, Schema: shape.Schema, Read: func(r *Reader, v *Value, into *T) {
		if x, ok := shape.Read(r, v); ok {
			*field(into) = x
		}
	}}
}

// Setting is a key whose value is read once and applied to any number of configurations later.
func Setting[C, V any](name, doc string, shape Shape[V], apply func(*C, V)) Key[Patch[C]] {
	return Key[Patch[C]]{Name: name, Doc: doc, Schema: shape.Schema, Read: func(r *Reader, v *Value, into *Patch[C]) {
		if x, ok := shape.Read(r, v); ok {
			*into = append(*into, func(c *C) { apply(c, x) })
		}
	}}
}

// Patch is what a part of a file changes in a configuration.
type Patch[C any] []func(*C)

// Apply changes c.
func (p Patch[C]) Apply(c *C) {
	for _, change := range p {
		change(c)
	}
}

// Needed makes a key required.
func (k Key[T]) Needed() Key[T] {
	k.Required = true
	return k
}

// Or gives a key a second spelling.
func (k Key[T]) Or(name string) Key[T] {
	k.Also = name
	return k
}

// Into reads a mapping on top of what into holds already. It notes unknown keys, keys given in both spellings and
// missing ones, and gives false if v is no mapping or lacks a required key.
func (o *Object[T]) Into(r *Reader, v *Value, into *T) bool {
	if v.Kind != Map {
		r.Expected(v, o.What+", written as keys and values")
		return false
	}
	if o.At != nil {
		o.At(into, v.Pos)
	}
	present, misspelt := map[string]string{}, map[string]bool{}
	for _, f := range v.Fields {
		key := o.Find(f.Key)
		switch {
		case key == nil && r.lenient && o.Rest != nil:
			o.Rest(r, f, into)
			continue
		case key == nil && r.lenient:
			r.Warn(f.Pos, o.hint(f.Key), "%s has no key %q; it is passed over", o.What, f.Key)
			continue
		case key == nil:
			r.Fail(f.Pos, o.hint(f.Key), "%s has no key %q", o.What, f.Key)
			if meant := runner.Suggest(f.Key, o.Names()); meant != "" && present[meant] == "" {
				misspelt[meant] = true
			}
			continue
		case present[key.Name] != "":
			r.Fail(f.Pos, "", "%q and %q mean the same; keep one of them", present[key.Name], f.Key)
			continue
		case f.Value.Kind == Null && !key.Nulls:
			continue
		}
		present[key.Name] = f.Key
		r.labelled(f.Key, func() { key.Read(r, f.Value, into) })
	}
	complete := true
	for _, key := range o.Keys {
		if !key.Required || present[key.Name] != "" {
			continue
		}
		complete = false
		if !misspelt[key.Name] {
			r.Fail(v.Pos, "", "%s needs the key %q", o.What, key.Name)
		}
	}
	return complete
}

// Shape reads a mapping into a value of its own.
func (o *Object[T]) Shape() Shape[T] { return o.ShapeFrom(func() T { var zero T; return zero }) }

// ShapeFrom reads a mapping on top of a value made for it, for defaults.
func (o *Object[T]) ShapeFrom(make func() T) Shape[T] {
	return Shape[T]{Schema: o.Schema(""), Read: func(r *Reader, v *Value) (T, bool) {
		out := make()
		ok := o.Into(r, v, &out)
		return out, ok
	}}
}

// Find is the key of a name in either spelling, nil if there is none.
func (o *Object[T]) Find(name string) *Key[T] {
	for i := range o.Keys {
		if o.Keys[i].Name == name || o.Keys[i].Also != "" && o.Keys[i].Also == name {
			return &o.Keys[i]
		}
	}
	return nil
}

// Names are the keys in the order of the table.
func (o *Object[T]) Names() []string {
	var out []string
	for _, key := range o.Keys {
		out = append(out, key.Name)
		if key.Also != "" {
			out = append(out, key.Also)
		}
	}
	return out
}

func (o *Object[T]) hint(name string) string {
	if instead, known := o.Instead[name]; known {
		return instead
	}
	names := o.Names()
	if hint := runner.DidYouMean(name, names); hint != "" {
		return hint
	}
	if known := runner.Suggest(name, slices.Sorted(maps.Keys(o.Instead))); known != "" {
		return o.Instead[known]
	}
	slices.Sort(names)
	return "the keys are " + strings.Join(names, ", ")
}

// Schema describes the mapping, its keys prefixed ("+" for the configuration of a folder).
func (o *Object[T]) Schema(prefix string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: never()}
	for _, key := range o.Keys {
		for _, name := range []string{key.Name, key.Also} {
			if name == "" {
				continue
			}
			property := nullable(key.Schema, key.Required)
			property.Description = key.Doc
			if name == key.Also {
				property.Description = "Another spelling of " + key.Name + ". " + key.Doc
			}
			s.Properties[prefix+name] = property
			s.PropertyOrder = append(s.PropertyOrder, prefix+name)
		}
		if key.Required {
			s.Required = append(s.Required, key.Name)
		}
	}
	return s
}

// nullable is a copy of a schema that allows a key to be left empty, as Into does, unless it is required.
func nullable(schema *jsonschema.Schema, required bool) *jsonschema.Schema {
	if schema == nil { // of a file that no schema is made for
		return &jsonschema.Schema{}
	}
	s := *schema
	switch {
	case s.Ref != "":
		s = jsonschema.Schema{AnyOf: []*jsonschema.Schema{schema, {Type: "null"}}}
	case required || s.Type == "" && s.Types == nil && s.AnyOf == nil:
	case s.AnyOf != nil:
		s.AnyOf = append(append([]*jsonschema.Schema{}, s.AnyOf...), &jsonschema.Schema{Type: "null"})
	case s.Type != "":
		s.Types, s.Type = []string{s.Type, "null"}, ""
	}
	return &s
}

// never is the schema that nothing fits; the library writes it as false.
func never() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }
