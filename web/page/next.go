package page

import (
	"time"

	"postern/publisher"
	"postern/reason"
	"postern/shape"
	"postern/store"
	"postern/words"
)

// nextWords describes the next automatic step of a publication, without the time. ahead is the title of the
// publication that its account has in progress, or "": an account publishes one post at a time. The text mentions
// only orders that the page offers.
func (p *pictures) nextWords(l store.Listed, ahead string, now time.Time) string {
	switch l.State {
	case store.Queued:
		return p.nextOfWaiting(l, ahead, now)
	case store.Staged:
		if halted := haltedWords(l, now); halted != "" {
			return halted
		}
		return words.NextShown(p.instagram(l.Account))
	case store.Publishing:
		if l.Account.Trouble == store.Reconnect {
			return words.NextAskedLost(p.instagram(l.Account), l.Account.Name())
		}
		return words.NextAsked(p.instagram(l.Account))
	case store.Published:
		return p.nextOfLive(l, now)
	case store.Held:
		return nextOfHeld(l)
	case store.Failed:
		return nextOfFailed(l, now)
	case store.Unconfirmed:
		return words.NextUnconfirmed
	case store.Skipped:
		return nextOfSkipped(l)
	}
	return ""
}

// nextOfWaiting is nextWords for a queued publication.
func (p *pictures) nextOfWaiting(l store.Listed, ahead string, now time.Time) string {
	switch why := publisher.Why(l); {
	case publisher.IsUnplanned(why):
		return words.HeldInItsTurn
	case publisher.IsLeftOut(why):
		return words.SkippedInItsTurn
	}
	instagram, halted := p.instagram(l.Account), haltedWords(l, now)
	_, blocked := publisher.InTheWay(l)
	isOpen := !l.DueAt.After(now) && (l.Expedited || !l.Post.NotBefore.After(now))
	switch {
	case halted != "":
		return halted
	case l.Unapproved, publisher.Why(l).Is(reason.Sensitive):
		return words.NextHeldForApproval
	case blocked && l.Reason.Rule() == "":
		return words.NextMediaTried
	case l.Reason.Rule() != "" && !l.Reason.Is(reason.NoPublicURL):
		return words.NextTriesOrCorrect(instagram)
	case l.Tries > 0 && !l.Reason.IsZero():
		return words.NextTries(instagram)
	case ahead != "" && isOpen:
		return words.NextPreparesAfter(ahead, instagram)
	case l.InTurn:
		return words.NextPreparesAfterOthers(instagram)
	}
	return words.NextPrepares(instagram)
}

// nextOfLive is nextWords for a published one.
func (p *pictures) nextOfLive(l store.Listed, now time.Time) string {
	switch {
	case l.Permalink != "":
		return words.NextLive
	case !l.Account.RemovedAt.IsZero() || now.Sub(l.PublishedAt) > permalinkTime:
		return words.NextLiveUnnamed(p.instagram(l.Account))
	}
	return words.NextLiveUnnamedYet(p.instagram(l.Account))
}

// nextOfHeld is nextWords for one that is on hold.
func nextOfHeld(l store.Listed) string {
	next := words.NextHeld
	switch {
	case !l.Account.RemovedAt.IsZero():
		return words.NextNoAccount
	case l.Post.LooksLike != 0:
		next = words.NextHeldTwin
	case l.Reason.Is(reason.Gone) && l.Feed.RemovedAt.IsZero():
		next = ifElse(l.Feed.Paused, words.NextHeldGonePaused, words.NextHeldGone)
	case publisher.Why(l).Is(reason.SyndicateOff):
		next = words.NextHeldSyndicate
	case l.DateAsked && l.Feed.RemovedAt.IsZero():
		next = ifElse(l.Feed.Paused, words.NextHeldDatePaused, words.NextHeldDate)
	}
	if step := accountStep(l.Account); step != "" {
		return words.Text(next, words.NextWaitsToo(step))
	}
	return next
}

// nextOfFailed is nextWords for a failed one.
func nextOfFailed(l store.Listed, now time.Time) string {
	switch {
	case !l.Account.RemovedAt.IsZero():
		return words.NextNotLiveForGood
	case l.IsLookedFor(now):
		return words.Text(words.NextNotLive, shape.LooksAgain(l, now), words.NextWithFile)
	}
	return words.NextFailed
}

// nextOfSkipped is nextWords for a skipped one.
func nextOfSkipped(l store.Listed) string {
	switch {
	case !l.Account.RemovedAt.IsZero():
		return words.NextNoAccount
	case !l.AskedAt.IsZero():
		return words.NextSkippedAsked
	case publisher.Why(l).Is(reason.AlreadyFromFeed):
		return words.NextFromFeed
	case publisher.Why(l).Is(reason.FilterOver, reason.FromFeedSkipped):
		return words.NextStaysSkipped
	case publisher.IsFilter(l.Reason):
		return words.NextFiltered
	case l.Reason.Is(reason.SameAsPublication, reason.SameAsPost):
		return words.NextSame
	}
	return words.NextSkipped
}

// haltedWords describes what the owner must do before the publication's account publishes again, and what else will
// delay the publication after that. It returns "" when the account publishes.
func haltedWords(l store.Listed, now time.Time) string {
	name := l.Account.Name()
	return words.NextAfter(publisher.GoesOutAfter(l, publisher.Steps{
		Approve: words.StepApprove, Resume: words.StepResume(name), Connect: words.StepConnect(name),
		ConnectAndResume: words.StepConnectAndResume(name),
	}, now))
}

// accountStep returns the owner's step before an account publishes, as a clause after "after"; "" when it publishes.
func accountStep(a store.Account) string {
	switch reconnect := a.Trouble == store.Reconnect; {
	case a.Paused && reconnect:
		return words.StepConnectAndResume(a.Name())
	case a.Paused:
		return words.StepResume(a.Name())
	case reconnect:
		return words.StepConnect(a.Name())
	}
	return ""
}

// permalinkTime is how long Postern keeps asking Instagram for the permalink of a published post.
const permalinkTime = 24 * time.Hour
