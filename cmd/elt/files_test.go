package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	_ "github.com/mattn/go-sqlite3" // tests look into what is exported
)

// copyProject copies what this repository's own project consists of, without data. The bootstrap draws fewer times, for
// what it finds is not looked at here.
func copyProject(dir string) error {
	for _, name := range []string{"project.yaml", "models", "macros", "seeds"} {
		if err := copyTree(filepath.Join("../..", name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	file := filepath.Join(dir, "project.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fewer := strings.Replace(string(text), "bootstrap_replicates: 1000", "bootstrap_replicates: 20", 1)
	return os.WriteFile(file, []byte(fewer), 0o644)
}

// copyTree copies a file or folder; files that are there already stay.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if _, err := os.Lstat(target); err == nil {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}

// describeOutputs tells of each published file what must not change unless it is published anew.
func describeOutputs(dir string) ([]string, error) {
	var lines []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case rel == "raw" || rel == ".tmp" || rel == "runs":
			return filepath.SkipDir
		case d.IsDir() || strings.HasPrefix(rel, "state.db") || strings.HasPrefix(rel, "warehouse.duckdb") || rel == "elt.lock":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		inode := info.Sys().(*syscall.Stat_t).Ino
		lines = append(lines, fmt.Sprintf("%s %s inode=%d mtime=%d", rel, hex.EncodeToString(sum[:]), inode, info.ModTime().UnixNano()))
		return nil
	})
	slices.Sort(lines)
	return lines, err
}

// querySQLite gives the rows of a statement as text.
func querySQLite(path, query string) (out [][]string, err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=rw")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, row := make([]any, len(columns)), make([]string, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return nil, err
		}
		for i, v := range values {
			row[i] = fmt.Sprint(*v.(*any))
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
