package shape

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/reason"
	"postern/store"
)

func listed(state store.State) store.Listed {
	l := store.Listed{}
	l.ID, l.State, l.AccountID, l.Account.ID, l.CreatedAt = 12, state, 3, 3, time.Now()
	return l
}

// Each command that a remedy names is possible in the state.
func TestRemediesArePossible(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile("`postern ([a-z]+) 12[` ]")
	named := 0
	for _, state := range store.States {
		for _, d := range reason.Catalogue {
			for _, alike := range []int{1, 5} {
				remedy := remedyOf(listed(state), reason.Reason{Code: d.Code}, alike)
				for _, m := range command.FindAllStringSubmatch(remedy, -1) {
					require.True(t, store.Command(m[1]).Allows(state), "%s, %s: %s", state, d.Code, remedy)
					named++
				}
				require.True(t, remedy == "" || strings.HasSuffix(remedy, "."), remedy)
				require.NotContains(t, remedy, "..", "%s", d.Code)
			}
		}
	}
	require.Greater(t, named, 100)
}

func TestRemedies(t *testing.T) {
	t.Parallel()
	missing := store.Preflight{Valid: true, Checks: []store.Check{{ID: "media.url.not-found", Severity: store.Blocks,
		Text: "there is no picture at a.jpg", Remedy: "Check the address in the post."}}}
	notFound := reason.Reason{Code: reason.MediaNotFound}.ByRule("media.url.not-found")
	for _, test := range []struct {
		state  store.State
		why    reason.Reason
		change func(*store.Listed)
		want   string
	}{
		{state: store.Published, want: ""},
		{state: store.Queued, want: ""},
		{state: store.Queued, change: func(l *store.Listed) { l.ReadyAt = time.Now().Add(time.Hour) },
			want: "It goes out in its turn. Run `postern publish 12` to publish it now."},
		{state: store.Queued,
			change: func(l *store.Listed) { l.ReadyAt, l.Expedited = time.Now().Add(time.Hour), true }, want: ""},
		{state: store.Queued, why: reason.New(reason.QuietHours, "7:00"),
			want: "Postern publishes it after that. Run `postern publish 12` to publish it now."},
		{state: store.Queued, why: reason.New(reason.QuietHours, "7:00"),
			change: func(l *store.Listed) { l.Preflight, l.InTurn = missing, true },
			want: "Check the address in the post. Postern asks for the file again as soon as its turn comes. The post goes " +
				"out after the problem is fixed. Run `postern skip 12` to skip it."},
		{state: store.Queued,
			change: func(l *store.Listed) { l.Preflight, l.ReadyAt = missing, time.Now().Add(time.Hour) },
			want: "Check the address in the post. Postern asks for the file again at " +
				draft.Clock(time.Now().Add(time.Hour).UTC(), time.Now()) + ". The post goes " +
				"out after the problem is fixed. Run `postern skip 12` to skip it."},
		{state: store.Queued, why: reason.New(reason.AccountPaused),
			change: func(l *store.Listed) { l.Account.Paused = true },
			want:   "Run `postern account resume 3` to resume the account."},
		{state: store.Queued, why: reason.New(reason.AccountPaused),
			change: func(l *store.Listed) { l.Preflight, l.Account.Paused = missing, true },
			want: "Run `postern account resume 3` to resume the account. Check the address in the post. Postern asks for " +
				"the file again as soon as its turn comes. The post goes out after the problem is fixed. Run `postern skip 12` " +
				"to skip it."},
		{state: store.Queued, why: reason.New(reason.Media, "there is no picture").ByRule("media.url.not-found"),
			change: func(l *store.Listed) { l.Account.Paused = true },
			want: "The account is paused. Run `postern account resume 3` to resume the account. " +
				fix(reason.New(reason.Media, "").ByRule("media.url.not-found")) + " Run `postern skip 12` to skip it."},
		{state: store.Queued, why: reason.New(reason.QuotaFull, 25, 25, 0, "18:00 UTC, 2 February"),
			change: func(l *store.Listed) { l.Preflight = missing },
			want: "Check the address in the post. Postern asks for the file again as soon as its turn comes. The post goes " +
				"out after the problem is fixed. Run `postern skip 12` to skip it."},
		{state: store.Publishing, why: reason.New(reason.NoClearAnswer),
			change: func(l *store.Listed) { l.Account.Paused = true },
			want:   "The account is paused. Run `postern account resume 3` to resume the account."},
		{state: store.Held, why: reason.New(reason.CaptionTooLong, 2300, 2200, "entry"),
			want: "Shorten the caption with `postern approve 12 --caption TEXT`. Or switch `truncate` on in the post on " +
				"your site, then run `postern approve 12`. Run `postern skip 12` to skip it."},
		{state: store.Held, why: reason.New(reason.CaptionTooLong, 2300, 2200, "account"),
			want: "Shorten the caption with `postern approve 12 --caption TEXT`. Or run `postern account set 3 " +
				"truncate=yes`, then `postern approve 12`. Run `postern skip 12` to skip it."},
		{state: store.Queued, why: reason.New(reason.CaptionTooLong, 2300, 2200, "route"),
			change: func(l *store.Listed) { l.Post.FeedID = 7 },
			want: "It stays on hold until the caption fits. Shorten the caption with `postern approve 12 --caption " +
				"TEXT`. Or run `postern feed route 7 3 truncate=yes`, then `postern approve 12`."},
		{state: store.Queued, why: reason.New(reason.EditTooLong, 2300, 2200),
			want: "It stays on hold until the caption fits. Shorten the caption with `postern approve 12 --caption TEXT`."},
		{state: store.Held, why: reason.New(reason.Approval),
			want: "Run `postern approve 12` to publish it in its turn. Run `postern skip 12` to skip it."},
		{state: store.Held, why: reason.New(reason.LooksLikePost, "May", "", ""),
			change: func(l *store.Listed) { l.Post.LooksLike = 4 },
			want: "If it is a new post, run `postern approve 12`, or run `postern publish 12` to publish it now. If it is " +
				"the same post, run `postern skip 12`. Postern then publishes neither of the two."},
		{state: store.Held, why: reason.New(reason.LooksLikePublication, int64(7), "May", "", ""),
			change: func(l *store.Listed) { l.Post.LooksLike = 4 },
			want: "If it is a new post, run `postern approve 12`, or run `postern publish 12` to publish it now. If it is " +
				"the same post, run `postern skip 12`. Publication 7 stays as it is. Run `postern publications 7` to see it."},
		{state: store.Queued, why: reason.New(reason.Unreachable, ""),
			change: func(l *store.Listed) { l.DueAt = time.Now().Add(-time.Second) },
			want:   "Postern tries again by itself as soon as its turn comes."},
		{state: store.Queued, why: reason.New(reason.AllTiny, 64),
			want: "When its turn comes, Postern skips it. Run `postern publish 12` to publish it anyway."},
		{state: store.Queued, why: reason.New(reason.CannotWrite),
			change: func(l *store.Listed) { l.DueAt, l.Reason = time.Now().Add(-time.Second), reason.Reason{} },
			want:   "Postern continues by itself as soon as its turn comes."},
		{state: store.Queued, why: reason.New(reason.MediaNotFound, "picture", "a.jpg",
			404).ByRule("media.url.blocked"),
			change: func(l *store.Listed) { l.DueAt = time.Now().Add(-time.Second) },
			want: "Check the address in the post. Postern tries again by itself as soon as its turn comes. Run `postern " +
				"skip 12` to skip it."},
		{state: store.Queued, why: reason.New(reason.QuotaSpent),
			change: func(l *store.Listed) { l.DueAt = time.Now().Add(-time.Second) },
			want:   "Postern continues by itself as soon as its turn comes. Run `postern skip 12` to skip it."},
		{state: store.Held, why: reason.New(reason.SyndicateOff, "account"),
			want: "Switch `syndicate` on with `postern account set 3 syndicate=true`. Then run `postern approve 12`. Or run " +
				"`postern skip 12` to skip it."},
		{state: store.Held, why: reason.New(reason.SyndicateOff, "route"),
			change: func(l *store.Listed) { l.Post.FeedID = 5 },
			want: "Switch `syndicate` on with `postern feed route 5 3 syndicate=true`. Then run `postern approve 12`. Or run " +
				"`postern skip 12` to skip it."},
		{state: store.Held, why: reason.New(reason.SyndicateOff, "entry"),
			want: "Switch `syndicate` on in the post on your site. Then run `postern approve 12`. Or run " +
				"`postern skip 12` to skip it."},
		{state: store.Staged, why: reason.New(reason.Working), change: func(l *store.Listed) { l.DueAt = time.Now() },
			want: ""},
		{state: store.Failed, why: notFound,
			want: "Postern does not try again by itself. Check the address in the post. Then run `postern retry 12`. Or run " +
				"`postern skip 12` to skip it."},
		{state: store.Failed,
			want: "Postern does not try again by itself. Fix the problem. Then run `postern retry 12`. Or run `postern skip " +
				"12` to skip it."},
		{state: store.Failed, change: func(l *store.Listed) { l.Account.RemovedAt = time.Now() },
			want: "The account was removed. Run `postern account add` to add the account again."},
		{state: store.Skipped, why: reason.New(reason.AlreadyFromFeed, "Blog", int64(7), "waiting to be published"),
			want: "An account publishes a post once. To publish this one instead, skip the other one before it goes out. If " +
				"they are two posts, give this one an address and an id of its own on the site."},
		{state: store.Skipped, change: func(l *store.Listed) { l.AskedAt = time.Now() },
			want: "Look at the profile: the post may be live, so Postern does not publish it again."},
	} {
		l := listed(test.state)
		l.Reason = test.why
		if test.change != nil {
			test.change(&l)
		}
		require.Equal(t, test.want, remedyOf(l, test.why, 1), "%s %s", test.state, test.why.Code)
	}
	require.Contains(t, remedyOf(listed(store.Held), reason.New(reason.EntriesMany, 12), 12),
		"12 posts are on hold for this reason")
}

// Times are told in the zone of the settings, and what waits for an approval has no time.
func TestOneZone(t *testing.T) {
	t.Parallel()
	zone := "Asia/Kolkata"
	plan := draft.Draft{Settings: draft.Resolve(draft.Layer{Settings: store.Settings{TimeZone: &zone}})}
	l := listed(store.Queued)
	l.Reason, l.DueAt = reason.New(reason.Unreachable, ""), time.Now().Add(time.Hour)
	v := publicationOf(l, plan, nil, 1)
	require.Regexp(t, "^Postern tries again by itself at .* Asia/Kolkata\\.$", v.Remedy)
	require.NotEmpty(t, v.Next)
	l.Unapproved = true
	require.Empty(t, publicationOf(l, plan, nil, 1).Next)
}

func TestRemediesOfSkippedPosts(t *testing.T) {
	t.Parallel()
	l := store.LeftOut{Post: store.Post{ID: 9, Decision: store.Skip, Reason: reason.New(reason.NoMedia, "")},
		Feed: store.Feed{ID: 2}}
	require.Equal(t,
		"Add a picture on the site. Postern takes the post as a new one at its next check of the feed. Run "+
			"`postern sync` to check now.", LeftOut(l).Remedy)
	untaken := l
	untaken.Untaken = true
	require.Equal(t, "No account takes the feed. Run `postern account add`, or `postern feed route 2 ACCOUNT`. Add a "+
		"picture on the site. Postern takes the post as a new one at its next check of the feed. Run `postern sync` to "+
		"check now.", LeftOut(untaken).Remedy)
	untaken.Off = []store.Account{{ID: 4, Label: "Harbour"}}
	require.Equal(t, "The feed is switched off. Run `postern feed route 2 4` to switch it on for Harbour. Add a picture "+
		"on the site. Postern takes the post as a new one at its next check of the feed. Run `postern sync` to check "+
		"now.", LeftOut(untaken).Remedy)
	l.Feed.Paused = true
	require.Contains(t, LeftOut(l).Remedy, "`postern feed resume 2`")
	require.NotContains(t, LeftOut(l).Remedy, "sync", "a paused feed is not checked")
	off := store.LeftOut{Post: store.Post{ID: 9, Decision: store.Publish}, Feed: store.Feed{ID: 2},
		Off: []store.Account{{ID: 4, Label: "Harbour"}}}
	require.Equal(t, "The feed is switched off. Run `postern feed route 2 4` to switch it on for Harbour. The post stays "+
		"skipped then, because it was there before. Run `postern publish post:9` after that to publish it.",
		LeftOut(off).Remedy)
	l.Feed = store.Feed{ID: 2, RemovedAt: time.Now()}
	require.NotContains(t, LeftOut(l).Remedy, "postern ")
}
