package media

import (
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"postern/reason"
	"postern/words"
)

const (
	tempPrefix = ".part-"

	// What the pictures that are worked at may take together, as far as their headers say; two of them at most.
	// One that takes more by itself is alone: a progressive JPEG or 16-bit PNG of 50 megapixels is 400 MB.
	decodeRoom = 64 << 20
	decodeMost = 2
)

// Library is a folder of prepared files, named by their content. It is safe for
// concurrent use by one process; another one working on the same folder would
// lose its unfinished downloads to [NewLibrary].
type Library struct {
	dir     string
	client  *http.Client
	lim     Limits
	decodes *semaphore.Weighted // bounds memory, not work

	converts *semaphore.Weighted // the same of AVIF and HEIC
	videos   *semaphore.Weighted // runs of ffmpeg
	ffmpeg   string              // "" when there is none

	filming *semaphore.Weighted // guards films, and is held while one is made
	films   map[filmKey]File    // what this process converted

	adding sync.Mutex  // held from looking for room until the room is taken
	full   atomic.Bool // something was refused, and nothing removed since
}

// NewLibrary opens the folder dir, creating it if need be, and removes what a
// crash left unfinished. The client is used as it is: give it one that guards
// against private addresses.
func NewLibrary(dir string, client *http.Client, lim Limits) (*Library, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("opening the media folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the media folder: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return nil, fmt.Errorf("cleaning the media folder: %w", err)
			}
		}
	}
	return &Library{
		dir: dir, client: client, lim: lim.withDefaults(),
		decodes: semaphore.NewWeighted(decodeRoom), converts: semaphore.NewWeighted(1),
		videos: semaphore.NewWeighted(1), ffmpeg: FindFFmpeg(lim.FFmpeg),
		filming: semaphore.NewWeighted(1), films: map[filmKey]File{},
	}, nil
}

var validName = regexp.MustCompile(`^[0-9a-f]{64}\.(jpg|mp4|mov)$`)

// IsName reports whether name is one that a file of the library can have: "<sha256>.<ext>".
func IsName(name string) bool { return validName.MatchString(name) }

// Path returns where the file of that name ("<sha256>.<ext>") is. The error is
// fs.ErrNotExist when it is not there, and for anything that is no such name.
func (l *Library) Path(name string) (string, error) {
	if !validName.MatchString(name) {
		return "", fmt.Errorf("media file %.80q: %w", name, fs.ErrNotExist)
	}
	p := filepath.Join(l.dir, name)
	if fi, err := os.Stat(p); err != nil {
		return "", err
	} else if !fi.Mode().IsRegular() {
		return "", fmt.Errorf("media file %q: %w", name, fs.ErrNotExist)
	}
	return p, nil
}

// Remove deletes a file. Removing what is not there is no error. The caller
// makes sure that nothing refers to it and that nothing is preparing it.
func (l *Library) Remove(name string) error {
	if !validName.MatchString(name) {
		return nil
	}
	if err := os.Remove(filepath.Join(l.dir, name)); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// Stored is a file in the library, as garbage collection sees it.
type Stored struct {
	Name    string
	Bytes   int64
	ModTime time.Time // when it was last prepared
}

// List returns all finished files, ordered by name.
func (l *Library) List() ([]Stored, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, err
	}
	var out []Stored
	for _, e := range entries {
		if !validName.MatchString(e.Name()) {
			continue
		}
		fi, err := e.Info()
		if os.IsNotExist(err) {
			continue // removed meanwhile
		} else if err != nil {
			return nil, err
		}
		out = append(out, Stored{e.Name(), fi.Size(), fi.ModTime()})
	}
	return out, nil
}

// Used is the size of all finished files together.
func (l *Library) Used() (int64, error) {
	files, err := l.List()
	var sum int64
	for _, f := range files {
		sum += f.Bytes
	}
	return sum, err
}

// Fill returns the bytes used and the limit.
func (l *Library) Fill() (used, limit int64, err error) {
	used, err = l.Used()
	return used, l.lim.MaxTotal, err
}

// room refuses what would make the folder larger than it may be.
func (l *Library) room(bytes int64) error {
	used, err := l.Used()
	if err != nil {
		return diskFault(err, "reading")
	}
	if used+bytes > l.lim.MaxTotal {
		l.full.Store(true)
	}
	if bytes > l.lim.MaxTotal {
		return &Error{Rule: "media.library.full", Temporary: true,
			Why: reason.New(reason.MediaFolderSmall, size(l.lim.MaxTotal), size(bytes))}
	}
	if used+bytes > l.lim.MaxTotal {
		return &Error{Rule: "media.library.full", Temporary: true,
			Why: reason.New(reason.MediaFolderFull, size(used), size(l.lim.MaxTotal))}
	}
	return nil
}

// Usable tries whether a file can be made; the error is why not.
func (l *Library) Usable() error {
	t, err := l.newTemp()
	if err != nil {
		return err
	}
	defer t.discard()
	_, err = t.Write([]byte{0}) // an empty one needs no room
	return err
}

// Full says whether a file found no room, in the folder or on the disk, and none was removed since.
func (l *Library) Full() bool { return l.full.Load() }

// Roomy says whether less than half of what the folder may hold is used.
func (l *Library) Roomy() bool {
	used, err := l.Used()
	return err == nil && used < l.lim.MaxTotal/2
}

// Prune removes files that were last prepared before the given time and that
// keep does not ask for by name. It returns how many, and their size. What was
// prepared since is left alone, so that nothing is lost between a file and the
// record of who needs it.
func (l *Library) Prune(keep func(name string) bool, olderThan time.Time) (files int, bytes int64, err error) {
	all, err := l.List()
	if err != nil {
		return 0, 0, fmt.Errorf("reading the media folder: %w", err)
	}
	for _, f := range all {
		if !f.ModTime.Before(olderThan) || keep(f.Name) {
			continue
		}
		removed, err := l.removeOld(f.Name, olderThan)
		if err != nil {
			return files, bytes, fmt.Errorf("cleaning the media folder: %w", err)
		}
		if removed {
			files++
			bytes += f.Bytes
		}
	}
	return files, bytes, nil
}

// removeOld looks again: the file may have been prepared anew while keep was thinking.
func (l *Library) removeOld(name string, olderThan time.Time) (bool, error) {
	l.adding.Lock()
	defer l.adding.Unlock()
	if fi, err := os.Stat(filepath.Join(l.dir, name)); err != nil || !fi.ModTime().Before(olderThan) {
		return false, nil
	}
	l.full.Store(false)
	return true, l.Remove(name)
}

// temp is a file on its way into the library.
type temp struct {
	f     *os.File
	sum   hash.Hash
	bytes int64
	err   error        // of the disk, to be told from an error of the network
	full  *atomic.Bool // of the library

	version Version
}

func (l *Library) newTemp() (*temp, error) {
	f, err := os.CreateTemp(l.dir, tempPrefix)
	if err != nil {
		return nil, diskFault(err, words.DoingCreation)
	}
	return &temp{f: f, sum: newHash(), full: &l.full}, nil
}

func (t *temp) Write(p []byte) (int, error) {
	n, err := t.f.Write(p)
	t.sum.Write(p[:n])
	t.bytes += int64(n)
	if err != nil {
		t.err = err
	}
	if diskFull(err) { // others' files fill it, perhaps, but what we do not need ourselves can go
		t.full.Store(true)
	}
	return n, err
}

// discard drops the file unless it was kept; safe to call in any state.
func (t *temp) discard() {
	_ = t.f.Close()
	_ = os.Remove(t.f.Name()) // gone under this name once kept
}

func (t *temp) rewind() error {
	_, err := t.f.Seek(0, io.SeekStart)
	return err
}

// keep puts the file under the name of its content. It is on disk, whole, when
// its name is there: a crash leaves nothing half.
func (l *Library) keep(t *temp, ext string) (sha string, err error) {
	return l.keepIf(t, ext, func() error { return l.room(t.bytes) })
}

// keepIf asks room, with the lock held, before there is one file more.
func (l *Library) keepIf(t *temp, ext string, room func() error) (sha string, err error) {
	sha = hex.EncodeToString(t.sum.Sum(nil))
	if err := t.f.Chmod(0o644); err != nil { // a web server beside us may hand it out
		return "", diskFault(err, words.DoingPermissions)
	}
	if err := t.f.Sync(); err != nil {
		return "", diskFault(err, "writing")
	}
	l.adding.Lock()
	defer l.adding.Unlock()
	name := sha + "." + ext
	if _, err := os.Stat(filepath.Join(l.dir, name)); err != nil {
		if err := room(); err != nil {
			return "", err
		}
	}
	// An existing file of this name has the same content; replacing it also
	// renews its time for garbage collection.
	if err := os.Rename(t.f.Name(), filepath.Join(l.dir, name)); err != nil {
		return "", diskFault(err, words.DoingRename)
	}
	return sha, syncDir(l.dir)
}

func (l *Library) keepBytes(b []byte, ext string) (sha string, err error) {
	t, err := l.newTemp()
	if err != nil {
		return "", err
	}
	defer t.discard()
	if _, err := t.Write(b); err != nil {
		return "", diskFault(err, "writing")
	}
	return l.keep(t, ext)
}

// syncDir makes the new name itself survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return diskFault(err, "opening")
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return diskFault(err, "writing")
	}
	return nil
}
