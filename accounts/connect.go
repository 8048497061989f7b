package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"postern/instagram"
	"postern/store"
)

// Candidate is an account before Instagram was asked about it.
type Candidate struct {
	API       store.API
	Label     string // "" is the user name
	UserID    string // "" takes what Instagram says
	AppID     string
	AppSecret instagram.Secret
	Token     instagram.Secret
	Settings  store.Settings
}

// Add connects an account. Instagram is asked whose token it is; a user id that was given must agree. An account that is
// there already gets the new token and secrets, and keeps everything else.
func (a *Accounts) Add(ctx context.Context, c Candidate) (store.Account, error) {
	c.Token, c.AppSecret = trim(c.Token), trim(c.AppSecret)
	c.UserID, c.AppID, c.Label = strings.TrimSpace(c.UserID), strings.TrimSpace(c.AppID), strings.TrimSpace(c.Label)
	p, err := a.ask(ctx, c.API, c.Token)
	if err != nil {
		return store.Account{}, err
	}
	if c.UserID != "" && !same(p, c.UserID) {
		return store.Account{}, fmt.Errorf("this token belongs to %s (user id %s), not to user id %s: check which account the token was made for", at(p.Username, userID(p)), userID(p), c.UserID)
	}
	acc := store.Account{API: c.API, UserID: userID(p), Username: p.Username, Label: c.Label, AppID: c.AppID, Settings: c.Settings}
	if acc.Label == "" {
		acc.Label = p.Username
	}
	if there, err := a.find(ctx, c.API, p); err != nil {
		return store.Account{}, err
	} else if there != 0 {
		return a.replace(ctx, there, p, c)
	}
	acc, err = a.store.AddAccount(ctx, acc, func(id int64) (s store.Secrets, err error) {
		if s.AppSecret, err = a.key.seal(id, columnAppSecret, c.AppSecret); err != nil {
			return s, err
		}
		s.Token, err = a.key.seal(id, columnToken, c.Token)
		return s, err
	})
	if errors.Is(err, store.ErrConflict) { // added a moment ago by somebody else
		there, err := a.find(ctx, c.API, p)
		if err != nil {
			return store.Account{}, err
		}
		return a.replace(ctx, there, p, c)
	}
	if err != nil {
		return store.Account{}, err
	}
	a.log.InfoContext(ctx, "account connected", slog.Int64("account_id", acc.ID), slog.String("username", acc.Username))
	return acc, nil
}

// Reconnect gives an account a new token. It must be the same user's; the account's trouble is over then, and its queue
// is woken. store.ErrNotFound when there is no such account or it was removed.
func (a *Accounts) Reconnect(ctx context.Context, id int64, token instagram.Secret) (store.Account, error) {
	acc, err := a.store.Account(ctx, id)
	if err != nil {
		return store.Account{}, err
	}
	token = trim(token)
	p, err := a.ask(ctx, acc.API, token)
	if err != nil {
		return store.Account{}, err
	}
	if !same(p, acc.UserID) {
		return store.Account{}, fmt.Errorf("this token belongs to %s, not to %s: make one for %[2]s, or add the other account", at(p.Username, userID(p)), at(acc.Username, acc.UserID))
	}
	return a.replace(ctx, id, p, Candidate{Token: token})
}

// ask finds out whose token it is.
func (a *Accounts) ask(ctx context.Context, api store.API, token instagram.Secret) (instagram.Profile, error) {
	switch {
	case token == "":
		return instagram.Profile{}, errors.New("there is no access token: paste or name the one that was made for the account")
	case strings.ContainsFunc(token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }):
		return instagram.Profile{}, errors.New("this is not an access token: it has spaces, line breaks or other characters that no token has")
	}
	client, err := a.client(api, "", token)
	if err != nil {
		return instagram.Profile{}, err
	}
	p, err := client.Me(ctx)
	if err != nil {
		return instagram.Profile{}, &problem{text: "asking Instagram whose token this is: " + explain(err), err: err}
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
func (a *Accounts) replace(ctx context.Context, id int64, p instagram.Profile, c Candidate) (store.Account, error) {
	token, err := a.key.seal(id, columnToken, c.Token)
	if err != nil {
		return store.Account{}, err
	}
	secret, err := a.key.seal(id, columnAppSecret, c.AppSecret)
	if err != nil {
		return store.Account{}, err
	}
	acc, err := a.store.UpdateAccount(ctx, id, store.System, "connected again with a new access token", func(x *store.Account) error {
		x.Secrets.Token, x.Secrets.TokenPrevious = token, nil
		x.TokenAt, x.TokenExpiresAt, x.Refresh = time.Now(), time.Time{}, store.Refresh{}
		x.Trouble, x.WaitUntil, x.Problem = "", time.Time{}, ""
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
func trim(s instagram.Secret) instagram.Secret {
	return instagram.Secret(strings.TrimSpace(s.Reveal()))
}
