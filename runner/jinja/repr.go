package jinja

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ToString prints a value as Python's str().
func ToString(v Value) string {
	switch v := v.(type) {
	case string:
		return v
	case *text:
		return v.s
	case int:
		return strconv.Itoa(v)
	case *Decimal:
		return v.String()
	case *Undefined:
		return ""
	case Representer:
		if s, ok := v.(fmt.Stringer); ok {
			return s.String()
		}
	}
	return Repr(v)
}

// maxRepr is where printing a container stops: it may contain itself many times over.
const maxRepr = 16 << 20

// Repr prints a value as Python's repr().
func Repr(v Value) string {
	var w printer
	w.repr(v, 0)
	return w.b.String()
}

// printer writes values as repr() does, or with the keys of dicts in order, as pprint does.
type printer struct {
	b      strings.Builder
	sorted bool
	within []Value // the containers that are being written
}

func (w *printer) repr(v Value, depth int) {
	if depth > maxNesting {
		w.b.WriteString("...")
		return
	}
	if w.b.Len() > maxRepr {
		return
	}
	switch v := v.(type) {
	case string:
		w.b.WriteString(reprStr(v))
	case *text:
		w.b.WriteString(reprStr(v.s))
	case *List:
		w.once(v, "[...]", func() { w.items("[", v.Items, "]", depth) })
	case *generator:
		w.items("[", v.rest(), "]", depth)
	case *Tuple:
		if len(v.Items) == 1 {
			w.items("(", v.Items, ",)", depth)
			return
		}
		w.items("(", v.Items, ")", depth)
	case *Dict:
		w.once(v, "{...}", func() { w.dict(v, depth) })
	case *dictView:
		w.items(v.kind+"([", v.items(), "])", depth)
	case *namespace:
		w.b.WriteString("<Namespace ")
		w.repr(v.vars, depth+1)
		w.b.WriteString(">")
	default:
		w.b.WriteString(reprScalar(v))
	}
}

func reprScalar(v Value) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int:
		return strconv.Itoa(v)
	case *big.Int:
		return v.String()
	case float64:
		return reprFloat(v)
	case *Decimal:
		return "Decimal('" + v.String() + "')"
	case *Undefined:
		return "Undefined"
	case *Macro:
		if v.def.isCaller {
			return "<Macro anonymous>"
		}
		return "<Macro " + reprStr(v.Name()) + ">"
	case *Module:
		return v.text
	case *method:
		return "<built-in method " + v.name + " of " + typeName(v.recv) + " object>"
	case Func:
		return "<function>"
	case Representer:
		return v.Repr()
	case fmt.Stringer:
		return v.String()
	}
	return "<" + typeName(v) + " object>"
}

// once writes a container, or what stands for it within itself.
func (w *printer) once(v Value, again string, write func()) {
	if slices.Contains(w.within, v) {
		w.b.WriteString(again)
		return
	}
	w.within = append(w.within, v)
	write()
	w.within = w.within[:len(w.within)-1]
}

func (w *printer) items(open string, items []Value, end string, depth int) {
	w.b.WriteString(open)
	for i, x := range items {
		if w.b.Len() > maxRepr {
			return
		}
		if i > 0 {
			w.b.WriteString(", ")
		}
		w.repr(x, depth+1)
	}
	w.b.WriteString(end)
}

func (w *printer) dict(d *Dict, depth int) {
	entries := d.entries
	if w.sorted {
		if e, err := sortedEntries(d); err == nil {
			entries = e
		}
	}
	w.b.WriteByte('{')
	for i, e := range entries {
		if w.b.Len() > maxRepr {
			return
		}
		if i > 0 {
			w.b.WriteString(", ")
		}
		w.repr(e.key, depth+1)
		w.b.WriteString(": ")
		w.repr(e.val, depth+1)
	}
	w.b.WriteByte('}')
}

// reprFloat prints the shortest digits that read back as f, with an exponent where Python uses one.
func reprFloat(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	exp, _ := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if exp < -4 || exp >= 16 {
		return s
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.ContainsRune(s, '.') {
		s += ".0"
	}
	return s
}

// reprStr quotes a string as Python does.
func reprStr(s string) string {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	var b strings.Builder
	b.WriteByte(quote)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "\\x%02x", s[i])
		case r == rune(quote) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteString(strings.Trim(strconv.Quote(string(r)), `"`))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, "\\x%02x", r)
		case r < 0x10000:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			fmt.Fprintf(&b, "\\U%08x", r)
		}
		i += n
	}
	b.WriteByte(quote)
	return b.String()
}

// runeLen is the number of bytes of the first rune of s, at least 1.
func runeLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// isSpace tells Python's white space.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }
