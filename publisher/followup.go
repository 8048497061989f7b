package publisher

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"postern/instagram"
	"postern/store"
	"postern/words"
)

// followUpTries are the delays between the tries of a follow-up; together they span about a day.
var followUpTries = []time.Duration{time.Minute, 15 * time.Minute, 2 * time.Hour, 20 * time.Hour}

// accountRetry is the delay before retrying a follow-up whose account needs its owner. It is longer than a pass of
// `sync` waits.
const accountRetry = time.Hour

// permanentError is an error after which a retry would end the same way.
type permanentError struct{ error }

// accountError is an error about the account instead of the post. The follow-up waits until the given time without
// using a try.
type accountError struct {
	error
	until time.Time
}

// followUp runs one follow-up of a published post. The publication stays published even if the follow-up fails.
func (p *Publisher) followUp(ctx context.Context, f store.FollowUp) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	do, failed, tries := p.permalink, func(context.Context, store.FollowUp, error) {}, followUpTries
	switch f.Kind {
	case store.FollowComment:
		do, failed = p.comment, p.commentFailed
	case store.FollowWebhook:
		do, failed, tries = p.sendWebhook, p.webhookFailed, webhookTries
	}
	wait, err := p.followUpWaits(ctx, f)
	if err == nil && wait.IsZero() {
		err = do(ctx, f)
	}
	if later, ok := errors.AsType[accountError](err); ok {
		wait, err = later.until, nil
	}
	if err == nil && !wait.IsZero() {
		record, stop := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
		defer stop()
		if err = p.store.PutOffFollowUp(record, f, wait); err != nil {
			p.log.Error("follow-up not recorded", slog.Int64("publication", f.PublicationID), slog.Any("error", err))
		}
		return
	}
	var again time.Time
	switch {
	case err == nil || errors.As(err, new(permanentError)):
	case f.Tries < len(tries):
		again = in(tries[f.Tries])
	}
	if err != nil && again.IsZero() {
		failed(ctx, f, err)
	}
	record, stop := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer stop()
	if serr := p.store.SettleFollowUp(record, f, err == nil, again); serr != nil {
		p.log.Error("follow-up not recorded", slog.Int64("publication", f.PublicationID), slog.Any("error", serr))
	}
	if err != nil {
		p.log.Info("follow-up failed", slog.Int64("publication", f.PublicationID), slog.String("kind", f.Kind),
			slog.Any("error", err))
	}
}

// followUpWaits returns the time until which a follow-up must wait for its account, zero if it need not. Calls during
// an account's block extend the block, and a paused account must not write comments. Webhooks never wait.
func (p *Publisher) followUpWaits(ctx context.Context, f store.FollowUp) (until time.Time, err error) {
	if f.Kind == store.FollowWebhook {
		return until, nil
	}
	pub, err := p.store.Publication(ctx, f.PublicationID)
	if err != nil {
		return until, err
	}
	a, err := p.store.Account(ctx, pub.AccountID)
	switch {
	case err != nil || !a.RemovedAt.IsZero():
	case a.Trouble == store.Wait && time.Now().Before(a.WaitUntil):
		until = earlier(a.WaitUntil, in(dayGate))
	case a.Trouble == store.Reconnect, a.Paused && f.Kind == store.FollowComment:
		until = in(accountRetry)
	}
	return until, err
}

// accountFault records what an error says about the account and returns it as accountError. It returns all other errors
// unchanged. A missing permission does not count against the account, because publishing may not need it.
func (p *Publisher) accountFault(ctx context.Context, a store.Account, err error) error {
	v := instagram.Classify(err)
	if !v.Account || v.Action != instagram.Wait && v.Action != instagram.Reconnect || instagram.IsForbidden(err) {
		return err
	}
	if _, err := p.accounts.Failed(ctx, a, v); err != nil {
		return err
	}
	return accountError{err, in(ifElse(v.Action == instagram.Wait, min(v.After, dayGate), accountRetry))}
}

// permalink stores the permalink of a post. If Instagram never returned the media id, it finds the media first.
func (p *Publisher) permalink(ctx context.Context, f store.FollowUp) error {
	pub, err := p.store.Publication(ctx, f.PublicationID)
	if err != nil || pub.Permalink != "" && pub.MediaID != "" || pub.State != store.Published {
		return err
	}
	// Load the account before its token: an error about the token must not count against a token stored later.
	account, err := p.store.Account(ctx, pub.AccountID)
	if err != nil {
		return err
	}
	client, err := p.accounts.Client(ctx, pub.AccountID)
	if err != nil {
		return err
	}
	if pub.Permalink != "" {
		_, err := p.identify(ctx, client, account, pub, f.Tries == 0)
		return err
	}
	c := store.Change{To: store.Published, Note: words.LinkNamed}
	if pub.MediaID == "" {
		w, err := p.load(ctx, pub)
		if err != nil {
			return err
		}
		container, ok := pub.Container(0)
		if !ok {
			return nil // a person confirmed the post; there is no container to search with
		}
		found, err := w.findOnProfile(ctx, client, container)
		switch {
		case err != nil:
			return p.accountFault(ctx, account, err)
		case found.ours.ID == "":
			return errors.New(words.MediaIndistinct)
		}
		pub.MediaID, c.MediaID = found.ours.ID, found.ours.ID
	}
	if c.Permalink, err = client.Permalink(ctx, pub.MediaID); err != nil {
		return p.accountFault(ctx, account, err)
	}
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	_, err = p.store.Advance(record, pub, c)
	return err
}

// identify finds the media at the permalink that a person entered when confirming the post, and stores its id. If
// note is true and the media is not found, identify adds a note to the history.
func (p *Publisher) identify(ctx context.Context, client *instagram.Client, a store.Account, pub store.Publication,
	note bool) (store.Publication, error) {
	list := client.RecentMedia
	if pub.Kind == store.KindStory {
		list = client.RecentStories
	}
	recent, err := list(ctx, pub.AskedAt.Add(-maxUnreadable))
	if err != nil {
		return pub, p.accountFault(ctx, a, err)
	}
	want := shortcode(pub.Permalink)
	i := slices.IndexFunc(recent, func(m instagram.Media) bool { return want != "" && shortcode(m.Permalink) == want })
	if i < 0 {
		err := errors.New(words.AddressNotFound(pub.Permalink))
		if note {
			err = errors.Join(err, p.noteOn(ctx, pub, words.AddressNotFoundYet(pub.Permalink)))
		}
		return pub, err
	}
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	found, err := p.store.Advance(record, pub,
		store.Change{To: store.Published, MediaID: recent[i].ID, Note: words.FoundByAddress})
	if errors.Is(err, store.ErrIllegal) { // another publication has this media id
		return pub, permanentError{errors.New(words.AddressOfOther(pub.Permalink))}
	}
	return found, err
}

// shortcode returns the part of a permalink that identifies the post: ABC in https://www.instagram.com/p/ABC/ and in
// https://www.instagram.com/harbour/reel/ABC/?igsh=x. It returns "" if the permalink has no path.
func shortcode(permalink string) string {
	u, err := url.Parse(permalink)
	if err != nil {
		return ""
	}
	parts := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	for i, p := range parts[:max(len(parts)-1, 0)] {
		if p == "p" || p == "reel" || p == "reels" || p == "tv" {
			return parts[i+1]
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return parts[len(parts)-1]
}
