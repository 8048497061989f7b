package words

import (
	"fmt"
	"time"
)

// The notices about the machine, the database and the public address: what is wrong, and what its owner can do. why is
// a reason without a full stop.

// Remedies of these notices.
const (
	FixKeyUnreadable = "Publishing goes on until Postern restarts. Put the key's file back from your copy before that."
	FixDiskLow       = "Free some space. Postern publishes nothing when the disk is full, and nothing is lost."
	FixMediaUnusable = "Check the free space and the permissions of data_dir. Waiting posts then go on by " +
		"themselves, and nothing is lost."
	FixMediaFull = "Lower media.keep_days, so that Postern removes old files earlier, or raise " +
		"media.max_bytes. Then restart Postern."
	FixInstagramCannotFetch = "Posts that need the public address wait. When you have fixed it, run `postern " +
		"account check`, or press Check under Accounts."
	FixPublicUnsure = "Open the public address on a phone without Wi-Fi. If it opens there, it is OK."
	FixClockWrong   = "Postern corrected the times that it had set. Keep the clock right: `timedatectl set-ntp " +
		"true`, or your machine's own service for that."
	FixCopyRuns = "Stop one of the two. The other one then compares waiting posts with the profile and goes on by " +
		"itself."
)

// NoticeKeyUnreadable tells that the next start will fail for want of the key.
func NoticeKeyUnreadable(why string) string {
	return fmt.Sprintf("Postern cannot read the key of the stored secrets: %s.", why)
}

// NoticeDiskLow tells that the disk of the data directory is nearly full, or full.
func NoticeDiskLow(dir string, isFull bool) string {
	if isFull {
		return fmt.Sprintf("The disk of %s is full.", dir)
	}
	return fmt.Sprintf("The disk of %s is nearly full.", dir)
}

// NoticeMediaUnusable tells why no media can be prepared.
func NoticeMediaUnusable(why string) string {
	return fmt.Sprintf("Postern cannot use the media folder: %s.", why)
}

// NoticeMediaFull tells that the media folder is nearly at its limit.
func NoticeMediaFull(usedMB, limitMB int64) string {
	return fmt.Sprintf("The media folder is nearly full: it has %d of %d MB. Posts that need more space wait.", usedMB,
		limitMB)
}

// NoticePublicFails tells why Instagram cannot fetch our files.
func NoticePublicFails(why string) string {
	return fmt.Sprintf("Instagram cannot fetch our files: %s.", why)
}

// NoticePublicUnsure tells why this machine cannot check the public address, and whether Instagram could not fetch a
// file in the last 24 hours.
func NoticePublicUnsure(why string, refused bool) string {
	if refused {
		return fmt.Sprintf("Postern cannot check the public address from here: %s. Instagram could not fetch our "+
			"files in the last 24 hours.", why)
	}
	return fmt.Sprintf("Postern cannot check the public address from here: %s.", why)
}

// NoticeClockWrong tells how far ahead the clock was, and until when.
func NoticeClockWrong(ahead time.Duration, until, now time.Time) string {
	return fmt.Sprintf("The clock of this machine was %s ahead until %s.", ahead,
		until.UTC().Format("15:04 MST, ")+Day(until.UTC(), now))
}

// NoticeCopyRuns tells why this process may not publish.
func NoticeCopyRuns(why string) string {
	return fmt.Sprintf("Postern publishes nothing from here: %s.", why)
}
