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
	docsUse   = regexp.MustCompile(`\{\{-?\s*doc\(\s*(?:'([^']*)'|"([^"]*)")\s*\)\s*-?\}\}`)
)

// readDocs collects the {% docs name %} … {% enddocs %} blocks of Markdown files.
func (l *loader) readDocs(files []file) {
	first := map[string]string{}
	for _, f := range files {
		for _, m := range docsBlock.FindAllStringSubmatchIndex(f.text, -1) {
			name := f.text[m[2]:m[3]]
			pos := runner.Position{File: f.path, Line: 1 + strings.Count(f.text[:m[0]], "\n")}
			if before, twice := first[name]; twice {
				l.fail(pos, "", "the docs block %q stands in %s already", name, before)
				continue
			}
			first[name] = pos.String()
			l.project.Docs[name] = strings.TrimSpace(f.text[m[4]:m[5]])
		}
	}
}

// describe gives a description with its {{ doc('…') }} looked up.
func (l *loader) describe(d text) string {
	if !strings.Contains(d.V, "doc(") {
		return strings.TrimSpace(d.V)
	}
	return strings.TrimSpace(docsUse.ReplaceAllStringFunc(d.V, func(use string) string {
		m := docsUse.FindStringSubmatch(use)
		name := m[1] + m[2]
		block, found := l.project.Docs[name]
		if !found {
			l.fail(d.Pos, runner.DidYouMean(name, slices.Sorted(maps.Keys(l.project.Docs))), "there is no docs block %q", name)
		}
		return block
	}))
}
