package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

const (
	ours   = "https://postern.example.org"
	within = "http://sandbox.invalid/media" // the public URL for sandbox accounts
)

// preflighted records a preflight that found every file.
func (h fixture) preflighted(id int64, asset string) {
	h.t.Helper()
	f, err := h.BeginPreflight(h.t.Context(), id, ours, time.Now().Add(time.Hour))
	require.NoError(h.t, err)
	f.Ready, f.AgainAt, f.Tries = true, time.Time{}, 0
	f.Items = []store.Item{{Position: 1, Asset: asset + ".jpg", CoverAsset: asset + "-cover.jpg"}}
	f.Checks = []store.Check{{ID: "media.image.ratio", Severity: store.Repaired, Text: "padded"}}
	require.NoError(h.t, h.SavePreflight(h.t.Context(), f))
}

func (h fixture) withoutPreflight() int64 {
	h.t.Helper()
	id, err := h.WithoutPreflight(h.t.Context(), ours, within)
	if err != nil {
		require.ErrorIs(h.t, err, store.ErrNotFound)
	}
	return id
}

// A preflight stays valid until the post or a setting changes. The files of publications that are not sent yet are
// kept until then.
func TestPreflightValidity(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("a")
	f := h.feed("https://a.example/feed", "all")
	h.save(f, post("p", -hour), post("q", -2*hour))
	p, q := h.pub("p", a.ID), h.pub("q", a.ID)
	require.Equal(t, q.ID, h.withoutPreflight(), "the next one in the queue")
	h.preflighted(q.ID, "q")
	require.Equal(t, p.ID, h.withoutPreflight())
	h.preflighted(p.ID, "p")
	require.Zero(t, h.withoutPreflight())
	_, err := h.WithoutPreflight(t.Context(), "https://other.example.org", within)
	require.NoError(t, err, "with another public URL the items contain it")

	needed := func() map[string]bool {
		names, err := h.NeededAssets(t.Context(), time.Now().Add(time.Hour))
		require.NoError(t, err)
		return names
	}
	require.Equal(t, map[string]bool{"p.jpg": true, "p-cover.jpg": true, "q.jpg": true, "q-cover.jpg": true}, needed())
	_, err = h.Do(t.Context(), q.ID, store.Order{Command: store.CommandSkip, By: store.CLI})
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"p.jpg": true, "p-cover.jpg": true}, needed())

	_, err = h.UpdateAccount(t.Context(), a.ID, store.CLI, "",
		func(a *store.Account) error { fit := "crop"; a.Settings.Fit = &fit; return nil })
	require.NoError(t, err)
	l, err := h.Listed(t.Context(), p.ID)
	require.NoError(t, err)
	require.False(t, l.Preflight.Valid)
	require.Equal(t, p.ID, h.withoutPreflight())
	require.Len(t, needed(), 2, "until the next preflight")
	h.preflighted(p.ID, "p2")
	require.Zero(t, h.withoutPreflight())

	changed := post("p", -hour)
	changed.Media[0].URL += "?new"
	h.save(f, changed, post("q", -2*hour))
	require.Equal(t, p.ID, h.withoutPreflight())
	g, err := h.BeginPreflight(t.Context(), p.ID, ours, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, g.Items, "the files of the old picture are not used")
	require.False(t, g.Ready)
	require.True(t, g.Valid)
	require.Empty(t, needed())

	caption := "Other words."
	require.NoError(t, h.Edit(t.Context(), p.ID, p.Revision, store.Edits{Caption: &caption}, store.CLI))
	l, err = h.Listed(t.Context(), p.ID)
	require.NoError(t, err)
	require.True(t, l.Preflight.Valid, "an edited caption does not affect pictures")
}

// Settings that only decide when a post is published, or whether it needs approval, do not invalidate a preflight:
// its findings about the pictures remain.
func TestGateSettingsKeepPreflightValid(t *testing.T) {
	t.Parallel()
	settings := store.Settings{Approve: new(true), CoolDown: new(store.Duration(hour)), MinAge: new(store.Duration(hour)),
		PostsPerDay: new(1), QuietHours: new("22:00-07:00"), QuotaReserve: new(3), TimeZone: new("Europe/Berlin")}
	for name, change := range map[string]func(h fixture, a store.Account, f store.Feed, s store.Settings) error{
		"account": func(h fixture, a store.Account, _ store.Feed, s store.Settings) error {
			_, err := h.UpdateAccount(t.Context(), a.ID, store.CLI, "",
				func(a *store.Account) error { a.Settings = s; return nil })
			return err
		},
		"feed": func(h fixture, a store.Account, f store.Feed, s store.Settings) error {
			return h.SetRoute(t.Context(),
				store.Route{FeedID: f.ID, AccountID: a.ID, Enabled: true, Settings: s}, store.CLI, "")

		},
	} {
		t.Run(name, func(t *testing.T) {
			h := setup(t)
			a, f := h.account("a"), h.feed("https://a.example/feed", "all")
			h.save(f, post("p", -hour))
			p := h.pub("p", a.ID)
			h.preflighted(p.ID, "p")
			holds := func() bool {
				l, err := h.Listed(t.Context(), p.ID)
				require.NoError(t, err)
				return l.Preflight.Valid
			}
			require.NoError(t, change(h, a, f, settings))
			require.True(t, holds())
			require.Zero(t, h.withoutPreflight())
			settings.Fit = new("crop")
			require.NoError(t, change(h, a, f, settings))
			require.False(t, holds(), "this setting affects the pictures")
			settings.Fit = nil
		})
	}
}

// A preflight during which the program crashed is not repeated at once, and not forever.
func TestPreflightIsRecordedBeforeItRuns(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("a")
	h.save(h.feed("https://a.example/feed", "all"), post("p", -hour))
	p := h.pub("p", a.ID)
	for n := 1; n < 4; n++ {
		f, err := h.BeginPreflight(t.Context(), p.ID, ours, time.Now().Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, n, f.Tries)
		require.Zero(t, h.withoutPreflight())
		require.NoError(t, h.VoidLeases(t.Context()), "the program starts again")
		require.Zero(t, h.withoutPreflight())
	}
	h.preflighted(p.ID, "p")
	_, err := h.Do(t.Context(), p.ID, store.Order{Command: store.CommandHold, By: store.CLI})
	require.NoError(t, err)
	require.Zero(t, h.withoutPreflight(), "held publications get a preflight too")
}

// Only the next publications of a long queue get a preflight.
func TestPreflightIsBounded(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("a")
	var posts []store.Post
	for n := range 40 {
		posts = append(posts, post(fmt.Sprintf("p%d", n), -time.Duration(n+1)*hour))
	}
	h.save(h.feed("https://a.example/feed", "all"), posts...)
	n := 0
	for ; h.withoutPreflight() != 0; n++ {
		h.preflighted(h.withoutPreflight(), "x")
	}
	require.Equal(t, 30, n)
	oldest, err := h.Preflight(t.Context(), h.pub("p39", a.ID).ID)
	require.NoError(t, err)
	require.True(t, oldest.Ready)
	_, err = h.Preflight(t.Context(), h.pub("p0", a.ID).ID)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestSameCaption(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("a")
	h.save(h.feed("https://a.example/feed", "all"), post("p", -hour), post("q", -hour))
	p, q := h.pub("p", a.ID), h.pub("q", a.ID)
	_, err := h.SameCaption(t.Context(), a.ID, "", q.PostID)
	require.ErrorIs(t, err, store.ErrNotFound)
	sent := h.bring(p, store.Published)
	id, err := h.SameCaption(t.Context(), a.ID, sent.Caption, q.PostID)
	require.NoError(t, err)
	require.Equal(t, p.ID, id)
	_, err = h.SameCaption(t.Context(), a.ID, sent.Caption, p.PostID)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// A preflight of a sandbox account is outdated if the public URL for sandbox accounts has changed; one of another
// account if the public URL has.
func TestPreflightDependsOnPublicURL(t *testing.T) {
	t.Parallel()
	h := setup(t)
	seal := func(int64) (store.Secrets, error) { return store.Secrets{Token: []byte("sealed")}, nil }
	play, err := h.AddAccount(t.Context(), store.Account{API: store.Sandbox, UserID: "7", Username: "play"}, seal)
	require.NoError(t, err)
	h.save(h.feed("https://a.example/feed", "all"), post("p", -hour))
	p := h.pub("p", play.ID)
	for _, c := range []struct {
		at, public string
		old        bool
	}{{within, "", false}, {within, ours, false}, {ours, ours, true}, {"", "", true}} {
		f, err := h.BeginPreflight(t.Context(), p.ID, c.at, time.Now().Add(time.Hour))
		require.NoError(t, err)
		f.Ready, f.AgainAt = true, time.Time{}
		require.NoError(t, h.SavePreflight(t.Context(), f))
		_, err = h.WithoutPreflight(t.Context(), c.public, within)
		if c.old {
			require.NoError(t, err, c.at)
		} else {
			require.ErrorIs(t, err, store.ErrNotFound, c.at)
		}
	}
}
