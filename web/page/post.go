package page

import (
	"net/http"
	"strings"
	"time"

	"postern/draft"
	"postern/publisher"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// postView is the page of a post that was skipped, or that goes to several accounts.
type postView struct {
	frame
	Title  string
	Taken  bool // whether it has publications
	Badge  badge
	Feed   string
	Post   string // permalink on its site
	Date   moment
	Reason saying
	Remedy string
	Off    ask    // the accounts for which the feed is switched off, if no account publishes it
	Next   moment // next fetch of the feed
	Text   string
	Rows   []row
}

// postPage shows why a post was skipped and what would make Postern publish it.
func (s *Server) postPage(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	p, err := s.store.Post(r.Context(), id)
	if err != nil {
		return err
	}
	f, err := s.store.Feed(r.Context(), p.FeedID)
	if err != nil {
		return err
	}
	pubs, err := s.store.PublicationsOfPost(r.Context(), id)
	if err != nil {
		return err
	}
	if err := publisher.Forecast(r.Context(), s.store, pubs); err != nil {
		return err
	}
	accounts, err := s.store.Accounts(r.Context())
	if err != nil {
		return err
	}
	now := inChosenZone(accounts, time.Now())
	l, err := s.store.LeftOut(r.Context(), p, f)
	if err != nil {
		return err
	}
	v := newPostView(l, now)
	for _, l := range pubs {
		v.Rows = append(v.Rows, s.pictures.row(l, now))
	}
	v.Rows = shared(v.Rows)
	v.Taken = len(pubs) > 0
	if l.Untaken {
		v.takenFirst(l)
	}
	v.frame = s.frame(r, v.Title, "posts")
	return s.render(w, r, http.StatusOK, postTempl(v))
}

// takenFirst adds what the owner must switch on first so that an account publishes the post's feed.
func (v *postView) takenFirst(l store.LeftOut) {
	p, off := l.Post, l.Off
	isAll := p.WhyLeftOut().Is(reason.NoAccount)
	if len(off) == 0 {
		if !isAll {
			v.Remedy = words.Text(words.ConnectFirst, v.Remedy)
		}
		return
	}
	then := words.SwitchFeedOnFirst
	if isAll {
		then, v.Remedy = words.StaysSkippedFeedOn, ""
	}
	v.Off = ask{Link: settingsLink(off[0].ID, p.FeedID), Word: words.PageSettingsOfTheFeed,
		Problem: words.Text(words.FeedSwitchedOff(namesOf(off)), then)}
}

// shared merges the rows of one post whose accounts share the same state and text.
func shared(rows []row) (out []row) {
	type said struct {
		badge                      badge
		reason, then, inWay, other string
		due                        moment
	}
	places := map[said]int{}
	for _, r := range rows {
		same := said{r.Badge, r.Reason.String(), r.Then, r.InWay, r.Others, r.Due}
		at, known := places[same]
		if !known {
			places[same], out = len(out), append(out, r)
			continue
		}
		o := &out[at]
		if o.Sharing == nil {
			o.Sharing = []about{{o.Account, o.Link}}
		}
		o.Sharing = append(o.Sharing, about{r.Account, r.Link})
		o.Reason = o.Reason.linkedLike(r.Reason)
	}
	return out
}

func newPostView(l store.LeftOut, now time.Time) postView {
	p, f := l.Post, l.Feed
	return postView{
		Title: title(p), Badge: newBadge(store.Skipped), Feed: feedName(f), Post: webLink(p.URL),
		Date:   newMoment(p.PublishedAt, now),
		Reason: sayingOf(p.WhyLeftOut()), Remedy: draft.GoesOutWhen(l), Next: newMoment(draft.NextCheck(f), now),
		Text: strings.TrimSpace(p.Text),
	}
}
