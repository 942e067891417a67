package compile

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"elt/runner"
	"elt/runner/jinja"
)

//go:embed dbt/*.sql
var dbtMacros embed.FS

// builtinDir stands in front of the names of files with dbt's macros, which are no files of the user's.
const builtinDir = "<dbt>/"

// dbtName is the package of dbt's macros.
const dbtName = "dbt"

// macroPackage is the macros of one package.
type macroPackage struct {
	name  string
	files map[string]*macroFile // by the name of a macro
}

// macroFile is a file of macros, parsed when one of them is first asked for.
type macroFile struct {
	path, text string
	pkg        *macroPackage
	parse      func() (*jinja.Template, error)
	contents   func() macroContents // what stands in it, found when first asked for
}

// macroContents is the text of each macro of a file and the calls in it.
type macroContents struct {
	sources map[string]string
	calls   map[string][]jinja.CallSite
}

func (f *macroFile) survey() macroContents {
	found := macroContents{map[string]string{}, map[string][]jinja.CallSite{}}
	t, err := f.parse()
	if err != nil {
		return found // whoever calls one of its macros will say so
	}
	for _, m := range t.Macros() {
		found.sources[m.Name] = withSpace(f.text, m.Source)
	}
	for _, site := range t.Calls() {
		found.calls[site.In] = append(found.calls[site.In], site)
	}
	return found
}

// withSpace gives a macro in a file as dbt keeps it: with the white space that the dashes of its tags take away.
func withSpace(text, macro string) string {
	before, after, found := strings.Cut(text, macro)
	if !found {
		return macro
	}
	const space = " \t\r\n\f\v"
	if rest := strings.TrimRight(before, space); strings.HasPrefix(macro, "{%-") && !strings.HasSuffix(rest, "-%}") {
		macro = before[len(rest):] + macro
	}
	if strings.HasSuffix(macro, "-%}") {
		macro += after[:len(after)-len(strings.TrimLeft(after, space))]
	}
	return macro
}

// addMacros reads the project's macros and those of its packages, and looks up what dbt's are called.
func (c *Compiler) addMacros() runner.Errors {
	c.root = &macroPackage{name: c.project.Name, files: map[string]*macroFile{}}
	c.packages[c.project.Name] = c.root
	var errs runner.Errors
	for _, file := range c.project.Macros {
		errs = append(errs, c.addMacroFile(file)...)
	}
	c.builtin = &macroPackage{name: dbtName, files: map[string]*macroFile{}}
	defines := regexp.MustCompile(`\{%-?\s*(macro|test)\s+(\w+)`)
	names, err := fs.Glob(dbtMacros, "dbt/*.sql")
	if err != nil {
		return append(errs, &runner.Error{Code: runner.CodeCompile, Err: err})
	}
	for _, name := range names {
		raw, err := dbtMacros.ReadFile(name)
		if err != nil {
			return append(errs, &runner.Error{Code: runner.CodeCompile, Err: err})
		}
		f := &macroFile{path: builtinDir + path.Base(name), text: string(raw), pkg: c.builtin}
		f.parse = sync.OnceValues(func() (*jinja.Template, error) { return c.env.Parse(f.path, f.text) })
		f.contents = sync.OnceValue(f.survey)
		for _, found := range defines.FindAllStringSubmatch(f.text, -1) {
			macro := found[2]
			if found[1] == "test" {
				macro = "test_" + macro
			}
			c.builtin.files[macro] = f
		}
	}
	return errs
}

func (c *Compiler) addMacroFile(file runner.MacroFile) runner.Errors {
	t, err := c.env.Parse(file.Path, file.Text)
	if err != nil {
		return runner.Errors{c.templateError(err)}
	}
	pkg := c.root
	if file.Package != "" && file.Package != c.project.Name {
		if pkg = c.packages[file.Package]; pkg == nil {
			pkg = &macroPackage{name: file.Package, files: map[string]*macroFile{}}
			c.packages[file.Package] = pkg
		}
	}
	f := &macroFile{path: file.Path, text: file.Text, pkg: pkg, parse: func() (*jinja.Template, error) { return t, nil }}
	f.contents = sync.OnceValue(f.survey)
	for _, b := range t.Blocks("materialization") {
		c.custom[b.Name] = true
	}
	var errs runner.Errors
	for _, m := range t.Macros() {
		if other := pkg.files[m.Name]; other != nil {
			errs = append(errs, &runner.Error{
				Code: runner.CodeCompile, Pos: position(m.Pos),
				Msg:  fmt.Sprintf("macro %s is defined twice, in %s too", m.Name, other.path),
				Hint: "rename one of them",
			})
		}
		pkg.files[m.Name] = f
	}
	return errs
}

// resolve finds the file of a macro as code of a package sees it: the package's own first, then the project's, then dbt's.
func (c *Compiler) resolve(from *macroPackage, name string) *macroFile {
	for _, pkg := range []*macroPackage{from, c.root, c.builtin} {
		if pkg == nil || pkg == c.builtin && from == pkg && c.root.files[name] != nil {
			continue // the project may put a macro of its own in the place of dbt's
		}
		if f := pkg.files[name]; f != nil {
			return f
		}
	}
	return nil
}

// packageNamed finds a package, dbt's among them.
func (c *Compiler) packageNamed(name string) *macroPackage {
	if name == dbtName || name == "dbt_duckdb" {
		return c.builtin
	}
	return c.packages[name]
}

// dispatched finds the macro that adapter.dispatch gives, and tells where it looked.
func (c *Compiler) dispatched(from *macroPackage, name, namespace string) (*macroFile, string, []string) {
	packages := []string{""}
	switch {
	case namespace == "":
	case c.project.Dispatch[namespace] != nil:
		packages = c.project.Dispatch[namespace]
	case c.packageNamed(namespace) != nil:
		packages = []string{c.project.Name, namespace}
	}
	var tried []string
	for _, pkgName := range packages {
		for _, prefix := range []string{"duckdb__", "default__"} {
			full := prefix + name
			if pkgName == "" {
				tried = append(tried, full)
				if f := c.resolve(from, full); f != nil {
					return f, full, nil
				}
				continue
			}
			tried = append(tried, pkgName+"."+full)
			if pkg := c.packageNamed(pkgName); pkg != nil && pkg.files[full] != nil {
				return pkg.files[full], full, nil
			}
		}
	}
	return nil, "", tried
}

// macroNames lists the macros that code of a package sees by their bare names.
func (c *Compiler) macroNames(from *macroPackage) []string {
	var names []string
	for _, pkg := range []*macroPackage{from, c.root, c.builtin} {
		if pkg != nil {
			names = append(names, slices.Collect(maps.Keys(pkg.files))...)
		}
	}
	return names
}

// isBuiltin tells a file with dbt's macros.
func isBuiltin(file string) bool { return strings.HasPrefix(file, builtinDir) }

// macroText is the text of a file of macros.
func (c *Compiler) macroText(file string) (string, bool) {
	if isBuiltin(file) {
		for _, f := range c.builtin.files {
			if f.path == file {
				return f.text, true
			}
		}
	}
	for _, m := range c.project.Macros {
		if m.Path == file {
			return m.Text, true
		}
	}
	return "", false
}
