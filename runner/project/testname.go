package project

import (
	"crypto/md5" // dbt shortens names with it; nothing is protected by it
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"elt/runner"
)

var notInName = regexp.MustCompile(`[^0-9a-zA-Z_]+`)

// testNames makes the names of a generic test as dbt does: kind, what it tests, and its arguments in the order of their
// names. From 64 characters on the short one is the first 30 and a hash.
func testNames(kind string, on tested, column string, args map[string]any) (full, short string) {
	names := slices.Collect(maps.Keys(args))
	if column != "" {
		names = append(names, "column_name")
	}
	slices.Sort(names)
	parts := make([]string, 0, len(names))
	for _, name := range names {
		arg, given := args[name]
		if !given {
			arg = column
		}
		switch arg := arg.(type) {
		case []any:
			for _, item := range arg {
				parts = append(parts, pythonText(item))
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(arg)) {
				parts = append(parts, pythonText(arg[key]))
			}
		default:
			parts = append(parts, pythonText(arg))
		}
	}
	for i, p := range parts {
		parts[i] = notInName.ReplaceAllString(p, "_")
	}
	namespace, kind := splitKind(kind)
	if on.node != nil && on.node.Kind == runner.KindSource {
		kind = "source_" + kind // dbt's way to keep them apart from tests of a model of that name
	}
	if namespace != "" {
		kind = namespace + "_" + kind
	}
	identifier := kind + "_" + on.on
	full = identifier + "_" + strings.Join(parts, "__")
	if len([]rune(full)) < 64 {
		return full, full
	}
	head := []rune(identifier)
	return full, string(head[:min(30, len(head))]) + "_" + md5Of(full)
}

func splitKind(kind string) (namespace, name string) {
	if before, after, found := strings.Cut(kind, "."); found {
		return before, after
	}
	return "", kind
}

func md5Of(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// testHash is the end of a generic test's unique id: the last ten digits of a hash over its name and, as Python writes
// it, what makes it up.
func testHash(name, kind string, on tested, column string, args map[string]any) string {
	kwargs := maps.Clone(args)
	if kwargs == nil {
		kwargs = map[string]any{}
	}
	if column != "" {
		kwargs["column_name"] = column
	}
	kwargs["model"] = "{{ get_where_subquery(" + on.ref + ") }}"
	namespace, bareKind := splitKind(kind)
	metadata := map[string]any{"kwargs": kwargs, "name": bareKind, "namespace": nil}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	var b strings.Builder
	writeHashable(&b, metadata)
	sum := md5Of(name + b.String())
	return sum[len(sum)-10:]
}

// writeHashable writes mappings in the order of their keys, lists, and all else as Python's repr of its str.
func writeHashable(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		b.WriteString("{")
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(pythonQuote(key) + ": ")
			writeHashable(b, v[key])
		}
		b.WriteString("}")
	case []any:
		b.WriteString("[")
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			writeHashable(b, item)
		}
		b.WriteString("]")
	default:
		b.WriteString(pythonQuote(pythonText(v)))
	}
}

// pythonQuote is a text as Python's repr writes it.
func pythonQuote(text string) string {
	quote := "'"
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = `"`
	}
	text = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`, quote, `\`+quote).Replace(text)
	return quote + text + quote
}

// pythonText is a value as Python writes it, for names equal to dbt's.
func pythonText(v any) string {
	switch x := v.(type) {
	case nil:
		return "None"
	case bool:
		if x {
			return "True"
		}
		return "False"
	case float64:
		text := strconv.FormatFloat(x, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	}
	return fmt.Sprint(v)
}
