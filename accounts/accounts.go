package accounts

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/redact"
	"postern/store"
	"postern/vault"
	"postern/words"
)

// ErrReconnect says that the account has no token that works, and only its owner can give it one.
var ErrReconnect = errors.New(words.ReconnectWithToken)

// sandboxURL is where calls of sandbox accounts go by name. It cannot be resolved: should the simulator be missing,
// nothing leaves the machine.
const sandboxURL = "http://sandbox.invalid"

// outcomeTime is how long recording what happened may take once the caller has given up.
const outcomeTime = 5 * time.Second

// Options of New.
type Options struct {
	Store   *store.Store
	Key     vault.Key
	BaseURL string // of Instagram's API; "" is https://graph.instagram.com
	// The page to log in at, and where codes become tokens; "" are Instagram's, or below another BaseURL.
	AuthorizeURL, TokenURL string

	Version string            // of the API, such as "v24.0"
	Timeout time.Duration     // of one call; 0 is none
	HTTP    *http.Client      // for accounts at Instagram; nil is a new one
	Sandbox http.RoundTripper // for sandbox accounts; nil: there is no simulator in this program
	Logger  *slog.Logger      // nil discards
}

// Accounts gives out clients and keeps their credentials good. Its methods are safe for concurrent use.
type Accounts struct {
	store   *store.Store
	key     vault.Key
	baseURL string
	version string

	authorizeURL, tokenURL string

	http    *http.Client
	sandbox *http.Client // nil without a simulator
	log     *slog.Logger

	refreshing sync.Mutex // one exchange of tokens at a time
	time       timeThere
}

// New returns Accounts over an open store.
func New(o Options) *Accounts {
	a := &Accounts{store: o.Store, key: o.Key, baseURL: o.BaseURL, version: o.Version, log: o.Logger}
	a.authorizeURL, a.tokenURL = o.AuthorizeURL, o.TokenURL
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	direct := http.Client{Transport: patient()}
	if o.HTTP != nil {
		direct = *o.HTTP
	}
	if o.Timeout > 0 {
		direct.Timeout = o.Timeout
	}
	a.http = &direct
	if o.Sandbox != nil {
		a.sandbox = &http.Client{Transport: o.Sandbox, Timeout: o.Timeout}
	}
	return a
}

// patient returns net/http's own transport without a limit for TLS alone: Options.Timeout is for the whole call.
func patient() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // a test has put something else there
		return &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	t = t.Clone()
	t.TLSHandshakeTimeout = 0
	return t
}

// Client returns a client whose token is good as far as is known. A removed account has one as long as it keeps its
// token. ErrReconnect when only the owner can help; store.ErrNotFound when there is no such account.
func (a *Accounts) Client(ctx context.Context, id int64) (*instagram.Client, error) {
	acc, err := a.store.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	if acc.Trouble == store.Reconnect {
		return nil, &problem{why: acc.Problem, name: acc.Name(), err: ErrReconnect}
	}
	return a.stored(acc)
}

// stored is a client with the account's stored token, whatever its trouble.
func (a *Accounts) stored(acc store.Account) (*instagram.Client, error) {
	if len(acc.Secrets.Token) == 0 {
		return nil, &problem{why: reason.New(reason.TokenMissing, acc.Name()), err: ErrReconnect}
	}
	token, err := a.open(acc.ID, columnToken, acc.Secrets.Token)
	if err != nil {
		return nil, &problem{why: reason.New(reason.TokenSealed, acc.Name()), err: errors.Join(err, ErrReconnect)}
	}
	c, err := a.client(acc.API, acc.UserID, token)
	if err != nil {
		return nil, err
	}
	c.OnUsage = func(u instagram.Usage) {
		ctx, cancel := outcome(context.Background())
		defer cancel()
		a.usage(ctx, acc.ID, u)
	}
	return c, nil
}

// client decides by the account's API where calls go.
func (a *Accounts) client(api store.API, userID string, token redact.Secret) (*instagram.Client, error) {
	c := &instagram.Client{BaseURL: a.baseURL, Version: a.version, UserID: userID, Token: token, HTTP: a.http}
	switch api {
	case store.Instagram:
		c.OnTime = a.time.set
	case store.Sandbox:
		if a.sandbox == nil {
			return nil, errNoSandbox
		}
		c.BaseURL, c.HTTP = sandboxURL, a.sandbox
	default:
		return nil, &problem{why: reason.New(reason.APIUnknown, string(api))}
	}
	return c, nil
}

// ProfileURL is where an account's posts can be looked at, "" when that is not known. A sandbox account's is the
// caller's.
func (a *Accounts) ProfileURL(acc store.Account) string {
	if acc.API != store.Instagram || acc.Username == "" {
		return ""
	}
	return instagram.ProfileURL(a.baseURL, acc.Username)
}

var errNoSandbox error = &problem{why: reason.New(reason.SandboxMissing)}

// problem is an error whose reason is for the owner and whose cause is for the program.
type problem struct {
	why  reason.Reason
	name string // of the account, where the reason does not say it; "" for none
	err  error
}

func (p *problem) Error() string {
	if p.name != "" {
		return p.name + ": " + p.why.String()
	}
	return p.why.String()
}

func (p *problem) Unwrap() error { return p.err }

// Explain returns why there is no client, or what the error of a call means.
func Explain(err error) reason.Reason {
	var answer *instagram.Error
	var transport *instagram.TransportError
	switch own, ok := errors.AsType[*problem](err); {
	case ok:
		return own.why
	case errors.As(err, &answer) || errors.As(err, &transport):
		return instagram.Classify(err).Reason
	case errors.Is(err, vault.ErrSealed):
		return reason.New(reason.SecretSealed)
	}
	return reason.New(reason.AccountFault, err.Error())
}

// same says whether the profile is the account's. Instagram has two ids for one user: an account whose first answer
// held only the app-scoped one is recognised by it.
func same(p instagram.Profile, userID string) bool {
	return userID != "" && (p.UserID == userID || p.ID == userID)
}

// userID is the one calls are made with.
func userID(p instagram.Profile) string {
	if p.UserID != "" {
		return p.UserID
	}
	return p.ID
}

// at names a user.
func at(username, userID string) string {
	if username != "" {
		return "@" + username
	}
	return "user " + userID
}

// outcome is a context for recording what has happened already, even when the caller was told to stop.
func outcome(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), outcomeTime)
}

// timeThere is Instagram's clock, as far as its last answer tells.
type timeThere struct {
	mu   sync.Mutex
	said time.Time
	at   time.Time // when it said so, with the monotonic clock
}

func (c *timeThere) set(said time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said, c.at = said, time.Now()
}

// Now returns the time by Instagram's clock, whatever was done to ours since its last answer; zero when none came yet.
func (a *Accounts) Now() time.Time {
	a.time.mu.Lock()
	defer a.time.mu.Unlock()
	if a.time.said.IsZero() {
		return time.Time{}
	}
	return a.time.said.Add(time.Since(a.time.at))
}
