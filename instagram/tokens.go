package instagram

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"postern/redact"
	"postern/words"
)

// Profile is the account a token belongs to.
type Profile struct {
	ID          string // app-scoped: differs from app to app
	UserID      string // the professional account, 1784…; what Client.UserID wants
	Username    string
	Name        string
	AccountType string // Business or Media_Creator; seen in upper case too
	PictureURL  string // expires
}

// Me reads the profile of the token's account. It needs no UserID.
func (c *Client) Me(ctx context.Context) (Profile, error) {
	const op = OpMe
	type profile struct {
		ID          id     `json:"id"`
		UserID      id     `json:"user_id"`
		Username    string `json:"username"`
		Name        string `json:"name"`
		AccountType string `json:"account_type"`
		PictureURL  string `json:"profile_picture_url"`
	}
	var answer struct {
		profile
		Data []profile `json:"data"` // as documented; what comes is flat
	}
	q := url.Values{"fields": {"id,user_id,username,name,account_type,profile_picture_url"}}
	if _, err := c.call(ctx, c.request(verbMe, "", q), &answer); err != nil {
		return Profile{}, err
	}
	p := answer.profile
	if len(answer.Data) > 0 {
		p = answer.Data[0]
	}
	if p.ID == "" && p.UserID == "" {
		return Profile{}, &TransportError{Op: op, Sent: true, Err: errNoID}
	}
	return Profile{
		ID: string(p.ID), UserID: string(p.UserID), Username: p.Username,
		Name: p.Name, AccountType: p.AccountType, PictureURL: p.PictureURL,
	}, nil
}

// Token is a long-lived token as Instagram gives it out.
type Token struct {
	Token     redact.Secret
	ExpiresIn time.Duration // about 60 days
}

// RefreshToken extends the client's token by 60 days. Instagram refuses when it is
// younger than 24 hours or has expired. The new token may be the same string or
// another; keep the one that is returned.
//
// https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
func (c *Client) RefreshToken(ctx context.Context) (Token, error) {
	return c.longLived(ctx, request{
		op: OpRefresh,
		// Documented without a version, and GET only: a POST is answered as if the token were dead.
		method: http.MethodGet,
		url:    c.base() + "/refresh_access_token",
		query:  url.Values{"grant_type": {"ig_refresh_token"}, "access_token": {c.Token.Reveal()}},
		bare:   true,
	})
}

func (c *Client) longLived(ctx context.Context, r request) (Token, error) {
	var answer struct {
		Token     string  `json:"access_token"`
		ExpiresIn integer `json:"expires_in"` // seconds
	}
	if _, err := c.call(ctx, r, &answer); err != nil {
		return Token{}, err
	}
	if answer.Token == "" || answer.ExpiresIn <= 0 {
		return Token{}, &TransportError{Op: r.op, Sent: true, Err: errors.New(words.AnswerWithoutToken)}
	}
	return Token{Token: redact.Secret(answer.Token), ExpiresIn: time.Duration(answer.ExpiresIn) * time.Second}, nil
}
