package notices

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"

	"postern/redact"
	"postern/store"
	"postern/words"
)

// services are the schemes of addresses that can be used, with whether they have a place for a title.
var services = map[string]bool{
	"bark": true, "discord": true, "generic": true, "googlechat": false, "gotify": true, "ifttt": true, "join": true,
	"lark":   true,
	"matrix": true, "notifiarr": false, "ntfy": true, "opsgenie": true, "pagerduty": false, "pushbullet": true,
	"pushover":   true,
	"rocketchat": false, "signal": false, "slack": true, "smtp": true, "teams": true, "telegram": true, "wecom": false,
	"zulip": true,
}

// Services lists what can be told, for messages.
func Services() []string {
	var names []string
	for s := range services {
		names = append(names, s)
	}
	slices.Sort(names)
	return names
}

// Label is what an address may be called where everybody can read it: the service, and the host where that is the
// owner's own server. The error says what to write instead, and nothing of what was written.
func Label(address redact.Secret) (string, error) {
	text := strings.TrimSpace(address.Reveal())
	scheme, _, found := strings.Cut(text, "://")
	u, err := url.Parse(text)
	if !found || err != nil || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", errors.New(words.TargetInvalid)
	}
	service, _, _ := strings.Cut(strings.ToLower(scheme), "+")
	if _, ok := services[service]; !ok {
		switch service {
		case "http", "https":
			return "", errors.New(words.TargetWebhook(service))
		case "mattermost": // its client in the library cannot be kept from following redirects
			return "", errors.New(words.TargetMattermost)
		}
		return "", errors.New(words.TargetServiceUnknown(strings.Join(Services(), ", ")))
	}
	if service == "smtp" && u.Host != "" && u.Query().Get("to") == "" && u.Query().Get("toaddresses") == "" {
		return "", errors.New(words.TargetWithoutMail)
	}
	if !usable(service, text) {
		return "", errors.New(words.TargetIncomplete(service, forms[service]))
	}
	switch host := u.Hostname(); {
	case host == "":
		return service, nil
	// For the others, what stands in the host's place may be a key.
	case slices.Contains([]string{"generic", "gotify", "matrix", "ntfy", "rocketchat", "smtp", "signal", "bark"},
		service) && strings.ContainsAny(host, ".:") || host == "localhost":
		return service + " at " + host, nil
	}
	return service, nil
}

// forms are how addresses are written, as docs/notices.md lists them.
var forms = map[string]string{
	"smtp":     "smtp://USER:PASSWORD@HOST:587/?from=POSTERN@EXAMPLE.ORG&to=YOU@EXAMPLE.ORG",
	"ntfy":     "ntfy://ntfy.sh/TOPIC",
	"telegram": "telegram://TOKEN@telegram?chats=CHAT",
	"matrix":   "matrix://USER:PASSWORD@HOST/?rooms=ROOM",
	"slack":    "slack://hook:KEY@webhook",
	"pushover": "pushover://shoutrrr:APIKEY@USERKEY",
	"gotify":   "gotify://HOST/TOKEN",
	"generic":  "generic+https://HOST/PATH?template=json",
}

// usable tells whether the library that sends takes an address, without a word over the network. Why it does not
// take one is not told: its reasons repeat parts of the address.
func usable(service, address string) (ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch service { // the library notices these only when it sends
	case "generic", "googlechat", "bark", "smtp":
		ok = u.Host != ""
	case "gotify":
		ok = u.Host != "" && strings.Trim(u.Path, "/") != ""
	case "matrix":
		password, _ := u.User.Password()
		ok = u.Host != "" && password != ""
		u.User = url.UserPassword("", password) // with a user it logs in at once
	default:
		ok = true
	}
	if !ok {
		return false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	r, err := router.New(log.New(io.Discard, "", 0))
	if err == nil {
		_, err = r.Locate(u.String())
	}
	return err == nil
}

// secretsOf are the parts of an address that no text may show: services answer with some of them.
func secretsOf(address redact.Secret) []string {
	text := strings.TrimSpace(address.Reveal())
	all := []string{text}
	u, err := url.Parse(text)
	if err != nil {
		return all
	}
	if u.User != nil {
		password, _ := u.User.Password()
		all = append(all, u.User.Username(), password)
		all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	}
	if !strings.ContainsAny(u.Host, ".:") && u.Host != "localhost" {
		all = append(all, u.Host) // a key or a token in the host's place
	}
	rest := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	for _, values := range u.Query() {
		rest = append(rest, values...)
	}
	for _, s := range rest {
		if len(s) >= 5 && !word.MatchString(s) { // options such as template=json are words of every text
			all = append(all, s)
		}
	}
	return all
}

var word = regexp.MustCompile(`^(?:[a-z]{1,15}|[A-Z]?[a-z]{1,11}|[0-9]{1,7})$`)

func place(id int64) string { return fmt.Sprintf("address:%d:sealed", id) }

// Add keeps an address that notices are sent to from now on.
func (k *Keeper) Add(ctx context.Context, origin store.Origin, address redact.Secret) (store.Address, error) {
	address = redact.Secret(strings.TrimSpace(address.Reveal()))
	k.Redact.Add(secretsOf(address)...)
	label, err := Label(address)
	if err != nil {
		return store.Address{}, err
	}
	return k.Store.AddAddress(ctx, store.Address{Origin: origin, Label: label}, func(id int64) ([]byte, error) {
		return k.Key.Seal(place(id), address)
	})
}

// Configure makes the addresses of the configuration those that are kept of it. An address that is still there
// keeps what is on its way to it.
func (k *Keeper) Configure(ctx context.Context, addresses []redact.Secret) error {
	all, err := k.Store.Addresses(ctx)
	if err != nil {
		return err
	}
	missing := map[redact.Secret]bool{}
	for _, a := range addresses {
		missing[redact.Secret(strings.TrimSpace(a.Reveal()))] = true
	}
	for _, a := range all {
		if a.Origin != store.FromConfig {
			continue
		}
		address, err := k.Key.Open(place(a.ID), a.Sealed)
		if err != nil || !missing[address] {
			if err := k.Store.RemoveAddress(ctx, a.ID); err != nil {
				return err
			}
			continue
		}
		delete(missing, address)
	}
	for _, a := range addresses {
		if a = redact.Secret(strings.TrimSpace(a.Reveal())); missing[a] {
			delete(missing, a)
			if _, err := k.Add(ctx, store.FromConfig, a); err != nil {
				return fmt.Errorf("an address in notify: %w", err)
			}
		}
	}
	return nil
}
