package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"elt/runner/ingest/record"
)

// objects reads the key "a" of all elements.
func objects(in io.Reader) (out []string, err error) {
	r, err := record.NewJSON(in, 1, func(key []byte) int {
		if string(key) == "a" {
			return 0
		}
		return -1
	})
	if err != nil {
		return nil, err
	}
	var o record.Object
	for {
		switch err := r.Next(&o); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		case o.Problem != "":
			out = append(out, "!")
		default:
			out = append(out, string(rune('0'+o.Values[0].Shape))+string(o.Values[0].Text))
		}
	}
}

// FuzzJSON compares with encoding/json, and the text in one piece with the same text byte by byte.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`[{"a":1},{"a":"\u00e9\n"},5,{"b":[{"a":"}"}]}]`, "{\"a\":1}\n{\"a\":\n{}", `[{"a":-1.5e+3,"a":null}`, `[]`, `[{},]`, `{"a":"\ud83d\ude42\ud800"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want, wantErr := objects(bytes.NewReader(text))
		got, gotErr := objects(iotest.OneByteReader(bytes.NewReader(text)))
		require.Equal(t, want, got)
		require.Equal(t, wantErr, gotErr)
		var elements []json.RawMessage
		if json.Unmarshal(text, &elements) == nil && bytes.TrimSpace(text)[0] == '[' {
			require.NoError(t, wantErr)
			require.Len(t, want, len(elements))
			for i, element := range elements {
				compare(t, element, want[i])
			}
		}
	})
}

// compare looks at the value that encoding/json finds for the key "a". It folds keys' case, so only exact keys are asked.
func compare(t *testing.T, element []byte, got string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(element, &fields) != nil || bytes.TrimSpace(element)[0] != '{' {
		require.Equal(t, "!", got)
		return
	}
	var text string
	if value, found := fields["a"]; found && json.Unmarshal(value, &text) == nil && value[0] == '"' {
		if bytes.Contains([]byte(text), []byte("\uFFFD")) {
			return // bytes that are no UTF-8 are kept here
		}
		require.Equal(t, "2"+text, got)
	}
}
