// Package cell reads one value of a raw file: the types a column may have, and what people write for them. It turns any
// text it accepts into the plain form in which every engine reads the same value, and says in plain words why it refuses
// the rest. It knows nothing of files and tables.
package cell

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"elt/runner"
)

// Kind is what a column holds.
type Kind uint8

const (
	Text Kind = iota
	Integer
	Decimal
	Double
	Boolean
	Date
	Timestamp
	Duration // whole seconds
)

// Type is the declared type of a column. The zero Type is text.
type Type struct {
	Kind      Kind
	Precision int // Decimal: digits in all, 1 to 38
	Scale     int // Decimal: digits behind the mark
}

// Types are the names that Parse knows, for messages.
func Types() []string {
	return []string{"varchar", "bigint", "decimal(18,2)", "double", "boolean", "date", "timestamp", "duration"}
}

var decimalType = regexp.MustCompile(`^(?:decimal|numeric)(?:\s*\(\s*(\d{1,3})\s*(?:,\s*(\d{1,3})\s*)?\))?$`)

// Parse reads a data_type. Letter case and spaces around it do not count; no text at all is varchar. A decimal without digits is
// decimal(18,3). The error lists the types there are.
func Parse(text string) (Type, error) {
	name := strings.ToLower(strings.TrimSpace(text))
	if t, ok := simple(name); ok {
		return t, nil
	}
	if m := decimalType.FindStringSubmatch(name); m != nil {
		t := Type{Kind: Decimal, Precision: 18, Scale: 3}
		if m[1] != "" {
			t.Precision, _ = strconv.Atoi(m[1])
			t.Scale, _ = strconv.Atoi(m[2]) // no text: 0
		}
		if t.Precision < 1 || t.Precision > 38 || t.Scale > t.Precision {
			return Type{}, fmt.Errorf("%s: a decimal has 1 to 38 digits, and no more than that behind the mark", name)
		}
		return t, nil
	}
	message := fmt.Sprintf("unknown data type %q; a column of a file is one of %s", text, strings.Join(Types(), ", "))
	if hint := runner.DidYouMean(name, names()); hint != "" {
		message += "; " + hint
	}
	return Type{}, fmt.Errorf("%s", message)
}

func simple(name string) (Type, bool) {
	switch name {
	case "", "varchar", "text", "string":
		return Type{Kind: Text}, true
	case "bigint", "integer", "int":
		return Type{Kind: Integer}, true
	case "double", "float":
		return Type{Kind: Double}, true
	case "boolean", "bool":
		return Type{Kind: Boolean}, true
	case "date":
		return Type{Kind: Date}, true
	case "timestamp":
		return Type{Kind: Timestamp}, true
	case "duration":
		return Type{Kind: Duration}, true
	}
	return Type{}, false
}

func names() []string {
	return []string{
		"varchar", "text", "string", "bigint", "integer", "int", "decimal", "numeric", "double", "float", "boolean",
		"date", "timestamp", "duration",
	}
}

// String is the type as engine.Field takes it.
func (t Type) String() string {
	switch t.Kind {
	case Integer:
		return "bigint"
	case Decimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case Double:
		return "double"
	case Boolean:
		return "boolean"
	case Date:
		return "date"
	case Timestamp:
		return "timestamp"
	case Duration:
		return "duration"
	default:
		return "varchar"
	}
}

// SQL is the type of the column in a table.
func (t Type) SQL() string {
	if t.Kind == Duration {
		return "bigint"
	}
	return t.String()
}
