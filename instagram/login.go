package instagram

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"postern/redact"
	"postern/words"
)

// The permissions of Business Login for Instagram. Those without "instagram_" ended in January 2025.
const (
	PermissionBasic    = "instagram_business_basic"           // always needed
	PermissionPublish  = "instagram_business_content_publish" // to publish
	PermissionComments = "instagram_business_manage_comments" // for a first comment only
)

// AuthorizeURL is the page where a person allows an app to act for an account. page is its address, "" for Instagram's;
// apiURL is the API's: with another server than Instagram's, "" is oauth/authorize there. state comes back with the
// redirect. A person may allow less than the permissions asked for.
//
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
func AuthorizeURL(page, apiURL, appID, redirectURI, state string, permissions ...string) (string, error) {
	if page == "" {
		page = besides(apiURL, "/oauth/authorize", defaultAuthorizeURL)
	}
	u, err := url.Parse(page)
	if err != nil || u.Host == "" {
		return "", errors.New(words.LogInURLInvalid)
	}
	q := u.Query()
	q.Set("client_id", appID)
	q.Set("redirect_uri", redirectURI)
	q.Set("response_type", "code")
	q.Set("scope", strings.Join(permissions, ","))
	q.Set("state", state)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// besides is an address at Instagram, or the same path at the server that stands in for it.
func besides(apiURL, path, atInstagram string) string {
	if apiURL = strings.TrimRight(apiURL, "/"); apiURL == "" || apiURL == defaultBaseURL {
		return atInstagram
	}
	return apiURL + path
}

// ProfileURL is where an account's posts can be looked at: at Instagram, or at the server that stands in for its API.
func ProfileURL(apiURL, username string) string {
	return besides(apiURL, "", defaultProfilesURL) + "/" + url.PathEscape(username) + "/"
}

func (c *Client) tokenURL() string {
	if c.TokenURL != "" {
		return c.TokenURL
	}
	return besides(c.BaseURL, "/oauth/access_token", defaultTokenURL)
}

// Grant is what a person allowed at Instagram.
type Grant struct {
	Token       Token
	UserID      string
	Permissions []string // such as PermissionPublish; nil when Instagram did not say
}

// Lacks says whether a permission is known not to have been granted.
func (g Grant) Lacks(permission string) bool {
	return len(g.Permissions) > 0 && !slices.Contains(g.Permissions, permission)
}

// ExchangeCode turns the code of the redirect after log-in into a long-lived
// token, by way of a short-lived one. A code is good once, for an hour;
// redirectURI must equal the one of the log-in byte for byte. The client needs
// neither UserID nor Token.
//
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
func (c *Client) ExchangeCode(ctx context.Context, appID string, appSecret redact.Secret,
	redirectURI, code string) (Grant, error) {
	const op = OpExchange
	code = strings.TrimSuffix(code, "#_") // Instagram appends it to the redirect; not part of the code
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
		op: op, method: verbCode.Method, url: c.tokenURL(),
		form: url.Values{
			"client_id": {appID}, "client_secret": {appSecret.Reveal()}, "grant_type": {"authorization_code"},
			"redirect_uri": {redirectURI}, "code": {code},
		},
		hide: []redact.Secret{appSecret, redact.Secret(code)}, bare: true,
	}, &answer)
	if err != nil {
		return Grant{}, err
	}
	s := answer.short
	if len(answer.Data) > 0 {
		s = answer.Data[0]
	}
	if s.Token == "" {
		return Grant{}, &TransportError{Op: op, Sent: true, Err: errors.New(words.AnswerWithoutToken)}
	}
	long, err := c.longLived(ctx, request{
		op: op, method: verbShort.Method, url: c.base() + "/" + verbShort.Root,
		query: url.Values{
			"grant_type": {"ig_exchange_token"}, "client_secret": {appSecret.Reveal()}, "access_token": {s.Token},
		},
		hide: []redact.Secret{appSecret, redact.Secret(code), redact.Secret(s.Token)}, bare: true,
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
