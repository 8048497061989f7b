package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"postern/publisher"
	"postern/store"
)

// maxChoices is more than any post shows.
const maxChoices = 200

// chooseMedia keeps which of a post's pictures are sent, in which order and with which words, or returns to the site's.
func (s *Server) chooseMedia(w http.ResponseWriter, r *http.Request) error {
	id, shown, err := s.publicationForm(r)
	if err != nil {
		return err
	}
	l, err := s.store.Listed(r.Context(), id)
	if err != nil {
		return err
	}
	revision, err := formID(r, "revision")
	if err != nil || l.State != shown {
		return s.overtaken(w, r, id, store.ErrConflict)
	}
	bad := func(text string) error {
		return s.showPublication(w, r, id, http.StatusUnprocessableEntity, &notice{Bad: true, Text: "Not kept: " + text}, nil)
	}
	edits, said := l.Edits, "Postern uses the site's pictures again."
	edits.Media = nil
	if r.PostForm.Get("reset") == "" {
		chosen := mediaForm(r, l.Post.Media)
		if len(chosen) == 0 {
			return bad("choose at least one picture. To send none, skip the post.")
		}
		edits.Media, said = &chosen, "Pictures kept."
		route, err := s.route(r.Context(), l)
		if err != nil {
			return err
		}
		now, _ := publisher.DraftOf(l, route)
		edited := l
		edited.Edits = edits
		then, err := publisher.DraftOf(edited, route)
		if err != nil {
			return bad(sentence(err.Error()))
		}
		// A form sent unchanged is no edit: the pictures go on following the site.
		if slices.Equal(now.Items, then.Items) {
			return s.done(w, r, publicationLink(id), notice{Text: "The pictures are as they were."})
		}
	}
	if err := s.store.Edit(r.Context(), id, revision, edits, store.Visitor); err != nil {
		return s.overtaken(w, r, id, err)
	}
	s.publisher.Kick()
	return s.done(w, r, publicationLink(id), notice{Text: said})
}

// mediaForm reads the choice, in the order of the places that were typed.
func mediaForm(r *http.Request, there []store.Media) []store.EditedMedia {
	type placed struct {
		store.EditedMedia
		place int
	}
	var list []placed
	for n := range maxChoices {
		key := "-" + strconv.Itoa(n)
		url := r.PostForm.Get("url" + key)
		if url == "" {
			break
		}
		if r.PostForm.Get("show"+key) != "yes" {
			continue
		}
		p := placed{EditedMedia: store.EditedMedia{URL: url}, place: n + 1}
		if at, err := strconv.Atoi(r.PostForm.Get("place" + key)); err == nil {
			p.place = at
		}
		i := slices.IndexFunc(there, func(m store.Media) bool { return m.URL == url })
		if alt := strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("alt"+key), "\r\n", "\n")); i >= 0 && r.PostForm.Has("alt"+key) && alt != there[i].Alt {
			p.Alt = &alt
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	out := make([]store.EditedMedia, len(list))
	for i, p := range list {
		out[i] = p.EditedMedia
	}
	return out
}
