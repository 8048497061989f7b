package page

import (
	"errors"
	"net/http"
	"strings"

	"postern/owner"
	"postern/store"
	"postern/words"
)

// editOf returns the edited caption and pictures in a form.
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
		revision = -1 // matches no publication
	}
	e.Revision = &revision
	return e
}

// typedCaption returns the caption field of a form, or nil when the form has none.
func typedCaption(r *http.Request) *string {
	if !r.PostForm.Has("caption") {
		return nil
	}
	text := strings.ReplaceAll(r.PostForm.Get("caption"), "\r\n", "\n")
	return &text
}

// saveEdits saves the owner's caption and pictures, or restores those of the site.
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

// refuseEdits shows why an edit is invalid. The typed caption stays in its field.
func (s *Server) refuseEdits(w http.ResponseWriter, r *http.Request, id int64, err error) error {
	return s.showPublication(w, r, id, http.StatusUnprocessableEntity,
		&notice{Bad: true, Text: words.NotSaved(sentence(err.Error()))}, typedCaption(r))
}

// savedEdits describes what a form changed.
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
