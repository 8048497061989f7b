package publisher

import (
	"strings"
	"time"

	"postern/draft"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// Halted reports whether an account publishes nothing until its owner acts.
func Halted(a store.Account) bool { return a.Paused || a.Trouble == store.Reconnect }

// Steps are the phrases for what an owner must do before a publication of a halted account goes out, for example "you
// resume Harbour on Accounts". Each caller of GoesOutAfter supplies its own wording.
type Steps struct {
	Approve, Resume, Connect, ConnectAndResume string
}

// GoesOutAfter returns everything that a queued or staged publication of a halted account waits for: "goes out after
// you resume Harbour on Accounts, not before 3 May 2026 07:00 UTC (quiet hours until 07:00 UTC)". It returns "" if
// the account is not halted. Call Forecast first, which sets the gates.
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

// InWords returns a list in words: "a", "a and b", "a, b and c".
func InWords(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// InTheWay returns the check of a valid preflight that blocks a waiting publication, and reports whether there is
// one.
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

// Why returns the current reason for a publication's state. Reasons outside the publication, such as its account,
// gates, quota, settings or an earlier post, may have changed since its last step, so Why computes them instead of
// returning the stored reason. Call Forecast first, which sets the gates and ReasonNow.
func Why(l store.Listed) reason.Reason {
	switch {
	case l.State == store.Held:
		return whyHeld(l)
	case l.State == store.Skipped && !l.ReasonNow.IsZero():
		return l.ReasonNow
	case l.Leased && isGate(l.Reason): // the running step checks the gate again
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
	// Checked again at DueAt, or earlier if an event wakes the publication.
	case !isGate(l.Reason) && l.DueAt.After(now):
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

// isRefusal reports whether a queued publication with this reason will be skipped or put on hold at its turn.
func isRefusal(why reason.Reason) bool {
	return IsUnplanned(why) || IsLeftOut(why) || why.Is(reason.Sensitive, reason.SettingRefused)
}

// Filters are the codes of the reasons with which the owner's filters skip a publication.
var Filters = []reason.Code{reason.FilterPictures, reason.FilterSensitive, reason.FilterExcluded,
	reason.FilterNotIncluded}

// IsFilter reports whether a reason is that of a filter.
func IsFilter(why reason.Reason) bool { return why.Is(Filters...) }

// IsLeftOut reports whether Postern skips a publication with this reason at its turn, unless its owner approves or
// publishes it: a filter excludes the post, or none of its pictures is left.
func IsLeftOut(why reason.Reason) bool {
	return IsFilter(why) || why.Is(reason.PartShown, reason.AllTiny)
}

// waits returns the current reason for which an account makes no calls for a while.
func waits(l store.Listed) reason.Reason {
	if l.Account.Problem.IsZero() && l.Reason.Is(reason.AccountWaits) {
		return l.Reason
	}
	return reason.New(reason.AccountWaits, l.Account.Problem)
}

// whyHeld returns why a publication is on hold, and what will block it after approval.
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

// approvalIsAll reports whether a publication on hold for this reason needs only its owner's approval.
func approvalIsAll(why reason.Reason) bool {
	return why.Is(reason.Approval, reason.ApprovalOff, reason.HeldByOwner, reason.StartHold, reason.StartAsk,
		reason.Sensitive, reason.SensitiveOff, reason.EntriesAlike, reason.EntriesMany, reason.DatedBefore,
		reason.HoldFixed)
}

// isGate reports whether a reason is a gate that opens with time or by a change of the settings or the account. Why
// computes such reasons again.
func isGate(why reason.Reason) bool {
	return why.Is(reason.AccountPaused, reason.AccountReconnect, reason.AccountWaits,
		reason.DatedAhead, reason.MinAge, reason.CoolDown, reason.FeedCoolDown, reason.PostsPerDay, reason.QuietHours,
		reason.Slots,
		reason.QuotaFull, reason.QuotaAsked, reason.SettingRefused)
}

// isOutside reports whether a reason is about the surroundings of a publication instead of the publication itself. If
// Why cannot compute such a reason again, it is valid until DueAt; the end of its cause makes the publication due.
func isOutside(why reason.Reason) bool {
	return isGate(why) || why.Is(reason.AccountUnusable, reason.QuotaSpent, reason.PublicAddress,
		reason.AddressInterrupted, reason.AddressFailed, reason.SourceInterrupted, reason.SourceRefuses,
		reason.SourceBusy, reason.Yields, reason.PlaceUnknown, reason.CannotWrite, reason.ProfileUnseen,
		reason.NoPublicURL)
}

// gatesOf returns the gates that delay an open publication once its account publishes, and when they open.
func gatesOf(q store.Waiting, s draft.Resolved, p draft.Pace, now time.Time) (until time.Time, why reason.Reason) {
	if q.Expedited || q.State == store.Publishing {
		return now, why
	}
	if q.State == store.Staged { // closedBeforePublish, the gate of this state, checks only the date and the quiet hours
		s.MinAge.V, s.CoolDown.V, s.PostsPerDay.V, s.Slots.V = 0, 0, 0, ""
	}
	return draft.Opening(q.Post, s, p, now)
}
