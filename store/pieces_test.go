package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// between is a context that calls a function whenever it is asked whether it has ended, which happens between two
// pieces of a poll.
type between struct {
	context.Context
	pieces int
	call   func(piece int) error
}

func (b *between) Err() error {
	b.pieces++
	return b.call(b.pieces)
}

// entries returns posts of this morning, dated one second apart, the newest first.
func entries(n int) (posts []store.Post) {
	for i := range n {
		posts = append(posts, post(fmt.Sprintf("entry %d of %d", i, n), -30*time.Minute-time.Duration(i)*time.Second))
	}
	return posts
}

// saveUntil simulates a poll that is stopped after the given number of pieces.
func (h fixture) saveUntil(f store.Feed, pieces int, posts ...store.Post) {
	h.t.Helper()
	f, err := h.Feed(h.ctx(), f.ID)
	require.NoError(h.t, err)
	f.LastPolledAt, f.NextPollAt, f.ETag = time.Now(), time.Now().Add(5*time.Minute), "of a poll that was stopped"
	ctx := &between{Context: h.ctx(), call: func(n int) error {
		if n >= pieces {
			return context.Canceled
		}
		return nil
	}}
	_, err = h.SavePosts(ctx, f, slices.Clone(posts), true)
	require.ErrorIs(h.t, err, context.Canceled)
	now, err := h.Feed(h.ctx(), f.ID)
	require.NoError(h.t, err)
	require.Empty(h.t, now.ETag, "a later 304 would hide the rest")
	kept, err := h.Posts(h.ctx(), f.ID, 1000)
	require.NoError(h.t, err)
	require.GreaterOrEqual(h.t, len(kept), pieces*200)
}

// counted returns the number of publications by state and reason.
func (h fixture) counted() map[string]int {
	out := map[string]int{}
	for _, line := range h.all() {
		_, state, _ := strings.Cut(line, ": ")
		out[state]++
	}
	return out
}

// A poll that ends between two pieces, because it is stopped or its process ends, publishes nothing and loses
// nothing.
func TestAStoppedPollIsContinued(t *testing.T) {
	t.Parallel()
	all := entries(450)
	for name, test := range map[string]struct {
		then  []store.Post // entries of the next poll
		first bool         // the feed has not been polled before
		start string
		want  map[string]int
	}{
		"a flood": {then: all, want: map[string]int{"held (450 new entries at once)": 450}},
		"some have left the feed since": {then: all[440:],
			want: map[string]int{"held (410 new entries at once)": 10,
				"held (410 new entries at once; removed from the site since)": 400}},
		"all have left the feed": {then: entries(1), want: map[string]int{"held (401 new entries at once)": 401}},
		"the first poll": {then: all, first: true, start: "now",
			want: map[string]int{"skipped (was there when the feed was added)": 450}},
		"the first poll, with the newest published": {
			then: append([]store.Post{post("newer still", -time.Second)}, all...), first: true, start: "last:2",
			want: map[string]int{"queued": 2,
				"skipped (older than the newest posts that you chose to publish (2))": 449},
		},
		"the first poll, and all have left the feed": {then: entries(3), first: true, start: "last:2",
			want: map[string]int{"queued": 2,
				"skipped (older than the newest posts that you chose to publish (2))": 401}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.account("alice")
			f := h.feed("https://blog.example/feed", ifElse(test.start == "", "now", test.start))
			if !test.first {
				h.save(f, post("there", -30*day))
			}
			h.saveUntil(f, 2, all...)
			h.nothing()
			for line := range h.counted() {
				require.Equal(t, "skipped (was there when the feed was added)", line,
					"an unfinished poll has created no publications")
			}
			// An account that is added now must not decide before the poll does.
			h.account("bob")
			h.nothing()

			h.save(f, test.then...)
			alice := map[string]int{}
			for _, line := range h.all() {
				if who, state, _ := strings.Cut(line, ": "); strings.HasSuffix(who, " alice") && who != "there alice" {
					alice[state]++
				}
			}
			require.Equal(t, test.want, alice)
			for _, line := range h.all() {
				require.False(t, strings.Contains(line, "bob: queued"), line)
			}
			require.Zero(t, h.save(f, test.then...), "the decision is made once")
			db := h.raw()
			require.Equal(t, []string{"0"}, strs(t, db, `SELECT count(*) FROM posts WHERE unsettled > 0`))
		})
	}
}

func ifElse[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

// A feed that fits into one piece is saved in one transaction, even if the context has been cancelled.
func TestShortPollIsOneTransaction(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	f.LastPolledAt, f.NextPollAt = time.Now(), time.Now().Add(5*time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	saved, err := h.SavePosts(ctx, f, entries(200), true)
	require.NoError(t, err)
	require.Equal(t, 200, saved.Queued)
}

// A process that changes a post or removes the feed between two pieces finds consistent data.
func TestBetweenThePieces(t *testing.T) {
	t.Parallel()
	poll := func(h fixture, f store.Feed, call func()) error {
		f, err := h.Feed(h.ctx(), f.ID)
		require.NoError(h.t, err)
		f.LastPolledAt, f.NextPollAt = time.Now(), time.Now().Add(5*time.Minute)
		_, err = h.SavePosts(&between{Context: h.ctx(), call: func(n int) error {
			if n == 1 {
				call()
			}
			return nil
		}}, f, entries(450), true)
		return err
	}
	t.Run("another process polls it", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", "now")
		require.NoError(t, poll(h, f, func() { h.other().save(f, entries(450)...) }))
		require.Equal(t, map[string]int{"skipped (was there when the feed was added)": 450}, h.counted())
		h.nothing()
	})
	t.Run("it is removed and added again", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", "now")
		h.save(f, post("there", -30*day))
		require.NoError(t, poll(h, f, func() { require.NoError(t, h.RemoveFeed(h.ctx(), f.ID, store.CLI)) }))
		require.Len(t, h.all(), 1)
		f = h.feed("https://blog.example/feed", "now")
		h.save(f, entries(450)...)
		require.Equal(t, map[string]int{"skipped (was there when the feed was added)": 451}, h.counted())
	})
	t.Run("a known one gets its picture", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", "now")
		old := entries(450)[3]
		old.Decision, old.Media = store.Skip, nil
		h.save(f, post("there", -30*day), old) // known, but without media
		h.saveUntil(f, 1, entries(450)...)
		require.Len(t, h.all(), 1)
		h.save(f, entries(450)...)
		require.Equal(t, map[string]int{"held (449 new entries at once)": 449,
			"skipped (was there when the feed was added)": 2}, h.counted())
	})
}

// Many publications are also created in several transactions, but all of them are decided together.
func TestPollStoppedWhileCreatingPublications(t *testing.T) {
	t.Parallel()
	all := entries(405) // three pieces of posts, then three of publications, the last of which has five
	stopped := func(t *testing.T, start string, there bool, call func(h fixture, f store.Feed)) (fixture, store.Feed) {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", start)
		if there {
			h.save(f, post("there", -30*day))
		}
		f, err := h.Feed(h.ctx(), f.ID)
		require.NoError(t, err)
		f.LastPolledAt, f.NextPollAt, f.ETag = time.Now(), time.Now().Add(5*time.Minute), "of a poll that was stopped"
		_, err = h.SavePosts(&between{Context: h.ctx(), call: func(n int) error {
			switch {
			case call != nil && n == 5:
				call(h, f)
			case call == nil && n >= 5:
				return context.Canceled
			}
			return nil
		}}, f, slices.Clone(all), true)
		if call == nil {
			require.ErrorIs(t, err, context.Canceled)
			f, err = h.Feed(h.ctx(), f.ID)
			require.NoError(t, err)
			require.Empty(t, f.ETag)
		} else {
			require.NoError(t, err)
		}
		return h, f
	}
	t.Run("a flood", func(t *testing.T) {
		t.Parallel()
		h, f := stopped(t, "now", true, nil)
		require.Equal(t, 400, h.counted()["held (405 new entries at once)"], "with the final reason")
		h.nothing()
		h.save(f, all...)
		require.Equal(t, map[string]int{"held (405 new entries at once)": 405,
			"skipped (was there when the feed was added)": 1}, h.counted())
		require.Zero(t, h.save(f, all...))
	})
	t.Run("a flood, of which most left the feed", func(t *testing.T) {
		t.Parallel()
		h, f := stopped(t, "now", true, nil)
		h.save(f, all[:3]...) // the newest, which are created last
		held := 0
		for state, n := range h.counted() {
			if strings.HasPrefix(state, "held (405 new entries at once") {
				held += n
			}
		}
		require.Equal(t, 405, held, h.counted())
	})
	t.Run("all of a first poll", func(t *testing.T) {
		t.Parallel()
		h, f := stopped(t, "all", false, nil)
		require.Equal(t, map[string]int{"queued": 400}, h.counted())
		h.save(f, all...)
		require.Equal(t, map[string]int{"queued": 405}, h.counted())
	})
	t.Run("another feed brings the same meanwhile", func(t *testing.T) {
		t.Parallel()
		h, _ := stopped(t, "all", false, func(h fixture, _ store.Feed) {
			h.save(h.feed("https://other.example/feed", "all"), all[0])
		})
		other, err := h.Publications(h.ctx(), store.Filter{States: []store.State{store.Queued}, FeedID: 2})
		require.NoError(t, err)
		require.Equal(t, map[string]int{"queued": 405, fmt.Sprintf("skipped (the feed other.example/feed brought the same "+
			"post: publication %d, waiting to be published)", other[0].ID): 1}, h.counted())
	})
	t.Run("the account stops taking the feed meanwhile", func(t *testing.T) {
		t.Parallel()
		h, _ := stopped(t, "all", false, func(h fixture, f store.Feed) {
			routes, err := h.routes()
			require.NoError(t, err)
			routes[0].Enabled = false
			require.NoError(t, h.SetRoute(h.ctx(), routes[0], store.CLI, ""))
		})
		require.Equal(t, map[string]int{"queued": 400}, h.counted())
	})
}
