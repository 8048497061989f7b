package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// renamedPost returns a fixture with a published post, and the same post under another name, which is held.
func renamedPost(t *testing.T) (h fixture, f store.Feed, old, held store.Publication) {
	h = setup(t)
	h.account("alice")
	f = h.feed("https://old.example/feed", "all")
	h.save(f, shown(1))
	old = h.bring(h.pub(shown(1).GUID, 1), store.Published)
	h.save(f, underNewName())
	held = h.pub("new", 1)
	require.Equal(t, store.Held, held.State)
	return h, f, old, held
}

func underNewName() store.Post {
	p := shown(1)
	p.GUID, p.URL = "new", "https://new.example/p/1"
	return p
}

func TestSamePostGetsNewID(t *testing.T) {
	t.Parallel()
	h, f, old, held := renamedPost(t)
	l, err := h.Listed(t.Context(), held.ID)
	require.NoError(t, err)
	twin, id, err := h.Twin(t.Context(), l)
	require.NoError(t, err)
	require.Equal(t, old.ID, id)
	require.Equal(t, old.PostID, twin.ID)

	p := h.do(held.ID, store.CommandSkip)
	require.Equal(t, store.Skipped, p.State)
	require.Equal(t, fmt.Sprintf("the same as publication %d, as you said", old.ID), p.Reason.String())
	l, err = h.Listed(t.Context(), old.ID)
	require.NoError(t, err)
	require.Equal(t, "new", l.Post.GUID, "the post on Instagram is found by the new id")

	// An edit reaches the old publication, and neither id causes a new one.
	edited := underNewName()
	edited.Text += " And a sentence more."
	require.Equal(t, store.Saved{Changed: 2}, h.save(f, edited, shown(1)),
		"the ids were exchanged, so both posts have other texts")
	l, err = h.Listed(t.Context(), old.ID)
	require.NoError(t, err)
	require.Equal(t, edited.Text, l.Post.Text)
	require.Equal(t, store.Published, l.State)
	require.Equal(t, store.Skipped, h.pub(shown(1).GUID, 1).State)

	// After another move the post is recognized again.
	again := underNewName()
	again.GUID, again.URL, again.Text = "newest", "https://newest.example/p/1", edited.Text
	h.save(f, again)
	require.Equal(t, store.Held, h.pub("newest", 1).State)
	require.Contains(t, h.pub("newest", 1).Reason.String(), fmt.Sprintf("publication %d ", old.ID))
}

func TestNewPostIsPublished(t *testing.T) {
	t.Parallel()
	h, f, _, held := renamedPost(t)
	p := h.do(held.ID, store.CommandPublish)
	require.Equal(t, store.Queued, p.State)
	l, err := h.Listed(t.Context(), held.ID)
	require.NoError(t, err)
	require.Equal(t, "new", l.Post.GUID)
	_, _, err = h.Twin(t.Context(), l)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.Zero(t, h.save(f, underNewName()))
	require.Equal(t, store.Queued, h.pub("new", 1).State)
}

// One decision applies to all accounts and parts that wait for it.
func TestTwinIsDecidedOnce(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	h.account("bob")
	f := h.feed("https://old.example/feed", "all")
	h.save(f, shown(1))
	h.save(f, underNewName())
	require.Equal(t, store.Held, h.pub("new", 2).State)
	h.do(h.pub("new", 1).ID, store.CommandSkip)
	for _, l := range []int64{1, 2} {
		require.Equal(t, store.Skipped, h.pub(shown(1).GUID, l).State)
		require.Equal(t, store.Queued, h.pub("new", l).State)
	}
}

// Skipped posts count as known posts too: a move does not publish posts that existed before the feed was added.
func TestTwinOfSkippedPost(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://old.example/feed", "now")
	bare := shown(2)
	bare.Decision, bare.Reason, bare.Media = store.Skip, reason.New(reason.NoMedia, ""), nil
	h.save(f, shown(1), bare)
	moved := shown(2)
	moved.GUID, moved.URL = "newer", "https://new.example/p/2"
	h.save(f, underNewName(), moved)
	require.Equal(t, store.Held, h.pub("new", 1).State)
	require.Equal(t, store.Held, h.pub("newer", 1).State)
	require.Equal(t, "looks like the post of "+shown(2).PublishedAt.Format("2 January 2006")+
		", \"Letters from the harbour 2\", which this account has not published",
		h.pub("newer", 1).Reason.String())
	h.do(h.pub("newer", 1).ID, store.CommandSkip)
	require.Equal(t, "the same as an earlier post, as you said", h.pub(shown(2).GUID, 1).Reason.String())
}

// An id that several entries share identifies none of them. A post stored under such an id is not published again.
func TestTwinIDsInOneDocument(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://old.example/feed", "all")
	at := func(n int, repeats bool) store.Post {
		p := shown(n)
		plain, own := "feed", "feed "+p.URL
		p.GUID, p.OtherID, p.IDRepeats = plain, own, false
		if repeats {
			p.GUID, p.OtherID, p.IDRepeats = own, plain, true
		}
		return p
	}
	h.save(f, func() store.Post { p := at(2, false); p.OtherID = ""; return p }(),
		func() store.Post { p := at(3, true); p.OtherID, p.IDRepeats = "", false; return p }())
	require.Len(t, h.all(), 2, "as stored before")
	h.bring(h.pub("feed", 1), store.Published)

	newer := at(1, true)
	newer.PublishedAt = time.Now().UTC().Truncate(time.Second)
	require.Equal(t, store.Saved{New: 1, Queued: 1}, h.save(f, newer, at(2, true), at(3, true)))
	require.Equal(t, store.Published, h.pub(at(2, true).GUID, 1).State, "the post has an id of its own now")
	require.Equal(t, store.Queued, h.pub(newer.GUID, 1).State)

	// A single entry does not show that its id repeats, but it still must not be taken for an edit of the newest
	// post.
	alone := at(1, false)
	alone.URL, alone.Title, alone.Text, alone.Media[0].URL = "https://old.example/next", "The very next one of them",
		essay(8), "https://old.example/next.jpg"
	alone.OtherID, alone.PublishedAt = "feed "+alone.URL, time.Now().UTC().Truncate(time.Second)
	require.Equal(t, store.Saved{New: 1, Queued: 1}, h.save(f, alone))
	require.Equal(t, store.Queued, h.pub("feed https://old.example/next", 1).State)
	require.Zero(t, h.save(f, at(2, false)).New)
}

func TestFloodOfASmallFeed(t *testing.T) {
	t.Parallel()
	undated := func(n int) store.Post {
		p := shown(n)
		p.PublishedAt = time.Time{}
		return p
	}
	for name, c := range map[string]struct{ old, unseen, held int }{
		"one of two": {1, 1, 0}, "half": {4, 4, 0}, "more than half": {4, 5, 5}, "a window of one": {0, 1, 0},
		"seven of twelve": {5, 7, 0}, "eleven of thirty": {19, 11, 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.account("alice")
			f := h.feed("https://old.example/feed", "now")
			var before, after []store.Post
			for i := range max(c.old, 1) {
				before = append(before, undated(100+i))
			}
			h.save(f, before...)
			for i := range c.unseen {
				after = append(after, undated(i))
			}
			require.Equal(t, c.held, h.save(f, append(after, before[:c.old]...)...).Held)
		})
	}
}

// An entry that is dated after the last read of the feed is not an old post that came back.
func TestFloodIgnoresLaterDates(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://old.example/feed", "now")
	h.save(f, shown(50))
	var posts []store.Post
	for i := range 25 {
		p := shown(i)
		p.PublishedAt = time.Now().Add(time.Duration(i) * time.Second).UTC().Truncate(time.Second)
		posts = append(posts, p)
	}
	require.Equal(t, store.Saved{New: 25, Queued: 25}, h.save(f, posts...))
}

// A site that was empty when its feed was added comes back with its old entries.
func TestFloodOfAnEmptyFeed(t *testing.T) {
	t.Parallel()
	for start, want := range map[string]store.State{"now": store.Skipped, "all": store.Queued} {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://old.example/feed", start)
		h.save(f)
		var posts []store.Post
		for i := range 8 {
			p := shown(i + 1)
			p.PublishedAt = time.Time{}
			posts = append(posts, p)
		}
		dated := shown(0)
		dated.PublishedAt = time.Now().UTC().Truncate(time.Second)
		h.save(f, append([]store.Post{dated}, posts...)...)
		require.Equal(t, store.Queued, h.pub(dated.GUID, 1).State)
		for _, p := range posts {
			require.Equal(t, want, h.pub(p.GUID, 1).State)
		}
		later := shown(30)
		later.PublishedAt = time.Time{}
		h.save(f, append([]store.Post{later, dated}, posts...)...)
		require.Equal(t, store.Queued, h.pub(later.GUID, 1).State, "a later one is new")
	}
}

// The ids of an entry and of the post that it is the same as are exchanged only once, whatever is decided on an
// account that was added later. A second exchange would undo the first, and the next poll would find the old post
// under the old id.
func TestLaterDecisionExchangesNoIDs(t *testing.T) {
	t.Parallel()
	for answer, wantOld := range map[store.Command]string{
		store.CommandSkip:    "new",         // the same here too: the old post keeps the new id
		store.CommandApprove: shown(1).GUID, // a new post after all: each has its own id again
		store.CommandPublish: shown(1).GUID,
	} {
		h, _, old, held := renamedPost(t)
		h.do(held.ID, store.CommandSkip)
		bob, err := h.AddAccount(t.Context(),
			store.Account{API: store.Instagram, UserID: "2", Username: "bob", StartRule: "all"}, seal)
		require.NoError(t, err)
		list, err := h.Publications(t.Context(), store.Filter{AccountID: bob.ID, States: []store.State{store.Held}})
		require.NoError(t, err)
		require.Len(t, list, 1, "asked about on the second account")
		require.Equal(t, held.PostID, list[0].PostID)
		h.do(list[0].ID, answer)
		post, err := h.Post(t.Context(), old.PostID)
		require.NoError(t, err)
		require.Equal(t, wantOld, post.GUID, answer)
	}
}
