package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// sources writes a UI of two entries that share a module.
func sources(t *testing.T) string {
	t.Helper()
	web := t.TempDir()
	for name, text := range map[string]string{
		"ui/tsconfig.json":           `{"compilerOptions": {"paths": {"lib": ["./vendor/lib.js"]}}}`,
		"ui/style.css":               `@import './css/a.css';`,
		"ui/css/a.css":               `body { color: red }`,
		"ui/shell.ts":                `import { hello } from './common'; hello('shell')`,
		"ui/sql.tsx":                 `import { hello } from './common'; import { lib } from 'lib'; hello(lib)`,
		"ui/common.ts":               `export function hello(name: string): void { console.info('hello', name) }`,
		"ui/vendor/lib.js":           `export const lib = 'lib'`,
		"ui/vendor/licenses/lib.txt": "lib 1.0 (MIT)\n",
	} {
		file := filepath.Join(web, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	return web
}

func TestBundleNamesItsFilesAndWhatTheyImport(t *testing.T) {
	files, m, err := makeBundle(sources(t))
	require.NoError(t, err)
	require.Len(t, m.Imports["sql.js"], 1, "what both entries use is a chunk")
	require.Equal(t, m.Imports["sql.js"], m.Imports["shell.js"])
	for name, file := range m.Files {
		require.Contains(t, files, file, name)
	}
	require.Contains(t, string(files[m.Files["style.css"]]), "body{color:red}")
	require.Contains(t, string(files["licenses.txt"]), "lib 1.0 (MIT)")
	require.Greater(t, m.Pages["sql"].Gzip, m.Pages["other"].Gzip)
}

func TestTheSameSourcesGiveTheSameBytesAnywhere(t *testing.T) {
	first, _, err := makeBundle(sources(t))
	require.NoError(t, err)
	second, _, err := makeBundle(sources(t))
	require.NoError(t, err)
	require.Equal(t, first, second)
}

func TestCheckFindsWhatDiffers(t *testing.T) {
	web := sources(t)
	var out bytes.Buffer
	require.NoError(t, writeBundle(web, &out))
	require.NoError(t, checkBundle(web, &out))

	require.NoError(t, os.WriteFile(filepath.Join(web, "ui", "shell.ts"), []byte(`document.title = 'new'`), 0o600))
	require.ErrorContains(t, checkBundle(web, &out), "run `make ui`")
	require.NoError(t, writeBundle(web, &out))
	require.NoError(t, checkBundle(web, &out), "files left over are removed")
}

func TestAPageThatLoadsTooMuchFails(t *testing.T) {
	m := manifest{Pages: map[string]pageWeight{"sql": {Gzip: 200, Budget: 100}, "other": {Gzip: 1, Budget: 100}}}
	var out bytes.Buffer
	require.ErrorContains(t, report(m, &out), "sql weighs 200 bytes, 100 more than it may")
}

func TestASyntaxErrorTellsItsPlace(t *testing.T) {
	web := sources(t)
	require.NoError(t, os.WriteFile(filepath.Join(web, "ui", "shell.ts"), []byte("let = ;"), 0o600))
	_, _, err := makeBundle(web)
	require.ErrorContains(t, err, "shell.ts:1:")
}
