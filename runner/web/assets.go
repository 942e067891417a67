package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var distFiles embed.FS

// manifestFile says which file stands behind a name: {"files": {"dashboard.js": "dashboard-K3F2.js"}}.
const manifestFile = "dist/manifest.json"

// assets are the files of the user interface. Their names have a hash of the content, so that browsers keep them for good.
type assets struct {
	names   map[string]string   // name in templates → file below dist
	files   map[string]asset    // by file below dist
	imports map[string][]string // name in templates → files that it imports
}

type asset struct {
	plain, zipped []byte
	contentType   string
}

func loadAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}}
	text, err := distFiles.ReadFile(manifestFile)
	if err != nil {
		return nil, fmt.Errorf("read the list of assets: %w", err)
	}
	var manifest struct {
		Files   map[string]string   `json:"files"`
		Imports map[string][]string `json:"imports"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("read the list of assets: %w", err)
	}
	a.names, a.imports = manifest.Files, manifest.Imports
	a.names["licenses.txt"] = "licenses.txt"
	err = fs.WalkDir(distFiles, "dist", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || file == manifestFile {
			return err
		}
		plain, err := distFiles.ReadFile(file)
		if err != nil {
			return err
		}
		zipped, err := compress(plain)
		a.files[strings.TrimPrefix(file, "dist/")] = asset{plain: plain, zipped: zipped, contentType: typeOf(file)}
		return err
	})
	for name, file := range a.names {
		if _, there := a.files[file]; !there {
			err = errors.Join(err, fmt.Errorf("the list of assets has %s as %s, which is not there", name, file))
		}
	}
	return a, err
}

func typeOf(file string) string {
	switch path.Ext(file) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".txt", ".map":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(file)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func compress(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

// url is where a file of the user interface is, by its name in templates. A name that is not in the manifest is an error:
// a page without its script would be broken in silence.
func (a *assets) url(name string) (string, error) {
	file, ok := a.names[name]
	if !ok {
		return "", fmt.Errorf("no asset %s in %s", name, manifestFile)
	}
	return "/assets/" + file, nil
}

func (s *Server) registerAssets(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/{file...}", func(w http.ResponseWriter, r *http.Request) {
		found, ok := s.assets.files[r.PathValue("file")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", found.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		text := found.plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			text = found.zipped
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write(text) // who has left needs no file
	})
}
