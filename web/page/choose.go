package page

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"postern/store"
)

// maxChoices limits how many pictures of a form are read. No post has more.
const maxChoices = 200

// mediaForm reads the chosen pictures, sorted by the positions that the owner typed.
func mediaForm(r *http.Request) []store.EditedMedia {
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
		if r.PostForm.Has("alt" + key) {
			alt := strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("alt"+key), "\r\n", "\n"))
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
