package page

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"postern/words"
)

// frame holds what every page shows around its content.
type frame struct {
	Title   string
	Section string // the active entry of the navigation
	Style   string // URL of the stylesheet
	Sheet   string // URL of a stylesheet for this page only
	Icon    string
	Guest   bool // not logged in: no navigation
	Open    bool // demo without log-in: no "Log out"
	Profile string
	Version string
	Theme   string // "light" or "dark" as chosen by the visitor; "" follows the system
	Here    string // path and query of this page, for forms that return to it
	Script  string // URL of the script
	Setup   string // configuration of htmx
	Events  string // URL of the event stream
	Notice  *notice
	// NoticeOver removes the notice of a page that is still open.
	NoticeOver bool
	Wrong      int // open notices, for the badge
	Asks       int // publications that wait for the owner, for the badge
}

func (s *Server) frame(r *http.Request, title, section string) frame {
	f := frame{
		Title: title, Section: section, Style: s.assets.address["style.css"], Icon: s.assets.address["mark.svg"],
		Guest: !s.gate.Inside(r), Open: s.open, Profile: webLink(s.profile), Version: s.version,
		Theme: theme(r), Here: r.URL.RequestURI(),
		Script: s.assets.address["page.js"], Setup: scriptSetup, Events: stream(r),
	}
	// An open page may refresh its parts before the response to its form arrives. Such a request must not take the
	// notice.
	if r.Header.Get("HX-Request") == "" {
		f.Notice = s.takeNotice(r.Context())
	}
	if !f.Guest {
		f.Wrong, f.Asks = s.wrong(r), s.asks(r)
	}
	return f
}

// asks counts the publications awaiting the owner, capped at mostBadge+1.
func (s *Server) asks(r *http.Request) int {
	n, err := s.store.CountUpTo(r.Context(), mostBadge+1, asking...)
	if err != nil {
		s.log.ErrorContext(r.Context(), "counting what waits for its owner", slog.Any("error", err))
	}
	return n
}

// mostBadge is the highest number shown in the navigation.
const mostBadge = 99

func atMost(n, most int) string {
	if n > most {
		return strconv.Itoa(most) + "+"
	}
	return strconv.Itoa(n)
}

// render writes a whole page, or an error page when its template fails.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("rendering: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the visitor may have closed the connection
	return nil
}

// problem renders a page that shows only an error.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, status int, title, message string) {
	if err := s.render(w, r, status, problemView(s.frame(r, title, ""), message)); err != nil {
		http.Error(w, title, status)
	}
}

// noticeRole returns the ARIA role of a notice: screen readers announce errors at once and other notices later.
func noticeRole(n notice) string {
	return ifElse(n.Bad, "alert", "status")
}

// scriptSetup configures htmx: no eval, no requests to other hosts, no inline styles.
const scriptSetup = `{"includeIndicatorCSS":false,"mode":"same-origin","history":false}`

func current(here bool) templ.Attributes {
	if here {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func trueFalse(b bool) string { return ifElse(b, "true", "false") }

func nextHeading(r *row) string { return ifElse(r != nil, "Next", words.NextHeading) }
