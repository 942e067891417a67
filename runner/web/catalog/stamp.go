package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// written are the endings of files that a project consists of.
var written = []string{".sql", ".yml", ".yaml", ".csv", ".md", ".py", ".json"}

// stampOf tells projects apart whose files differ in name, size or time of change. Folders that runs write to and hidden
// ones are passed over. What cannot be looked at counts as absent: reading the project will say so.
func stampOf(dir string) string {
	h := sha256.New()
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		name := d.Name()
		if d.IsDir() {
			top := filepath.Dir(path) == filepath.Clean(dir)
			if path != dir && (strings.HasPrefix(name, ".") || top && slices.Contains([]string{"data", "target", "bin", "node_modules"}, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains(written, filepath.Ext(name)) {
			return nil
		}
		if info, err := d.Info(); err == nil {
			fmt.Fprintf(h, "%s\x00%d\x00%d\n", path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return hex.EncodeToString(h.Sum(nil))
}
