package address

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"postern/media"
	"postern/store"
)

// Options of New.
type Options struct {
	BaseURL string  // web.base_url; files are under its /media/. "" when there is none
	Bucket  *Bucket // files are in a bucket instead, whatever BaseURL says; nil: they are not
	Library *media.Library
	Store   *store.Store
	Client  *http.Client   // guards against private addresses, as strangers' servers would meet them
	Allow   []netip.Prefix // network.allow: what is in there counts as reachable
	Logger  *slog.Logger   // nil discards
}

// Public is the public address. A nil one, as one without address, is none; its methods may be called all the same.
type Public struct {
	base    string // without a slash at the end; a file's name follows after one
	files   string // base, and the folder in it
	bucket  *bucket
	library *media.Library
	store   *store.Store
	client  *http.Client
	allow   []netip.Prefix
	log     *slog.Logger
	within  bool      // it is that of sandbox accounts: nothing is to be asked, and nothing can be wrong with it
	began   time.Time // reports of earlier processes do not count: the configuration may have changed

	checking chan struct{} // one check at a time; a channel, so that waiting for it can end
	sources  sources
}

// New returns the public address, which nobody has asked yet. The error says what is wrong with the bucket's
// configuration.
func New(o Options) (*Public, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Public{
		base: strings.TrimRight(o.BaseURL, "/"), library: o.Library, store: o.Store, allow: o.Allow, log: o.Logger,
		began: time.Now().Truncate(time.Millisecond), checking: make(chan struct{}, 1),
		client: &http.Client{Transport: o.Client.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	p.files = p.base + "/media/"
	if o.Bucket != nil {
		var err error
		if p.bucket, err = newBucket(*o.Bucket, o.Client.Transport); err != nil {
			return nil, err
		}
		p.base = strings.TrimRight(o.Bucket.PublicURL, "/")
		p.files = p.base + "/" + p.bucket.prefix
	}
	return p, nil
}

// Inside is the folder of our files for sandbox accounts. Their Instagram is in this program and fetches from
// here without a network. The name can exist nowhere (RFC 6761, section 6.4): who got it by mistake would reach
// nothing.
const Inside = "http://sandbox.invalid/media"

// For is the address from which the Instagram of accounts of that kind fetches: p, but for sandbox accounts [Inside],
// which needs nothing set up and nobody to check it.
func (p *Public) For(api store.API) *Public {
	if api != store.Sandbox {
		return p
	}
	return &Public{base: strings.TrimSuffix(Inside, "/media"), files: Inside + "/", within: true}
}

// None says that there is no public address: only what Instagram takes from its own address can be published.
func (p *Public) None() bool { return p == nil || p.base == "" }

// Folder is where all files are, without a slash at the end; "" when there is no public address.
func (p *Public) Folder() string {
	if p.None() {
		return ""
	}
	return strings.TrimRight(p.files, "/")
}

// URL is where Instagram fetches the file of that name ("<sha256>.<ext>").
func (p *Public) URL(name string) string { return p.files + name }

// Offer makes sure that the file of that name can be fetched at its URL. From this server it can be anyway; to a
// bucket it is uploaded, if it is not there yet. Errors are *[media.Error], and about the bucket or this machine:
// never about the file.
func (p *Public) Offer(ctx context.Context, name string) error {
	if p.None() || p.bucket == nil {
		return nil
	}
	return p.bucket.put(ctx, p.library, name)
}

// Prune removes files from the bucket that were uploaded before the given time and that keep does not ask for by
// name. It touches nothing but files of ours under the prefix, and returns how many it removed. Without a bucket
// there is nothing to do.
func (p *Public) Prune(ctx context.Context, keep func(name string) bool, olderThan time.Time) (files int, err error) {
	if p.None() || p.bucket == nil {
		return 0, nil
	}
	return p.bucket.prune(ctx, keep, olderThan)
}
