package daemon

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"postern/store"
	"postern/words"
)

// CrashName is the file in the data directory into which Go writes how the program crashed. It is empty, or not
// there, after any other end.
const CrashName = "crash.log"

// runSetting is where a process notes the boot of the machine and how many processes the kernel had killed by
// then for want of memory.
const runSetting = "run"

// AfterLastRun finds out how the process before this one ended, and makes suspects of the feeds that it was reading
// when it crashed. From then on a crash of this one is written down. The returned function is called when it ends well.
func AfterLastRun(ctx context.Context, s *store.Store, dataDir string, log *slog.Logger) (ended func(), err error) {
	ended = func() {}
	path := filepath.Join(dataDir, CrashName)
	why := crashOf(path)
	before, err := s.Setting(ctx, runSetting)
	if err != nil {
		return ended, err
	}
	now := thisRun()
	if why == "" && outOfMemory(before, now) {
		why = words.KilledForMemory
	}
	suspects, err := s.RecordCrash(ctx, why != "")
	if err != nil {
		return ended, err
	}
	if why != "" {
		log.Error("the last run crashed", slog.String("why", why))
	}
	for _, f := range suspects {
		log.Warn("a feed was being read then; it is read alone from now on, until a poll of it ends",
			slog.Int64("feed_id", f.ID), slog.Int("crashes", f.Crashes), slog.Bool("paused", f.Paused))
	}
	if now != before {
		if err := s.SetSetting(ctx, runSetting, now); err != nil {
			return ended, err
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		log.Warn("a crash could not be written down", slog.Any("error", err))
		return ended, nil
	}
	defer file.Close() // Go keeps its own
	if err := debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
		return ended, fmt.Errorf("opening %s: %w", CrashName, err)
	}
	return func() { removeEmpty(path) }, nil
}

// removeEmpty removes a file that nothing was written into.
func removeEmpty(path string) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		_ = os.Remove(path)
	}
}

// crashOf returns the first line of what a crash has left, "" for none. Who asks a process for its goroutines by
// SIGQUIT ends it, too.
func crashOf(path string) string {
	b, err := os.ReadFile(path)
	if err != nil || bytes.HasPrefix(b, []byte("SIGQUIT")) {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return line
}

// thisRun returns the boot of the machine and the number of processes that were killed for want of memory, ""
// where the system says neither (https://www.kernel.org/doc/html/latest/admin-guide/sysctl/kernel.html#random).
func thisRun() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	counters, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(counters)) {
		if n, ok := strings.CutPrefix(line, "oom_kill "); ok {
			return strings.TrimSpace(string(boot)) + " " + strings.TrimSpace(n)
		}
	}
	return ""
}

// outOfMemory reports whether the kernel killed a process between two runs, of which the machine did not start in
// between.
func outOfMemory(before, now string) bool {
	bootBefore, killedBefore, _ := strings.Cut(before, " ")
	boot, killed, _ := strings.Cut(now, " ")
	m, err1 := strconv.Atoi(killedBefore)
	n, err2 := strconv.Atoi(killed)
	return err1 == nil && err2 == nil && boot == bootBefore && n > m
}
