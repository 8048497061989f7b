package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// grant is a log-in code that has not been used.
type grant struct {
	UserID      string
	RedirectURI string
	Expires     time.Time
}

const (
	codeLife       = time.Hour
	shortTokenLife = time.Hour
)

// Authorize is what a person does at Instagram: it returns the code that comes
// with the redirect, without the "#_" that Instagram appends.
func (s *Server) Authorize(userID, redirectURI string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st.Counter++
	now := time.Now()
	code := "AQ" + word(s.hash("code", userID, s.st.Counter, now.UnixNano()))
	s.st.Codes[digest(code)] = grant{UserID: userID, RedirectURI: redirectURI, Expires: now.Add(codeLife)}
	s.save()
	return code
}

// exchange is oauth/access_token (code to short-lived token) and access_token
// (short to long).
func (s *Server) exchange(c *call, now time.Time) answer {
	switch {
	case c.id == "oauth" && c.edge == "access_token" && c.method == http.MethodPost:
		g, ok := s.st.Codes[digest(c.code)]
		delete(s.st.Codes, digest(c.code)) // used up, even by a wrong redirect_uri
		if !ok || now.After(g.Expires) || g.RedirectURI != c.params.Get("redirect_uri") ||
			c.params.Get("client_id") == "" || !c.secret || c.params.Get("grant_type") != "authorization_code" {
			s.save()
			return s.refuseLogin("Matching code was not found or was already used")
		}
		token := s.newToken(g.UserID, now, shortTokenLife)
		return s.ok(map[string]any{
			"access_token": token["access_token"],
			"user_id":      json.Number(g.UserID), // a bare number here, a string everywhere else
			"permissions":  []string{"instagram_business_basic", "instagram_business_content_publish"},
		})
	case c.id == "access_token" && c.method == http.MethodGet:
		owner, no := s.authorize(c, now)
		if no != nil {
			return s.refuseLocked(*no)
		}
		if c.params.Get("grant_type") != "ig_exchange_token" || !c.secret {
			return s.refuseLocked(invalid("Invalid grant_type or client_secret"))
		}
		return s.ok(s.newToken(owner.UserID, now, tokenLife))
	}
	return s.refuseLogin("Unsupported request")
}

// refuseLogin uses the envelope of the log-in, which differs from the API's.
func (s *Server) refuseLogin(message string) answer {
	b, _ := json.Marshal(map[string]any{"error_type": "OAuthException", "code": 400, "error_message": message})
	h := http.Header{"Content-Type": {"application/json"}}
	s.standard(h, "")
	return answer{status: http.StatusBadRequest, header: h, body: b}
}

// logIn is the page a person is sent to. The simulated person always agrees,
// as the account named by login_hint or else the first.
func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	userID := ""
	s.mu.Lock()
	for _, a := range s.st.Accounts {
		if userID == "" || a.Username == q.Get("login_hint") {
			userID = a.UserID
		}
	}
	s.mu.Unlock()
	if err != nil || !back.IsAbs() || userID == "" {
		http.Error(w, "Invalid redirect_uri, or no simulated account", http.StatusBadRequest)
		return
	}
	params := back.Query()
	params.Set("code", s.Authorize(userID, q.Get("redirect_uri")))
	params.Set("state", q.Get("state"))
	back.RawQuery, back.Fragment = params.Encode(), "_"
	http.Redirect(w, r, back.String(), http.StatusFound)
}
