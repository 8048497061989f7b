package access

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"postern/store"
)

// A browser that logged in once keeps a second cookie, which opens nothing. It lets the browser try a password while
// strangers use up the attempts, in a throttle of its own.
const (
	browserCookie = "postern_browser"
	browserLife   = 365 * 24 * time.Hour
)

// remember gives the browser its cookie, or keeps the one it has.
func (g *Gate) remember(w http.ResponseWriter, r *http.Request) error {
	value := ""
	if g.remembered(r) != "" {
		c, _ := r.Cookie(browserCookie)
		value = c.Value
	} else {
		value = rand.Text()
	}
	if err := g.store.RememberBrowser(r.Context(), value, time.Now(), browserLife); err != nil {
		return fmt.Errorf("remembering the browser: %w", err)
	}
	http.SetCookie(w, &http.Cookie{Name: browserCookie, Value: value, Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: g.Secure(r), MaxAge: int(browserLife.Seconds())})
	return nil
}

// remembered returns a name for a browser that logged in before, "" for another one.
func (g *Gate) remembered(r *http.Request) string {
	c, err := r.Cookie(browserCookie)
	if err != nil || len(c.Value) < 26 || len(c.Value) > 64 {
		return ""
	}
	known, err := g.store.KnowsBrowser(r.Context(), c.Value, time.Now())
	if err != nil || !known {
		return ""
	}
	return "browser " + store.SessionID(c.Value)
}

// attempt counts an attempt to log in, and returns the name it is counted by and how long to wait.
func (g *Gate) attempt(t *throttle, r *http.Request) (who string, wait time.Duration) {
	if who = g.remembered(r); who != "" {
		return who, t.takeAlone(time.Now(), who)
	}
	who = g.neighbourhood(r)
	return who, t.take(time.Now(), who)
}
