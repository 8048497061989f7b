//go:build !linux

package daemon

import (
	"io/fs"
	"time"
)

// changedAt returns when a file was written last, as far as whoever wrote it did not set that time.
func changedAt(info fs.FileInfo) time.Time { return info.ModTime() }
