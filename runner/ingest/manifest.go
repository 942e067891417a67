package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"elt/runner"
	"elt/runner/ingest/record"
)

// Manifest is what the files of a source hold.
type Manifest struct {
	Source string `json:"source"` // the source's ID
	Files  []File `json:"files"`  // in the order of the patterns, then by path
}

// File is one scanned file.
type File struct {
	Path     string   `json:"path"`   // relative to the project directory, with slashes
	Format   Format   `json:"format"` // after the source's declaration, or the file's ending
	Gzip     bool     `json:"gzip,omitempty"`
	Stat     Stat     `json:"stat"`
	Hash     string   `json:"hash"`    // SHA-256 of its bytes, hex
	Lines    int64    `json:"lines"`   // of its text, blank ones and the header included
	Filled   int64    `json:"filled"`  // the last line that is not blank
	Records  int64    `json:"records"` // data lines; -1 where only a load can tell
	Layout   Layout   `json:"layout"`
	Warnings []string `json:"warnings,omitempty"`
}

// Format is a format of raw files.
type Format string

const (
	CSV  Format = "csv"
	JSON Format = "json" // an array of objects, or one object a line
)

// Layout is how a file is written.
type Layout struct {
	Encoding  record.Encoding `json:"encoding"`
	Delimiter string          `json:"delimiter,omitempty"`
	Header    int64           `json:"header,omitempty"` // the line of the header
	Skip      int64           `json:"skip,omitempty"`   // lines above the data
	Fields    []string        `json:"fields,omitempty"` // the header, as written
	Columns   []int           `json:"columns,omitempty"`
	CRLF      bool            `json:"crlf,omitempty"`
	Multiline bool            `json:"multiline,omitempty"` // line ends within quotes
	Plain     bool            `json:"plain,omitempty"`     // nothing speaks against the engine reading it by itself
}

// Fingerprint identifies the rows that a load would give: it changes with the content of a file, with the set, order or
// names of files, and with whatever of the source decides what becomes of them.
func (m Manifest) Fingerprint(source *runner.Source) string {
	h := sha256.New()
	encoder := json.NewEncoder(h)
	_ = encoder.Encode(spec(source))
	load := *source.Load
	load.Files, load.Pos = nil, runner.Position{}
	_ = encoder.Encode(load)
	for _, f := range m.Files {
		_ = encoder.Encode([]string{f.Path, f.Hash})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// spec is what of a source decides how a file is understood.
func spec(source *runner.Source) string {
	h := sha256.New()
	encoder := json.NewEncoder(h)
	_ = encoder.Encode([]any{version, source.Load.Format, source.Load.Delimiter, source.Load.Decimal})
	for _, c := range source.Columns {
		_ = encoder.Encode([]any{c.Name, c.DataType, c.NotNull, c.Optional, c.Aliases})
	}
	return hex.EncodeToString(h.Sum(nil))
}
