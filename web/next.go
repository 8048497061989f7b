package web

import (
	"time"

	"postern/publisher"
	"postern/reason"
	"postern/shape"
	"postern/store"
)

// nextWords says what happens by itself to a publication, without the time. ahead is the title of the one that
// its account has in flight, "" for none: an account brings out one at a time. It names no move that the page
// does not offer.
func (p *pictures) nextWords(l store.Listed, ahead string, now time.Time) string {
	switch l.State {
	case store.Queued:
		return p.nextOfWaiting(l, ahead, now)
	case store.Staged:
		if halted := haltedWords(l, now); halted != "" {
			return halted
		}
		return capital(p.instagram(l.Account)) +
			" has it but shows it to nobody yet. Postern asks whether it is ready, then publishes it."
	case store.Publishing:
		if l.Account.Trouble == store.Reconnect {
			return "Publishing was asked for. Postern cannot look whether it is live until " + l.Account.Name() +
				" is connected again; it is not sent again before."
		}
		return "Publishing was asked for. Postern looks whether it is live; it is not sent again before that is " +
			"certain."
	case store.Published:
		return p.nextOfLive(l, now)
	case store.Held:
		return nextOfHeld(l)
	case store.Failed:
		return nextOfFailed(l, now)
	case store.Unconfirmed:
		return "It may be live. Look at the profile, then say what you saw."
	case store.Skipped:
		return nextOfSkipped(l)
	}
	return ""
}

// nextOfWaiting is nextWords for a publication in the queue.
func (p *pictures) nextOfWaiting(l store.Listed, ahead string, now time.Time) string {
	switch why := publisher.Why(l); {
	case publisher.IsUnplanned(why):
		return "When its turn comes, Postern puts it on hold."
	case publisher.IsFilter(why):
		return "When its turn comes, Postern skips it."
	}
	instagram, halted := p.instagram(l.Account), haltedWords(l, now)
	_, blocked := publisher.InTheWay(l)
	isOpen := !l.DueAt.After(now) && (l.Expedited || !l.Post.NotBefore.After(now))
	switch {
	case halted != "":
		return halted
	case l.Unapproved, publisher.Why(l).Is(reason.Sensitive):
		return "When its turn comes, Postern puts it on hold for your approval."
	case blocked && l.Reason.Rule() == "":
		return "Postern tries its media again by itself. It goes out when the problem with them is fixed."
	case l.Reason.Rule() != "" && !l.Reason.Is(reason.NoPublicURL):
		return "Postern tries again by itself, then sends it to " + instagram +
			". You can also correct the post on your site."
	case l.Tries > 0 && !l.Reason.IsZero():
		return "Postern tries again by itself, then sends it to " + instagram + "."
	case ahead != "" && isOpen:
		return "It waits until “" + ahead + "” is done, then Postern prepares it and sends it to " + instagram + "."
	case l.InTurn:
		return sayOthersGoFirst + " Then Postern prepares it and sends it to " + instagram + "."
	}
	return "Postern prepares it and sends it to " + instagram + "."
}

// nextOfLive is nextWords for what is published.
func (p *pictures) nextOfLive(l store.Listed, now time.Time) string {
	switch {
	case l.Permalink != "":
		return "It is live."
	case !l.Account.RemovedAt.IsZero() || now.Sub(l.PublishedAt) > permalinkTime:
		return "It is live. " + capital(p.instagram(l.Account)) + " did not tell its address."
	}
	return "It is live. Postern asks " + p.instagram(l.Account) + " for its address a few times more."
}

// nextOfHeld is nextWords for what waits for its owner.
func nextOfHeld(l store.Listed) string {
	switch {
	case !l.Account.RemovedAt.IsZero():
		return "Nothing: its account was removed."
	case l.Post.LooksLike != 0:
		return "It stays here until you say whether it is the same post or a new one." + haltedToo(l.Account)
	case l.Reason.Is(reason.Gone):
		return "It stays here until the post comes back to the site, or you approve, publish or skip it." +
			haltedToo(l.Account)
	case publisher.Why(l).Is(reason.SyndicateOff):
		return "It stays here until you switch the setting on and approve it, or skip it." + haltedToo(l.Account)
	case l.DateAsked:
		return "It stays here until you approve, publish or skip it, or your site corrects its date." +
			haltedToo(l.Account)
	}
	return "It stays here until you approve, publish or skip it." + haltedToo(l.Account)
}

// nextOfFailed is nextWords for what failed.
func nextOfFailed(l store.Listed, now time.Time) string {
	switch {
	case !l.Account.RemovedAt.IsZero():
		return "Nothing. It is not live, and its account was removed."
	case l.IsLookedFor(now):
		return "It is not live. " + shape.LooksAgain(l, now) +
			" Once the file is there, the post goes out by itself. " +
			"You can also retry it at once or skip it."
	}
	return "It is not live, and Postern does not try again by itself. Fix the problem, then retry or skip it."
}

// nextOfSkipped is nextWords for what was skipped.
func nextOfSkipped(l store.Listed) string {
	switch {
	case !l.Account.RemovedAt.IsZero():
		return "Nothing: its account was removed."
	case !l.AskedAt.IsZero():
		return "Nothing. Publishing was asked for once and it may be live, so it stays skipped."
	case publisher.IsFilter(l.Reason):
		return "Postern decided this when it checked the post. A later change of the filters or of the post does not " +
			"bring it back. It goes out only if you publish it."
	case l.Reason.Is(reason.SameAsPublication, reason.SameAsPost):
		return "You decided that this entry and the earlier post are the same, so this entry stays skipped."
	}
	return "It goes out only if you publish it."
}

// haltedWords says what its owner has to do before a publication's account publishes, and what else keeps the
// publication from going out then; "" when the account publishes.
func haltedWords(l store.Listed, now time.Time) string {
	name := l.Account.Name()
	words := publisher.GoesOutAfter(l, publisher.Steps{
		Approve: "you approve it", Resume: "you resume " + name + " on Accounts",
		Connect:          "you connect " + name + " again on Accounts",
		ConnectAndResume: "you connect " + name + " again and resume it on Accounts",
	}, now)
	if words == "" {
		return ""
	}
	return "It " + words + "."
}

// haltedToo says that what waits for its owner's decision waits for its account as well; "" when the account publishes.
func haltedToo(a store.Account) string {
	switch reconnect := a.Trouble == store.Reconnect; {
	case a.Paused && reconnect:
		return " It also waits until you connect " + a.Name() + " again and resume it on Accounts."
	case a.Paused:
		return " It also waits until you resume " + a.Name() + " on Accounts."
	case reconnect:
		return " It also waits until you connect " + a.Name() + " again on Accounts."
	}
	return ""
}

// permalinkTime is how long Instagram is asked for the address of what is live.
const permalinkTime = 24 * time.Hour
