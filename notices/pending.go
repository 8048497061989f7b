package notices

import (
	"slices"
	"strconv"
	"time"

	"postern/store"
	"postern/words"
)

// Pending returns what is wrong with feeds that have no open notice: most fail for a moment only, so a notice is opened
// after several failures in a row. Each is in the shape of a notice that was never opened. isServed is whether a daemon
// runs, which checks the feeds again.
func Pending(feeds []store.Feed, open []store.Notice, isServed bool, now time.Time) (all []store.Notice) {
	for _, f := range feeds {
		if slices.ContainsFunc(open, func(n store.Notice) bool { return n.FeedID == f.ID && n.AccountID == 0 }) {
			continue
		}
		n, isDue := ofFeed(f)
		switch {
		case isDue:
		case f.IsPausedByPostern():
			n.Text, n.Remedy = words.NoticeFeedStopped(f.Name(), sentence(f.ProblemWords())), words.FixFeedStopped(f.ID)
		case !f.Paused && f.Failures > 0:
			n.Text = words.NoticeFeedFails(f.Name(), f.Failures, sentence(f.ProblemWords()))
			n.Remedy = words.FixFeedFailsFirst(f.NextPollAt, now, feedFailures)
			if !isServed {
				n.Remedy = words.FixFeedFailsStopped(feedFailures)
			} else if !f.NextPollAt.After(now) {
				n.Remedy = words.FixFeedFailsNow(feedFailures)
			}
		default:
			continue
		}
		n.Cause, n.Severity, n.FeedID = feedCause+strconv.FormatInt(f.ID, 10), store.Info, f.ID
		all = append(all, n)
	}
	return all
}
