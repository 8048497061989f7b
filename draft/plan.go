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

// additions has the settings of what is sent in addition to media and caption.
type additions struct {
	FirstComment  Value[string] // a format like FormatString; "" for none
	LocationID    Value[string]
	Collaborators Value[[]string]
	UserTags      Value[[]string]
	ShareToFeed   Value[bool] // not sent unless it was set
}

var additionSettings = []Setting{
	setting(Setting{Name: "first_comment", Group: words.GroupSentAlong, Title: words.SettingFirstComment,
		Help: words.SettingFirstCommentHelp}, templateText(maxComment),
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
		DefaultText: words.SettingShareToFeedDefault,
		Help:        words.SettingShareToFeedHelp}, boolText,
		func(s *store.Settings) **bool { return &s.ShareToFeed },
		func(r *Resolved) *Value[bool] { return &r.ShareToFeed }, true),
}

// maxItems is the maximum number of items in a carousel through the API. The app accepts twenty.
const maxItems = store.PartSize

// maxAltText is the maximum length of an alternative text in characters.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
const maxAltText = 1000

// Draft is what a post becomes on an account, before any file is fetched.
type Draft struct {
	Kind     store.Kind
	Caption  Caption
	Items    []store.Item // in the order of publishing, without files
	Extras   store.Extras // what is sent in addition
	Notes    []string     // how the draft was made, in sentences for people
	Checks   []store.Check
	Settings Resolved
	Media    []store.Media // the media from which the items are made

	outline
}

// outline is the input from which a draft is planned.
type outline struct {
	post        store.Post
	part, parts int
	edits       store.Edits
	layers      []Layer
	// doubles are checks about the pictures that are left out because they are tiny or the post contains them twice.
	doubles []store.Check
	others  []store.Shown // pictures in other parts of the post
	whole   bool          // send tiny pictures too
}

// ErrNothing says that the post contains nothing that Instagram can show.
var ErrNothing error = refuse(reason.New(reason.NothingToShow), "media.none", words.FoundNothing)

// Plan returns what a post becomes with a person's edits. It is pure: the preview, the pages and the publisher use
// the same draft. It returns an error that [Unfit] explains if the post cannot be published.
func Plan(post store.Post, edits store.Edits, layers ...Layer) (Draft, error) {
	return PlanPart(post, 1, 1, edits, layers...)
}

// PlanPart is like Plan for one of several publications that share the post's pictures.
func PlanPart(post store.Post, part, parts int, edits store.Edits, layers ...Layer) (Draft, error) {
	return outline{post: post, part: part, parts: parts, edits: edits, layers: layers}.plan()
}

func (o outline) plan() (Draft, error) {
	d := Draft{Settings: Resolve(o.layers...), outline: o}
	if len(o.post.Media) == 0 {
		return d, ErrNothing
	}
	if s := d.Settings.Syndicate; !s.V {
		d.Kind = d.kindIfChosen()
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

// choose sets the pictures and videos: those of the part, as a person picked them or without duplicates, and at most
// as many as the kind of post can have.
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

// choosePart reduces the pictures and videos to those of one part of the post.
func (d *Draft) choosePart() error {
	part, parts, n := d.outline.part, d.outline.parts, len(d.Media)
	size := min((n+parts-1)/parts, maxItems) // as evenly as possible, to avoid a last part with a single picture
	d.Media = d.Media[min((part-1)*size, n):min(part*size, n)]
	if len(d.Media) == 0 || d.isStory() {
		return refuse(reason.New(reason.PartEmpty, part, parts, n), "media.none",
			words.FoundPartEmpty(part, parts, n)).withRemedy("")
	}
	d.Notes = append(d.Notes, words.NotePart(part, parts, (part-1)*size+1, (part-1)*size+len(d.Media), n))
	if n > parts*maxItems {
		d.found("media.too-many", store.Repaired, words.FoundPartsTooMany(n-parts*maxItems))
	}
	return nil
}

// kindOf returns the kind of publication for the pictures and videos.
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

// kindIfChosen returns the kind that a post excluded by its settings would have if it were published; "" if none of its
// pictures and videos can be chosen.
func (d Draft) kindIfChosen() store.Kind {
	if err := d.choose(); err != nil {
		return ""
	}
	return d.kindOf()
}

// item returns the i-th item, with its alternative text if Instagram accepts one.
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

// noteStory adds notes about what a story cannot contain.
func (d *Draft) noteStory() {
	if post := d.outline.post; post.Title != "" || post.Text != "" {
		d.found("caption.story", store.Noted, words.FoundStoryWords)
	}
	if s := d.Settings; s.LocationID.V != "" || len(s.Collaborators.V) > 0 || s.FirstComment.V != "" {
		d.Notes = append(d.Notes, words.NoteStoryExtras)
	}
}

// write sets the caption: a person's edit, or else the one composed from the post and its settings.
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
			words.FoundEditTooLong(n, maxCaption)).withRemedy(words.FixEditTooLong)
	}
	d.Caption = Caption{Text: text, Checks: checks}
	d.Notes = append(d.Notes, words.NoteEdited)
	return nil
}

// extras returns what is sent in addition with a post of a kind. It only includes what Instagram accepts for that
// kind, because an unsupported one would make the whole post fail.
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

// Frozen returns the content to store when the publication is staged: what is sent, and the settings, notes and
// checks at that time for people who read the publication later.
func (d Draft) Frozen() *store.Frozen {
	x := extras(d.Kind, d.post, d.Settings)
	x.Sent = &store.Sent{Settings: Changed(d.Settings), Notes: d.Notes, Checks: d.Checks}
	return &store.Frozen{Kind: d.Kind, Caption: d.Caption.Text, Items: d.Items, Extras: x}
}

// Changed returns the settings that differ from the defaults, and where each was set.
func Changed(r Resolved) []store.SentSetting {
	var out []store.SentSetting
	for _, s := range settings {
		if value, origin := s.Effective(r); origin != fromDefault && origin != "" {
			out = append(out, store.SentSetting{Name: s.Name, Value: value, Origin: origin})
		}
	}
	return out
}

// pick returns the media that a person chose, in that order. Media that the post no longer contains are left out; a
// medium that it contains twice can be chosen twice.
func pick(list []store.Media, chosen []store.EditedMedia) (out []store.Media) {
	left := slices.Clone(list)
	for _, c := range chosen {
		i := slices.IndexFunc(left, func(m store.Media) bool { return m.URL == c.URL })
		if i < 0 { // the signature has changed since
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

// Of returns the draft of a listed publication: as it was sent if it has been staged, or else as it would be sent
// now, with the files that are prepared already. If all pictures would be left out, the draft contains them, unless the
// publication is going to be skipped for this reason: a person who approves or publishes it wants the pictures.
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
