package accounts

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// Candidate is an account before Instagram was asked about it.
type Candidate struct {
	API       store.API
	Label     string // "" is the user name
	UserID    string // "" takes what Instagram says
	AppID     string
	AppSecret redact.Secret
	Token     redact.Secret
	ExpiresIn time.Duration // of the token; 0: not told
	Settings  store.Settings
	StartRule string // of a new account, see store.Account
	AskStart  bool   // likewise
}

// Add connects an account. Instagram is asked whose token it is and whether it may publish; a user id that was
// given must agree, in either of the two forms Instagram has of it. An account that is there already gets the new
// token and secrets, and keeps everything else. What its owner can mend is a *Refusal.
func (a *Accounts) Add(ctx context.Context, c Candidate) (store.Account, error) {
	c.Token, c.AppSecret = trim(c.Token), trim(c.AppSecret)
	c.UserID, c.AppID, c.Label = strings.TrimSpace(c.UserID), strings.TrimSpace(c.AppID), strings.TrimSpace(c.Label)
	if err := c.misplaced(); err != nil {
		return store.Account{}, err
	}
	p, err := a.ask(ctx, c.API, c.Token)
	if err != nil {
		return store.Account{}, err
	}
	if c.UserID != "" && !same(p, c.UserID) {
		return store.Account{}, &Refusal{
			Reason: words.TokenOfOtherID(at(p.Username, userID(p)), userID(p), c.UserID),
			Remedy: words.TokenForOtherID(at(p.Username, userID(p))), Step: StepToken,
		}
	}
	q, err := a.mayPublish(ctx, c.API, p, c.Token)
	if err != nil {
		return store.Account{}, err
	}
	acc := store.Account{API: c.API, UserID: userID(p), Username: p.Username, Label: c.Label, AppID: c.AppID,
		Settings: c.Settings, TokenExpiresAt: expiry(c), StartRule: c.StartRule, AskStart: c.AskStart}
	if acc.Label == "" {
		acc.Label = p.Username
	}
	if there, err := a.find(ctx, c.API, p); err != nil {
		return store.Account{}, err
	} else if there != 0 {
		return a.replace(ctx, there, p, q, c)
	}
	acc, err = a.store.AddAccount(ctx, acc, func(id int64) (s store.Secrets, err error) {
		if s.AppSecret, err = a.seal(id, columnAppSecret, c.AppSecret); err != nil {
			return s, err
		}
		s.Token, err = a.seal(id, columnToken, c.Token)
		return s, err
	})
	if errors.Is(err, store.ErrConflict) { // added a moment ago by somebody else
		there, err := a.find(ctx, c.API, p)
		if err != nil {
			return store.Account{}, err
		}
		return a.replace(ctx, there, p, q, c)
	}
	if err != nil {
		return store.Account{}, err
	}
	a.log.InfoContext(ctx, "account connected", slog.Int64("account_id", acc.ID), slog.String("username", acc.Username))
	return a.store.UpdateAccount(ctx, acc.ID, store.System, "",
		func(x *store.Account) error { counted(x, q); return nil })
}

// Kept says what an account that was connected has from before, when it is the same as one that was there; ""
// when that is nothing.
func Kept(a store.Account) string {
	switch set := a.Settings != (store.Settings{}); {
	case set && a.Paused:
		return words.KeptSettingsPause
	case set:
		return words.KeptSettings
	case a.Paused:
		return words.KeptPause
	}
	return ""
}

// misplaced refuses an id that is none. It is easily a secret that was pasted into the wrong field, and ids are
// kept and shown in clear: so nothing of it is said.
func (c Candidate) misplaced() error {
	switch {
	case !IsID(c.AppID) && c.AppID != "":
		return errAppID
	case !IsID(c.UserID) && c.UserID != "":
		return &Refusal{Reason: words.UserIDNotNumber, Remedy: words.CopyUserID, Step: StepPaste}
	}
	return nil
}

var errAppID = &Refusal{Reason: words.AppIDNotNumber, Remedy: words.CopyAppID, Step: StepAppValues}

// IsID says whether a text may be one of Instagram's ids.
func IsID(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

// Reconnect gives an account a new token. It must be the same user's; the account's trouble is over then, and its queue
// is woken. store.ErrNotFound when there is no such account or it was removed.
func (a *Accounts) Reconnect(ctx context.Context, id int64, token redact.Secret) (store.Account, error) {
	return a.reconnect(ctx, id, Candidate{Token: trim(token)})
}

func (a *Accounts) reconnect(ctx context.Context, id int64, c Candidate) (store.Account, error) {
	acc, err := a.store.Account(ctx, id)
	if err != nil {
		return store.Account{}, err
	}
	p, err := a.ask(ctx, acc.API, c.Token)
	if err != nil {
		return store.Account{}, err
	}
	if !same(p, acc.UserID) {
		return store.Account{}, &Refusal{
			Reason: words.TokenOfOther(at(p.Username, userID(p)), at(acc.Username, acc.UserID)),
			Remedy: words.TokenForOther(at(acc.Username, acc.UserID)), Step: StepToken,
		}
	}
	q, err := a.mayPublish(ctx, acc.API, p, c.Token)
	if err != nil {
		return store.Account{}, err
	}
	return a.replace(ctx, id, p, q, c)
}

// mayPublish asks for the quota, which changes nothing and needs the permission to publish. Only what the owner
// can mend is in the way of connecting: after any other answer the quota is the zero one, and is asked again
// before publishing.
func (a *Accounts) mayPublish(ctx context.Context, api store.API, p instagram.Profile,
	token redact.Secret) (instagram.Quota, error) {
	if err := professional(p); err != nil {
		return instagram.Quota{}, err
	}
	client, err := a.client(api, userID(p), token)
	if err != nil {
		return instagram.Quota{}, err
	}
	q, err := client.Quota(ctx)
	switch cause := instagram.CauseOf(err); {
	case err == nil:
		return q, nil
	case cause == instagram.CauseOther, cause == instagram.CauseUnreachable, cause == instagram.CauseCheckpoint:
		a.log.WarnContext(ctx, "quota not read while connecting", slog.String("username", p.Username),
			slog.Any("error", err))
		return instagram.Quota{}, nil
	}
	return instagram.Quota{}, refuse(err)
}

// counted notes a quota that was just read.
func counted(x *store.Account, q instagram.Quota) {
	if q.Total > 0 {
		x.QuotaUsed, x.QuotaTotal, x.QuotaAt = q.Used, q.Total, time.Now()
	}
}

// expiry is when a candidate's token ends, the zero time when that was not told.
func expiry(c Candidate) time.Time {
	if c.ExpiresIn <= 0 {
		return time.Time{}
	}
	return time.Now().Add(c.ExpiresIn)
}

// ask finds out whose token it is.
func (a *Accounts) ask(ctx context.Context, api store.API, token redact.Secret) (instagram.Profile, error) {
	switch {
	case token == "":
		return instagram.Profile{},
			&Refusal{Reason: words.TokenMissing, Remedy: words.GiveToken, Step: StepToken}
	case strings.ContainsFunc(token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }):
		return instagram.Profile{},
			&Refusal{Reason: words.TokenMalformed, Remedy: words.CopyTokenByButton, Step: StepToken}
	}
	client, err := a.client(api, "", token)
	if err != nil {
		return instagram.Profile{}, err
	}
	p, err := client.Me(ctx)
	if err != nil {
		return instagram.Profile{}, refuse(err)
	}
	return p, nil
}

// find returns the id of the account that is this user, 0 for none.
func (a *Accounts) find(ctx context.Context, api store.API, p instagram.Profile) (int64, error) {
	all, err := a.store.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	for _, acc := range all {
		if acc.API == api && same(p, acc.UserID) {
			return acc.ID, nil
		}
	}
	return 0, nil
}

// replace stores new credentials of an account that is there. What the candidate does not say stays.
func (a *Accounts) replace(ctx context.Context, id int64, p instagram.Profile, q instagram.Quota,
	c Candidate) (store.Account, error) {
	token, err := a.seal(id, columnToken, c.Token)
	if err != nil {
		return store.Account{}, err
	}
	secret, err := a.seal(id, columnAppSecret, c.AppSecret)
	if err != nil {
		return store.Account{}, err
	}
	acc, err := a.store.UpdateAccount(ctx, id, store.System, words.AccountReconnected,
		func(x *store.Account) error {
			x.Secrets.Token, x.Secrets.TokenPrevious = token, nil
			x.TokenAt, x.TokenExpiresAt, x.Refresh = time.Now(), expiry(c), store.Refresh{}
			x.Trouble, x.WaitUntil, x.Problem = "", time.Time{}, reason.Reason{}
			counted(x, q)
			if p.Username != "" {
				x.Username = p.Username
			}
			if c.AppID != "" {
				x.AppID = c.AppID
			}
			if secret != nil {
				x.Secrets.AppSecret = secret
			}
			return nil
		})
	if err != nil {
		return store.Account{}, err
	}
	a.log.InfoContext(ctx, "account reconnected", slog.Int64("account_id", id), slog.String("username", acc.Username))
	return acc, a.store.WakeAccount(ctx, id)
}

// trim takes off the line break that files and clipboards add.
func trim(s redact.Secret) redact.Secret {
	return redact.Secret(strings.TrimSpace(s.Reveal()))
}
