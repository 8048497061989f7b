package feed

import (
	"context"
	"fmt"
	"time"

	"postern/reason"
	"postern/store"
)

// Check looks at a feed as a poll would, without keeping anything, and says what it found.
func (p *Poller) Check(ctx context.Context, f store.Feed) []store.Finding {
	var out []store.Finding
	add := func(check string, ok bool, detail, remedy string) {
		if ok {
			remedy = ""
		}
		out = append(out, store.Finding{Check: check, OK: ok, Detail: detail, Remedy: remedy})
	}
	if err := ParseSchedule(p.schedule(f)); err != nil {
		add("schedule", false, err.Error(), "correct the feed's schedule")
	}
	if f.Paused {
		add("polling", false, "the feed is paused", fmt.Sprintf("postern feed resume %d", f.ID))
	} else if f.Failures > 0 {
		polls := "poll"
		if f.Failures > 1 {
			polls = fmt.Sprintf("%d polls", f.Failures)
		}
		add("polling", false, fmt.Sprintf("the last %s failed: %s", polls, f.Problem),
			"see the other checks of this feed; Postern reads it again at its next check")
	}
	f.ETag, f.LastModified = "", ""
	fetched, doc, err := p.read(ctx, f)
	if err != nil {
		if fetched.Size > 0 {
			add("reachable", true, "the server answers", "")
			add("feed", false, err.Error(), "add the address of the feed itself")
			return out
		}
		detail, remedy := unreached(err)
		add("reachable", false, detail, remedy)
		return out
	}
	add("reachable", true, "the server answers", "")
	if fetched.MovedTo != "" {
		add("address", true, "the feed has moved for good to "+publicURL(fetched.MovedTo)+
			"; the next poll keeps that address", "")
	}
	add("feed", doc.Complete, feedDetail(doc),
		"the site's feed is damaged: "+first(doc.Problems).String()+
			"; tell who makes it, or run it through a feed validator")
	checkEntries(doc.Posts, add)
	if f.Lead > 0 {
		add("time zone", false, store.LeadNote(f.Lead),
			"correct the time zone in the settings of the site or of the program that makes it")
	}
	if doc.Complete {
		for _, problem := range doc.Problems {
			add("content", false, problem.String(), "correct it on the site")
		}
	}
	return out
}

// unreached returns why an address could not be fetched, and what to do about that.
func unreached(err error) (detail, remedy string) {
	why := problemOf(err)
	detail, remedy = why.Parts()
	switch {
	case why.Is(reason.NetPrivate, reason.NetNotPublic):
		remedy += ", then restart Postern"
	case remedy == "":
		remedy = "open the address in a browser; if it works there, try again later"
	}
	return detail, remedy
}

// checkEntries adds what it found about the entries: how many, how many with media, and the date of the newest.
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
		"the feed is empty; publish something on the site")
	if len(posts) > 0 {
		add("media", media > 0, fmt.Sprintf("%d of %d entries have a picture or video", media, len(posts)),
			"no entry carries a picture or video; let the feed hold the full text, or add enclosures")
	}
	if !newest.IsZero() {
		add("newest", true, "the newest entry is dated "+newest.Format("2 January 2006"), "")
	}
}

func feedDetail(d Document) string {
	name := map[string]string{"rss": "RSS", "atom": "Atom", "json": "JSON Feed",
		FormatPage: "web page with h-entry"}[d.Format]
	if d.Title == "" {
		return name + " without a title"
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
