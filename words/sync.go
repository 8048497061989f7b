package words

import (
	"fmt"
	"strings"
	"time"
)

// What `postern sync` answers.
const (
	SyncNothing       = "Nothing changed."
	SyncDaemonStopped = "the daemon stopped meanwhile. Start it again, or run `postern sync` without it"
)

// SyncSkipped counts the new posts that are skipped. isMore is whether others are listed before.
func SyncSkipped(posts int, isMore bool) string {
	kind := "new"
	if isMore {
		kind = "more new"
	}
	return fmt.Sprintf("%s skipped. `postern publications --state skipped` says why.",
		count(posts, kind+" post is", kind+" posts are"))
}

// SyncFeedInPart tells why a feed could be read only in part.
func SyncFeedInPart(id int64, name, why string) string {
	return fmt.Sprintf("Feed %d (%s) could be read only in part: %s.", id, name, why)
}

// SyncWaits tells how many publications wait and when the next step is, such as "14:05:00".
func SyncWaits(publications int, next string) string {
	return fmt.Sprintf("waiting for %s; the next step is at %s", count(publications, "publication", "publications"), next)
}

// SyncDaemonSlow tells which feeds the running daemon does not poll.
func SyncDaemonSlow(feeds []string, waited time.Duration) string {
	return fmt.Sprintf("the running daemon has not polled %s in %d minutes. Read its log, then restart it",
		strings.Join(feeds, ", "), int(waited.Minutes()))
}

// What a pass found that needs its user; several stand in one line.

// SyncFailed tells why a publication failed.
func SyncFailed(id int64, title, why string) string {
	return fmt.Sprintf("%s has failed: %s", aPublication(id, title), why)
}

// SyncUnconfirmed tells why a publication may be live.
func SyncUnconfirmed(id int64, title, why string) string {
	return fmt.Sprintf("%s may be live, and Postern cannot tell: %s", aPublication(id, title), why)
}

// SyncFeedUnread tells why a feed could not be read.
func SyncFeedUnread(id int64, name, why string) string {
	return fmt.Sprintf("feed %d (%s) could not be read: %s", id, name, why)
}

// SyncAccountLost tells why an account needs its user.
func SyncAccountLost(id int64, name, why string) string {
	return fmt.Sprintf("account %d (%s) needs attention: %s", id, name, why)
}
