package page

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const themeCookie = "postern_theme"

// theme is the visitor's choice, "" to follow the system.
func theme(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || (c.Value != "light" && c.Value != "dark") {
		return ""
	}
	return c.Value
}

// chooseTheme keeps the choice in the browser it was made in, and leads back to where it was made.
func (s *Server) chooseTheme(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	c := &http.Cookie{Name: themeCookie, Value: r.PostForm.Get("theme"), Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.gate.Secure(r), MaxAge: int((365 * 24 * time.Hour).Seconds())}
	if c.Value != "light" && c.Value != "dark" {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
	http.Redirect(w, r, ownPath(r.PostForm.Get("here")), http.StatusSeeOther)
	return nil
}

// ownPath keeps a redirect on this host. Browsers drop tabs and line breaks and take a backslash for a slash, so
// that such a path may be the address of another host.
func ownPath(p string) string {
	u, err := url.Parse(p) // refuses control characters
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(p, "\\ ") {
		return "/"
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
}
