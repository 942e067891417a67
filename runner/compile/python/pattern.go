package python

import (
	"strings"
)

// translate rewrites a Python regular expression for Go's engine, which lacks lookaround and back references: those are
// refused. Character classes mean all of Unicode, as in Python.
func translate(source string, flags int) (string, error) {
	t := &translation{source: source, ascii: flags&reASCII != 0, verbose: flags&reVerbose != 0}
	if err := t.run(); err != nil {
		return "", err
	}
	letters := ""
	for bit, letter := range map[int]string{reIgnoreCase: "i", reMultiline: "m", reDotAll: "s"} {
		if flags&bit != 0 {
			letters += letter
		}
	}
	if letters != "" {
		return "(?" + letters + ")" + t.out.String(), nil
	}
	return t.out.String(), nil
}

type translation struct {
	source  string
	out     strings.Builder
	ascii   bool
	verbose bool
	inClass bool
}

func (t *translation) run() error {
	s := t.source
	for i := 0; i < len(s); {
		n, err := t.step(s[i:])
		if err != nil {
			return err
		}
		i += n
	}
	return nil
}

// step translates what stands at the start of rest and tells its length.
func (t *translation) step(rest string) (int, error) {
	c := rest[0]
	switch {
	case c == '\\':
		return t.escape(rest)
	case t.inClass:
		return t.class(rest)
	case c == '[':
		t.inClass = true
		n := 1
		t.out.WriteByte('[')
		if strings.HasPrefix(rest[1:], "^") {
			t.out.WriteByte('^')
			n++
		}
		if strings.HasPrefix(rest[n:], "]") { // a bracket that stands first is itself
			t.out.WriteString(`\]`)
			n++
		}
		return n, nil
	case strings.HasPrefix(rest, "(?"):
		return t.group(rest)
	case c == '{' && strings.HasPrefix(rest, "{,"):
		t.out.WriteString("{0,")
		return 2, nil
	case t.verbose && strings.IndexByte(" \t\r\n", c) >= 0:
		return 1, nil
	case t.verbose && c == '#':
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return end + 1, nil
		}
		return len(rest), nil
	}
	t.out.WriteByte(c)
	return 1, nil
}

func (t *translation) class(rest string) (int, error) {
	switch rest[0] {
	case ']':
		t.inClass = false
		t.out.WriteByte(']')
	case '[':
		t.out.WriteString(`\[`)
	default:
		t.out.WriteByte(rest[0])
	}
	return 1, nil
}

func (t *translation) group(rest string) (int, error) {
	refused := []struct{ start, what string }{
		{"(?=", "a lookahead"},
		{"(?!", "a negative lookahead"},
		{"(?<=", "a lookbehind"},
		{"(?<!", "a negative lookbehind"},
		{"(?P=", "a back reference"},
		{"(?(", "a conditional group"},
		{"(?>", "an atomic group"},
	}
	for _, r := range refused {
		if strings.HasPrefix(rest, r.start) {
			return 0, reError(t.source, r.what+", "+r.start+"…), is not supported; match more and cut the rest off")
		}
	}
	if strings.HasPrefix(rest, "(?#") {
		if end := strings.IndexByte(rest, ')'); end >= 0 {
			return end + 1, nil
		}
		return 0, reError(t.source, "missing ), unterminated comment")
	}
	t.out.WriteString("(?")
	return 2, nil
}

func (t *translation) escape(rest string) (int, error) {
	if len(rest) < 2 {
		return 0, reError(t.source, "bad escape (end of pattern)")
	}
	c := rest[1]
	if c >= '1' && c <= '9' && !t.inClass {
		return 0, reError(t.source, `a back reference, \`+string(c)+", is not supported")
	}
	inside := map[byte]string{'d': `\p{Nd}`, 'w': `\p{L}\p{N}_`, 's': `\s\v\p{Z}`}
	classes := map[byte]string{'d': `\p{Nd}`, 'D': `\P{Nd}`, 'w': `[\p{L}\p{N}_]`, 'W': `[^\p{L}\p{N}_]`, 's': `[\s\v\p{Z}]`, 'S': `[^\s\v\p{Z}]`}
	switch {
	case c == 'Z':
		t.out.WriteString(`\z`)
	case t.ascii:
		t.out.WriteString(rest[:2])
	case t.inClass && inside[c] != "":
		t.out.WriteString(inside[c])
	case !t.inClass && classes[c] != "":
		t.out.WriteString(classes[c])
	case c == '0':
		t.out.WriteString(`\x00`)
	case strings.IndexByte(`/'"<>@%&~:;,=! _`+"`", c) >= 0: // Python takes them as they are, Go does not know the escape
		t.out.WriteByte(c)
	default:
		t.out.WriteString(rest[:2])
	}
	return 2, nil
}

// escapePattern is re.escape.
func escapePattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
