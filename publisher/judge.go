package publisher

import (
	"context"
	"errors"
	"time"

	"postern/draft"
	"postern/reason"
	"postern/store"
)

// judgeStopped sets Zone of all listed publications, and ReasonNow of held and skipped ones whose reason depends on a
// setting, an edit or an earlier post that may have changed since. For held ones it also sets Gates if the post's date
// will keep them waiting after approval.
func judgeStopped(ctx context.Context, s *store.Store, listed []store.Listed, now time.Time) error {
	type pair struct{ feed, account int64 }
	routes := map[pair]store.Route{}
	routeOf := func(l store.Listed) (store.Route, error) {
		k := pair{l.Post.FeedID, l.AccountID}
		route, known := routes[k]
		if known {
			return route, nil
		}
		route, err := s.Route(ctx, k.feed, k.account)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return route, err
		}
		routes[k] = route
		return route, nil
	}
	others, err := s.FromOtherFeeds(ctx, listed)
	if err != nil {
		return err
	}
	for i, l := range listed {
		route, err := routeOf(l)
		if err != nil {
			return err
		}
		settings := draft.Resolve(draft.Layers(l.Account, route, l.Post)...)
		listed[i].Zone = settings.Zone()
		if why, ok := others[l.ID]; ok {
			listed[i].ReasonNow = why
		}
		if l.State == store.Skipped && IsFilter(l.Reason) {
			listed[i].ReasonNow = filteredNow(l, settings)
		}
		if l.State != store.Held {
			continue
		}
		if l.Post.LooksLike != 0 {
			like, err := s.LooksLike(ctx, l)
			if err != nil {
				return err
			}
			listed[i].ReasonNow = keepGone(like, l.Reason)
			if !like.IsZero() && !l.Reason.Is(reason.LooksLikePublication, reason.LooksLikePost) {
				listed[i].ReasonNow = l.Reason.InTheWay(like)
			}
			continue
		}
		isAhead := l.Post.NotBefore.After(now)
		if !isAhead && !IsUnplanned(l.Reason) && !isHeldBySetting(l.Reason) {
			continue
		}
		d, fault := draft.Of(l, route)
		if isAhead {
			listed[i].Gates = draft.Dated(l.Post.NotBefore.In(d.Settings.Zone()), l.Post.DayOnly, now)
		}
		switch {
		case isHeldBySetting(l.Reason):
			listed[i].ReasonNow = keepGone(bySettingNow(l, d.Settings), l.Reason)
		case !IsUnplanned(l.Reason):
		case fault == nil:
			listed[i].ReasonNow = keepGone(reason.New(reason.HoldFixed), l.Reason)
		case !l.Reason.Is(reason.MediaRemoved): // the site removed the media; that reason comes before any other fault
			listed[i].ReasonNow = keepGone(draft.Unfit(fault), l.Reason)
		}
	}
	return nil
}

// filteredNow returns why the current settings would skip a publication that a filter skipped, or FilterOver when
// they would not. The publication stays skipped in both cases, until its owner decides.
func filteredNow(l store.Listed, settings draft.Resolved) reason.Reason {
	// The stored count excludes repeated pictures and icons. Only the files show which those are, so it is reused
	// here.
	found, ok := l.Reason.Pictures()
	if least := settings.MinPictures; ok && found < least.V && !l.Post.ChangedAt.After(l.CreatedAt) {
		return reason.New(reason.FilterPictures, found, least.V, least.Origin)
	}
	if why := draft.Filtered(l.Post, settings); !why.IsZero() {
		return why
	}
	return reason.New(reason.FilterOver, l.Reason)
}

// isHeldBySetting reports whether a setting put a publication on hold. The owner may have changed the setting since.
func isHeldBySetting(why reason.Reason) bool {
	name, _ := why.Setting()
	return name != ""
}

// bySettingNow returns why the current settings keep a publication on hold that a setting put on hold. The
// publication stays on hold until its owner decides, even if the setting has changed.
func bySettingNow(l store.Listed, s draft.Resolved) reason.Reason {
	switch why := l.Reason; {
	case why.Is(reason.Approval) && s.Approve.V:
		return reason.New(reason.Approval).BySetting("approve", s.Approve.Origin)
	case why.Is(reason.Approval):
		return reason.New(reason.ApprovalOff)
	case why.Is(reason.Sensitive) && l.Post.Markup.Sensitive == "":
		return reason.New(reason.HoldFixed)
	case why.Is(reason.Sensitive) && s.Sensitive.V == "publish":
		return reason.New(reason.SensitiveOff, l.Post.Markup.Sensitive)
	case why.Is(reason.Sensitive):
		return reason.New(reason.Sensitive, l.Post.Markup.Sensitive).BySetting("sensitive", s.Sensitive.Origin)
	case why.Is(reason.SettingRefused) && !isStillSet(why, s):
		return reason.New(reason.HoldFixed)
	}
	return reason.Reason{}
}

// isStillSet reports whether the setting that Instagram refused still has the refused value.
func isStillSet(why reason.Reason, s draft.Resolved) bool {
	name, value := why.Setting()
	for _, changed := range draft.Changed(s) {
		if changed.Name == name {
			return changed.Value == value
		}
	}
	return false
}

// IsUnplanned reports whether a publication is on hold, or will be put on hold at its turn, because it cannot be
// planned. Planning it again shows whether the obstacle is gone.
func IsUnplanned(why reason.Reason) bool {
	return why.Is(reason.SyndicateOff, reason.NothingToShow, reason.MediaRemoved, reason.CaptionTooLong,
		reason.EditTooLong, reason.ChosenGone,
		reason.PartEmpty, reason.Unplannable)
}

// keepGone returns why, extended by the remark that the post was removed from the site if stored contains that
// remark.
func keepGone(why, stored reason.Reason) reason.Reason {
	if _, gone := stored.WithoutGone(); gone && !why.IsZero() {
		return why.AlsoGone()
	}
	return why
}
