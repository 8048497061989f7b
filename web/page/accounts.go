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

// fewLatest is how many recent posts the card of an account shows as pictures.
const fewLatest = 6

// AskTime limits how long a button that calls Instagram may keep the visitor waiting.
const AskTime = time.Minute

type accountsView struct {
	frame
	Accounts []accountCard
	Add      accountForm
	Connect  connectView
	Simulate bool // whether the owner can create simulated accounts
}

// accountForm is the form to connect an account, with the values that the visitor typed. It has no fields for
// secrets.
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
	Instagram  string // name of the service that its posts go to
	Paused     bool
	Problem    string
	Reconnect  bool
	WaitUntil  moment
	Health     badge
	Token      string
	TokenAt    moment
	TokenSoon  bool
	Days       string // until the token expires; "" when that is unknown or there is no valid token
	TokenLeft  int    // percentage of the lifetime of a new token
	Quota      string // "12 of 100"; "" when Postern does not know the limit
	QuotaUsed  int    // percentage
	QuotaAt    moment
	Approve    bool
	Latest     []card // the most recently published posts
	PauseVerb  string
	PauseWord  string
	FormOpen   bool // whether the form stays open because the pasted token was refused
	Profile    string
	Guide      string // link to the step of the guide that explains how to reconnect; "" for none
	StartWords string // question about posts that are older than the account; "" for none
	Last       *card  // the most recently published post; nil for none
	Button     bool   // whether the account can be reconnected with the button
}

func (s *Server) accountsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAccounts(w, r, http.StatusOK, nil, accountForm{}, 0)
}

// showAccounts renders the page. reconnecting is the account whose form for a new token stays open.
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
	if origin != "" { // Browsers check form-action for redirects after the form, too.
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

// fillCards adds stored posts and usage to the cards. cards[i] belongs to all[i].
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

// setQuota sets how many posts of Instagram's limit are used, if Postern has asked Instagram for the limit.
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

// freshToken is the lifetime of a new long-lived token in days.
const freshToken = 60

// healthBadge returns the most serious problem of an account as a badge.
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

// tokenWords describes how long the token stays valid, and reports whether it expires soon enough to need action.
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
		if !accounts.IsID(*id) { // A value that is not an id may be a secret typed into the wrong field.
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

// secret returns a form field as a Secret, so that nothing prints it by accident.
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

// approveByHand sets whether posts to this account need the owner's approval.
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

// accountOf returns the account whose id is in the URL path. It returns store.ErrNotFound for a removed account.
func (s *Server) accountOf(r *http.Request) (store.Account, error) {
	id, err := pathID(r)
	if err != nil {
		return store.Account{}, err
	}
	return s.orders.Account(r.Context(), id)
}

// answerStart applies the owner's decision about posts that are older than their account.
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
