package project

import (
	"maps"
	"slices"
	"strings"

	"elt/runner"
)

// tested is what generic tests are on.
type tested struct {
	node *runner.Node
	file file   // that describes it
	on   string // what names of tests call it
	ref  string // how dbt refers to it
}

// addTests adds the tests of a relation and of its columns.
func (l *loader) addTests(p *pack, on tested, whole []testEntry, columns []columnEntry) {
	for _, e := range whole {
		l.addTest(p, on, e.column, nil, e)
	}
	for _, c := range columns {
		for _, e := range c.tests {
			if e.column != "" && !strings.EqualFold(e.column, c.Name) {
				l.fail(e.pos, "leave column_name out", "the test stands below the column %s but names %s", c.Name, e.column)
				continue
			}
			l.addTest(p, on, c.Name, &c, e)
		}
	}
}

func (l *loader) addTest(p *pack, on tested, column string, c *columnEntry, e testEntry) {
	naming := column
	if c != nil && c.Quote {
		naming = runner.Quote(column)
	}
	full, short := e.name, e.name
	if e.name == "" {
		full, short = testNames(e.kind, on, naming, e.args)
	}
	t := &runner.Test{Type: e.kind, On: on.node.ID, Column: column, Args: e.args, Node: p.node(runner.KindTest, on.file, full)}
	t.Name, t.Pos, t.Description = short, e.pos, l.describe(p, e.description)
	t.ID = p.id(runner.KindTest, short)
	if p.dbt {
		t.ID = p.id(runner.KindTest, full, testHash(full, e.kind, on, naming, e.args))
	}
	config := testConfig{enabled: true, severity: runner.SeverityError}
	if p.dbt && on.node.Kind == runner.KindSource { // tests of sources have their tags, those of models have not
		config.tags = on.node.Config.Tags
	}
	if c != nil {
		config.tags = addTags(config.tags, addTags(c.Tags, c.config.tags))
	}
	if short != full {
		config.alias = short
	}
	l.finishTest(p, t, &config, e.patch)
}

// addSingular adds the tests that are SQL files of their own. What their SQL configures is read when it is compiled.
func (l *loader) addSingular(p *pack) {
	described := map[string]nodeEntry{}
	for _, parsed := range p.found.parsed {
		for _, n := range parsed.singular {
			described[n.name] = n
		}
	}
	for _, f := range p.found.singular {
		if !l.nameFits(p, f, "test") {
			continue
		}
		if strings.TrimSpace(f.text) == "" {
			l.empty(p, f, "the test is empty", "write a select that returns the rows that should not be, or remove the file")
			continue
		}
		t := &runner.Test{Type: "singular", SQL: f.text, Node: p.node(runner.KindTest, f, f.name)}
		said := described[f.name]
		t.Description = l.describe(p, said.description)
		delete(described, f.name)
		l.finishTest(p, t, &testConfig{enabled: true, severity: runner.SeverityError}, said.test)
	}
	for _, name := range slices.Sorted(maps.Keys(described)) {
		n := described[name]
		l.failOrWarn(p, n.pos, runner.DidYouMean(name, fileNames(p.found.singular)), "there is no singular test %s", name)
	}
}

// finishTest configures a test, checks that it is not there already, and adds it. Names of tests are their own in our
// projects; in dbt's the IDs are.
func (l *loader) finishTest(p *pack, t *runner.Test, config *testConfig, own testPatch) {
	key := strings.ToLower(t.Name)
	if p.dbt {
		key = t.ID
	}
	if before := l.tests[key]; before != nil {
		l.fail(t.Pos, "give one of them a name:, or remove it", "the test %s is declared in %s already", t.Name, before.Pos)
		return
	}
	l.tests[key] = t
	configure(l, p, func(f *projectFile) *folder[testConfig] { return f.tests }, t.FQN, config)
	own.Apply(config)
	if !config.enabled {
		l.project.Disabled[t.ID] = config.disabledAt
		return
	}
	t.Severity, t.WarnIf, t.ErrorIf = config.severity, config.warnIf, config.errorIf
	t.Where, t.Limit, t.StoreFailures, t.FailCalc = config.where, config.limit, config.storeFailures, config.failCalc
	t.Config = runner.Config{
		Enabled: true, Tags: config.tags, Meta: config.meta, Schema: config.schema, Alias: config.alias, All: config.all,
		Retries: config.retries, RetryDelay: config.retryDelay, Timeout: config.timeout,
	}
	l.project.Tests = append(l.project.Tests, t)
}
