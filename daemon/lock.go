package daemon

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
	"unicode"

	"postern/words"
)

// LockPatience is how long to wait for the directory: it is in use for a moment by every command that opens the
// database.
const LockPatience = 2 * time.Second

// BusyError is returned while another process works on the data directory.
type BusyError struct {
	Dir    string
	Holder string // "postern serve (process 12)", "" when it does not say
}

func (e *BusyError) Error() string { return words.DataDirBusy(e.Dir, cmp.Or(e.Holder, anotherProcess)) }

const anotherProcess = "another process"

// Lock is held by the kernel for as long as the process lives, so that a crash leaves none behind.
type Lock struct{ f *os.File }

// MakeDataDir makes the directory that the database, the key and the media live in, for its owner only.
func MakeDataDir(dir string) error {
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

// TakeLock takes the directory for this process. It waits as long as a command may hold it for a moment. The error is
// *BusyError when another process keeps it.
func TakeLock(dir, command string, patience time.Duration) (*Lock, error) {
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
			return nil, &BusyError{Dir: dir, Holder: holderName(b)}
		}
		time.Sleep(20 * time.Millisecond)
	}
	// For the message of the next one who wants it; losing it costs nothing.
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintln(io.NewOffsetWriter(f, 0), words.DataDirHolder(command, os.Getpid()))
	} else if errors.Is(err, syscall.ENOSPC) {
		f.Close()
		return nil, dirError(dir, err)
	}
	return &Lock{f}, nil
}

// holderName returns how the holder calls itself. Whoever may write into the directory may have written anything there.
func holderName(b []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, string(b)))
}

// stays is how the holder calls itself that works for longer than a moment.
var stays = regexp.MustCompile(`^postern (serve|sync|demo) `)

// LockHolder returns who works on the directory, without touching it: "" for nobody. A command that holds it for a
// moment only is waited for.
func LockHolder(dir string) (holder string, err error) {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close() // which unlocks it
	for deadline := time.Now().Add(LockPatience); ; time.Sleep(20 * time.Millisecond) {
		err := tryLock(f)
		if err == nil || !errors.Is(err, errLocked) {
			return "", err
		}
		b := make([]byte, 200)
		n, _ := f.ReadAt(b, 0)
		holder = holderName(b[:n])
		if stays.MatchString(holder) {
			return holder, nil
		}
		if !time.Now().Before(deadline) {
			return cmp.Or(holder, anotherProcess), nil
		}
	}
}

// Release gives the directory back. The file stays: removing it would let two processes lock two files of one name.
func (l *Lock) Release() {
	if l != nil && l.f != nil {
		_ = l.f.Truncate(0)
		_ = l.f.Close()
		l.f = nil
	}
}
