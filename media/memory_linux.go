package media

import "golang.org/x/sys/unix"

// limitMemory limits the data segment of a process instead of its address space, because Go reserves far more
// addresses than it uses.
func limitMemory(pid int, bytes int64) error {
	return unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: uint64(bytes), Max: uint64(bytes)}, nil)
}
