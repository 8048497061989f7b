package draft

import (
	"fmt"
	"slices"
	"strings"

	"postern/mediaurl"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// additions holds the settings of what is sent along with a post.
type additions struct {
	FirstComment  Value[string] // a form like FormatString; "" is none
	LocationID    Value[string]
	Collaborators Value[[]string]
	UserTags      Value[[]string]
	ShareToFeed   Value[bool] // not sent when nobody said it
}

var additionSettings = []Setting{
	setting(Setting{Name: "first_comment", Group: words.GroupSentAlong, Title: words.SettingFirstComment,
		Help: words.SettingFirstCommentHelp}, form(maxComment),
		func(s *store.Settings) **string { return &s.FirstComment },
		func(r *Resolved) *Value[string] { return &r.FirstComment }, ""),
	setting(Setting{Name: "location_id", Group: words.GroupSentAlong, Title: words.SettingLocationID,
		Help: words.SettingLocationIDHelp}, pageText,
		func(s *store.Settings) **string { return &s.LocationID },
		func(r *Resolved) *Value[string] { return &r.LocationID }, ""),
	setting(Setting{Name: "collaborators", Group: words.GroupSentAlong, Title: words.SettingCollaborators,
		Help: words.SettingCollaboratorsHelp},
		userNames(maxCollaborators),
		func(s *store.Settings) **[]string { return &s.Collaborators },
		func(r *Resolved) *Value[[]string] { return &r.Collaborators }, nil),
	setting(Setting{Name: "user_tags", Group: words.GroupSentAlong, Title: words.SettingUserTags,
		Help: words.SettingUserTagsHelp},
		userNames(maxMentions),
		func(s *store.Settings) **[]string { return &s.UserTags },
		func(r *Resolved) *Value[[]string] { return &r.UserTags }, nil),
	setting(Setting{Name: "share_to_feed", Group: words.GroupSentAlong, Title: words.SettingShareToFeed,
		Unsaid: words.SettingShareToFeedDefault,
		Help:   words.SettingShareToFeedHelp}, boolText,
		func(s *store.Settings) **bool { return &s.ShareToFeed },
		func(r *Resolved) *Value[bool] { return &r.ShareToFeed }, true),
}

// maxItems is what one carousel takes through the API, though the app takes twenty.
const maxItems = store.PartSize

// maxAltText in characters.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
const maxAltText = 1000

// Draft is what a post becomes on an account, before any byte was fetched.
type Draft struct {
	Kind     store.Kind
	Caption  Caption
	Items    []store.Item // in publishing order, without files
	Extras   store.Extras // what is sent beside them
	Notes    []string     // how it came about, in plain words
	Checks   []store.Check
	Settings Resolved
	Media    []store.Media // what the items are made of

	outline
}

// outline is what a draft is planned from.
type outline struct {
	post        store.Post
	part, parts int
	edits       store.Edits
	layers      []Layer
	// the pictures that are left out because the post shows them twice, or because they are tiny
	doubles []store.Check
	others  []store.Shown // what other parts of the post show
	whole   bool          // tiny pictures are sent
}

// ErrNothing says that there is nothing in the post that Instagram could show.
var ErrNothing error = refuse(reason.New(reason.NothingToShow), "media.none", words.FoundNothing)

// Plan says what a post becomes, with a person's edits. It is pure: preview, pages and publisher use the same one.
func Plan(post store.Post, edits store.Edits, layers ...Layer) (Draft, error) {
	return PlanPart(post, 1, 1, edits, layers...)
}

// PlanPart is Plan for one of several publications that share the post's pictures.
func PlanPart(post store.Post, part, parts int, edits store.Edits, layers ...Layer) (Draft, error) {
	return outline{post: post, part: part, parts: parts, edits: edits, layers: layers}.plan()
}

func (o outline) plan() (Draft, error) {
	d := Draft{Settings: Resolve(o.layers...), outline: o}
	if len(o.post.Media) == 0 {
		return d, ErrNothing
	}
	if s := d.Settings.Syndicate; !s.V {
		return d, refuse(reason.New(reason.SyndicateOff, s.Origin), "post.syndicate",
			words.FoundSyndicateOff(reason.Origin(s.Origin)))
	}
	if err := d.choose(); err != nil {
		d.Media = nil
		return d, err
	}
	d.Kind = d.kindOf()
	for i, m := range d.Media {
		d.Items = append(d.Items, d.item(i, m))
	}
	d.Extras = extras(d.Kind, o.post, d.Settings)
	if d.isStory() {
		d.noteStory()
		return d, nil
	}
	if err := d.write(); err != nil {
		return d, err
	}
	d.Checks = append(d.Checks, d.Caption.Checks...)
	return d, nil
}

func (d *Draft) isStory() bool { return d.Settings.Channel.V == "story" }

func (d *Draft) found(id string, severity store.CheckSeverity, text string) {
	d.Checks = append(d.Checks, check(id, severity, text))
}

// choose sets the pictures and videos: those of the part, without doubles or as a person picked them, and at most as
// many as the kind of post takes.
func (d *Draft) choose() error {
	d.Media = d.outline.post.Media
	if d.outline.parts > 1 {
		if err := d.choosePart(); err != nil {
			return err
		}
	}
	if picked := d.outline.edits.Media; picked != nil {
		if d.Media = pick(d.Media, *picked); len(d.Media) == 0 {
			return &unfit{why: reason.New(reason.ChosenGone)}
		}
		d.Notes = append(d.Notes, words.NoteChosen)
	} else if d.Media = withoutLeftOut(d.Media, d.outline.doubles); len(d.Media) == 0 {
		return d.outline.nothingLeft()
	}
	switch n := len(d.Media); {
	case d.outline.parts > 1:
	case d.isStory() && n > 1:
		d.found("media.too-many", store.Repaired, words.FoundStoryTooMany(n))
		d.Media = d.Media[:1]
	case n > maxItems:
		d.found("media.too-many", store.Repaired, words.FoundTooMany(n, maxItems))
		d.Media = d.Media[:maxItems]
	}
	return nil
}

// choosePart narrows the pictures and videos to those of one part of the post.
func (d *Draft) choosePart() error {
	part, parts, n := d.outline.part, d.outline.parts, len(d.Media)
	size := min((n+parts-1)/parts, maxItems) // as even as can be: no last part of a single picture
	d.Media = d.Media[min((part-1)*size, n):min(part*size, n)]
	if len(d.Media) == 0 || d.isStory() {
		return refuse(reason.New(reason.PartEmpty, part, parts, n), "media.none",
			words.FoundPartEmpty(part, parts, n)).but("")
	}
	d.Notes = append(d.Notes, words.NotePart(part, parts, (part-1)*size+1, (part-1)*size+len(d.Media), n))
	if n > parts*maxItems {
		d.found("media.too-many", store.Repaired, words.FoundPartsTooMany(n-parts*maxItems))
	}
	return nil
}

// kindOf returns what Instagram makes of the pictures and videos.
func (d *Draft) kindOf() store.Kind {
	switch {
	case d.isStory():
		return store.KindStory
	case len(d.Media) > 1:
		return store.KindCarousel
	case d.Media[0].Type == store.Video:
		return store.KindReel
	}
	return store.KindImage
}

// item makes the i-th item, with its alt text where Instagram takes one.
func (d *Draft) item(i int, m store.Media) store.Item {
	item := store.Item{Position: i + 1, Type: m.Type, SourceURL: m.URL}
	if d.Kind == store.KindReel {
		item.PosterURL = m.PosterURL
	}
	takesAlt, name := m.Type == store.Image && !d.isStory(), label(item, len(d.Media))
	switch {
	case !d.Settings.AltText.V:
	case !takesAlt && m.Alt != "":
		d.found("alt.not-taken", store.Noted, words.FoundAltNotTaken(name))
	case takesAlt && strings.TrimSpace(m.Alt) == "":
		d.found("alt.missing", store.Noted, words.FoundAltMissing(name))
	case takesAlt:
		if item.Alt = m.Alt; units(m.Alt) > maxAltText {
			item.Alt = cut(m.Alt, maxAltText-1) + "…"
			d.found("alt.too-long", store.Repaired, words.FoundAltTooLong(name, units(m.Alt), units(item.Alt)))
		}
	}
	return item
}

// noteStory notes what a story does not take.
func (d *Draft) noteStory() {
	if post := d.outline.post; post.Title != "" || post.Text != "" {
		d.found("caption.story", store.Noted, words.FoundStoryWords)
	}
	if s := d.Settings; s.LocationID.V != "" || len(s.Collaborators.V) > 0 || s.FirstComment.V != "" {
		d.Notes = append(d.Notes, words.NoteStoryExtras)
	}
}

// write sets the caption: a person's, else the one that the post and its settings make.
func (d *Draft) write() (err error) {
	o, mark := d.outline, ""
	if o.parts > 1 {
		mark = fmt.Sprintf("(%d/%d)", o.part, o.parts)
	}
	d.Caption, err = compose(o.post, d.Settings, mark)
	if o.edits.Caption == nil {
		return err
	}
	text, checks := limitTags(tidy(*o.edits.Caption))
	if n := units(text); n > maxCaption {
		d.Caption = Caption{Text: text}
		return refuse(reason.New(reason.EditTooLong, n, maxCaption), "caption.too-long",
			words.FoundEditTooLong(n, maxCaption)).but(words.FixEditTooLong)
	}
	d.Caption = Caption{Text: text, Checks: checks}
	d.Notes = append(d.Notes, words.NoteEdited)
	return nil
}

// extras is what goes along with a post of a kind, and only what Instagram takes with it: an error for one that it does
// not take would cost the whole post.
func extras(k store.Kind, post store.Post, s Resolved) store.Extras {
	if k == store.KindStory {
		return store.Extras{UserTags: s.UserTags.V}
	}
	x := store.Extras{LocationID: s.LocationID.V, Collaborators: s.Collaborators.V, UserTags: s.UserTags.V,
		FirstComment: comment(post, s)}
	if k == store.KindReel && s.ShareToFeed.Origin != fromDefault {
		x.ShareToFeed = &s.ShareToFeed.V
	}
	return x
}

// Frozen returns the draft as it is kept from the first container on: what is sent, and for those who read the
// publication later, the settings, notes and checks it was made with.
func (d Draft) Frozen() *store.Frozen {
	x := extras(d.Kind, d.post, d.Settings)
	x.Sent = &store.Sent{Settings: Changed(d.Settings), Notes: d.Notes, Checks: d.Checks}
	return &store.Frozen{Kind: d.Kind, Caption: d.Caption.Text, Items: d.Items, Extras: x}
}

// Changed returns the settings that differ from the defaults, with where each was set.
func Changed(r Resolved) []store.SentSetting {
	var out []store.SentSetting
	for _, s := range settings {
		if value, origin := s.Effective(r); origin != fromDefault && origin != "" {
			out = append(out, store.SentSetting{Name: s.Name, Value: value, Origin: origin})
		}
	}
	return out
}

// pick returns the media a person chose, in that order. What the post shows no more is left out; what it shows
// twice can be chosen twice.
func pick(list []store.Media, chosen []store.EditedMedia) (out []store.Media) {
	left := slices.Clone(list)
	for _, c := range chosen {
		i := slices.IndexFunc(left, func(m store.Media) bool { return m.URL == c.URL })
		if i < 0 { // signed anew since
			i = slices.IndexFunc(left,
				func(m store.Media) bool { return mediaurl.Unsigned(m.URL) == mediaurl.Unsigned(c.URL) })
		}
		if i < 0 {
			continue
		}
		m := left[i]
		if c.Alt != nil {
			m.Alt = *c.Alt
		}
		out, left = append(out, m), slices.Delete(left, i, i+1)
	}
	return out
}

// Of returns the plan of a publication as it is listed: frozen parts as they were sent, else as they would be now, with
// the files that are prepared already. If all pictures would be left out, it is planned with them, unless it is skipped
// in its turn: whoever approves or publishes it wants them.
func Of(l store.Listed, route store.Route) (Draft, error) {
	d, err := PlanPart(l.Post, l.Part, l.Parts, l.Edits, Layers(l.Account, route, l.Post)...)
	if l.Kind != "" {
		d.Kind, d.Caption, d.Items, d.Extras, d.Notes, d.Checks = l.Kind, Caption{Text: l.Caption}, l.Items,
			l.Extras, nil, nil
		if l.Extras.Sent != nil {
			d.Notes, d.Checks = l.Extras.Sent.Notes, l.Extras.Sent.Checks
		}
		return d, nil
	}
	if l.Preflight.Valid {
		planned := d
		d, err = d.LeaveOut(l.Preflight.Checks, err)
		if LeavesNothing(err) && (l.State != store.Queued || l.Approved || l.Expedited) {
			d, err = planned.Whole().LeaveOut(sentWhole(l.Preflight.Checks), nil)
		}
		d.AddFiles(l.Preflight.Items)
	}
	return d, err
}
