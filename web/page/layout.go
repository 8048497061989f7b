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

// frame is what every page shows around its content.
type frame struct {
	Title   string
	Section string // the entry of the navigation that is marked
	Style   string // addresses of the assets
	Sheet   string // of this page alone
	Icon    string
	Guest   bool // not logged in: no navigation
	Open    bool // the demo: nothing to log out of
	Profile string
	Version string
	Theme   string // "light" or "dark" as the visitor chose, "" as the system has it
	Here    string // path and query, for the forms that lead back
	Script  string // the address of its script
	Setup   string // the setting of the script
	Events  string // where the script learns what happens from now on
	Notice  *notice
	// NoticeOver takes away the notice of a page that is still open.
	NoticeOver bool
	Wrong      int // open notices, for the badge
	Asks       int // publications that wait for their owner, for the badge
}

func (s *Server) frame(r *http.Request, title, section string) frame {
	f := frame{
		Title: title, Section: section, Style: s.assets.address["style.css"], Icon: s.assets.address["mark.svg"],
		Guest: !s.gate.Inside(r), Open: s.open, Profile: webLink(s.profile), Version: s.version,
		Theme: theme(r), Here: r.URL.RequestURI(),
		Script: s.assets.address["page.js"], Setup: scriptSetup, Events: stream(r),
	}
	// A page that is still open may read its parts again before the answer to its form is shown, and shows no notice.
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

// mostBadge is the highest number in the navigation.
const mostBadge = 99

func atMost(n, most int) string {
	if n > most {
		return strconv.Itoa(most) + "+"
	}
	return strconv.Itoa(n)
}

// render writes a whole page or, when its template fails, none of it.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("rendering: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the visitor may have left
	return nil
}

// problem shows a page that has nothing but bad news.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, status int, title, message string) {
	if err := s.render(w, r, status, problemView(s.frame(r, title, ""), message)); err != nil {
		http.Error(w, title, status)
	}
}

// noticeRole lets a screen reader speak bad news at once and good news in its turn.
func noticeRole(n notice) string {
	return ifElse(n.Bad, "alert", "status")
}

// scriptSetup is the setting of htmx: no code made of words, nothing from another host, no style of its own.
const scriptSetup = `{"includeIndicatorCSS":false,"mode":"same-origin","history":false}`

func current(here bool) templ.Attributes {
	if here {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func trueFalse(b bool) string { return ifElse(b, "true", "false") }

func nextHeading(r *row) string { return ifElse(r != nil, "Next", words.NextHeading) }
