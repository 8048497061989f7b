package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// arrived returns a database in its place, with the place and the content of the file next to it.
func arrived(t *testing.T) (h fixture, here store.Place, mark store.Mark) {
	t.Helper()
	h = setup(t)
	_, err := h.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "all"})
	require.NoError(t, err)
	here = store.Place{Path: h.Path(), Inode: 7}
	a, err := h.Arrive(t.Context(), here, store.Mark{}, false)
	require.NoError(t, err)
	require.Equal(t, store.InPlace, a.Kind, "the first start")
	here, mark, err = h.Beat(t.Context(), a.Place, time.Now())
	require.NoError(t, err)
	require.NotEmpty(t, mark.ID)
	require.NotZero(t, mark.Event)
	return h, here, mark
}

func TestArrive(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(here *store.Place, mark *store.Mark)
		want   store.ArrivalKind
	}{
		"unchanged": {func(*store.Place, *store.Mark) {}, store.InPlace},
		"another path": {func(here *store.Place, _ *store.Mark) { here.Path = "/elsewhere/postern.db" },
			store.Elsewhere},
		"another file": {func(here *store.Place, _ *store.Mark) { here.Inode = 8 }, store.Elsewhere},
		"another data directory": {func(_ *store.Place, mark *store.Mark) { mark.ID = "of another one" },
			store.Elsewhere},
		"the file next to it is lost": {func(_ *store.Place, mark *store.Mark) { *mark = store.Mark{} },
			store.Elsewhere},
		"an unknown event": {func(_ *store.Place, mark *store.Mark) { mark.Event++ }, store.Behind},
		"another history": {
			func(_ *store.Place, mark *store.Mark) { mark.EventAt = mark.EventAt.Add(time.Millisecond) }, store.Behind},
		"a copy has been used": {func(_ *store.Place, mark *store.Mark) { mark.Event = store.ForeignEvent },
			store.Behind},
		"another process wrote the file": {func(_ *store.Place, mark *store.Mark) { mark.Touched = true }, store.Late},
		"an older file next to it": {
			func(_ *store.Place, mark *store.Mark) { mark.Event, mark.EventAt = 0, time.Time{} }, store.InPlace},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, here, mark := arrived(t)
			was := here
			c.change(&here, &mark)
			a, err := h.Arrive(t.Context(), here, mark, false)
			require.NoError(t, err)
			require.Equal(t, c.want, a.Kind)
			feeds, err := h.Feeds(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.want == store.InPlace, feeds[0].CompareSince.IsZero(), "set until the feed is read")
			if c.want == store.Elsewhere {
				require.NotEqual(t, was.ID, a.Place.ID, "the two copies have different ids from now on")
				if here.Path != was.Path {
					require.Equal(t, []store.DataDir{{Path: was.Path, ID: was.ID}}, a.Place.Earlier)
				}
			}
			a, err = h.Arrive(t.Context(), here, store.Mark{ID: a.Place.ID}, false)
			require.NoError(t, err)
			require.Equal(t, store.InPlace, a.Kind, "reported once")
		})
	}
}

// A place that another process uses is not recorded, so it is compared again after that process has ended.
func TestArriveWithStay(t *testing.T) {
	t.Parallel()
	h, here, mark := arrived(t)
	mark.Event = store.ForeignEvent
	for range 2 {
		a, err := h.Arrive(t.Context(), here, mark, true)
		require.NoError(t, err)
		require.Equal(t, store.Behind, a.Kind)
		require.WithinDuration(t, here.At, a.Since, time.Millisecond, "the last heartbeat is unchanged")
	}
}

// A backup is recognized as one exactly once, and records where it was made.
func TestArriveOfBackup(t *testing.T) {
	t.Parallel()
	h, here, _ := arrived(t)
	path := filepath.Join(t.TempDir(), "postern.db")
	require.NoError(t, h.Backup(t.Context(), path, false))
	s, err := store.Open(t.Context(), path, store.Options{})
	require.NoError(t, err)
	defer s.Close()
	there := store.Place{Path: path, Inode: 9}
	a, err := s.Arrive(t.Context(), there, store.Mark{}, false)
	require.NoError(t, err)
	require.Equal(t, store.Copied, a.Kind)
	require.Equal(t, []store.DataDir{{Path: here.Path, ID: here.ID}}, a.Place.Earlier,
		"so that the original database takes precedence over it")
	require.NotEqual(t, here.ID, a.Place.ID)
	a, err = s.Arrive(t.Context(), there, store.Mark{ID: a.Place.ID}, false)
	require.NoError(t, err)
	require.Equal(t, store.InPlace, a.Kind)

	a, err = h.Arrive(t.Context(), here, store.Mark{ID: here.ID}, false)
	require.NoError(t, err)
	require.Equal(t, store.InPlace, a.Kind, "the original database is not a backup")
}

// Entries of the first poll after a move may have been published by another copy, so they are compared with the
// profile. Entries of later polls are not.
func TestEntriesAfterAMoveAreCompared(t *testing.T) {
	t.Parallel()
	h, here, mark := arrived(t)
	account, err := h.AddAccount(t.Context(), store.Account{API: store.Sandbox, UserID: "17840000000000001"},
		func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
	require.NoError(t, err)
	feeds, err := h.Feeds(t.Context())
	require.NoError(t, err)
	entry := func(guid string) store.Post {
		return store.Post{GUID: guid, URL: "https://blog.example.org/" + guid, Title: "The title of " + guid,
			Text: "Words.", PublishedAt: time.Now(), Decision: store.Publish,
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/" + guid + ".jpg"}}}
	}
	poll := func(guids ...string) {
		t.Helper()
		f, err := h.Feed(t.Context(), feeds[0].ID)
		require.NoError(t, err)
		f.LastPolledAt, f.NextPollAt = time.Now(), time.Now().Add(time.Hour)
		var posts []store.Post
		for _, guid := range guids {
			posts = append(posts, entry(guid))
		}
		_, err = h.SavePosts(t.Context(), f, posts, true)
		require.NoError(t, err)
	}
	poll("before")
	mark.Touched = true
	a, err := h.Arrive(t.Context(), here, mark, false)
	require.NoError(t, err)
	require.Equal(t, store.Late, a.Kind)
	poll("afterwards", "before")
	poll("later", "afterwards", "before")
	compared := map[string]bool{}
	all, err := h.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	for _, p := range all {
		require.Equal(t, account.ID, p.AccountID)
		require.Equal(t, store.Queued, p.State, p.Reason)
		compared[p.Post.GUID] = !p.VerifySince.IsZero()
	}
	require.Equal(t, map[string]bool{"before": true, "afterwards": true, "later": false}, compared)
}
