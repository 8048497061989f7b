package simulator

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"postern/instagram"
)

// Options of a Server. The zero value is an unkind server with a random seed
// that keeps everything in memory and fetches nothing.
type Options struct {
	Seed      int64        // of ids and of unkindness; 0 takes one from the time
	Kind      bool         // nothing fails unless asked for; containers are finished at once
	Fetch     *http.Client // downloads media as Instagram would; nil checks only that URLs are absolute
	StateFile string       // keeps the state in this JSON file, and copies of media beside it; "" is memory
	Logger    *slog.Logger // nil is silent
	// start of permalinks, such as the address of the profile page; "" is https://www.instagram.com
	PublicURL  string
	Prefix     string // before the paths in links of the pages, such as "/sandbox"; "" when they are at the root
	App        App    // the Meta app of log-ins; without an ID every pair of App ID and App Secret is taken
	ImageDelay time.Duration
	VideoDelay time.Duration // how long containers are IN_PROGRESS; 0 is 2 s and 5 s, with Kind not at all

	// OnCall sees every call of the API before it takes effect, its form parsed.
	// It may block.
	OnCall func(op instagram.Op, r *http.Request)
}

// App is a Meta app as its dashboard has it.
type App struct {
	ID, Secret  string
	RedirectURI string // "" takes any
}

// Server is a simulated Instagram. Its methods may be called at the same time.
type Server struct {
	o     Options
	log   *slog.Logger
	pages http.Handler

	mu     sync.Mutex // guards all below
	asDocs bool
	st     state
	files  map[string][]byte // copies of media, when there is no StateFile
	faults []*fault
	calls  []Call
	usage  http.Header // what answers say about the use of limits; nil is what was recorded
	quota  int         // posts within 24 hours; 0 is 100

	ahead   time.Duration               // of the clock of whoever asks
	stale   time.Duration               // how long reads show what was before
	rewrite func(caption string) string // what a post shows of its caption; nil is all
}

// SetAhead sets how far the simulator's clock is ahead of the caller's.
func (s *Server) SetAhead(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead = d
}

// SetStale makes containers and profile show a post only so long after it went live.
func (s *Server) SetStale(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = d
}

// SetRewrite changes the captions of the posts to come, as Instagram does with some; nil leaves them.
func (s *Server) SetRewrite(f func(caption string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rewrite = f
}

// now is the simulator's own clock.
func (s *Server) now() time.Time { return time.Now().Add(s.ahead) }

// Call is a call of the API that has arrived. Credentials are not kept.
type Call struct {
	Op        instagram.Op // "" for an unknown path
	Method    string
	Path      string
	UserID    string // whose token it was, "" when unknown
	Container string // that status and publish are about
	Params    url.Values
	At        time.Time
}

// New returns a server that goes on where StateFile ends. A state file that
// cannot be read is logged and moved aside.
func New(o Options) *Server {
	s := &Server{o: o, log: o.Logger, files: map[string][]byte{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if !o.Kind {
		s.o.ImageDelay = orDuration(o.ImageDelay, 2*time.Second)
		s.o.VideoDelay = orDuration(o.VideoDelay, 5*time.Second)
	}
	s.load()
	switch {
	case o.Seed != 0:
		s.st.Seed = o.Seed
	case s.st.Seed == 0:
		s.st.Seed = time.Now().UnixNano()
	}
	s.pages = s.routes(true)
	s.log.Info("simulated instagram", slog.Int64("seed", s.st.Seed), slog.Bool("kind", o.Kind))
	return s
}

func orDuration(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// Seed repeats the run: the same seed and the same calls give the same unkindness.
func (s *Server) Seed() int64 { return s.st.Seed }

// SetPublicURL sets the start of the permalinks of posts to come, for a
// listener whose port is known late.
func (s *Server) SetPublicURL(u string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.PublicURL = u
}

// SetUsage makes every answer carry these headers instead of the recorded X-App-Usage; nil returns to that.
func (s *Server) SetUsage(h http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage = h.Clone()
}

// SetQuota changes how many posts an account may publish in 24 hours.
func (s *Server) SetQuota(total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quota = total
}

// SetApp changes the Meta app of log-ins.
func (s *Server) SetApp(a App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.App = a
}

// SetDocumented makes oauth/access_token answer in the shape of Meta's documents instead of the one that is seen.
func (s *Server) SetDocumented(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asDocs = yes
}

// Pages are the profile pages alone, without API and log-in: to be shown below Prefix by a server of something else.
func (s *Server) Pages() http.Handler { return s.routes(false) }

// Calls returns what has arrived so far, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// CallCount counts the calls of an operation; "" counts all.
func (s *Server) CallCount(op instagram.Op) int {
	n := 0
	for _, c := range s.Calls() {
		if op == "" || c.Op == op {
			n++
		}
	}
	return n
}

// answer is what goes back, or why nothing does.
type answer struct {
	status int
	header http.Header
	body   []byte
	gone   error // set: the connection breaks instead
}

var (
	errDropped = errors.New("simulator: connection reset by peer")
	errNoRoute = errors.New("simulator: connection refused")
)

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isAPI(r.URL.Path) {
		s.pages.ServeHTTP(w, r)
		return
	}
	a := s.api(r)
	if a.gone != nil {
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// Transport is the server without a network: RoundTrip returns when the answer
// is there or the request's context ends. A broken connection is an error.
// Addresses are not looked at, only paths.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ s *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Clients tell from the trace whether a request can have been sent.
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(r.URL.Host)
	}
	in := r.Clone(ctx)
	in.RequestURI = r.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	var a answer
	if isAPI(r.URL.Path) {
		a = t.s.api(in)
	} else {
		rec := recorder{header: http.Header{}, status: http.StatusOK}
		t.s.pages.ServeHTTP(&rec, in)
		a = answer{status: rec.status, header: rec.header, body: rec.body.Bytes()}
	}
	if !errors.Is(a.gone, errNoRoute) && trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if a.gone != nil {
		return nil, a.gone
	}
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: readCloser{bytes.NewReader(a.body)}, ContentLength: int64(len(a.body)), Request: r,
	}, nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

type recorder struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

var (
	versionSegment = regexp.MustCompile(`^v\d+\.\d+$`)
	numberSegment  = regexp.MustCompile(`^\d+$`)
)

// segments splits a path and leaves the version out. The API may be mounted
// below a longer path: what is before the version, or before the calls that
// have none, is ignored.
func segments(path string) (parts []string, versioned bool) {
	parts = strings.Split(strings.Trim(path, "/"), "/")
	for i, p := range parts {
		switch {
		case versionSegment.MatchString(p):
			return parts[i+1:], true
		case p == "refresh_access_token", p == "access_token", p == "oauth":
			return parts[i:], false
		}
	}
	return parts, false
}

// isAPI tells the API from the profile page, whose paths start with a name.
func isAPI(path string) bool {
	parts, versioned := segments(path)
	if versioned {
		return true
	}
	switch parts[0] {
	case "me", "refresh_access_token", "access_token":
		return true
	case "oauth":
		return len(parts) > 1 && parts[1] == "access_token" // oauth/authorize is a page
	}
	return numberSegment.MatchString(parts[0])
}

// call is a call of the API on its way through.
type call struct {
	op           instagram.Op
	method, path string
	id, edge     string // /{id}/{edge}
	params       url.Values
	token        string
	code         string // of a log-in
	secret       string // of the app
	container    string // that it is about
	caption      string // of that container, or of the one to create
	userID       string // whose token it is
	faulted      bool   // a fault is at work: no random unkindness on top
}

// api takes one call: notes it, lets a fault interfere, and answers.
func (s *Server) api(r *http.Request) answer {
	_ = r.ParseForm() // what cannot be parsed is missing, and found missing
	c := s.route(r)
	f := s.arrive(&c) // a read is a status or a permalink: known when the id was looked up
	if s.o.OnCall != nil {
		s.o.OnCall(c.op, r)
	}
	c.faulted = f != nil
	a := s.interfere(r.Context(), &c, f)
	s.log.Info("simulated call", slog.String("op", string(c.op)), slog.String("account", c.userID),
		slog.Int("status", a.status), slog.Bool("dropped", a.gone != nil))
	return a
}

func (s *Server) route(r *http.Request) call {
	parts, _ := segments(r.URL.Path)
	c := call{method: r.Method, path: r.URL.Path, params: url.Values{}}
	if len(parts) > 0 {
		c.id = parts[0]
	}
	if len(parts) > 1 {
		c.edge = parts[1]
	}
	for name, values := range r.Form {
		switch name {
		case "access_token", "client_secret", "code":
		default:
			c.params[name] = values
		}
	}
	c.token, c.code, c.secret = r.Form.Get("access_token"), r.Form.Get("code"), r.Form.Get("client_secret")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.token = bearer
	}
	v, _ := instagram.VerbOf(r.Method, c.id, c.edge)
	c.op = v.Op
	switch c.op {
	case instagram.OpCreate:
		c.caption = r.Form.Get("caption")
	case instagram.OpPublish:
		c.container = r.Form.Get("creation_id")
	}
	return c
}

// arrive records the call and takes the fault that is meant for it.
func (s *Server) arrive(c *call) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.catchUp(s.now())
	if t := s.st.Tokens[digest(c.token)]; t != nil {
		c.userID = t.UserID
	}
	if c.op == instagram.OpPermalink { // or what has the same path: known when the id is looked up
		switch {
		case s.st.Containers[c.id] != nil:
			c.op, c.container = instagram.OpStatus, c.id
		case s.st.account(c.id) != nil:
			c.op = instagram.OpMe
		case strings.Contains(c.params.Get("fields"), "status_code"):
			c.op, c.container = instagram.OpStatus, c.id
		}
	}
	if k := s.st.Containers[c.container]; k != nil {
		c.caption = k.Caption
	}
	s.calls = append(s.calls, Call{
		Op: c.op, Method: c.method, Path: c.path, UserID: c.userID,
		Container: c.container, Params: c.params, At: now,
	})
	return s.takeFault(c, now)
}

// pause waits for a time or a channel; an error means the caller has gone.
func pause(ctx context.Context, d time.Duration, until <-chan struct{}) error {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	if timer == nil && until == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer:
	case <-until:
	}
	return nil
}
