package record_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"elt/runner/ingest/record"
)

// rows reads all records of a text, fields separated by |, each with its line; a problem is !.
func rows(t testing.TB, in io.Reader) (out []string, lines int64) {
	t.Helper()
	r := record.NewCSV(in, ',', 1)
	var row record.Row
	for {
		err := r.Next(&row)
		if errors.Is(err, io.EOF) {
			return out, lines + r.Blank()
		}
		require.NoError(t, err)
		require.Equal(t, lines+1+r.Blank(), row.Line)
		lines += row.Lines
		if row.Problem != "" {
			require.Empty(t, row.Fields)
			out = append(out, "!"+string(row.Raw))
			continue
		}
		out = append(out, string(bytes.Join(row.Fields, []byte("|"))))
	}
}

func TestRecords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                   nil,
		"a,b":                                {"a|b"},
		"a,b\r\nc\n\nd\re":                   {"a|b", "c", "d", "e"},
		"\"a,\nb\",c\nd":                     {"a,\nb|c", "d"},
		"\"a\"\"b\"\n":                       {"a\"b"},
		" \"a\" ,b":                          {"a|b"},
		"a\"b,\"c":                           {"!a\"b,\"c"},
		"\"a\nb,c\n\"d\",e":                  {"!\"a", "b|c", "d|e"},
		"\"a\"x\nb":                          {"!\"a\"x", "b"},
		"\"a\"\rb":                           {"a", "b"},
		"\"a\"\r\nb":                         {"a", "b"},
		",\n\"\"":                            {"|", ""},
		"\"\"\"\"\"\",\"\"":                  {"\"\"|"},
		strings.Repeat("x", 1<<20):           {"!" + strings.Repeat("x", 256)},
		strings.Repeat("x", 1<<20) + "\n\ny": {"!" + strings.Repeat("x", 256), "y"},
		"\"" + strings.Repeat("x\n", 1<<19):  append([]string{"!\"x"}, strings.Fields(strings.Repeat("x\n", 1<<19-1))...),
	} {
		got, _ := rows(t, strings.NewReader(text))
		require.Equal(t, want, got, "%.40q", text)
	}
}

func TestReadErrorsComeThrough(t *testing.T) {
	r := record.NewCSV(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(io.ErrClosedPipe)), ',', 1)
	var row record.Row
	require.NoError(t, r.Next(&row))
	require.ErrorIs(t, r.Next(&row), io.ErrClosedPipe)
}

// FuzzCSV holds that no line is lost, whatever the pieces in which the text comes.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"a,b\n", "\"a\nb\",c\r\nd\re", "\"", "a\"\"\n\"b", "\r\n\r", "\"a\"\r"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want, lines := rows(t, bytes.NewReader(text))
		got, _ := rows(t, iotest.OneByteReader(bytes.NewReader(text)))
		require.Equal(t, want, got)
		ends := int64(bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n")))
		if last := len(text) - 1; last >= 0 && text[last] != '\n' && text[last] != '\r' {
			ends++
		}
		require.Equal(t, ends, lines)
	})
}
