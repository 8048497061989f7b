package publisher

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"postern/accounts"
	"postern/draft"
	"postern/reason"
	"postern/store"
)

// maxForecast is how many publications of one account are forecast one by one. Those behind them get the latest time
// among these.
const maxForecast = 500

// Forecast sets ReadyAt of the waiting publications among listed: when each can go out, given the others of its
// account and the time gates, if nothing changes. For an account that is paused or must be reconnected, it is the
// time at which the publication could go out if the owner resumed the account now. Forecast also sets Gates, the
// reason for which each is waiting apart from such a halt. It only reads from the store.
func Forecast(ctx context.Context, s *store.Store, listed []store.Listed) error {
	now := time.Now()
	if err := judgeStopped(ctx, s, listed, now); err != nil {
		return err
	}
	of := map[int64]map[int64]outlook{} // by account, by publication
	for i, l := range listed {
		if l.Leased || l.State != store.Queued && l.State != store.Staged {
			continue
		}
		its, known := of[l.AccountID]
		if !known {
			var err error
			if its, err = forecastAccount(ctx, s, l.Account, now); err != nil {
				return err
			}
			of[l.AccountID] = its
		}
		o, computed := its[l.ID]
		if !computed {
			for _, before := range its {
				o.at = later(o.at, before.at)
			}
		}
		listed[i].ReadyAt, listed[i].Gates, listed[i].Unapproved, listed[i].ReasonNow = o.at, o.gates, o.unapproved,
			o.room
		listed[i].ApproveFrom = o.settings.Approve.Origin
		listed[i].InTurn = l.State == store.Queued && computed && isBehind(o, now)
		if computed && l.State == store.Queued {
			if to, why := Verdict(l, o.route); to != store.Queued && !why.Is(reason.Approval) {
				listed[i].ReasonNow = why
			}
		}
	}
	return nil
}

// isBehind reports whether other publications delay a publication beyond its own gates, compared at the precision of
// a minute in which both times are shown.
func isBehind(o outlook, now time.Time) bool {
	if !o.opens.After(now) {
		return o.at.Sub(o.opens) > time.Minute
	}
	return draft.UpToMinute(o.at).After(draft.UpToMinute(o.opens))
}

// outlook is the forecast of one publication.
type outlook struct {
	at         time.Time
	opens      time.Time // when its own gates open, regardless of the queue
	gates      reason.Reason
	route      store.Route
	settings   draft.Resolved
	place      int // in the queue
	unapproved bool
	stopped    bool          // its next step puts it on hold, or its media keep it back
	room       reason.Reason // why Instagram's quota has no room for it; zero if there is room
}

// forecastAccount returns the forecasts of an account's open publications, by publication id.
func forecastAccount(ctx context.Context, s *store.Store, account store.Account,
	now time.Time) (map[int64]outlook, error) {
	queue, err := s.QueueOf(ctx, account.ID, maxForecast)
	if err != nil {
		return nil, err
	}
	last, err := s.LastPublished(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	// Covers the current calendar day in every time zone.
	published, err := s.PublishedSince(ctx, account.ID, now.Add(-50*time.Hour))
	if err != nil {
		return nil, err
	}
	if len(published) == 0 && !last.IsZero() {
		published = []time.Time{last}
	}
	routes := map[int64]store.Route{} // by feed
	all, waiting, done := make(map[int64]outlook, len(queue)), make([]waiting, len(queue)), newPast(published)
	for i, q := range queue {
		route, known := routes[q.Post.FeedID]
		if !known {
			if route, err = s.Route(ctx, q.Post.FeedID, account.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			routes[q.Post.FeedID] = route
			if route.Settings.CoolDown != nil {
				if done.lastOf[q.Post.FeedID], err = s.LastPublishedOf(ctx, account.ID, q.Post.FeedID); err != nil {
					return nil, err
				}
			}
		}
		if Halted(account) {
			q.DueAt = time.Time{} // resuming or reconnecting makes all publications due
		}
		settings := draft.Resolve(draft.Layers(account, route, q.Post)...)
		waiting[i] = newWaiting(q, settings)
		o := outlook{route: route, settings: settings, unapproved: isUnapproved(q, settings), place: i,
			stopped: !waiting[i].publishes}
		if room := accounts.RoomOf(account, published, ifElse(q.Expedited, 0, settings.QuotaReserve.V),
			now); !room.FreeAt.IsZero() {
			o.room = room.Reason()
		}
		opens, gates := gatesOf(q, settings, done.pace(q.Post.FeedID), now)
		if o.gates, o.opens = gates, opens; Halted(account) {
			o.at = opens
		}
		all[q.ID] = o
	}
	if account.Trouble == store.Wait {
		now = later(now, account.WaitUntil)
	}
	for id, at := range forecast(waiting, done, now) {
		o := all[id]
		o.at = later(o.at, at)
		all[id] = o
	}
	return all, nil
}

// waiting is the input of forecast for one open publication.
type waiting struct {
	id        int64
	feed      int64
	inFlight  bool // staged or publishing: its account starts no other publication before it
	leased    bool
	publishes bool // false if its next step puts it on hold or its media block it
	notBefore time.Time
	pace      paceSettings
	settings  draft.Resolved
}

// paceSettings are the settings that space an account's publications. Publications with equal settings go out in the
// order of the queue.
type paceSettings struct {
	coolDown   store.Duration // of the account
	ofFeed     time.Duration  // between posts of the feed
	feed       int64          // 0 if ofFeed is 0
	perDay     int
	quiet      string
	slots      string
	zone       string
	unhindered bool // a person requested publishing now
}

// isUnapproved reports whether the next step of a publication puts it on hold for approval.
func isUnapproved(q store.Waiting, s draft.Resolved) bool {
	return q.State == store.Queued && s.Approve.V && !q.Approved && !q.Expedited
}

func newWaiting(q store.Waiting, s draft.Resolved) waiting {
	w := waiting{
		id: q.ID, feed: q.Post.FeedID, inFlight: q.State != store.Queued, leased: q.Leased, notBefore: q.DueAt, settings: s,
		publishes: !q.Blocked && !isUnapproved(q, s),
		pace: paceSettings{coolDown: s.AccountCoolDown().V, ofFeed: s.FeedCoolDown(), perDay: s.PostsPerDay.V,
			quiet: s.QuietHours.V, slots: s.Slots.V, zone: s.TimeZone.V, unhindered: q.Expedited},
	}
	if w.pace.ofFeed > 0 {
		w.pace.feed = w.feed
	}
	if w.leased {
		w.notBefore = q.StartedAt
	}
	if !q.Expedited && !w.inFlight {
		w.notBefore = later(later(w.notBefore, q.Post.NotBefore), draft.AgeStart(q.Post).Add(time.Duration(s.MinAge.V)))
	}
	w.settings.MinAge.V = 0 // notBefore already includes it
	return w
}

// forecast returns when each of an account's open publications can go out, by publication id, given what the account
// has published. When several can go out at once, those in flight go first and then the order of queue applies. It
// assumes that the steps themselves take no time.
func forecast(queue []waiting, done past, now time.Time) map[int64]time.Time {
	ready := make(map[int64]time.Time, len(queue))
	done = done.clone()
	groups := map[paceSettings][]waiting{}
	var kinds []paceSettings
	at := now
	for _, w := range queue {
		if w.inFlight || w.leased {
			ready[w.id] = w.notBefore
			at = later(at, w.notBefore)
			done.add(w.feed, at)
			continue
		}
		if groups[w.pace] == nil {
			kinds = append(kinds, w.pace)
		}
		groups[w.pace] = append(groups[w.pace], w)
	}
	order := map[int64]int{}
	for i, w := range queue {
		order[w.id] = i
	}
	for {
		var first *waiting
		var opens time.Time
		var of paceSettings
		var place int
		for _, kind := range kinds {
			i, t := firstReady(groups[kind], done, at)
			if i < 0 {
				continue
			}
			w := &groups[kind][i]
			if first == nil || t.Before(opens) || t.Equal(opens) && order[w.id] < order[first.id] {
				first, opens, of, place = w, t, kind, i
			}
		}
		if first == nil {
			return ready
		}
		ready[first.id] = opens
		at = opens
		if first.publishes {
			done.add(first.feed, opens)
		}
		if place == 0 {
			groups[of] = groups[of][1:]
		} else {
			groups[of] = slices.Delete(groups[of], place, place+1)
		}
	}
}

// firstReady returns the index of the publication of a group with equal pace that can go out first, and when. It is
// the first in order that is ready when the gates open, otherwise the one that is ready soonest. The index is -1 if
// the group is empty.
func firstReady(group []waiting, done past, at time.Time) (int, time.Time) {
	if len(group) == 0 {
		return -1, time.Time{}
	}
	open := gatesOpen(group[0], done, at)
	soonest := 0
	for i, w := range group {
		if !w.notBefore.After(open) {
			return i, open
		}
		if w.notBefore.Before(group[soonest].notBefore) {
			soonest = i
		}
	}
	return soonest, gatesOpen(group[soonest], done, group[soonest].notBefore)
}

// gatesOpen returns the first time from at on at which the time gates are open.
func gatesOpen(w waiting, done past, at time.Time) time.Time {
	if k := w.pace; k.unhindered || k.coolDown == 0 && k.ofFeed == 0 && k.perDay == 0 && k.quiet == "" && k.slots == "" {
		return at
	}
	until, _ := draft.Opening(store.Post{}, w.settings, done.pace(w.feed), at)
	return until
}

// past is the publishing history of an account.
type past struct {
	at     []time.Time         // in ascending order
	lastOf map[int64]time.Time // by feed id, the last post of each feed with its own cool-down
}

func newPast(at []time.Time) past { return past{at, map[int64]time.Time{}} }

func (p past) clone() past { return past{slices.Clone(p.at), maps.Clone(p.lastOf)} }

// add records a post of a feed.
func (p *past) add(feed int64, at time.Time) {
	p.at = append(p.at, at)
	p.lastOf[feed] = at
}

// pace returns the history that the time gates need for a post of a feed.
func (p past) pace(feed int64) draft.Pace {
	out := draft.Pace{LastOfFeed: p.lastOf[feed], Since: func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(p.at, t, func(a, b time.Time) int { return a.Compare(b) })
		return len(p.at) - i
	}}
	if n := len(p.at); n > 0 {
		out.Last = p.at[n-1]
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
