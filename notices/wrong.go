package notices

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/accounts"
	"postern/store"
	"postern/words"
)

const (
	// feedFailures in a row are more than a site being deployed.
	feedFailures = 5
	// longWait of an account is worth a message; Instagram's shorter ones pass before somebody reads it.
	longWait = 25 * time.Minute
	// lingering is how long an account that was stopped must have gone without trouble until that counts as over:
	// one that is restricted is let go for a moment every hour, to try.
	lingering = 2 * time.Hour
)

// Causes begin with what they are about.
const (
	accountCause     = "account:"
	publicationCause = "publication:"
	feedCause        = "feed:"
	addressCause     = "address:"
	// WebhookCause is for the pages to lead to the webhook.
	WebhookCause = "webhook:"
)

// wrong is everything that is wrong now.
func (k *Keeper) wrong(ctx context.Context) ([]store.Notice, error) {
	now := time.Now()
	all, err := k.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []store.Notice
	for _, a := range all {
		out = append(out, ofAccount(a, now)...)
	}
	troubled, err := k.Store.Troubled(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range troubled {
		out = append(out, ofPublication(t))
	}
	feeds, err := k.Store.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range feeds {
		if n, wrong := ofFeed(f); wrong {
			out = append(out, n)
		}
	}
	webhooks, err := k.Store.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range webhooks {
		// Of a removed account one stays only while a post of it is looked for.
		if i := slices.IndexFunc(all, func(a store.Account) bool { return a.ID == w.AccountID }); i >= 0 &&
			!w.StoppedAt.IsZero() {
			out = append(out, ofWebhook(w, all[i]))
		}
	}
	addresses, err := k.Store.Addresses(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if a.Problem != "" && a.Waiting > 0 {
			out = append(out, store.Notice{
				Cause: addressCause + strconv.FormatInt(a.ID, 10), Level: 1, Severity: store.Warning,
				Text:   words.NoticeTargetFails(a.Label, sentence(a.Problem)),
				Remedy: words.FixTargetFails,
			})
		}
	}
	for _, probe := range k.Probes {
		out = append(out, probe(ctx)...)
	}
	return out, nil
}

// ofFeed returns the notice of a feed; false when nothing is wrong with it.
func ofFeed(f store.Feed) (store.Notice, bool) {
	switch {
	case f.Paused && f.Crashes >= store.MaxCrashes:
		return store.Notice{
			Cause: feedCause + strconv.FormatInt(f.ID, 10), Level: 2, Severity: store.Bad, FeedID: f.ID,
			Text:   words.NoticeFeedCrashed(f.Name(), f.Crashes),
			Remedy: words.FixFeedCrashed(f.ID),
		}, true
	case f.Failures >= feedFailures && !f.Paused:
		return store.Notice{
			Cause: feedCause + strconv.FormatInt(f.ID, 10), Level: 1, Severity: store.Warning, FeedID: f.ID,
			Text:   words.NoticeFeedFails(f.Name(), f.Failures, sentence(f.ProblemWords())),
			Remedy: words.FixFeedFails,
		}, true
	}
	return store.Notice{}, false
}

func ofAccount(a store.Account, now time.Time) (out []store.Notice) {
	cause := accountCause + strconv.FormatInt(a.ID, 10)
	if h := accounts.Health(a, now); h.Stage != accounts.TokenWell {
		n := store.Notice{Cause: cause + ":token", Level: int(h.Stage), Severity: store.Warning, AccountID: a.ID,
			Guide: accounts.GuidePath(h.Step())}
		n.Text = words.NoticeTokenRefresh(a.Name(), h.Days, h.Ends, sentence(h.Problem.String()))
		if !h.Known {
			n.Text = words.NoticeTokenRefreshUnknown(a.Name(), h.Ends, sentence(h.Problem.String()))
		}
		n.Remedy = words.FixTokenRefresh
		switch h.Stage {
		case accounts.RefreshFailed:
		case accounts.TokenLost:
			n.Severity, n.Text, n.Remedy = store.Bad,
				words.NoticeTokenLost(a.Name(), sentence(h.Problem.String())), words.FixTokenLost
		default:
			n.Remedy = words.FixTokenRefreshSoon
			if h.Stage == accounts.Ends2Days {
				n.Severity = store.Bad
			}
		}
		out = append(out, n)
	}
	if a.Trouble == store.Wait && now.Before(a.WaitUntil) {
		isLong := a.WaitUntil.Sub(now) >= longWait
		n := store.Notice{
			Cause: cause + ":wait", Level: 1, Severity: store.Info, AccountID: a.ID,
			Text:   words.NoticeWaits(a.Name(), sentence(a.Problem.String())),
			Remedy: words.FixAccountWaits(a.WaitUntil, now, isLong),
		}
		if isLong {
			n.Level, n.Severity = 2, store.Warning
		}
		out = append(out, n)
	}
	return out
}

func ofPublication(t store.Troubled) store.Notice {
	n := store.Notice{
		Cause: publicationCause + strconv.FormatInt(t.ID, 10), Level: max(t.Times, 1), Severity: store.Bad,
		AccountID: t.AccountID, PublicationID: t.ID,
		Text:   words.NoticePublicationFailed(name(t.Title, t.URL, t.ID), sentence(t.Reason.String())),
		Remedy: words.FixPublicationFailed,
	}
	switch t.State {
	case store.Held:
		n.Remedy = words.FixPublicationSetting
	case store.Queued:
		n.Severity, n.Text = store.Warning,
			words.NoticeWaits(name(t.Title, t.URL, t.ID), sentence(t.Reason.String()))
		n.Remedy = words.FixPublicationWaits
		if t.Reason.Rule() == "media.url.blocked" {
			n.Remedy = words.FixPublicationBlocked
		}
		if t.Reason.NeedsFFmpeg() {
			n.Remedy = words.FixPublicationFFmpeg
		}
		if t.Reason.NeedsFFmpegOn() {
			n.Remedy = words.FixPublicationFFmpegOff
		}
	case store.Unconfirmed:
		n.Text = words.NoticePublicationUnconfirmed(name(t.Title, t.URL, t.ID), sentence(t.Reason.String()))
		n.Remedy = words.FixPublicationUnconfirmed
	}
	return n
}

func ofWebhook(w store.Webhook, a store.Account) store.Notice {
	return store.Notice{
		Cause: WebhookCause + strconv.FormatInt(w.ID, 10), Level: 1, Severity: store.Bad, AccountID: w.AccountID,
		FeedID: w.FeedID,
		Text:   words.NoticeWebhookStopped(w.Host, a.Name()),
		Remedy: words.FixWebhookStopped,
	}
}

func name(title, url string, id int64) string {
	if title != "" {
		return "“" + title + "”"
	}
	return cmp.Or(url, words.NoticePublication(id))
}

// over says whether an open notice that nothing speaks for any more has ended, and how. It may have become quiet
// only for a moment.
func (k *Keeper) over(ctx context.Context, n *store.Notice, now time.Time) (bool, error) {
	switch {
	case n.PublicationID != 0:
		return k.publicationOver(ctx, n)
	case strings.HasPrefix(n.Cause, WebhookCause):
		return true, k.webhookOver(ctx, n)
	case n.AccountID != 0:
		a, err := k.Store.Account(ctx, n.AccountID)
		if err != nil {
			return false, err
		}
		switch {
		case !a.RemovedAt.IsZero():
			n.Outcome, n.Quiet = words.OutcomeAccountRemoved(a.Name()), true
		case strings.HasSuffix(n.Cause, ":token"):
			n.Outcome = words.OutcomeTokenWorks(a.Name())
		default:
			last, err := k.Store.LastPublished(ctx, a.ID)
			if err != nil {
				return false, err
			}
			if n.Severity != store.Info && now.Sub(n.SeenAt) < lingering && !last.After(n.SeenAt) {
				return false, nil
			}
			n.Outcome = words.OutcomeAccountContinues(a.Name())
		}
		return true, nil
	case n.FeedID != 0:
		f, err := k.Store.Feed(ctx, n.FeedID)
		if err != nil {
			return false, err
		}
		n.Outcome = words.OutcomeFeedWorks(f.Name())
		if n.Quiet = !f.RemovedAt.IsZero() || f.Paused; n.Quiet {
			n.Outcome = words.OutcomeFeedRemoved
		}
	case strings.HasPrefix(n.Cause, addressCause):
		n.Outcome = words.OutcomeTargetWorks
	default:
		n.Outcome = words.OutcomeOver(n.Text)
	}
	return true, nil
}

// publicationOver: one that is tried again is not well yet.
func (k *Keeper) publicationOver(ctx context.Context, n *store.Notice) (bool, error) {
	l, err := k.Store.Listed(ctx, n.PublicationID)
	if errors.Is(err, store.ErrNotFound) {
		n.Quiet = true
		return true, nil
	}
	if err != nil {
		return false, err
	}
	switch {
	case l.State == store.Published:
		n.Outcome = words.OutcomePublished(name(l.Post.Title, l.Post.URL, l.ID))
	case l.State == store.Skipped:
		n.Outcome, n.Quiet = words.OutcomePublicationSkipped, true
	case !l.Account.RemovedAt.IsZero():
		n.Outcome, n.Quiet = words.OutcomeAccountGone, true
	default:
		return false, nil
	}
	return true, nil
}

// webhookOver says how one that was stopped ended.
func (k *Keeper) webhookOver(ctx context.Context, n *store.Notice) error {
	all, err := k.Store.Webhooks(ctx)
	if err != nil {
		return err
	}
	n.Outcome, n.Quiet = words.OutcomeWebhookRemoved, true
	for _, w := range all {
		if n.Cause == WebhookCause+strconv.FormatInt(w.ID, 10) && w.StoppedAt.IsZero() && !w.Off() {
			n.Outcome, n.Quiet = words.OutcomeWebhookWorks(w.Host), false
		}
	}
	return nil
}

// sentence ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	said := s
	if i := strings.LastIndex(s, " ("); i > 0 && strings.HasSuffix(s, ")") {
		said = s[:i] // what stands in brackets behind a full stop needs no other one
	}
	if s == "" || strings.ContainsAny(said[len(said)-1:], ".!?") {
		return s
	}
	return s + "."
}
