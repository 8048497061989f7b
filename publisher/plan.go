package publisher

import (
	"errors"
	"fmt"
	"time"

	"postern/store"
)

// maxItems is what one carousel takes through the API, though the app takes twenty.
const maxItems = store.PartSize

// maxAltText in characters. https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
const maxAltText = 1000

// Draft is what a post becomes on an account, before any byte was fetched.
type Draft struct {
	Kind     store.Kind
	Caption  Caption
	Items    []store.Item // in publishing order, without files
	Extras   store.Extras // what is sent beside them
	Notes    []string     // what is worth knowing, in plain words
	Settings Resolved
}

// ErrNothing: there is nothing in the post that Instagram could show.
var ErrNothing = errors.New("no picture or video")

// Plan says what a post becomes, with a person's edits. It is pure: preview, pages and publisher use the same one.
func Plan(post store.Post, edits store.Edits, layers ...Layer) (Draft, error) {
	return PlanPart(post, 1, 1, edits, layers...)
}

// PlanPart is Plan for one of several publications that share the post's pictures.
func PlanPart(post store.Post, part, parts int, edits store.Edits, layers ...Layer) (Draft, error) {
	d := Draft{Settings: Resolve(layers...)}
	s := d.Settings
	if len(post.Media) == 0 {
		return d, ErrNothing
	}
	if !s.Syndicate.V {
		return d, fmt.Errorf("syndicate is off (%s)", s.Syndicate.Origin)
	}
	chosen := post.Media
	story := s.Channel.V == "story"
	switch {
	case parts > 1:
		n := len(chosen)
		size := min((n+parts-1)/parts, maxItems) // as even as can be: no last part of a single picture
		chosen = chosen[min((part-1)*size, n):min(part*size, n)]
		if len(chosen) == 0 || story {
			return d, fmt.Errorf("nothing is left for part %d of %d: the post shows %d pictures and videos now", part, parts, n)
		}
		d.Notes = append(d.Notes, fmt.Sprintf("part %d of %d: pictures and videos %d to %d of %d", part, parts, (part-1)*size+1, (part-1)*size+len(chosen), n))
		if n > parts*maxItems {
			d.Notes = append(d.Notes, fmt.Sprintf("the last %d are left out: the post had fewer when it was found", n-parts*maxItems))
		}
	case story && len(chosen) > 1:
		d.Notes = append(d.Notes, fmt.Sprintf("a story shows one of the %d pictures and videos: the first", len(chosen)))
		chosen = chosen[:1]
	case len(chosen) > maxItems:
		d.Notes = append(d.Notes, fmt.Sprintf("%d pictures and videos: Instagram takes the first %d (with split=true a new post's others follow in further carousels)", len(chosen), maxItems))
		chosen = chosen[:maxItems]
	}
	switch {
	case story:
		d.Kind = store.KindStory
	case len(chosen) > 1:
		d.Kind = store.KindCarousel
	case chosen[0].Type == store.Video:
		d.Kind = store.KindReel
	default:
		d.Kind = store.KindImage
	}
	for i, m := range chosen {
		item := store.Item{Position: i + 1, Type: m.Type, SourceURL: m.URL}
		if m.Type == store.Image && s.AltText.V && !story {
			item.Alt = firstRunes(m.Alt, maxAltText)
		}
		if d.Kind == store.KindReel {
			item.PosterURL = m.PosterURL
		}
		d.Items = append(d.Items, item)
	}
	d.Extras = extras(d.Kind, post, s)
	if story {
		if s.LocationID.V != "" || len(s.Collaborators.V) > 0 || s.FirstComment.V != "" {
			d.Notes = append(d.Notes, "a story takes no location, collaborators or first comment")
		}
		return d, nil // and no caption
	}
	var err error
	mark := ""
	if parts > 1 {
		mark = fmt.Sprintf("(%d/%d)", part, parts)
	}
	if d.Caption, err = compose(post, s, mark); err != nil && edits.Caption == nil {
		return d, err
	}
	if edits.Caption != nil {
		text := tidy(*edits.Caption)
		if n := units(text); n > maxCaption {
			return d, fmt.Errorf("the edited caption has %d characters and Instagram takes %d", n, maxCaption)
		}
		d.Caption = Caption{Text: text, Notes: []string{"edited by you"}}
	}
	d.Notes = append(d.Notes, d.Caption.Notes...)
	return d, nil
}

// extras is what goes along with a post of a kind, and only what Instagram takes with it: an error for one that it does
// not take would cost the whole post.
func extras(k store.Kind, post store.Post, s Resolved) store.Extras {
	if k == store.KindStory {
		return store.Extras{UserTags: s.UserTags.V}
	}
	x := store.Extras{LocationID: s.LocationID.V, Collaborators: s.Collaborators.V, UserTags: s.UserTags.V, FirstComment: comment(post, s)}
	if k == store.KindReel && s.ShareToFeed.Origin != fromDefault {
		x.ShareToFeed = &s.ShareToFeed.V
	}
	return x
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// DraftOf is the plan of a publication as it is listed: frozen parts as they were sent, else as they would be now.
func DraftOf(l store.Listed, route store.Route) (Draft, error) {
	d, err := PlanPart(l.Post, l.Part, l.Parts, l.Edits, Layers(l.Account, route, l.Post)...)
	if l.Kind != "" {
		d.Kind, d.Caption, d.Items, d.Extras = l.Kind, Caption{Text: l.Caption}, l.Items, l.Extras
		return d, nil
	}
	return d, err
}

// Next is when something happens by itself to a publication; the zero time when nothing does.
func Next(p store.Publication, a store.Account) time.Time {
	if !p.State.Open() {
		return time.Time{}
	}
	if p.State != store.Publishing && (a.Paused || a.Trouble == store.Reconnect) {
		return time.Time{}
	}
	return p.DueAt
}
