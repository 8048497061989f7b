package instagram

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"postern/redact"
	"postern/words"
)

const (
	defaultBaseURL      = "https://graph.instagram.com"
	defaultProfilesURL  = "https://www.instagram.com"
	defaultAuthorizeURL = "https://www.instagram.com/oauth/authorize"
	defaultTokenURL     = "https://api.instagram.com/oauth/access_token"

	maxBody = 1 << 20 // of an answer; a page of media is some 50 KB
)

// Client speaks for one Instagram account. Its only state is how far
// Instagram's clock is from ours. Its methods may be called at the same time.
type Client struct {
	skew int64 // nanoseconds, atomic; see Skew. The first field is aligned on 32-bit machines, too

	BaseURL  string        // "" is https://graph.instagram.com; may have a path
	Version  string        // such as "v24.0"
	UserID   string        // the professional account, 1784…
	Token    redact.Secret // long-lived, 60 days
	HTTP     *http.Client  // nil is http.DefaultClient; its redirect policy is not used
	TokenURL string        // where codes become tokens; "" is Instagram's, or oauth/access_token below another BaseURL

	// OnUsage is told what every answer says about how much of Instagram's limits is used up. May be nil.
	OnUsage func(Usage)
	// OnTime is told the time by Instagram's clock with every answer that tells it. May be nil.
	OnTime func(time.Time)
}

// request is one call before it is sent.
type request struct {
	op     Op
	method string
	url    string
	query  url.Values
	form   url.Values      // the body of a POST
	hide   []redact.Secret // values in query or form, besides the client's token, that no error may show
	bare   bool            // no Authorization header: the credentials are in query or form
	intent func() error    // is called when there is a connection, before the request is sent on it; see fence
}

// request returns the call of a verb about an id, which a verb with a root has none of. The values go into the
// query of a GET and into the body of a POST.
func (c *Client) request(v Verb, id string, values url.Values) request {
	path := url.PathEscape(cmp.Or(v.Root, id))
	if v.Edge != "" {
		path += "/" + v.Edge
	}
	r := request{op: v.Op, method: v.Method, url: c.versioned(path)}
	if v.Method == http.MethodPost {
		r.form = values
	} else {
		r.query = values
	}
	return r
}

func (c *Client) base() string {
	if c.BaseURL == "" {
		return defaultBaseURL
	}
	return strings.TrimRight(c.BaseURL, "/")
}

func (c *Client) versioned(path string) string {
	if c.Version == "" {
		return c.base() + "/" + path
	}
	return c.base() + "/" + c.Version + "/" + path
}

// call builds the request, sends it once and checks the answer, which it
// decodes into a pointer. It returns the time of the answer by Instagram's clock.
func (c *Client) call(ctx context.Context, r request, into any) (time.Time, error) {
	hide := append([]redact.Secret{c.Token}, r.hide...)
	unsent := func(err error) (time.Time, error) {
		return time.Time{}, &TransportError{Op: r.op, Sent: false, Err: clean(err, hide)}
	}
	if err := ctx.Err(); err != nil {
		return unsent(err)
	}
	h, sent := c.client(), func() bool { return true }
	if r.intent != nil {
		var cancel context.CancelFunc
		var err error
		ctx, cancel, sent, err = guarded(ctx, h, r.intent)
		defer cancel()
		if err != nil {
			return unsent(err)
		}
	}
	var wire wire
	req, err := r.build(httptrace.WithClientTrace(ctx, wire.trace()))
	if err != nil {
		return unsent(err)
	}
	if !r.bare {
		req.Header.Set("Authorization", "Bearer "+c.Token.Reveal())
	}
	res, err := h.Do(req)
	if err != nil {
		return time.Time{}, &TransportError{Op: r.op, Sent: wire.mayHaveSent() && sent(), Err: clean(err, hide)}
	}
	defer func() { _ = res.Body.Close() }()
	at := c.clock(res.Header)
	if c.OnUsage != nil {
		c.OnUsage(ReadUsage(res.Header))
	}
	if err := check(r.op, res, into); err != nil {
		return at, cleanAnswer(err, hide)
	}
	return at, nil
}

func (r request) build(ctx context.Context) (*http.Request, error) {
	u, err := url.Parse(r.url)
	if err != nil {
		return nil, errors.New(words.APIURLInvalid) // err holds the address
	}
	u.RawQuery = r.query.Encode()
	var body io.Reader
	if r.method == http.MethodPost {
		body = strings.NewReader(r.form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	// net/http sends a request again by itself when a reused connection fails
	// and it can rewind the body. Without GetBody it cannot, over HTTP/1 and
	// HTTP/2 alike, so that a POST goes out once at most.
	req.GetBody = nil
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "postern")
	return req, nil
}

// client is a copy that follows no redirects: a followed one could take the
// token to another host or turn a POST into a GET.
func (c *Client) client() *http.Client {
	h := http.DefaultClient
	if c.HTTP != nil {
		h = c.HTTP
	}
	own := *h
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// wire notes how far a request got.
type wire struct{ asked, got atomic.Bool }

func (w *wire) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) }, // after dial and TLS
	}
}

// mayHaveSent is false only when a connection was asked for and never given.
// A RoundTripper that traces nothing proves nothing.
func (w *wire) mayHaveSent() bool { return w.got.Load() || !w.asked.Load() }

// clock reads the Date header: what Instagram's own timestamps compare with. It keeps how far that is from our clock.
func (c *Client) clock(h http.Header) time.Time {
	now := time.Now()
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return now
	}
	skew := t.Sub(now.Round(0))
	if skew.Abs() < maxLag { // the header has whole seconds, and the answer was on its way
		skew = 0
	}
	atomic.StoreInt64(&c.skew, int64(skew))
	if c.OnTime != nil {
		c.OnTime(t)
	}
	return t
}

// maxLag is a difference between two right clocks that an answer's way explains.
const maxLag = 10 * time.Second

// Skew returns how far Instagram's clock is ahead of ours by the last answer; 0 before the first one.
func (c *Client) Skew() time.Duration { return time.Duration(atomic.LoadInt64(&c.skew)) }

// Now returns the time by Instagram's clock, as far as the last answer tells.
func (c *Client) Now() time.Time { return time.Now().Add(c.Skew()) }

// check turns an answer into a value or into an error.
func check(op Op, res *http.Response, into any) error {
	unusable := func(err error) error { return &TransportError{Op: op, Sent: true, Err: err} }
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	status := res.StatusCode
	if status < 200 || status > 299 {
		if status >= 300 && status < 400 {
			return unusable(errors.New(words.AnswerRedirects(status)))
		}
		return parseError(op, res, body)
	}
	switch {
	case err != nil:
		return unusable(fmt.Errorf("reading the answer: %w", err))
	case len(body) > maxBody:
		return unusable(errors.New(words.AnswerTooLarge(maxBody)))
	}
	var envelope struct {
		Error json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return unusable(errors.New(words.AnswerNotJSON))
	}
	if bytes.HasPrefix(envelope.Error, []byte("{")) {
		return parseError(op, res, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return unusable(errors.New(words.AnswerOfUnknownShape))
	}
	return nil
}

// id is an identifier as Meta sends it: a string in some answers and a bare
// number in others. 17 digits do not fit a float64, so the text is kept.
type id string

func (i *id) UnmarshalJSON(b []byte) error {
	switch s := string(b); {
	case s == "null":
		return nil
	case strings.HasPrefix(s, `"`):
		return json.Unmarshal(b, (*string)(i))
	case strings.Trim(s, "0123456789") == "":
		*i = id(s)
		return nil
	}
	return fmt.Errorf("instagram: %s is not an id", b)
}
