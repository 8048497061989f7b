package web

import (
	"net/http"
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
	c := &http.Cookie{Name: themeCookie, Value: r.PostForm.Get("theme"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.https || r.TLS != nil, MaxAge: int((365 * 24 * time.Hour).Seconds())}
	if c.Value != "light" && c.Value != "dark" {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
	http.Redirect(w, r, ownPath(r.PostForm.Get("here")), http.StatusSeeOther)
	return nil
}

// ownPath keeps a redirect on this host.
func ownPath(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n") {
		return "/"
	}
	return p
}
