package api

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/shape"
	"postern/store"
	"postern/words"
)

// The syndication map, in the shape that sites made for POSSE Party read.

// crosspostsPage is how many are in memory at once.
const crosspostsPage = 500

// crosspost is one copy of a post.
type crosspost struct {
	Platform     string  `json:"platform"`
	Account      string  `json:"account"`
	URL          *string `json:"url"` // at Instagram
	Status       string  `json:"status"`
	CrosspostURL string  `json:"crosspost_url"` // here
	Error        *string `json:"error"`
}

// crosspostStates are our states by the words of that shape.
var crosspostStates = []struct {
	status string
	states []store.State
}{
	{"ready", []store.State{store.Queued, store.Held}},
	{"wip", []store.State{store.Staged, store.Publishing}},
	{"published", []store.State{store.Published}},
	{"failed", []store.State{store.Failed, store.Unconfirmed}},
	{"skipped", []store.State{store.Skipped}},
}

// crosspostStatuses are what the parameter "status" takes.
func crosspostStatuses() []string {
	statuses := []string{"all"}
	for _, c := range crosspostStates {
		statuses = append(statuses, c.status)
	}
	return statuses
}

func newCrosspost(x store.Crosspost, base string) crosspost {
	v := crosspost{Platform: "instagram", Account: x.Account, CrosspostURL: fmt.Sprint(base, "/publications/", x.ID)}
	for _, c := range crosspostStates {
		if slices.Contains(c.states, x.State) {
			v.Status = c.status
		}
	}
	if x.Permalink != "" {
		v.URL = &x.Permalink
	}
	if v.Status == "failed" {
		why := x.Reason.String()
		v.Error = &why
	}
	return v
}

// crossposts streams the map, or the list of one entry. A site's build may ask often: as long as nothing changed
// the answer is that, and costs two queries.
func (s *Server) crossposts(w http.ResponseWriter, r *http.Request) {
	q, states, err := crosspostsAsked(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	guid := q.Get("id")
	version, at, err := s.store.CrosspostsVersion(r.Context(), states == nil)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	base := s.base(r)
	sum := sha256.Sum256(fmt.Appendf(nil, "1 %s %s %s", version, base, r.URL.RawQuery))
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "private, no-cache") // may be kept, and is asked for each time
	h.Set("Vary", "Authorization")
	h.Set("ETag", tag)
	// A second that is not over yet: what still happens in it would have the same date.
	if !at.IsZero() && time.Since(at) > 2*time.Second {
		h.Set("Last-Modified", at.UTC().Format(http.TimeFormat))
	}
	if unchanged(r, tag, h.Get("Last-Modified")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method == http.MethodHead {
		return
	}
	out := bufio.NewWriterSize(w, 32<<10)
	err = s.writeCrossposts(r.Context(), out,
		store.CrosspostQuery{GUID: guid, States: states, Limit: crosspostsPage}, base, at)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		if r.Context().Err() == nil {
			s.log.ErrorContext(r.Context(), "crossposts broken off", slog.Any("error", err))
		}
		panic(http.ErrAbortHandler) // half a map must not look like a whole one
	}
}

func crosspostsAsked(r *http.Request) (query, []store.State, error) {
	q, err := readQuery(r, []string{"id", "status"})
	if err != nil || !q.Has("status") {
		return q, nil, err
	}
	var states []store.State
	for word := range strings.SplitSeq(q.Get("status"), ",") {
		n := len(states)
		for _, c := range crosspostStates {
			if word == c.status || word == "all" {
				states = append(states, c.states...)
			}
		}
		if len(states) == n {
			return q, nil, refuse(http.StatusBadRequest, words.APIStatusUnknown(word, crosspostStatuses()))
		}
	}
	slices.Sort(states)
	return q, slices.Compact(states), nil
}

// writeCrossposts writes the map, or with a guid the bare list.
func (s *Server) writeCrossposts(ctx context.Context, out *bufio.Writer, q store.CrosspostQuery, base string,
	at time.Time) error {
	bare := q.GUID != ""
	write := func(text string) { _, _ = out.WriteString(text) } // Flush tells
	encode := func(v any) error {
		b, err := json.Marshal(v)
		_, _ = out.Write(b)
		return err
	}
	write(ifElse(bare, "[", `{"crossposts":{`))
	for first := true; ; {
		list, err := s.store.Crossposts(ctx, q)
		if err != nil {
			return err
		}
		for _, x := range list {
			switch {
			case bare && first:
			case bare, x.GUID == q.AfterGUID:
				write(",")
			default:
				write(ifElse(first, "", "],"))
				if err := encode(x.GUID); err != nil {
					return err
				}
				write(":[")
			}
			if err := encode(newCrosspost(x, base)); err != nil {
				return err
			}
			first, q.AfterGUID, q.AfterID = false, x.GUID, x.ID
		}
		if len(list) < q.Limit {
			break
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	if bare {
		write("]\n")
		return nil
	}
	write(ifElse(q.AfterGUID == "", "}", "]}") + `,"updated_at":`)
	var updated *string
	if text := shape.Time(at); text != "" {
		updated = &text
	}
	if err := encode(updated); err != nil {
		return err
	}
	write("}\n")
	return nil
}

// base is the address of these pages: the public one, or else what the request was sent to.
func (s *Server) base(r *http.Request) string {
	if s.public != "" {
		return s.public
	}
	return ifElse(r.TLS != nil, "https://", "http://") + r.Host
}

// unchanged says whether what is asked for is what the program has already: RFC 9110, section 13.2.2.
func unchanged(r *http.Request, tag, modified string) bool {
	if match := r.Header.Get("If-None-Match"); match != "" {
		for one := range strings.SplitSeq(match, ",") {
			if one = strings.TrimSpace(one); one == "*" ||
				strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	if err != nil || modified == "" {
		return false
	}
	at, _ := http.ParseTime(modified) // our own
	return !at.After(since)
}
