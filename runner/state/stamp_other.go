//go:build !linux && !darwin

package state

import "io/fs"

// StampOf is the stamp of a file that was just looked at.
func StampOf(info fs.FileInfo) FileStamp {
	return FileStamp{Size: info.Size(), MTimeNS: info.ModTime().UnixNano()}
}
