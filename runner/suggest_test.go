package runner

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSuggest(t *testing.T) {
	keys := []string{"materialized", "schema", "tags", "x", "alias"}
	tests := []struct{ name, want string }{
		{"materialised", "materialized"},
		{"shcema", "schema"},
		{"tag", "tags"},
		{"TAGS", "tags"},
		{"Schema", "schema"},
		{"aliases", "alias"},
		{"description", ""},
		{"y", ""},
		{"", ""},
		{"schema", ""}, // what is there needs no proposal
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, Suggest(tt.name, keys), tt.name)
	}
	require.Equal(t, "bat", Suggest("cat", []string{"rat", "bat"}), "the first in alphabetical order")
	require.Equal(t, `did you mean "tags"?`, DidYouMean("tgas", keys))
	require.Empty(t, DidYouMean("zebra", keys))
}

func TestExcerpt(t *testing.T) {
	text := "first\n\tsecond é x\r\n"
	require.Equal(t, "   1 | first\n     |   ^", Excerpt(text, 1, 3))
	require.Equal(t, "   2 | \tsecond é x\n     | \t         ^", Excerpt(text, 2, 11))
	require.Equal(t, "   1 | first", Excerpt(text, 1, 0))
	require.Equal(t, "   1 | first\n     |      ^", Excerpt(text, 1, 99))
	require.Empty(t, Excerpt(text, 9, 1))
	require.Empty(t, Excerpt(text, 0, 0))
	long := strings.Repeat("a", 500) + "X" + strings.Repeat("b", 500)
	lines := strings.Split(Excerpt(long, 1, 501), "\n")
	require.Equal(t, strings.IndexByte(lines[0], 'X'), strings.IndexByte(lines[1], '^'))
	require.Less(t, len(lines[0]), 140)
}
