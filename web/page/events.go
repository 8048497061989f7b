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
	// A command in another process writes history too, so it is the database that is asked: one look at an index.
	eventTick = time.Second
	// A line that means nothing, so that a connection that is no more is noticed.
	eventBeat = 20 * time.Second
	// The browser connects again then, and shows whether it is still logged in.
	eventLife = 15 * time.Minute
	maxEvents = 1000
)

// eventStream tells a page that something happened, and to which publication; the page reads itself again. It
// carries no content: what a page shows is made in one place. The page names the last event it was made after,
// and a stream that broke off, as it does while its tab is hidden, the last one it was told of: what came
// meanwhile is told first.
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
				continue // what fails now is asked again in a second
			}
			events, _, err := s.store.EventPage(r.Context(), store.EventQuery{After: last, Limit: maxEvents})
			if err != nil || len(events) == 0 {
				continue
			}
			last = events[0].ID // the newest of the page; if there are more, the next look tells them
			text = changeEvents(events)
		}
		if !send(text) {
			return nil
		}
	}
}

// lastSeen returns the last event that the page knows, or newest when it does not say.
func lastSeen(r *http.Request, newest int64) int64 {
	for _, seen := range []string{r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")} {
		// A number above the newest is of another database, such as the one before a backup was restored.
		if id, err := strconv.ParseInt(seen, 10, 64); err == nil && id >= 0 && id <= newest {
			return id
		}
	}
	return newest
}

// changeEvents returns what a stream sends about events, newest first: that there were some, and whose. The number to go on
// from comes last, so that a stream that breaks off in between says all of it again.
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

// line returns a field of a stream of events.
func line(name, value string) string { return name + ": " + value + "\n" }

type madeAfterKey struct{}

// watched lets a page name the last event there was before it was made. What comes between that and the stream it asks
// for would otherwise never be shown: a page that arrives takes its time until its script runs.
func (s *Server) watched(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		last, err := s.store.LastEventID(r.Context())
		if err != nil {
			return err
		}
		return h(w, r.WithContext(context.WithValue(r.Context(), madeAfterKey{}, last)))
	}
}

// stream is the address of the events that come after a page.
func stream(r *http.Request) string {
	if last, ok := r.Context().Value(madeAfterKey{}).(int64); ok {
		return fmt.Sprintf("/events?after=%d", last)
	}
	return "/events"
}
