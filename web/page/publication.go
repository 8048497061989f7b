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

// publicationData is everything the page of a publication is made of.
type publicationData struct {
	listed   store.Listed
	draft    draft.Draft
	fault    error // why there is no draft
	assets   map[string]store.Asset
	events   []store.Event
	checks   []store.Check
	ahead    string  // title of the publication that the account has in flight before this one
	typed    *string // a caption that was typed and not kept
	lookAt   string  // the account's profile, "" when not known
	pictures *pictures
	copies   bool // our copies are what is sent
	untaken  bool // its account takes no new posts of the feed
	twin     *twinData
}

type publicationView struct {
	frame
	ID        int64
	State     string // as the forms send it back
	Revision  int64
	Title     string
	Badge     badge
	Kind      string
	Account   string
	User      string // "@name" at Instagram
	Feed      string
	Post      string // address of the post on its site
	Date      moment
	Reason    saying
	Code      reason.Code // of Reason
	Then      string
	Untaken   saying // its account takes no new posts of the feed, nil where it does
	Due       moment
	Published moment // of what is live, nothing of which comes next
	Progress  progressView
	Watch     string   // how often it is asked how far that is, "" for never
	Parts     []string // ids of what is read again besides
	Part      string   // … and where the part that is watched is
	Stale     bool     // the part is of another moment than the rest of the page
	Live      string   // address of the page as it is read again
	Whole     bool     // the fields are part of what is read again
	Again     bool     // the page is open and read again
	Tries     string
	Fault     saying
	Link      string // permalink
	Instagram string // where that is
	LookAt    string // the account's profile

	Publish, Approve, Hold, Skip, Retry, RetryNotLive, Confirm, Check bool

	Twin *twinView // nil when nothing of the kind is to be decided

	Phone        phone
	Caption      string
	CaptionNote  string
	TooLong      string // how much shorter the caption has to be, "" where Instagram takes it
	CanEdit      bool   // caption
	Mark         string // of the caption that is shown
	Unsaved      string // a caption that was typed and came too late, "" for none
	ApproveWord  string
	Meant        string // the date far ahead that the owner is asked about: Approve says that it is meant
	AboutPublish string
	AboutRetry   string // when it is tried after Retry
	AboutApprove string // what it does, beside the button
	CanChoose    bool   // pictures
	Edited       bool
	Chosen       bool // pictures were chosen by a person
	Notes        []string
	Checks       []checkView
	Items        []item
	Settings     []setting
	History      []happening
}

// phone is the post as Instagram will show it.
type phone struct {
	Name   string
	Slides []slide
	Start  string // of the caption
	Rest   string // what is behind "more"
	Story  bool
}

// isEmpty reports whether there is nothing to show, as of a post that its settings do not let out.
func (p phone) isEmpty() bool { return len(p.Slides) == 0 && p.Start == "" }

type slide struct {
	Thumb thumb
	File  string // of a video: the prepared file
	Nth   string // "2/3", "" for a single one
}

// item is one medium: what the site shows, and what becomes of it.
type item struct {
	N        int // in the form
	URL      string
	Original thumb
	Large    string // the original, larger
	Type     string
	Alt      string
	Shown    bool
	NoAlt    bool
	Source   string
	Size     string
	Unsent   bool // it failed before it was sent: Size is of what the site shows by now
	Repairs  []string
	Fate     string // what becomes of it, when there is no prepared file
}

// setting is one that differs from the default: what its form calls it, and its key.
type setting struct{ Title, Name, Value, Origin string }

// happening is one line of history.
type happening struct {
	At      moment
	Who     string
	About   []about // in a history of everything: what it happened to
	Account string  // there: whose publication that is, where there are several accounts
	Times   string  // how often it happened in a row, "" for once
	What    saying
	Moved   bool
	From    badge
	To      badge
	Meta    string // Meta's code, subcode and trace id
	By      string // who gave them
	Meaning string // in plain words
}

func (s *Server) publicationPage(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return s.showPublication(w, r, id, http.StatusOK, nil, nil)
}

// showPublication renders the page as things stand, with what a form has to say about it.
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
	v.Here = publicationLink(id) // a form that was refused has another address
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

// readAgain settles what comes with the next event. Fields that somebody may be typing in stay as long as they can be
// saved, and come and go with the buttons around them. What a notice said is over when the publication has another
// state or reason.
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
	// What is watched is a part of the page: after a change of state the event brings all of it.
	v.Stale = again && asked.Get("state") != "" && asked.Get("state") != v.State
	q.Set("state", v.State)
	v.Part = v.Here + "?" + q.Encode()
}

// stand tells what a notice was said beside: the state and what the publication waits for.
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

// route is the publication's, or an empty one when its account takes the feed no more.
func (s *Server) route(ctx context.Context, l store.Listed) (store.Route, error) {
	route, err := s.store.Route(ctx, l.Post.FeedID, l.AccountID)
	if errors.Is(err, store.ErrNotFound) {
		return store.Route{}, nil
	}
	return route, err
}

// shownReason returns why a publication is in its state. What a halted account's publication waits for besides is left
// to nextWords.
func shownReason(l store.Listed) reason.Reason {
	if publisher.Halted(l.Account) {
		l.Gates, l.Unapproved = reason.Reason{}, false
	}
	return publisher.Why(l)
}

func newPublicationView(d publicationData, now time.Time) publicationView {
	l := d.listed
	now = now.In(d.draft.Settings.Zone()) // as the reasons say it
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
			func(c store.Check) bool { return draft.NamesPublication(c.ID) })) // the question says it
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

// offerOrders offers the orders that its state allows and that would change something, each with what it does.
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
		!l.Account.RemovedAt.IsZero() { // the store would refuse it
		v.Publish, v.Approve, v.Retry, v.RetryNotLive = false, false, false, false
	}
	if publisher.Why(l).Is(reason.SyndicateOff) { // it would be put on hold again
		v.Publish, v.Approve = false, false
	}
}

// offerEdits offers caption and pictures as long as they can be changed, and keeps what was typed.
func (v *publicationView) offerEdits(d publicationData) {
	l, story := d.listed, d.draft.Kind == store.KindStory
	isOpen := l.State.CanEdit() && !publisher.Why(l).Is(reason.SyndicateOff) // then there is nothing planned to edit
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

// untakenWords says that the account takes no new posts of the publication's feed, with a link to where that is
// switched; nil where it takes them, or where nothing is to be decided any more.
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

// dateMeant is what says in the address of Approve that a date far ahead is meant.
const dateMeant = "date"

// farDate returns the day on which a post goes out at the earliest, for the address of Approve, where that is more than
// a year ahead; "" elsewhere.
func farDate(l store.Listed, now time.Time) string {
	if !l.Post.NotBefore.After(now.AddDate(1, 0, 0)) {
		return ""
	}
	return l.Post.NotBefore.UTC().Format(time.DateOnly)
}

// approveLink is the path of Approve below that of the publication.
func (v publicationView) approveLink() string {
	if v.Meant == "" {
		return "approve"
	}
	return "approve?" + dateMeant + "=" + v.Meant
}

// aboutApprove says what Approve does, or the button in its place.
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

// inTheWay returns what the first check found that keeps a publication from going out. The reason may state it already.
func inTheWay(d publicationData) words.Problem {
	i := slices.IndexFunc(d.checks, func(c store.Check) bool { return c.Severity == store.Blocks })
	if i < 0 {
		return words.Problem{}
	}
	return words.Problem{Text: d.checks[i].Text, IsStated: len(unsaid(d.checks[i:i+1], d.listed)) == 0}
}

// afterwards says what has to happen before an account publishes; "" when it does.
func afterwards(a store.Account, now time.Time) string {
	if step := accountStep(a); step != "" || !isResting(a, now) {
		return step
	}
	return words.StepRest(a.Name())
}

// previewHeading names the preview of a publication in a state.
func previewHeading(state string) string {
	switch store.State(state) {
	case store.Published:
		return words.PageAsItWasSent
	case store.Failed, store.Skipped:
		return words.PageAsItWouldBeSent
	}
	return words.PageAsItWillBeSent
}

// canApprove reports whether approving would change anything: what is queued already goes in its turn, or sooner.
func canApprove(l store.Listed, s draft.Resolved) bool {
	if l.State == store.Queued {
		return s.Approve.V && !l.Approved && !l.Expedited
	}
	return store.CommandApprove.Allows(l.State)
}

// canPublish reports whether Publish now would change anything: what a person asked for already goes as soon as its
// account publishes, unless it waits to be tried again.
func canPublish(l store.Listed, now time.Time) bool {
	if l.State == store.Queued && l.Expedited {
		return l.DueAt.After(now) && !publisher.Halted(l.Account)
	}
	return store.CommandPublish.Allows(l.State)
}

// describedBy ties a control to the element with what explains it; "" for none.
func describedBy(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"aria-describedby": id}
}

// watched is how often a page asks how it stands with what moves without an event: often while something is in work,
// and now and then while a preflight may still come.
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

// newSettings lists the settings that differ from the defaults, with where each was set: those that a publication was
// sent with, once it was.
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
		title := s.Name // of an earlier version
		if at := slices.IndexFunc(draft.Settings(), func(known draft.Setting) bool { return known.Name == s.Name }); at >= 0 {
			title = draft.Settings()[at].Title
		}
		out = append(out, setting{title, s.Name, s.Value, reason.Origin(s.Origin)})
	}
	return out
}

// happening is newHappening for what happened to an account's posts.
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
			h.Meaning = "" // said already
		}
	}
	return h
}

// pathID reads the number in the address. What is none does not exist.
func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, store.ErrNotFound
	}
	return id, nil
}
