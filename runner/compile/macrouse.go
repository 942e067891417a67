package compile

import (
	"cmp"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// Macro is a macro of the project or of one of its packages.
type Macro struct {
	ID      string // dbt's: macro.shop.cents
	Name    string
	Package string
	Path    string
	Text    string   // from its opening to its closing tag, with the white space around that their dashes take away
	Uses    []string // IDs of the macros it calls itself, without dbt's
}

// Macros gives all macros of the project and its packages, by ID.
func (c *Compiler) Macros() []Macro {
	var out []Macro
	for _, pkg := range c.packages {
		for name, f := range pkg.files {
			found := f.contents()
			out = append(out, Macro{
				ID: macroID(f, name), Name: name, Package: pkg.name, Path: f.path, Text: found.sources[name],
				Uses: c.macroIDs(pkg, found.calls[name]),
			})
		}
	}
	slices.SortFunc(out, func(a, b Macro) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// MacrosOf gives the IDs of the macros that a node calls itself, without dbt's; for a test that a macro makes, that one.
func (c *Compiler) MacrosOf(id string) []string {
	n := c.nodes[id]
	switch {
	case n == nil:
		return nil
	case n.macro != "":
		if f := c.macroOfTest(n.Test, n.macro).files[n.macro]; f != nil {
			return []string{macroID(f, n.macro)}
		}
		return nil
	case n.template == nil:
		return nil
	}
	calls := n.template.Calls()
	for _, hook := range slices.Concat(n.Config.PreHooks, n.Config.PostHooks) {
		if t, err := c.env.Parse("hook", hook); err == nil { // where it is run, an error is told of
			calls = append(calls, t.Calls()...)
		}
	}
	return c.macroIDs(c.packages[c.packageName(n)], calls)
}

func macroID(f *macroFile, name string) string { return "macro." + f.pkg.name + "." + name }

func (c *Compiler) macroIDs(pkg *macroPackage, sites []jinja.CallSite) []string {
	out := []string{}
	for _, site := range sites {
		if f, name := c.macroAt(pkg, site); f != nil && f.pkg != c.builtin {
			out = append(out, macroID(f, name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// macroAt finds the macro that a call in the code of a package means; nil where it means none, or none that is known
// before it runs.
func (c *Compiler) macroAt(pkg *macroPackage, site jinja.CallSite) (*macroFile, string) {
	if site.Name == "adapter.dispatch" {
		if len(site.Args) == 0 || !site.Args[0].Const {
			return nil, ""
		}
		name, _ := jinja.Str(site.Args[0].Value)
		namespace := ""
		for i, arg := range site.Args {
			if i == 1 && arg.Name == "" || arg.Name == "macro_namespace" {
				namespace, _ = jinja.Str(arg.Value)
			}
		}
		f, full, _ := c.dispatched(pkg, name, namespace)
		return f, full
	}
	from, macro, qualified := strings.Cut(site.Name, ".")
	if !qualified {
		return c.resolve(pkg, site.Name), site.Name
	}
	if p := c.packageNamed(from); p != nil {
		return p.files[macro], macro
	}
	return nil, ""
}

// macroOfTest finds the package whose macro makes a test.
func (c *Compiler) macroOfTest(t *runner.Test, macro string) *macroPackage {
	pkg, _ := c.testPlace(t)
	if pkg == nil || pkg.files[macro] == nil {
		pkg = c.root
	}
	return pkg
}
