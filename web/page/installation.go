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
	Public    string // web.base_url, "" for none
	Folder    string // where Instagram fetches files, "" for nowhere
	Asked     moment // when it was last found out whether it can
	Shut      string // why it cannot, as far as is known
	Fill      int    // of the folder of prepared media, in percent
	Files     string // what the prepared media take
	Limit     string // of what they may
	Database  string
	Targets   int // that notices are sent to
	Go        string
	Tokens    []tokenLine
	Token     string // the one that was just made, shown this once
	TokenOf   string // its label
	Wrong     string // about a form that was sent
	Advice    []string
}

// sessionLine is one browser that is logged in.
type sessionLine struct {
	ID    string
	Here  bool
	Until moment
}

func (s *Server) installationPage(w http.ResponseWriter, r *http.Request) error {
	return s.showInstallation(w, r, http.StatusOK, installationView{})
}

// showInstallation shows the page with what a form has to say.
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
				continue // somebody's who never logged in
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

// checkAddress asks now whether Instagram can fetch files here.
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

// changePassword sets another password, which logs every other browser out.
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
