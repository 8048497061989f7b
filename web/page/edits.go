package page

import (
	"errors"
	"net/http"
	"strings"

	"postern/owner"
	"postern/store"
	"postern/words"
)

// editOf returns the caption and the pictures that a form carries.
func editOf(r *http.Request) *owner.Edit {
	e := &owner.Edit{IsForm: true, Caption: typedCaption(r), ShownCaption: r.PostForm.Get("caption_shown")}
	if r.PostForm.Has("url-0") {
		chosen := mediaForm(r)
		e.Pictures = &chosen
	}
	switch r.PostForm.Get("reset") {
	case "caption":
		e.CaptionFollows = true
	case "pictures":
		e.PicturesFollow = true
	}
	revision, err := formID(r, "revision")
	if err != nil {
		revision = -1 // that of no publication
	}
	e.Revision = &revision
	return e
}

// typedCaption returns the caption as it was typed, nil when the form holds none.
func typedCaption(r *http.Request) *string {
	if !r.PostForm.Has("caption") {
		return nil
	}
	text := strings.ReplaceAll(r.PostForm.Get("caption"), "\r\n", "\n")
	return &text
}

// saveEdits keeps the owner's caption and pictures, or returns to the site's.
func (s *Server) saveEdits(w http.ResponseWriter, r *http.Request) error {
	id, shown, err := s.publicationForm(r)
	if err != nil {
		return err
	}
	_, badRevision := formID(r, "revision")
	saved, err := s.orders.Edit(r.Context(), id, shown, *editOf(r))
	var edit *owner.EditError
	switch {
	case errors.As(err, &edit):
		return s.refuseEdits(w, r, id, err)
	case err == nil && badRevision != nil:
		return s.overtaken(w, r, id, store.ErrConflict)
	case err != nil:
		return s.overtaken(w, r, id, err)
	case saved == owner.Edited{}:
		return s.done(w, r, publicationLink(id), notice{Text: words.DoneNoEdit})
	}
	return s.done(w, r, publicationLink(id), notice{Text: savedEdits(r, saved)})
}

// refuseEdits shows what is wrong with an edit. The typed caption stays in its field.
func (s *Server) refuseEdits(w http.ResponseWriter, r *http.Request, id int64, err error) error {
	return s.showPublication(w, r, id, http.StatusUnprocessableEntity,
		&notice{Bad: true, Text: words.NotSaved(sentence(err.Error()))}, typedCaption(r))
}

// savedEdits says what a form has changed.
func savedEdits(r *http.Request, saved owner.Edited) string {
	switch r.PostForm.Get("reset") {
	case "caption":
		return words.DoneCaptionFollows
	case "pictures":
		return words.DonePicturesFollow
	}
	switch {
	case saved.Caption && saved.Pictures:
		return words.DoneEdits
	case saved.Pictures:
		return words.DoneEditPictures
	}
	return words.DoneEditCaption
}
