package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"postern/publisher"
	"postern/store"
)

const (
	// A page of the queue; what is beyond is counted, and shown on request.
	fewPublications  = 25
	manyPublications = 500
	fewPublished     = 12
	fewSkipped       = 20
)

// queueData is everything the queue page is made of.
type queueData struct {
	feeds     []store.Feed
	accounts  []store.Account
	counts    map[store.State]int
	open      []store.Listed // queued, staged, publishing
	asking    []store.Listed // held, failed, unconfirmed
	published []store.Listed
	skipped   []store.Listed
	leftOut   []store.Post // posts without any publication
	routes    []store.Route
	all       bool
	demo      bool
}

type queueView struct {
	frame
	Start       []startStep // what is missing before anything can happen
	Next        *row
	NextPoll    moment
	Polls       bool
	Ask         []ask
	Asking      []row
	Open        []row
	Published   []card
	Skipped     []skip
	MoreAsking  int
	MoreOpen    int
	MorePublish int
	MoreSkipped int
	Quiet       bool // nothing is in work and nobody is needed
}

type startStep struct{ Text, Link, Word string }

// ask is a feed or an account that needs its owner.
type ask struct{ Who, Problem, Link, Word string }

// row is a publication in a list.
type row struct {
	ID      int64
	Link    string
	Title   string
	Thumb   thumb
	Account string
	Feed    string
	Badge   badge
	Reason  string
	InWay   string // what was found that keeps it from going out, before its turn
	Then    string // what happens by itself
	Due     moment
}

// card is a published one.
type card struct {
	Link      string
	Title     string
	Thumb     thumb
	Account   string
	Permalink string
	At        moment
}

type skip struct{ Title, Link, Reason, From string }

func (s *Server) queuePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d := queueData{all: r.URL.Query().Has("all"), demo: s.open}
	limit, published, skipped := fewPublications, fewPublished, fewSkipped
	if d.all {
		limit, published, skipped = manyPublications, manyPublications, manyPublications
	}
	var err error
	if d.feeds, err = s.store.Feeds(ctx); err != nil {
		return err
	}
	if d.accounts, err = s.store.Accounts(ctx); err != nil {
		return err
	}
	if d.routes, err = s.store.Routes(ctx); err != nil {
		return err
	}
	if d.counts, err = s.store.CountStates(ctx); err != nil {
		return err
	}
	for _, q := range []struct {
		into   *[]store.Listed
		filter store.Filter
	}{
		{&d.open, store.Filter{States: []store.State{store.Staged, store.Publishing}, Limit: limit}},
		{&d.asking, store.Filter{States: []store.State{store.Held, store.Failed, store.Unconfirmed}, Limit: limit, Newest: true}},
		{&d.published, store.Filter{States: []store.State{store.Published}, Limit: published, Newest: true}},
		{&d.skipped, store.Filter{States: []store.State{store.Skipped}, Limit: skipped, Newest: true}},
	} {
		if *q.into, err = s.store.Publications(ctx, q.filter); err != nil {
			return err
		}
	}
	// What is in flight comes first whatever its id; the oldest of the others are the next.
	queued, err := s.store.Publications(ctx, store.Filter{States: []store.State{store.Queued}, Limit: limit})
	if err != nil {
		return err
	}
	d.open = append(d.open, queued...)
	if d.leftOut, err = s.store.SkippedPosts(ctx, skipped); err != nil {
		return err
	}
	v := newQueueView(d, time.Now())
	v.frame = s.frame(r, "Queue", "queue")
	v.Refresh = s.open || d.counts[store.Staged]+d.counts[store.Publishing] > 0
	return s.render(w, r, http.StatusOK, queueTempl(v))
}

func newQueueView(d queueData, now time.Time) queueView {
	var v queueView
	if len(d.feeds) == 0 {
		v.Start = append(v.Start, startStep{"Postern reads no feed yet.", "/feeds", "Add your blog's feed"})
	}
	if len(d.accounts) == 0 {
		v.Start = append(v.Start, startStep{"There is no Instagram account to post to yet.", "/accounts", "Connect an account"})
	}
	var polls time.Time
	for _, f := range d.feeds {
		if !f.Paused && (polls.IsZero() || f.NextPollAt.Before(polls)) {
			polls, v.Polls = f.NextPollAt, true
		}
		if f.Problem != "" {
			v.Ask = append(v.Ask, ask{"Feed “" + feedName(f) + "”", sentence(f.Problem), "/feeds#feed-" + strconv.FormatInt(f.ID, 10), "Look at the feed"})
		}
		if len(d.accounts) > 0 && !taken(d.routes, f.ID) {
			v.Ask = append(v.Ask, ask{"Feed “" + feedName(f) + "”", "No account takes this feed yet.", "/feeds#feed-" + strconv.FormatInt(f.ID, 10), "Look at the feed"})
		}
	}
	v.NextPoll = newMoment(polls, now)
	for _, a := range d.accounts {
		switch {
		case a.Problem != "":
			v.Ask = append(v.Ask, ask{"Account “" + a.Name() + "”", sentence(a.Problem), "/accounts#account-" + strconv.FormatInt(a.ID, 10), accountWord(a)})
		case a.Trouble == store.Reconnect:
			v.Ask = append(v.Ask, ask{"Account “" + a.Name() + "”", "It has to be connected again.", "/accounts#account-" + strconv.FormatInt(a.ID, 10), accountWord(a)})
		}
	}
	for _, l := range d.asking {
		v.Asking = append(v.Asking, newRow(l, now))
	}
	flying := map[int64]store.Listed{} // by account
	for _, l := range d.open {
		if l.State != store.Queued {
			flying[l.AccountID] = l
		}
	}
	slices.SortStableFunc(d.open, func(a, b store.Listed) int { return byDue(a, b, flying) })
	for _, l := range d.open {
		r := newRow(l, now)
		if ahead, ok := flying[l.AccountID]; ok && ahead.ID != l.ID {
			r.Then, r.Due = nextWords(l, title(ahead.Post)), moment{}
		}
		v.Open = append(v.Open, r)
	}
	if len(v.Open) > 0 && v.Open[0].Due.ISO != "" {
		v.Next = &v.Open[0]
	}
	slices.SortStableFunc(d.published, func(a, b store.Listed) int { return b.PublishedAt.Compare(a.PublishedAt) })
	for _, l := range d.published {
		v.Published = append(v.Published, card{
			Link: publicationLink(l.ID), Title: title(l.Post), Thumb: firstThumb(l), Account: l.Account.Name(),
			Permalink: webLink(l.Permalink), At: newMoment(l.PublishedAt, now),
		})
	}
	for _, l := range d.skipped {
		v.Skipped = append(v.Skipped, skip{title(l.Post), publicationLink(l.ID), sentence(l.Reason), l.Account.Name()})
	}
	names := map[int64]string{}
	for _, f := range d.feeds {
		names[f.ID] = feedName(f)
	}
	for _, p := range d.leftOut {
		reason := cmp.Or(p.Reason, "no account takes this feed yet")
		v.Skipped = append(v.Skipped, skip{title(p), webLink(p.URL), sentence(reason), names[p.FeedID]})
	}
	asking := d.counts[store.Held] + d.counts[store.Failed] + d.counts[store.Unconfirmed]
	open := d.counts[store.Queued] + d.counts[store.Staged] + d.counts[store.Publishing]
	v.MoreAsking, v.MoreOpen = asking-len(d.asking), open-len(d.open)
	v.MorePublish, v.MoreSkipped = d.counts[store.Published]-len(d.published), d.counts[store.Skipped]-len(d.skipped)
	v.Quiet = len(v.Open) == 0 && len(v.Asking) == 0 && len(v.Ask) == 0
	return v
}

// byDue orders by what happens next: not before what the account has in flight; what waits for a person comes last.
func byDue(a, b store.Listed, flying map[int64]store.Listed) int {
	at := func(l store.Listed) time.Time {
		t := publisher.Next(l.Publication, l.Account)
		if ahead, ok := flying[l.AccountID]; ok && !t.IsZero() && ahead.DueAt.After(t) {
			t = ahead.DueAt
		}
		return t
	}
	x, y := at(a), at(b)
	switch {
	case x.IsZero() != y.IsZero():
		return either(x.IsZero(), 1, -1)
	case !x.Equal(y):
		return x.Compare(y)
	}
	return either(a.State == store.Queued, 1, 0) - either(b.State == store.Queued, 1, 0)
}

func either[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

func newRow(l store.Listed, now time.Time) row {
	return row{
		ID: l.ID, Link: publicationLink(l.ID), Title: title(l.Post), Thumb: firstThumb(l), Account: l.Account.Name(), Feed: feedName(l.Feed),
		Badge: newBadge(l.State), Reason: sentence(l.Reason), InWay: obstacle(l), Then: nextWords(l, ""),
		Due: due(publisher.Next(l.Publication, l.Account), now),
	}
}

// firstThumb shows what stands first in the post: its prepared file once there is one.
func firstThumb(l store.Listed) thumb {
	t := thumb{}
	switch {
	case len(l.Items) > 0:
		t = newThumb(l.Items[0])
	case l.Look.Holds && len(l.Look.Items) > 0:
		t = newThumb(l.Look.Items[0])
	case len(l.Post.Media) > 0:
		m := l.Post.Media[0]
		t = newThumb(store.Item{Type: m.Type, SourceURL: m.URL})
	}
	t.Alt = "" // in a list the title says it
	return t
}

func taken(routes []store.Route, feed int64) bool {
	return slices.ContainsFunc(routes, func(r store.Route) bool { return r.FeedID == feed && r.Enabled })
}

func accountWord(a store.Account) string {
	if a.Trouble == store.Reconnect {
		return "Connect it again"
	}
	return "Look at the account"
}

func publicationLink(id int64) string { return fmt.Sprintf("/publications/%d", id) }
