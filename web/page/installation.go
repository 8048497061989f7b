package page

import (
	"cmp"
	"errors"
	"net/http"
	"runtime"
	"time"

	"postern/store"
	"postern/web/access"
	"postern/words"
)

type installationView struct {
	frame
	Sessions  []sessionLine
	MinLength int
	Public    string // web.base_url; "" when not set
	Folder    string // public URL from which Instagram fetches files; "" for none
	Asked     moment // time of the last check of the public URL
	Shut      string // why Instagram cannot fetch files, as found by that check
	Fill      int    // used part of the media directory's limit, in percent
	Files     string // size of the prepared media
	Limit     string // limit of that size
	Database  string
	Targets   int // number of notification targets
	Go        string
	Tokens    []tokenLine
	Token     string // a new API token, shown only in this response
	TokenOf   string // its label
	Wrong     string // what is wrong with a submitted form
	Advice    []string
}

// sessionLine is one logged-in browser.
type sessionLine struct {
	ID    string
	Here  bool
	Until moment
}

func (s *Server) installationPage(w http.ResponseWriter, r *http.Request) error {
	return s.showInstallation(w, r, http.StatusOK, installationView{})
}

// showInstallation renders the page with the result of a form.
func (s *Server) showInstallation(w http.ResponseWriter, r *http.Request, status int, v installationView) error {
	v.Advice = s.advice(r)
	v.MinLength, v.Public, v.Go = access.MinPassword, s.public, runtime.Version()
	now := time.Now()
	if !s.open {
		list, err := s.store.Sessions(r.Context())
		if err != nil {
			return err
		}
		here := store.SessionID(s.gate.Session(r.Context()))
		for _, x := range list {
			if !s.gate.Opens(x.Data) {
				continue // a session that never logged in
			}
			v.Sessions = append(v.Sessions,
				sessionLine{ID: x.ID, Here: x.ID == here, Until: newMoment(x.ExpiresAt, now)})
		}
	}
	tokens, err := s.store.Tokens(r.Context())
	if err != nil {
		return err
	}
	v.Tokens = newTokenLines(tokens, now)
	used, limit, err := s.media.Fill()
	if err != nil {
		return err
	}
	v.Files, v.Limit, v.Fill = bytesWord(used), bytesWord(limit), int(100*used/max(limit, 1))
	report, err := s.address.Last(r.Context())
	if err != nil {
		return err
	}
	v.Asked, v.Shut = newMoment(report.At, now), sentence(cmp.Or(report.Shut, report.Unsure))
	if !s.address.None() {
		v.Folder = s.address.Folder()
	}
	told, err := s.store.Addresses(r.Context())
	if err != nil {
		return err
	}
	v.Targets = len(told)
	size, err := s.store.Size(r.Context())
	if err != nil {
		return err
	}
	v.Database = bytesWord(size)
	v.frame = s.frame(r, "Settings", "settings")
	if v.Wrong != "" {
		v.Notice = &notice{Bad: true, Text: v.Wrong}
	}
	return s.render(w, r, status, installationTempl(v))
}

// checkAddress checks now whether Instagram can fetch files from the public URL.
func (s *Server) checkAddress(w http.ResponseWriter, r *http.Request) error {
	found := s.address.Check(r.Context())
	return s.done(w, r, "/settings", checked(words.ThePublicURL, found))
}

// endSession logs another browser out.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	err := s.store.EndSession(r.Context(), r.PostForm.Get("session"))
	if errors.Is(err, store.ErrNotFound) {
		return s.done(w, r, "/settings", notice{Bad: true, Text: words.BrowserLoggedOutAlready})
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings", notice{Text: words.BrowserLoggedOut})
}

// changePassword sets a new password and logs every other browser out.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) error {
	if s.open {
		return store.ErrNotFound
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	hash, err := s.store.PasswordHash(r.Context())
	if err != nil {
		return err
	}
	ok, wait, err := s.gate.TryPassword(r, r.PostForm.Get("current"), hash)
	if err != nil {
		return err
	}
	if wait > 0 {
		return s.showInstallation(w, r, http.StatusTooManyRequests, installationView{Wrong: TooMany(w, wait)})
	}
	if !ok {
		return s.showInstallation(w, r, http.StatusUnprocessableEntity,
			installationView{Wrong: words.PasswordStaysBad})
	}
	if r.PostForm.Get("password") != r.PostForm.Get("again") {
		return s.showInstallation(w, r, http.StatusUnprocessableEntity,
			installationView{Wrong: words.PasswordStaysDiff})
	}
	err = s.gate.ChangePassword(r, r.PostForm.Get("password"))
	if errors.Is(err, access.ErrPassword) {
		return s.showInstallation(w, r, http.StatusUnprocessableEntity,
			installationView{Wrong: words.PasswordStays(sentence(err.Error()))})
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings", notice{Text: words.PasswordChanged})
}
