package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/engine"
)

func TestSecondStatement(t *testing.T) {
	for sql, want := range map[string]int{
		"":                                  -1,
		"select 1":                          -1,
		"select 1;":                         -1,
		"select 1; -- done":                 -1,
		"select 1;; /* ; */ ;\n":            -1,
		"select ';' as x":                   -1,
		"select 'it''s; fine' as \"a;b\"":   -1,
		"select 1 -- ; select 2\n":          -1,
		"select $$ ; select 2 $$":           -1,
		"select $tag$ $$; x $tag$, 2":       -1,
		"select 1; select 2":                10,
		"select 1;\n-- then\ndrop table x":  18,
		"select 1;'x'":                      9,
		"select $1; select 2":               11,
		"select 'open; select 2":            -1,
		"select 1 /* open; select 2":        -1,
		"select a$b, c$d; select 'e'":       17,
		`select E'\'; x'`:                   -1,
		`select e'\\'; x`:                   14,
		`select E'\''; drop table x --'`:    14,
		`select date'\'; x`:                 16,
		"select /* /* */ ' */ 1; x --'":     24,
		"select 1 /* /* ; */ open ; x":      -1,
		"with a as (select ';') select 1;x": 32,
	} {
		require.Equal(t, want, engine.SecondStatement(sql), sql)
	}
}

func TestExplained(t *testing.T) {
	for sql, want := range map[string][2]string{
		"select 1":         {"", "select 1"},
		"explain select 1": {"explain ", " select 1"},
		" -- why\n/* a /* b */ */ EXPLAIN\nAnalyze/**/select 1": {"explain analyze ", "/**/select 1"},
		"explain":          {"explain ", ""},
		"explained":        {"", "explained"},
		"explain analyzer": {"explain ", " analyzer"},
		"":                 {"", ""},
	} {
		explain, rest := engine.Explained(sql)
		require.Equal(t, want, [2]string{explain, rest}, sql)
	}
}

// Whatever the text, the two agree on where a statement ends and begins.
func FuzzStatements(f *testing.F) {
	for _, sql := range []string{"select 1; select 2", "explain /* a /* b */ */ select E'\\''; x", "$a$ ; $a$;'", "a$b$;e'", "--\n;;/*"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		second := engine.SecondStatement(sql)
		require.Less(t, second, len(sql)+1)
		if second > 0 {
			require.Equal(t, -1, engine.SecondStatement(sql[:second]), "what is before the second statement is one")
		}
		explain, rest := engine.Explained(sql)
		require.True(t, strings.HasSuffix(sql, rest))
		require.Equal(t, explain == "", len(rest) == len(sql))
	})
}
