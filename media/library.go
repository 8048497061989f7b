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

	// decodeRoom limits the memory of the pictures that are decoded at once, estimated from their headers, and
	// decodeMost limits their number. A picture that needs more than decodeRoom is decoded alone: a progressive JPEG
	// or a 16-bit PNG of 50 megapixels needs 400 MB.
	decodeRoom = 64 << 20
	decodeMost = 2
)

// Library is a folder of prepared files, named by their content. It is safe for concurrent use by one process. A
// second process must not use the same folder: its [NewLibrary] would delete the unfinished downloads of the first.
type Library struct {
	dir     string
	client  *http.Client
	lim     Limits
	decodes *semaphore.Weighted // limits memory, not the number of decoders

	converts *semaphore.Weighted // limits decoding of AVIF and HEIC
	videos   *semaphore.Weighted // runs of ffmpeg
	ffmpeg   string              // "" if there is none

	filmLock *semaphore.Weighted // guards films, and is held during a conversion
	films    map[filmKey]File    // conversions of this process

	adding sync.Mutex  // held from the check for space until the space is used
	full   atomic.Bool // a file did not fit, and none has been removed since
}

// NewLibrary opens the folder dir, creates it if necessary, and removes unfinished files of a crash. The client must
// itself refuse private addresses.
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
		filmLock: semaphore.NewWeighted(1), films: map[filmKey]File{},
	}, nil
}

var validName = regexp.MustCompile(`^[0-9a-f]{64}\.(jpg|mp4|mov)$`)

// IsName reports whether name has the form of a name in the library: "<sha256>.<ext>".
func IsName(name string) bool { return validName.MatchString(name) }

// Path returns the path of the file with that name ("<sha256>.<ext>"). The error is fs.ErrNotExist if there is no
// such file or name does not have that form.
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

// Remove deletes a file, if it exists. The caller must ensure that nothing refers to it and that nothing prepares it.
func (l *Library) Remove(name string) error {
	if !validName.MatchString(name) {
		return nil
	}
	if err := os.Remove(filepath.Join(l.dir, name)); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// Stored describes a file in the library for garbage collection.
type Stored struct {
	Name    string
	Bytes   int64
	ModTime time.Time // time of its last preparation
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

// Used returns the total size of all finished files.
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

// room returns an error if another file of that size would exceed the limit of the folder.
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

// Usable checks that a file can be written to the folder, and returns the error if not.
func (l *Library) Usable() error {
	t, err := l.newTemp()
	if err != nil {
		return err
	}
	defer t.discard()
	_, err = t.Write([]byte{0}) // an empty file needs no space
	return err
}

// Full reports whether a file did not fit into the folder or on the disk, and none has been removed since.
func (l *Library) Full() bool { return l.full.Load() }

// Roomy reports whether less than half of the folder's limit is used.
func (l *Library) Roomy() bool {
	used, err := l.Used()
	return err == nil && used < l.lim.MaxTotal/2
}

// Prune removes the files that were last prepared before olderThan and for which keep returns false. It returns their
// number and total size. It keeps all newer files, because a file exists before the record that refers to it.
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

// removeOld removes a file unless it was prepared again while keep ran.
func (l *Library) removeOld(name string, olderThan time.Time) (bool, error) {
	l.adding.Lock()
	defer l.adding.Unlock()
	if fi, err := os.Stat(filepath.Join(l.dir, name)); err != nil || !fi.ModTime().Before(olderThan) {
		return false, nil
	}
	l.full.Store(false)
	return true, l.Remove(name)
}

// temp is an unfinished file of the library.
type temp struct {
	f     *os.File
	sum   hash.Hash
	bytes int64
	err   error        // error of the disk, as opposed to one of the network
	full  *atomic.Bool // Library.full

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
	if diskFull(err) { // other programs may have filled it, but pruning our unused files may help
		t.full.Store(true)
	}
	return n, err
}

// discard deletes the file unless it was kept. It is safe in every state.
func (t *temp) discard() {
	_ = t.f.Close()
	_ = os.Remove(t.f.Name()) // a kept file has another name
}

func (t *temp) rewind() error {
	_, err := t.f.Seek(0, io.SeekStart)
	return err
}

// keep moves the file to the name of its content. The file is complete on disk before it gets that name, so that a
// crash leaves no partial file.
func (l *Library) keep(t *temp, ext string) (sha string, err error) {
	return l.keepIf(t, ext, func() error { return l.room(t.bytes) })
}

// keepIf is like keep, and calls room with the lock held before it adds a file.
func (l *Library) keepIf(t *temp, ext string, room func() error) (sha string, err error) {
	sha = hex.EncodeToString(t.sum.Sum(nil))
	if err := t.f.Chmod(0o644); err != nil { // a web server may serve the folder
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
	// An existing file of this name has the same content. Replacing it also updates its time for garbage collection.
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

// syncDir flushes the directory, so that the new name survives a power failure.
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
