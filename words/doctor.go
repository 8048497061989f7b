package words

import (
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// What `postern doctor` calls its parts.
const (
	DoctorConfiguration = "Configuration"
	DoctorMachine       = "This machine"
	DoctorClock         = "Clock of this machine"
	DoctorDatabase      = "Database"
	DoctorAddress       = "Public address"
	DoctorFeeds         = "Feeds"
	DoctorAccounts      = "Accounts"
	DoctorQueue         = "Publishing"
)

// What `postern doctor` finds, and what its user can do. A finding stands behind the name of its check; what to do
// stands below it.
const (
	DoctorAllPassed = "All checks passed."
	DoctorReportBug = "report this as a bug of Postern"
	DoctorFixConfig = "correct the configuration and run doctor again, because it checked nothing else. Read in " +
		"config.example.toml what each key means"
	DoctorNoConfig   = "there is no configuration file, so Postern uses its defaults and the environment"
	DoctorAskAsUser  = "run doctor as the user that runs Postern, such as `sudo -u postern postern doctor`"
	DoctorFixAndAsk  = "fix that and run doctor again"
	DoctorStartServe = "start `postern serve`, or let cron run `postern sync`"
)

// DoctorCrashed tells that a check ended by a crash.
func DoctorCrashed(why string) string { return "the check crashed: " + why }

// DoctorFailed names checks that failed. more counts those that are not named.
func DoctorFailed(checks []string, more int) string {
	list := strings.Join(checks, ", ")
	switch {
	case more > 0:
		return fmt.Sprintf("%d checks failed: %s and %d more. Follow the advice below each",
			len(checks)+more, list, more)
	case len(checks) == 1:
		return fmt.Sprintf("1 check failed: %s. Follow the advice below it", list)
	}
	return fmt.Sprintf("%d checks failed: %s. Follow the advice below each", len(checks), list)
}

// DoctorOf tells what is found about a feed or an account.
func DoctorOf(name, finding string) string { return fmt.Sprintf("%s: %s", name, finding) }

// DoctorAllOf lists what is found about a feed or an account that has no problem.
func DoctorAllOf(name string, findings []string) string {
	return fmt.Sprintf("%s: %s", name, strings.Join(findings, "; "))
}

// DoctorConfigUsable tells that the configuration has no mistake.
func DoctorConfigUsable(file string) string { return fmt.Sprintf("%s has no mistakes", file) }

// The data directory, the disk and ffmpeg.
const (
	DoctorCreateDataDir = "start `postern serve`, which creates it. If Postern is installed already, name its " +
		"configuration with --config, or set POSTERN_DATA_DIR"
	DoctorSetDataDir    = "set data_dir to a folder"
	DoctorFreeSpace     = "free some space there. Nothing is lost meanwhile"
	DoctorMountWritable = "mount that disk for writing, or set data_dir to a folder elsewhere"
	DoctorOwnDataDir    = "make the user that runs Postern its owner and run doctor as that user, or set data_dir"
	DoctorDiskIsFull    = "free some space. Postern publishes nothing until then, and nothing is lost"
	DoctorDiskFillsUp   = "free some space before the disk is full"
	DoctorMediaIsFull   = "lower media.keep_days, so that Postern removes old files earlier, or raise " +
		"media.max_bytes; then restart Postern"
	DoctorFFmpegOff     = "media.ffmpeg switches ffmpeg off, so a video that Instagram does not take as it is waits"
	DoctorFFmpegNone    = "ffmpeg is not installed, so a video that Instagram does not take as it is waits"
	DoctorFFmpegOn      = "to convert videos, switch media.ffmpeg on in the configuration and restart Postern"
	DoctorFFmpegInstall = "install ffmpeg on this machine (apt-get install ffmpeg)"
	DoctorFFmpegDebian  = "install Debian's ffmpeg: apt-get install ffmpeg"
)

// DoctorMissing tells that the data directory or the database does not exist.
func DoctorMissing(path string) string { return path + " does not exist yet" }

// DoctorUnreadable tells why a file or folder cannot be read.
func DoctorUnreadable(path, why string) string {
	return fmt.Sprintf("Postern cannot read %s: %s", path, why)
}

// DoctorUnwritable tells why Postern cannot write to a folder.
func DoctorUnwritable(path, why string) string {
	return fmt.Sprintf("Postern cannot write to %s: %s", path, why)
}

// DoctorNotFolder tells that a path is not that of a folder.
func DoctorNotFolder(path string) string { return path + " is not a folder" }

// DoctorWritable tells that Postern can write to a folder.
func DoctorWritable(path string) string { return "Postern can write to " + path }

// DoctorDiskFull tells that the disk is full.
func DoctorDiskFull(freeMB int64) string {
	return fmt.Sprintf("the disk is full: %d MB are free", freeMB)
}

// DoctorDiskLow tells that the disk is nearly full.
func DoctorDiskLow(freeMB int64) string {
	return fmt.Sprintf("the disk is nearly full: %d MB are free", freeMB)
}

// DoctorDiskFree tells how much space is free on the disk, in bytes; less than 0 is not known.
func DoctorDiskFree(free int64) string {
	if free < 0 {
		return "this system does not tell how much space is free"
	}
	return fmt.Sprintf("%.1f GB are free", gigabytes(free))
}

// DoctorDiskFreeAndMedia tells, beside [DoctorDiskFree], how full the media folder is.
func DoctorDiskFreeAndMedia(free, usedMB, limitMB int64) string {
	if free < 0 {
		return fmt.Sprintf("this system does not tell how much space is free; the media folder has %d of %d MB", usedMB,
			limitMB)
	}
	return fmt.Sprintf("%.1f GB are free; the media folder has %d of %d MB", gigabytes(free), usedMB, limitMB)
}

func gigabytes(bytes int64) float64 { return float64(bytes) / (1 << 30) }

// DoctorMediaFull tells that the media folder is nearly at its limit.
func DoctorMediaFull(usedMB, limitMB int64) string {
	return fmt.Sprintf("the media folder is nearly full: it has %d of %d MB", usedMB, limitMB)
}

// DoctorFFmpegUnknown tells that a program does not tell its version.
func DoctorFFmpegUnknown(path string) string {
	return fmt.Sprintf("%s does not tell its version. Postern converts videos with it all the same", path)
}

// DoctorFFmpegPoor tells that ffmpeg lacks what converting videos needs.
func DoctorFFmpegPoor(path, version string) string {
	return fmt.Sprintf("%s, version %s, was built without libx264 or AAC, so it cannot convert videos", path, version)
}

// DoctorFFmpeg tells the version of ffmpeg.
func DoctorFFmpeg(path, version string) string { return fmt.Sprintf("%s, version %s", path, version) }

// DoctorReplaceable tells that other users can replace the files of the data directory.
func DoctorReplaceable(dir string, mode fs.FileMode) string {
	return fmt.Sprintf("other users can replace files in %s (mode %04o)", dir, mode)
}

// DoctorReadable tells that other users can read the database.
func DoctorReadable(path string, mode fs.FileMode) string {
	return fmt.Sprintf("other users can read %s (mode %04o)", path, mode)
}

// DoctorDenyWriting names the command that lets only the owner change a folder.
func DoctorDenyWriting(dir string) string { return "run chmod go-w " + dir }

// DoctorDenyReading names the command that lets only the owner read files.
func DoctorDenyReading(files string) string { return "run chmod 600 " + files }

// DoctorGiveTo names the command that gives all files of a folder to an owner.
func DoctorGiveTo(owner, dir string) string { return fmt.Sprintf("run chown -R %s %s", owner, dir) }

// DoctorForeignFile tells that a file has another owner than the database.
func DoctorForeignFile(path, owner, databaseOwner string) string {
	return fmt.Sprintf("%s belongs to %s, and postern.db to %s", path, owner, databaseOwner)
}

// DoctorOneOwner tells who owns all files.
func DoctorOneOwner(owner string) string { return "all files belong to " + owner }

// DoctorSetClock tells how the clock is kept right.
const DoctorSetClock = "set the clock and keep it right: `timedatectl set-ntp true`, or your machine's own service " +
	"for that"

// DoctorClockMoved tells by how much the clock was changed.
func DoctorClockMoved(by time.Duration) string {
	return fmt.Sprintf("the clock was changed by %s while doctor ran", by)
}

// DoctorClockTooEarly tells that the clock is behind for certain.
func DoctorClockTooEarly(now string) string {
	return fmt.Sprintf("the clock shows %s, and this program was built later than that", now)
}

// DoctorClockBehindHistory tells that Postern's history has a later time than the clock.
func DoctorClockBehindHistory(now, last string) string {
	return fmt.Sprintf("the clock shows %s, and Postern's history goes to %s. The clock is behind now, or was ahead "+
		"then",
		now, last)
}

// DoctorClockAlone tells that no server's clock is known.
func DoctorClockAlone(now string) string {
	return fmt.Sprintf("the clock shows %s; no server answered to compare it with", now)
}

// DoctorClockOff tells how far the clock is ahead of a server's, or behind it where ahead is negative.
func DoctorClockOff(now string, ahead time.Duration, host string) string {
	if ahead < 0 {
		return fmt.Sprintf("the clock shows %s, %s behind the clock of %s", now, -ahead, host)
	}
	return fmt.Sprintf("the clock shows %s, %s ahead of the clock of %s", now, ahead, host)
}

// DoctorClockAgrees tells which server's clock agrees.
func DoctorClockAgrees(now, host string) string {
	return fmt.Sprintf("the clock shows %s, and the clock of %s agrees", now, host)
}

// The database and the key.
const (
	DoctorCreateDatabase = "start `postern serve`, which creates it, or restore a backup with `postern restore FILE`"
	DoctorDatabaseOlder  = "an older version of Postern wrote the database"
	DoctorUpdateDatabase = "start `postern serve` of this version once. It brings the database up to date"
	DoctorDatabaseNewer  = "a newer version of Postern wrote the database"
	DoctorUseNewer       = "use that version, or restore a backup with `postern restore FILE`"
	DoctorDatabaseOther  = "put a database of Postern on a local disk, where you may read it, or restore a backup"
	DoctorDamaged        = "stop Postern, keep a copy of the file, and restore the last backup with `postern " +
		"restore FILE`"
	DoctorReadRest   = "run PRAGMA quick_check on a backup to read all of it"
	DoctorKeyNotYet  = "there is no key yet. Postern creates it at its first start"
	DoctorPutKeyBack = "put the right key back from your copy. If you have none, start with a new data directory " +
		"and connect the accounts again"
)

// DoctorDatabaseDamaged tells that the database is damaged. finding is what SQLite says, or "".
func DoctorDatabaseDamaged(path, finding string) string {
	if finding == "" {
		return fmt.Sprintf("the database %s is damaged", path)
	}
	return fmt.Sprintf("the database %s is damaged: %s", path, finding)
}

// DoctorDatabaseLarge tells that only the beginning of the database was read.
func DoctorDatabaseLarge(path string, bytes int64, limit time.Duration) string {
	return fmt.Sprintf("%s (%.1f MB) is of this version. Reading all of it takes longer than %s, so doctor stopped",
		path,
		megabytes(bytes), limit)
}

// DoctorDatabaseOK tells that nothing is wrong with the database.
func DoctorDatabaseOK(path string, bytes int64) string {
	return fmt.Sprintf("%s (%.1f MB) is of this version and not damaged", path, megabytes(bytes))
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// DoctorKeyOpens tells how many secrets a key opens. where names its place.
func DoctorKeyOpens(where string, secrets int) string {
	if secrets == 0 {
		return where + " is a key; Postern has no stored secrets yet"
	}
	return fmt.Sprintf("%s opens %s", where, count(secrets, "stored secret", "stored secrets"))
}

// The feeds and the accounts.
const (
	DoctorNoFeeds    = "there are no feeds yet"
	DoctorAddFeed    = "add one with `postern feed add URL`"
	DoctorNoAccounts = "there are no accounts yet"
	DoctorAddAccount = "connect one on the pages or with `postern account add`. To try Postern out, add --sandbox " +
		"for a simulated account"
	DoctorFixKey = "fix the key of the stored secrets"
)

// DoctorFeedsUnreadable tells why the feeds cannot be read from the database.
func DoctorFeedsUnreadable(why string) string { return "Postern cannot read its feeds: " + why }

// DoctorAccountsUnreadable tells why the accounts cannot be read from the database.
func DoctorAccountsUnreadable(why string) string { return "Postern cannot read its accounts: " + why }

// DoctorFeedPausedByPostern tells why Postern paused a feed.
func DoctorFeedPausedByPostern(feed, why string) string {
	return fmt.Sprintf("Postern paused %s: %s", feed, why)
}

// DoctorFeedPaused tells that a feed was not checked because it is paused.
func DoctorFeedPaused(feed string) string { return feed + " is paused, so doctor did not check it" }

// DoctorNoTime tells that there was no time left to check a feed or an account.
func DoctorNoTime(name string, limit time.Duration) string {
	return fmt.Sprintf("doctor did not check %s, because it ends after %s", name, limit)
}

// DoctorCheckFeed names the command that checks a feed.
func DoctorCheckFeed(id int64) string {
	return fmt.Sprintf("check it with `postern feed check %d`", id)
}

// DoctorFeedUnused tells that no account takes the posts of a feed.
func DoctorFeedUnused(feed string) string {
	return fmt.Sprintf("no account publishes the posts of %s", feed)
}

// DoctorRouteFeed names the command that gives a feed to an account.
func DoctorRouteFeed(id int64) string {
	return fmt.Sprintf("choose an account with `postern feed route %d ACCOUNT`", id)
}

// DoctorPauseCheck names the check for the pause of an account.
func DoctorPauseCheck(account int64) string { return fmt.Sprintf("account %d: pause", account) }

// DoctorAccountPaused tells that an account is paused.
func DoctorAccountPaused(account string) string {
	return account + " is paused, so Postern publishes nothing there"
}

// DoctorResumeAccount names the command that resumes an account.
func DoctorResumeAccount(id int64) string {
	return fmt.Sprintf("resume it with `postern account resume %d`", id)
}

// DoctorAccountSimulated tells that an account is one of the simulated Instagram.
func DoctorAccountSimulated(account string) string {
	return account + " is an account of the simulated Instagram, which needs no check"
}

// DoctorAccountSealed tells that the access token of an account cannot be opened.
func DoctorAccountSealed(account string) string {
	return fmt.Sprintf("doctor did not check %s, because its access token cannot be opened", account)
}

// DoctorCheckAccount names the command that checks an account.
func DoctorCheckAccount(id int64) string {
	return fmt.Sprintf("check it with `postern account check %d`", id)
}

// Publications, the daemon and notifications.
const (
	DoctorNone           = "none"
	DoctorFixUnconfirmed = "check the profile. Run `postern confirm ID` if the post is there, and `postern retry ID " +
		"--not-live` if it is not"
	DoctorFixFailed = "run `postern publications --state failed` to see why, then `postern retry ID` or `postern " +
		"skip ID`"
	DoctorFixHeld = "run `postern publications --state held` to see why, then `postern approve ID`, `postern " +
		"publish ID` or `postern skip ID`"
	DoctorDaemonIdle   = "no daemon is running, and no post is due"
	DoctorRestart      = "read its log, then restart it"
	DoctorNoTargets    = "problems appear only on the pages, because there is no notification target"
	DoctorAddTarget    = "add one with `postern notify add`, for mail, ntfy, Telegram and others"
	DoctorFixTarget    = "correct the notification target, then run `postern notify test`"
	DoctorTargetUnused = "Postern has sent no message there yet"
	DoctorTestTarget   = "test it with `postern notify test`"
)

// DoctorUncounted tells why publications cannot be counted.
func DoctorUncounted(why string) string { return "Postern cannot count its publications: " + why }

// DoctorUnconfirmed counts the publications that may be live; orMore is whether counting ended there.
func DoctorUnconfirmed(n int, orMore bool) string {
	return countPublications(n, orMore) + " may be live, and Postern cannot tell"
}

// DoctorFailedPublications counts the publications that failed; orMore is whether counting ended there.
func DoctorFailedPublications(n int, orMore bool) string {
	return countPublications(n, orMore) + " failed"
}

// DoctorHeld counts the publications on hold; orMore is whether counting ended there.
func DoctorHeld(n int, orMore bool) string {
	if n == 1 {
		return "1 publication is on hold until you decide"
	}
	return countPublications(n, orMore) + " are on hold until you decide"
}

func countPublications(n int, orMore bool) string {
	if orMore {
		return fmt.Sprintf("%d or more publications", n)
	}
	return count(n, "publication", "publications")
}

// DoctorDueUnreadable tells why it is not known what is due.
func DoctorDueUnreadable(why string) string { return "Postern cannot read which posts are due: " + why }

// DoctorDaemonMissing tells that a post is due and nothing publishes it.
func DoctorDaemonMissing(due string) string {
	return fmt.Sprintf("no daemon is running, and a post was due %s", due)
}

// DoctorDaemonStuck tells that a daemon runs and does nothing. last and due are such as "2 h ago".
func DoctorDaemonStuck(holder, last, due string) string {
	return fmt.Sprintf("%s is running, but it last did something %s, though a post was due %s", holder, last, due)
}

// DoctorDaemonRuns names the process of the daemon.
func DoctorDaemonRuns(holder string) string { return holder + " is running" }

// DoctorTargetsUnreadable tells why the notification targets cannot be read from the database.
func DoctorTargetsUnreadable(why string) string {
	return "Postern cannot read its notification targets: " + why
}

// DoctorTargetCheck names the check of a notification target.
func DoctorTargetCheck(target string) string { return "notices to " + target }

// DoctorTargetFails tells why the last message to a target did not arrive.
func DoctorTargetFails(why string) string { return "the last message did not arrive: " + why }

// DoctorTargetWorks tells when the last message to a target arrived, such as "2 h ago".
func DoctorTargetWorks(when string) string { return "the last message arrived " + when }

// DoctorProxyUntrusted tells that visitors come through a proxy that Postern does not trust.
func DoctorProxyUntrusted(proxy string) string {
	return fmt.Sprintf("the pages were opened through a proxy at %s, which Postern does not trust. So all its "+
		"visitors count as one, and strangers can use up the log-in attempts", proxy)
}

// DoctorProxiesUnreadable tells why the proxies that Postern saw cannot be read from the database.
func DoctorProxiesUnreadable(why string) string {
	return "Postern cannot read which proxies it saw: " + why
}
