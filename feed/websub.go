package feed

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"postern/store"
	"postern/words"
)

// If a feed names a WebSub hub (https://www.w3.org/TR/websub/), Postern subscribes there. The hub then announces new
// entries, and the feed is polled at once. Postern ignores the content that the hub sends, so it needs no signature.
// Polling continues as a fallback.
const (
	hubLease = 10 * 24 * time.Hour
	// hubPatience is the time after which Postern asks a hub again that did not confirm.
	hubPatience = 24 * time.Hour
	hubTimeout  = 15 * time.Second
)

// Subscribe sets the public URL under which hubs can reach this program; "" disables subscriptions. It must be
// called before the first poll.
func (p *Poller) Subscribe(publicURL string) { p.publicURL = strings.TrimRight(publicURL, "/") }

// HookHash returns the hash that is stored of the token in a hub's callback URL.
func HookHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// hub subscribes to the feed's hub if that is due. If the hub cannot be reached, that is not a problem of the feed.
func (p *Poller) hub(ctx context.Context, f store.Feed) {
	if p.publicURL == "" || f.Hub.URL == "" || time.Now().Before(f.Hub.AskAt) {
		return
	}
	token := rand.Text()
	f.Hub.Hash, f.Hub.AskAt = HookHash(token), time.Now().Add(hubPatience)
	// Store it first, because the hub may confirm before it answers.
	if err := p.o.Store.SaveHub(ctx, f.ID, f.Hub); err != nil {
		p.o.Logger.Error("storing the hub failed", slog.Int64("feed_id", f.ID), slog.Any("error", err))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hubTimeout)
	defer cancel()
	if err := p.askHub(ctx, f.Hub, p.publicURL+"/hooks/websub/"+token); err != nil {
		p.o.Logger.Info("subscribing to the hub failed; polling continues", slog.Int64("feed_id", f.ID),
			slog.String("problem", err.Error()))
	}
}

// askHub sends a subscription request: https://www.w3.org/TR/websub/#subscriber-sends-subscription-request
func (p *Poller) askHub(ctx context.Context, h store.Hub, callback string) error {
	form := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {h.Topic}, "hub.callback": {callback},
		"hub.lease_seconds": {fmt.Sprint(int(hubLease.Seconds()))}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return errors.New(words.HubInvalid(publicURL(h.URL)))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.o.Client.Do(req)
	if err != nil {
		return fetchError(ctx, err, 0)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 != 2 {
		return errors.New(words.HubAnswered(resp.Status))
	}
	return nil
}

var relParam = regexp.MustCompile(`(?i)rel\s*=\s*"?([^";]+)`)

// hubOf returns the hub that the feed or its Link header names, and the address under which the hub knows the feed.
func hubOf(f store.Feed, fetched Fetched, doc Document) store.Hub {
	if f.Hidden { // the hub is run by a third party, which would learn the address
		return store.Hub{}
	}
	h := f.Hub
	named, topic := doc.HubURL, doc.Self
	for _, header := range fetched.Links {
		for _, l := range linkHeader.FindAllStringSubmatch(header, -1) {
			rel := relParam.FindStringSubmatch(l[2])
			switch {
			case rel == nil:
			case strings.EqualFold(strings.TrimSpace(rel[1]), "hub"):
				named = firstOf(named, l[1])
			case strings.EqualFold(strings.TrimSpace(rel[1]), "self"):
				topic = firstOf(topic, l[1])
			}
		}
	}
	base, err := url.Parse(f.URL)
	if err != nil {
		return h
	}
	site := public(base) // the hub is run by a third party and must not get the credentials
	named, topic = absolute(base, named), firstOf(absolute(site, topic), site.String())
	if named != h.URL || topic != h.Topic {
		h = store.Hub{URL: named, Topic: topic} // a new subscription is needed
	}
	return h
}
