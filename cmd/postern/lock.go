package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// A directory is in use for a moment by every command that opens the database; one that works on it stays.
const lockPatience = 2 * time.Second

// errBusy: another process works on the data directory.
type errBusy struct {
	dir    string
	holder string // "serve (process 12)", "" when it does not say
}

func (e *errBusy) Error() string {
	who := e.holder
	if who == "" {
		who = "another process"
	}
	return fmt.Sprintf("the data directory %s is in use by %s: stop that first, or choose another data_dir", e.dir, who)
}

// lock is held by the kernel for as long as the process lives, so that a crash leaves none behind.
type lock struct{ f *os.File }

// makeDataDir makes the directory that the database, the key and the media live in, for its owner only.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return dirError(dir, err)
	}
	return nil
}

// dirError says what to do about a data directory that cannot be used.
func dirError(dir string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf(
		"the data directory %s cannot be written (%w): let the user that runs postern own it, or set data_dir", dir,
		err)
}

// takeLock takes the directory for this process. It waits as long as a command may hold it for a moment. The error is
// *errBusy when another process keeps it.
func takeLock(dir, command string, patience time.Duration) (*lock, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, dirError(dir, err)
	}
	for deadline := time.Now().Add(patience); ; {
		err := tryLock(f)
		if err == nil {
			break
		}
		if !errors.Is(err, errLocked) {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		if !time.Now().Before(deadline) {
			b, _ := io.ReadAll(io.LimitReader(io.NewSectionReader(f, 0, 200), 200))
			f.Close()
			return nil, &errBusy{dir: dir, holder: oneLine(strings.TrimSpace(string(b)))}
		}
		time.Sleep(20 * time.Millisecond)
	}
	// For the message of the next one who wants it; losing it costs nothing.
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(io.NewOffsetWriter(f, 0), "postern %s (process %d)\n", command, os.Getpid())
	} else if errors.Is(err, syscall.ENOSPC) {
		f.Close()
		return nil, dirError(dir, err)
	}
	return &lock{f}, nil
}

// stays is how the holder calls itself that works for longer than a moment.
var stays = regexp.MustCompile(`^postern (serve|sync|demo) `)

// lockHolder says who works on the directory, without touching it: "" for nobody. A command that holds it for a moment
// only is waited for.
func lockHolder(dir string) (holder string, err error) {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close() // which unlocks it
	for deadline := time.Now().Add(lockPatience); ; time.Sleep(20 * time.Millisecond) {
		err := tryLock(f)
		if err == nil || !errors.Is(err, errLocked) {
			return "", err
		}
		b := make([]byte, 200)
		n, _ := f.ReadAt(b, 0)
		holder = oneLine(strings.TrimSpace(string(b[:n])))
		if stays.MatchString(holder) {
			return holder, nil
		}
		if !time.Now().Before(deadline) {
			return cmp.Or(holder, "another process"), nil
		}
	}
}

// release gives the directory back. The file stays: removing it would let two processes lock two files of one name.
func (l *lock) release() {
	if l != nil && l.f != nil {
		_ = l.f.Truncate(0)
		_ = l.f.Close()
		l.f = nil
	}
}
