package project

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"elt/runner"
)

var (
	docsBlock = regexp.MustCompile(`(?s)\{%-?\s*docs\s+(\w+)\s*-?%\}(.*?)\{%-?\s*enddocs\s*-?%\}`)
	docsUse   = regexp.MustCompile(`\{\{-?\s*doc\(\s*(?:['"]([^'"]*)['"]\s*,\s*)?['"]([^'"]*)['"]\s*\)\s*-?\}\}`)
)

// readDocs collects the {% docs name %} … {% enddocs %} blocks of a package's Markdown files. The project has them by
// their names, those of packages by package.name, too.
func (l *loader) readDocs(p *pack) {
	seen := map[string]string{}
	for _, f := range p.found.docs {
		for _, m := range docsBlock.FindAllStringSubmatchIndex(f.text, -1) {
			name := f.text[m[2]:m[3]]
			pos := runner.Position{File: f.path, Line: 1 + strings.Count(f.text[:m[0]], "\n")}
			if before, twice := seen[name]; twice {
				l.fail(pos, "", "the docs block %q stands in %s already", name, before)
				continue
			}
			seen[name] = pos.String()
			block := strings.TrimSpace(f.text[m[4]:m[5]])
			if !p.root {
				l.project.Docs[p.name+"."+name] = block
			}
			if _, taken := l.project.Docs[name]; !taken {
				l.project.Docs[name] = block
			}
		}
	}
}

// describe gives a description with its {{ doc('…') }} looked up: in the package that it names, else in its own and then
// in all.
func (l *loader) describe(p *pack, d text) string {
	if !strings.Contains(d.V, "doc(") {
		return strings.TrimSpace(d.V)
	}
	return strings.TrimSpace(docsUse.ReplaceAllStringFunc(d.V, func(use string) string {
		m := docsUse.FindStringSubmatch(use)
		in, name := m[1], m[2]
		if in == "" && !p.root {
			in = p.name
		}
		if block, found := l.project.Docs[in+"."+name]; found && in != l.project.Name {
			return block
		}
		block, found := l.project.Docs[name]
		if !found {
			l.fail(d.Pos, runner.DidYouMean(name, slices.Sorted(maps.Keys(l.project.Docs))), "there is no docs block %q", name)
		}
		return block
	}))
}
