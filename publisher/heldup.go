package publisher

import (
	"strings"
	"time"

	"postern/draft"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// Halted reports whether an account publishes nothing before its owner acts.
func Halted(a store.Account) bool { return a.Paused || a.Trouble == store.Reconnect }

// Steps are what an owner does before a publication of a halted account goes out, as the place that asks for it
// says it: "you resume Harbour on Accounts".
type Steps struct {
	Approve, Resume, Connect, ConnectAndResume string
}

// GoesOutAfter returns what a queued or staged publication of a halted account waits for, all of it: "goes out
// after you resume Harbour on Accounts, not before 3 May 2026 07:00 UTC (quiet hours until 07:00 UTC)"; "" when
// the account publishes. Forecast has computed its gates.
func GoesOutAfter(l store.Listed, s Steps, now time.Time) string {
	if !Halted(l.Account) {
		return ""
	}
	var steps []string
	if l.Unapproved {
		steps = append(steps, s.Approve)
	}
	switch reconnect := l.Account.Trouble == store.Reconnect; {
	case l.Account.Paused && reconnect:
		steps = append(steps, s.ConnectAndResume)
	case reconnect:
		steps = append(steps, s.Connect)
	default:
		steps = append(steps, s.Resume)
	}
	if _, blocked := InTheWay(l); l.State == store.Queued && (blocked || l.Reason.Rule() != "") {
		steps = append(steps, words.MediaProblemFix)
	}
	notBefore, gates := "", ""
	if l.ReadyAt.After(now) {
		notBefore = draft.UpToMinute(l.ReadyAt).In(now.Location()).Format("2 January 2006 15:04 MST")
	}
	if !l.Gates.IsZero() {
		gates = l.Gates.String()
	}
	return words.GoesOutAfter(InWords(steps), notBefore, gates)
}

// InWords returns a list as it is read: "a", "a and b", "a, b and c".
func InWords(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// InTheWay returns the check that keeps a waiting publication from going out, as far as its media were looked at,
// and reports whether there is one.
func InTheWay(l store.Listed) (store.Check, bool) {
	if l.State == store.Queued || l.State == store.Held {
		for _, c := range l.Preflight.Checks {
			if l.Preflight.Valid && c.Severity == store.Blocks {
				return c, true
			}
		}
	}
	return store.Check{}, false
}

// Why returns why a publication is in its state, as it is now. What lies outside of it, such as its account, the
// gates, the quota, settings or an earlier post, may have changed since its last step, so a reason about that is
// judged here and never repeated from memory. Forecast has computed its gates and ReasonNow.
func Why(l store.Listed) reason.Reason {
	switch {
	case l.State == store.Held:
		return whyHeld(l)
	case l.State == store.Skipped && !l.ReasonNow.IsZero():
		return l.ReasonNow
	case l.Leased && isGate(l.Reason): // asked anew at this moment
		return reason.Reason{}
	case l.Leased || l.State != store.Queued && l.State != store.Staged:
		return l.Reason
	case isRefusal(l.ReasonNow):
		return l.ReasonNow
	case !l.Reason.IsZero() && !isOutside(l.Reason):
		return l.Reason
	}
	now := time.Now()
	var why reason.Reason
	switch {
	case l.Account.Paused:
		why = reason.New(reason.AccountPaused)
	case l.Account.Trouble == store.Reconnect && l.Reason.Is(reason.AccountReconnect):
		why = l.Reason
	case l.Account.Trouble == store.Reconnect:
		why = reason.New(reason.AccountReconnect, l.Account.Problem)
	case l.Account.Trouble == store.Wait && l.Account.WaitUntil.After(now):
		why = waits(l)
	case l.Reason.Is(reason.QuotaFull, reason.QuotaAsked):
		why = l.ReasonNow
	case !isGate(l.Reason) && l.DueAt.After(now): // asked again then, or woken before when it is over
		why = l.Reason
	}
	if l.Unapproved {
		why = why.Then(reason.New(reason.Approval).BySetting("approve", l.ApproveFrom))
	}
	why = why.Then(l.Gates)
	if c, blocked := InTheWay(l); blocked && !why.IsZero() {
		why = why.InTheWay(reason.New(reason.Media, c.Text).ByRule(c.ID))
	}
	return why
}

// isRefusal reports whether a reason is one for which a queued publication is skipped or put on hold in its turn.
func isRefusal(why reason.Reason) bool {
	return IsUnplanned(why) || IsLeftOut(why) || why.Is(reason.Sensitive, reason.SettingRefused)
}

// Filters are the codes of the reasons for which the owner's filters skip a publication.
var Filters = []reason.Code{reason.FilterPictures, reason.FilterSensitive, reason.FilterExcluded,
	reason.FilterNotIncluded}

// IsFilter reports whether a reason is that of a filter.
func IsFilter(why reason.Reason) bool { return why.Is(Filters...) }

// IsLeftOut reports whether a reason is one for which Postern skips a publication in its turn, unless its owner approves
// or publishes it: a filter's, or that nothing of it is left.
func IsLeftOut(why reason.Reason) bool {
	return IsFilter(why) || why.Is(reason.PartShown, reason.AllTiny)
}

// waits returns why an account makes no calls for a while: as it is known by now.
func waits(l store.Listed) reason.Reason {
	if l.Account.Problem.IsZero() && l.Reason.Is(reason.AccountWaits) {
		return l.Reason
	}
	return reason.New(reason.AccountWaits, l.Account.Problem)
}

// whyHeld returns why a publication is on hold, and what keeps it from going out after it is approved.
func whyHeld(l store.Listed) reason.Reason {
	why := l.Reason
	if !l.ReasonNow.IsZero() {
		why = l.ReasonNow
	}
	if !approvalIsAll(why) {
		return why
	}
	if c, blocked := InTheWay(l); blocked {
		why = why.InTheWay(reason.New(reason.Media, c.Text).ByRule(c.ID))
	}
	return why.Then(l.Gates)
}

// approvalIsAll reports whether a held publication waits for nothing but its owner's approval, as far as its reason
// says.
func approvalIsAll(why reason.Reason) bool {
	return why.Is(reason.Approval, reason.ApprovalOff, reason.HeldByOwner, reason.StartHold, reason.StartAsk,
		reason.Sensitive, reason.SensitiveOff, reason.EntriesAlike, reason.EntriesMany, reason.DatedBefore,
		reason.HoldFixed)
}

// isGate reports whether a reason is that of a gate which the owner's settings, the account or a time open: it is
// computed anew.
func isGate(why reason.Reason) bool {
	return why.Is(reason.AccountPaused, reason.AccountReconnect, reason.AccountWaits,
		reason.DatedAhead, reason.MinAge, reason.CoolDown, reason.FeedCoolDown, reason.PostsPerDay, reason.QuietHours,
		reason.Slots,
		reason.QuotaFull, reason.QuotaAsked, reason.SettingRefused)
}

// isOutside reports whether a reason is about no publication but about what is around it. What is not computed
// anew is believed until the time at which it is asked again; whatever ends it makes the publication due.
func isOutside(why reason.Reason) bool {
	return isGate(why) || why.Is(reason.AccountUnusable, reason.QuotaSpent, reason.PublicAddress,
		reason.AddressInterrupted, reason.AddressFailed, reason.SourceInterrupted, reason.SourceRefuses,
		reason.SourceBusy, reason.Yields, reason.PlaceUnknown, reason.CannotWrite, reason.ProfileUnseen,
		reason.NoPublicURL)
}

// gatesOf returns the gates that keep an open publication waiting once its account publishes, and when they open.
func gatesOf(q store.Waiting, s draft.Resolved, p draft.Pace, now time.Time) (until time.Time, why reason.Reason) {
	if q.Expedited || q.State == store.Publishing {
		return now, why
	}
	if q.State == store.Staged { // quietNow asks no others
		s.MinAge.V, s.CoolDown.V, s.PostsPerDay.V, s.Slots.V = 0, 0, 0, ""
	}
	return draft.Opening(q.Post, s, p, now)
}
