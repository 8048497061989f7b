package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"postern/store"
)

const (
	// A command in another process writes history too, so it is the database that is asked: one look at an index.
	eventTick = time.Second
	// A line that means nothing, so that a connection that is no more is noticed.
	eventBeat = 20 * time.Second
	// The browser connects again then, and shows whether it is still logged in.
	eventLife = 15 * time.Minute
	mostTold  = 100
)

// eventStream tells a page that something happened, and to which publication; the page reads itself again. It carries no
// content: what a page shows is made in one place.
func (s *Server) eventStream(w http.ResponseWriter, r *http.Request) error {
	if !s.inside(r) {
		http.Error(w, "logged out", http.StatusUnauthorized)
		return nil
	}
	last, err := s.store.LastEventID(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx
	out := http.NewResponseController(w)
	send := func(text string) bool {
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !send("retry: 2000\n\n") {
		return nil
	}
	tick, beat, end := time.NewTicker(eventTick), time.NewTicker(eventBeat), time.NewTimer(eventLife)
	defer tick.Stop()
	defer beat.Stop()
	defer end.Stop()
	for {
		var text string
		select {
		case <-r.Context().Done():
			return nil
		case <-end.C:
			return nil
		case <-beat.C:
			text = ":\n\n"
		case <-tick.C:
			newest, err := s.store.LastEventID(r.Context())
			if err != nil || newest == last {
				continue // what fails now is asked again in a second
			}
			events, _, err := s.store.EventPage(r.Context(), store.EventQuery{After: last, Limit: mostTold})
			if err != nil {
				continue
			}
			text, last = told(events), newest
		}
		if !send(text) {
			return nil
		}
	}
}

// told is what a stream says about events: that there were some, and whose.
func told(events []store.Event) string {
	var b strings.Builder
	b.WriteString("event: changed\ndata:\n\n")
	seen := map[int64]bool{}
	for _, e := range events {
		if e.PublicationID != 0 && !seen[e.PublicationID] {
			seen[e.PublicationID] = true
			fmt.Fprintf(&b, "event: publication-%d\ndata:\n\n", e.PublicationID)
		}
	}
	return b.String()
}
