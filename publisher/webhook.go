package publisher

import (
	"context"
	"log/slog"
	"time"

	"postern/store"
	"postern/webhook"
	"postern/words"
)

// webhookTries are the delays between the tries of a webhook; they span a day, because a build server may be down for
// a night.
var webhookTries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
	14 * time.Hour}

// sendWebhook sends the webhook message about a post whose permalink is known. The message may arrive more than once,
// always with the same id.
func (p *Publisher) sendWebhook(ctx context.Context, f store.FollowUp) error {
	pub, err := p.store.Publication(ctx, f.PublicationID)
	if err != nil || pub.State != store.Published || pub.Permalink == "" || p.webhooks == nil {
		return err
	}
	post, err := p.store.Post(ctx, pub.PostID)
	if err != nil {
		return err
	}
	account, err := p.store.Account(ctx, pub.AccountID)
	if err != nil {
		return err
	}
	w, found, err := p.store.WebhookFor(ctx, pub.AccountID, post.FeedID)
	switch {
	case err != nil || !found: // removed meanwhile
		return err
	case !w.StoppedAt.IsZero(): // stopped by an earlier try or by the message about another post
		return permanentError{&webhook.Failure{Text: w.Problem, Gone: true}}
	}
	if _, err = p.webhooks.Send(ctx, w, webhook.MessageID(pub, post, account),
		webhook.NewMessage(pub, post, account)); err != nil {
		return err
	}
	return p.noteOn(ctx, pub, words.SiteTold(w.Host))
}

// webhookFailed adds the failure to the history of the publication. The post stays live.
func (p *Publisher) webhookFailed(ctx context.Context, f store.FollowUp, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	pub, err := p.store.Publication(ctx, f.PublicationID)
	if err == nil {
		err = p.noteOn(ctx, pub, words.SiteNotTold(cause.Error()))
	}
	if err != nil {
		p.log.Error("note not recorded", slog.Int64("publication", f.PublicationID), slog.Any("error", err))
	}
}
