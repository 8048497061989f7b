package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// grant is a log-in code that has not been used.
type grant struct {
	UserID      string
	RedirectURI string
	Expires     time.Time
	Permissions []string // nil is everything
}

const (
	codeLife       = time.Hour
	shortTokenLife = time.Hour
)

// Authorize is what a person does at Instagram: it returns the code that comes
// with the redirect, without the "#_" that Instagram appends.
func (s *Server) Authorize(userID, redirectURI string) string {
	return s.newCode(userID, redirectURI, nil)
}

func (s *Server) newCode(userID, redirectURI string, permissions []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st.Counter++
	now := s.now()
	code := "AQ" + word(s.hash("code", userID, s.st.Counter, now.UnixNano()))
	s.st.Codes[digest(code)] = grant{UserID: userID, RedirectURI: redirectURI, Expires: now.Add(codeLife),
		Permissions: permissions}
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
		s.save()
		app := s.o.App
		switch {
		case c.params.Get("grant_type") != "authorization_code":
			return s.refuseLogin("Invalid grant_type")
		case c.params.Get("client_id") == "" || app.ID != "" && c.params.Get("client_id") != app.ID:
			return s.refuseLogin("Invalid platform app")
		case c.secret == "" || app.ID != "" && c.secret != app.Secret:
			return s.refuseLogin("Error validating client secret.")
		case !ok || now.After(g.Expires):
			return s.refuseLogin("Matching code was not found or was already used")
		case g.RedirectURI != c.params.Get("redirect_uri"):
			return s.refuseLogin(
				"Error validating verification code. Please make sure your redirect_uri is identical to the one " +
					"you used in the OAuth dialog request")
		}
		return s.ok(s.shortLived(g, now))
	case c.id == "access_token" && c.method == http.MethodGet:
		owner, no := s.authorize(c, now)
		if no != nil {
			return s.refuseLocked(*no)
		}
		if c.params.Get("grant_type") != "ig_exchange_token" || c.secret == "" ||
			s.o.App.ID != "" && c.secret != s.o.App.Secret {
			return s.refuseLocked(invalid("Invalid grant_type or client_secret"))
		}
		return s.ok(s.newToken(owner.UserID, now, tokenLife, s.st.Tokens[digest(c.token)].Permissions))
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

// shortLived is the answer to a code. Numbers and lists are as they are seen, unless the documents' shape is asked for.
func (s *Server) shortLived(g grant, now time.Time) map[string]any {
	granted := g.Permissions
	if granted == nil {
		granted = []string{"instagram_business_basic", "instagram_business_content_publish"}
	}
	value := s.newToken(g.UserID, now, shortTokenLife, g.Permissions)["access_token"]
	if s.asDocs {
		return map[string]any{"data": []any{
			map[string]any{"access_token": value, "user_id": g.UserID, "permissions": strings.Join(granted, ",")}}}
	}
	return map[string]any{"access_token": value, "user_id": json.Number(g.UserID), "permissions": granted}
}

// consentView is the page on which a person allows an app something.
type consentView struct {
	App         string
	Hidden      []field
	Permissions []string
	Accounts    []string
}

type field struct{ Name, Value string }

// askConsent is where a browser is sent. With login_hint the simulated person agrees to everything at once.
func (s *Server) askConsent(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if no := s.refusesLogIn(q); no != "" {
		s.refuseConsent(w, no)
		return
	}
	if hint := q.Get("login_hint"); hint != "" {
		q.Set("as", hint)
		s.decide(w, r, q, nil)
		return
	}
	v := consentView{App: q.Get("client_id")}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "scope", "state"} {
		v.Hidden = append(v.Hidden, field{name, q.Get(name)})
	}
	v.Permissions = strings.Split(q.Get("scope"), ",")
	s.mu.Lock()
	for _, a := range s.st.Accounts {
		v.Accounts = append(v.Accounts, a.Username)
	}
	s.mu.Unlock()
	s.render(w, view{Title: "Log in", Consent: &v})
}

// consent is the answer to that page.
func (s *Server) consent(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Invalid form", http.StatusBadRequest)
		return
	}
	if no := s.refusesLogIn(r.PostForm); no != "" {
		s.refuseConsent(w, no)
		return
	}
	allowed := r.PostForm["permission"]
	if allowed == nil {
		allowed = []string{}
	}
	s.decide(w, r, r.PostForm, allowed)
}

// refusesLogIn says what is wrong with a request to log in. Instagram shows that on a page of its own and sends
// nobody back.
func (s *Server) refusesLogIn(q url.Values) string {
	s.mu.Lock()
	app := s.o.App
	s.mu.Unlock()
	back, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("client_id") == "" || app.ID != "" && q.Get("client_id") != app.ID:
		return "Invalid platform app"
	case err != nil || !back.IsAbs() || app.RedirectURI != "" && q.Get("redirect_uri") != app.RedirectURI:
		return "Invalid redirect_uri"
	case q.Get("response_type") != "code":
		return "Invalid response_type"
	case !strings.Contains(q.Get("scope"), "instagram_business_basic"):
		return "Invalid scope: " + q.Get("scope")
	}
	return ""
}

func (s *Server) refuseConsent(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	s.render(w, view{Title: "Log in", Refused: message})
}

// decide sends the browser back with a code, or with the news that the person did not want to.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, q url.Values, allowed []string) {
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		s.refuseConsent(w, "Invalid redirect_uri")
		return
	}
	params := back.Query()
	params.Set("state", q.Get("state"))
	if q.Get("as") == "" {
		params.Set("error", "access_denied")
		params.Set("error_reason", "user_denied")
		params.Set("error_description", "The user denied your request")
	} else {
		a := s.named(q.Get("as"))
		if a == nil || strings.EqualFold(a.Type, "PERSONAL") {
			s.refuseConsent(w,
				"Only professional accounts can be used with this app: switch to a professional account in the "+
					"Instagram app.")
			return
		}
		params.Set("code", s.newCode(a.UserID, q.Get("redirect_uri"), allowed))
		back.Fragment = "_"
	}
	back.RawQuery = params.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}
