package page

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"postern/store"
)

const (
	// Commands in other processes write history too, so the stream polls the database, with one indexed read.
	eventTick = time.Second
	// The stream sends a comment line at this interval so that a broken connection is detected.
	eventBeat = 20 * time.Second
	// After this time the stream ends; the browser reconnects, which checks its session again.
	eventLife = 15 * time.Minute
	maxEvents = 1000
)

// eventStream sends a server-sent event when something happened, with the publication's id but no content. The page
// then requests its parts again. A page names the last event that it was rendered after, and a reconnecting stream (a
// browser closes it while the tab is hidden) the last event that it received; the stream starts with everything after
// that.
func (s *Server) eventStream(w http.ResponseWriter, r *http.Request) error {
	if !s.gate.Inside(r) {
		http.Error(w, "logged out", http.StatusUnauthorized)
		return nil
	}
	last, err := s.store.LastEventID(r.Context())
	if err != nil {
		return err
	}
	last = lastSeen(r, last)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx
	out := http.NewResponseController(w)
	send := func(text string) bool {
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !send(line("retry", "2000") + line("id", strconv.FormatInt(last, 10)) + "\n") {
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
			if !s.gate.GoesOn(r.Context()) {
				return nil
			}
			newest, err := s.store.LastEventID(r.Context())
			if err != nil || newest == last {
				continue // Retry at the next tick.
			}
			events, _, err := s.store.EventPage(r.Context(), store.EventQuery{After: last, Limit: maxEvents})
			if err != nil || len(events) == 0 {
				continue
			}
			last = events[0].ID // Events beyond the limit are read at the next tick.
			text = changeEvents(events)
		}
		if !send(text) {
			return nil
		}
	}
}

// lastSeen returns the id of the last event that the page knows, or newest when the request names none.
func lastSeen(r *http.Request, newest int64) int64 {
	for _, seen := range []string{r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")} {
		// An id above the newest belongs to another database, for example the one before a backup was restored.
		if id, err := strconv.ParseInt(seen, 10, 64); err == nil && id >= 0 && id <= newest {
			return id
		}
	}
	return newest
}

// changeEvents returns the server-sent events for a list of events (newest first): that something happened, and to
// which publications. The id comes last, so that an interrupted stream resends all of it.
func changeEvents(events []store.Event) string {
	var b strings.Builder
	b.WriteString(line("event", "changed") + "data:\n\n")
	seen := map[int64]bool{}
	for _, e := range events {
		if e.PublicationID != 0 && !seen[e.PublicationID] {
			seen[e.PublicationID] = true
			b.WriteString(line("event", "publication-"+strconv.FormatInt(e.PublicationID, 10)) + "data:\n\n")
		}
	}
	b.WriteString(line("id", strconv.FormatInt(events[0].ID, 10)) + "\n")
	return b.String()
}

// line returns one field of a server-sent event.
func line(name, value string) string { return name + ": " + value + "\n" }

type madeAfterKey struct{}

// watched adds to the request the id of the newest event before the page is rendered. Without it the page would miss
// the events between its rendering and the start of its script.
func (s *Server) watched(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		last, err := s.store.LastEventID(r.Context())
		if err != nil {
			return err
		}
		return h(w, r.WithContext(context.WithValue(r.Context(), madeAfterKey{}, last)))
	}
}

// stream returns the URL of the stream of events after the page was rendered.
func stream(r *http.Request) string {
	if last, ok := r.Context().Value(madeAfterKey{}).(int64); ok {
		return fmt.Sprintf("/events?after=%d", last)
	}
	return "/events"
}
