package feed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"postern/egress"
	"postern/reason"
)

// accept asks for feeds. HTML is accepted too, because a web page may link to its feed.
const accept = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, " +
	"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.8, text/html;q=0.5, */*;q=0.3"

// Fetched is the answer to one conditional GET.
type Fetched struct {
	Body         []byte // nil after parsing
	Size         int    // size of the body in bytes
	ContentType  string
	ETag         string
	LastModified string
	FinalURL     string        // after redirects
	MovedTo      string        // target of the permanent redirects at the start of the chain; "" if there were none
	Links        []string      // values of the Link header, https://www.rfc-editor.org/rfc/rfc8288
	NotModified  bool          // 304: Body is empty
	RetryAfter   time.Duration // 0 if the server does not send it
	MaxAge       time.Duration // Cache-Control: max-age; 0 if the server does not send it
	asked        string        // the requested address including credentials
	Ahead        time.Duration // how far the server's clock is ahead of ours; 0 if unknown
}

// FetchError says why an address could not be fetched.
type FetchError struct {
	Why        reason.Reason
	Status     int // HTTP status; 0 if there was no answer
	RetryAfter time.Duration
	err        error
}

func (e *FetchError) Error() string { return e.Why.String() }
func (e *FetchError) Unwrap() error { return e.err }

// problemOf returns the problem to record for the feed after a failed poll.
func problemOf(err error) reason.Reason {
	if e, ok := errors.AsType[*FetchError](err); ok {
		return e.Why
	}
	if e, ok := errors.AsType[*NotAFeedError](err); ok {
		return e.Why
	}
	return reason.New(reason.FeedUnreachable, err.Error())
}

// Gone reports whether the server answered that the feed is permanently gone (410).
func (e *FetchError) Gone() bool { return e.Status == http.StatusGone }

// Fetch fetches an address, conditionally if etag or lastModified is set. Every error is a *FetchError, unless ctx
// was cancelled; then its error is returned unchanged.
func Fetch(ctx context.Context, client *http.Client, address, etag, lastModified string,
	maxBytes int64) (Fetched, error) {
	// Send the credentials in the address only to this site, even after redirects.
	clean := withoutUser(address)
	asking := ctx
	if clean != address {
		asking = egress.WithAddress(ctx, address)
	}
	req, err := http.NewRequestWithContext(asking, http.MethodGet, clean, nil)
	if err != nil || req.URL.Host == "" {
		return Fetched{}, &FetchError{Why: reason.New(reason.AddressUnusable, publicURL(address))}
	}
	req.Header.Set("Accept", accept)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if lastModified != "" {
		req.Header.Set("If-Modified-Since", lastModified)
	}
	moved := ""
	resp, err := following(client, &moved).Do(req)
	if err != nil {
		return Fetched{}, fetchError(ctx, err, maxBytes)
	}
	defer resp.Body.Close()
	f := Fetched{
		ContentType:  resp.Header.Get("Content-Type"),
		ETag:         resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"),
		FinalURL:     withUser(resp.Request.URL.String(), address),
		MovedTo:      withUser(moved, address),
		Links:        resp.Header.Values("Link"),
		RetryAfter:   retryAfter(resp.Header.Get("Retry-After"), time.Now()),
		MaxAge:       maxAge(resp.Header.Get("Cache-Control")),
		Ahead:        ahead(resp.Header, time.Now()),
	}
	switch {
	case resp.StatusCode == http.StatusNotModified:
		f.NotModified = true
		return f, nil
	case (resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden) && clean != address &&
		!egress.SameSite(req.URL, resp.Request.URL):
		return Fetched{}, &FetchError{Status: resp.StatusCode,
			Why: reason.New(reason.FeedElsewhere, publicURL(f.FinalURL))}
	case resp.StatusCode != http.StatusOK:
		return Fetched{}, statusError(resp.StatusCode, f.RetryAfter)
	}
	if resp.ContentLength > maxBytes {
		return Fetched{}, fetchError(ctx, egress.ErrTooLarge, maxBytes)
	}
	if f.Body, err = egress.ReadAll(resp.Body, maxBytes); err != nil {
		return Fetched{}, fetchError(ctx, err, maxBytes)
	}
	f.Size = len(f.Body)
	return f, nil
}

// parse is like Parse. It sets Body to nil unless the body is a web page.
func (f *Fetched) parse(base *url.URL) (d Document, err error) {
	oneAtATime(f.Size, func() { d, err = parse(&f.Body, f.ContentType, base) })
	return d, err
}

// following returns a client that sets moved to the target of the permanent redirects at the start of the chain.
// Only these change the address of the feed (https://www.rfc-editor.org/rfc/rfc9110#section-15.4.2).
func following(client *http.Client, moved *string) *http.Client {
	c := *client
	inner := c.CheckRedirect
	permanent := true
	c.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if inner != nil {
			if err := inner(r, via); err != nil {
				return err
			}
		} else if len(via) >= 10 {
			return egress.ErrTooManyRedirects
		}
		if r.Response == nil || r.Response.StatusCode != http.StatusMovedPermanently &&
			r.Response.StatusCode != http.StatusPermanentRedirect {
			permanent = false
		}
		if permanent {
			*moved = r.URL.String()
		}
		return nil
	}
	return &c
}

func fetchError(ctx context.Context, err error, maxBytes int64) error {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		return ctx.Err()
	}
	if errors.Is(err, egress.ErrTooLarge) {
		return &FetchError{Why: reason.New(reason.FeedTooLarge, bytesText(maxBytes)), err: err}
	}
	return &FetchError{Why: egress.Explain(err), err: err}
}

func bytesText(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

func statusError(status int, wait time.Duration) error {
	e := &FetchError{Status: status, RetryAfter: wait}
	name := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	switch {
	case status == http.StatusNotFound:
		e.Why = reason.New(reason.FeedNotFound)
	case status == http.StatusGone:
		e.Why = reason.New(reason.FeedGone)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Why = reason.New(reason.FeedRefused, name)
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		e.Why = reason.New(reason.FeedBusy, name)
	case status >= 500:
		e.Why = reason.New(reason.FeedServerFault, name)
	default:
		e.Why = reason.New(reason.FeedAnswer, name)
	}
	return e
}

// retryAfter parses a number of seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
func retryAfter(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), 7*24*3600)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// ahead returns how far a server's clock is ahead of ours: https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1. It
// returns 0 for less than a minute. It also returns 0 for a clock that is days behind, which was either never set,
// or the answer comes from a cache that does not send Age.
func ahead(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	if age, err := strconv.ParseInt(strings.TrimSpace(h.Get("Age")), 10, 32); err == nil && age > 0 {
		date = date.Add(time.Duration(age) * time.Second)
	}
	if d := date.Sub(now); d.Abs() > time.Minute && d > -24*time.Hour {
		return d
	}
	return 0
}

var maxAgeDirective = regexp.MustCompile(`(?i)(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})`)

func maxAge(v string) time.Duration {
	if m := maxAgeDirective.FindStringSubmatch(v); m != nil {
		n, _ := strconv.Atoi(m[1])
		return time.Duration(n) * time.Second
	}
	return 0
}

// publicURL returns an address without the parts that may contain secrets.
func publicURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		if i := strings.LastIndexByte(address, '@'); i >= 0 { // first, as a password may contain the other characters
			address = address[i+1:]
		}
		if i := strings.IndexAny(address, "?#"); i >= 0 {
			address = address[:i]
		}
		return shorten(address, 200)
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return shorten(u.String(), 200)
}

// webAddress turns what a person typed into a URL: example.org, feed://example.org/rss, https://example.org.
func webAddress(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", &FetchError{Why: reason.New(reason.AddressEmpty)}
	}
	lower := strings.ToLower(s)
	switch {
	case strings.HasPrefix(lower, "feed://"):
		s = "https://" + s[len("feed://"):]
	case strings.HasPrefix(lower, "feed:http"):
		s = s[len("feed:"):]
	case !strings.Contains(s, "://"):
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(s, " \t\n") {
		return "", &FetchError{Why: reason.New(reason.AddressUnlike, publicURL(s))}
	}
	u.Fragment = ""
	return u.String(), nil
}
