package notices

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/accounts"
	"postern/store"
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

const remedyToken = "Make a new access token in Meta's app dashboard and connect the account again; its queue " +
	"waits, and goes on where it was."

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
				Text: fmt.Sprintf("Messages to %s do not arrive: %s", a.Label, sentence(a.Problem)),
				Remedy: "They are tried again by themselves. Send a test; if that fails, remove the address and " +
					"add it anew.",
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
			Text: fmt.Sprintf("Postern crashed %d times while it read the feed %s, so it paused the feed.",
				f.Crashes, f.Name()),
			Remedy: fmt.Sprintf(
				"Look at what the feed shows, then resume it (`postern feed resume %d`). Other feeds are read "+
					"as ever.", f.ID),
		}, true
	case f.Failures >= feedFailures && !f.Paused:
		return store.Notice{
			Cause: feedCause + strconv.FormatInt(f.ID, 10), Level: 1, Severity: store.Warning, FeedID: f.ID,
			Text: fmt.Sprintf("The feed %s could not be read %d times in a row: %s", f.Name(), f.Failures,
				sentence(f.Problem.String())),
			Remedy: "It is tried again by itself. If the site has moved, add its new address and remove this one.",
		}, true
	}
	return store.Notice{}, false
}

func ofAccount(a store.Account, now time.Time) (out []store.Notice) {
	cause := accountCause + strconv.FormatInt(a.ID, 10)
	if h := accounts.Health(a, now); h.Stage != accounts.TokenWell {
		n := store.Notice{Cause: cause + ":token", Level: int(h.Stage), Severity: store.Warning, AccountID: a.ID,
			Guide: accounts.GuidePath(h.Step())}
		ends := fmt.Sprintf("it is good for %s, until %s", days(h.Days), h.Ends.UTC().Format("2 January 2006"))
		if !h.Known {
			ends = "how long it is good for is not known, at most until " + h.Ends.UTC().Format("2 January 2006")
		}
		n.Text = fmt.Sprintf("%s: the access token could not be refreshed, and %s. %s", a.Name(), ends,
			sentence(h.Problem.String()))
		n.Remedy = "It is tried again by itself, and publishing goes on meanwhile."
		switch h.Stage {
		case accounts.RefreshFailed:
		case accounts.TokenLost:
			n.Severity, n.Text, n.Remedy = store.Bad,
				fmt.Sprintf("%s needs reconnecting: %s", a.Name(), sentence(h.Problem.String())), remedyToken
		default:
			n.Remedy =
				"It is tried again by itself; if that goes on failing, publishing stops then. To be safe make a " +
					"new access token in Meta's app dashboard and connect the account again."
			if h.Stage == accounts.Ends2Days {
				n.Severity = store.Bad
			}
		}
		out = append(out, n)
	}
	if a.Trouble == store.Wait && now.Before(a.WaitUntil) {
		n := store.Notice{
			Cause: cause + ":wait", Level: 1, Severity: store.Info, AccountID: a.ID,
			Text: fmt.Sprintf("%s waits: %s", a.Name(), sentence(a.Problem.String())),
			Remedy: "It goes on by itself at " + a.WaitUntil.UTC().Format("15:04 MST, 2 January") +
				"; nothing is lost meanwhile.",
		}
		if a.WaitUntil.Sub(now) >= longWait {
			n.Level, n.Severity = 2, store.Warning
			n.Remedy += " Look into the Instagram app for a notice."
		}
		out = append(out, n)
	}
	return out
}

func ofPublication(t store.Troubled) store.Notice {
	n := store.Notice{
		Cause: publicationCause + strconv.FormatInt(t.ID, 10), Level: max(t.Times, 1), Severity: store.Bad,
		AccountID: t.AccountID, PublicationID: t.ID,
		Text:   fmt.Sprintf("%s was not published: %s", name(t.Title, t.URL, t.ID), sentence(t.Reason.String())),
		Remedy: "Fix the problem, then retry or skip the post on its page.",
	}
	switch t.State {
	case store.Held:
		n.Remedy = "Correct the setting, then approve or skip the post on its page."
	case store.Queued:
		n.Severity, n.Text = store.Warning,
			fmt.Sprintf("%s waits: %s", name(t.Title, t.URL, t.ID), sentence(t.Reason.String()))
		n.Remedy = "Postern asks the site again every 10 minutes and then publishes. Or skip the post on its page."
		if t.Reason.Rule() == "media.url.blocked" {
			n.Remedy = "Set `network.allow` and restart Postern, which then publishes the post. Or skip the post on its page."
		}
	case store.Unconfirmed:
		n.Text = fmt.Sprintf("%s may be published, and Postern cannot tell: %s", name(t.Title, t.URL, t.ID),
			sentence(t.Reason.String()))
		n.Remedy = "Look at the profile and say on its page which it is."
	}
	return n
}

func ofWebhook(w store.Webhook, a store.Account) store.Notice {
	return store.Notice{
		Cause: WebhookCause + strconv.FormatInt(w.ID, 10), Level: 1, Severity: store.Bad, AccountID: w.AccountID,
		FeedID: w.FeedID,
		Text: fmt.Sprintf(
			"%s is told no more where the posts of %s are: it answered that it wants no messages (410 Gone).",
			w.Host, a.Name()),
		Remedy: "When it takes messages again, send a test from Accounts, Tell your site; or set another address " +
			"there, or remove it.",
	}
}

func name(title, url string, id int64) string {
	if title != "" {
		return "“" + title + "”"
	}
	return cmp.Or(url, fmt.Sprintf("Publication %d", id))
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
			n.Outcome, n.Quiet = a.Name()+" was removed.", true
		case strings.HasSuffix(n.Cause, ":token"):
			n.Outcome = a.Name() + " has an access token that works, and it is refreshed daily again."
		default:
			last, err := k.Store.LastPublished(ctx, a.ID)
			if err != nil {
				return false, err
			}
			if n.Severity != store.Info && now.Sub(n.SeenAt) < lingering && !last.After(n.SeenAt) {
				return false, nil
			}
			n.Outcome = a.Name() + " waits no longer."
		}
		return true, nil
	case n.FeedID != 0:
		f, err := k.Store.Feed(ctx, n.FeedID)
		if err != nil {
			return false, err
		}
		n.Outcome = "the feed " + f.Name() + " is read again."
		if n.Quiet = !f.RemovedAt.IsZero() || f.Paused; n.Quiet {
			n.Outcome = "The feed was removed or paused."
		}
	case strings.HasPrefix(n.Cause, addressCause):
		n.Outcome = "messages arrive again, or the address was removed."
	default:
		n.Outcome = "this is over: " + n.Text
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
		n.Outcome = name(l.Post.Title, l.Post.URL, l.ID) + " is published."
	case l.State == store.Skipped:
		n.Outcome, n.Quiet = "It was skipped.", true
	case !l.Account.RemovedAt.IsZero():
		n.Outcome, n.Quiet = "The account was removed.", true
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
	n.Outcome, n.Quiet = "The webhook was removed.", true
	for _, w := range all {
		if n.Cause == WebhookCause+strconv.FormatInt(w.ID, 10) && w.StoppedAt.IsZero() && !w.Off() {
			n.Outcome, n.Quiet = w.Host+" is told again when a post is live.", false
		}
	}
	return nil
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// sentence ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?)") {
		return s
	}
	return s + "."
}
