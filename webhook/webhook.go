package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/egress"
	"postern/redact"
	"postern/store"
	"postern/vault"
	"postern/words"
)

const (
	// sendTime is how long one call may take: a receiver takes the message and builds afterwards.
	sendTime   = 20 * time.Second
	recordTime = 5 * time.Second
	// drainLimit is what is read of an answer, so that its connection can be used again. Nothing of it is kept.
	drainLimit = 16 << 10
)

// Options of New.
type Options struct {
	Store  *store.Store
	Key    vault.Key      // seals addresses and secrets
	Client *http.Client   // of package egress: addresses are checked when they are dialled
	Allow  []netip.Prefix // private ranges that may be reached, there without TLS, too
	Redact *redact.Redactor
}

// Keeper keeps the webhooks and sends their messages. Its methods are safe for concurrent use.
type Keeper struct {
	store  *store.Store
	key    vault.Key
	client *http.Client
	allow  []netip.Prefix
	redact *redact.Redactor
}

// New returns a Keeper over an open store.
func New(o Options) *Keeper {
	c := *o.Client
	// A redirect would take the message to somewhere that the owner did not name.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Timeout = sendTime
	return &Keeper{store: o.Store, key: o.Key, client: &c, allow: o.Allow, redact: o.Redact}
}

// Failure says why a message did not arrive, in plain words without the address.
type Failure struct {
	Text   string
	Status int  // of the answer; 0 when there was none
	Gone   bool // the receiver wants no more
}

// Error is the text.
func (f *Failure) Error() string { return f.Text }

// ErrAddress says that an address cannot be a webhook's. The text says what one is, and nothing of what was given.
var ErrAddress = errors.New(words.WebhookAddressInvalid)

// clean reads an address.
func (k *Keeper) clean(address redact.Secret) (*url.URL, error) {
	text := strings.TrimSpace(address.Reveal())
	k.redact.Add(text)
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" ||
		strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, ErrAddress
	}
	k.redact.Add(secretsOf(u)...)
	if u.Scheme != "https" && (u.Scheme != "http" || !egress.Allowed(u.Hostname(), k.allow)) {
		return nil, ErrAddress
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// secretsOf are the parts of an address that may be secret where they stand alone.
func secretsOf(u *url.URL) []string {
	all := []string{u.String()}
	if uri := u.RequestURI(); len(uri) > 8 {
		all = append(all, uri)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		all = append(all, u.User.Username(), password)
	}
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	// What looks like a word of a path is one of other texts, too: hooks, build.
	for _, s := range strings.Split(u.Path, "/") {
		if len(s) >= 8 && strings.ContainsAny(s, "0123456789-_") {
			all = append(all, s)
		}
	}
	return all
}

func place(id int64, column string) string { return fmt.Sprintf("webhook:%d:%s", id, column) }

// Set stores the address that is notified about posts of an account (feed 0), or of a feed on it. It keeps an existing
// secret, and creates the first one. It returns ErrAddress, or store.ErrNotFound if the account or feed is missing.
func (k *Keeper) Set(ctx context.Context, account, feed int64, address redact.Secret,
	by store.Actor) (store.Webhook, error) {
	u, err := k.clean(address)
	if err != nil {
		return store.Webhook{}, err
	}
	return k.store.SetWebhook(ctx, store.Webhook{AccountID: account, FeedID: feed, Host: u.Hostname()}, by,
		func(w store.Webhook) (sealed, secret []byte, err error) {
			if secret = w.Secret; secret == nil {
				if secret, err = k.key.Seal(place(w.ID, "secret"), newSecret()); err != nil {
					return nil, nil, err
				}
			}
			sealed, err = k.key.Seal(place(w.ID, "address"), redact.Secret(u.String()))
			return sealed, secret, err
		})
}

// Off switches notifications off for an account (feed 0), or for a feed on it even if the account has a webhook. It
// deletes the address and the secret.
func (k *Keeper) Off(ctx context.Context, account, feed int64, by store.Actor) (store.Webhook, error) {
	return k.store.SetWebhook(ctx, store.Webhook{AccountID: account, FeedID: feed}, by, nil)
}

// Renew makes a new secret, which counts from now on, and returns it.
func (k *Keeper) Renew(ctx context.Context, w store.Webhook, by store.Actor) (redact.Secret, error) {
	if w.Off() {
		return "", errNone
	}
	secret := newSecret()
	_, err := k.store.SetWebhook(ctx, w, by, func(there store.Webhook) ([]byte, []byte, error) {
		if there.Host != w.Host {
			return nil, nil, fmt.Errorf("the webhook was changed at this moment: do that again: %w", store.ErrConflict)
		}
		sealed, err := k.key.Seal(place(there.ID, "secret"), secret)
		return there.Address, sealed, err
	})
	return secret, err
}

var errNone = errors.New(words.WebhookNone)

// Secret is what the messages of a webhook are signed with.
func (k *Keeper) Secret(w store.Webhook) (redact.Secret, error) {
	if w.Off() {
		return "", errNone
	}
	return k.key.Open(place(w.ID, "secret"), w.Secret)
}

// Send makes one call with a message, under its id, and records how it went. The error is a *Failure when the
// message did not arrive; status is that of the answer, 0 for none.
func (k *Keeper) Send(ctx context.Context, w store.Webhook, id string, m Message) (status int, err error) {
	if w.Off() {
		return 0, errNone
	}
	status, err = k.post(ctx, w, id, m)
	var f *Failure
	if err != nil && !errors.As(err, &f) {
		return status, err
	}
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	problem, gone := "", false
	if f != nil {
		problem, gone = f.Text, f.Gone
	}
	return status, errors.Join(err, k.store.WebhookAnswered(record, w.ID, problem, gone))
}

func (k *Keeper) post(ctx context.Context, w store.Webhook, id string, m Message) (int, error) {
	address, err := k.key.Open(place(w.ID, "address"), w.Address)
	if err != nil {
		return 0, err
	}
	u, err := k.clean(address) // network.allow may have changed
	if err != nil {
		return 0, &Failure{Text: err.Error()}
	}
	secret, err := k.Secret(w)
	if err != nil {
		return 0, err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("writing the message: %w", err)
	}
	now := time.Now()
	signature, err := Sign(secret, id, now, body)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, &Failure{Text: ErrAddress.Error()}
	}
	r.GetBody = nil // net/http must not send it again by itself
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("Webhook-Signature", signature)
	res, err := k.client.Do(r)
	if err != nil {
		return 0, &Failure{Text: w.Host + ": " + egress.Describe(err)}
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, drainLimit))
	return res.StatusCode, refused(w.Host, res.StatusCode)
}

// refused is nil for an answer that takes the message.
func refused(host string, status int) error {
	if status >= 200 && status < 300 {
		return nil
	}
	return &Failure{Text: words.WebhookRefused(host, status), Status: status, Gone: status == http.StatusGone}
}
