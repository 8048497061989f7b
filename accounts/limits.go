package accounts

import (
	"context"
	"log/slog"
	"sort"
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	quotaAge    = time.Hour      // how old a stored quota may be
	quotaFresh  = time.Minute    // how old one may be that keeps something waiting
	quotaWindow = 24 * time.Hour // when Instagram does not say
	// How soon the quota is asked for again when it is used up by posts whose times are not known.
	quotaAgain = 10 * time.Minute
)

// How much of Instagram's limit on calls may be used up before an account goes slowly, and before it stops. Calls are
// counted within an hour, and calling while they are refused prolongs that.
const (
	slowFrom   = 80
	stopFrom   = 95
	slowFor    = 10 * time.Minute
	stoppedFor = time.Hour
)

// usage acts on what an answer said about the limit on calls: the account waits, and only this one.
func (a *Accounts) usage(ctx context.Context, id int64, u instagram.Usage) {
	v := instagram.Verdict{Action: instagram.Wait, Account: true}
	switch {
	case u.Percent < slowFrom && u.Regain == 0:
		return
	case u.Regain > 0:
		v.After, v.Reason = u.Regain, reason.New(reason.CallsTooMany)
	case u.Percent >= stopFrom:
		v.After, v.Reason = stoppedFor, reason.New(reason.CallsUsedUp, stopFrom)
	default:
		v.After, v.Reason = slowFor, reason.New(reason.CallsHighUse, slowFrom)
	}
	acc, err := a.store.Account(ctx, id)
	if err == nil &&
		(acc.Trouble == store.Wait && !acc.WaitUntil.Before(time.Now().Add(v.After)) ||
			acc.Trouble == store.Reconnect) {
		return // something worse is known, and its reason stays
	}
	if err == nil {
		err = a.wait(ctx, id, v)
	}
	if err != nil {
		a.log.ErrorContext(ctx, "noting the use of Instagram's limits", slog.Int64("account_id", id),
			slog.Any("error", err))
	}
}

// Room is whether an account may publish one more post within Instagram's limit.
type Room struct {
	Used, Total, Reserve int
	FreeAt               time.Time // zero: now. When the next place is free, or, if not Exact, when to ask again
	Exact                bool
}

// Reason returns why there is no room, and until when.
func (r Room) Reason() reason.Reason {
	why := reason.QuotaAsked
	if r.Exact {
		why = reason.QuotaFull
	}
	return reason.New(why, r.Total, r.Used, r.Reserve, words.Clock(r.FreeAt, time.Now()))
}

// Room returns whether the account may publish one more post and leave reserve places free. A quota that says no
// is read anew, at most every minute.
func (a *Accounts) Room(ctx context.Context, id int64, reserve int) (Room, error) {
	if _, err := a.Quota(ctx, id); err != nil {
		return Room{}, err
	}
	r, at, err := a.room(ctx, id, reserve)
	if err == nil && !r.FreeAt.IsZero() && time.Since(at) > quotaFresh {
		if _, err := a.QuotaNow(ctx, id); err != nil {
			return Room{}, err
		}
		r, _, err = a.room(ctx, id, reserve)
	}
	return r, err
}

// room judges by what is stored; at is when the quota was read.
func (a *Accounts) room(ctx context.Context, id int64, reserve int) (r Room, at time.Time, err error) {
	acc, err := a.store.Account(ctx, id)
	if err != nil {
		return r, at, err
	}
	now := time.Now()
	own, err := a.store.PublishedSince(ctx, id, now.Add(-quotaWindow))
	return roomAt(acc.QuotaUsed, acc.QuotaTotal, acc.QuotaAt, own, reserve, now), acc.QuotaAt, err
}

// Used returns how many posts of the last 24 hours count against Instagram's limit: those of its last reading,
// and our own since. A reading of more than 24 hours ago tells nothing. The error is about the database.
func (a *Accounts) Used(ctx context.Context, acc store.Account) (int, error) {
	now := time.Now()
	own, err := a.store.PublishedSince(ctx, acc.ID, now.Add(-quotaWindow))
	return usedAt(acc.QuotaUsed, acc.QuotaAt, own, now), err
}

// usedAt is Used's arithmetic; own are the times of our posts within the window.
func usedAt(used int, readAt time.Time, own []time.Time, now time.Time) int {
	if now.Sub(readAt) > quotaWindow {
		used = 0
	}
	used += len(own) - sort.Search(len(own), func(i int) bool { return own[i].After(readAt) })
	return max(used, len(own))
}

// RoomOf returns Room's answer by what is stored alone. own are the times of the account's posts through us, in
// ascending order.
func RoomOf(acc store.Account, own []time.Time, reserve int, now time.Time) Room {
	first := sort.Search(len(own), func(i int) bool { return own[i].After(now.Add(-quotaWindow)) })
	within := own[first:]
	return roomAt(acc.QuotaUsed, acc.QuotaTotal, acc.QuotaAt, within, reserve, now)
}

// roomAt is the arithmetic. own are the times of the posts that went out through us within the window, oldest first:
// Instagram's number lags behind them by minutes, and a place becomes free 24 hours after each.
func roomAt(used, total int, readAt time.Time, own []time.Time, reserve int, now time.Time) Room {
	r := Room{Used: usedAt(used, readAt, own, now), Total: total}
	if total <= 0 {
		return r // not known: Instagram refuses by itself
	}
	r.Reserve = max(min(reserve, total-1), 0)
	over := r.Used - (r.Total - r.Reserve) + 1 // so many have to become free
	switch {
	case over <= 0:
	case len(own) >= r.Used:
		r.FreeAt, r.Exact = own[over-1].Add(quotaWindow), true
	default: // others were published by hand or by another program, nobody says when
		r.FreeAt = now.Add(quotaAgain)
		if over <= len(own) {
			if ours := own[over-1].Add(quotaWindow); ours.Before(r.FreeAt) {
				r.FreeAt = ours
			}
		}
	}
	return r
}

// Quota returns what the account has used of what Instagram lets it publish, at most an hour old.
func (a *Accounts) Quota(ctx context.Context, id int64) (instagram.Quota, error) {
	acc, err := a.store.Account(ctx, id)
	if err != nil {
		return instagram.Quota{}, err
	}
	if age := time.Since(acc.QuotaAt); !acc.QuotaAt.IsZero() && age >= 0 && age < quotaAge {
		return instagram.Quota{Used: acc.QuotaUsed, Total: acc.QuotaTotal, Duration: quotaWindow}, nil
	}
	return a.QuotaNow(ctx, id)
}

// QuotaNow asks Instagram whatever the age of the stored quota: after a refusal it is known to be wrong.
func (a *Accounts) QuotaNow(ctx context.Context, id int64) (instagram.Quota, error) {
	client, err := a.Client(ctx, id)
	if err != nil {
		return instagram.Quota{}, err
	}
	q, err := client.Quota(ctx)
	if err != nil {
		return instagram.Quota{}, &problem{why: reason.New(reason.QuotaUnread, Explain(err)), err: err}
	}
	return q, a.keepQuota(ctx, id, q)
}

func (a *Accounts) keepQuota(ctx context.Context, id int64, q instagram.Quota) error {
	ctx, cancel := outcome(ctx)
	defer cancel()
	_, err := a.update(ctx, id, "", func(x *store.Account) error {
		x.QuotaUsed, x.QuotaTotal, x.QuotaAt = q.Used, q.Total, time.Now()
		return nil
	})
	return err
}
