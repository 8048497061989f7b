//go:build unix

package main

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"postern/store"
	"postern/words"
)

// ownership says whose the files are, and who may read them. A command that was run as root once leaves files
// behind that the daemon's own user cannot use.
func ownership(dir string) []store.Finding {
	const check = "permissions"
	var out []store.Finding
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0 {
		out = append(out, ill(check, words.DoctorDenyWriting(dir),
			words.DoctorReplaceable(dir, info.Mode().Perm())))
	}
	database, err := os.Stat(filepath.Join(dir, "postern.db"))
	if err != nil {
		return out
	}
	if mode := database.Mode().Perm(); mode&0o077 != 0 {
		out = append(out, ill(check, words.DoctorDenyReading(filepath.Join(dir, "postern.db*")),
			words.DoctorReadable(filepath.Join(dir, "postern.db"), mode)))
	}
	owner, ok := uid(database)
	for _, name := range []string{"postern.db-wal", "postern.db-shm", "secret.key", "lock", "media"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || !ok {
			continue
		}
		if other, ok := uid(info); ok && other != owner {
			out = append(out, ill(check,
				words.DoctorGiveTo(strings.TrimPrefix(systemUser(owner), "user "), dir),
				words.DoctorForeignFile(filepath.Join(dir, name), systemUser(other), systemUser(owner))))
		}
	}
	if len(out) == 0 {
		out = append(out, well(check, words.DoctorOneOwner(systemUser(owner))))
	}
	return out
}

func uid(info os.FileInfo) (uint32, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return s.Uid, true
}

// systemUser is the name of a user of this machine, or the number.
func systemUser(id uint32) string {
	n := strconv.FormatUint(uint64(id), 10)
	if u, err := user.LookupId(n); err == nil {
		return u.Username
	}
	return "user " + n
}
