//go:build !unix

package runs

import "syscall"

func apart() *syscall.SysProcAttr { return nil }
