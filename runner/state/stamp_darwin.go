package state

import (
	"io/fs"
	"syscall"
)

// StampOf is the stamp of a file that was just looked at.
func StampOf(info fs.FileInfo) FileStamp {
	stamp := FileStamp{Size: info.Size(), MTimeNS: info.ModTime().UnixNano()}
	if entry, ok := info.Sys().(*syscall.Stat_t); ok {
		stamp.CTimeNS, stamp.Inode = entry.Ctimespec.Nano(), entry.Ino
	}
	return stamp
}
