package owner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/draft"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// ErrNoPicture is the error of an edit that leaves out every picture.
var ErrNoPicture = errors.New(words.EditNoPicture)

// Edit is what a person changes of a publication's caption and pictures.
type Edit struct {
	Caption *string // replaces the one there is; nil leaves it
	// Pictures are those to send, in their order. An alt text that is the site's own is no edit. nil leaves them.
	Pictures *[]store.EditedMedia

	CaptionFollows bool   // the caption follows the site again
	PicturesFollow bool   // the pictures follow the site again
	IsForm         bool   // a caption that is sent back as the form showed it is no edit
	ShownCaption   string // CaptionMark of the caption that the form showed; "" is the caption there is
	Revision       *int64 // the one that the person saw; nil is the one there is
}

// EditError is the error of an edit that Instagram would not take.
type EditError struct {
	State store.State // in which the publication is
	Err   error       // why
}

func (e *EditError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *EditError) Unwrap() error { return e.Err }

// CaptionMark returns a short name of a caption, by which a form tells which one it showed.
func CaptionMark(caption string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(caption)))
	return hex.EncodeToString(sum[:8])
}

// Edited is the outcome of an edit. The zero value: it changed nothing.
type Edited struct{ Caption, Pictures bool }

// Edit keeps a person's caption and pictures of a publication, or returns to the site's.
//
// It returns store.ErrConflict when the publication is no longer as it was shown, *EditError when Instagram would
// not take the edit, and store.ErrIllegal when it is too late for one.
func (o *Orders) Edit(ctx context.Context, id int64, shown store.State, e Edit) (Edited, error) {
	l, err := o.Store.Listed(ctx, id)
	if err != nil {
		return Edited{}, err
	}
	if l.State != shown {
		return Edited{}, fmt.Errorf("publication %d is %s by now, not %s: %w", id, l.State, shown, store.ErrConflict)
	}
	route, err := o.route(ctx, l)
	if err != nil {
		return Edited{}, err
	}
	edits, err := e.of(l, route)
	if err != nil {
		return Edited{}, &EditError{State: l.State, Err: err}
	}
	if edits == nil {
		return Edited{}, nil
	}
	if err := o.Store.Edit(ctx, id, e.revision(l), *edits, o.By); err != nil {
		return Edited{}, err
	}
	return Edited{Caption: edits.Caption != l.Edits.Caption, Pictures: edits.Media != l.Edits.Media}, nil
}

func (e Edit) revision(l store.Listed) int64 {
	if e.Revision == nil {
		return l.Revision
	}
	return *e.Revision
}

// of returns the edits of a publication with this one; nil when it changes nothing. An error says why Instagram
// would not take them.
func (e Edit) of(l store.Listed, route store.Route) (*store.Edits, error) {
	now, fault := draft.Of(l, route)
	edits := l.Edits
	if e.Caption != nil && !e.isShown(now, fault) {
		edits.Caption = e.Caption
	}
	if e.Pictures != nil {
		chosen := withoutSitesAlt(*e.Pictures, l.Post.Media)
		if len(chosen) == 0 {
			return nil, ErrNoPicture
		}
		with := l
		with.Edits.Media = &chosen
		then, err := draft.Of(with, route)
		if err != nil && !isAboutCaption(err) {
			return nil, err
		}
		// A form sent unchanged is no edit: the pictures go on following the site.
		if !slices.Equal(now.Items, then.Items) {
			edits.Media = &chosen
		}
	}
	if e.CaptionFollows {
		edits.Caption = nil
	}
	if e.PicturesFollow {
		edits.Media = nil
	}
	if edits == l.Edits {
		return nil, nil
	}
	with := l
	with.Edits, with.Kind = edits, "" // what was frozen does not bind a publication that is held again
	if _, err := draft.Of(with, route); err != nil && (edits.Caption != l.Edits.Caption || !isAboutCaption(err)) {
		return nil, err
	}
	return &edits, nil
}

// isAboutCaption reports whether nothing but its caption keeps a publication from being planned: its pictures are
// known, and an edit of them makes the caption no worse.
func isAboutCaption(err error) bool {
	return draft.Unfit(err).Is(reason.CaptionTooLong, reason.EditTooLong)
}

// isShown reports whether the caption is the one that a form showed, so that it goes on following the site.
func (e Edit) isShown(now draft.Draft, fault error) bool {
	switch {
	case !e.IsForm:
		return false
	case e.ShownCaption != "":
		return e.ShownCaption == CaptionMark(*e.Caption)
	}
	return (fault == nil || isAboutCaption(fault)) &&
		strings.TrimSpace(*e.Caption) == strings.TrimSpace(now.Caption.Text)
}

// withoutSitesAlt returns the choice without alt texts that are the site's own, so that they go on following it.
func withoutSitesAlt(chosen []store.EditedMedia, site []store.Media) []store.EditedMedia {
	out := slices.Clone(chosen)
	for n, c := range out {
		i := slices.IndexFunc(site, func(m store.Media) bool { return m.URL == c.URL })
		if c.Alt != nil && (i < 0 || *c.Alt == site[i].Alt) {
			out[n].Alt = nil
		}
	}
	return out
}
