package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"postern/store"
)

// did says what a button has done.
var did = map[store.Command]string{
	store.CommandPublish: "Postern publishes it now.",
	store.CommandApprove: "Approved. It goes out in its turn.",
	store.CommandHold:    "On hold. It stays here until you approve, publish or skip it.",
	store.CommandSkip:    "Skipped. It will not be published unless you say so.",
	store.CommandRetry:   "Postern tries it again from the start.",
	store.CommandConfirm: "Kept as published.",
}

// didOn says what a button has done on a publication that was in the state before.
func didOn(c store.Command, before store.State) string {
	if c == store.CommandApprove && before == store.Skipped {
		return "Back in the queue. It goes out in its turn."
	}
	return did[c]
}

// command answers one of the buttons of a publication.
func (s *Server) command(c store.Command) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, shown, err := s.publicationForm(r)
		if err != nil {
			return err
		}
		bad := func(message string) error {
			return s.showPublication(w, r, id, http.StatusUnprocessableEntity, &notice{Bad: true, Text: message}, nil)
		}
		o := store.Order{Command: c, By: store.Visitor, Shown: shown}
		switch c {
		case store.CommandRetry:
			o.NotLive = r.PostForm.Get("not_live") == "yes"
			if shown == store.Unconfirmed && !o.NotLive {
				return bad("Nothing was done. It may be live: look at the profile, then tick the box if it is not there.")
			}
		case store.CommandConfirm:
			o.Permalink = strings.TrimSpace(r.PostForm.Get("permalink"))
			if o.Permalink != "" && webLink(o.Permalink) == "" {
				return bad("Nothing was done. The address of the post starts with https://. Leave it empty if you do not know it.")
			}
		}
		l, err := s.store.Listed(r.Context(), id)
		if err != nil {
			return err
		}
		route, err := s.route(r.Context(), l)
		if err != nil {
			return err
		}
		var typed *string
		if o.Edits, typed, err = edited(r, l, route); err != nil && l.State == shown {
			return s.refuseEdits(w, r, id, err, typed)
		}
		if o.Edits != nil {
			if o.Revision, err = formID(r, "revision"); err != nil {
				return s.overtaken(w, r, id, store.ErrConflict)
			}
		}
		p, err := s.store.Do(r.Context(), id, o)
		if err != nil {
			return s.overtaken(w, r, id, err)
		}
		s.publisher.Kick()
		said, err := s.answered(r.Context(), c, l, p)
		if err != nil {
			return err
		}
		return s.done(w, r, publicationLink(id), notice{Text: said})
	}
}

// publicationForm reads what every form about a publication sends. A form without the state it showed could decide
// about something its sender never saw.
func (s *Server) publicationForm(r *http.Request) (id int64, shown store.State, err error) {
	if id, err = pathID(r); err != nil {
		return 0, "", err
	}
	if err := r.ParseForm(); err != nil {
		return 0, "", err
	}
	// A button of the part that is read again says the state it shows; the form around the fields may be older.
	if shown = store.State(cmp.Or(r.PostForm.Get("shown"), r.PostForm.Get("state"))); shown == "" {
		shown = "not shown"
	}
	return id, shown, nil
}

// overtaken shows the publication as it stands when a form came too late for it.
// A caption that was typed there is not lost.
func (s *Server) overtaken(w http.ResponseWriter, r *http.Request, id int64, err error) error {
	var typed *string
	if text := strings.ReplaceAll(r.PostForm.Get("caption"), "\r\n", "\n"); r.PostForm.Has("caption") && captionMark(text) != r.PostForm.Get("caption_shown") {
		typed = &text
	}
	switch {
	case errors.Is(err, store.ErrConflict):
		return s.showPublication(w, r, id, http.StatusConflict, &notice{Bad: true, Text: "Nothing was done. This post changed meanwhile. Here is its current state."}, typed)
	case errors.Is(err, store.ErrIllegal):
		return s.showPublication(w, r, id, http.StatusConflict, &notice{Bad: true, Text: "Nothing was done. " + plain(err)}, typed)
	}
	return err
}

// plain is an error of the store for its reader, without the words that programs match.
func plain(err error) string {
	return sentence(strings.TrimSuffix(err.Error(), ": "+store.ErrIllegal.Error()))
}

func (s *Server) checkAgain(w http.ResponseWriter, r *http.Request) error {
	id, shown, err := s.publicationForm(r)
	if err != nil {
		return err
	}
	l, err := s.store.Publication(r.Context(), id)
	if err != nil {
		return err
	}
	if l.State != shown {
		return s.overtaken(w, r, id, store.ErrConflict)
	}
	p, err := s.publisher.CheckAgain(r.Context(), id, store.Visitor)
	switch {
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrIllegal):
		return s.overtaken(w, r, id, err)
	case err != nil:
		return s.showPublication(w, r, id, http.StatusBadGateway, &notice{Bad: true, Text: "Postern could not look: " + sentence(err.Error())}, nil)
	}
	s.publisher.Kick()
	if p.State == store.Published {
		return s.done(w, r, publicationLink(id), notice{Text: "It is live. Kept as published."})
	}
	return s.done(w, r, publicationLink(id), notice{Text: "Postern looked again and found no sign that settles it."})
}
