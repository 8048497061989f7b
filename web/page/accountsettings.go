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

	"postern/draft"
	"postern/owner"
	"postern/store"
	"postern/words"
)

// Form fields: the quiet hours, and the quiet hours that the owner confirmed although start and end look swapped.
const quietHours, keepQuietHours = "quiet_hours", "keep_quiet_hours"

// previewed is how many posts the settings page shows as a preview.
const previewed = 4

// settingsData holds everything that the settings page of an account needs.
type settingsData struct {
	account store.Account
	feed    store.Feed            // the feed whose settings on this account are shown; ID 0 for the account's own settings
	route   store.Route           // the account's route for that feed
	feeds   []store.Feed          // all feeds for the menu, with their names only
	routes  map[int64]store.Route // the account's routes by feed, for these feeds and the feeds of posts
	named   map[int64]store.Feed  // the feeds of posts, by id
	typed   map[string]string     // form values that Set refused, by key
	wrong   map[string]string     // why Set refused them, by key
	asked   string                // quiet hours that the owner is asked to confirm; "" for none
	posts   []store.Post          // newest first
}

type settingsView struct {
	frame
	Account   int64
	Name      string
	Feed      int64 // 0 for the account itself
	FeedName  string
	Takes     bool // whether the account publishes posts of the feed
	Paused    bool
	Choices   []settingsChoice
	Groups    []settingsGroup
	Posts     []postPreview
	Unsaved   bool // whether the page shows values that are not saved
	Above     string
	PauseVerb string
	PauseWord string
}

// settingsChoice links to the settings of one feed on the account.
type settingsChoice struct {
	Link, Name string
	Here, Off  bool
}

type settingsGroup struct {
	Name   string
	Open   bool
	Said   string // how many settings in this group override the inherited ones; "" for none
	Note   string // shown above the fields; "" for none
	Fields []settingField
}

type settingField struct {
	ID               string // id of the field, the target of links from sentences about the setting
	Key, Title, Help string
	Value            string // the value set here or typed
	Inherited        string // the value that applies when the field is empty
	Now              string // the value in effect when it is set here
	Wrong            string
	// Asks is the question whether the value is intended, Keep the value that the checkbox confirms.
	Asks, Keep string
	Choices    []string
	Lines      bool
}

// postPreview shows what would be published for a post.
type postPreview struct {
	Title, Link, Feed string
	Kind              string
	Caption           string
	NoCaption         string
	Comment           string
	Along             string
	Against           string // why it would not be published
	Notes             []string
}

func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request) error {
	d, err := s.settingsData(r, r.URL.Query().Get("feed"))
	if err != nil {
		return err
	}
	return s.showSettings(w, r, http.StatusOK, nil, d, false)
}

// previewSettings shows the effect of the form's settings without saving them.
func (s *Server) previewSettings(w http.ResponseWriter, r *http.Request) error {
	d, err := s.settingsForm(r)
	if err != nil {
		return err
	}
	if len(d.wrong) > 0 {
		return s.showSettings(w, r, http.StatusUnprocessableEntity,
			&notice{Bad: true, Text: words.PageSettingsInvalid(len(d.wrong))}, d, true)
	}
	return s.showSettings(w, r, http.StatusOK,
		&notice{Text: words.PageSettingsPreviewed}, d, true)
}

func (s *Server) saveSettings(w http.ResponseWriter, r *http.Request) error {
	d, err := s.settingsForm(r)
	if err != nil {
		return err
	}
	if len(d.wrong) > 0 {
		return s.showSettings(w, r, http.StatusUnprocessableEntity,
			&notice{Bad: true, Text: words.NotSaved(words.PageSettingsInvalid(len(d.wrong)))}, d, true)
	}
	if d.asked != "" {
		return s.showSettings(w, r, http.StatusUnprocessableEntity,
			&notice{Bad: true, Text: words.PageCheckQuietHours}, d, true)
	}
	said := words.PageSettingsSaved(d.account.Name())
	if d.feed.ID != 0 {
		said = words.PageRouteSaved(feedName(d.feed), d.account.Name())
		set, err := s.orders.SetRoute(r.Context(), d.feed.ID, d.account.ID, d.route.Enabled, settingValues(r.PostForm))
		if err != nil {
			return err
		}
		return s.done(w, r, settingsLink(d.account.ID, d.feed.ID),
			notice{Text: withConsequences(said, set.Consequences)})
	}
	set, err := s.orders.SetAccount(r.Context(), d.account.ID, settingValues(r.PostForm))
	if err != nil {
		return err
	}
	return s.done(w, r, settingsLink(d.account.ID, d.feed.ID), notice{Text: withConsequences(said, set.Consequences)})
}

// withConsequences returns the message after a change of settings, with the effect of the change on posts.
func withConsequences(said string, c owner.Consequences) string {
	sentences := []string{said}
	for _, about := range []struct {
		publications []int64
		sentence     func(int) string
	}{{c.Skips, words.PageSettingsSkip}, {c.Holds, words.PageSettingsHold}, {c.Releases, words.PageSettingsRelease},
		{c.Sooner, words.PageSettingsSooner}, {c.StayHeld, words.PageSettingsStayHeld},
		{c.StaySkipped, words.PageSettingsStaySkipped}} {
		if n := len(about.publications); n > 0 {
			sentences = append(sentences, about.sentence(n))
		}
	}
	return words.Text(sentences...)
}

func settingsLink(account, feed int64) string {
	link := fmt.Sprintf("/accounts/%d/settings", account)
	if feed != 0 {
		link += fmt.Sprintf("?feed=%d", feed)
	}
	return link
}

// showSettings renders the page with the settings in d, whether they are saved or not.
func (s *Server) showSettings(w http.ResponseWriter, r *http.Request, status int, n *notice, d settingsData,
	unsaved bool) error {
	var err error
	if err = s.surround(r.Context(), &d); err != nil {
		return err
	}
	v := newSettingsView(d)
	v.Unsaved = unsaved
	v.frame = s.frame(r, words.PageSettingsTitle(v.Name), "accounts")
	if n != nil {
		v.Notice = n
	}
	return s.render(w, r, status, settingsTempl(v))
}

// settingsData loads the saved settings. feed is the id of a feed, or "" for the account itself.
func (s *Server) settingsData(r *http.Request, feed string) (d settingsData, err error) {
	ctx := r.Context()
	if d.account, err = s.accountOf(r); err != nil {
		return d, err
	}
	if feed == "" {
		return d, nil
	}
	id, err := strconv.ParseInt(feed, 10, 64)
	if err != nil {
		return d, store.ErrNotFound
	}
	if d.feed, err = s.store.Feed(ctx, id); err != nil {
		return d, err
	}
	if !d.feed.RemovedAt.IsZero() {
		return d, store.ErrNotFound
	}
	if d.route, err = s.store.Route(ctx, id, d.account.ID); errors.Is(err, store.ErrNotFound) {
		d.route, err = d.routeOf(id), nil
	}
	return d, err
}

// surround loads what the page shows besides the settings: the other feeds and the latest posts.
func (s *Server) surround(ctx context.Context, d *settingsData) (err error) {
	if d.feeds, err = s.store.FeedNames(ctx, feedChoices); err != nil {
		return err
	}
	if d.feed.ID != 0 && !slices.ContainsFunc(d.feeds, func(f store.Feed) bool { return f.ID == d.feed.ID }) {
		d.feeds = append(d.feeds, d.feed)
	}
	if d.posts, err = s.store.LatestPosts(ctx, d.account.ID, d.feed.ID, previewed); err != nil {
		return err
	}
	var ids, named []int64
	for _, f := range d.feeds {
		ids = append(ids, f.ID)
	}
	for _, p := range d.posts {
		named = append(named, p.FeedID)
	}
	if d.named, err = s.store.FeedsByID(ctx, named); err != nil {
		return err
	}
	d.routes, err = s.store.RoutesTo(ctx, d.account.ID, append(ids, named...))
	return err
}

// routeOf returns the account's route for a feed, or a disabled route when there is none.
func (d settingsData) routeOf(feed int64) store.Route {
	if route, ok := d.routes[feed]; ok {
		return route
	}
	return store.Route{FeedID: feed, AccountID: d.account.ID}
}

// settingsForm applies the form to the saved settings. A setting that is not in the form keeps its value.
func (s *Server) settingsForm(r *http.Request) (settingsData, error) {
	if err := r.ParseForm(); err != nil {
		return settingsData{}, err
	}
	d, err := s.settingsData(r, r.PostForm.Get("feed"))
	if err != nil {
		return d, err
	}
	layer := &d.account.Settings
	if d.feed.ID != 0 {
		layer, d.route.Enabled = &d.route.Settings, r.PostForm.Get("takes") == "yes"
	}
	d.read(layer, r.PostForm)
	return d, nil
}

// settingValues returns the settings in a form, in the order of the page.
func settingValues(form url.Values) (values []owner.Value) {
	for _, setting := range draft.Settings() {
		if !form.Has(setting.Name) {
			continue
		}
		text := strings.ReplaceAll(form.Get(setting.Name), "\r\n", "\n")
		if bare := strings.TrimSpace(text); !setting.Lines || bare == "" {
			text = bare
		}
		values = append(values, owner.Value{Setting: setting.Name, Text: text})
	}
	return values
}

// read applies the form to a layer of settings. It collects the values that Set refuses and those that the owner must
// confirm.
func (d *settingsData) read(layer *store.Settings, form url.Values) {
	d.typed, d.wrong = map[string]string{}, map[string]string{}
	before := saidQuiet(*layer)
	values := settingValues(form)
	for _, wrong := range owner.Apply(layer, values) {
		d.wrong[wrong.Setting] = sentence(strings.TrimPrefix(wrong.Error(), wrong.Setting+": "))
	}
	for _, v := range values {
		if d.wrong[v.Setting] != "" {
			d.typed[v.Setting] = v.Text
		}
	}
	if said := saidQuiet(*layer); said != before && draft.SwappedQuiet(said) != "" &&
		form.Get(keepQuietHours) != said {
		d.asked = said
	}
}

// saidQuiet returns the quiet hours that a layer of settings sets; "" for none.
func saidQuiet(layer store.Settings) string {
	for _, setting := range draft.Settings() {
		if setting.Name == quietHours {
			return setting.TextIn(layer)
		}
	}
	return ""
}

func newSettingsView(d settingsData) settingsView {
	v := settingsView{
		Account: d.account.ID, Name: d.account.Name(), Paused: d.account.Paused, Feed: d.feed.ID,
		Takes: d.route.Enabled,
		Above: "the default", PauseVerb: "pause", PauseWord: "Pause",
	}
	if d.account.Paused {
		v.PauseVerb, v.PauseWord = "resume", "Resume"
	}
	v.Choices = []settingsChoice{{Link: settingsLink(v.Account, 0), Name: "Every feed", Here: v.Feed == 0}}
	for _, f := range d.feeds {
		v.Choices = append(v.Choices, settingsChoice{
			Link: settingsLink(v.Account, f.ID), Name: feedName(f), Here: f.ID == v.Feed, Off: !d.routeOf(f.ID).Enabled,
		})
	}
	layer, below := d.account.Settings, draft.Resolve()
	now := draft.Resolve(draft.Inherited(d.account, store.Route{})...)
	if v.Feed != 0 {
		v.FeedName, v.Above = feedName(d.feed), "the account"
		layer, below = d.route.Settings, now
		now = draft.Resolve(draft.Inherited(d.account, d.route)...)
	}
	for _, name := range draft.SettingGroups {
		g := settingsGroup{Name: name}
		if name == "Which posts" {
			g.Note = words.PageFiltersHint
		}
		for _, setting := range draft.Settings() {
			if setting.Group == name {
				g.Fields = append(g.Fields, newSettingField(setting, layer, below, now, d))
			}
		}
		said, wrong := 0, false
		for _, f := range g.Fields {
			wrong = wrong || f.Wrong != ""
			if f.Value != "" {
				said++
			}
		}
		if said > 0 {
			g.Said = words.PageSettingsHere(said)
		}
		g.Open = said > 0 || wrong || len(v.Groups) == 0
		v.Groups = append(v.Groups, g)
	}
	for _, p := range d.posts {
		v.Posts = append(v.Posts, newPostPreview(p, d))
	}
	return v
}

var originWords = map[string]string{"default": "the default", "account": "the account", "route": words.OriginThisFeed}

func newSettingField(setting draft.Setting, layer store.Settings, below, now draft.Resolved,
	d settingsData) settingField {
	f := settingField{
		Key: setting.Name, Title: setting.Title, Help: setting.Help, Value: setting.TextIn(layer),
		Choices: setting.Choices, Lines: setting.Lines,
		Wrong: d.wrong[setting.Name], ID: fieldID(setting.Name),
	}
	text, origin := setting.Effective(below)
	f.Inherited = oneLine(text) + ", from " + originWords[origin]
	text, origin = setting.Effective(now)
	f.Now = oneLine(text) + ", from " + originWords[origin]
	if typed, ok := d.typed[setting.Name]; ok {
		f.Value = typed
	}
	if setting.Name == quietHours && d.asked != "" {
		f.Asks, f.Keep = words.PageSwappedQuiet(d.asked, draft.SwappedQuiet(d.asked)), d.asked
	}
	return f
}

// fieldID returns the HTML id of a setting's field.
func fieldID(setting string) string { return "setting-" + setting }

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }

func newPostPreview(p store.Post, d settingsData) postPreview {
	route := d.routeOf(p.FeedID)
	if p.FeedID == d.feed.ID {
		route = d.route
	}
	v := postPreview{Title: title(p), Link: webLink(p.URL)}
	if f, ok := d.named[p.FeedID]; ok {
		v.Feed = feedName(f)
	}
	layers := draft.Layers(d.account, route, p)
	plan, err := draft.Plan(p, store.Edits{}, layers...)
	switch {
	case !route.Enabled:
		v.Against = words.PageFeedNotTaken(d.account.Name())
	case err != nil:
		v.Against = words.PageWouldBeHeld(clauseOf(draft.Unfit(err)).onForm(d.account.ID, p.FeedID).String())
	default:
		if why := draft.Filtered(p, plan.Settings); !why.IsZero() {
			v.Against = words.PageWouldBeSkipped(clauseOf(why).onForm(d.account.ID, p.FeedID).String())
		}
	}
	v.Kind, v.Caption, v.Comment, v.Notes = kindWord(plan.Kind), plan.Caption.Text, plan.Extras.FirstComment, plan.Notes
	switch {
	case plan.Kind == store.KindStory:
		v.NoCaption = words.RuleCaptionStory
	case v.Caption == "" && err == nil:
		v.NoCaption = words.NoCaption
	}
	v.Along = alongWords(plan.Extras)
	return v
}

// alongWords describes what is published besides media and caption.
func alongWords(x store.Extras) string {
	var all []string
	if x.LocationID != "" {
		all = append(all, "location "+x.LocationID)
	}
	if len(x.Collaborators) > 0 {
		all = append(all, "with @"+strings.Join(x.Collaborators, ", @"))
	}
	if len(x.UserTags) > 0 {
		all = append(all, "tags @"+strings.Join(x.UserTags, ", @"))
	}
	if x.ShareToFeed != nil {
		all = append(all, ifElse(*x.ShareToFeed, words.PageSharedToFeed, words.PageNotSharedToFeed))
	}
	return strings.Join(all, "; ")
}
