package page

import (
	"errors"
	"net/http"
	"postern/store"
	"postern/words"
	"time"
)

// tokenLine is one API token in Settings.
type tokenLine struct {
	ID    int64
	Label string
	May   string
	Made  moment
	Used  moment
}

func newTokenLines(list []store.Token, now time.Time) []tokenLine {
	var out []tokenLine
	for _, t := range list {
		out = append(out, tokenLine{
			ID: t.ID, Label: t.Label, May: ifElse(t.Scope == store.WriteScope, words.TokenReadsWrites, "reads"),
			Made: newMoment(t.CreatedAt, now), Used: newMoment(t.LastUsedAt, now),
		})
	}
	return out
}

// addToken creates a token and shows it in this response only. It does not redirect, because the value would have to
// be stored in between.
func (s *Server) addToken(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	t, value, err := s.orders.AddToken(r.Context(), r.PostForm.Get("label"),
		r.PostForm.Get("scope") == string(store.WriteScope))
	if errors.Is(err, store.ErrLabel) {
		return s.showInstallation(w, r, http.StatusUnprocessableEntity,
			installationView{Wrong: words.TokenNotMade(sentence(err.Error()))})
	}
	if err != nil {
		return err
	}
	return s.showInstallation(w, r, http.StatusOK, installationView{Token: value, TokenOf: t.Label})
}

func (s *Server) removeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	t, err := s.orders.RemoveToken(r.Context(), id)
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings", notice{Text: words.TokenRevoked(t.Label)})
}
