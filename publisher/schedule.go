package publisher

import (
	"cmp"
	"context"
	"slices"
	"time"

	"postern/draft"
	"postern/reason"
	"postern/store"
)

// Planned is one open publication with the time at which it goes out if nothing changes.
type Planned struct {
	ID       int64
	At       time.Time     // not before now, except for a publication that Instagram has already
	Gates    reason.Reason // what keeps it waiting besides the publications in front of it
	InTurn   bool          // others keep it waiting longer than its own gates do
	Settings draft.Resolved
	Stopped  bool // it needs its owner: for approval, or because its media cannot be taken as they are
}

// Schedule returns the open publications of an account in the order in which they go out, at most maxForecast. The
// times are those that Forecast gives. Of an account that is paused or has to be connected again, they are the times as
// if the owner did that now. It only reads.
func Schedule(ctx context.Context, s *store.Store, account store.Account, now time.Time) ([]Planned, error) {
	all, err := forecastAccount(ctx, s, account, now)
	if err != nil {
		return nil, err
	}
	list := make([]Planned, 0, len(all))
	for id, o := range all {
		list = append(list, Planned{ID: id, At: o.at, Gates: o.gates, InTurn: isBehind(o, now), Settings: o.settings, Stopped: o.stopped})
	}
	slices.SortFunc(list, func(a, b Planned) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(all[a.ID].place, all[b.ID].place))
	})
	return list, nil
}
