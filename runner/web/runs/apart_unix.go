//go:build unix

package runs

import "syscall"

// apart keeps what is typed into the terminal of this process away from a child: how it ends is up to us.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
