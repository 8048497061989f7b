package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"postern/publisher"
	"postern/store"
)

// Shapes of the JSON answers. Scripts rely on them: names and kinds of values stay.

type publicationJSON struct {
	ID          int64       `json:"id"`
	State       store.State `json:"state"`
	Reason      string      `json:"reason"`
	Next        string      `json:"next"` // "" when nothing happens by itself
	Attempts    int         `json:"attempts"`
	Kind        store.Kind  `json:"kind"`
	Caption     string      `json:"caption"`
	ContainerID string      `json:"container_id"`
	MediaID     string      `json:"media_id"`
	Permalink   string      `json:"permalink"`
	Post        struct {
		GUID  string `json:"guid"`
		URL   string `json:"url"`
		Title string `json:"title"`
	} `json:"post"`
	Account struct {
		ID       int64  `json:"id"`
		Label    string `json:"label"`
		Username string `json:"username"`
	} `json:"account"`
}

type feedJSON struct {
	ID           int64  `json:"id"`
	URL          string `json:"url"`
	Label        string `json:"label"`
	Title        string `json:"title"`
	NextPollAt   string `json:"next_poll_at"` // "" while it is paused
	LastPolledAt string `json:"last_polled_at"`
	Failures     int    `json:"failures"`
	Problem      string `json:"problem"`
}

type accountJSON struct {
	ID             int64  `json:"id"`
	Label          string `json:"label"`
	UserID         string `json:"user_id"`
	Username       string `json:"username"`
	TokenExpiresAt string `json:"token_expires_at"` // "" until a refresh told it
	Paused         bool   `json:"paused"`
	Problem        string `json:"problem"`
}

type routeJSON struct {
	Feed     int64          `json:"feed"`
	Account  int64          `json:"account"`
	Enabled  bool           `json:"enabled"`
	Settings store.Settings `json:"settings"`
}

func feedView(f store.Feed) feedJSON {
	v := feedJSON{
		ID: f.ID, URL: f.URL, Label: f.Label, Title: f.Title, NextPollAt: rfc3339(f.NextPollAt), LastPolledAt: rfc3339(f.LastPolledAt),
		Failures: f.Failures, Problem: f.Problem,
	}
	if f.Paused {
		v.NextPollAt = ""
	}
	return v
}

func accountView(a store.Account) accountJSON {
	return accountJSON{
		ID: a.ID, Label: a.Label, UserID: a.UserID, Username: a.Username, TokenExpiresAt: rfc3339(a.TokenExpiresAt), Paused: a.Paused,
		Problem: a.Problem,
	}
}

// publicationViews adds what is not stored: the words and the kind of those that are not staged yet, and when something
// happens next.
func publicationViews(ctx context.Context, s *store.Store, listed []store.Listed) ([]publicationJSON, error) {
	out := []publicationJSON{} // never null
	for _, l := range listed {
		route, err := s.Route(ctx, l.Post.FeedID, l.AccountID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		v := publicationJSON{
			ID: l.ID, State: l.State, Reason: l.Reason, Attempts: l.Tries, MediaID: l.MediaID, Permalink: l.Permalink,
		}
		draft, err := publisher.DraftOf(l, route)
		if err != nil && v.Reason == "" {
			v.Reason = err.Error()
		}
		v.Kind, v.Caption = draft.Kind, draft.Caption.Text
		next := publisher.Next(l.Publication, l.Account)
		if l.Leased && !next.IsZero() {
			next = time.Now() // in hand: its due time is only the end of the lease
		}
		v.Next = rfc3339(next)
		for _, position := range []int{0, 1} { // a carousel has none of its own until its pictures are ready
			if c, ok := l.Container(position); ok {
				v.ContainerID = c.ID
				break
			}
		}
		v.Post.GUID, v.Post.URL, v.Post.Title = l.Post.GUID, l.Post.URL, l.Post.Title
		v.Account.ID, v.Account.Label, v.Account.Username = l.Account.ID, l.Account.Label, l.Account.Username
		out = append(out, v)
	}
	return out, nil
}

// rfc3339 is a time in whole seconds, UTC; "" for none.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// table prints rows for people.
func table(w io.Writer, head []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for i, row := range append([][]string{head}, rows...) {
		for j := range row {
			row[j] = printable(row[j])
			if i > 0 && row[j] == "" {
				row[j] = "-"
			}
		}
		if _, err := fmt.Fprintln(t, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}

// printable takes the power over a terminal out of strangers' words, and puts them in one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) && r != '\u200d' && r != '\ufe0f':
			return -1
		}
		return r
	}, s)
}

// short cuts a cell of a table.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}

// oneLine is an error's text for stderr.
func oneLine(s string) string {
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return printable(strings.Join(lines, "; "))
}

// when says a time to people: near ones as a distance.
func when(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := t.Sub(now).Round(time.Second)
	switch {
	case d > -time.Second && d <= time.Second:
		return "now"
	case d > 0 && d < 24*time.Hour:
		return "in " + span(d)
	case d < 0 && d > -24*time.Hour:
		return span(-d) + " ago"
	}
	return t.Local().Format("2006-01-02 15:04")
}

func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
