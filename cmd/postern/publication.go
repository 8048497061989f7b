package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"postern/daemon"
	"postern/owner"
	"postern/publisher"
	"postern/shape"
	"postern/store"
	"postern/words"
)

type publicationsCmd struct {
	Post  []string `arg:"" optional:"" help:"help_publications_post"`
	State []string `help:"help_publications_state" placeholder:"S"`
}

// Run lists publications.
func (c *publicationsCmd) Run(in *invocation) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	nothing := words.NoPublicationsYet
	if len(filter.States) > 0 {
		nothing = words.NoneInStates(c.State)
	}
	app, err := in.tools("publications")
	if err != nil {
		return in.nothing(err, nothing)
	}
	defer app.Close()
	views, one, err := c.find(in.ctx, app.store, filter)
	if err != nil {
		return err
	}
	feeds, err := app.store.Feeds(in.ctx)
	if err != nil {
		return err
	}
	holder, err := daemon.LockHolder(app.cfg.DataDir)
	if err != nil {
		return err
	}
	unread := strings.Join(unreadFeeds(feeds, holder != "", time.Now()), " ")
	if len(feeds) > 0 && len(filter.States) == 0 {
		nothing = words.NoPublicationsUntil
	}
	if len(views) == 0 && len(c.Post) > 0 {
		nothing = cmp.Or(numberHint(c.Post), noMatch(filter, feeds, holder != "", time.Now()))
	}
	if in.json { // JSON must not know less than text
		in.complainEach(jsonRemarks(len(views) == 0, len(c.Post) > 0, len(c.State) > 0, nothing, unread))
	}
	var checks []store.Check
	if one != 0 && len(views) == 1 {
		if checks, err = in.checksOf(app, one); err != nil {
			return err
		}
		if in.json {
			return writeJSON(in.stdout, []checkedPublication{{views[0], checks}})
		}
	}
	return in.print(views, func(w io.Writer) error {
		if err := writePublications(w, views, nothing); err != nil {
			return err
		}
		if unread != "" && len(c.Post) == 0 {
			if _, err := fmt.Fprintf(w, "\n%s\n", unread); err != nil {
				return err
			}
		}
		if err := writeChecks(w, checks); err != nil {
			return err
		}
		return writeIdle(w, app.cfg.DataDir, views)
	})
}

// jsonRemarks returns what text says of the feeds, and of words that no post has, as lines beside an empty list. A
// search in some states finds nothing more often than not, and says nothing of the feeds.
func jsonRemarks(isEmpty, isSearch, isOfStates bool, nothing, unread string) string {
	switch {
	case isEmpty && isSearch && !isOfStates:
		return nothing
	case isEmpty && !isSearch:
		return unread
	}
	return ""
}

// filter returns what the flags narrow the list to. It refuses what names nothing.
func (c *publicationsCmd) filter() (f store.Filter, err error) {
	for i, s := range c.State {
		s = strings.ToLower(s)
		c.State[i] = s
		if !slices.Contains(store.States, store.State(s)) {
			return f, usage(words.StateUnknown(s, stateNames()))
		}
		f.States = append(f.States, store.State(s))
	}
	if len(c.Post) == 1 && c.Post[0] != "" && strings.Trim(c.Post[0], "#0") == "" {
		return f, usage(words.PublicationsFromOne)
	}
	if _, isNumber := c.number(); !isNumber && len(c.Post) == 1 && strings.HasPrefix(c.Post[0], "post:") {
		return f, usage(new(target).UnmarshalText([]byte(c.Post[0])).Error())
	}
	return f, nil
}

// number returns what a single word names if it is a number, as in 12 or post:12.
func (c *publicationsCmd) number() (t target, ok bool) {
	return t, len(c.Post) == 1 && t.UnmarshalText([]byte(c.Post[0])) == nil
}

// find returns the publications and posts that were asked for, and the publication that was asked for by its
// number, 0 for none. A number that no publication has is a word like any other.
func (c *publicationsCmd) find(ctx context.Context, s *store.Store,
	f store.Filter) (views []shape.Publication, one int64, err error) {
	matches := c.matches
	named, isNumber := c.number()
	if isNumber {
		there, err := named.isThere(ctx, s)
		switch {
		case err != nil:
			return nil, 0, err
		case there:
			matches, one, isNumber = named.matches, named.id, false
		case named.post != 0:
			return nil, 0, named.unknown()
		}
	}
	if several, err := c.several(ctx, s); err != nil {
		return nil, 0, err
	} else if several != nil {
		matches = several
	}
	if views, err = viewsOf(ctx, s, f, matches); err != nil {
		return nil, 0, err
	}
	left, err := leftOut(ctx, s, f)
	for _, l := range left {
		if matches(0, l.Post) {
			views = append(views, shape.LeftOut(l))
		}
	}
	if err == nil && isNumber && len(views) == 0 {
		err = named.unknown()
	}
	return views, one, err
}

// several returns what matches any of several numbers when each of the words is one that exists, nil otherwise: then
// they are words of a title.
func (c *publicationsCmd) several(ctx context.Context, s *store.Store) (func(int64, store.Post) bool, error) {
	if len(c.Post) < 2 {
		return nil, nil
	}
	var named []target
	for _, word := range c.Post {
		var t target
		if t.UnmarshalText([]byte(word)) != nil {
			return nil, nil
		}
		if there, err := t.isThere(ctx, s); err != nil || !there {
			return nil, err
		}
		named = append(named, t)
	}
	return func(id int64, p store.Post) bool {
		return slices.ContainsFunc(named, func(t target) bool { return t.matches(id, p) })
	}, nil
}

// matches reports whether a post has the words that were asked for.
func (c *publicationsCmd) matches(_ int64, p store.Post) bool {
	said := strings.ToLower(p.Title + " " + p.URL + " " + p.GUID)
	return !slices.ContainsFunc(strings.Fields(strings.ToLower(strings.Join(c.Post, " "))),
		func(word string) bool { return !strings.Contains(said, word) })
}

// otherNumbers are numbers of publications as they are written elsewhere: #3 or 3,6.
var otherNumbers = regexp.MustCompile(`^[#0-9][#0-9,]*$`)

// numberHint says how numbers are written where the words that were asked for look like numbers, "" where they do not.
func numberHint(typed []string) string {
	for _, w := range typed {
		if !otherNumbers.MatchString(w) {
			return ""
		}
	}
	var numbers []string
	for _, n := range strings.FieldsFunc(strings.Join(typed, " "), func(r rune) bool { return !unicode.IsDigit(r) }) {
		if n = strings.TrimLeft(n, "0"); n != "" {
			numbers = append(numbers, n)
		}
	}
	return words.WriteNumbersAlone(numbers)
}

func stateNames() []string {
	names := make([]string, len(store.States))
	for i, s := range store.States {
		names[i] = string(s)
	}
	return names
}

// target names a publication: by its number, or by that of its post.
type target struct{ id, post int64 }

// UnmarshalText reads "12" or "post:12".
func (t *target) UnmarshalText(text []byte) error {
	number, isPost := strings.CutPrefix(string(text), "post:")
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || n < 1:
		return errors.New(words.NotPublication(string(text)))
	case isPost:
		t.post = n
	default:
		t.id = n
	}
	return nil
}

// isThere reports whether what the number names exists.
func (t target) isThere(ctx context.Context, s *store.Store) (bool, error) {
	var err error
	if t.post != 0 {
		_, err = s.Post(ctx, t.post)
	} else {
		_, err = s.Publication(ctx, t.id)
	}
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// unknown returns the error of a number that names nothing.
func (t target) unknown() error {
	if t.post != 0 {
		return fmt.Errorf("post %d: %w", t.post, store.ErrNotFound)
	}
	return fmt.Errorf("publication %d: %w", t.id, store.ErrNotFound)
}

// matches reports whether the number is that of the publication or of its post.
func (t target) matches(id int64, p store.Post) bool {
	return t.post != 0 && t.post == p.ID || t.id != 0 && t.id == id
}

// publication returns the publication's number. A skipped post without one has none: the error says what would
// make it go out.
func (t target) publication(ctx context.Context, o *owner.Orders) (int64, error) {
	if t.post == 0 {
		return t.id, nil
	}
	id, err := o.PublicationOfPost(ctx, t.post)
	if not, ok := errors.AsType[*owner.PostError](err); ok {
		return 0, errors.New(shape.NotOne(not.Left, not.Of))
	}
	return id, err
}

// captionOf returns the caption that a command was given: the words, or standard input for "-". "" leaves the
// caption as it is.
func captionOf(in *invocation, typed string) (string, error) {
	if typed != "-" {
		return typed, nil
	}
	text, err := io.ReadAll(io.LimitReader(in.input(), maxCaptionInput))
	return strings.TrimRight(string(text), "\r\n"), err
}

// maxCaptionInput is more bytes than any caption that Instagram takes.
const maxCaptionInput = 64 << 10

// errAnswered is the error of a command that has already written what went wrong.
var errAnswered = errors.New("answered already")

// decide carries out a person's decision on publications, with another caption unless that is "". Of several each
// is answered on a line of its own.
func decide(in *invocation, of []target, d owner.Decision, caption string) error {
	if len(of) > 1 && caption != "" {
		return usage(words.CaptionForOne(len(of)))
	}
	if caption != "" {
		d.Edit = &owner.Edit{Caption: &caption}
	}
	app, err := in.tools(string(d.Command))
	if err != nil {
		return err
	}
	defer app.Close()
	if len(of) == 1 {
		view, answer, err := decideOne(in.ctx, app, of[0], d)
		if err != nil {
			return err
		}
		return in.answer(view, answer)
	}
	views, lines, failed := []shape.Publication{}, []string{}, error(nil)
	for _, t := range of {
		view, answer, err := decideOne(in.ctx, app, t, d)
		if err != nil {
			in.complain(explain(string(d.Command), err))
			failed = errAnswered
			continue
		}
		views, lines = append(views, view), append(lines, answer)
	}
	err = in.print(views, func(w io.Writer) error {
		for _, line := range lines {
			if _, err := fmt.Fprintln(w, printable(line)); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, failed)
}

// decideOne carries out a decision on one publication and returns the publication as it is now, with the answer for
// people.
func decideOne(ctx context.Context, app *App, of target, d owner.Decision) (view shape.Publication, answer string,
	err error) {
	id, err := of.publication(ctx, app.orders())
	if err != nil {
		return view, "", err
	}
	done, err := app.orders().Decide(ctx, id, d)
	if err != nil {
		return view, "", err
	}
	views, err := shape.Publications(ctx, app.store, []store.Listed{done.After})
	if err != nil {
		return view, "", err
	}
	holder, err := daemon.LockHolder(app.cfg.DataDir)
	if err != nil {
		return view, "", err
	}
	answer = decidedWords(done, holder != "")
	if !done.Stopped.IsZero() {
		answer = words.DecidedStopped(id, titleOf(done.After), detailOf(views[0]))
	}
	if d.Edit != nil && d.Edit.Caption != nil {
		answer = words.Text(answer, words.CaptionReplaced)
	}
	if !done.Overrides.IsZero() {
		answer = words.Text(answer, words.FilterOverridden(done.Overrides.String()))
	}
	return views[0], answer, nil
}

// decidedWords says what a decision did to a publication. isServed says that a daemon runs.
func decidedWords(d owner.Decided, isServed bool) string {
	id, title, after, gates := d.After.ID, titleOf(d.After), goesOutAfter(d.After), ""
	if !d.After.Gates.IsZero() {
		gates = d.After.Gates.String()
	}
	state, goesOut := words.DecidedState(id, title, string(d.After.State)), words.GoesOutNow(isServed)
	switch {
	case d.After.State != store.Queued:
		return state
	case after != "":
		return words.DecidedAfter(id, title, after)
	case d.Effect == owner.AlreadyExpedited && d.Blocked.ID == "":
		return words.DecidedExpeditedAlready(id, title)
	}
	isInTurn := true
	switch d.Effect {
	case owner.AlreadyWaiting:
		state = words.DecidedWaitingAlready(id, title)
	case owner.PutBack:
		state = words.DecidedPutBack(id, title)
	case owner.Approved:
		state = words.DecidedApproved(id, title)
	default:
		isInTurn = false
	}
	switch {
	case d.Blocked.ID != "" && !isInTurn:
		state, goesOut = words.Text(state, words.MediaTriedAgain(isServed)),
			words.GoesOutAfterProblem(false, d.Blocked.Text, d.Blocked.Remedy)
	case d.Blocked.ID != "":
		goesOut = words.GoesOutAfterProblem(true, d.Blocked.Text, d.Blocked.Remedy)
	case isInTurn:
		goesOut = words.GoesOutInTurn(isServed, gates)
	}
	return words.Text(state, goesOut)
}

// titleOf returns the title of a publication's post as a sentence names it; "" when it has none.
func titleOf(l store.Listed) string { return short(l.Post.Title, 40) }

// goesOutAfter returns what a queued publication of a halted account waits for, "" when the account publishes.
func goesOutAfter(l store.Listed) string {
	name := l.Account.Name()
	return publisher.GoesOutAfter(l, publisher.Steps{
		Approve: words.CommandStepApprove(l.ID), Resume: words.CommandStepResume(l.AccountID),
		Connect: words.CommandStepConnect(name), ConnectAndResume: words.CommandStepConnectAndResume(name, l.AccountID),
	}, time.Now().In(l.ReadyAt.Location())) // the zone of its settings
}

type publishCmd struct {
	ID      []target `arg:"" help:"help_publication_ids"`
	Caption string   `help:"help_publication_caption" placeholder:"TEXT"`
}

// Run publishes those that are held, skipped or queued.
func (c *publishCmd) Run(in *invocation) error {
	caption, err := captionOf(in, c.Caption)
	if err != nil {
		return err
	}
	return decide(in, c.ID, owner.Decision{Command: store.CommandPublish}, caption)
}

type approveCmd struct {
	ID      []target `arg:"" help:"help_publication_ids"`
	Caption string   `help:"help_publication_caption" placeholder:"TEXT"`
}

// Run lets those that are held, skipped or queued go out in their turn.
func (c *approveCmd) Run(in *invocation) error {
	caption, err := captionOf(in, c.Caption)
	if err != nil {
		return err
	}
	return decide(in, c.ID, owner.Decision{Command: store.CommandApprove}, caption)
}

type holdCmd struct {
	ID      []target `arg:"" help:"help_publication_ids"`
	Caption string   `help:"help_publication_caption" placeholder:"TEXT"`
}

// Run keeps those back.
func (c *holdCmd) Run(in *invocation) error {
	caption, err := captionOf(in, c.Caption)
	if err != nil {
		return err
	}
	return decide(in, c.ID, owner.Decision{Command: store.CommandHold}, caption)
}

type skipCmd struct {
	ID []target `arg:"" help:"help_publication_ids"`
}

// Run decides against those.
func (c *skipCmd) Run(in *invocation) error {
	return decide(in, c.ID, owner.Decision{Command: store.CommandSkip}, "")
}

type retryCmd struct {
	ID      []target `arg:"" help:"help_publication_ids"`
	NotLive bool     `help:"help_retry_not_live"`
}

// Run tries those again.
func (c *retryCmd) Run(in *invocation) error {
	if c.NotLive && len(c.ID) > 1 {
		return usage(words.NotLiveForOne)
	}
	return decide(in, c.ID, owner.Decision{Command: store.CommandRetry, NotLive: c.NotLive}, "")
}

type confirmCmd struct {
	ID        target `arg:"" help:"help_confirm_id"`
	Permalink string `help:"help_confirm_permalink" placeholder:"URL"`
}

// Run says that one is live.
func (c *confirmCmd) Run(in *invocation) error {
	d := owner.Decision{Command: store.CommandConfirm, Permalink: c.Permalink}
	if d.Check() != nil {
		return usage(words.PermalinkNoAddress)
	}
	return decide(in, []target{c.ID}, d, "")
}
