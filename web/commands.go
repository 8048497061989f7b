package web

import (
	"errors"
	"net/http"
	"strings"

	"postern/publisher"
	"postern/store"
)

// did says what a button has done.
var did = map[store.Command]string{
	store.CommandPublish: "Postern publishes it as soon as the account allows.",
	store.CommandHold:    "Held. It waits until you publish or skip it.",
	store.CommandSkip:    "Skipped. It will not be published unless you say so.",
	store.CommandRetry:   "Postern tries it again from the start.",
	store.CommandConfirm: "Kept as published.",
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
		if _, err := s.store.Do(r.Context(), id, o); err != nil {
			return s.overtaken(w, r, id, err)
		}
		s.publisher.Kick()
		return s.done(w, r, publicationLink(id), notice{Text: did[c]})
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
	if shown = store.State(r.PostForm.Get("state")); shown == "" {
		shown = "not shown"
	}
	return id, shown, nil
}

// overtaken shows the publication as it stands when a form came too late for it.
func (s *Server) overtaken(w http.ResponseWriter, r *http.Request, id int64, err error) error {
	switch {
	case errors.Is(err, store.ErrConflict):
		return s.showPublication(w, r, id, http.StatusConflict, &notice{Bad: true, Text: "Nothing was done: this publication has changed since the page you sent was shown. This is how it stands now."}, nil)
	case errors.Is(err, store.ErrIllegal):
		return s.showPublication(w, r, id, http.StatusConflict, &notice{Bad: true, Text: "Nothing was done: " + plain(err)}, nil)
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

// editCaption keeps the owner's words, or returns to the site's.
func (s *Server) editCaption(w http.ResponseWriter, r *http.Request) error {
	id, shown, err := s.publicationForm(r)
	if err != nil {
		return err
	}
	l, err := s.store.Listed(r.Context(), id)
	if err != nil {
		return err
	}
	if l.State != shown {
		return s.overtaken(w, r, id, store.ErrConflict)
	}
	revision, err := formID(r, "revision")
	if err != nil {
		return s.overtaken(w, r, id, store.ErrConflict)
	}
	route, err := s.route(r.Context(), l)
	if err != nil {
		return err
	}
	edits := l.Edits
	edits.Caption = nil
	said := "Postern uses the site's words again."
	if r.PostForm.Get("reset") == "" {
		typed := strings.ReplaceAll(r.PostForm.Get("caption"), "\r\n", "\n")
		edits.Caption = &typed
		said = "Caption kept."
		edited := l
		edited.Edits = edits
		if _, err := publisher.DraftOf(edited, route); err != nil {
			return s.showPublication(w, r, id, http.StatusUnprocessableEntity, &notice{Bad: true, Text: "Not kept: " + sentence(err.Error())}, &typed)
		}
		// A form sent unchanged is no edit: the caption goes on following the site.
		if now, err := publisher.DraftOf(l, route); err == nil && strings.TrimSpace(typed) == now.Caption.Text {
			return s.done(w, r, publicationLink(id), notice{Text: "The caption is as it was."})
		}
	}
	if err := s.store.Edit(r.Context(), id, revision, edits, store.Visitor); err != nil {
		return s.overtaken(w, r, id, err)
	}
	s.publisher.Kick()
	return s.done(w, r, publicationLink(id), notice{Text: said})
}
