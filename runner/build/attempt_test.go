package build

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
)

func TestDelaysDouble(t *testing.T) {
	require.Equal(t, time.Second, delayBefore(1, 0))
	require.Equal(t, 4*time.Second, delayBefore(3, 0))
	require.Equal(t, 80*time.Millisecond, delayBefore(4, 10*time.Millisecond))
	require.Equal(t, longestDelay, delayBefore(100, time.Second))
}

func TestErrorsWorthAnotherTry(t *testing.T) {
	path := func(err error) error {
		return fmt.Errorf("load: %w", &fs.PathError{Op: "open", Path: "a.csv", Err: err})
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&engine.SQLError{Kind: "IO", Passing: true}, true},
		{fmt.Errorf("count: %w", &engine.SQLError{Kind: "IO", Passing: true}), true},
		{&engine.SQLError{Kind: "Binder"}, false},
		{&runner.Error{Code: runner.CodeModel, Passing: true}, true},
		{&runner.Error{Code: runner.CodeLoad, Err: &engine.SQLError{Passing: true}}, true},
		{&runner.Error{Code: runner.CodeLoad}, false},
		{path(syscall.EIO), true},
		{path(syscall.EMFILE), true},
		{path(fs.ErrNotExist), false},
		{path(fs.ErrPermission), false},
		{errors.New("odd"), false},
	} {
		require.Equal(t, c.want, passing(c.err), "%v", c.err)
	}
}
