package project

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/project/strict"
)

// packageEntry is one entry of packages.yml or dependencies.yml.
type packageEntry struct {
	pos     runner.Position
	hub     string // "dbt-labs/dbt_utils"
	git     string
	tarball string
	local   string
	name    string
}

func packagesKeys() *strict.Object[[]packageEntry] {
	entry := &strict.Object[packageEntry]{
		What: "a package",
		At:   func(e *packageEntry, pos runner.Position) { e.pos = pos },
		Keys: []strict.Key[packageEntry]{
			strict.FieldOf("package", "", strict.String(), func(e *packageEntry) *string { return &e.hub }),
			strict.FieldOf("git", "", strict.String(), func(e *packageEntry) *string { return &e.git }).Or("private"),
			strict.FieldOf("tarball", "", strict.String(), func(e *packageEntry) *string { return &e.tarball }),
			strict.FieldOf("local", "", pathShape(), func(e *packageEntry) *string { return &e.local }),
			strict.FieldOf("name", "", strict.String(), func(e *packageEntry) *string { return &e.name }),
		},
		Rest: func(*strict.Reader, strict.Field, *packageEntry) {}, // version, revision, subdirectory: of dbt deps
	}
	return &strict.Object[[]packageEntry]{
		What: "a list of packages",
		Keys: []strict.Key[[]packageEntry]{
			strict.FieldOf("packages", "", strict.ListOf(entry.Shape()), func(p *[]packageEntry) *[]packageEntry { return p }),
		},
		Rest: func(*strict.Reader, strict.Field, *[]packageEntry) {},
	}
}

// readPackages reads the project files of all installed packages, and says which of those listed are not there. Nothing
// is ever downloaded.
func (l *loader) readPackages(root *pack) {
	dir := first(root.file.packagesDir, "dbt_packages")
	folders := l.packageFolders(dir)
	installed := len(folders)
	listed := l.listedPackages()
	for _, e := range listed {
		if at := path.Clean(filepath.ToSlash(e.local)); e.local != "" && l.has(path.Join(at, DBTFileName)) {
			folders = append(folders, at)
		}
	}
	found := map[string]string{root.name: "this project"}
	for i, folder := range folders {
		p := &pack{dir: folder}
		if !l.readDBTProjectFile(p) {
			continue
		}
		before, twice := found[p.name]
		if twice && i >= installed { // a local one that dbt has linked into its folder
			continue
		}
		if twice {
			l.fail(runner.Position{File: path.Join(folder, DBTFileName)}, "rename or remove one of them", "the package %s is in %s already", p.name, before)
			continue
		}
		found[p.name] = folder
		l.addPackage(root, p)
	}
	for _, e := range listed {
		switch installed := e.installed(found, folders, len(listed)); {
		case installed:
		case e.local != "":
			l.fail(e.pos, "local: is a folder of a dbt project, relative to this file", "the package %s is not there: it has no %s", e.local, DBTFileName)
		default:
			l.fail(e.pos, fmt.Sprintf("run `dbt deps`, or copy the package to %s/%s", dir, e.folder()),
				"the package %s is not installed: there is no %s/%s", e.label(), dir, e.folder())
		}
	}
}

func (l *loader) addPackage(root, p *pack) {
	p.vars = l.varsFor(p.name, p.file.vars, root.file.vars)
	if l.project.PackageVars == nil {
		l.project.PackageVars = map[string]map[string]any{}
	}
	l.project.PackageVars[p.name] = p.vars
	l.useRunKeys(p)
	l.packs = append(l.packs, p)
}

// packageFolders are the folders of installed packages.
func (l *loader) packageFolders(dir string) []string {
	entries, err := os.ReadDir(filepath.Join(l.project.Dir, filepath.FromSlash(dir)))
	if err != nil {
		return nil
	}
	var out []string
	for _, entry := range entries {
		if at := path.Join(dir, entry.Name()); l.has(path.Join(at, DBTFileName)) {
			out = append(out, at)
		}
	}
	return out
}

// listedPackages are those of packages.yml and dependencies.yml.
func (l *loader) listedPackages() []packageEntry {
	var out []packageEntry
	for _, name := range []string{"packages.yml", "dependencies.yml"} {
		if !l.has(name) {
			continue
		}
		text, problem := readText(l.project.Dir, name)
		if problem != nil {
			l.errs = append(l.errs, problem)
			continue
		}
		r := strict.NewReader(name, text, l.render(l.opts.Vars))
		r.SetLenient()
		l.readers[name] = r
		var listed []packageEntry
		if root := r.Parse(); root != nil {
			packagesKeys().Into(r, root, &listed)
		}
		l.errs = append(l.errs, r.Errors()...)
		out = append(out, listed...)
	}
	return out
}

// label is what a package is called where it is listed.
func (e packageEntry) label() string { return first(e.hub, e.name, e.git, e.local, e.tarball) }

// folder is where dbt would install a package, as far as its entry tells.
func (e packageEntry) folder() string {
	if e.name != "" {
		return e.name
	}
	from := strings.TrimSuffix(strings.TrimRight(first(e.hub, e.git, e.local, e.tarball), "/"), ".git")
	return path.Base(filepath.ToSlash(from))
}

// installed tells whether a package is there. The name of one from git cannot be known from its entry, so there need
// only be as many packages as are listed.
func (e packageEntry) installed(found map[string]string, folders []string, listed int) bool {
	want := e.folder()
	names := []string{want, strings.ReplaceAll(want, "-", "_")}
	for name, folder := range found {
		if slices.Contains(names, name) || slices.Contains(names, path.Base(folder)) {
			return true
		}
	}
	if e.local != "" {
		return slices.Contains(folders, path.Clean(filepath.ToSlash(e.local)))
	}
	return e.hub == "" && len(folders) >= listed
}
