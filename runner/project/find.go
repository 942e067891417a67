package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"elt/runner"
)

// Find gives the project directory that dir lies in: the nearest one, from dir upwards, that holds a project.yaml or a
// dbt_project.yml.
func Find(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", FileName, err)
	}
	for at := start; ; at = filepath.Dir(at) {
		for _, name := range []string{FileName, DBTFileName} {
			switch info, err := os.Stat(filepath.Join(at, name)); {
			case err == nil && !info.IsDir():
				return at, nil
			case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
				return "", &runner.Error{Code: runner.CodeConfig, Msg: fmt.Sprintf("cannot look for %s in %s", name, at), Err: err}
			}
		}
		if at == filepath.Dir(at) {
			return "", missing(fmt.Sprintf("no %s in %s or any folder above it", FileName, start))
		}
	}
}

func missing(msg string) *runner.Error {
	return &runner.Error{
		Code: runner.CodeConfig, Msg: msg,
		Hint: "change to the folder of the project, or name it with --project-dir",
	}
}
