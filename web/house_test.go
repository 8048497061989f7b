package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/doors"
	"postern/feed"
	"postern/instagram/simulator"
	"postern/media"
	"postern/notices"
	"postern/publisher"
	"postern/reason"
	"postern/redact"
	"postern/store"
	"postern/web"
	"postern/webhook"
)

const (
	password  = "correct horse battery"
	setupCode = "K7QM-2XRD"
	token     = "IGAA-made-up-token-of-the-tests"
	appSecret = "made-up-app-secret-of-the-tests"
)

var passwordHash = sync.OnceValue(func() string {
	// Cheap, because nearly every test logs in; the real cost is paid where the password is chosen through the page.
	hash, err := argon2id.CreateHash(password,
		&argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		panic(err)
	}
	return hash
})

// house is a whole Postern but for its command: a database file, a simulated Instagram, a site with a feed.
type house struct {
	t       *testing.T
	store   *store.Store
	sim     *simulator.Server
	acc     *accounts.Accounts
	poller  *feed.Poller
	library *media.Library
	options web.Options
	site    *site
	http    *httptest.Server
	log     *syncBuffer

	account store.Account
	feed    store.Feed
	posts   []store.Post
	item    store.Item // what bring freezes, if there is one
	told    []string   // messages that were sent elsewhere
	mute    error      // why they are not taken there
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// site is a blog: a feed, and pictures at every address that ends in .jpg.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	items string
	gone  bool
	polls int
}

func newSite(t *testing.T) *site {
	s := &site{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
		http.NotFound(w, r)
	case r.URL.Path == "/feed.xml":
		s.polls++
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Harbour light</title><link>%s</link>%s</channel></rss>`,
			s.URL, s.items)
	case strings.HasSuffix(r.URL.Path, ".jpg"):
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write(picture(len(r.URL.Path)))
	default:
		http.NotFound(w, r)
	}
}

func (s *site) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *site) item(title, image string) {
	s.set(func() {
		s.items += fmt.Sprintf(`<item><guid>%[1]s</guid><link>%[2]s/%[3]s</link><title>%[1]s</title><pubDate>%[4]s</pubDate>
			<description>&lt;p&gt;Words about %[1]s.&lt;/p&gt;&lt;img src="/%[3]s" alt="what %[3]s shows"&gt;</description></item>`,
			title, s.URL, image, time.Now().Add(-time.Hour).Format(time.RFC1123Z))
	})
}

// picture is an evening at sea, another one for each seed.
func picture(seed int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 640, 512))
	for y := range 512 {
		for x := range 640 {
			c := color.RGBA{uint8(230 - y/4), uint8(150 - y/8), uint8(90 + (y+seed*20)%120/2), 255}
			if y > 300+seed%7*15 {
				c = color.RGBA{uint8(30 + (x+y*3)%17), uint8(60 + seed*3%50), uint8(90 + y%13), 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type option func(h *house)

func unset(h *house)         { h.options.SetupCode = setupCode }
func opened(h *house)        { h.options.Open, h.options.ProfileURL = true, "http://127.0.0.1:1/harbour" }
func public(u string) option { return func(h *house) { h.options.PublicURL = u } }

// newHouse serves the pages on a socket. Unless told otherwise a password is set.
func newHouse(t *testing.T, opts ...option) *house {
	t.Helper()
	t.Parallel()
	h := &house{t: t, site: newSite(t), log: &syncBuffer{}}
	dir := t.TempDir()
	logger := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.store = doors.Store(t, dir)
	h.sim = simulator.New(simulator.Options{Seed: 7, Kind: true})
	key := doors.Key(t, dir)
	h.store.SealWith(key.Sealer())
	h.acc = accounts.New(accounts.Options{Store: h.store, Key: key, Version: "v24.0",
		HTTP: &http.Client{Transport: h.sim.Transport()}, Timeout: time.Minute, Logger: logger})
	var err error
	h.library, err = media.NewLibrary(filepath.Join(dir, "media"), &http.Client{Transport: onlyHere{}}, media.Limits{})
	require.NoError(t, err)
	h.poller, err = feed.NewPoller(feed.Options{Store: h.store, Client: h.site.Client(), Schedule: "@every 1h",
		Logger: logger})
	require.NoError(t, err)
	h.options = web.Options{
		Store: h.store, Accounts: h.acc, Media: h.library, Poller: h.poller, Version: "test", Logger: logger,
		Publisher: publisher.New(publisher.Options{Store: h.store, Accounts: h.acc, Media: h.library,
			Settle: time.Second, Logger: logger}),
	}
	h.options.Notices = notices.New(notices.Options{Store: h.store, Key: key, Redact: redact.New(),
		Send: func(_ context.Context, _ redact.Secret, m notices.Message) error {
			h.told = append(h.told, m.Text)
			return h.mute
		}})
	h.options.Webhooks = webhook.New(webhook.Options{Store: h.store, Key: key, Client: h.site.Client(),
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for _, o := range opts {
		o(h)
	}
	if h.options.SetupCode == "" && !h.options.Open {
		require.NoError(t, h.store.SetPasswordHash(t.Context(), passwordHash()))
	}
	srv, err := web.New(h.options)
	require.NoError(t, err)
	h.http = httptest.NewServer(srv.Handler())
	t.Cleanup(h.http.Close)
	return h
}

// onlyHere reaches this machine and nothing else: pages show pictures of sites that are made up.
type onlyHere struct{}

func (onlyHere) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() != "127.0.0.1" {
		return nil, errors.New("not on this machine")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// run lets the publisher work until the test ends.
func (h *house) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.options.Publisher.Run(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		require.NoError(h.t, <-ended)
	})
}

// connect adds an account behind the pages' back.
func (h *house) connect() store.Account {
	h.t.Helper()
	h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	var err error
	h.account, err = h.acc.Add(h.t.Context(), accounts.Candidate{API: store.Instagram, Label: "Harbour", Token: token,
		AppSecret: appSecret, AppID: "990602627938098"})
	require.NoError(h.t, err)
	return h.account
}

// another connects one more account.
func (h *house) another(label string) store.Account {
	h.t.Helper()
	user := strings.ReplaceAll(strings.ToLower(label), " ", "")
	h.sim.AddAccount(simulator.Account{Username: user, Token: token + user})
	a, err := h.acc.Add(h.t.Context(), accounts.Candidate{API: store.Instagram, Label: label,
		Token: redact.Secret(token + user)})
	require.NoError(h.t, err)
	return a
}

// furnished has an account and a feed that publishes all it shows.
func furnished(t *testing.T, opts ...option) *house {
	t.Helper()
	h := newHouse(t, opts...)
	h.furnish()
	return h
}

func (h *house) furnish() {
	h.t.Helper()
	h.connect()
	var err error
	h.feed, err = h.store.AddFeed(h.t.Context(),
		store.Feed{URL: "https://blog.example.org/feed", Label: "Blog", StartRule: "all"})
	require.NoError(h.t, err)
}

// set changes the account's settings.
func (h *house) set(change func(*store.Settings)) {
	h.t.Helper()
	_, err := h.store.UpdateAccount(h.t.Context(), h.account.ID, store.CLI, "", func(a *store.Account) error {
		change(&a.Settings)
		return nil
	})
	require.NoError(h.t, err)
}

// reaches waits until a running publisher brings the publication to a state.
func (h *house) reaches(p store.Publication, to store.State) {
	h.t.Helper()
	require.Eventually(h.t, func() bool { return h.state(p.ID).State == to }, time.Minute, 20*time.Millisecond)
}

// entry saves one more post of the feed and returns the publication it owes.
func (h *house) entry(title string, media ...store.Media) store.Publication {
	h.t.Helper()
	if media == nil {
		media = []store.Media{{Type: store.Image, URL: "https://blog.example.org/pictures/quay.jpg",
			Alt: "The quay at dawn"}}
	}
	h.posts = append(h.posts, store.Post{
		GUID: fmt.Sprintf("g%d", len(h.posts)+1), Title: title, Text: "Words about " + title + ".",
		URL:         "https://blog.example.org/" + url.PathEscape(title),
		PublishedAt: time.Now().Add(time.Duration(len(h.posts)-60) * time.Second), Decision: store.Publish,
		Media: media, // one picture in one second would look like one post
	})
	h.save()
	l, err := h.store.Publications(h.t.Context(), store.Filter{})
	require.NoError(h.t, err)
	require.NotEmpty(h.t, l)
	return l[len(l)-1].Publication
}

func (h *house) save() {
	h.t.Helper()
	f, err := h.store.Feed(h.t.Context(), h.feed.ID)
	require.NoError(h.t, err)
	f.NextPollAt, f.LastPolledAt = time.Now().Add(time.Hour), time.Now()
	_, err = h.store.SavePosts(h.t.Context(), f, h.posts, true)
	require.NoError(h.t, err)
}

// bring moves a queued publication to a state by the legal moves.
func (h *house) bring(p store.Publication, to store.State) store.Publication {
	h.t.Helper()
	move := func(c store.Change) {
		var err error
		p, err = h.store.Advance(h.t.Context(), p, c)
		require.NoError(h.t, err)
	}
	soon := time.Now().Add(time.Hour)
	item := h.item
	if item.Type == "" {
		item = store.Item{Position: 1, Type: store.Image, SourceURL: "https://blog.example.org/pictures/quay.jpg",
			Alt: "The quay at dawn"}
	}
	switch to {
	case store.Held:
		move(store.Change{To: to, Reason: reason.Text("waiting for your approval")})
	case store.Skipped:
		move(store.Change{To: to, Reason: reason.Text("was there when the feed was added")})
	case store.Failed:
		move(store.Change{To: to, Reason: reason.Text("Instagram refused it"), Code: 352, Subcode: 2207026,
			TraceID: "AbCdEfTrace"})
	}
	if to == store.Staged || to == store.Publishing || to == store.Unconfirmed || to == store.Published {
		move(store.Change{
			To: store.Staged, DueAt: soon, Reason: reason.New(reason.Working),
			Freeze: &store.Frozen{Kind: store.KindImage, Caption: "As it was sent", Items: []store.Item{item}},
			Containers: []store.Container{{Round: 1, ID: fmt.Sprintf("c%d", p.ID), CreatedAt: time.Now(),
				Status: "FINISHED"}},
		})
	}
	if to == store.Publishing || to == store.Unconfirmed || to == store.Published {
		move(store.Change{To: store.Publishing, DueAt: soon, Reason: reason.Text("asked Instagram to publish")})
	}
	switch to {
	case store.Unconfirmed:
		move(store.Change{To: to, Reason: reason.Text("more than one post on the profile could be it")})
	case store.Published:
		move(store.Change{To: to, MediaID: fmt.Sprintf("m%d", p.ID), Permalink: "https://www.instagram.com/p/ABC/",
			Note: "published"})
	}
	require.Equal(h.t, to, p.State)
	return p
}

func (h *house) state(id int64) store.Publication {
	h.t.Helper()
	p, err := h.store.Publication(h.t.Context(), id)
	require.NoError(h.t, err)
	return p
}

// browser is a visitor who keeps cookies and goes where forms lead.
type browser struct {
	h    *house
	http *http.Client
	seen *syncBuffer // everything that was answered
	from string      // what a proxy says about where it comes from
}

// page is one answer.
type page struct {
	*goquery.Document
	b      *browser
	Status int
	Header http.Header
	Body   string
	Path   string // after redirects
}

// session returns the browser's cookie of its session.
func (b *browser) session(u *url.URL) *http.Cookie {
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == "postern_session" {
			return c
		}
	}
	return nil
}

func (h *house) stranger() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(h.t, err)
	return &browser{h: h, http: &http.Client{Jar: jar, Transport: h.http.Client().Transport}, seen: &syncBuffer{}}
}

// owner is logged in, through the page.
func (h *house) owner() *browser {
	h.t.Helper()
	b := h.stranger()
	p := b.get("/login").submit(`form[action="/login"]`, url.Values{"password": {password}})
	require.Equal(h.t, "/", p.Path)
	return b
}

func (b *browser) get(path string) *page {
	b.h.t.Helper()
	req, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodGet, b.h.http.URL+path, nil)
	require.NoError(b.h.t, err)
	return b.do(req)
}

func (b *browser) post(path string, form url.Values) *page {
	b.h.t.Helper()
	req, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodPost, b.h.http.URL+path,
		strings.NewReader(form.Encode()))
	require.NoError(b.h.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

func (b *browser) do(req *http.Request) *page {
	b.h.t.Helper()
	if b.from != "" {
		req.Header.Set("X-Forwarded-For", b.from)
	}
	res, err := b.http.Do(req)
	require.NoError(b.h.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(b.h.t, err)
	_, _ = b.seen.Write(body)
	for k, v := range res.Header {
		fmt.Fprintf(b.seen, "\n%s: %s", k, v)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	require.NoError(b.h.t, err)
	return &page{Document: doc, b: b, Status: res.StatusCode, Header: res.Header, Body: string(body),
		Path: res.Request.URL.Path}
}

// submit sends a form of the page as a browser would: what it holds, overwritten by values. A value of nil leaves a
// field out. The form must be there.
func (p *page) submit(selector string, values url.Values) *page {
	p.b.h.t.Helper()
	form, button := p.Find(selector), p.Find(asButton(selector))
	if form.Length() == 0 && button.Length() > 0 { // several buttons of one form, each with an action of its own
		form = p.Find("form#" + button.First().AttrOr("form", "edit"))
	} else {
		button = button.Slice(0, 0)
	}
	require.Equal(p.b.h.t, 1, form.Length(), "form %s on %s:\n%s", selector, p.Path, p.Body)
	method, _ := form.Attr("method")
	require.Equal(p.b.h.t, "post", method)
	send := url.Values{}
	fields := form.Find("input[name], textarea[name]")
	if id, ok := form.Attr("id"); ok { // fields that stand elsewhere on the page
		fields = fields.AddSelection(p.Find(`input[name][form="` + id + `"]`))
	}
	fields.Each(func(_ int, f *goquery.Selection) {
		name, _ := f.Attr("name")
		kind, _ := f.Attr("type")
		if _, checked := f.Attr("checked"); (kind == "radio" || kind == "checkbox") && !checked {
			return
		}
		value, _ := f.Attr("value")
		if goquery.NodeName(f) == "textarea" {
			value = strings.ReplaceAll(f.Text(), "\n", "\r\n")
		}
		send.Add(name, value)
	})
	if name, ok := button.Attr("name"); ok && name == "shown" {
		send.Set(name, button.AttrOr("value", ""))
	}
	for k, v := range values {
		send[k] = v
		if v == nil {
			delete(send, k)
		}
	}
	action, _ := form.Attr("action")
	return p.b.post(button.AttrOr("formaction", action), send)
}

// asButton finds the button that sends a form to an address, for the form with that address.
func asButton(form string) string {
	return strings.Replace(form, "form[action", "button[formaction", 1)
}

// notice is what the page says at its top.
func (p *page) notice() string {
	return strings.Join(strings.Fields(p.Find("main > .notice").First().Text()), " ")
}

// text is what is read, with a space wherever an element begins or ends.
func (p *page) text(selector string) string {
	var b strings.Builder
	var walk func(*goquery.Selection)
	walk = func(s *goquery.Selection) {
		s.Contents().Each(func(_ int, c *goquery.Selection) {
			if goquery.NodeName(c) == "#text" {
				b.WriteString(c.Text())
				return
			}
			b.WriteByte(' ')
			walk(c)
			b.WriteByte(' ')
		})
	}
	walk(p.Find(selector))
	return strings.Join(strings.Fields(b.String()), " ")
}

func (p *page) has(selector string) bool { return p.Find(selector).Length() > 0 }

// noRedirect is a stranger who sees where they would be sent.
func (h *house) noRedirect() *browser {
	b := h.stranger()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}
