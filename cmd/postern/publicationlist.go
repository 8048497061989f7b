package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"postern/address"
	"postern/daemon"
	"postern/draft"
	"postern/reason"
	"postern/shape"
	"postern/store"
	"postern/words"
)

// viewsOf returns the publications that the filter finds and that match.
func viewsOf(ctx context.Context, s *store.Store, f store.Filter,
	matches func(id int64, p store.Post) bool) ([]shape.Publication, error) {
	listed, err := s.Publications(ctx, f)
	if err != nil {
		return nil, err
	}
	return shape.Publications(ctx, s,
		slices.DeleteFunc(listed, func(l store.Listed) bool { return !matches(l.ID, l.Post) }))
}

// allPosts leaves none out of a list.
func allPosts(int64, store.Post) bool { return true }

// leftOut returns the skipped posts without a publication, the oldest first, where the filter is for skipped ones.
func leftOut(ctx context.Context, s *store.Store, f store.Filter) ([]store.LeftOut, error) {
	if len(f.States) > 0 && !slices.Contains(f.States, store.Skipped) {
		return nil, nil
	}
	left, _, err := s.LeftOutPage(ctx, store.LeftOutQuery{Limit: math.MaxInt32})
	slices.Reverse(left)
	return left, err
}

// writePublications prints publications as a table for people, and below it what concerns several of them; the
// words nothing if there are none.
func writePublications(w io.Writer, views []shape.Publication, nothing string) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, nothing)
		return err
	}
	now, rows := time.Now(), [][]string{}
	together := crowdsOf(views)
	for _, v := range views {
		name := cmp.Or(v.Post.Title, v.Caption, v.Post.URL)
		if n := together.size(v); n > 1 { // the line below the list says how
			v.Remedy = strings.TrimSpace(strings.Replace(v.Remedy, words.ReleaseAlike(n), "", 1))
		}
		rows = append(rows, []string{numberOf(v), string(v.State), string(v.Kind), short(name, 40),
			short(cmp.Or(v.Account.Label, v.Account.Username), 20), nextOf(v, now), detailOf(v)})
	}
	if err := table(w, []string{"ID", "STATE", "KIND", "POST", "ACCOUNT", "NEXT", "DETAIL"}, rows); err != nil {
		return err
	}
	for _, line := range together.lines() {
		if _, err := fmt.Fprintf(w, "\n%s\n", printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// nextOf returns when the next step of a publication begins, as its reason tells it: up to the minute where it waits
// for a time, and in the zone of its settings.
func nextOf(v shape.Publication, now time.Time) string {
	next, _ := time.Parse(time.RFC3339, v.Next)
	if next.IsZero() {
		return ""
	}
	if next.Before(now) {
		next = now // what is due is done as soon as its turn comes
	}
	if why := (reason.Reason{Code: v.ReasonCode}); v.State == store.Queued && why.Is(reason.DatedAhead, reason.MinAge,
		reason.CoolDown, reason.FeedCoolDown, reason.PostsPerDay, reason.QuietHours,
		reason.Slots) {
		next = draft.UpToMinute(next)
	}
	if next.Sub(now) >= 24*time.Hour && v.Zone != nil {
		return draft.DayClock(next.In(v.Zone), now)
	}
	return whenIn(next, now, cmp.Or(v.Zone, time.Local))
}

// numberOf returns what names a publication, or a skipped post without one, in commands.
func numberOf(v shape.Publication) string {
	if v.ID == 0 {
		return fmt.Sprintf("post:%d", v.Post.ID)
	}
	return fmt.Sprint(v.ID)
}

// detailOf returns where a publication is, or why it is in its state and what to do. The step that both of these
// name is written once.
func detailOf(v shape.Publication) string {
	if v.State == store.Published && v.Permalink != "" {
		return v.Permalink
	}
	why := v.Reason
	if adviceIsRemedy(v.ReasonCode) && v.Remedy != "" {
		d, _ := reason.Lookup(v.ReasonCode)
		_, advice, _ := strings.Cut(d.Text, "; ")
		why = strings.Replace(why, "; "+advice, "", 1)
	}
	if step, _, _ := strings.Cut(v.Remedy, ". "); step != "" {
		first, size := utf8.DecodeRuneInString(step)
		step = string(unicode.ToLower(first)) + strings.TrimSuffix(step[size:], ".")
		why = strings.Replace(why, "; "+step, "", 1)
	}
	return strings.Join(slices.DeleteFunc([]string{why, v.Remedy}, func(s string) bool { return s == "" }), ". ")
}

// adviceIsRemedy reports whether the remedy of a reason repeats, with commands, what the reason itself says to do.
func adviceIsRemedy(code reason.Code) bool {
	return reason.Reason{Code: code}.Is(reason.HoldFixed, reason.SyndicateOff, reason.NothingToShow,
		reason.MediaRemoved,
		reason.EditTooLong, reason.StartHold, reason.DatedBefore, reason.ApprovalOff, reason.SensitiveOff)
}

// crowd is an account and a reason for which several of its publications are held.
type crowd struct {
	account int64
	code    reason.Code
}

// crowds are the publications of a list that are held together, the first crowd first.
type crowds struct {
	order []crowd
	ids   map[crowd][]string
	name  map[int64]string // of the accounts
}

// crowdsOf returns which of the publications are held together.
func crowdsOf(views []shape.Publication) crowds {
	all := crowds{ids: map[crowd][]string{}, name: map[int64]string{}}
	for _, v := range views {
		if v.State != store.Held || shape.CrowdReason(v.ReasonCode) == "" {
			continue
		}
		c := crowd{v.Account.ID, v.ReasonCode}
		if all.ids[c] == nil {
			all.order = append(all.order, c)
		}
		all.ids[c] = append(all.ids[c], fmt.Sprint(v.ID))
		all.name[c.account] = cmp.Or(v.Account.Label, v.Account.Username)
	}
	return all
}

// size returns how many publications of the list are held together with one of them, itself included.
func (all crowds) size(v shape.Publication) int {
	return len(all.ids[crowd{v.Account.ID, v.ReasonCode}])
}

// lines returns, for each account and reason for which several of the publications are held, the commands for all of
// them.
func (all crowds) lines() (lines []string) {
	for _, c := range all.order {
		if len(all.ids[c]) > 1 {
			lines = append(lines, words.CrowdOnHold(all.name[c.account], shape.CrowdReason(c.code), all.ids[c]))
		}
	}
	return lines
}

// checkedPublication is a publication that was asked for by its number, with what the checks found.
type checkedPublication struct {
	shape.Publication
	Checks []store.Check `json:"checks"`
}

// writeChecks prints what the checks found on one publication.
func writeChecks(w io.Writer, checks []store.Check) error {
	if len(checks) == 0 {
		return nil
	}
	lines := []string{"", "Checks:"}
	for _, c := range checks {
		lines = append(lines, "  "+checkLine(c))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// checksOf returns what the checks found on one publication. A simulated account's note about the public address is
// no news where there is one.
func (in *invocation) checksOf(app *App, id int64) ([]store.Check, error) {
	l, err := app.store.Listed(in.ctx, id)
	if err != nil {
		return nil, err
	}
	route, err := app.store.Route(in.ctx, l.Post.FeedID, l.AccountID)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	plan, fault := draft.Of(l, route)
	checks := append(slices.Clone(plan.Checks), l.Preflight.Checks...)
	if l.Kind == "" { // it is not at Instagram yet
		folder := app.cfg.MediaURL()
		if l.Account.API == store.Sandbox {
			folder = address.Inside
		}
		checks = draft.Checks(plan, fault, l.Preflight, folder)
	}
	return slices.DeleteFunc(append([]store.Check{}, draft.Possible(checks, l.State)...),
		func(c store.Check) bool { return c.ID == draft.OnlyHere && app.cfg.MediaURL() != "" }), nil
}

// writeIdle says that what waits needs a running Postern, where none is running.
func writeIdle(w io.Writer, dir string, views []shape.Publication) error {
	if !slices.ContainsFunc(views, func(v shape.Publication) bool { return v.Next != "" }) {
		return nil
	}
	if holder, err := daemon.LockHolder(dir); err != nil || holder != "" {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", words.IdlePublishing)
	return err
}

// checkLine is one finding about a post for people.
func checkLine(c store.Check) string {
	line := fmt.Sprintf("%s: %s", c.Severity, printable(c.Text))
	if c.Remedy != "" && c.Severity != store.Repaired {
		line += ". " + printable(c.Remedy)
	}
	return fmt.Sprintf("%s [%s]", line, c.ID)
}

// noMatch says that no post has the words that were asked for, and where all states were searched, when there are
// new posts.
func noMatch(f store.Filter, feeds []store.Feed, running bool, now time.Time) string {
	if len(f.States) > 0 {
		return words.NoPostMatchesInState
	}
	return words.NoPostMatches + "\n" + nextChecks(feeds, running, now)
}

// nextChecks says which feeds cannot be read, when each of the others is checked for new posts, and which command
// checks them now. running is whether Postern runs.
func nextChecks(feeds []store.Feed, running bool, now time.Time) string {
	if len(feeds) == 0 {
		return words.NoFeedsYet
	}
	lines := unreadFeeds(feeds, running, now)
	var checks []string
	for _, f := range feeds {
		if f.Paused {
			lines = append(lines, printable(words.FeedPausedResume(f.ID, f.Name())))
			continue
		}
		checks = append(checks, words.NextCheckOf(f.ID, printable(f.Name()),
			ifElse(f.NextPollAt.After(now), when(f.NextPollAt, now), "now")))
	}
	switch {
	case len(checks) == 0:
	case !running:
		lines = append(lines, words.IdleChecking)
	default:
		lines = append(lines, words.NextChecks(checks))
	}
	return strings.Join(lines, "\n")
}

// unreadFeeds says of each feed that could not be read at its last check why, when it is tried again, and which
// command says more. running is whether Postern runs.
func unreadFeeds(feeds []store.Feed, running bool, now time.Time) (lines []string) {
	for _, f := range feeds {
		next := words.NextTryOf(ifElse(f.NextPollAt.After(now), when(f.NextPollAt, now), "now"))
		switch {
		case f.Paused && !f.IsPausedByPostern(), !f.Paused && f.Failures == 0:
			continue
		case f.Paused:
			next = words.PausedByPostern(f.ID)
		case !running:
			next = words.NextTryWhenRunning
		}
		lines = append(lines, printable(words.Text(words.FeedUnreadLately(f.ID, f.Name(), when(f.LastPolledAt, now),
			f.ProblemWords()), next, words.RunFeedCheck(f.ID))))
	}
	return lines
}
