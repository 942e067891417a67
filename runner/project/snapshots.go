package project

import (
	"errors"
	"regexp"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
	"elt/runner/project/strict"
)

// snapshotKeys is the table of a snapshot: the description of one in a file, or with relation: a snapshot of its own.
func snapshotKeys(tests strict.Shape[[]testEntry]) *strict.Object[nodeEntry] {
	keys := described("a snapshot", snapshotConfigKeys(), tests)
	keys.Keys = append(keys.Keys, strict.FieldOf("relation", "What it keeps the history of: ref('model') or source('source', 'table').",
		descriptionShape(), func(n *nodeEntry) *text { return &n.relation }))
	return keys
}

// blockEnv is the template engine by which macro files and snapshot files are cut into blocks.
var blockEnv = jinja.New(jinja.WithBlockTag(
	jinja.BlockTag{Tag: "snapshot"}, jinja.BlockTag{Tag: "test"}, jinja.BlockTag{Tag: "data_test"},
	jinja.BlockTag{Tag: "materialization"}, jinja.BlockTag{Tag: "docs", Raw: true},
))

// parseBlocks reads the template of a file, or notes why it cannot be read.
func (l *loader) parseBlocks(f file) *jinja.Template {
	t, err := blockEnv.Parse(f.path, f.text)
	if err == nil {
		return t
	}
	out := &runner.Error{Code: runner.CodeCompile, Pos: runner.Position{File: f.path}, Err: err}
	var e *jinja.Error
	if errors.As(err, &e) {
		out.Pos = runner.Position{File: f.path, Line: e.Pos.Line, Col: e.Pos.Col}
		out.Msg, out.Hint, out.Err = e.Message, e.Hint, nil
		out.Excerpt = runner.Excerpt(f.text, e.Pos.Line, e.Pos.Col)
	}
	l.errs = append(l.errs, out)
	return nil
}

// addSnapshots adds those of {% snapshot %} blocks, then those that YAML alone declares.
func (l *loader) addSnapshots(p *pack) {
	first := map[string]runner.Position{}
	for _, f := range p.found.snapshots {
		t := l.parseBlocks(f)
		if t == nil {
			continue
		}
		blocks := t.Blocks("snapshot")
		if len(blocks) == 0 && strings.TrimSpace(f.text) != "" {
			l.warn(runner.Position{File: f.path, Line: 1}, "write {% snapshot name %} … {% endsnapshot %}", "the file holds no snapshot and is passed over")
		}
		for _, b := range blocks {
			s := &runner.Snapshot{Node: p.node(runner.KindSnapshot, f, f.name, b.Name), SQL: b.Body()}
			s.Pos = runner.Position{File: f.path, Line: b.Pos().Line, Col: b.Pos().Col}
			s.SQLPos = runner.Position{File: f.path, Line: b.BodyPos().Line, Col: b.BodyPos().Col}
			s.Name, s.ID = b.Name, p.id(runner.KindSnapshot, b.Name)
			if before, twice := first[b.Name]; twice {
				l.fail(s.Pos, "", "the snapshot %s stands in %s already", b.Name, before)
				continue
			}
			first[b.Name] = s.Pos
			l.addSnapshot(p, s, p.snapshots[b.Name])
		}
	}
	for i, parsed := range p.found.parsed {
		for _, n := range parsed.snapshots {
			e := p.snapshots[n.name]
			if e == nil || e.pos != n.pos || n.relation.V == "" || e.used {
				continue
			}
			s := &runner.Snapshot{Node: p.node(runner.KindSnapshot, p.found.properties[i], n.name)}
			s.Pos, s.SQLPos = n.pos, n.relation.Pos
			s.SQL = "select * from {{ " + bare(n.relation.V) + " }}"
			if !validRelation.MatchString(bare(n.relation.V)) {
				l.fail(n.relation.Pos, "write ref('model') or source('source', 'table')", "%q is no relation", n.relation.V)
			}
			l.addSnapshot(p, s, e)
		}
	}
}

var validRelation = regexp.MustCompile(`^(ref|source)\s*\(.*\)$`)

// bare is a reference without the braces of a template around it.
func bare(reference string) string {
	text := strings.TrimSpace(reference)
	if inner, ok := strings.CutPrefix(text, "{{"); ok {
		text = strings.TrimSpace(strings.TrimSuffix(inner, "}}"))
	}
	return text
}

func (l *loader) addSnapshot(p *pack, s *runner.Snapshot, e *entry) {
	config := nodeConfig{Config: runner.Config{Enabled: true, Materialized: runner.SnapshotTable}}
	configure(l, p, func(f *projectFile) *folder[nodeConfig] { return f.snapshots }, s.FQN, &config)
	described := l.useEntry(p, &s.Node, e, &config)
	config.Materialized = runner.SnapshotTable
	if target, ok := config.All["target_schema"].(string); ok && !l.project.DBT && config.Schema == "" {
		config.Schema = target
	}
	if s.Config = config.Config; !s.Config.Enabled {
		l.project.Disabled[s.ID] = config.disabledAt
		return
	}
	if !l.nameFree(&s.Node, "snapshot") {
		return
	}
	l.project.Snapshots = append(l.project.Snapshots, s)
	l.testsOf(p, &s.Node, described)
}
