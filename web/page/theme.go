package page

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const themeCookie = "postern_theme"

// theme returns the visitor's choice, or "" to follow the system.
func theme(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || (c.Value != "light" && c.Value != "dark") {
		return ""
	}
	return c.Value
}

// chooseTheme stores the choice in a cookie and redirects back to the page.
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

// ownPath returns p if a redirect to it stays on this host, else "/". Browsers drop tabs and line breaks and treat a
// backslash as a slash, so a path with those may lead to another host.
func ownPath(p string) string {
	u, err := url.Parse(p) // returns an error for control characters
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(p, "\\ ") {
		return "/"
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
}
