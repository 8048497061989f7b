package shape

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/draft"
	"postern/publisher"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// Publication is one post on its way to one account, and what became of it.
type Publication struct {
	ID         int64       `json:"id"`
	State      store.State `json:"state"`
	Reason     string      `json:"reason"`
	ReasonCode reason.Code `json:"reason_code"` // as docs/reasons.md lists them; "" for none
	Remedy     string      `json:"remedy"`      // what the owner can do, with the commands for it; "" for nothing
	Approved   bool        `json:"approved"`    // a person let it go in its turn
	// when the next step may begin, or when the step in hand began; "" when nothing happens by itself
	Next        string     `json:"next"`
	Attempts    int        `json:"attempts"`
	Kind        store.Kind `json:"kind"`
	Caption     string     `json:"caption"`
	ContainerID string     `json:"container_id"`
	MediaID     string     `json:"media_id"`
	Permalink   string     `json:"permalink"`
	Post        Post       `json:"post"`
	Account     Poster     `json:"account"`

	Zone *time.Location `json:"-"` // of its settings, in which reasons tell times; nil for a post without a publication
}

// Post names an entry of a feed.
type Post struct {
	ID    int64  `json:"id"`
	GUID  string `json:"guid"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

// Poster names an account.
type Poster struct {
	ID       int64  `json:"id"`
	Label    string `json:"label"`
	Username string `json:"username"`
}

// Feed is one that is polled.
type Feed struct {
	ID           int64       `json:"id"`
	URL          string      `json:"url"`
	Label        string      `json:"label"`
	Title        string      `json:"title"`
	Paused       bool        `json:"paused"`
	NextPollAt   string      `json:"next_poll_at"` // "" while it is paused
	LastPolledAt string      `json:"last_polled_at"`
	Failures     int         `json:"failures"`
	Problem      string      `json:"problem"`
	ProblemCode  reason.Code `json:"problem_code"` // as docs/reasons.md lists them; "" for none
}

// Account is one that is posted to. No secret is in it, not even in part.
type Account struct {
	ID             int64       `json:"id"`
	Label          string      `json:"label"`
	UserID         string      `json:"user_id"`
	Username       string      `json:"username"`
	TokenExpiresAt string      `json:"token_expires_at"` // "" until a refresh told it
	Paused         bool        `json:"paused"`
	Problem        string      `json:"problem"`
	ProblemCode    reason.Code `json:"problem_code"` // as docs/reasons.md lists them; "" for none
}

// Notice is something that is wrong, and what to do.
type Notice struct {
	Cause     string         `json:"cause"`
	Severity  store.Severity `json:"severity"`
	Text      string         `json:"text"`
	Remedy    string         `json:"remedy"`
	OpenedAt  string         `json:"opened_at"`
	Delivered int            `json:"told"` // messages that arrived somewhere
}

// FeedOf tells about a feed.
func FeedOf(f store.Feed) Feed {
	v := Feed{
		ID: f.ID, URL: f.URL, Label: f.Label, Title: f.Title, Paused: f.Paused, NextPollAt: Time(f.NextPollAt),
		LastPolledAt: Time(f.LastPolledAt),
		Failures:     f.Failures, Problem: f.ProblemWords(), ProblemCode: f.Problem.Code,
	}
	if f.Paused {
		v.NextPollAt = ""
	}
	return v
}

// AccountOf tells about an account.
func AccountOf(a store.Account) Account {
	return Account{
		ID: a.ID, Label: a.Label, UserID: a.UserID, Username: a.Username, TokenExpiresAt: Time(a.TokenExpiresAt),
		Paused:  a.Paused,
		Problem: a.Problem.String(), ProblemCode: a.Problem.Code,
	}
}

// NoticeOf tells about a notice.
func NoticeOf(n store.Notice) Notice {
	return Notice{n.Cause, n.Severity, n.Text, n.Remedy, Time(n.OpenedAt), n.Delivered}
}

// Publications tells about publications, never as null. It adds what is not stored: the words and the kind of
// those that are not staged yet, and when something happens next.
func Publications(ctx context.Context, s *store.Store, listed []store.Listed) ([]Publication, error) {
	out := []Publication{}
	if err := publisher.Forecast(ctx, s, listed); err != nil {
		return nil, err
	}
	alike, err := crowds(ctx, s, listed)
	if err != nil {
		return nil, err
	}
	type pair struct{ feed, account int64 }
	routes := map[pair]store.Route{}
	for _, l := range listed {
		k := pair{l.Post.FeedID, l.AccountID}
		route, known := routes[k]
		if !known {
			var err error
			if route, err = s.Route(ctx, k.feed, k.account); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			routes[k] = route
		}
		plan, err := draft.Of(l, route)
		out = append(out, publicationOf(l, plan, err, alike[crowd{l.AccountID, l.Reason.Code}]))
	}
	return out, nil
}

// NotOne says why a post does not name one publication: it has none, or those of the list.
func NotOne(l store.LeftOut, of []store.Listed) string {
	if len(of) == 0 {
		return words.PostHasNoPublication(l.Post.ID, l.Post.WhyLeftOut().String(), leftOutRemedy(l))
	}
	var names []string
	for _, p := range of {
		names = append(names, fmt.Sprintf("%d (%s)", p.ID, p.Account.Name()))
	}
	return words.PostHasPublications(l.Post.ID, names)
}

// LeftOut tells about a post that was not taken, in the shape of a publication: with id 0, state skipped and its
// reason.
func LeftOut(l store.LeftOut) Publication {
	why := l.Post.WhyLeftOut()
	return Publication{State: store.Skipped, Reason: why.String(), ReasonCode: why.Code, Remedy: leftOutRemedy(l),
		Post: Post{l.Post.ID, l.Post.GUID, l.Post.URL, l.Post.Title}}
}

func publicationOf(l store.Listed, plan draft.Draft, fault error, alike int) Publication {
	why := publisher.Why(l)
	v := Publication{
		ID: l.ID, State: l.State, Reason: why.String(), ReasonCode: why.Code, Approved: l.Approved, Attempts: l.Tries,
		MediaID: l.MediaID, Permalink: l.Permalink,
		Kind: plan.Kind, Caption: plan.Caption.Text,
		Post:    Post{l.Post.ID, l.Post.GUID, l.Post.URL, l.Post.Title},
		Account: Poster{l.Account.ID, l.Account.Label, l.Account.Username},
	}
	if fault != nil && v.Reason == "" {
		why = draft.Unfit(fault)
		v.Reason, v.ReasonCode = fault.Error(), why.Code
	}
	v.Zone = plan.Settings.Zone()
	l.DueAt, l.ReadyAt = l.DueAt.In(v.Zone), l.ReadyAt.In(v.Zone)
	v.Remedy = remedyOf(l, why, alike)
	if l.State != store.Queued || !l.Unapproved { // its next step puts it on hold, and it goes out after an approval
		v.Next = Time(publisher.Next(l.Publication, l.Account))
	}
	for _, position := range []int{0, 1} { // a carousel has none of its own until its pictures are ready
		if c, ok := l.Container(position); ok {
			v.ContainerID = c.ID
			break
		}
	}
	return v
}

// Time is a time in whole seconds, UTC; "" for none.
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// WillPublish is what goes out of the posts that are older than their feed or account.
type WillPublish struct {
	Count   int    `json:"count"`
	FirstAt string `json:"first_at"` // "" when none goes out
	Every   string `json:"every"`    // between two of them, as in "24h"; "" for none
}

// WillPublishOf tells about what goes out.
func WillPublishOf(w publisher.WillPublish) WillPublish {
	v := WillPublish{Count: w.Count, FirstAt: Time(w.FirstAt)}
	if w.Every > 0 {
		v.Every = draft.Length(w.Every)
	}
	return v
}
