package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"postern/media"
	"postern/shape"
	"postern/store"
	"postern/words"
)

// clockOff is how far a clock may be off before it matters; timeouts and quotas are counted in minutes.
const clockOff = 2 * time.Minute

// machine looks at the folder, the disk and ffmpeg.
func (d *doctor) machine(ctx context.Context) []store.Finding {
	cfg := d.app.cfg
	dir := cfg.DataDir
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return []store.Finding{ill("data directory", words.DoctorCreateDataDir,
			words.DoctorMissing(dir)), d.ffmpeg(ctx)}
	case err != nil:
		return []store.Finding{ill("data directory", words.DoctorAskAsUser,
			words.DoctorUnreadable(dir, plain(err)))}
	case !info.IsDir():
		return []store.Finding{ill("data directory", words.DoctorSetDataDir, words.DoctorNotFolder(dir))}
	}
	out := []store.Finding{d.folder(dir)}
	out = append(out, ownership(dir)...)
	return append(out, d.disk(dir), d.ffmpeg(ctx))
}

// folder says whether files can be written.
func (d *doctor) folder(dir string) store.Finding {
	const check = "data directory"
	folders := []string{dir}
	if info, err := os.Stat(filepath.Join(dir, "media")); err == nil && info.IsDir() { // it may be on a disk of its own
		folders = append(folders, filepath.Join(dir, "media"))
	}
	for _, f := range folders {
		err := tryWriting(f)
		switch {
		case err == nil:
		case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
			return ill(check, words.DoctorFreeSpace, words.DoctorUnwritable(f, plain(err)))
		case errors.Is(err, syscall.EROFS):
			return ill(check, words.DoctorMountWritable, words.DoctorUnwritable(f, plain(err)))
		default:
			return ill(check, words.DoctorOwnDataDir, words.DoctorUnwritable(f, plain(err)))
		}
	}
	return well(check, words.DoctorWritable(dir))
}

// tryWriting makes a file of 64 KB and removes it.
func tryWriting(dir string) error {
	f, err := os.CreateTemp(dir, ".part-doctor-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(make([]byte, 64<<10))
	return errors.Join(err, f.Sync(), f.Close())
}

// plain is an error of the system without the path, which stands beside it.
func plain(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		return no.Error()
	}
	return oneLine(err.Error())
}

// disk says how much room there is.
func (d *doctor) disk(dir string) store.Finding {
	const check = "disk"
	free, known := freeSpace(dir)
	folder := filepath.Join(dir, "media")
	if there, ok := freeSpace(folder); ok { // its own disk, or the same
		free = min(free, there)
	}
	switch {
	case known && free < diskFull:
		return ill(check, words.DoctorDiskIsFull, words.DoctorDiskFull(free>>20))
	case known && free < diskLow:
		return ill(check, words.DoctorDiskFillsUp, words.DoctorDiskLow(free>>20))
	}
	if !known {
		free = -1
	}
	if _, err := os.Stat(folder); err == nil {
		if l, err := media.Beside(folder); err == nil {
			limit := d.app.cfg.Media.MaxBytes
			used, err := l.Used()
			switch {
			case err != nil:
				return ill(check, words.DoctorAskAsUser, words.DoctorUnreadable(folder, plain(err)))
			case float64(used) >= folderFull*float64(limit):
				return ill(check, words.DoctorMediaIsFull, words.DoctorMediaFull(used>>20, limit>>20))
			}
			return well(check, words.DoctorDiskFreeAndMedia(free, used>>20, limit>>20))
		}
	}
	return well(check, words.DoctorDiskFree(free))
}

var ffmpegVersion = regexp.MustCompile(`(?m)^ffmpeg version (\S+)`)

// ffmpeg says what videos can be converted with. Without it all else works, so it is never more than a note.
func (d *doctor) ffmpeg(ctx context.Context) store.Finding {
	const check = "ffmpeg"
	set := d.app.cfg.Media.FFmpeg
	path := media.FindFFmpeg(set)
	switch {
	case set == media.NoFFmpeg:
		return remark(check, words.DoctorFFmpegOn, words.DoctorFFmpegOff)
	case path == "":
		return remark(check, words.DoctorFFmpegInstall, words.DoctorFFmpegNone)
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	// Before the list of encoders, ffmpeg prints its version on standard error. To start it once only halves the time
	// of doctor.
	said, err := exec.CommandContext(ctx, path, "-encoders").CombinedOutput()
	m := ffmpegVersion.FindSubmatch(said)
	if err != nil || m == nil {
		return remark(check, words.DoctorFFmpegDebian, words.DoctorFFmpegUnknown(path))
	}
	if coders := string(said); !strings.Contains(coders, " libx264 ") || !strings.Contains(coders, " aac ") {
		return remark(check, words.DoctorFFmpegDebian, words.DoctorFFmpegPoor(path, string(m[1])))
	}
	return well(check, words.DoctorFFmpeg(path, string(m[1])))
}

// witness compares this machine's clock with that of every server that answers anyway.
type witness struct {
	began time.Time // with the monotonic clock

	mu  sync.Mutex
	off map[string]time.Duration // by host: ahead of that one's at least so far; negative is behind
}

func newWitness(began time.Time) *witness {
	return &witness{began: began, off: map[string]time.Duration{}}
}

// watch returns a transport that notes the time that answers tell.
func (w *witness) watch(next http.RoundTripper) http.RoundTripper { return &watched{w, next} }

type watched struct {
	*witness
	next http.RoundTripper
}

// RoundTrip notes the Date of the answer.
func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	before := time.Now().Round(0)
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	after := time.Now().Round(0)
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return resp, nil //nolint:nilerr // a server that does not tell the time is no failure
	}
	if age, err := strconv.Atoi(resp.Header.Get("Age")); err == nil { // the Date is when a cache on the way got it
		at = at.Add(time.Duration(age) * time.Second)
	}
	// The answer was made between the two, and its Date has whole seconds.
	var off time.Duration
	switch {
	case before.After(at.Add(time.Second)):
		off = before.Sub(at.Add(time.Second))
	case after.Before(at):
		off = after.Sub(at)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if known, ok := w.off[r.URL.Host]; !ok || off.Abs() < known.Abs() {
		w.off[r.URL.Host] = off
	}
	return resp, nil
}

// time says whether the clock can be right.
func (d *doctor) time(ctx context.Context) []store.Finding {
	const check = "clock"
	const remedy = words.DoctorSetClock
	now := time.Now()
	if moved := now.Round(0).Sub(d.clock.began.Round(0)) - now.Sub(d.clock.began); moved.Abs() > 2*time.Second {
		return []store.Finding{ill(check, remedy, words.DoctorClockMoved(moved.Round(time.Second)))}
	}
	if built := builtAt(); now.Before(built) {
		return []store.Finding{ill(check, remedy, words.DoctorClockTooEarly(shape.Time(now)))}
	}
	if d.app.store != nil {
		if last, err := d.app.store.LastEventAt(ctx); err == nil && last.Sub(now) > clockOff {
			return []store.Finding{ill(check, remedy,
				words.DoctorClockBehindHistory(shape.Time(now), shape.Time(last)))}
		}
	}
	return []store.Finding{d.clock.finding(check, remedy, now)}
}

func (w *witness) finding(check, remedy string, now time.Time) store.Finding {
	w.mu.Lock()
	defer w.mu.Unlock()
	var hosts []string
	for host := range w.off {
		hosts = append(hosts, host)
	}
	sort.Slice(hosts, func(i, j int) bool { return w.off[hosts[i]].Abs() < w.off[hosts[j]].Abs() })
	if len(hosts) == 0 {
		return well(check, words.DoctorClockAlone(shape.Time(now)))
	}
	// The server that agrees most is believed: that two are wrong alike is less likely than that one is.
	off := w.off[hosts[0]]
	if off.Abs() > clockOff {
		return ill(check, remedy, words.DoctorClockOff(shape.Time(now), off.Round(time.Second), hosts[0]))
	}
	return well(check, words.DoctorClockAgrees(shape.Time(now), hosts[0]))
}

// builtAt is the time of the commit that this program was made of; zero when it does not know.
func builtAt() time.Time {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			at, _ := time.Parse(time.RFC3339, s.Value)
			return at
		}
	}
	return time.Time{}
}
