package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"postern/owner"
	"postern/redact"
	"postern/store"
	"postern/webhook"
	"postern/words"
)

type webhookView struct {
	frame
	Name     string
	Feed     int64  // 0 for all feeds
	About    string // name of the account or feed
	Action   string // path of the page, the prefix of its forms' actions
	Query    string // query of the forms' actions
	Choices  []settingsChoice
	Own      bool   // whether the webhook is set here and not inherited from the account
	Host     string // host that is notified; "" for none
	Problem  string
	Told     moment
	Secret   string // shown only in this response
	FormOpen bool
}

// webhookData holds everything that the page needs.
type webhookData struct {
	account store.Account
	feed    store.Feed // ID 0 for all feeds
	feeds   []store.Feed
	own     bool
	hook    store.Webhook // the effective webhook: its own or the account's
}

func (s *Server) webhookPage(w http.ResponseWriter, r *http.Request) error {
	return s.showWebhook(w, r, http.StatusOK, nil, "")
}

func (s *Server) showWebhook(w http.ResponseWriter, r *http.Request, status int, n *notice,
	secret redact.Secret) error {
	d, err := s.webhookData(r)
	if err != nil {
		return err
	}
	v := newWebhookView(d, time.Now())
	v.frame = s.frame(r, words.PageNotifySite, "accounts")
	v.Secret, v.FormOpen = secret.Reveal(), v.FormOpen || n != nil
	if n != nil {
		v.Notice = n
	}
	if secret != "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	return s.render(w, r, status, webhookTempl(v))
}

// webhookData loads the effective webhook of the account, or of the feed on the account that the URL names.
func (s *Server) webhookData(r *http.Request) (d webhookData, err error) {
	about, err := s.settingsData(r, r.URL.Query().Get("feed"))
	if err != nil {
		return d, err
	}
	d.account, d.feed = about.account, about.feed
	if d.feeds, err = s.store.FeedNames(r.Context(), feedChoices); err != nil {
		return d, err
	}
	if d.hook, err = s.store.Webhook(r.Context(), d.account.ID, d.feed.ID); err == nil {
		d.own = true
		return d, nil
	}
	if errors.Is(err, store.ErrNotFound) {
		d.hook, _, err = s.store.WebhookFor(r.Context(), d.account.ID, d.feed.ID)
	}
	return d, err
}

// named returns the owner.Webhook that the URL of a page or form identifies.
func (d webhookData) named() owner.Webhook {
	return owner.Webhook{Account: d.account.ID, Feed: d.feed.ID}
}

func webhookLink(account, feed int64, what string) string {
	link := fmt.Sprintf("/accounts/%d/webhook%s", account, what)
	if feed != 0 {
		link += "?feed=" + strconv.FormatInt(feed, 10)
	}
	return link
}

func newWebhookView(d webhookData, now time.Time) webhookView {
	v := webhookView{
		Name: d.account.Name(), Feed: d.feed.ID, About: d.account.Name(), Action: webhookLink(d.account.ID, 0, ""),
		Own:  d.own,
		Host: d.hook.Host, Problem: sentence(d.hook.Problem), Told: newMoment(d.hook.SentAt, now),
		FormOpen: !d.own && d.feed.ID == 0,
	}
	if v.Feed != 0 {
		v.About, v.Query = words.FeedOnAccount(feedName(d.feed), v.Name), "?feed="+strconv.FormatInt(v.Feed, 10)
	}
	v.Choices = []settingsChoice{{Link: v.Action, Name: "Every feed", Here: v.Feed == 0}}
	for _, f := range d.feeds {
		v.Choices = append(v.Choices,
			settingsChoice{Link: webhookLink(d.account.ID, f.ID, ""), Name: feedName(f), Here: f.ID == v.Feed})
	}
	return v
}

// setWebhook stores a webhook's URL, or switches the webhook off. The URL may contain a secret, so no response shows
// the typed value again.
func (s *Server) setWebhook(w http.ResponseWriter, r *http.Request) error {
	d, err := s.webhookData(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	back := webhookLink(d.account.ID, d.feed.ID, "")
	if r.PostForm.Get("off") == "yes" {
		if _, err := s.orders.StopWebhook(r.Context(), d.named()); err != nil {
			return err
		}
		return s.done(w, r, back, notice{Text: words.NobodyTold})
	}
	hook, err := s.orders.SetWebhook(r.Context(), d.named(), secret(r, "address"))
	if errors.Is(err, webhook.ErrAddress) {
		return s.showWebhook(w, r, http.StatusUnprocessableEntity,
			&notice{Bad: true, Text: words.WebhookNotKept(err.Error())}, "")
	}
	if err != nil {
		return err
	}
	return s.done(w, r, back,
		notice{Text: words.WebhookKept(hook.Host)})
}

func (s *Server) testWebhook(w http.ResponseWriter, r *http.Request) error {
	d, err := s.webhookData(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), AskTime)
	defer cancel()
	back := webhookLink(d.account.ID, d.feed.ID, "")
	hook, status, err := s.orders.TestWebhook(ctx, d.named())
	var not *owner.TestError
	switch {
	case errors.As(err, &not) && err.Error() == "":
		return s.done(w, r, back, notice{Bad: true, Text: words.WebhookSilent})
	case errors.As(err, &not):
		return s.done(w, r, back, notice{Bad: true, Text: words.WebhookTestFailed(sentence(err.Error()))})
	case err != nil:
		return err
	}
	return s.done(w, r, back, notice{Text: words.PageWebhookAnswered(hook.Host, status)})
}

// showWebhookSecret shows the secret in this response. It does not redirect, because the secret would have to be
// stored in between.
func (s *Server) showWebhookSecret(w http.ResponseWriter, r *http.Request) error {
	d, err := s.webhookData(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	secret, err := s.orders.WebhookSecret(r.Context(), d.named(), r.PostForm.Get("new") == "yes")
	if err != nil {
		return err
	}
	return s.showWebhook(w, r, http.StatusOK, nil, secret)
}

func (s *Server) removeWebhook(w http.ResponseWriter, r *http.Request) error {
	d, err := s.webhookData(r)
	if err != nil {
		return err
	}
	if _, err := s.orders.RemoveWebhook(r.Context(), d.named()); err != nil {
		return err
	}
	return s.done(w, r, webhookLink(d.account.ID, d.feed.ID, ""),
		notice{Text: words.WebhookGone})
}
