package shape

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"postern/draft"
	"postern/publisher"
	"postern/reason"
	"postern/store"
)

// remedyOf returns what the owner can do about a publication: sentences with the commands for it, "" when Postern
// needs nobody. alike is how many publications of the account are held for the same reason.
func remedyOf(l store.Listed, why reason.Reason, alike int) string {
	if !l.Account.RemovedAt.IsZero() && (l.State == store.Held || l.State == store.Failed || l.State == store.Skipped) {
		remedy := "Add the account again with `postern account add`."
		if why.Is(reason.AccountRemoved) {
			return remedy
		}
		return "Its account was removed. " + remedy
	}
	switch l.State {
	case store.Queued:
		return waitingRemedy(l, why)
	case store.Staged:
		if account := accountRemedy(l.Account, why); account != "" {
			return account
		}
		return triesAgain(l, why)
	case store.Publishing:
		return accountRemedy(l.Account, why)
	case store.Held:
		return heldRemedy(l, why, alike)
	case store.Failed:
		return failedRemedy(l, why)
	case store.Unconfirmed:
		return fmt.Sprintf(
			"Look at the profile. If the post is there, run `postern confirm %d`. If it is not there, run "+
				"`postern retry %[1]d --not-live`.", l.ID)
	case store.Skipped:
		return skippedRemedy(l, why)
	}
	return ""
}

// accountRemedy returns what makes an account publish again, "" when it does. It says that the account is paused where
// the reason does not.
func accountRemedy(a store.Account, why reason.Reason) string {
	var steps []string
	if a.Trouble == store.Reconnect {
		steps = append(steps,
			"Connect the account again with a new access token: run `postern account add --access-token-file FILE`.")
	}
	if a.Paused {
		if !why.Is(reason.AccountPaused) {
			steps = append(steps, "The account is paused.")
		}
		steps = append(steps, fmt.Sprintf("To resume the account, run `postern account resume %d`.", a.ID))
	}
	return strings.Join(steps, " ")
}

func waitingRemedy(l store.Listed, why reason.Reason) string {
	switch {
	case publisher.IsUnplanned(why):
		return "When its turn comes, Postern puts it on hold. " + planFix(l, why)
	case why.Is(reason.FilterPictures, reason.FilterSensitive, reason.FilterExcluded, reason.FilterNotIncluded):
		return fmt.Sprintf("When its turn comes, Postern skips it. To publish it all the same, run `postern publish %d`.",
			l.ID)
	}
	account := accountRemedy(l.Account, why)
	if account != "" && l.Unapproved {
		return fmt.Sprintf("Run `postern approve %d`. ", l.ID) + account
	}
	if account != "" {
		return account
	}
	skip := fmt.Sprintf("To leave it out, run `postern skip %d`.", l.ID)
	isTimed := why.Is(reason.DatedAhead, reason.MinAge, reason.CoolDown, reason.PostsPerDay, reason.QuietHours) ||
		why.IsZero() && !l.Expedited && time.Until(l.ReadyAt) > time.Minute
	if c, blocked := publisher.InTheWay(l); blocked && isTimed {
		return blockedRemedy(l, c) + " " + skip
	}
	switch {
	case why.Is(reason.Approval):
		return fmt.Sprintf("To let it go out, run `postern approve %d`. ", l.ID) + skip
	case why.Is(reason.DatedAhead, reason.MinAge, reason.CoolDown, reason.PostsPerDay, reason.QuietHours):
		after := "Postern publishes it after that."
		if l.InTurn {
			after = "Others go out before it. Postern publishes it at about " + draft.Clock(l.ReadyAt, time.Now()) + "."
		}
		return after + fmt.Sprintf(" To publish it now, run `postern publish %d`.", l.ID)
	case why.IsZero() && !l.Expedited && time.Until(l.ReadyAt) > time.Minute:
		return fmt.Sprintf("It goes out in its turn. To publish it now, run `postern publish %d`.", l.ID)
	case why.Is(reason.NoPublicURL):
		return "Set `web.base_url` in the configuration. " + skip
	case why.Is(reason.PublicAddress, reason.SourceRefuses):
		return "Run `postern doctor`, which names the fault. " + skip
	case why.Rule() != "":
		return fix(why) + " " + triesAgain(l, why) + " " + skip
	case why.Is(reason.AccountUnusable):
		return "Connect the account again with a new access token: run `postern account add --access-token-file " +
			"FILE`. " + skip
	case why.Is(reason.QuotaFull, reason.QuotaAsked, reason.QuotaSpent, reason.AccountWaits):
		return strings.TrimSpace(byItself(l, "goes on") + " " + skip)
	}
	return triesAgain(l, why)
}

// blockedRemedy says what to do where the media of a waiting publication cannot be taken as they are, and when Postern
// asks for them again.
func blockedRemedy(l store.Listed, c store.Check) string {
	at, now := publisher.Next(l.Publication, l.Account), time.Now()
	if again := l.Look.AgainAt; !again.IsZero() && again.Before(at) {
		at = again
	}
	when := "as soon as its turn comes"
	if at.After(now) {
		when = "at " + draft.Clock(at.In(l.DueAt.Location()), now)
	}
	return strings.TrimSpace(c.Remedy+" Postern asks for the file again "+when+".") +
		" The post goes out after the problem is fixed."
}

// triesAgain says when Postern tries a publication again by itself after a try that failed, "" when none failed.
func triesAgain(l store.Listed, why reason.Reason) string {
	if why.IsZero() || why.Is(reason.Working, reason.Approval, reason.NotReady) || l.Leased {
		return ""
	}
	if l.Reason.IsZero() { // nothing was tried: the reason is what the post and its settings say
		return byItself(l, "goes on")
	}
	return byItself(l, "tries again")
}

// byItself says when Postern does the next step of a publication, "" when it does none.
func byItself(l store.Listed, does string) string {
	at := publisher.Next(l.Publication, l.Account)
	switch now := time.Now(); {
	case at.IsZero():
		return ""
	case at.After(now):
		return "Postern " + does + " by itself at " + draft.Clock(at, now) + "."
	}
	return "Postern " + does + " by itself as soon as its turn comes."
}

func heldRemedy(l store.Listed, why reason.Reason, alike int) string {
	approve, skip := fmt.Sprintf("run `postern approve %d`", l.ID), fmt.Sprintf("run `postern skip %d`", l.ID)
	publish := fmt.Sprintf("run `postern publish %d`", l.ID)
	remedy := "To let it go out, " + approve + ". To leave it out, " + skip + "."
	switch {
	case l.Post.LooksLike != 0, why.Is(reason.SamePictures, reason.LooksLikePublication, reason.LooksLikePost):
		remedy = sameOrNew(l, why, approve+", or "+publish+" to publish it now", skip)
	case why.Is(reason.LiveAlready, reason.Restored, reason.CopyUnseen, reason.CopyStory):
		remedy = "Look at the profile. If the post is not there, " + publish + ". If it is there, " + skip + "."
	case why.Is(reason.CaptionTooLong, reason.EditTooLong):
		remedy = planFix(l, why) + " To leave it out, " + skip + "."
	case why.Is(reason.SyndicateOff):
		remedy = planFix(l, why) + " Then " + approve + ". To leave it out, " + skip + "."
	case publisher.IsUnplanned(why):
		remedy = planFix(l, why) + " Then " + approve + ". To leave it out, " + skip + "."
	case why.Is(reason.SettingRefused):
		remedy = fmt.Sprintf(
			"Correct the setting with `postern account set %d KEY=VALUE`. Then %s. To leave it out, %s.", l.AccountID,
			approve, skip)
	case why.Is(reason.DatedFar):
		remedy = "Correct the date on the site. To publish it now, " + publish + "."
	case why.Is(reason.Gone):
		remedy = "It continues when the post is back on the site. To publish it all the same, " + publish +
			". To leave it out, " + skip + "."
	case alike > 1:
		remedy = fmt.Sprintf(
			"%d posts are held for this reason: `postern publications --state held` shows how to release all of "+
				"them. To release this one, %s. To leave it out, %s.", alike, approve, skip)
	}
	if account := accountRemedy(l.Account, why); account != "" {
		remedy += " " + account
	}
	return remedy
}

// planFix returns the first step with a publication that cannot be planned as it is.
func planFix(l store.Listed, why reason.Reason) string {
	switch {
	case why.Is(reason.CaptionTooLong, reason.EditTooLong):
		return fmt.Sprintf("Shorten the caption with `postern approve %d --caption TEXT`.", l.ID)
	case why.Is(reason.NothingToShow, reason.MediaRemoved):
		return "Add a picture on the site."
	case why.Is(reason.SyndicateOff):
		return fmt.Sprintf("Switch `syndicate` on where it is off: on the site, with `postern account set %d "+
			"syndicate=true`, or with `postern feed route %d %[1]d syndicate=true`.", l.AccountID, l.Post.FeedID)
	}
	return "Fix the post on the site or on its page of Postern."
}

// sameOrNew says what each answer does to the question whether a held post is one that is known already.
func sameOrNew(l store.Listed, why reason.Reason, goesOut, skip string) string {
	isNew := "If it is a new post, " + goesOut + ". "
	earlier := why.Publication()
	switch {
	case l.Post.LooksLike == 0:
		return isNew + "If it is the same post, " + skip + ": it is left out."
	case earlier == 0:
		return isNew + "If it is the same post, " + skip + ": it is left out, and neither of the two is published."
	}
	return isNew + fmt.Sprintf("If it is the same post, %s: it is left out, and publication %d stays as it is. "+
		"`postern publications %[2]d` shows that one.", skip, earlier)
}

func failedRemedy(l store.Listed, why reason.Reason) string {
	retry := fmt.Sprintf("run `postern retry %d`. To leave it out, run `postern skip %[1]d`.", l.ID)
	if now := time.Now().In(l.DueAt.Location()); l.IsLookedFor(now) {
		return fix(why) + " " + LooksAgain(l, now) + " To try now, " + retry
	}
	return "Postern does not try again by itself. " + fix(why) + " Then " + retry
}

// LooksAgain says when Postern looks again for the missing picture of a publication for which it does, in the zone of
// now.
func LooksAgain(l store.Listed, now time.Time) string {
	if l.Feed.Paused {
		return "Postern looks for the file again after you resume the feed."
	}
	at, later := l.LookedForAt()
	words := "at "
	switch {
	case !at.After(now):
		return "Postern looks for the file again at the next check of the feed, which is due now."
	case later:
		words = "at the first check of the feed after "
	}
	return "Postern looks for the file again " + words + draft.DayClock(at.In(now.Location())) +
		", and each time you check the feed."
}

func skippedRemedy(l store.Listed, why reason.Reason) string {
	publish := fmt.Sprintf("run `postern publish %d`.", l.ID)
	switch {
	case !l.AskedAt.IsZero():
		return "Look at the profile: the post may be live, so Postern does not publish it again."
	case why.Is(reason.AlreadyFromFeed):
		return ""
	case why.Is(reason.FilterPictures, reason.FilterSensitive, reason.FilterExcluded, reason.FilterNotIncluded):
		return "A later change of the filters or of the post does not bring it back. To publish it all the same, " +
			publish
	}
	return fmt.Sprintf("To publish it now, %s To let it go out in its turn, run `postern approve %d`.", publish, l.ID)
}

// fix returns the first step against what is wrong with a post, as a sentence.
func fix(why reason.Reason) string {
	_, remedy := why.Parts()
	for _, r := range draft.Rules {
		if remedy == "" && r.ID == why.Rule() {
			remedy = r.Remedy
		}
	}
	if remedy == "" {
		return "Fix the problem."
	}
	first, size := utf8.DecodeRuneInString(remedy)
	remedy = string(unicode.ToUpper(first)) + strings.TrimSuffix(remedy[size:], ".")
	if why.Rule() == "media.url.blocked" { // the configuration is read at the start
		remedy += ", then restart Postern"
	}
	return remedy + "."
}

// leftOutRemedy returns what makes a skipped post without a publication go out, with the commands for it.
func leftOutRemedy(l store.LeftOut) string {
	remedy := draft.GoesOutWhen(l.Post, l.Feed)
	switch {
	case !l.Feed.RemovedAt.IsZero():
		return remedy
	case l.Post.WhyLeftOut().Is(reason.NoAccount) && len(l.Off) > 0:
		return switchFeedOn(l)
	case l.Post.WhyLeftOut().Is(reason.NoAccount):
		return remedy + fmt.Sprintf(" Run `postern account add`, or `postern feed route %d ACCOUNT`.", l.Feed.ID)
	case l.Feed.Paused:
		remedy += fmt.Sprintf(" To resume it, run `postern feed resume %d`.", l.Feed.ID)
	default:
		remedy += " To check now, run `postern sync`."
	}
	if l.Post.Initial && !l.Feed.Takes(l.Post) {
		remedy += fmt.Sprintf(" To publish it then, run `postern publish post:%d`.", l.Post.ID)
	}
	return remedy
}

// switchFeedOn says how a feed is switched on again for one of its accounts, and what becomes of the post then.
func switchFeedOn(l store.LeftOut) string {
	var steps []string
	for _, a := range l.Off {
		steps = append(steps, fmt.Sprintf("run `postern feed route %d %d` for %s", l.Feed.ID, a.ID, a.Name()))
	}
	return fmt.Sprintf("The feed is switched off. To switch it on, %s. The post stays skipped then, because it was there "+
		"before. To publish it after that, run `postern publish post:%d`.", strings.Join(steps, ", or "), l.Post.ID)
}

// crowd names publications of one account that are held for one reason.
type crowd struct {
	account int64
	code    reason.Code
}

// IsCrowd reports whether many publications are held for the reason at once, so that they are decided about together.
func IsCrowd(code reason.Code) bool {
	return reason.Reason{Code: code}.Is(reason.DatedBefore, reason.EntriesAlike, reason.EntriesMany)
}

// crowds counts the held publications of each crowd when one of those listed belongs to one.
func crowds(ctx context.Context, s *store.Store, listed []store.Listed) (map[crowd]int, error) {
	counts := map[crowd]int{}
	some := false
	for _, l := range listed {
		some = some || l.State == store.Held && IsCrowd(l.Reason.Code)
	}
	if !some {
		return counts, nil
	}
	held, err := s.Publications(ctx, store.Filter{States: []store.State{store.Held}})
	for _, l := range held {
		if IsCrowd(l.Reason.Code) {
			counts[crowd{l.AccountID, l.Reason.Code}]++
		}
	}
	return counts, err
}
