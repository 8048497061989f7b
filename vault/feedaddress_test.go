package vault_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
	"postern/vault"
)

const privateFeed = "https://reader:hush-hush-1@blog.example/feed?key=key-of-the-feed-2&lang=de"

var privateWords = []string{"hush-hush-1", "key-of-the-feed-2", "key-of-the-other-3"}

// leaks returns the files of the safe that hold a secret of privateFeed, but for the backups of before.
func (v *safe) leaks() (found []string) {
	v.t.Helper()
	files, err := filepath.Glob(filepath.Join(v.dir, "*"))
	require.NoError(v.t, err)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(v.t, err)
		for _, w := range privateWords {
			if bytes.Contains(b, []byte(w)) {
				found = append(found, w+" in "+filepath.Base(file))
			}
		}
	}
	return found
}

func (v *safe) addFeed(address string) store.Feed {
	v.t.Helper()
	f, err := v.store.AddFeed(v.t.Context(), store.Feed{URL: address, StartRule: "now"})
	require.NoError(v.t, err)
	return f
}

// The address of a private feed is sealed: people see a part of it, the poller all, and a keyed hash says whether it is
// there already or was, before and after a rotation of the key.
func TestAddressOfFeedIsSealed(t *testing.T) {
	t.Parallel()
	v := newSafe(t, own)
	ctx := t.Context()
	f := v.addFeed(privateFeed)
	require.Equal(t, "https://…@blog.example/feed?key=…&lang=de", f.URL)
	require.True(t, f.Hidden)
	require.Equal(t, "blog.example/feed", f.Name())
	other := v.addFeed("https://blog.example/feed?key=key-of-the-other-3&lang=de")
	third := v.addFeed("https://blog.example/feed?key=short&lang=de")
	require.NotEqual(t, other.ID, third.ID, "what is seen of them is the same")
	require.Equal(t, other.URL, third.URL)
	open := v.addFeed("https://blog.example/feed?lang=de")
	require.False(t, open.Hidden)

	same := func() {
		t.Helper()
		for id, want := range map[int64]string{f.ID: privateFeed,
			other.ID: "https://blog.example/feed?key=key-of-the-other-3&lang=de",
			open.ID:  "https://blog.example/feed?lang=de"} {
			got, err := v.store.FeedAddress(ctx, id)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		_, err := v.store.AddFeed(ctx, store.Feed{URL: privateFeed, StartRule: "now"})
		require.ErrorIs(t, err, store.ErrConflict)
		require.NotContains(t, err.Error(), "hush")
		require.NoError(t, v.store.RemoveFeed(ctx, f.ID, store.CLI))
		require.Equal(t, f.ID, v.addFeed(privateFeed).ID, "the row lives again")
		require.Empty(t, v.leaks())
	}
	same()
	rotate := func() {
		t.Helper()
		_, err := v.ring.Rotate(ctx, v.store, v.key, vault.Key{})
		require.NoError(t, err)
		v.key = v.open()
	}
	rotate()
	same()
	// Also one that is removed while the key changes.
	require.NoError(t, v.store.RemoveFeed(ctx, f.ID, store.CLI))
	rotate()
	require.Equal(t, f.ID, v.addFeed(privateFeed).ID)
	same()

	// The site moves it: to another key, and to an address without any.
	require.NoError(t, v.store.MoveFeed(ctx, other.ID, "https://blog.example/new?token=key-of-the-other-3", "moved"))
	moved, err := v.store.Feed(ctx, other.ID)
	require.NoError(t, err)
	require.Equal(t, "https://blog.example/new?token=…", moved.URL)
	require.NoError(t, v.store.MoveFeed(ctx, other.ID, "https://blog.example/new", "moved"))
	moved, err = v.store.Feed(ctx, other.ID)
	require.NoError(t, err)
	require.False(t, moved.Hidden)
	require.ErrorIs(t, v.store.MoveFeed(ctx, open.ID, privateFeed, "moved"), store.ErrConflict)
	require.Empty(t, v.leaks())

	// A copy without the key opens nothing.
	require.NoError(t, v.store.Backup(ctx, filepath.Join(v.dir, "copy.db"), false))
	require.Empty(t, v.leaks())
	copied, err := store.Open(ctx, filepath.Join(v.dir, "copy.db"), store.Options{})
	require.NoError(t, err)
	defer copied.Close()
	_, err = copied.FeedAddress(ctx, f.ID)
	require.ErrorIs(t, err, store.ErrNoKey)
	again, err := copied.Feed(ctx, f.ID)
	require.NoError(t, err)
	require.Equal(t, f.URL, again.URL)
}

// A rotation beside a process that read the key before: what that one would store could be found by nobody.
func TestFeedIsNotAddedWithAnOldKey(t *testing.T) {
	t.Parallel()
	v := newSafe(t, own)
	beside, err := store.Open(t.Context(), filepath.Join(v.dir, "postern.db"), store.Options{})
	require.NoError(t, err)
	defer beside.Close()
	_, err = v.ring.Key(t.Context(), beside, false)
	require.NoError(t, err)
	_, err = v.ring.Rotate(t.Context(), v.store, v.key, vault.Key{})
	require.NoError(t, err)
	_, err = beside.AddFeed(t.Context(), store.Feed{URL: privateFeed, StartRule: "now"})
	require.ErrorIs(t, err, store.ErrKeyChanged)
	feeds, err := beside.Feeds(t.Context())
	require.NoError(t, err)
	require.Empty(t, feeds)
}

// The database of an earlier version holds addresses in clear. They are sealed when it is first opened with the
// key, its posts keep their names, and nothing is left in the file.
func TestAddressesOfAnEarlierVersionAreSealed(t *testing.T) {
	t.Parallel()
	v := newSafe(t, own)
	ctx := t.Context()
	f := v.addFeed("https://blog.example/feed")
	clear := store.Post{
		GUID: "https://reader:hush-hush-1@blog.example/1", URL: "https://blog.example/1?key=key-of-the-feed-2",
		Title: "Fog", Decision: store.Publish,
		Media: []store.Media{{Type: store.Image, URL: "https://blog.example/a.jpg?w=3&key=key-of-the-feed-2"}},
		Markup: store.Markup{Fields: map[string]string{
			"alternate_url": "https://blog.example/1?key=key-of-the-feed-2"}},
	}
	save := func(posts ...store.Post) store.Saved {
		t.Helper()
		f, err := v.store.Feed(ctx, f.ID)
		require.NoError(t, err)
		f.LastPolledAt, f.NextPollAt = time.Now(), time.Now().Add(time.Hour)
		saved, err := v.store.SavePosts(ctx, f, posts, true)
		require.NoError(t, err)
		return saved
	}
	require.Equal(t, 1, save(clear).New)
	before, err := v.store.PostByGUID(ctx, f.ID, clear.GUID)
	require.NoError(t, err)
	v.inClear(f.ID, privateFeed)
	require.NotEmpty(t, v.leaks())

	// Whoever has no key sees no more than now.
	seen, err := v.store.Feed(ctx, f.ID)
	require.NoError(t, err)
	require.Equal(t, "https://…@blog.example/feed?key=…&lang=de", seen.URL)

	v.key = v.open()
	require.Empty(t, v.leaks())
	got, err := v.store.FeedAddress(ctx, f.ID)
	require.NoError(t, err)
	require.Equal(t, privateFeed, got)
	after, err := v.store.PostByGUID(ctx, f.ID, "https://blog.example/1")
	require.NoError(t, err)
	require.Equal(t, before.ID, after.ID)
	require.Equal(t, "https://blog.example/a.jpg?w=3&key=…", after.Media[0].URL)

	now := clear
	now.Markup.Fields = map[string]string{"alternate_url": clear.Markup.Fields["alternate_url"]}
	now.Media = append([]store.Media{}, clear.Media...)
	require.True(t, now.Conceal(privateFeed))
	saved := save(now)
	require.Zero(t, saved.New, "nothing is found a second time")
	require.Zero(t, saved.Changed, "and nothing looks changed")
	require.Empty(t, v.leaks())
}

// What was in clear leaves the file also where the program was stopped in between, and where another one was reading.
func TestTheFileIsRewrittenInTheEnd(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	raw := func(v *safe, statements ...string) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+filepath.Join(v.dir, "postern.db"))
		require.NoError(t, err)
		defer db.Close()
		for _, statement := range statements {
			_, err = db.ExecContext(ctx, statement)
			require.NoError(t, err)
		}
	}
	deleted := []string{`INSERT INTO settings (key, value) VALUES ('x', '` + privateFeed + `')`,
		`DELETE FROM settings WHERE key = 'x'`}
	t.Run("the program was stopped", func(t *testing.T) {
		t.Parallel()
		v := newSafe(t, own)
		raw(v, deleted...)
		v.open()
		require.NotEmpty(t, v.leaks(), "nothing says that it is due")
		raw(v, `INSERT INTO settings (key, value) VALUES ('rewrite', 'all')`)
		v.open()
		require.Empty(t, v.leaks())
		due, err := v.store.Setting(ctx, "rewrite")
		require.NoError(t, err)
		require.Empty(t, due)
	})
	t.Run("another one is reading", func(t *testing.T) {
		t.Parallel()
		v := newSafe(t, own)
		f := v.addFeed("https://blog.example/feed")
		v.inClear(f.ID, privateFeed)
		db, err := sql.Open("sqlite", "file:"+filepath.Join(v.dir, "postern.db"))
		require.NoError(t, err)
		defer db.Close()
		reading, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		require.NoError(t, reading.QueryRowContext(ctx, `SELECT url FROM feeds`).Scan(new(string)))
		v.open() // that is no reason not to start
		require.NotEmpty(t, v.leaks(), "the other one still sees it")
		require.NoError(t, reading.Rollback())
		v.open()
		require.Empty(t, v.leaks())
	})
}

// inClear stores an address as earlier versions did.
func (v *safe) inClear(id int64, address string) {
	v.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(v.dir, "postern.db"))
	require.NoError(v.t, err)
	defer db.Close()
	_, err = db.ExecContext(context.Background(), `UPDATE feeds SET url = $2, address = NULL WHERE id = $1`,
		id, address)
	require.NoError(v.t, err)
}
