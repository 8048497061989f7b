package feed

import (
	"context"
	"fmt"
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// Check polls a feed without storing anything, and returns what it found.
func (p *Poller) Check(ctx context.Context, f store.Feed) []store.Finding {
	var out []store.Finding
	add := func(check string, ok bool, detail, remedy string) {
		if ok {
			remedy = ""
		}
		out = append(out, store.Finding{Check: check, OK: ok, Detail: detail, Remedy: remedy})
	}
	if err := ParseSchedule(p.schedule(f)); err != nil {
		add("schedule", false, err.Error(), words.FixSchedule)
	}
	switch {
	case f.IsPausedByPostern():
		add("polling", false, words.FeedIsPausedBecause(f.ProblemWords()), words.FixFeedPaused(f.ID))
	case f.Paused: // the owner paused the feed
		out = append(out, store.Finding{Check: "polling", OK: true, Detail: words.FeedIsPaused,
			Remedy: words.FixFeedPaused(f.ID)})
	case f.Failures > 0:
		add("polling", false, words.PollsFailed(f.Failures, f.ProblemWords()), words.FixPollsFailed)
	}
	f.ETag, f.LastModified = "", ""
	fetched, doc, err := p.read(ctx, f)
	if err != nil {
		if fetched.Size > 0 {
			add("reachable", true, words.ServerAnswers, "")
			remedy := words.FixNotAFeed
			if f.WorkedAt(problemOf(err)) {
				remedy = words.FixFeedMayBeDown
			}
			add("feed", false, err.Error(), remedy)
			return out
		}
		detail, remedy := unreached(f, err)
		add("reachable", false, detail, remedy)
		return out
	}
	add("reachable", true, words.ServerAnswers, "")
	if fetched.MovedTo != "" {
		add("address", true, words.FeedMovedForGood(publicURL(fetched.MovedTo)), "")
	}
	add("feed", doc.Complete, feedDetail(doc),
		words.FixFeedDamaged(first(doc.Problems).String()))
	checkEntries(doc.Posts, add)
	if f.Lead > 0 {
		add("time zone", false, store.LeadNote(f.Lead),
			words.FixTimeZone)
	}
	if doc.Complete {
		for _, problem := range doc.Problems {
			add("content", false, problem.String(), words.FixContent)
		}
	}
	return out
}

// unreached returns why a feed could not be fetched and what to do about it.
func unreached(f store.Feed, err error) (detail, remedy string) {
	why := problemOf(err)
	detail, remedy = why.Parts()
	switch {
	case f.WorkedAt(why):
		remedy = words.FixFeedMayBeDown
	case remedy == "":
		remedy = words.FixUnreached
	}
	return detail, remedy
}

// checkEntries adds findings about the entries: their number, the number with media, and the date of the newest.
func checkEntries(posts []store.Post, add func(check string, ok bool, detail, remedy string)) {
	media, newest := 0, time.Time{}
	for _, post := range posts {
		if post.Decision == store.Publish {
			media++
		}
		if post.PublishedAt.After(newest) {
			newest = post.PublishedAt
		}
	}
	add("entries", len(posts) > 0, count(len(posts), "entry", "entries"),
		words.FixFeedEmpty)
	if len(posts) > 0 {
		add("media", media > 0, words.EntriesWithMedia(media, len(posts)),
			words.FixNoMedia)
	}
	if !newest.IsZero() {
		add("newest", true, words.NewestEntry(newest), "")
	}
}

func feedDetail(d Document) string {
	name := map[string]string{"rss": "RSS", "atom": "Atom", "json": "JSON Feed",
		FormatPage: words.FormatHEntry}[d.Format]
	if d.Title == "" {
		return words.FeedUntitled(name)
	}
	return fmt.Sprintf("%s %q", name, shorten(d.Title, 80))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func first(problems []reason.Reason) reason.Reason {
	if len(problems) == 0 {
		return reason.Reason{}
	}
	return problems[0]
}
