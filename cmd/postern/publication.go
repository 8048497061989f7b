package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/publisher"
	"postern/shape"
	"postern/store"
)

type publicationsCmd struct {
	Post  []string `arg:"" optional:"" help:"Only those of posts with these words in the title or address; or the one with this number, 12, or of the post with this number, post:12."`
	State []string `help:"Only those in these states: ${states}." placeholder:"S"`
}

// Help is shown by --help.
func (publicationsCmd) Help() string {
	return "Examples:\n  postern publications\n  postern publications lighthouse\n  postern publications --state queued,held --json\n\nDETAIL says why a post was not published, or where it is."
}

// Run lists publications.
func (c *publicationsCmd) Run(in *invocation) error {
	var filter store.Filter
	for _, s := range c.State {
		if !slices.Contains(store.States, store.State(s)) {
			return usage("there is no state %q; there are %s", s, stateNames())
		}
		filter.States = append(filter.States, store.State(s))
	}
	nothing := "no publications yet: they appear when a feed shows posts that an account takes"
	if len(filter.States) > 0 {
		nothing = "none: " + strings.Join(c.State, ", ")
	}
	app, err := in.tools("publications")
	if err != nil {
		return in.nothing(err, nothing)
	}
	defer app.Close()
	var left []store.LeftOut
	if len(filter.States) == 0 || slices.Contains(filter.States, store.Skipped) {
		if left, _, err = app.store.LeftOutPage(in.ctx, store.LeftOutQuery{Limit: math.MaxInt32}); err != nil {
			return err
		}
		slices.Reverse(left) // the oldest first, as publications
	}
	matches := c.matches
	if len(c.Post) > 0 {
		nothing = "no post matches"
		if matches, err = c.only(in.ctx, app.store); err != nil {
			return err
		}
	}
	return in.publications(app.store, filter, matches, left, nothing)
}

// allPosts leaves none out of a list.
func allPosts(int64, store.Post) bool { return true }

// only returns what is asked for: those with a number, or where there is none such, those with words.
func (c *publicationsCmd) only(ctx context.Context, s *store.Store) (matches func(id int64, p store.Post) bool, err error) {
	var t target
	if len(c.Post) != 1 || t.UnmarshalText([]byte(c.Post[0])) != nil {
		return c.matches, nil
	}
	if t.post == 0 {
		switch _, err := s.Publication(ctx, t.id); {
		case errors.Is(err, store.ErrNotFound):
			return c.matches, nil // a word with digits alone
		case err != nil:
			return nil, err
		}
	}
	return func(id int64, p store.Post) bool { return t.post != 0 && t.post == p.ID || t.id != 0 && t.id == id }, nil
}

// matches reports whether a post has the words that were asked for.
func (c *publicationsCmd) matches(_ int64, p store.Post) bool {
	said := strings.ToLower(p.Title + " " + p.URL + " " + p.GUID)
	return !slices.ContainsFunc(strings.Fields(strings.ToLower(strings.Join(c.Post, " "))), func(word string) bool { return !strings.Contains(said, word) })
}

func stateNames() string {
	names := make([]string, len(store.States))
	for i, s := range store.States {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// publications prints what the filter finds and matches, then the skipped posts without a publication; for people the words nothing if that is
// nothing.
func (in *invocation) publications(s *store.Store, f store.Filter, matches func(id int64, p store.Post) bool, left []store.LeftOut, nothing string) error {
	listed, err := s.Publications(in.ctx, f)
	if err != nil {
		return err
	}
	listed = slices.DeleteFunc(listed, func(l store.Listed) bool { return !matches(l.ID, l.Post) })
	views, err := shape.Publications(in.ctx, s, listed)
	if err != nil {
		return err
	}
	for _, l := range left {
		if matches(0, l.Post) {
			views = append(views, shape.LeftOut(l))
		}
	}
	return in.print(views, func(w io.Writer) error {
		if len(views) == 0 {
			_, err := fmt.Fprintln(w, nothing)
			return err
		}
		now, rows := time.Now(), [][]string{}
		for _, v := range views {
			name := v.Post.Title
			if name == "" {
				name = v.Caption
			}
			if name == "" {
				name = v.Post.URL
			}
			what := v.Permalink
			if v.State != store.Published || what == "" {
				what = v.Reason
			}
			next, _ := time.Parse(time.RFC3339, v.Next)
			account := v.Account.Label
			if account == "" {
				account = v.Account.Username
			}
			id := fmt.Sprint(v.ID)
			if v.ID == 0 {
				id = fmt.Sprintf("post:%d", v.Post.ID)
			}
			rows = append(rows, []string{id, string(v.State), string(v.Kind), short(name, 40), short(account, 20), when(next, now), what})
		}
		return table(w, []string{"ID", "STATE", "KIND", "POST", "ACCOUNT", "NEXT", "DETAIL"}, rows)
	})
}

// target names a publication: by its number, or by that of its post.
type target struct{ id, post int64 }

// UnmarshalText reads "12" or "post:12".
func (t *target) UnmarshalText(text []byte) error {
	number, isPost := strings.CutPrefix(string(text), "post:")
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || n < 1:
		return fmt.Errorf("%q is neither the number of a publication nor post:N; `postern publications` shows both", text)
	case isPost:
		t.post = n
	default:
		t.id = n
	}
	return nil
}

// publication returns the publication's number. A skipped post without one has none: the error says what would make it go out.
func (t target) publication(ctx context.Context, s *store.Store) (int64, error) {
	if t.post == 0 {
		return t.id, nil
	}
	p, err := s.Post(ctx, t.post)
	if err != nil {
		return 0, err
	}
	pubs, err := s.PublicationsOfPost(ctx, t.post)
	if err != nil {
		return 0, err
	}
	switch len(pubs) {
	case 1:
		return pubs[0].ID, nil
	case 0:
		f, err := s.Feed(ctx, p.FeedID)
		if err != nil {
			return 0, err
		}
		return 0, fmt.Errorf("post %d is skipped: %s. %s", t.post, p.WhyLeftOut(), publisher.GoesOutWhen(p, f))
	}
	var ids []string
	for _, l := range pubs {
		ids = append(ids, fmt.Sprintf("%d (%s)", l.ID, l.Account.Name()))
	}
	return 0, fmt.Errorf("post %d has %d publications. Name one: %s", t.post, len(pubs), strings.Join(ids, ", "))
}

// captionOf returns the caption that a command was given: the words, or standard input for "-". "" leaves the caption as it is.
func captionOf(in *invocation, typed string) (string, error) {
	if typed != "-" {
		return typed, nil
	}
	text, err := io.ReadAll(io.LimitReader(in.input(), maxCaptionInput))
	return strings.TrimRight(string(text), "\r\n"), err
}

// maxCaptionInput is more bytes than any caption that Instagram takes.
const maxCaptionInput = 64 << 10

// order carries out a person's command on one publication, with another caption unless that is "".
func order(in *invocation, of target, o store.Order, caption string) error {
	app, err := in.tools(string(o.Command))
	if err != nil {
		return err
	}
	defer app.Close()
	o.By = store.CLI
	id, err := of.publication(in.ctx, app.store)
	if err != nil {
		return err
	}
	if _, err := app.store.Publication(in.ctx, id); err != nil {
		return err
	}
	if caption != "" {
		if o.Edits, o.Revision, err = publisher.WithCaption(in.ctx, app.store, id, caption); err != nil {
			return err
		}
	}
	if _, err := app.store.Do(in.ctx, id, o); err != nil {
		return err
	}
	l, err := app.store.Listed(in.ctx, id)
	if err != nil {
		return err
	}
	one := []store.Listed{l}
	views, err := shape.Publications(in.ctx, app.store, one)
	if err != nil {
		return err
	}
	after := goesOutAfter(one[0])
	switch {
	case l.State == store.Queued && after != "":
		return in.say(views[0], "publication %d is queued and %s", id, after)
	case l.State == store.Queued && o.Command == store.CommandApprove:
		return in.say(views[0], "publication %d is approved and goes out in its turn", id)
	case l.State == store.Queued:
		return in.say(views[0], "publication %d is queued; the daemon takes it within seconds, or the next `postern sync`", id)
	}
	return in.say(views[0], "publication %d is %s", id, l.State)
}

// goesOutAfter returns what a queued publication of a halted account waits for, "" when the account publishes.
func goesOutAfter(l store.Listed) string {
	resume, connect := fmt.Sprintf("`postern account resume %d`", l.AccountID), l.Account.Name()+" is connected again"
	return publisher.GoesOutAfter(l, publisher.Steps{
		Approve: fmt.Sprintf("`postern approve %d`", l.ID), Resume: resume, Connect: connect, ConnectAndResume: connect + " and " + resume,
	}, time.Now())
}

type publishCmd struct {
	ID      target `arg:"" help:"Number of the publication, or post:N for the post with that number."`
	Caption string `help:"Use this caption instead; - reads it from standard input." placeholder:"TEXT"`
}

// Help is shown by --help.
func (publishCmd) Help() string { return "Example:\n  postern publish 12" }

// Run publishes one that is held, skipped or queued.
func (c *publishCmd) Run(in *invocation) error {
	words, err := captionOf(in, c.Caption)
	if err != nil {
		return err
	}
	return order(in, c.ID, store.Order{Command: store.CommandPublish}, words)
}

type approveCmd struct {
	ID      target `arg:"" help:"Number of the publication, or post:N for the post with that number."`
	Caption string `help:"Use this caption instead; - reads it from standard input." placeholder:"TEXT"`
}

// Help is shown by --help.
func (approveCmd) Help() string {
	return "Examples:\n  postern approve 12\n  postern approve 12 --caption 'Low tide'\n\nQuiet hours, posts per day and waiting times are kept. To publish at once, use publish."
}

// Run lets one that is held, skipped or queued go out in its turn.
func (c *approveCmd) Run(in *invocation) error {
	words, err := captionOf(in, c.Caption)
	if err != nil {
		return err
	}
	return order(in, c.ID, store.Order{Command: store.CommandApprove}, words)
}

type holdCmd struct {
	ID      target `arg:"" help:"Number of the publication, or post:N for the post with that number."`
	Caption string `help:"Use this caption instead; - reads it from standard input." placeholder:"TEXT"`
}

// Help is shown by --help.
func (holdCmd) Help() string { return "Example:\n  postern hold 12" }

// Run keeps one back.
func (c *holdCmd) Run(in *invocation) error {
	words, err := captionOf(in, c.Caption)
	if err != nil {
		return err
	}
	return order(in, c.ID, store.Order{Command: store.CommandHold}, words)
}

type skipCmd struct {
	ID target `arg:"" help:"Number of the publication, or post:N for the post with that number."`
}

// Help is shown by --help.
func (skipCmd) Help() string { return "Example:\n  postern skip 12" }

// Run decides against one.
func (c *skipCmd) Run(in *invocation) error {
	return order(in, c.ID, store.Order{Command: store.CommandSkip}, "")
}

type retryCmd struct {
	ID      target `arg:"" help:"Number of the publication, or post:N for the post with that number."`
	NotLive bool   `help:"You looked at the profile, and an unconfirmed one is not there."`
}

// Help is shown by --help.
func (retryCmd) Help() string { return "Examples:\n  postern retry 12\n  postern retry 12 --not-live" }

// Run tries one again.
func (c *retryCmd) Run(in *invocation) error {
	return order(in, c.ID, store.Order{Command: store.CommandRetry, NotLive: c.NotLive}, "")
}

type confirmCmd struct {
	ID        target `arg:"" help:"Number of the publication, or post:N for the post with that number."`
	Permalink string `help:"Its address on Instagram, if you have it." placeholder:"URL"`
}

// Help is shown by --help.
func (confirmCmd) Help() string {
	return "Example:\n  postern confirm 12 --permalink https://www.instagram.com/p/ABC/"
}

// Run says that one is live.
func (c *confirmCmd) Run(in *invocation) error {
	if u, err := url.Parse(c.Permalink); c.Permalink != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")) {
		return usage("--permalink must be an address such as https://www.instagram.com/p/ABC/")
	}
	return order(in, c.ID, store.Order{Command: store.CommandConfirm, Permalink: c.Permalink}, "")
}
