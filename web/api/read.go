package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/draft"
	"postern/notices"
	"postern/owner"
	"postern/shape"
	"postern/store"
	"postern/words"
)

// mostEvents of one publication are told: the newest.
const mostEvents = 500

func (s *Server) feeds(r *http.Request, q query) (int, any, error) {
	limit, err := q.limit()
	if err != nil {
		return 0, nil, err
	}
	after, err := q.number("after")
	if err != nil {
		return 0, nil, err
	}
	list, more, err := s.store.FeedPage(r.Context(), "", after+1, limit)
	if err != nil {
		return 0, nil, err
	}
	out := []shape.Feed{}
	for _, f := range list {
		out = append(out, shape.FeedOf(f))
	}
	p := page{list: out}
	if more {
		p.next = q.next(more, "after", list[len(list)-1].ID)
	}
	return http.StatusOK, p, nil
}

func (s *Server) feed(r *http.Request, _ query) (int, any, error) {
	f, err := s.feedOf(r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, shape.FeedOf(f), nil
}

func (s *Server) accounts(r *http.Request, q query) (int, any, error) {
	limit, err := q.limit()
	if err != nil {
		return 0, nil, err
	}
	after, err := q.number("after")
	if err != nil {
		return 0, nil, err
	}
	list, more, err := s.store.AccountPage(r.Context(), after+1, limit)
	if err != nil {
		return 0, nil, err
	}
	out := []shape.Account{}
	for _, a := range list {
		out = append(out, shape.AccountOf(a))
	}
	p := page{list: out}
	if more {
		p.next = q.next(more, "after", list[len(list)-1].ID)
	}
	return http.StatusOK, p, nil
}

func (s *Server) account(r *http.Request, _ query) (int, any, error) {
	a, err := s.accountOf(r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, shape.AccountOf(a), nil
}

func (s *Server) publications(r *http.Request, q query) (int, any, error) {
	limit, err := q.limit()
	if err != nil {
		return 0, nil, err
	}
	narrow := store.Query{Limit: limit}
	var beforePost int64
	for key, to := range map[string]*int64{"account": &narrow.AccountID, "feed": &narrow.FeedID,
		"before": &narrow.Before, "before_post": &beforePost} {
		if *to, err = q.number(key); err != nil {
			return 0, nil, err
		}
	}
	if q.Has("state") {
		for word := range strings.SplitSeq(q.Get("state"), ",") {
			state := store.State(strings.TrimSpace(word))
			if !slices.Contains(store.States, state) {
				return 0, nil, refuse(http.StatusBadRequest, words.APIStateUnknown(string(state), stateNames()))
			}
			narrow.States = append(narrow.States, state)
		}
	}
	out := []shape.Publication{}
	if beforePost == 0 {
		list, more, err := s.store.PublicationPage(r.Context(), narrow)
		if err != nil {
			return 0, nil, err
		}
		if out, err = shape.Publications(r.Context(), s.store, list); err != nil {
			return 0, nil, err
		}
		if more {
			return http.StatusOK, page{list: out, next: q.next(more, "before", list[len(list)-1].ID)}, nil
		}
	}
	// Behind the last publication come the posts that were not taken.
	if narrow.AccountID != 0 || len(narrow.States) > 0 && !slices.Contains(narrow.States, store.Skipped) {
		return http.StatusOK, page{list: out}, nil
	}
	room := limit - len(out)
	left, more, err := s.store.LeftOutPage(r.Context(),
		store.LeftOutQuery{FeedID: narrow.FeedID, Before: beforePost, Limit: max(room, 1)})
	if err != nil {
		return 0, nil, err
	}
	p := page{list: out}
	switch {
	case room == 0 && len(left) > 0:
		p.next = q.next(true, "before_post", left[0].Post.ID+1)
	case room > 0:
		for _, l := range left {
			out = append(out, shape.LeftOut(l))
		}
		if p.list = out; more {
			p.next = q.next(true, "before_post", left[len(left)-1].Post.ID)
		}
	}
	return http.StatusOK, p, nil
}

func stateNames() []string {
	names := make([]string, len(store.States))
	for i, state := range store.States {
		names[i] = string(state)
	}
	return names
}

// publicationDetail is a publication with everything about it.
type publicationDetail struct {
	shape.Publication
	Feed        feedRef       `json:"feed"`
	Part        int           `json:"part"`
	Parts       int           `json:"parts"`
	PublishedAt string        `json:"published_at"`
	CreatedAt   string        `json:"created_at"`
	Media       []medium      `json:"media"`
	Checks      []store.Check `json:"checks"`
	Events      []event       `json:"events"`
}

type feedRef struct {
	ID    int64  `json:"id"`
	Label string `json:"label"`
	Title string `json:"title"`
}

// medium is one picture or video, in publishing order.
type medium struct {
	Type      store.MediaType `json:"type"`
	URL       string          `json:"url"` // on the site
	Alt       string          `json:"alt"`
	PosterURL string          `json:"poster_url"`
	SentURL   string          `json:"sent_url"` // where Instagram fetches it, "" until it is prepared
}

type event struct {
	ID      int64       `json:"id"`
	At      string      `json:"at"`
	Actor   store.Actor `json:"actor"`
	Kind    string      `json:"kind"`
	From    store.State `json:"from"`
	To      store.State `json:"to"`
	Code    int         `json:"code"`
	Subcode int         `json:"subcode"`
	TraceID string      `json:"trace_id"`
	Message string      `json:"message"`
}

// leftOutDetail is a skipped post without a publication, in the shape of one.
func leftOutDetail(l store.LeftOut) publicationDetail {
	return publicationDetail{
		Publication: shape.LeftOut(l), Feed: feedRef{l.Feed.ID, l.Feed.Label, l.Feed.Title}, Part: 1, Parts: 1,
		CreatedAt: shape.Time(l.Post.FirstSeenAt), Media: []medium{}, Checks: []store.Check{}, Events: []event{},
	}
}

// publication returns one publication with its media, checks and history.
func (s *Server) publication(r *http.Request, _ query) (int, any, error) {
	id, err := s.publicationID(r)
	if not, ok := errors.AsType[*owner.PostError](err); ok && len(not.Of) == 0 {
		return http.StatusOK, leftOutDetail(not.Left), nil
	}
	if err != nil {
		return 0, nil, err
	}
	ctx := r.Context()
	l, err := s.store.Listed(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	views, err := shape.Publications(ctx, s.store, []store.Listed{l})
	if err != nil {
		return 0, nil, err
	}
	route, err := s.route(ctx, l)
	if err != nil {
		return 0, nil, err
	}
	plan, fault := draft.Of(l, route)
	checks, err := s.checks(ctx, l, plan, fault)
	if err != nil {
		return 0, nil, err
	}
	events, err := s.store.LastEventsOf(ctx, id, mostEvents)
	if err != nil {
		return 0, nil, err
	}
	v := publicationDetail{
		Publication: views[0], Feed: feedRef{l.Feed.ID, l.Feed.Label, l.Feed.Title}, Part: l.Part, Parts: l.Parts,
		PublishedAt: shape.Time(l.PublishedAt), CreatedAt: shape.Time(l.CreatedAt),
		Media: []medium{}, Checks: append([]store.Check{}, checks...), Events: []event{},
	}
	for _, i := range plan.Items {
		v.Media = append(v.Media, medium{i.Type, i.SourceURL, i.Alt, i.PosterURL, i.SentURL})
	}
	for _, e := range events {
		v.Events = append(v.Events,
			event{e.ID, shape.Time(e.At), e.Actor, e.Kind, e.From, e.To, e.Code, e.Subcode, e.TraceID, e.Message})
	}
	return http.StatusOK, v, nil
}

func (s *Server) notices(r *http.Request, _ query) (int, any, error) {
	open, err := s.store.OpenNotices(r.Context())
	if err != nil {
		return 0, nil, err
	}
	feeds, err := s.store.Feeds(r.Context())
	if err != nil {
		return 0, nil, err
	}
	out := []shape.Notice{}
	for _, n := range append(open, notices.Pending(feeds, open, true, time.Now())...) {
		out = append(out, shape.NoticeOf(n))
	}
	return http.StatusOK, out, nil
}

// healthJSON is how Postern stands, in numbers.
type healthJSON struct {
	Well         bool                `json:"well"` // no notice is open that is more than information
	Version      string              `json:"version"`
	Notices      map[string]int      `json:"notices"`      // open ones by severity
	Publications map[store.State]int `json:"publications"` // by state
	NextPollAt   string              `json:"next_poll_at"` // "" when no feed is polled
	Database     int64               `json:"database_bytes"`
	Media        room                `json:"media"`
	Address      publicAddress       `json:"public_address"`
}

type room struct {
	Used  int64 `json:"used_bytes"`
	Limit int64 `json:"limit_bytes"`
}

type publicAddress struct {
	URL       string `json:"url"` // where Instagram fetches files, "" for nowhere
	CheckedAt string `json:"checked_at"`
	Problem   string `json:"problem"` // why it cannot, as far as is known
}

func (s *Server) health(r *http.Request, _ query) (int, any, error) {
	ctx := r.Context()
	v := healthJSON{Version: s.version, Notices: map[string]int{}, Publications: map[store.State]int{}}
	for _, severity := range []store.Severity{store.Bad, store.Warning, store.Info} {
		v.Notices[string(severity)] = 0
	}
	open, err := s.store.OpenNotices(ctx)
	if err != nil {
		return 0, nil, err
	}
	for _, n := range open {
		v.Notices[string(n.Severity)]++
	}
	v.Well = v.Notices[string(store.Bad)]+v.Notices[string(store.Warning)] == 0
	counted, err := s.store.CountStates(ctx)
	if err != nil {
		return 0, nil, err
	}
	for _, state := range store.States {
		v.Publications[state] = counted[state]
	}
	next, err := s.store.NextPoll(ctx)
	if err != nil {
		return 0, nil, err
	}
	v.NextPollAt = shape.Time(next)
	if v.Database, err = s.store.Size(ctx); err != nil {
		return 0, nil, err
	}
	if v.Media.Used, v.Media.Limit, err = s.media.Fill(); err != nil {
		return 0, nil, err
	}
	report, err := s.address.Last(ctx)
	if err != nil {
		return 0, nil, err
	}
	if !s.address.None() {
		v.Address.URL = s.address.Folder()
	}
	v.Address.CheckedAt, v.Address.Problem = shape.Time(report.At), report.Shut
	return http.StatusOK, v, nil
}
