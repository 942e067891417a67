package project

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/dag"
)

const chain = `
-- dbt_project.yml --
name: shop
-- models/base/a.sql --
select 1
-- models/base/b.sql --
select 1
-- models/marts/c.sql --
select 1
-- models/marts/d.sql --
select 1
-- models/m.yml --
models:
  - {name: a, config: {tags: [daily]}}
  - {name: b, config: {tags: [daily, slow]}}
  - {name: c, config: {tags: [slow], materialized: table}}
`

// selectors loads a project whose models a → b → c → d depend on each other in a row.
func selectors(t *testing.T, yml string) (*runner.Project, error) {
	t.Helper()
	return Load(t.Context(), Options{Dir: project(t, chain+"-- selectors.yml --\n"+yml), TestArgs: kinds()})
}

func TestSelectors(t *testing.T) {
	tests := []struct{ definition, terms, want string }{
		{`tag:daily`, "tag:daily", "a b"},
		{`"tag:daily,tag:slow d"`, "tag:daily & tag:slow | d", "b d"},
		{`"1+c"`, "1+c", "b c"},
		{`{tag: slow}`, "tag:slow", "b c"},
		{`{method: fqn, value: b}`, "fqn:b", "b"},
		{`{method: fqn, value: b, parents: true}`, "+fqn:b", "a b"},
		{`{method: fqn, value: b, parents: false, children: true, children_depth: 1}`, "fqn:b+1", "b c"},
		{`{method: fqn, value: d, parents: yes, parents_depth: 2, indirect_selection: cautious}`, "2+fqn:d", "b c d"},
		{`{method: fqn, value: b, childrens_parents: true}`, "@fqn:b", "a b c d"},
		{`{method: tag, value: daily, exclude: [{method: tag, value: slow}]}`, "tag:daily - tag:slow", "a"},
		{`{union: [tag:daily, {method: config.materialized, value: table}]}`, "tag:daily | config.materialized:table", "a b c"},
		{`{union: [tag:daily, tag:slow, exclude: ["b"]]}`, "tag:daily - b | tag:slow - b", "a c"},
		{`{intersection: [tag:daily, {union: [tag:slow, a]}]}`, "tag:daily & tag:slow | tag:daily & a", "a b"},
		{`{intersection: [{method: path, value: models}, exclude: [{intersection: [tag:daily, tag:slow]}]]}`, "path:models - tag:daily | path:models - tag:slow", "a c d"},
		{`{union: [{intersection: [tag:daily, exclude: [tag:slow]]}, d]}`, "tag:daily - tag:slow | d", "a d"},
		{`{union: [path:models, exclude: [{union: [tag:daily, exclude: [a]]}]]}`, "path:models - tag:daily | path:models & a", "a c d"},
		{`{method: selector, value: other}`, "tag:slow", "b c"},
		{`{intersection: ["selector:other", {method: selector, value: nested}]}`, "tag:slow & path:models/marts", "c"},
		{`[tag:slow]`, "tag:slow", "b c"},
		{`{intersection: [tag:daily, {union: []}]}`, "", ""},
		{`{method: fqn, value: 1}`, "fqn:1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.definition, func(t *testing.T) {
			p, err := selectors(t, "selectors:\n  - {name: it, default: true, description: why, definition: "+tt.definition+"}\n"+
				"  - {name: nested, definition: {method: path, value: models/marts}}\n  - {name: other, definition: {tag: slow}}\n")
			require.NoError(t, err)
			s := p.Selectors["it"]
			require.True(t, s.Default)
			require.Equal(t, "why", s.Description)
			require.Equal(t, tt.terms, termsText(s))
			require.Equal(t, strings.Contains(tt.definition, "cautious"), s.Indirect == "cautious")
			require.Equal(t, tt.want, chosen(t, p, s))
		})
	}
}

func termsText(s runner.Selector) string {
	texts := make([]string, len(s.Terms))
	for i, term := range s.Terms {
		texts[i] = strings.Join(term.All, " & ")
		for _, not := range term.Not {
			texts[i] += " - " + not
		}
	}
	return strings.Join(texts, " | ")
}

func chosen(t *testing.T, p *runner.Project, s runner.Selector) string {
	t.Helper()
	g := &dag.Graph{}
	for i, m := range p.Models {
		g.Add(m.ID)
		if i > 0 {
			g.Depend(m.ID, p.Models[i-1].ID)
		}
	}
	got, _, err := Choose(g, s, Matcher(p), dag.Followers{})
	require.NoError(t, err)
	return strings.ReplaceAll(strings.Join(got.Sorted(), " "), "model.shop.", "")
}

func TestSelectorErrors(t *testing.T) {
	big := strings.Repeat("{union: [a, b, c, d, e, f]}, ", 12)
	tests := []struct{ yml, want string }{
		{"selectors: [{name: a}]", `selectors.yml:1:14: a selector needs the key "definition"`},
		{"selectors: [{name: a, definition: x}, {name: a, definition: y}]", "selectors.yml:1:40: the selector a is declared in line 1 already"},
		{"selectors: [{name: a, default: on, definition: x}, {name: b, default: true, definition: y}]", "selectors.yml:1:53: a is the default selector already"},
		{"selectors: [{name: a, definition: {method: selector, value: b}}, {name: b, definition: selector:a}]", "selectors.yml:1:88: selectors use each other in a circle: a → b → a"},
		{"selectors: [{name: a, definition: selector:c}]", `selectors.yml:1:35: there is no selector "c"`},
		{"selectors: [{name: a, definition: {method: tag}}]", `selectors.yml:1:36: a selector needs the key "value"`},
		{"selectors: [{name: a, definition: {union: [a], intersection: [b]}}]", `selectors.yml:1:48: "intersection" cannot stand beside "union"`},
		{"selectors: [{name: a, definition: {union: a}}]", "selectors.yml:1:43: expected a list of selectors, found the text \"a\""},
		{"selectors: [{name: a, definition: [a, b]}]", "selectors.yml:1:35: expected a selector: a text, method and value, union or intersection, found a list"},
		{"selectors: [{name: a, definition: {exclude: [a]}}]", "selectors.yml:1:36: this is no selector"},
		{"selectors: [{name: a, definition: '+'}]", `selectors.yml:1:35: selector "+", column 2: a name is missing`},
		{"selectors: [{name: a, definition: {tag: 'a b'}}]", `selectors.yml:1:41: "a b" cannot be selected: it holds a space or a comma`},
		{"selectors: [{name: a, definition: {intersection: [" + big + "]}}]", "selectors.yml:1:14: the selector a is too involved: it means more than 2000 cases"},
	}
	for _, tt := range tests {
		_, err := selectors(t, tt.yml)
		var found runner.Errors
		require.ErrorAs(t, err, &found, tt.yml)
		assert.Contains(t, strings.Split(err.Error(), "\n"), tt.want)
	}
}
