package project

import (
	"strings"

	"elt/runner"
)

// addTests adds the tests of a relation and of its columns. on is what their names call it.
func (l *loader) addTests(n *runner.Node, f file, on string, whole []testEntry, columns []columnEntry) {
	for _, e := range whole {
		l.addTest(n, f, on, e.column, e)
	}
	for _, c := range columns {
		for _, e := range c.tests {
			if e.column != "" && !strings.EqualFold(e.column, c.Name) {
				l.fail(e.pos, "leave column_name out", "the test stands below the column %s but names %s", c.Name, e.column)
				continue
			}
			l.addTest(n, f, on, c.Name, e)
		}
	}
}

func (l *loader) addTest(n *runner.Node, f file, on, column string, e testEntry) {
	kind := e.kind
	if n.Kind == runner.KindSource {
		kind = "source_" + kind // dbt's way to keep them apart from tests of a model of that name
	}
	name := e.name
	if name == "" {
		name = testName(kind, on, column, e.args)
	}
	t := &runner.Test{Type: e.kind, On: n.ID, Column: column, Args: e.args, Node: runner.Node{
		ID:          string(runner.KindTest) + "." + l.project.Name + "." + name,
		Kind:        runner.KindTest,
		Name:        name,
		Description: l.describe(e.description),
		Path:        f.path,
		Pos:         e.pos,
	}}
	l.finishTest(t, f.wayTo(name), e.patch)
}

// addSingular adds the tests that are SQL files of their own. What their SQL configures is read when it is compiled.
func (l *loader) addSingular() {
	first := map[string]file{}
	for _, f := range l.found.singular {
		if !l.nameFits(f, "test", first) {
			continue
		}
		if strings.TrimSpace(f.text) == "" {
			e := fileError(f.path, "the test is empty")
			e.Hint = "write a select that returns the rows that should not be, or remove the file"
			l.errs = append(l.errs, e)
			continue
		}
		t := &runner.Test{Type: "singular", SQL: f.text, Node: l.node(runner.KindTest, f)}
		l.finishTest(t, f.wayTo(f.name), nil)
	}
}

// finishTest configures a test, checks that its name is its own, and adds it.
func (l *loader) finishTest(t *runner.Test, way []string, own testPatch) {
	key := strings.ToLower(t.Name)
	if before := l.tests[key]; before != nil {
		l.fail(t.Pos, "give one of them a name:, or remove it", "the test %s is declared in %s already", t.Name, before.Pos)
		return
	}
	l.tests[key] = t
	config := testConfig{enabled: true, severity: runner.SeverityError}
	l.file.tests.along(l.project.Name, way, &config)
	own.Apply(&config)
	if !config.enabled {
		l.project.Disabled[t.ID] = config.disabledAt
		return
	}
	t.Severity, t.WarnIf, t.ErrorIf = config.severity, config.warnIf, config.errorIf
	t.Where, t.Limit, t.StoreFailures = config.where, config.limit, config.storeFailures
	t.Config = runner.Config{Enabled: true, Tags: config.tags, Meta: config.meta}
	l.project.Tests = append(l.project.Tests, t)
}
