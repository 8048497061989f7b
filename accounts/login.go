package accounts

import (
	"context"
	"errors"
	"strings"

	"postern/instagram"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// The app of log-ins is kept in the settings, because it is there before the first account.
const (
	settingAppID     = "instagram_app_id"
	settingAppSecret = store.SealedPrefix + "instagram_app_secret"
)

// App is the Meta app that people log in through. The zero App is none.
type App struct {
	ID     string
	Secret redact.Secret
}

// App returns the app of log-ins, the zero App when none was saved. With an ID and an error, its secret cannot be
// opened.
func (a *Accounts) App(ctx context.Context) (App, error) {
	id, err := a.store.Setting(ctx, settingAppID)
	if err != nil || id == "" {
		return App{}, err
	}
	secret, err := a.key.OpenSetting(ctx, a.store, settingAppSecret)
	return App{ID: id, Secret: secret}, err
}

// SetApp keeps the app of log-ins, sealed. Both values are needed; what they are worth is known at the first log-in.
func (a *Accounts) SetApp(ctx context.Context, app App) error {
	app.ID, app.Secret = strings.TrimSpace(app.ID), trim(app.Secret)
	if !IsID(app.ID) {
		return errAppID
	}
	if app.Secret == "" {
		return &Refusal{Reason: words.AppSecretMissing, Remedy: words.CopyAppSecret, Step: StepAppValues}
	}
	// In this order: an id without its secret would look like an app.
	if err := a.key.SealSetting(ctx, a.store, settingAppSecret, app.Secret); err != nil {
		return err
	}
	return a.store.SetSetting(ctx, settingAppID, app.ID)
}

// ForgetApp deletes the app of log-ins. Accounts that were connected through it go on.
func (a *Accounts) ForgetApp(ctx context.Context) error {
	if err := a.store.SetSetting(ctx, settingAppID, ""); err != nil {
		return err
	}
	return a.store.SetSetting(ctx, settingAppSecret, "")
}

// AuthorizeURL is where a browser is sent to log in. redirectURI is where it comes back to, with state.
func (a *Accounts) AuthorizeURL(appID, redirectURI, state string, comments bool) (string, error) {
	permissions := []string{instagram.PermissionBasic, instagram.PermissionPublish}
	if comments {
		permissions = append(permissions, instagram.PermissionComments)
	}
	return instagram.AuthorizeURL(a.authorizeURL, a.baseURL, appID, redirectURI, state, permissions...)
}

// LogIn turns the code of a log-in into a connected account: a new one, or that of the same user with its queue
// and settings kept. With id, the log-in must be that account's user. A code works once, whatever comes of it.
// What its owner can mend is a *Refusal.
func (a *Accounts) LogIn(ctx context.Context, id int64, redirectURI, code string) (store.Account, error) {
	app, err := a.App(ctx)
	if err != nil {
		return store.Account{}, err
	}
	if app.ID == "" {
		return store.Account{}, errors.New(words.AppMissing)
	}
	client, err := a.client(store.Instagram, "", "")
	if err != nil {
		return store.Account{}, err
	}
	client.TokenURL = a.tokenURL
	grant, err := client.ExchangeCode(ctx, app.ID, app.Secret, redirectURI, code)
	if err != nil {
		return store.Account{}, refuse(err)
	}
	for _, permission := range []string{instagram.PermissionBasic, instagram.PermissionPublish} {
		if grant.Lacks(permission) {
			r := refusals[instagram.CausePermission]
			r.Reason = words.PermissionMissing(permission)
			return store.Account{}, &r
		}
	}
	c := Candidate{API: store.Instagram, AppID: app.ID, AppSecret: app.Secret, Token: grant.Token.Token,
		ExpiresIn: grant.Token.ExpiresIn, AskStart: true}
	if id != 0 {
		return a.reconnect(ctx, id, c)
	}
	return a.Add(ctx, c)
}

// OtherID says which id was meant when another one of the same user was given, "" when there is nothing to say:
// Instagram shows an app an id of its own for each user, and that one is easily copied instead.
func OtherID(given string, acc store.Account) string {
	given = strings.TrimSpace(given)
	if given == "" || given == acc.UserID {
		return ""
	}
	return words.UserIDCorrected(given, at(acc.Username, acc.UserID), acc.UserID)
}
