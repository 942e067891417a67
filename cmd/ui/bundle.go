package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// entries are the files a page can load; whatever they share goes into chunks.
var entries = []string{"style.css", "shell.ts", "page.ts", "dashboard.tsx", "run.tsx", "log.tsx", "lineage.tsx", "sql.tsx"}

// bundle is the content of dist, by file name.
type bundle map[string][]byte

// manifest tells the server which files stand behind a name, and the reader what a page weighs.
type manifest struct {
	Files   map[string]string     `json:"files"`   // dashboard.js → dashboard-K3F2.js
	Imports map[string][]string   `json:"imports"` // dashboard.js → the chunks that it loads, which a page may preload
	Pages   map[string]pageWeight `json:"pages"`
}

// makeBundle bundles the sources below web/ui. The same sources give the same bytes wherever the repository lies.
func makeBundle(web string) (bundle, manifest, error) {
	ui := filepath.Join(web, "ui")
	options := api.BuildOptions{
		AbsWorkingDir: ui, Outdir: "dist", EntryNames: "[name]-[hash]", ChunkNames: "[name]-[hash]", AssetNames: "[name]-[hash]",
		Bundle: true, Splitting: true, Format: api.FormatESModule, Target: api.ES2022, Metafile: true, Tsconfig: "tsconfig.json",
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, LegalComments: api.LegalCommentsNone,
		Charset: api.CharsetUTF8, Define: map[string]string{"process.env.NODE_ENV": `"production"`}, LogLevel: api.LogLevelSilent,
	}
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(ui, entry)); err == nil {
			options.EntryPoints = append(options.EntryPoints, entry)
		}
	}
	result := api.Build(options)
	if len(result.Errors) > 0 {
		return nil, manifest{}, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	files := bundle{}
	for _, file := range result.OutputFiles {
		files[filepath.Base(file.Path)] = file.Contents
	}
	described, err := describe(result.Metafile, files)
	if err != nil {
		return nil, manifest{}, err
	}
	text, err := json.MarshalIndent(described, "", "  ")
	if err != nil {
		return nil, manifest{}, err
	}
	files["manifest.json"] = append(text, '\n')
	files["licenses.txt"], err = licences(filepath.Join(ui, "vendor"))
	return files, described, err
}

// describe makes the manifest from what esbuild tells of its output.
func describe(metafile string, files bundle) (manifest, error) {
	var meta struct {
		Outputs map[string]struct {
			EntryPoint string
			Imports    []struct{ Path string }
		}
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return manifest{}, fmt.Errorf("read esbuild's metafile: %w", err)
	}
	m := manifest{Files: map[string]string{}, Imports: map[string][]string{}, Pages: map[string]pageWeight{}}
	for name, output := range meta.Outputs {
		if !slices.Contains(entries, output.EntryPoint) {
			continue // a chunk
		}
		imported := map[string]bool{}
		var follow func(string)
		follow = func(from string) {
			for _, i := range meta.Outputs[from].Imports {
				if _, ours := meta.Outputs[i.Path]; ours && !imported[path.Base(i.Path)] {
					imported[path.Base(i.Path)] = true
					follow(i.Path)
				}
			}
		}
		follow(name)
		entry := strings.TrimSuffix(output.EntryPoint, path.Ext(output.EntryPoint)) + path.Ext(name)
		m.Files[entry] = path.Base(name)
		if len(imported) > 0 {
			m.Imports[entry] = slices.Sorted(maps.Keys(imported))
		}
	}
	for _, page := range pages {
		weight, err := page.weigh(m, files)
		if err != nil {
			return manifest{}, err
		}
		m.Pages[page.name] = weight
	}
	return m, nil
}

// writeBundle replaces what is in dist.
func writeBundle(web string, stdout io.Writer) error {
	files, m, err := makeBundle(web)
	if err != nil {
		return err
	}
	dist := filepath.Join(web, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	old, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, file := range old {
		if files[file.Name()] == nil {
			if err := os.Remove(filepath.Join(dist, file.Name())); err != nil {
				return err
			}
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return err
		}
	}
	return report(m, stdout)
}

// checkBundle fails where dist is not what the sources give.
func checkBundle(web string, stdout io.Writer) error {
	files, m, err := makeBundle(web)
	if err != nil {
		return err
	}
	dist := filepath.Join(web, "dist")
	old, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	var stale []string
	for _, file := range old {
		if files[file.Name()] == nil {
			stale = append(stale, file.Name()+" is left over")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		committed, err := os.ReadFile(filepath.Join(dist, name))
		switch {
		case errors.Is(err, os.ErrNotExist):
			stale = append(stale, name+" is missing")
		case err != nil:
			return err
		case string(committed) != string(files[name]):
			stale = append(stale, name+" differs")
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("runner/web/dist is not what runner/web/ui gives: %s; run `make ui` and commit the result", strings.Join(stale, ", "))
	}
	return report(m, stdout)
}
