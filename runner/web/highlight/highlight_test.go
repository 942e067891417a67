package highlight_test

import (
	"html"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elt/runner/web/highlight"
)

func TestSQL(t *testing.T) {
	for _, test := range []struct{ sql, want string }{
		{"select 1", `<span class="tok-keyword">select</span> <span class="tok-number">1</span>`},
		{"selected < 'it''s' -- no\nx", `selected &lt; <span class="tok-string">&#39;it&#39;&#39;s&#39;</span> <span class="tok-comment">-- no</span>` + "\nx"},
		{`"from" {{ ref('a') }}`, `&#34;from&#34; <span class="tok-jinja">{{ ref(&#39;a&#39;) }}</span>`},
		{"{# a -- b #}/* c", `<span class="tok-comment">{# a -- b #}</span><span class="tok-comment">/* c</span>`},
		{"'open", `<span class="tok-string">&#39;open</span>`},
	} {
		require.Equal(t, test.want, string(highlight.SQL(test.sql)))
	}
}

var tags = regexp.MustCompile(`</?span[^>]*>`)

// TestSQLKeepsTheText draws texts from what tokens are made of: whatever they are, the page shows them as they are.
func TestSQLKeepsTheText(t *testing.T) {
	pieces := rapid.SliceOf(rapid.SampledFrom([]string{"'", `"`, "--", "\n", "{{", "}}", "{%", "%}", "{#", "#}", "/*", "*/", "select", "<b>", "&", "é", "1.5", " ", "\xff"}))
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, p := range pieces.Draw(t, "pieces") {
			text += p
		}
		require.Equal(t, text, html.UnescapeString(tags.ReplaceAllString(string(highlight.SQL(text)), "")))
	})
}
