package shape

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"postern/draft"
	"postern/publisher"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// remedyOf returns what the owner can do about a publication: sentences with the commands for it, "" when Postern
// needs nobody. alike is how many publications of the account are held for the same reason.
func remedyOf(l store.Listed, why reason.Reason, alike int) string {
	if !l.Account.RemovedAt.IsZero() && (l.State == store.Held || l.State == store.Failed || l.State == store.Skipped) {
		if why.Is(reason.AccountRemoved) {
			return words.RunAccountAdd
		}
		return words.Text(words.AccountWasRemoved, words.RunAccountAdd)
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
		return words.ConfirmOrRetry(l.ID)
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
		steps = append(steps, words.RunReconnect)
	}
	if a.Paused {
		if !why.Is(reason.AccountPaused) {
			steps = append(steps, words.AccountIsPaused)
		}
		steps = append(steps, words.RunAccountResume(a.ID))
	}
	return words.Text(steps...)
}

func waitingRemedy(l store.Listed, why reason.Reason) string {
	switch {
	case why.Is(reason.CaptionTooLong, reason.EditTooLong):
		return words.Text(words.HeldUntilItFits, planFix(l, why))
	case publisher.IsUnplanned(why):
		return words.Text(words.HeldInItsTurn, planFix(l, why))
	case publisher.IsLeftOut(why):
		return words.Text(words.SkippedInItsTurn, words.RunPublishAnyway(l.ID))
	}
	if why.Is(reason.SettingRefused) {
		return refusedFix(l, why)
	}
	account, skip := accountRemedy(l.Account, why), words.RunSkip(l.ID)
	if account == "" && why.Is(reason.AccountUnusable) {
		account = words.RunReconnect
	}
	approve := ""
	if account != "" && l.Unapproved || why.Is(reason.Approval, reason.Sensitive) {
		approve = words.RunApprove(l.ID)
	}
	waits := !why.IsZero() || !l.Expedited && time.Until(l.ReadyAt) > time.Minute
	if c, blocked := publisher.InTheWay(l); blocked && waits && why.Rule() == "" { // whatever else it waits for
		return words.Text(approve, account, blockedRemedy(l, c), skip)
	}
	switch {
	case account != "" && why.Rule() != "":
		return words.Text(approve, account, fix(why), skip)
	case account != "":
		return words.Text(approve, account)
	}
	switch {
	case approve != "":
		return words.Text(approve, skip)
	case why.Is(reason.DatedAhead, reason.MinAge, reason.CoolDown, reason.FeedCoolDown,
		reason.PostsPerDay, reason.QuietHours, reason.Slots):
		after := words.PublishedAfterThat
		if l.InTurn {
			after = words.OthersGoFirst(draft.Clock(l.ReadyAt, time.Now()))
		}
		return words.Text(after, words.RunPublish(l.ID))
	case why.IsZero() && !l.Expedited && time.Until(l.ReadyAt) > time.Minute:
		return words.Text(words.GoesOutInItsTurn, words.RunPublish(l.ID))
	case why.Is(reason.NoPublicURL):
		return words.Text(words.SetBaseURL, skip)
	case why.Is(reason.PublicAddress, reason.SourceRefuses):
		return words.Text(words.RunDoctor, skip)
	case why.Rule() != "":
		return words.Text(fix(why), triesAgain(l, why), skip)
	case why.Is(reason.QuotaFull, reason.QuotaAsked, reason.QuotaSpent, reason.AccountWaits):
		return words.Text(byItself(l, words.Continues), skip)
	}
	return triesAgain(l, why)
}

// blockedRemedy says what to do where the media of a waiting publication cannot be taken as they are, and when Postern
// asks for them again.
func blockedRemedy(l store.Listed, c store.Check) string {
	at, now := publisher.Next(l.Publication, l.Account), time.Now()
	if again := l.Preflight.AgainAt; !again.IsZero() && again.Before(at) {
		at = again
	}
	clock := ""
	if at.After(now) {
		clock = draft.Clock(at.In(l.DueAt.Location()), now)
	}
	return words.Text(c.Remedy, words.AsksForFileAgain(clock), words.GoesOutAfterFix)
}

// triesAgain says when Postern tries a publication again by itself after a try that failed, "" when none failed.
func triesAgain(l store.Listed, why reason.Reason) string {
	if why.IsZero() || why.Is(reason.Working, reason.Approval, reason.NotReady) || l.Leased {
		return ""
	}
	if l.Reason.IsZero() { // nothing was tried: the reason is what the post and its settings say
		return byItself(l, words.Continues)
	}
	return byItself(l, words.TriesAgain)
}

// byItself says when Postern does the next step of a publication, "" when it does none. says returns the sentence for
// a time, "" being as soon as its turn comes.
func byItself(l store.Listed, says func(clock string) string) string {
	at := publisher.Next(l.Publication, l.Account)
	switch now := time.Now(); {
	case at.IsZero():
		return ""
	case at.After(now):
		return says(draft.Clock(at, now))
	}
	return says("")
}

func heldRemedy(l store.Listed, why reason.Reason, alike int) string {
	return words.Text(heldFix(l, why, alike), accountRemedy(l.Account, why))
}

// heldFix is heldRemedy without what the account needs.
func heldFix(l store.Listed, why reason.Reason, alike int) string {
	switch {
	case l.Post.LooksLike != 0, why.Is(reason.SamePictures, reason.LooksLikePublication, reason.LooksLikePost):
		return sameOrNew(l, why)
	case why.Is(reason.LiveAlready, reason.Restored, reason.CopyUnseen, reason.CopyStory):
		return words.PublishOrSkip(l.ID)
	case why.Is(reason.CaptionTooLong, reason.EditTooLong):
		return words.Text(planFix(l, why), words.RunSkip(l.ID))
	case why.Is(reason.SyndicateOff), publisher.IsUnplanned(why):
		return words.Text(planFix(l, why), words.ThenRunApprove(l.ID))
	case why.Is(reason.SettingRefused):
		return words.Text(refusedFix(l, why), words.ThenRunApprove(l.ID))
	case why.Is(reason.DatedFar):
		if l.Feed.Paused {
			return words.Text(words.CorrectDatePaused, words.RunFeedResume(l.Feed.ID), words.RunPublish(l.ID))
		}
		return words.Text(words.CorrectDate, words.RunPublish(l.ID))
	case why.Is(reason.Gone):
		return words.Text(words.ContinuesWhenBack, words.RunPublishAnyway(l.ID), words.RunSkip(l.ID))
	case alike > 1:
		return words.Text(words.ReleaseAlike(alike), words.RunApprove(l.ID), words.RunSkip(l.ID))
	}
	return words.Text(words.RunApprove(l.ID), words.RunSkip(l.ID))
}

// planFix returns the first step with a publication that cannot be planned as it is.
func planFix(l store.Listed, why reason.Reason) string {
	switch {
	case why.Is(reason.CaptionTooLong):
		return shorten(l, why)
	case why.Is(reason.EditTooLong):
		return words.RunApproveCaption(l.ID)
	case why.Is(reason.NothingToShow, reason.MediaRemoved):
		return words.AddPictureOnSite
	case why.Is(reason.SyndicateOff):
		return syndicateFix(l, why.SettingLayer())
	}
	return words.FixPostAnywhere
}

// shorten returns what makes a caption fit: its owner shortens it, or lets it be cut where a setting forbids that.
func shorten(l store.Listed, why reason.Reason) string {
	switch layer := why.SettingLayer(); {
	case layer == "account":
		return words.ShortenOrSetAccount(l.ID, l.AccountID)
	case layer == "route":
		return words.ShortenOrSetRoute(l.ID, l.Post.FeedID, l.AccountID)
	case strings.HasPrefix(layer, "entry"):
		return words.ShortenOrCorrectEntry(l.ID)
	}
	return words.RunApproveCaption(l.ID)
}

// syndicateFix returns how to switch syndicate on in the layer of settings where it is off.
func syndicateFix(l store.Listed, layer string) string {
	switch {
	case layer == "account":
		return words.SwitchSyndicateOnAccount(l.AccountID)
	case layer == "route":
		return words.SwitchSyndicateOnRoute(l.Post.FeedID, l.AccountID)
	case strings.HasPrefix(layer, "entry"):
		return words.SwitchSyndicateOnSite
	}
	return words.SwitchSyndicateOn(l.AccountID, l.Post.FeedID)
}

// refusedFix returns the first step with a publication of which Instagram refuses a setting.
func refusedFix(l store.Listed, why reason.Reason) string {
	switch name, _ := why.Setting(); why.SettingLayer() {
	case "account":
		return words.RunAccountSet(l.AccountID, name)
	case "route":
		return words.RunFeedRouteSet(l.Post.FeedID, l.AccountID, name)
	default:
		return words.CorrectSettingOnSite(name)
	}
}

// sameOrNew says what each answer does to the question whether a held post is one that is known already.
func sameOrNew(l store.Listed, why reason.Reason) string {
	same, earlier := words.IfSame(l.ID), why.Publication()
	switch {
	case l.Post.LooksLike != 0 && earlier == 0:
		same = words.IfSameUnpublished(l.ID)
	case l.Post.LooksLike != 0:
		same = words.IfSamePublication(l.ID, earlier)
	}
	return words.Text(words.IfNew(l.ID), same)
}

func failedRemedy(l store.Listed, why reason.Reason) string {
	if now := time.Now().In(l.DueAt.Location()); l.IsLookedFor(now) {
		return words.Text(fix(why), LooksAgain(l, now), words.RunRetry(l.ID), words.RunSkip(l.ID))
	}
	return words.Text(words.NoRetry, fix(why), words.ThenRunRetry(l.ID))
}

// LooksAgain says when Postern looks again for the missing picture of a publication for which it does, in the zone of
// now.
func LooksAgain(l store.Listed, now time.Time) string {
	if l.Feed.Paused {
		return words.LooksAfterResume
	}
	at, later := l.LookedForAt()
	day := draft.DayClock(at.In(now.Location()), now)
	switch {
	case !at.After(now):
		return words.LooksAtCheckNow
	case later:
		return words.LooksAgainAfter(day)
	}
	return words.LooksAgainAt(day)
}

func skippedRemedy(l store.Listed, why reason.Reason) string {
	switch {
	case !l.AskedAt.IsZero():
		return words.MayBeLiveForGood
	case why.Is(reason.AlreadyFromFeed):
		return words.FromFeed
	case publisher.IsFilter(why):
		return words.Text(words.FilterIsFinal, words.RunPublishAnyway(l.ID))
	case why.Is(reason.FilterOver, reason.FromFeedSkipped):
		return words.Text(words.StaysSkipped, words.RunApprove(l.ID), words.RunPublish(l.ID))
	}
	return words.Text(words.RunPublish(l.ID), words.RunApprove(l.ID))
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
		return words.FixProblem
	}
	first, size := utf8.DecodeRuneInString(remedy)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(remedy[size:], ".") + "."
}

// leftOutRemedy returns what makes a skipped post without a publication go out, with the commands for it.
func leftOutRemedy(l store.LeftOut) string {
	steps := []string{draft.GoesOutWhen(l)}
	if l.Untaken && !l.Post.WhyLeftOut().Is(reason.NoAccount) {
		steps = append(takenFirst(l), steps...)
	}
	switch {
	case !l.Feed.RemovedAt.IsZero():
		return words.Text(steps...)
	case l.Post.WhyLeftOut().Is(reason.NoAccount) && len(l.Off) > 0:
		return switchFeedOn(l)
	case l.Post.WhyLeftOut().Is(reason.NoAccount):
		return words.Text(append(steps, words.RunAccountAddOrRoute(l.Feed.ID))...)
	case l.Feed.Paused:
		steps = append(steps, words.RunFeedResume(l.Feed.ID))
	default:
		steps = append(steps, words.RunSync)
	}
	if l.Older {
		steps = append(steps, words.ThenRunPublishPost(l.Post.ID))
	}
	return words.Text(steps...)
}

// takenFirst returns the steps after which an account takes the feed of a post that needs something else as well.
func takenFirst(l store.LeftOut) []string {
	if len(l.Off) == 0 {
		return []string{words.NoAccountTakesIt, words.RunAccountAddOrRoute(l.Feed.ID)}
	}
	return append([]string{words.FeedIsOff}, runFeedRoute(l)...)
}

// runFeedRoute names the commands that switch a feed on for the accounts for which it is off.
func runFeedRoute(l store.LeftOut) (steps []string) {
	for _, a := range l.Off {
		steps = append(steps, words.RunFeedRoute(l.Feed.ID, a.ID, a.Name()))
	}
	return steps
}

// switchFeedOn says how a feed is switched on again for one of its accounts, and what becomes of the post then.
func switchFeedOn(l store.LeftOut) string {
	steps := append([]string{words.FeedIsOff}, runFeedRoute(l)...)
	return words.Text(append(steps, words.StaysSkippedBefore(l.Post.ID))...)
}

// crowd names publications of one account that are held for one reason.
type crowd struct {
	account int64
	code    reason.Code
}

// crowdReasons are the reasons for which many publications are held at once, each as the end of a sentence.
var crowdReasons = map[reason.Code]string{
	reason.EntriesMany:  words.CrowdMany,
	reason.EntriesAlike: words.CrowdAlike,
	reason.DatedBefore:  words.CrowdDatedBefore,
	reason.StartHold:    words.CrowdStartHold,
	reason.StartAsk:     words.CrowdStartAsk,
	reason.Approval:     words.CrowdApproval,
	reason.ApprovalOff:  words.CrowdApprovalOff,
}

// CrowdReason returns, as the end of a sentence, why many publications are held at once for the reason, so that the
// owner decides about them together; "" if each is held for itself.
func CrowdReason(code reason.Code) string { return crowdReasons[code] }

// crowds counts the held publications of each crowd when one of those listed belongs to one.
func crowds(ctx context.Context, s *store.Store, listed []store.Listed) (map[crowd]int, error) {
	counts := map[crowd]int{}
	some := false
	for _, l := range listed {
		some = some || l.State == store.Held && CrowdReason(l.Reason.Code) != ""
	}
	if !some {
		return counts, nil
	}
	held, err := s.Publications(ctx, store.Filter{States: []store.State{store.Held}})
	for _, l := range held {
		if CrowdReason(l.Reason.Code) != "" {
			counts[crowd{l.AccountID, l.Reason.Code}]++
		}
	}
	return counts, err
}
