package page

import (
	"context"
	"encoding/json"
	"net/http"
)

// keyNotice is what the next page says, as JSON in the session.
const keyNotice = "notice"

// notice is one message at the top of a page.
type notice struct {
	Bad      bool      `json:"bad,omitempty"`
	Text     string    `json:"text"`
	Guide    string    `json:"guide,omitempty"` // the step of the guide that helps
	Findings []finding `json:"findings,omitempty"`
}

// finding is a store.Finding that keeps its step of the guide on the way through the session.
type finding struct {
	Check, Detail, Remedy, Guide string
	OK                           bool
}

// done ends a form: the notice is shown by the page it redirects to.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to string, n notice) error {
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	s.gate.Put(r.Context(), keyNotice, b)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// takeNotice returns what the last form left to say, once.
func (s *Server) takeNotice(ctx context.Context) *notice {
	b := s.gate.Take(ctx, keyNotice)
	if b == nil {
		return nil
	}
	var n notice
	if json.Unmarshal(b, &n) != nil {
		return nil
	}
	return &n
}
