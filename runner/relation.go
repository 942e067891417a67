package runner

import "strings"

// Relation names a table or view in the warehouse. The zero Relation names nothing.
type Relation struct {
	Schema string
	Name   string
}

// String is the relation as SQL: both parts in double quotes, as every ANSI engine reads them.
func (r Relation) String() string {
	if r.Schema == "" {
		return Quote(r.Name)
	}
	return Quote(r.Schema) + "." + Quote(r.Name)
}

// IsZero tells whether r names nothing.
func (r Relation) IsZero() bool { return r == Relation{} }

// Bare is schema.name without quotes, as people write and read it.
func (r Relation) Bare() string {
	if r.Schema == "" {
		return r.Name
	}
	return r.Schema + "." + r.Name
}

// Quote makes a SQL identifier of any name.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Literal makes a SQL string literal of any text.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
