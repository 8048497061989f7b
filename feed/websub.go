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

// A feed that names a WebSub hub (https://www.w3.org/TR/websub/) is subscribed to: then the hub tells of
// something new, and the feed is polled at once. What the hub sends is not read, so it needs no signature, and
// polls go on as a fall-back.
const (
	hubLease = 10 * 24 * time.Hour
	// hubPatience is when a hub is asked again that did not confirm.
	hubPatience = 24 * time.Hour
	hubTimeout  = 15 * time.Second
)

// Subscribe lets hubs reach this program under its public address from now on; "" for never. It must be called
// before the first poll.
func (p *Poller) Subscribe(publicURL string) { p.publicURL = strings.TrimRight(publicURL, "/") }

// HookHash is what is kept of the token in a hub's callback address.
func HookHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// hub asks the feed's hub to call back, when that is due. A hub that cannot be reached is no fault of the feed.
func (p *Poller) hub(ctx context.Context, f store.Feed) {
	if p.publicURL == "" || f.Hub.URL == "" || time.Now().Before(f.Hub.AskAt) {
		return
	}
	token := rand.Text()
	f.Hub.Hash, f.Hub.AskAt = HookHash(token), time.Now().Add(hubPatience)
	// Kept first: the hub may confirm before it answers.
	if err := p.o.Store.SaveHub(ctx, f.ID, f.Hub); err != nil {
		p.o.Logger.Error("hub not kept", slog.Int64("feed_id", f.ID), slog.Any("error", err))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hubTimeout)
	defer cancel()
	if err := p.askHub(ctx, f.Hub, p.publicURL+"/hooks/websub/"+token); err != nil {
		p.o.Logger.Info("hub not subscribed to; polls go on", slog.Int64("feed_id", f.ID),
			slog.String("problem", err.Error()))
	}
}

// https://www.w3.org/TR/websub/#subscriber-sends-subscription-request
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

// hubOf is the hub that the feed or its Link header names, and the address under which it knows the feed.
func hubOf(f store.Feed, fetched Fetched, doc Document) store.Hub {
	if f.Hidden { // a hub is somebody else's, and would be told the address
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
	site := public(base) // the hub is somebody else's
	named, topic = absolute(base, named), firstOf(absolute(site, topic), site.String())
	if named != h.URL || topic != h.Topic {
		h = store.Hub{URL: named, Topic: topic} // the subscription is to be made anew
	}
	return h
}
