package feed

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"postern/egress"
	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	// untypedAtOnce is the maximum number of URLs that one poll fetches to find out their type.
	untypedAtOnce = 10
	// untypedTimeout limits one of these requests, and untypedTotal all of a poll.
	untypedTimeout = 5 * time.Second
	untypedTotal   = 10 * time.Second
	// sniffed is the number of bytes at the start of a file that determine its type.
	sniffed = 512

	// mediaKind is the field in which the result is stored, so that a URL is not fetched again.
	mediaKind = "media_kind"
	// Values of that field other than a media type.
	kindNone   = "none"
	kindUnread = "unread" // no answer
	kindAgain  = "unread twice"
	kindLater  = "later" // not fetched yet
)

// asker finds out the type of URLs that a feed names without one, by fetching their first bytes.
type asker struct {
	client *http.Client
	left   int
	silent map[string]bool // hosts that did not answer
}

func newAsker(client *http.Client) *asker {
	return &asker{client: client, left: untypedAtOnce, silent: map[string]bool{}}
}

// kind returns "image", "video" or kindNone; kindUnread if there was no answer in time; kindLater if it made no
// request.
func (a *asker) kind(ctx context.Context, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return kindNone
	}
	switch {
	case a.silent[u.Host]:
		return kindUnread
	case a.left <= 0 || ctx.Err() != nil:
		return kindLater
	}
	a.left--
	ctx, cancel := context.WithTimeout(ctx, untypedTimeout)
	defer cancel()
	head, mime, err := headOf(ctx, a.client, address)
	switch {
	case errors.Is(err, errNotServed):
		return kindNone
	case err != nil:
		a.silent[u.Host] = true
		return kindUnread
	}
	return kindOfBytes(head, mime)
}

// errNotServed says that a server answered but does not serve the file.
var errNotServed = errors.New("feed: the server does not hand this out")

// headOf returns the first bytes of the file at a URL and its Content-Type.
func headOf(ctx context.Context, client *http.Client, address string) (head []byte, mime string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", errNotServed
	}
	req.Header.Set("Accept", "image/jpeg, image/*;q=0.9, video/*;q=0.9, */*;q=0.1")
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return nil, "", errors.New(resp.Status)
	default:
		return nil, "", errNotServed
	}
	head, err = io.ReadAll(io.LimitReader(resp.Body, sniffed))
	return head, resp.Header.Get("Content-Type"), err
}

// kindOfBytes determines the media type from the first bytes of a file, and from its Content-Type if the bytes are
// inconclusive.
func kindOfBytes(head []byte, mime string) string {
	seen := http.DetectContentType(head)
	if seen == "application/octet-stream" {
		seen = strings.ToLower(strings.TrimSpace(mime))
	}
	switch {
	case len(head) == 0 || strings.HasPrefix(seen, "image/svg"):
		return kindNone
	case strings.HasPrefix(seen, "image/"):
		return string(store.Image)
	case strings.HasPrefix(seen, "video/"):
		return string(store.Video)
	}
	return kindNone
}

// AskTypes determines the type of the untyped files of posts without other media, as a poll does for new entries.
func AskTypes(ctx context.Context, client *http.Client, posts []store.Post) {
	ctx, cancel := context.WithTimeout(ctx, untypedTotal)
	defer cancel()
	ask := newAsker(client)
	for i := range posts {
		if post := &posts[i]; isUntyped(*post) {
			settleUntyped(post, post.Untyped, ask.kind(ctx, post.Untyped.URL))
		}
	}
}

// untyped adds to new entries without media the untyped file that they name, if it is a picture or video. Entries
// that were stored before are left alone. A server that does not answer delays at most three polls by a few seconds.
func (p *Poller) untyped(ctx context.Context, f store.Feed, posts []store.Post) error {
	address, err := p.address(ctx, f)
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(egress.WithAddress(ctx, address), untypedTotal)
	defer cancel()
	ask := newAsker(p.o.Client)
	for i := range posts {
		post := &posts[i]
		if !isUntyped(*post) {
			continue
		}
		known, err := p.o.Store.PostByGUID(ctx, f.ID, post.GUID)
		isNew := errors.Is(err, store.ErrNotFound)
		if err != nil && !isNew {
			return err
		}
		kind := known.Markup.Fields[mediaKind]
		switch {
		case !isNew && kind == "", isNew && f.FirstPolledAt.IsZero() && f.StartRule == "now":
			continue
		case isNew, isOpen(kind):
			kind = nextAnswer(kind, ask.kind(asking, post.Untyped.URL))
		}
		medium := post.Untyped
		medium.URL = store.Conceal(medium.URL, address)
		settleUntyped(post, medium, kind)
	}
	return nil
}

// nextAnswer returns the value to store after another attempt. The third attempt without an answer is the last one.
func nextAnswer(before, now string) string {
	switch {
	case now == kindLater:
		return firstOf(before, kindLater)
	case now != kindUnread || before == "" || before == kindLater:
		return now
	case before == kindUnread:
		return kindAgain
	}
	return kindNone
}

// isOpen reports whether the type should be asked for again.
func isOpen(kind string) bool { return kind == kindUnread || kind == kindAgain || kind == kindLater }

func isUntyped(post store.Post) bool {
	return post.Untyped.URL != "" && post.Decision == store.Skip && post.Reason.Is(reason.NoMedia) && !post.Markup.Posse
}

// settleUntyped adds the medium to a post if it is a picture or video, and stores the result.
func settleUntyped(post *store.Post, medium store.Media, kind string) {
	if post.Markup.Fields == nil {
		post.Markup.Fields = map[string]string{}
	}
	post.Markup.Fields[mediaKind] = kind
	switch kind {
	case string(store.Image), string(store.Video):
		medium.Type = store.MediaType(kind)
		post.Media, post.Decision, post.Reason = []store.Media{medium}, store.Publish, reason.Reason{}
		post.Markup.Notes = append(post.Markup.Notes,
			words.TypeOfServer(publicURL(medium.URL), kind))
	default:
		if isOpen(kind) {
			post.Markup.Notes = append(post.Markup.Notes,
				words.TypeUnknownYet(publicURL(medium.URL)))
		}
	}
}

// dropSharedUntyped drops untyped files that several entries name, such as the logo of a site, and those of entries
// with audio, because they are its cover.
func dropSharedUntyped(entries []built) {
	in := map[string]int{}
	for _, b := range entries {
		if b.media != nil {
			in[b.media.untyped.URL]++
		}
	}
	for _, b := range entries {
		if b.media != nil && (in[b.media.untyped.URL] > 1 || b.media.audio) {
			b.media.untyped = store.Media{}
		}
	}
}
