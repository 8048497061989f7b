package publisher

import (
	"context"
	"log/slog"
	"time"

	"postern/store"
	"postern/webhook"
	"postern/words"
)

// webhookTries are spread over a day: a build server may be away for a night.
var webhookTries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
	14 * time.Hour}

// tellSite sends the webhook's message about a post whose address is known. It may arrive more than once, always
// under the same id.
func (p *Publisher) tellSite(ctx context.Context, f store.FollowUp) error {
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
	case err != nil || !found: // removed meanwhile: nobody wants to know any more
		return err
	case !w.StoppedAt.IsZero(): // by the try before, or by the message about another post
		return forGood{&webhook.Failure{Text: w.Problem, Gone: true}}
	}
	if _, err = p.webhooks.Send(ctx, w, webhook.MessageID(pub, post, account),
		webhook.NewMessage(pub, post, account)); err != nil {
		return err
	}
	return p.noteOn(ctx, pub, words.SiteTold(w.Host))
}

// webhookFailed tells the owner. The post is live and stays so.
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
