package page

import (
	"context"
	"encoding/json"
	"net/http"
)

// keyNotice is the session key of the next page's notice, as JSON.
const keyNotice = "notice"

// notice is one message at the top of a page.
type notice struct {
	Bad      bool      `json:"bad,omitempty"`
	Text     string    `json:"text"`
	Guide    string    `json:"guide,omitempty"` // link to the step of the guide that helps
	Findings []finding `json:"findings,omitempty"`
}

// finding is a store.Finding that keeps its step of the guide when it is stored in the session as JSON.
type finding struct {
	Check, Detail, Remedy, Guide string
	OK                           bool
}

// done redirects after a form and stores the notice that the next page shows.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to string, n notice) error {
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	s.gate.Put(r.Context(), keyNotice, b)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// takeNotice removes the pending notice from the session and returns it.
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
