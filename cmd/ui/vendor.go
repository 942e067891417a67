package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// maxVendored is what a committed file may weigh.
const maxVendored = 1000 * kilobyte

// licenceFiles are what the licence texts of packages are called.
var licenceFiles = []string{"LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "NOTICE", "licenses/LICENSE-d3"}

// vendorLibraries bundles each file of src into one beside it, with all that it imports from node_modules, and collects the
// licences of the packages whose code came in.
func vendorLibraries(vendor string, stdout io.Writer) error {
	sources, err := filepath.Glob(filepath.Join(vendor, "src", "*.js"))
	if err != nil {
		return err
	}
	packages := map[string]bool{}
	for _, source := range sources {
		name := filepath.Base(source)
		size, err := vendorLibrary(vendor, name, packages)
		if err != nil {
			return fmt.Errorf("bundle %s: %w", name, err)
		}
		fmt.Fprintf(stdout, "%-16s %6.1f kB\n", name, float64(size)/kilobyte)
	}
	return keepLicences(vendor, packages)
}

func vendorLibrary(vendor, name string, packages map[string]bool) (int, error) {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: vendor, EntryPoints: []string{"src/" + name}, Outfile: name, Write: false, Bundle: true, Metafile: true,
		Format: api.FormatESModule, Target: api.ES2022, MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true,
		LegalComments: api.LegalCommentsNone, Charset: api.CharsetUTF8, LogLevel: api.LogLevelSilent, LineLimit: 200, TsconfigRaw: "{}",
		Define: map[string]string{"process.env.NODE_ENV": `"production"`},
	})
	if len(result.Errors) > 0 {
		return 0, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	var meta struct {
		Outputs map[string]struct {
			Inputs map[string]struct{ BytesInOutput int }
		}
	}
	if err := json.Unmarshal([]byte(result.Metafile), &meta); err != nil {
		return 0, err
	}
	for _, output := range meta.Outputs {
		for input, share := range output.Inputs {
			if in, ok := packageOf(input); ok && share.BytesInOutput > 0 {
				packages[in] = true
			}
		}
	}
	content := result.OutputFiles[0].Contents
	if len(content) > maxVendored {
		return 0, fmt.Errorf("it has %d bytes, more than the %d a committed file may have", len(content), maxVendored)
	}
	return len(content), os.WriteFile(filepath.Join(vendor, name), content, 0o644)
}

// packageOf gives the package that a path in node_modules belongs to: node_modules/@a/b/c.js belongs to @a/b.
func packageOf(input string) (string, bool) {
	_, inside, ok := strings.Cut(input, "node_modules/")
	if !ok {
		return "", false
	}
	parts := strings.Split(inside, "/")
	if strings.HasPrefix(parts[0], "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1], true
	}
	return parts[0], true
}

// keepLicences writes a file a package with its name, version and licence texts.
func keepLicences(vendor string, packages map[string]bool) error {
	dir := filepath.Join(vendor, "licenses")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name := range packages {
		from := filepath.Join(vendor, "node_modules", filepath.FromSlash(name))
		text, err := os.ReadFile(filepath.Join(from, "package.json"))
		if err != nil {
			return err
		}
		var about struct{ Version, License string }
		if err := json.Unmarshal(text, &about); err != nil {
			return fmt.Errorf("read package.json of %s: %w", name, err)
		}
		var kept bytes.Buffer
		fmt.Fprintf(&kept, "%s %s (%s)\n", name, about.Version, about.License)
		found := false
		for _, file := range licenceFiles {
			licence, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(file)))
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			found = true
			fmt.Fprintf(&kept, "\n%s\n", bytes.TrimSpace(bytes.ReplaceAll(licence, []byte("\r\n"), []byte("\n"))))
		}
		if !found {
			return fmt.Errorf("%s has no licence text: find it and name its file in licenceFiles", name)
		}
		if err := os.WriteFile(filepath.Join(dir, licenceName(name)), kept.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// licenceName turns @codemirror/view into codemirror-view.txt.
func licenceName(pkg string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pkg, "@"), "/", "-") + ".txt"
}

// licences is what goes out with the bundle: the licence of every package in it.
func licences(vendor string) ([]byte, error) {
	kept, err := filepath.Glob(filepath.Join(vendor, "licenses", "*.txt"))
	if err != nil {
		return nil, err
	}
	slices.Sort(kept)
	var all bytes.Buffer
	all.WriteString("The web UI of elt contains code of these packages.\n")
	for _, file := range kept {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&all, "\n%s\n\n%s", strings.Repeat("-", 80), text)
	}
	return all.Bytes(), nil
}
