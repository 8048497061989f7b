//go:build unix

package main

import "golang.org/x/sys/unix"

// freeSpace returns how many bytes can still be written to the file system of dir, and false if that is unknown.
func freeSpace(dir string) (int64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // the types differ between systems
}
