package words

import (
	"fmt"
	"strings"
	"time"
)

// BackupProgress names what is counted while a backup is written.
const BackupProgress = "copying the database (MB)"

// BackupExists tells that the file of a backup exists already.
func BackupExists(file string) string {
	return fmt.Sprintf("%s exists already. Choose another name, or move it away", file)
}

// BackupWithoutKey tells that a backup does not contain the key.
func BackupWithoutKey(key string) string { return key + " is not in it" }

// BackupDone tells where the copy is, and that it does not contain the key.
func BackupDone(file, key string) string {
	return fmt.Sprintf("the backup is %s. Keep a copy of %s elsewhere, because nothing else opens the secrets in the "+
		"backup", file, key)
}

// BackupDoneKeyMissing tells where the copy is, and that the key is missing.
func BackupDoneKeyMissing(file, key string) string {
	return fmt.Sprintf("the backup is %s. Only %s opens the secrets in it, and that file is missing. Put it back from "+
		"your copy, or connect the accounts again", file, key)
}

// How `postern restore` was called wrongly.
const (
	RestoreNeedsFile = "name the file that `postern backup` wrote: `postern restore FILE`. If you put the database back " +
		"yourself, run `postern restore --in-place`"
	RestoreFileOrInPlace = "`postern restore` takes the file of a backup or --in-place, not both. See `postern restore " +
		"--help`"
)

// RestoreInPlaceRefused tells why the database in the data directory cannot be used as it is.
func RestoreInPlaceRefused(why string) string {
	return fmt.Sprintf("another program changed the database, so Postern changed nothing: %s. Drop them, or restore "+
		"an earlier backup", why)
}

// RestoreNotKept tells why the database to be replaced cannot be kept.
func RestoreNotKept(why string) string {
	return fmt.Sprintf("Postern could not keep the database that is there, so it changed nothing: %s", why)
}

// RestoreUnreadable tells why a backup cannot be read.
func RestoreUnreadable(why string) string {
	return fmt.Sprintf("Postern could not read the backup, so it changed nothing: %s", why)
}

// RestoreRefused tells why a file cannot be restored.
func RestoreRefused(file, why string) string {
	return fmt.Sprintf("Postern did not restore %s and changed nothing: %s. Name a file that `postern backup` wrote",
		file, why)
}

// RestoreForeign tells that a file is not a backup.
func RestoreForeign(file string) string {
	return fmt.Sprintf("%s is not a database of postern, so Postern changed nothing. Name a file that `postern "+
		"backup` wrote", file)
}

// RestoreFailed tells why a backup could not be restored.
func RestoreFailed(file, why string) string {
	return fmt.Sprintf("Postern did not restore %s and changed nothing: %s", file, why)
}

// Restoring is what a restored database has and lacks.
type Restoring struct {
	Since        time.Time // of the last thing that the database knows; zero for an empty one
	Held         int       // publications on hold
	Kept         string    // where the replaced database is, "" for none
	PasswordKept bool      // the web password is the one that was set last
	PasswordOld  bool      // the web password is that of the backup
	Tokens       int       // API tokens that work again, though they may have been revoked since
	Dropped      []string  // tables that are not Postern's
}

// RestoreDone tells what a restored database has, and what its owner has to do.
func RestoreDone(r Restoring) string {
	list := []string{"the database is empty"}
	if !r.Since.IsZero() {
		list[0] = "the database is as it was on " + r.Since.Local().Format(minuteLayout)
	}
	if r.Held == 1 {
		list = append(list, "1 publication is on hold until you publish or skip it")
	} else {
		list = append(list, fmt.Sprintf("%d publications are on hold until you publish or skip them", r.Held))
	}
	if r.Kept != "" {
		list = append(list, "The replaced database is "+r.Kept)
	}
	switch {
	case r.PasswordKept:
		list = append(list, "The web password is the one that was set last")
	case r.PasswordOld:
		list = append(list, "The web password is the one of that time. If you changed it since, set it again with "+
			"`postern password`")
	}
	switch {
	case r.Tokens == 1:
		list = append(list, "1 API token works again. If you revoked it since, revoke it again with `postern token "+
			"remove`")
	case r.Tokens > 1:
		list = append(list, fmt.Sprintf("%d API tokens work again. If you revoked some of them since, revoke them "+
			"again with `postern token remove`", r.Tokens))
	}
	if len(r.Dropped) > 0 {
		list = append(list, "Postern dropped these tables of the backup, because they are not its own: "+
			strings.Join(r.Dropped, ", "))
	}
	return strings.Join(list, ". ")
}
