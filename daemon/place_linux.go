package daemon

import (
	"io/fs"
	"syscall"
	"time"
)

// changedAt returns when a file was written last. Nobody can set that time.
func changedAt(info fs.FileInfo) time.Time {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(int64(s.Ctim.Sec), int64(s.Ctim.Nsec)) //nolint:unconvert // types differ between processors
	}
	return info.ModTime()
}
