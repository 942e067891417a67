package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
)

// TestProjects loads the projects of testdata/dbt and compares all that comes of them with what stands in their archives.
func TestProjects(t *testing.T) {
	paths, err := filepath.Glob("testdata/dbt/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			require.NoError(t, err)
			dir := t.TempDir()
			write(t, dir, archive.Files)
			p, err := Load(context.Background(), Options{Dir: dir, TestArgs: kinds(), Render: fakeRender})
			got := ""
			if err == nil {
				got = describeProject(p)
			} else {
				var found runner.Errors
				require.ErrorAs(t, err, &found)
				got = details(found)
			}
			got = strings.ReplaceAll(got, dir, "DIR")
			want := &archive.Files[len(archive.Files)-1]
			require.Equal(t, "want", want.Name)
			if *update {
				want.Data = []byte(got)
				require.NoError(t, os.WriteFile(path, txtar.Format(archive), 0o644))
				return
			}
			require.Equal(t, string(want.Data), got)
		})
	}
}

func details(errs runner.Errors) string {
	var b strings.Builder
	for _, e := range errs {
		b.WriteString(e.Detail() + "\n")
	}
	return b.String()
}

// describeProject writes what a project holds, a paragraph for each node.
func describeProject(p *runner.Project) string {
	var b strings.Builder
	line := func(name string, value any) {
		data, _ := json.Marshal(value)
		if text := string(data); text != "null" && text != `""` && text != "{}" && text != "[]" && text != "false" && text != "0" {
			fmt.Fprintf(&b, "  %s %s\n", name, readable(text))
		}
	}
	node := func(n *runner.Node) {
		fmt.Fprintf(&b, "%s (%s) at %s\n", n.ID, strings.Join(n.FQN, "/"), n.Pos)
		if n.Name != n.FQN[len(n.FQN)-1] {
			line("name", n.Name)
		}
		line("description", n.Description)
		c := n.Config
		line("config", c.All)
		typed := map[string]any{}
		for name, value := range map[string]string{
			"materialized": string(c.Materialized), "schema": c.Schema, "alias": c.Alias, "group": c.Group, "access": c.Access,
		} {
			if _, set := c.All[name]; !set && value != "" && value != "view" {
				typed[name] = value
			}
		}
		line("typed", typed)
		if _, set := c.All["tags"]; !set {
			line("tags", c.Tags)
		}
		line("pre", c.PreHooks)
		line("post", c.PostHooks)
		line("contract", c.Contract)
		for _, col := range n.Columns {
			col.Pos = runner.Position{}
			line("column", withoutZeros(col))
		}
	}
	fmt.Fprintf(&b, "project %s dbt=%t\n", p.Name, p.DBT)
	line("target", p.Target)
	line("paths", p.Paths)
	line("vars", p.Vars)
	line("package vars", p.PackageVars)
	line("start", p.OnRunStart)
	line("end", p.OnRunEnd)
	line("dispatch", p.Dispatch)
	line("docs", p.Docs)
	line("groups", p.Groups)
	line("disabled", slices.Sorted(maps.Keys(p.Disabled)))
	for _, m := range p.Macros {
		line("macro file", m.Package+":"+m.Path)
	}
	for _, s := range p.Sources {
		node(&s.Node)
		line("public", s.Public.Bare())
		line("external", s.External)
		line("loaded at", s.LoadedAt)
		line("freshness", s.Freshness)
	}
	for _, s := range p.Seeds {
		node(&s.Node)
		line("delimiter", s.Delimiter)
	}
	for _, m := range p.Models {
		node(&m.Node)
		line("constraints", m.Constraints)
		line("version", m.Version)
		line("latest", m.Latest)
		line("deprecated", m.Deprecated)
	}
	for _, s := range p.Snapshots {
		node(&s.Node)
		line("sql", s.SQL)
		line("sql at", s.SQLPos.String())
	}
	for _, t := range p.Tests {
		node(&t.Node)
		line("on", strings.TrimSpace(t.On+" "+t.Column))
		line("args", t.Args)
		line("verdict", withoutZeros(map[string]any{
			"severity": t.Severity, "warn_if": t.WarnIf, "error_if": t.ErrorIf, "where": t.Where, "limit": t.Limit,
			"store_failures": t.StoreFailures, "fail_calc": t.FailCalc,
		}))
	}
	for _, t := range p.UnitTests {
		node(&t.Node)
		line("model", t.Model)
		for _, g := range append(slices.Clone(t.Given), t.Expect) {
			line("rows", withoutZeros(g))
		}
		line("overrides", withoutZeros(t.Overrides))
	}
	for _, x := range p.Exposures {
		node(&x.Node)
		line("exposure", withoutZeros(map[string]any{
			"type": x.Type, "label": x.Label, "url": x.URL, "maturity": x.Maturity, "owner": x.Owner, "email": x.OwnerEmail,
		}))
		line("depends on", x.DependsOn)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Selectors)) {
		fmt.Fprintf(&b, "selector %s\n", name)
		line("is", withoutZeros(p.Selectors[name]))
	}
	if len(p.Warnings) > 0 {
		b.WriteString("warnings\n" + details(p.Warnings))
	}
	return b.String()
}

func readable(text string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(text)
}

// withoutZeros is a value without its fields that hold nothing.
func withoutZeros(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return errors.Unwrap(err)
	}
	var m map[string]any
	_ = json.Unmarshal(data, &m)
	maps.DeleteFunc(m, func(_ string, x any) bool {
		text, _ := json.Marshal(x)
		return slices.Contains([]string{"null", `""`, "false", "0", "[]", "{}", `{"Col":0,"File":"","Line":0}`}, string(text))
	})
	return m
}
