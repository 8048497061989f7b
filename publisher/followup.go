package publisher

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"postern/instagram"
	"postern/store"
)

// followUpTries are spread over about a day.
var followUpTries = []time.Duration{time.Minute, 15 * time.Minute, 2 * time.Hour, 20 * time.Hour}

// accountAgain is how soon an account is asked again that only its owner can help: longer than a pass of `sync` waits.
const accountAgain = time.Hour

// forGood is an error after which trying again would end the same way.
type forGood struct{ error }

// notNow is an error that is about the account and not about the post: it costs no try.
type notNow struct {
	error
	until time.Time
}

// followUp does one piece of work after `published`. Whatever becomes of it, the publication stays published.
func (p *Publisher) followUp(ctx context.Context, f store.FollowUp) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	do := p.permalink
	if f.Kind == store.FollowComment {
		do = p.comment
	}
	wait, err := p.followUpWaits(ctx, f)
	if err == nil && wait.IsZero() {
		err = do(ctx, f)
	}
	if later, ok := errors.AsType[notNow](err); ok {
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
	case err == nil || errors.As(err, new(forGood)):
	case f.Tries < len(followUpTries):
		again = in(followUpTries[f.Tries])
	}
	if err != nil && again.IsZero() && f.Kind == store.FollowComment {
		p.commentFailed(ctx, f, err)
	}
	record, stop := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer stop()
	if serr := p.store.SettleFollowUp(record, f, err == nil, again); serr != nil {
		p.log.Error("follow-up not recorded", slog.Int64("publication", f.PublicationID), slog.Any("error", serr))
	}
	if err != nil {
		p.log.Info("follow-up failed", slog.Int64("publication", f.PublicationID), slog.String("kind", f.Kind), slog.Any("error", err))
	}
}

// followUpWaits says until when a follow-up waits for its account, the zero time when it does not. Calls that are made while
// Instagram takes none prolong that; and on a paused account nothing is written.
func (p *Publisher) followUpWaits(ctx context.Context, f store.FollowUp) (until time.Time, err error) {
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
		until = in(accountAgain)
	}
	return until, err
}

// accountFault passes on what an error says about the account, which is notNow then, and returns every other as it is. A
// missing permission is none of the account's: publishing may need less.
func (p *Publisher) accountFault(ctx context.Context, a store.Account, err error) error {
	v := instagram.Classify(err)
	if !v.Account || v.Action != instagram.Wait && v.Action != instagram.Reconnect || instagram.IsForbidden(err) {
		return err
	}
	if _, err := p.accounts.Failed(ctx, a, v); err != nil {
		return err
	}
	return notNow{err, in(either(v.Action == instagram.Wait, min(v.After, dayGate), accountAgain))}
}

// permalink reads the public address of a post, and first finds its media if the id was never told.
func (p *Publisher) permalink(ctx context.Context, f store.FollowUp) error {
	pub, err := p.store.Publication(ctx, f.PublicationID)
	if err != nil || pub.Permalink != "" || pub.State != store.Published {
		return err
	}
	account, err := p.store.Account(ctx, pub.AccountID) // before its token is read, which the answers are about
	if err != nil {
		return err
	}
	client, err := p.accounts.Client(ctx, pub.AccountID)
	if err != nil {
		return err
	}
	c := store.Change{To: store.Published, Note: "its address is known"}
	if pub.MediaID == "" {
		w, err := p.load(ctx, pub)
		if err != nil {
			return err
		}
		container, ok := pub.Container(0)
		if !ok {
			return nil // confirmed by a person; there is nothing to find it by
		}
		found, err := w.sign(ctx, client, container)
		switch {
		case err != nil:
			return p.accountFault(ctx, account, err)
		case found.ours.ID == "":
			return errors.New("its media cannot be told from others on the profile yet")
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
