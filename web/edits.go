package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"postern/draft"
	"postern/store"
)

// errNoPicture is the answer to a form in which every picture was left out.
var errNoPicture = errors.New("choose at least one picture. To send none, skip the post")

// edited reads the caption and the pictures that a form carries. nil: the form changes neither. typed is the
// caption as it was typed, nil when the form holds none.
func edited(r *http.Request, l store.Listed, route store.Route) (e *store.Edits, typed *string, err error) {
	now, fault := draft.Of(l, route)
	edits := l.Edits
	if r.PostForm.Has("caption") {
		text := strings.ReplaceAll(r.PostForm.Get("caption"), "\r\n", "\n")
		typed = &text
		if !isShownCaption(r.PostForm.Get("caption_shown"), text, now, fault) {
			edits.Caption = &text
		}
	}
	if r.PostForm.Has("url-0") {
		chosen := mediaForm(r, l.Post.Media)
		if len(chosen) == 0 {
			return nil, typed, errNoPicture
		}
		with := l
		with.Edits.Media = &chosen
		then, err := draft.Of(with, route)
		if err != nil {
			return nil, typed, err
		}
		// A form sent unchanged is no edit: the pictures go on following the site.
		if !slices.Equal(now.Items, then.Items) {
			edits.Media = &chosen
		}
	}
	switch r.PostForm.Get("reset") {
	case "caption":
		edits.Caption = nil
	case "pictures":
		edits.Media = nil
	}
	if edits == l.Edits {
		return nil, typed, nil
	}
	with := l
	with.Edits, with.Kind = edits, "" // what was frozen does not bind a publication that is held again
	if _, err := draft.Of(with, route); err != nil {
		return nil, typed, err
	}
	return &edits, typed, nil
}

// isShownCaption reports whether the typed caption is the one that the page showed, so that it goes on following
// the site.
func isShownCaption(shown, typed string, now draft.Draft, fault error) bool {
	if shown != "" {
		return shown == captionMark(typed)
	}
	return fault == nil && strings.TrimSpace(typed) == strings.TrimSpace(now.Caption.Text)
}

// captionMark returns a short name of a caption, by which a form says which one it showed.
func captionMark(caption string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(caption)))
	return hex.EncodeToString(sum[:8])
}

// saveEdits keeps the owner's caption and pictures, or returns to the site's.
func (s *Server) saveEdits(w http.ResponseWriter, r *http.Request) error {
	id, shown, err := s.publicationForm(r)
	if err != nil {
		return err
	}
	l, err := s.store.Listed(r.Context(), id)
	if err != nil {
		return err
	}
	route, err := s.route(r.Context(), l)
	if err != nil {
		return err
	}
	e, typed, err := edited(r, l, route)
	if err != nil && l.State == shown {
		return s.refuseEdits(w, r, id, err, typed)
	}
	revision, badRevision := formID(r, "revision")
	if l.State != shown || badRevision != nil {
		return s.overtaken(w, r, id, store.ErrConflict)
	}
	if e == nil {
		return s.done(w, r, publicationLink(id), notice{Text: "Nothing changed."})
	}
	if err := s.store.Edit(r.Context(), id, revision, *e, store.Visitor); err != nil {
		return s.overtaken(w, r, id, err)
	}
	s.publisher.Kick()
	return s.done(w, r, publicationLink(id), notice{Text: savedEdits(r, l.Edits, *e)})
}

// refuseEdits shows what is wrong with an edit. The typed caption stays in its field.
func (s *Server) refuseEdits(w http.ResponseWriter, r *http.Request, id int64, err error, typed *string) error {
	return s.showPublication(w, r, id, http.StatusUnprocessableEntity,
		&notice{Bad: true, Text: "Not saved: " + sentence(err.Error())}, typed)
}

// savedEdits says what a form has changed.
func savedEdits(r *http.Request, before, after store.Edits) string {
	switch r.PostForm.Get("reset") {
	case "caption":
		return "The caption follows your site again."
	case "pictures":
		return "The pictures follow your site again."
	}
	switch caption, media := before.Caption != after.Caption, before.Media != after.Media; {
	case caption && media:
		return "Caption and pictures saved."
	case media:
		return "Pictures saved."
	}
	return "Caption saved."
}
