package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"postern/accounts"
	"postern/owner"
	"postern/publisher"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// fewLatest is how many of its pictures an account's card shows.
const fewLatest = 6

// AskTime bounds what a visitor waits for when a button asks Instagram.
const AskTime = time.Minute

type accountsView struct {
	frame
	Accounts []accountCard
	Add      accountForm
	Connect  connectView
	Simulate bool // simulated accounts can be made
}

// accountForm is the form to connect an account, as it was typed. It has no place for the secrets.
type accountForm struct {
	Label, AppID, UserID string
	Open                 bool
}

type accountCard struct {
	ID         int64
	Name       string
	User       string
	UserID     string
	AppID      string
	Sandbox    bool
	Instagram  string // where its posts go
	Paused     bool
	Problem    string
	Reconnect  bool
	WaitUntil  moment
	Health     badge
	Token      string
	TokenAt    moment
	TokenSoon  bool
	Days       string // left of the token, "" when that is not known or it is none any more
	TokenLeft  int    // in percent of a fresh one
	Quota      string // "12 of 100", "" when it was not asked
	QuotaUsed  int    // in percent
	QuotaAt    moment
	Approve    bool
	Latest     []card // what it published last
	PauseVerb  string
	PauseWord  string
	FormOpen   bool // a token was pasted and refused
	Profile    string
	Guide      string // to the step that connects it again; "" for none
	StartWords string // asks about posts that are older than the account, "" for none
	Last       *card  // what was published last; nil for nothing
	Button     bool   // it can be connected again with a button
}

func (s *Server) accountsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAccounts(w, r, http.StatusOK, nil, accountForm{}, 0)
}

// showAccounts renders the page; reconnecting is the account whose form for a new token stays open.
func (s *Server) showAccounts(w http.ResponseWriter, r *http.Request, status int, n *notice, f accountForm,
	reconnecting int64) error {
	all, err := s.store.Accounts(r.Context())
	if err != nil {
		return err
	}
	now := inChosenZone(all, time.Now())
	v := newAccountsView(all, reconnecting, now)
	v.frame, v.Add, v.Simulate = s.frame(r, "Accounts", "accounts"), f, s.simulate != nil
	origin := ""
	if v.Connect, origin, err = s.newConnectView(r.Context()); err != nil {
		return err
	}
	if origin != "" { // browsers apply this to where a form is sent on to, as well
		h := w.Header()
		h.Set("Content-Security-Policy",
			strings.Replace(h.Get("Content-Security-Policy"), "form-action 'self'", "form-action 'self' "+origin, 1))
	}
	if err := s.fillCards(r.Context(), v.Accounts, all, now); err != nil {
		return err
	}
	for i, a := range all {
		v.Accounts[i].Button = a.API == store.Instagram && v.Connect.AppID != ""
	}
	v.Add.Open = f.Open || len(all) == 0
	if n != nil {
		v.Notice = n
	}
	return s.render(w, r, status, accountsTempl(v))
}

// fillCards adds what is stored about the posts of each account, whose cards are in the same order.
func (s *Server) fillCards(ctx context.Context, cards []accountCard, all []store.Account, now time.Time) error {
	asked, err := s.store.StartAsked(ctx)
	if err != nil {
		return err
	}
	last, err := s.store.LastOfAccounts(ctx)
	if err != nil {
		return err
	}
	for i, a := range all {
		card := &cards[i]
		used, err := s.accounts.Used(ctx, a)
		if err != nil {
			return err
		}
		card.setQuota(a, used)
		card.Instagram, card.Profile = s.pictures.instagram(a), s.profileLink(a)
		if l, ok := last[a.ID]; ok {
			c := s.pictures.card(l, now)
			card.Last = &c
		}
		if asked[a.ID] > 0 {
			will, err := publisher.WillPublishOf(ctx, s.store, 0, a.ID)
			if err != nil {
				return err
			}
			card.StartWords = publisher.WillPublishWords(will, now)
		}
		latest, err := s.store.Publications(ctx,
			store.Filter{States: []store.State{store.Published}, AccountID: a.ID, Newest: true, Limit: fewLatest})
		if err != nil {
			return err
		}
		for _, l := range latest {
			card.Latest = append(card.Latest, s.pictures.card(l, now))
		}
	}
	return nil
}

// setQuota shows how many posts are used of those that Instagram takes, where it was asked.
func (c *accountCard) setQuota(a store.Account, used int) {
	if !a.QuotaAt.IsZero() {
		c.Quota = fmt.Sprintf("%d of %d", used, a.QuotaTotal)
		c.QuotaUsed = min(100*used/max(a.QuotaTotal, 1), 100)
	}
}

func newAccountsView(all []store.Account, reconnecting int64, now time.Time) accountsView {
	var v accountsView
	for _, a := range all {
		c := accountCard{
			ID: a.ID, Name: a.Name(), UserID: a.UserID, AppID: a.AppID, Sandbox: a.API == store.Sandbox,
			Paused:  a.Paused,
			Problem: sentence(a.Problem.String()), Reconnect: a.Trouble == store.Reconnect,
			FormOpen: a.Trouble == store.Reconnect || a.ID == reconnecting,
			Approve:  a.Settings.Approve != nil && *a.Settings.Approve, PauseVerb: "pause", PauseWord: "Pause",
			TokenAt: newMoment(a.TokenAt, now), QuotaAt: newMoment(a.QuotaAt, now),
		}
		if a.Username != "" {
			c.User = "@" + a.Username
		}
		if a.Paused {
			c.PauseVerb, c.PauseWord = "resume", "Resume"
		}
		if a.Trouble == store.Wait && a.WaitUntil.After(now) {
			c.WaitUntil = newMoment(a.WaitUntil, now)
		}
		if c.Problem == "" && c.Reconnect {
			c.Problem = words.AskReconnect
		}
		h := accounts.Health(a, now)
		if c.Reconnect {
			c.Guide = accounts.GuidePath(h.Step())
		}
		c.Token, c.TokenSoon = tokenWords(a, now)
		if h.Known && !h.Expired && h.Stage != accounts.TokenLost {
			c.Days, c.TokenLeft = words.DaysLeft(h.Days), min(100*h.Days/freshToken, 100)
			c.Token = ifElse(h.Stage == accounts.TokenWell, words.TokenRefreshedDaily,
				words.TokenNotRefreshable)
		}
		c.Health = healthBadge(a, h)
		c.setQuota(a, a.QuotaUsed)
		v.Accounts = append(v.Accounts, c)
	}
	return v
}

// freshToken is for how many days Instagram gives a token.
const freshToken = 60

// healthBadge is the worst of what is known about an account, in a word or two.
func healthBadge(a store.Account, h accounts.TokenHealth) badge {
	switch {
	case a.Trouble == store.Reconnect || h.Expired || h.Stage == accounts.TokenLost:
		return badge{words.PageNotConnectedLabel, "bad"}
	case h.Ends.IsZero():
		return badge{words.PageNoToken, "bad"}
	case a.Paused:
		return badge{words.PagePaused, "off"}
	case a.Trouble == store.Wait:
		return badge{words.PageWaiting, "ask"}
	case !a.Problem.IsZero() || h.Stage != accounts.TokenWell:
		return badge{words.PageNeedsAttention, "ask"}
	}
	return badge{words.PageIsOK, "good"}
}

// tokenWords says how long the token lasts, and whether that is a reason to act.
func tokenWords(a store.Account, now time.Time) (text string, soon bool) {
	h := accounts.Health(a, now)
	return h.Words(), h.Stage != accounts.TokenWell || h.Ends.IsZero() || h.Known && h.Days < 14
}

func (s *Server) addAccount(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	typed := func(key string) string { return strings.TrimSpace(r.PostForm.Get(key)) }
	f := accountForm{Label: typed("label"), AppID: typed("app_id"), UserID: typed("user_id"), Open: true}
	shown := f
	for _, id := range []*string{&shown.AppID, &shown.UserID} {
		if !accounts.IsID(*id) { // it may be a secret in the wrong field
			*id = ""
		}
	}
	done, err := s.orders.AddAccount(r.Context(), accounts.Candidate{
		API: store.Instagram, Label: f.Label, UserID: f.UserID, AppID: f.AppID, AppSecret: secret(r, "app_secret"),
		Token: secret(r, "access_token"), AskStart: true,
	})
	var not *owner.ConnectError
	switch {
	case errors.As(err, &not):
		n := refused(words.PageNotConnected, err)
		n.Text = words.Text(n.Text, words.PageSecretsAgain)
		return s.showAccounts(w, r, http.StatusUnprocessableEntity, &n, shown, 0)
	case err != nil:
		return err
	}
	n := connected(done.Account, done.Known)
	if other := accounts.OtherID(f.UserID, done.Account); other != "" {
		n.Text = words.Text(n.Text, sentence(other))
	}
	return s.done(w, r, "/accounts", n)
}

// secret is a secret of a form. Nothing may print it from here on.
func secret(r *http.Request, key string) redact.Secret {
	return redact.Secret(strings.TrimSpace(r.PostForm.Get(key)))
}

func (s *Server) reconnect(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	a, err := s.orders.Reconnect(r.Context(), id, secret(r, "access_token"))
	var not *owner.ConnectError
	switch {
	case errors.As(err, &not):
		n := refused(func(why string) string { return words.PageNotConnectedAgain(a.Name(), why) }, err)
		return s.showAccounts(w, r, http.StatusUnprocessableEntity, &n, accountForm{}, a.ID)
	case err != nil:
		return err
	}
	return s.done(w, r, "/accounts", connected(a, true))
}

func (s *Server) checkAccount(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, found, err := s.orders.CheckAccount(r.Context(), id)
	if err != nil {
		return err
	}
	return s.done(w, r, "/accounts", checked(a.Name(), found))
}

func (s *Server) pauseAccount(paused bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		a, err := s.orders.PauseAccount(r.Context(), id, paused)
		if err != nil {
			return err
		}
		said := ifElse(paused, words.PageAccountPaused, words.PageAccountResumed)
		return s.done(w, r, "/accounts", notice{Text: said(a.Name())})
	}
}

// approveByHand switches whether this account publishes by itself or waits for its owner each time.
func (s *Server) approveByHand(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	required := r.PostForm.Get("approve") == "yes"
	set, err := s.orders.RequireApproval(r.Context(), id, required)
	if err != nil {
		return err
	}
	said := ifElse(required, words.ApprovalRequired(set.Account.Name()), words.ApprovalNotRequired(set.Account.Name()))
	return s.done(w, r, "/accounts", notice{Text: withConsequences(said, set.Consequences)})
}

func (s *Server) removeAccountPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.accountOf(r)
	if err != nil {
		return err
	}
	open, err := s.store.Publications(r.Context(), store.Filter{States: unsettled, AccountID: a.ID})
	if err != nil {
		return err
	}
	v := newRemoveView(open)
	v.Heading, v.Account = words.RemoveAccountAsk(a.Name()), true
	v.frame, v.Back = s.frame(r, words.RemoveAccountTitle, "accounts"), "/accounts"
	v.Action = fmt.Sprintf("/accounts/%d/remove", a.ID)
	return s.render(w, r, http.StatusOK, removeTempl(v))
}

func (s *Server) removeAccount(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, err := s.orders.RemoveAccount(r.Context(), id)
	if err != nil {
		return err
	}
	return s.done(w, r, "/accounts",
		notice{Text: words.PageAccountRemoved(a.Name())})
}

// accountOf is the account in the address. One that was removed is not there any more.
func (s *Server) accountOf(r *http.Request) (store.Account, error) {
	id, err := pathID(r)
	if err != nil {
		return store.Account{}, err
	}
	return s.orders.Account(r.Context(), id)
}

// answerStart does what the owner says about posts that are older than their account.
func (s *Server) answerStart(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	answer := store.StartAnswer(r.PostForm.Get("answer"))
	said := map[store.StartAnswer]func(int) string{
		store.StartPublish: words.PageOlderPublished, store.StartHold: words.PageOlderHeld,
		store.StartSkip: words.PageOlderSkipped,
	}[answer]
	n, err := s.orders.AnswerStart(r.Context(), id, answer)
	switch {
	case errors.Is(err, owner.ErrStartAnswer):
		return s.done(w, r, "/accounts", notice{Bad: true, Text: words.PageStartUnanswered})
	case err != nil:
		return err
	}
	return s.done(w, r, "/accounts", notice{Text: said(n)})
}
