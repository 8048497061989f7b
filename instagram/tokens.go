package instagram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
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
	const op = "me"
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
	if _, err := c.call(ctx, c.get(op, "me", q), &answer); err != nil {
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
	Token     Secret
	ExpiresIn time.Duration // about 60 days
}

// RefreshToken extends the client's token by 60 days. Instagram refuses when it is
// younger than 24 hours or has expired. The new token may be the same string or
// another; keep the one that is returned.
//
// https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
func (c *Client) RefreshToken(ctx context.Context) (Token, error) {
	return c.longLived(ctx, request{
		op: "refresh",
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
		return Token{}, &TransportError{Op: r.op, Sent: true, Err: errors.New("the answer has no token")}
	}
	return Token{Token: Secret(answer.Token), ExpiresIn: time.Duration(answer.ExpiresIn) * time.Second}, nil
}

// Grant is what a person allowed at Instagram.
type Grant struct {
	Token       Token
	UserID      string
	Permissions []string // such as instagram_business_content_publish
}

// ExchangeCode turns the code of the redirect after log-in into a long-lived
// token, by way of a short-lived one. A code is good once, for an hour;
// redirectURI must equal the one of the log-in byte for byte. The client needs
// neither UserID nor Token.
//
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
func (c *Client) ExchangeCode(ctx context.Context, appID string, appSecret Secret, redirectURI, code string) (Grant, error) {
	const op = "exchange"
	code = strings.TrimSuffix(code, "#_") // Instagram appends it to the redirect; not part of the code
	login := strings.TrimRight(c.LoginURL, "/")
	if login == "" {
		login = defaultLoginURL
	}
	type short struct {
		Token       string      `json:"access_token"`
		UserID      id          `json:"user_id"`
		Permissions permissions `json:"permissions"`
	}
	var answer struct {
		short
		Data []short `json:"data"` // as documented; what comes is flat
	}
	_, err := c.call(ctx, request{
		op: op, method: http.MethodPost, url: login + "/oauth/access_token",
		form: url.Values{
			"client_id": {appID}, "client_secret": {appSecret.Reveal()}, "grant_type": {"authorization_code"},
			"redirect_uri": {redirectURI}, "code": {code},
		},
		hide: []Secret{appSecret, Secret(code)}, bare: true,
	}, &answer)
	if err != nil {
		return Grant{}, err
	}
	s := answer.short
	if len(answer.Data) > 0 {
		s = answer.Data[0]
	}
	if s.Token == "" {
		return Grant{}, &TransportError{Op: op, Sent: true, Err: errors.New("the answer has no token")}
	}
	long, err := c.longLived(ctx, request{
		op: op, method: http.MethodGet, url: c.base() + "/access_token",
		query: url.Values{
			"grant_type": {"ig_exchange_token"}, "client_secret": {appSecret.Reveal()}, "access_token": {s.Token},
		},
		hide: []Secret{appSecret, Secret(code), Secret(s.Token)}, bare: true,
	})
	if err != nil {
		return Grant{}, err
	}
	return Grant{Token: long, UserID: string(s.UserID), Permissions: s.Permissions}, nil
}

// permissions come as a list or as one string with commas.
type permissions []string

func (p *permissions) UnmarshalJSON(b []byte) error {
	if !strings.HasPrefix(string(b), `"`) {
		return json.Unmarshal(b, (*[]string)(p))
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*p = nil
	for _, name := range strings.Split(s, ",") {
		if name = strings.TrimSpace(name); name != "" {
			*p = append(*p, name)
		}
	}
	return nil
}
