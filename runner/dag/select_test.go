package dag

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shop is raw → stg → mart → report, with a lookup beside stg and a second child of mart.
func shop() *Graph {
	g := &Graph{}
	for _, id := range []string{"raw", "lookup", "stg", "mart", "report", "board", "alone"} {
		g.Add(id)
	}
	g.Depend("stg", "raw")
	g.Depend("mart", "stg")
	g.Depend("mart", "lookup")
	g.Depend("report", "mart")
	g.Depend("board", "report")
	return g
}

// byName matches names as globs, and "first" by the first letter.
func byName(method, value, id string) (bool, error) {
	switch method {
	case "":
		return path.Match(value, id)
	case "first":
		return strings.HasPrefix(id, value), nil
	}
	return false, errors.New("no method " + method)
}

func TestSelect(t *testing.T) {
	tests := []struct {
		expr      string
		want      string
		unmatched string
	}{
		{"mart", "mart", ""},
		{"+mart", "lookup mart raw stg", ""},
		{"1+mart", "lookup mart stg", ""},
		{"mart+", "board mart report", ""},
		{"mart+1", "mart report", ""},
		{"1+mart+1", "lookup mart report stg", ""},
		{"@stg", "board lookup mart raw report stg", ""},
		{"@alone", "alone", ""},
		{"raw alone", "alone raw", ""},
		{"  raw\t alone ", "alone raw", ""},
		{"+mart,raw+", "mart raw stg", ""},
		{"raw,alone", "", "raw,alone"},
		{"raw,nope alone", "alone", "nope"},
		{"first:r", "raw report", ""},
		{"+first:re,first:l", "lookup", ""},
		{"r*", "raw report", ""},
		{"[ab]*", "alone board", ""},
		{"nope+ first:z", "", "nope+|first:z"},
		{"", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			s, err := Parse(tt.expr)
			require.NoError(t, err)
			got, unmatched, err := s.Select(shop(), byName)
			require.NoError(t, err)
			require.Equal(t, tt.want, strings.Join(got.Sorted(), " "))
			var texts []string
			for _, u := range unmatched {
				texts = append(texts, u.Text)
			}
			require.Equal(t, tt.unmatched, strings.Join(texts, "|"))
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ expr, want string }{
		{"a,,b", `selector "a,,b", column 3: a name is missing`},
		{"a b,", `selector "a b,", column 5: a name is missing`},
		{"+", `selector "+", column 2: a name is missing`},
		{"tag:", `selector "tag:", column 5: a value is missing after tag:`},
		{":x", `selector ":x", column 1: a method has to stand before the colon, as in tag:x`},
		{"é +ta$g:x", `selector "é +ta$g:x", column 6: "$" cannot be part of a method`},
		{"@a+", `selector "@a+", column 1: @ takes parents and children already and cannot be joined with +`},
		{"@+a", `selector "@+a", column 1: @ takes parents and children already and cannot be joined with +`},
		{"a+b", `selector "a+b", column 2: "+" may stand before or after a name only`},
		{"+@a", `selector "+@a", column 2: "@" may stand before or after a name only`},
		{"0+a", `selector "0+a", column 1: the number of edges before + has to be between 1 and 9999`},
		{"a+99999", `selector "a+99999", column 3: the number of edges after + has to be between 1 and 9999`},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			_, err := Parse(tt.expr)
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestChoose(t *testing.T) {
	parse := func(text string) Selector {
		s, err := Parse(text)
		require.NoError(t, err)
		return s
	}
	all, unmatched, err := Choose(shop(), Selector{}, parse("mart+ nope"), byName, Followers{})
	require.NoError(t, err)
	require.Equal(t, []string{"alone", "lookup", "raw", "stg"}, all.Sorted())
	require.Equal(t, []Unmatched{{Text: "nope", Value: "nope"}}, unmatched)

	some, _, err := Choose(shop(), parse("+report"), parse("raw"), byName, Followers{})
	require.NoError(t, err)
	require.Equal(t, []string{"lookup", "mart", "report", "stg"}, some.Sorted())

	_, _, err = Choose(shop(), parse("tug:x"), Selector{}, byName, Followers{})
	require.EqualError(t, err, "no method tug")
	require.Equal(t, "a b,c", parse(" a   b,c").String())
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a", "2+tag:x+3", "@a,b c", "+", "\xff+", "é,,", "config.meta.owner:x*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		s, err := Parse(expr)
		if err != nil {
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.LessOrEqual(t, syntax.Col, len([]rune(expr))+1)
			return
		}
		again, err := Parse(s.String())
		require.NoError(t, err)
		require.True(t, slices.EqualFunc(s.union, again.union, func(a, b intersection) bool {
			return a.text == b.text && slices.Equal(a.parts, b.parts)
		}))
	})
}
