package store_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestFeeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		due := func() (ids []int64) {
			feeds, err := h.DueFeeds(t.Context())
			require.NoError(t, err)
			for _, f := range feeds {
				ids = append(ids, f.ID)
			}
			return ids
		}
		a := h.feed("https://a.example/feed", "now")
		b := h.feed("https://b.example/feed", "now")
		require.Equal(t, "a.example/feed", a.Name())
		require.Equal(t, []int64{a.ID, b.ID}, due(), "a new feed is due at once")

		a.Title, a.ETag, a.LastModified = "A blog", `"1"`, "yesterday"
		a.LastPolledAt, a.NextPollAt = time.Now(), time.Now().Add(5*time.Minute)
		_, err := h.SavePosts(t.Context(), a, nil, true)
		require.NoError(t, err)
		require.Equal(t, []int64{b.ID}, due())
		a, err = h.Feed(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, "A blog", a.Name())
		require.Equal(t, `"1"`, a.ETag)
		require.False(t, a.FirstPolledAt.IsZero())

		before, err := h.LastEventID(t.Context())
		require.NoError(t, err)
		for n := range 3 {
			f := store.Feed{ID: a.ID, Failures: n + 1, Problem: reason.New(reason.FeedNotFound),
				LastPolledAt: time.Now(), NextPollAt: time.Now().Add(hour)}
			require.NoError(t, h.SavePoll(t.Context(), f))
		}
		require.NoError(t, h.SavePoll(t.Context(),
			store.Feed{ID: a.ID, LastPolledAt: time.Now(), NextPollAt: time.Now().Add(hour)}))
		got, err := h.Feed(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, `"1"`, got.ETag, "a poll without a body keeps the validators")
		require.Equal(t, "A blog", got.Title)
		require.Zero(t, got.Failures)
		events, err := h.Events(t.Context(), 2)
		require.NoError(t, err)
		require.Equal(t, before+2, events[0].ID, "a problem and its end are each recorded once")
		require.Equal(t, "feed-well", events[0].Kind)
		require.Equal(t, "there is nothing at this address (404 Not Found); check the address", events[1].Message)
		for n, answer := range []string{"502 Bad Gateway", "502 Bad Gateway", "504 Gateway Timeout"} {
			f := store.Feed{ID: a.ID, Failures: n + 1, Problem: reason.New(reason.FeedServerFault, answer),
				LastPolledAt: time.Now(), NextPollAt: time.Now().Add(hour)}
			require.NoError(t, h.SavePoll(t.Context(), f))
			got, err = h.Feed(t.Context(), a.ID)
			require.NoError(t, err)
			require.Equal(t, f.Problem, got.Problem)
		}
		last, err := h.LastEventID(t.Context())
		require.NoError(t, err)
		require.Equal(t, before+4, last, "the same code with other arguments is another problem")
		require.ErrorIs(t, h.SavePoll(t.Context(), store.Feed{ID: 99}), store.ErrNotFound)

		require.NoError(t, h.PauseFeed(t.Context(), b.ID, true, store.CLI))
		require.Empty(t, due())
		require.NoError(t, h.MakeFeedsDue(t.Context()))
		require.Equal(t, []int64{a.ID}, due(), "a paused feed is not polled")
		require.NoError(t, h.PauseFeed(t.Context(), b.ID, false, store.CLI))
		require.ElementsMatch(t, []int64{a.ID, b.ID}, due())
		require.ErrorIs(t, h.PauseFeed(t.Context(), 99, true, store.CLI), store.ErrNotFound)
		require.NoError(t, h.SavePoll(t.Context(),
			store.Feed{ID: b.ID, LastPolledAt: time.Now(), NextPollAt: time.Now().Add(hour)}))
		require.NoError(t, h.MakeFeedsDue(t.Context(), b.ID))
		require.ElementsMatch(t, []int64{a.ID, b.ID}, due())
		_, err = h.Feed(t.Context(), 99)
		require.ErrorIs(t, err, store.ErrNotFound)
		_, err = h.SavePosts(t.Context(), store.Feed{ID: 99}, nil, true)
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

func TestPosts(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := h.feed("https://blog.example/feed", "now")
	yes := true
	full := post("1", -hour)
	full.Categories = []string{"photo", "cats"}
	full.Markup = store.Markup{Posse: true, Fields: map[string]string{"summary": "s"},
		Entry: store.Settings{Syndicate: &yes}, Notes: []string{"an iframe was left out"}}
	full.Media = append(full.Media,
		store.Media{Type: store.Video, URL: "https://blog.example/1.mp4", PosterURL: "https://blog.example/1.png"})
	h.save(f, full, post("2", -2*hour), post("", -hour), post("2", -hour))
	posts, err := h.Posts(t.Context(), f.ID, 10)
	require.NoError(t, err)
	require.Len(t, posts, 2, "entries without an id or with a repeated id are ignored")
	got, err := h.Post(t.Context(), posts[0].ID)
	require.NoError(t, err)
	require.Equal(t, posts[0], got)
	require.Equal(t, full.Categories, got.Categories)
	require.Equal(t, full.Markup, got.Markup)
	require.Equal(t, full.Media, got.Media)
	require.True(t, full.PublishedAt.Equal(got.PublishedAt))
	require.True(t, got.Initial)
	require.True(t, got.ChangedAt.IsZero())
	limited, err := h.Posts(t.Context(), f.ID, 1)
	require.NoError(t, err)
	require.Equal(t, "1", limited[0].GUID, "newest first")
	_, err = h.Post(t.Context(), 99)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	h := setup(t)
	var sealedFor int64
	a, err := h.AddAccount(t.Context(),
		store.Account{API: store.Sandbox, UserID: "1", Username: "alice", Label: "A", AppID: "9"},
		func(id int64) (store.Secrets, error) {
			sealedFor = id
			return store.Secrets{Token: []byte("t")}, nil
		})
	require.NoError(t, err)
	require.Equal(t, a.ID, sealedFor)
	require.Equal(t, "A", a.Name())
	require.WithinDuration(t, time.Now(), a.TokenAt, time.Minute)
	require.True(t, a.TokenExpiresAt.IsZero())
	broken := errors.New("no key")
	_, err = h.AddAccount(t.Context(), store.Account{API: store.Sandbox, UserID: "2"},
		func(int64) (store.Secrets, error) { return store.Secrets{}, broken })
	require.ErrorIs(t, err, broken)
	all, err := h.Accounts(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1, "a failed call leaves no row")
	_, err = h.AddAccount(t.Context(), store.Account{API: store.Instagram, UserID: "1"}, seal)
	require.NoError(t, err, "the same id of another API is another account")

	coolDown := store.Duration(90 * time.Minute)
	until := time.Now().Add(hour).Truncate(time.Millisecond).UTC()
	_, err = h.UpdateAccount(t.Context(), a.ID, store.Visitor, "settings changed", func(x *store.Account) error {
		x.ID, x.UserID = 77, "other" // its identity must not change
		x.Settings.CoolDown, x.Paused = &coolDown, true
		x.Trouble, x.WaitUntil, x.Problem = store.Wait, until, reason.Text("blocked")
		x.QuotaUsed, x.QuotaTotal, x.QuotaAt = 3, 100, until
		return nil
	})
	require.NoError(t, err)
	got, err := h.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, "1", got.UserID)
	require.Equal(t, coolDown, *got.Settings.CoolDown)
	require.Equal(t, until, got.WaitUntil)
	require.Equal(t, 100, got.QuotaTotal)
	events, err := h.Events(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, "settings changed", events[0].Message)
	require.Equal(t, store.Visitor, events[0].Actor)
	_, err = h.UpdateAccount(t.Context(), a.ID, store.CLI, "never",
		func(x *store.Account) error { x.Label = "B"; return broken })
	require.ErrorIs(t, err, broken)
	got, err = h.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, "A", got.Label)
	_, err = h.Account(t.Context(), 99)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = h.UpdateAccount(t.Context(), 99, store.CLI, "", func(*store.Account) error { return nil })
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestPublicationsAreListed(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 3)
	ids := func(f store.Filter) (ids []int64) {
		list, err := h.Publications(t.Context(), f)
		require.NoError(t, err)
		for _, l := range list {
			ids = append(ids, l.ID)
			require.Equal(t, l.PostID, l.Post.ID)
			require.Equal(t, l.AccountID, l.Account.ID)
			require.Equal(t, l.Post.FeedID, l.Feed.ID)
			require.Len(t, l.Post.Media, 1)
		}
		return ids
	}
	since, err := h.LastEventID(t.Context())
	require.NoError(t, err)
	h.bring(pubs[1], store.Staged)
	require.Equal(t, []int64{1, 2, 3}, ids(store.Filter{}))
	require.Equal(t, []int64{3, 2}, ids(store.Filter{Newest: true, Limit: 2}))
	require.Equal(t, []int64{2}, ids(store.Filter{States: []store.State{store.Staged, store.Held}}))
	require.Equal(t, []int64{3}, ids(store.Filter{AccountID: pubs[2].AccountID, FeedID: 1}))
	require.Empty(t, ids(store.Filter{FeedID: 2}))
	require.Equal(t, []int64{2}, ids(store.Filter{Since: since}))
	l, err := h.Listed(t.Context(), 2)
	require.NoError(t, err)
	require.Len(t, l.Containers, 1)
	require.Len(t, l.Items, 1)
	_, err = h.Listed(t.Context(), 99)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = h.Publication(t.Context(), 99)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestEvents(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 1)
	require.NoError(t, h.AddEvent(t.Context(),
		store.Event{PublicationID: pubs[0].ID, AccountID: 1, Kind: "look", Code: 100, Subcode: 33, TraceID: "T",
			Message: "m"}))
	of, err := h.EventsOf(t.Context(), pubs[0].ID)
	require.NoError(t, err)
	require.Equal(t, []string{"found", "look"}, []string{of[0].Kind, of[1].Kind}, "oldest first")
	require.Equal(t, store.System, of[1].Actor)
	require.Equal(t, 33, of[1].Subcode)
	newest, err := h.Events(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, of[1], newest[0])
	last, err := h.LastEventID(t.Context())
	require.NoError(t, err)
	require.Equal(t, of[1].ID, last)
}

func TestPublishAnswer(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 1)
	code, subcode, message, err := h.PublishAnswer(t.Context(), pubs[0].ID)
	require.NoError(t, err)
	require.Zero(t, code+subcode+len(message))
	p := h.bring(pubs[0], store.Publishing)
	p = h.advance(p, store.Change{To: store.Publishing, DueAt: time.Now(), Code: 4, Subcode: 2207051, Note: "spam?",
		Answer: true})
	h.advance(p, store.Change{To: store.Publishing, DueAt: time.Now(), Code: 1, Note: "a later read"})
	code, subcode, message, err = h.PublishAnswer(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, []any{4, 2207051, "spam?"}, []any{code, subcode, message})
}

func TestSettingsAndAssets(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, v := range []string{"", "a", "b", ""} {
		require.NoError(t, h.SetSetting(t.Context(), "k", v))
		got, err := h.Setting(t.Context(), "k")
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
	_, err := h.Asset(t.Context(), "a.jpg")
	require.ErrorIs(t, err, store.ErrNotFound)
	a := store.Asset{Name: "a.jpg", Bytes: 10, Width: 3, Height: 4, SourceURL: "https://blog.example/1.png", Rules: "r",
		Repairs: []string{"made a JPEG"}}
	require.NoError(t, h.SaveAsset(t.Context(), a))
	got, err := h.Asset(t.Context(), "a.jpg")
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), got.LastUsedAt, time.Minute)
	got.LastUsedAt = time.Time{}
	require.Equal(t, a, got)
	a.Repairs = nil
	require.NoError(t, h.SaveAsset(t.Context(), a))
	got, err = h.Asset(t.Context(), "a.jpg")
	require.NoError(t, err)
	require.Empty(t, got.Repairs)
	var d store.Duration
	require.NoError(t, d.UnmarshalText([]byte("1h30m")))
	text, err := d.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "1h30m0s", string(text))
	require.Error(t, d.UnmarshalText([]byte("soon")))
}

func TestSessionsAndPassword(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		find := func(token string) (string, bool) {
			data, ok, err := h.SessionFind(t.Context(), token)
			require.NoError(t, err)
			return string(data), ok
		}
		hash, err := h.PasswordHash(t.Context())
		require.NoError(t, err)
		require.Empty(t, hash)
		require.NoError(t, h.SessionCommit(t.Context(), "cookie", []byte("one"), time.Now().Add(hour)))
		require.NoError(t, h.SessionCommit(t.Context(), "cookie", []byte("two"), time.Now().Add(hour)))
		data, ok := find("cookie")
		require.True(t, ok)
		require.Equal(t, "two", data)
		var stored string
		require.NoError(t, h.raw().QueryRow(`SELECT token_hash FROM sessions`).Scan(&stored))
		require.NotContains(t, stored, "cookie", "a stolen database gives access to no session")
		_, ok = find(stored)
		require.False(t, ok)
		time.Sleep(hour)
		_, ok = find("cookie")
		require.False(t, ok, "the session has expired")
		require.NoError(t, h.SessionCommit(t.Context(), "other", []byte("x"), time.Now().Add(hour)))
		require.NoError(t, h.SessionDelete(t.Context(), "other"))
		_, ok = find("other")
		require.False(t, ok)
		require.NoError(t, h.SessionCommit(t.Context(), "other", []byte("x"), time.Now().Add(hour)))
		_, ok = find("other")
		require.False(t, ok, "a request that ends after the log-out does not restore the session")

		require.NoError(t, h.SessionCommit(t.Context(), "third", []byte("x"), time.Now().Add(hour)))
		require.NoError(t, h.SetPasswordHash(t.Context(), "$argon2id$1"))
		require.NoError(t, h.SetPasswordHash(t.Context(), "$argon2id$2"))
		hash, err = h.PasswordHash(t.Context())
		require.NoError(t, err)
		require.Equal(t, "$argon2id$2", hash)
		_, ok = find("third")
		require.False(t, ok, "a new password ends all sessions")
		require.NoError(t, h.SessionCommit(t.Context(), "third", []byte("x"), time.Now().Add(hour)))
		_, ok = find("third")
		require.False(t, ok)

		require.NoError(t, h.SessionCommit(t.Context(), "fourth", []byte("x"), time.Now().Add(hour)))
		_, _, err = h.Restored(t.Context(), store.CLI)
		require.NoError(t, err)
		_, ok = find("fourth")
		require.False(t, ok, "the session may have been ended after the backup")

		time.Sleep(hour)
		require.NoError(t, h.SessionDelete(t.Context(), "none"))
		var left int
		require.NoError(t, h.raw().QueryRow(`SELECT count(*) FROM sessions`).Scan(&left))
		require.Zero(t, left)
	})
}
