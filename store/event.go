package store

import (
	"context"
	"slices"
	"time"

	"postern/reason"
)

// Actor says who caused an event.
type Actor string

// The possible actors.
const (
	System  Actor = "system"
	CLI     Actor = "cli"  // a person on the command line
	Visitor Actor = "user" // the owner, on the web pages or through the API
)

// Event is one line of the history. Events are appended and never changed.
type Event struct {
	ID            int64
	At            time.Time
	FeedID        int64 // 0 if there is none; the same holds for the next two ids
	AccountID     int64
	PublicationID int64
	Actor         Actor // System when empty
	Kind          string
	From, To      State
	Code, Subcode int    // Meta's error codes; 0 for none
	TraceID       string // Meta's fbtrace_id
	Message       string
	Reason        reason.Code // code of the reason that Message states; "" if Message states none
}

func addEvent(ctx context.Context, tx *transaction, events ...Event) error {
	id := func(v int64) any { return ifElse[any](v == 0, nil, v) }
	at := millis(time.Now())
	return bulk(events, func(part []Event) error {
		const columns = 13
		args := make([]any, 0, columns*len(part))
		for _, e := range part {
			args = append(args, at, id(e.FeedID), id(e.AccountID), id(e.PublicationID),
				ifElse(e.Actor == "", System, e.Actor),
				e.Kind, e.From, e.To, e.Code, e.Subcode, e.TraceID, e.Message, e.Reason)
		}
		_, err := tx.ExecContext(ctx,
			`INSERT INTO events (at, feed_id, account_id, publication_id, actor, kind, from_state, to_state, code,
				subcode, trace_id, message, reason_code)
			VALUES `+places(len(part), columns), args...)
		return err
	})
}

// AddEvent appends to the history an event that changes no other row.
func (s *Store) AddEvent(ctx context.Context, e Event) error {
	return s.write(ctx, func(tx *transaction) error { return addEvent(ctx, tx, e) })
}

const eventColumns = `id, at, coalesce(feed_id, 0), coalesce(account_id, 0), coalesce(publication_id, 0), actor, kind,
	from_state, to_state, code, subcode, trace_id, message, reason_code`

func scanEvent(row scanner) (Event, error) {
	var e Event
	return e, row.Scan(&e.ID, instant{&e.At}, &e.FeedID, &e.AccountID, &e.PublicationID, &e.Actor, &e.Kind,
		&e.From, &e.To,
		&e.Code, &e.Subcode, &e.TraceID, &e.Message, &e.Reason)
}

// EventsOf returns the history of one publication, oldest first.
func (s *Store) EventsOf(ctx context.Context, publicationID int64) ([]Event, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+eventColumns+` FROM events WHERE publication_id = $1 ORDER BY id`,
		publicationID)
	return collect(rows, err, scanEvent)
}

// LastEventsOf returns the newest events of one publication, at most limit, oldest first.
func (s *Store) LastEventsOf(ctx context.Context, publicationID int64, limit int) ([]Event, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+eventColumns+` FROM events WHERE publication_id = $1 ORDER BY id DESC LIMIT $2`, publicationID, limit)
	list, err := collect(rows, err, scanEvent)
	slices.Reverse(list)
	return list, err
}

// Events returns the newest events of the whole history, at most limit, newest first.
func (s *Store) Events(ctx context.Context, limit int) ([]Event, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+eventColumns+` FROM events ORDER BY id DESC LIMIT $1`, limit)
	return collect(rows, err, scanEvent)
}

// LastEventID returns the id of the newest event, or 0. Later events have higher ids.
func (s *Store) LastEventID(ctx context.Context) (int64, error) {
	var id int64
	return id, s.r.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM events`).Scan(&id)
}
