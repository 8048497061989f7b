package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"postern/draft"
	"postern/instagram"
	"postern/owner"
	"postern/publisher"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// publicationData holds everything that the page of a publication needs.
type publicationData struct {
	listed   store.Listed
	draft    draft.Draft
	fault    error // why there is no draft
	assets   map[string]store.Asset
	events   []store.Event
	checks   []store.Check
	ahead    string  // title of the publication that the account has in progress before this one
	typed    *string // a typed caption that was not saved
	lookAt   string  // URL of the account's profile; "" when unknown
	pictures *pictures
	copies   bool // Instagram gets our converted copies
	untaken  bool // whether its account takes no new posts of the feed
	twin     *twinData
}

type publicationView struct {
	frame
	ID        int64
	State     string // the state that forms send back
	Revision  int64
	Title     string
	Badge     badge
	Kind      string
	Account   string
	User      string // "@name" on Instagram
	Feed      string
	Post      string // permalink of the post on its site
	Date      moment
	Reason    saying
	Code      reason.Code // code of Reason
	Then      string
	Untaken   saying // says that its account takes no new posts of the feed; nil where it does
	Due       moment
	Published moment // for a published post without a next step
	Progress  progressView
	Watch     string   // polling interval of the progress; "" for no polling
	Parts     []string // ids of the parts that a poll also refreshes
	Part      string   // URL of the polled part
	Stale     bool     // whether the polled part shows another state than the rest of the page
	Live      string   // URL for refreshing the page after an event
	Whole     bool     // whether a refresh includes the form fields
	Again     bool     // whether this response refreshes an open page
	Tries     string
	Fault     saying
	Link      string // permalink on Instagram
	Instagram string // name of the service it is on
	LookAt    string // URL of the account's profile

	Publish, Approve, Hold, Skip, Retry, RetryNotLive, Confirm, Check bool

	Twin *twinView // nil when there is no duplicate to decide about

	Phone        phone
	Caption      string
	CaptionNote  string
	TooLong      string // how much shorter the caption has to be, "" where Instagram takes it
	CanEdit      bool   // whether the caption can be edited
	Mark         string // fingerprint of the caption shown
	Unsaved      string // a typed caption that was sent too late; "" for none
	ApproveWord  string
	Meant        string // a date more than a year ahead that Approve must confirm; "" for none
	AboutPublish string
	AboutRetry   string // when the next attempt after Retry would be
	AboutApprove string // effect of Approve, shown beside the button
	CanChoose    bool   // whether the pictures can be chosen
	Edited       bool
	Chosen       bool // whether a person chose the pictures
	Notes        []string
	Checks       []checkView
	Items        []item
	Settings     []setting
	History      []happening
}

// phone shows the post as Instagram will show it.
type phone struct {
	Name   string
	Slides []slide
	Start  string // beginning of the caption
	Rest   string // the part of the caption behind "more"
	Story  bool
}

// isEmpty reports whether there is nothing to show, as for a post that its settings exclude.
func (p phone) isEmpty() bool { return len(p.Slides) == 0 && p.Start == "" }

type slide struct {
	Thumb thumb
	File  string // the prepared file of a video
	Nth   string // "2/3"; "" for a single one
}

// item is one medium: the site's original and the file that is sent.
type item struct {
	N        int // its number in the form
	URL      string
	Original thumb
	Large    string // URL of a larger version of the original
	Type     string
	Alt      string
	Shown    bool
	NoAlt    bool
	Source   string
	Size     string
	Unsent   bool // The publication failed before this was sent, so Size describes the site's present file.
	Repairs  []string
	Fate     string // what will be sent, while there is no prepared file
}

// setting is a setting that differs from the default. Title is its label in the form, Name its key.
type setting struct{ Title, Name, Value, Origin string }

// happening is one line of the history.
type happening struct {
	At      moment
	Who     string
	About   []about // the subjects of the event, in the history of the whole installation
	Account string  // in that history, the account of the publication, if there are several accounts
	Times   string  // how often it happened in succession; "" for once
	What    saying
	Moved   bool
	From    badge
	To      badge
	Meta    string // Meta's code, subcode and trace id
	By      string // the service that returned them
	Meaning string // what they mean, in plain words
}

func (s *Server) publicationPage(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return s.showPublication(w, r, id, http.StatusOK, nil, nil)
}

// showPublication renders the current state of a publication with the result of a form.
func (s *Server) showPublication(w http.ResponseWriter, r *http.Request, id int64, status int, n *notice,
	typed *string) error {
	d, err := s.publicationData(r.Context(), id)
	if err != nil {
		return err
	}
	d.typed, d.lookAt, d.pictures = typed, s.profileLink(d.listed.Account), s.pictures
	v := newPublicationView(d, time.Now())
	v.frame = s.frame(r, v.Title, "posts")
	v.Progress = s.progressOf(d.listed)
	v.Progress.Words = naming(v.Progress.Words, v.Instagram, true)
	v.Watch = watched(d.listed, v.Progress)
	v.Here = publicationLink(id) // after a refused form the request has the URL of the form
	if n != nil {
		v.Notice = n
	}
	if date := r.URL.Query().Get(dateMeant); date == farDate(d.listed, time.Now()) {
		v.Meant = date
	}
	if v.readAgain(r); v.Stale {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return s.render(w, r, status, publicationTempl(v))
}

// readAgain decides what a refresh replaces. Form fields that the owner may be typing in stay while they can be
// saved, and appear and disappear with their buttons. A notice disappears when the publication's state or reason has
// changed.
func (v *publicationView) readAgain(r *http.Request) {
	asked := r.URL.Query()
	again := r.Header.Get("HX-Request") != ""
	v.Again = again
	v.Whole = !again || !v.CanChoose || asked.Get("fields") == ""
	v.NoticeOver = again && asked.Get("notice") != "" && asked.Get("notice") != v.stand()
	q := url.Values{}
	if v.CanChoose {
		q.Set("fields", "open")
	}
	switch {
	case v.Notice != nil:
		q.Set("notice", v.stand())
	case again && !v.NoticeOver && asked.Get("notice") != "":
		q.Set("notice", asked.Get("notice"))
	}
	if v.Meant != "" {
		q.Set(dateMeant, v.Meant)
	}
	v.Live = v.Here
	if len(q) > 0 {
		v.Live += "?" + q.Encode()
	}
	// A poll replaces only part of the page. After a change of state, the event refreshes the rest.
	v.Stale = again && asked.Get("state") != "" && asked.Get("state") != v.State
	q.Set("state", v.State)
	v.Part = v.Here + "?" + q.Encode()
}

// stand returns a key of what a notice was shown with: the publication's state and reason.
func (v *publicationView) stand() string {
	if len(v.Code) == 0 {
		return v.State
	}
	return v.State + "." + string(v.Code)
}

func (s *Server) publicationData(ctx context.Context, id int64) (d publicationData, err error) {
	if d.listed, err = s.store.Listed(ctx, id); err != nil {
		return d, err
	}
	route, err := s.route(ctx, d.listed)
	if err != nil {
		return d, err
	}
	d.untaken = !route.Enabled && d.listed.Feed.RemovedAt.IsZero() && d.listed.Account.RemovedAt.IsZero()
	d.draft, d.fault = draft.Of(d.listed, route)
	d.copies = !s.address.For(d.listed.Account.API).None()
	d.listed.Preflight = s.pictures.upToDate(d.listed.Preflight, d.draft, d.copies)
	d.assets = map[string]store.Asset{}
	for _, i := range d.draft.Items {
		if i.Asset == "" {
			continue
		}
		a, err := s.store.Asset(ctx, i.Asset)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return d, err
		}
		d.assets[i.Asset] = a
	}
	flying, err := s.store.Publications(ctx,
		store.Filter{States: []store.State{store.Staged, store.Publishing}, AccountID: d.listed.AccountID, Limit: 1})
	if err != nil {
		return d, err
	}
	if len(flying) > 0 && flying[0].ID != id {
		d.ahead = title(flying[0].Post)
	}
	one := []store.Listed{d.listed}
	if err = publisher.Forecast(ctx, s.store, one); err != nil {
		return d, err
	}
	d.listed = one[0]
	if d.checks, err = s.checks(ctx, d); err != nil {
		return d, err
	}
	if d.twin, err = s.twinOf(ctx, d.listed); err != nil {
		return d, err
	}
	d.events, err = s.store.EventsOf(ctx, id)
	return d, err
}

// route returns the publication's route, or an empty one when its account no longer takes the feed.
func (s *Server) route(ctx context.Context, l store.Listed) (store.Route, error) {
	route, err := s.store.Route(ctx, l.Post.FeedID, l.AccountID)
	if errors.Is(err, store.ErrNotFound) {
		return store.Route{}, nil
	}
	return route, err
}

// shownReason returns why a publication is in its state. Further reasons why a publication of a halted account waits
// are left to nextWords.
func shownReason(l store.Listed) reason.Reason {
	if publisher.Halted(l.Account) {
		l.Gates, l.Unapproved = reason.Reason{}, false
	}
	return publisher.Why(l)
}

func newPublicationView(d publicationData, now time.Time) publicationView {
	l := d.listed
	now = now.In(d.draft.Settings.Zone()) // the zone that reasons use
	why, instagram := shownReason(l), d.pictures.instagram(l.Account)
	v := publicationView{
		ID: l.ID, State: string(l.State), Revision: l.Revision, Title: title(l.Post), Badge: newBadge(l.State),
		Kind: kindWord(d.draft.Kind), Account: l.Account.Name(), Feed: feedName(l.Feed), Post: webLink(l.Post.URL),
		Date: newMoment(l.Post.PublishedAt, now), Reason: d.pictures.ofSimulated(l.Account, sayingFor(l, why)), Code: why.Code,
		Then: d.pictures.nextWords(l, d.ahead, now), Untaken: untakenWords(d), Due: nextMoment(l, now),
		Link: webLink(l.Permalink), Caption: d.draft.Caption.Text, Edited: l.Edits.Caption != nil, Notes: d.draft.Notes,
		Settings: newSettings(l, d.draft.Settings), Checks: newChecks(unsaid(d.checks, l)),
		Published: newMoment(l.PublishedAt, now), Instagram: instagram, LookAt: d.lookAt,
	}
	if v.Edited {
		v.Settings = append(v.Settings, setting{words.PageCaption, "", "your words", "edit"})
	}
	if l.Account.Username != "" {
		v.User = "@" + l.Account.Username
	}
	if l.Tries > 0 || l.Round > 1 {
		v.Tries = naming(words.TriesSoFar(l.Tries, l.Round), instagram, true)
	}
	if d.fault != nil && d.fault.Error() != why.String() {
		v.Fault = sayingFor(l, draft.Unfit(d.fault))
	}
	v.offerOrders(d, now)
	v.offerEdits(d)
	if v.Twin = newTwinView(d, now); v.Twin != nil {
		v.Checks = newChecks(slices.DeleteFunc(unsaid(d.checks, l),
			func(c store.Check) bool { return draft.NamesPublication(c.ID) })) // the question on the page states it
		v.Publish, v.Approve, v.Skip = false, false, false
	}
	v.Phone, v.Items = newPhone(d), newItems(d)
	v.Parts = []string{"history", "checks", "sent", "fields", "used", "notice"}
	for _, i := range v.Items {
		v.Parts = append(v.Parts, "fate-"+strconv.Itoa(i.N))
	}
	for n := len(d.events) - 1; n >= 0; n-- {
		v.History = append(v.History, d.pictures.happening(d.events[n], l.Account, now))
	}
	v.History = withoutRepeats(v.History)
	return v
}

// offerOrders sets the orders that the state allows and that would have an effect, each with its description.
func (v *publicationView) offerOrders(d publicationData, now time.Time) {
	l := d.listed
	v.Publish, v.Hold = canPublish(l, now), store.CommandHold.Allows(l.State)
	v.Approve, v.ApproveWord, v.AboutApprove = canApprove(l, d.draft.Settings), words.PageApprove,
		naming(aboutApprove(d, now), v.Instagram, true)
	if l.State == store.Skipped {
		v.ApproveWord = words.PagePutBackInTheQueue
	}
	v.AboutPublish = naming(words.AboutPublish(afterwards(l.Account, now), inTheWay(d)), v.Instagram, true)
	v.AboutRetry = naming(words.AboutRetry(afterwards(l.Account, now)), v.Instagram, true)
	v.Skip, v.Confirm = store.CommandSkip.Allows(l.State), store.CommandConfirm.Allows(l.State)
	v.Retry = store.CommandRetry.Allows(l.State) && l.State != store.Unconfirmed
	v.RetryNotLive = store.CommandRetry.Allows(l.State) && l.State == store.Unconfirmed
	v.Check = l.State == store.Unconfirmed
	if final := l.State == store.Skipped && !canPutBack(l); final ||
		!l.Account.RemovedAt.IsZero() { // the store would refuse orders
		v.Publish, v.Approve, v.Retry, v.RetryNotLive = false, false, false, false
	}
	if publisher.Why(l).Is(reason.SyndicateOff) { // Postern would put it on hold again
		v.Publish, v.Approve = false, false
	}
}

// offerEdits offers to edit the caption and the pictures while they can be changed, and keeps what was typed.
func (v *publicationView) offerEdits(d publicationData) {
	l, story := d.listed, d.draft.Kind == store.KindStory
	isOpen := l.State.CanEdit() && !publisher.Why(l).Is(reason.SyndicateOff) // without a plan there is nothing to edit
	v.Mark = owner.CaptionMark(v.Caption)
	v.CanEdit, v.CanChoose, v.Chosen = isOpen && !story, isOpen, l.Edits.Media != nil
	switch {
	case story:
		v.CaptionNote = words.RuleCaptionStory
	case v.Caption == "":
		v.CaptionNote = words.NoCaption
	}
	if d.fault != nil {
		if n := draft.Unfit(d.fault).CharactersOver(); n > 0 {
			v.TooLong = words.PageShortenBy(n)
		}
	}
	switch {
	case d.typed != nil && v.CanEdit:
		v.Caption = *d.typed
	case d.typed != nil:
		v.Unsaved = *d.typed
	}
}

// untakenWords says that the account takes no new posts of the publication's feed, with a link to that setting. It
// returns nil where the account takes them or the publication is final.
func untakenWords(d publicationData) saying {
	l := d.listed
	if !d.untaken || l.State == store.Published || l.State == store.Publishing || l.State == store.Unconfirmed {
		return nil
	}
	text := words.FeedOffNeedsYou(feedName(l.Feed), l.Account.Name())
	switch {
	case l.State == store.Queued || l.State == store.Staged:
		text = words.FeedOffStillGoes(feedName(l.Feed), l.Account.Name())
	case l.State == store.Held && (l.DateAsked || l.Reason.Is(reason.Gone)), l.IsLookedFor(time.Now()):
		text = words.FeedOffMayGo(feedName(l.Feed), l.Account.Name())
	}
	return saying{{Text: text}, {Text: " "},
		{Text: words.PageSettingsOfTheFeed, Link: settingsLink(l.AccountID, l.Post.FeedID)}}
}

// dateMeant is the query parameter with which Approve confirms a date far ahead.
const dateMeant = "date"

// farDate returns the earliest day of publication, for the URL of Approve, if it is more than a year ahead; else "".
func farDate(l store.Listed, now time.Time) string {
	if !l.Post.NotBefore.After(now.AddDate(1, 0, 0)) {
		return ""
	}
	return l.Post.NotBefore.UTC().Format(time.DateOnly)
}

// approveLink returns the path of Approve, relative to the publication's page.
func (v publicationView) approveLink() string {
	if v.Meant == "" {
		return "approve"
	}
	return "approve?" + dateMeant + "=" + v.Meant
}

// aboutApprove describes the effect of Approve, or why there is no button.
func aboutApprove(d publicationData, now time.Time) string {
	l := d.listed
	turn := words.Turn{Date: dateAhead(l, now), Step: afterwards(l.Account, now), Problem: inTheWay(d)}
	switch {
	case l.State != store.Skipped:
		return words.AboutApprove(turn)
	case l.Reason.Is(reason.SameAsPublication, reason.SameAsPost):
		return words.AboutPutBackNew(turn)
	}
	return words.AboutPutBack(turn)
}

// inTheWay returns the preflight finding that keeps a publication from being published. The reason may state it too.
func inTheWay(d publicationData) words.Problem {
	i := slices.IndexFunc(d.checks, func(c store.Check) bool { return c.Severity == store.Blocks })
	if i < 0 {
		return words.Problem{}
	}
	return words.Problem{Text: d.checks[i].Text, IsStated: len(unsaid(d.checks[i:i+1], d.listed)) == 0}
}

// afterwards describes what the owner must do before an account publishes; "" when it publishes.
func afterwards(a store.Account, now time.Time) string {
	if step := accountStep(a); step != "" || !isResting(a, now) {
		return step
	}
	return words.StepRest(a.Name())
}

// previewHeading returns the heading of the preview for a state.
func previewHeading(state string) string {
	switch store.State(state) {
	case store.Published:
		return words.PageAsItWasSent
	case store.Failed, store.Skipped:
		return words.PageAsItWouldBeSent
	}
	return words.PageAsItWillBeSent
}

// canApprove reports whether Approve would have an effect. A queued publication needs no approval.
func canApprove(l store.Listed, s draft.Resolved) bool {
	if l.State == store.Queued {
		return s.Approve.V && !l.Approved && !l.Expedited
	}
	return store.CommandApprove.Allows(l.State)
}

// canPublish reports whether "Publish now" would have an effect. A publication that a person already asked for is
// next as soon as its account publishes, unless it waits for a retry.
func canPublish(l store.Listed, now time.Time) bool {
	if l.State == store.Queued && l.Expedited {
		return l.DueAt.After(now) && !publisher.Halted(l.Account)
	}
	return store.CommandPublish.Allows(l.State)
}

// describedBy sets aria-describedby to the element that explains a control; "" sets nothing.
func describedBy(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"aria-describedby": id}
}

// watched returns how often a page polls for changes without an event: frequently during work in progress, rarely
// while a preflight may still finish.
func watched(l store.Listed, p progressView) string {
	switch {
	case p.Words != "":
		return "2s"
	case (l.State == store.Queued || l.State == store.Held) &&
		!(l.Preflight.Valid && (l.Preflight.Ready || len(l.Preflight.Checks) > 0)):
		return "5s"
	}
	return ""
}

func bytesWord(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, n>>10))
	}
	if n < 1<<30 {
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}

// newSettings lists the settings that differ from the defaults, with their origin. For a publication that was sent,
// it lists the settings used then.
func newSettings(l store.Listed, r draft.Resolved) []setting {
	changed := draft.Changed(r)
	if l.Kind != "" {
		changed = nil
		if l.Extras.Sent != nil {
			changed = l.Extras.Sent.Settings
		}
	}
	var out []setting
	for _, s := range changed {
		title := s.Name // a setting of an earlier version
		if at := slices.IndexFunc(draft.Settings(), func(known draft.Setting) bool { return known.Name == s.Name }); at >= 0 {
			title = draft.Settings()[at].Title
		}
		out = append(out, setting{title, s.Name, s.Value, reason.Origin(s.Origin)})
	}
	return out
}

// happening is newHappening for an event of an account's posts.
func (p *pictures) happening(e store.Event, a store.Account, now time.Time) happening {
	h := newHappening(e, now)
	h.What, h.By = p.ofSimulated(a, h.What), capital(p.instagram(a))
	h.Meaning = naming(h.Meaning, p.instagram(a), true)
	return h
}

func newHappening(e store.Event, now time.Time) happening {
	h := happening{At: newMoment(e.At, now), Who: person(e.Actor), What: sayingOfEvent(e, ""), By: "Instagram"}
	if e.To != "" && e.To != e.From {
		h.Moved, h.To = true, newBadge(e.To)
		if e.From != "" {
			h.From = newBadge(e.From)
		}
	}
	var meta []string
	if e.Code != 0 {
		meta = append(meta, "code "+strconv.Itoa(e.Code))
	}
	if e.Subcode != 0 {
		meta = append(meta, "subcode "+strconv.Itoa(e.Subcode))
	}
	if e.TraceID != "" {
		meta = append(meta, words.TraceID(e.TraceID))
	}
	h.Meta = strings.Join(meta, ", ")
	if h.Meta != "" {
		if h.Meaning = instagram.Meaning(e.Code, e.Subcode, "").String(); strings.Contains(h.What.String(), h.Meaning) {
			h.Meaning = "" // the sentence already says it
		}
	}
	return h
}

// pathID parses the id in the URL path. It returns store.ErrNotFound for an invalid number.
func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, store.ErrNotFound
	}
	return id, nil
}
