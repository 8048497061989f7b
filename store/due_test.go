package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// countWakes returns how often the functions registered with OnDue are called while f runs.
func (h fixture) countWakes(f func()) int {
	h.t.Helper()
	n := 0
	h.OnDue(func() { n++ })
	f()
	return n
}

// setupTwoPosts returns a fixture with an account, a feed and two queued publications, of the posts "old" and "new".
func setupTwoPosts(t *testing.T) (fixture, store.Account, store.Feed) {
	h := setup(t)
	a, f := h.account("alice"), h.feed("https://blog.example/feed", "all")
	h.save(f, post("new", -hour), post("old", -2*hour))
	return h, a, f
}

// later postpones a publication, like a closed gate.
func (h fixture) later(p store.Publication, why reason.Reason) store.Publication {
	h.t.Helper()
	return h.advance(p, store.Change{To: store.Queued, DueAt: time.Now().Add(hour), Reason: why})
}

// Every kind of write that makes something due, or changes what is due or must be prepared, calls the functions
// registered with OnDue: commands, polls, and what a tick finds. If a write forgets to, the publication waits for
// the publisher's own tick, like after a command in another process.
func TestOnDue(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(h fixture, a store.Account, f store.Feed) func() error{
		"a new post": func(h fixture, _ store.Account, f store.Feed) func() error {
			return func() error {
				h.save(f, post("newer", -time.Minute), post("new", -hour), post("old", -2*hour))
				return nil
			}
		},
		"many new posts": func(h fixture, _ store.Account, f store.Feed) func() error {
			posts := make([]store.Post, 450)
			for i := range posts {
				posts[i] = post("p"+time.Duration(i).String(), -time.Duration(i)*time.Minute)
			}
			return func() error { h.save(f, posts...); return nil }
		},
		"a changed post": func(h fixture, _ store.Account, f store.Feed) func() error {
			changed := post("old", -2*hour)
			changed.Text = "corrected"
			return func() error { h.save(f, post("new", -hour), changed); return nil }
		},
		"a changed date of a post": func(h fixture, a store.Account, f store.Feed) func() error {
			h.save(f, post("soon", hour), post("new", -hour), post("old", -2*hour))
			h.later(h.pub("soon", a.ID), reason.Reason{})
			return func() error {
				h.save(f, post("soon", -3*hour), post("new", -hour),
					post("old", -2*hour))
				return nil
			}
		},
		"a post that is gone": func(h fixture, _ store.Account, f store.Feed) func() error {
			return func() error { h.save(f, post("old", -2*hour)); return nil }
		},
		"a post that came back": func(h fixture, _ store.Account, f store.Feed) func() error {
			h.save(f, post("old", -2*hour))
			return func() error { h.save(f, post("new", -hour), post("old", -2*hour)); return nil }
		},
		"a missing picture that was found": func(h fixture, a store.Account, f store.Feed) func() error {
			p := h.advance(h.pub("old", a.ID), store.Change{To: store.Failed, Reason: reason.Text("missing"),
				Missing: "https://blog.example/old.jpg"})
			return func() error {
				return h.SettleMissing(h.ctx(),
					store.Missing{PublicationID: p.ID, Version: p.Version, URL: p.MissingURL}, true)
			}
		},
		"a command": func(h fixture, a store.Account, _ store.Feed) func() error {
			return func() error { h.do(h.pub("old", a.ID).ID, store.CommandPublish); return nil }
		},
		"a command that makes another publication due": func(h fixture, a store.Account, _ store.Feed) func() error {
			p := h.bring(h.pub("old", a.ID), store.Staged)
			return func() error { h.do(p.ID, store.CommandHold); return nil }
		},
		"an edit": func(h fixture, a store.Account, _ store.Feed) func() error {
			words := "My own words"
			return func() error {
				return h.Edit(h.ctx(), h.pub("old", a.ID).ID, 0, store.Edits{Caption: &words}, store.Visitor)
			}
		},
		"a check by a person": func(h fixture, a store.Account, _ store.Feed) func() error {
			p := h.bring(h.pub("old", a.ID), store.Unconfirmed)
			return func() error {
				_, err := h.Advance(h.ctx(), p, store.Change{To: store.Published, Actor: store.Visitor})
				return err
			}
		},
		"a resent webhook message": func(h fixture, a store.Account, _ store.Feed) func() error {
			_, err := h.SetWebhook(h.ctx(), store.Webhook{AccountID: a.ID, Host: "build.example"}, store.Visitor,
				func(store.Webhook) (address, secret []byte, err error) {
					return []byte("sealed"), []byte("sealed"), nil
				})
			require.NoError(h.t, err)
			p := h.bring(h.pub("old", a.ID), store.Publishing)
			p = h.advance(p, store.Change{To: store.Published, Permalink: "https://www.instagram.com/p/old/"})
			return func() error { return h.ResendWebhook(h.ctx(), p.ID) }
		},
		"a decision about older posts": func(h fixture, _ store.Account, _ store.Feed) func() error {
			b, err := h.AddAccount(h.ctx(),
				store.Account{API: store.Instagram, UserID: "2", StartRule: "all", AskStart: true}, seal)
			require.NoError(h.t, err)
			return func() error {
				_, err := h.AnswerStart(h.ctx(), b.ID, store.StartPublish,
					store.Visitor)
				return err
			}
		},
		"a new account": func(h fixture, _ store.Account, _ store.Feed) func() error {
			return func() error {
				_, err := h.AddAccount(h.ctx(), store.Account{API: store.Instagram, UserID: "2", StartRule: "all"},
					seal)
				return err
			}
		},
		"a removed account": func(h fixture, a store.Account, _ store.Feed) func() error {
			return func() error { return h.RemoveAccount(h.ctx(), a.ID, store.Visitor) }
		},
		"a removed feed": func(h fixture, _ store.Account, f store.Feed) func() error {
			return func() error { return h.RemoveFeed(h.ctx(), f.ID, store.Visitor) }
		},
		"changed settings of an account": func(h fixture, a store.Account, _ store.Feed) func() error {
			return func() error {
				_, err := h.UpdateAccount(h.ctx(), a.ID, store.Visitor, "", func(a *store.Account) error {
					a.Settings.Channel = new("story")
					return nil
				})
				return err
			}
		},
		"the end of a pause": func(h fixture, a store.Account, _ store.Feed) func() error {
			pause := func(on bool) error {
				_, err := h.UpdateAccount(h.ctx(), a.ID, store.Visitor, "",
					func(a *store.Account) error { a.Paused = on; return nil })
				return err
			}
			require.NoError(h.t, pause(true))
			return func() error { return pause(false) }
		},
		"the end of an account's problem": func(h fixture, a store.Account, _ store.Feed) func() error {
			return func() error { return h.WakeAccount(h.ctx(), a.ID) }
		},
		"changed settings of a route": func(h fixture, a store.Account, f store.Feed) func() error {
			return func() error {
				return h.SetRoute(h.ctx(), store.Route{FeedID: f.ID, AccountID: a.ID, Enabled: true,
					Settings: store.Settings{Channel: new("story")}}, store.Visitor, "")

			}
		},
		"a public URL that can be reached again": func(h fixture, a store.Account, _ store.Feed) func() error {
			h.later(h.pub("old", a.ID), reason.New(reason.PublicAddress, "nobody answers"))
			return func() error { return h.WakeWaiting(h.ctx(), reason.PublicAddress) }
		},
		"a changed configuration": func(h fixture, a store.Account, _ store.Feed) func() error {
			h.later(h.pub("old", a.ID), reason.New(reason.NoPublicURL))
			return func() error { return h.WakeConfigured(h.ctx()) }
		},
		"a corrected clock": func(h fixture, _ store.Account, f store.Feed) func() error {
			f.LastPolledAt, f.NextPollAt = time.Now().Add(50*hour), time.Now().Add(51*hour)
			require.NoError(h.t, h.SavePoll(h.ctx(), f))
			return func() error { _, err := h.RightClock(h.ctx()); return err }
		},
		"an implausible due time": func(h fixture, a store.Account, _ store.Feed) func() error {
			h.advance(h.pub("old", a.ID), store.Change{To: store.Queued, DueAt: time.Now().Add(3 * day)})
			return func() error { _, err := h.RightClock(h.ctx()); return err }
		},
		"preflights without their files": func(h fixture, a store.Account, _ store.Feed) func() error {
			h.preflighted(h.pub("old", a.ID).ID, "old")
			return func() error { return h.DropPreflights(h.ctx(), func(string) bool { return true }) }
		},
		"a restored backup": func(h fixture, _ store.Account, _ store.Feed) func() error {
			return func() error { _, _, err := h.Restored(h.ctx(), store.CLI); return err }
		},
		"a database that was moved while a step was running": func(h fixture, _ store.Account,
			_ store.Feed) func() error {
			arrival, err := h.Arrive(h.ctx(), store.Place{Path: h.Path(), Inode: 7}, store.Mark{}, false)
			require.NoError(h.t, err)
			h.claim()
			return func() error {
				_, err := h.Arrive(h.ctx(), store.Place{Path: "/elsewhere", Inode: 7}, store.Mark{ID: arrival.Place.ID},
					false)
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, a, f := setupTwoPosts(t)
			act := write(h, a, f)
			require.NotZero(t, h.countWakes(func() { require.NoError(t, act()) }))
		})
	}
}

// Steps of a publisher call no function, because the publisher would wake itself forever. Neither do the regular
// writes of an idle daemon: 100 feeds and 10 accounts must not cause work.
func TestOnDueIgnoresStepsAndIdleDaemon(t *testing.T) {
	t.Parallel()
	h, a, f := setupTwoPosts(t)
	here := store.Place{Path: h.Path(), Inode: 7}
	_, err := h.Arrive(t.Context(), here, store.Mark{}, false)
	require.NoError(t, err)
	require.Zero(t, h.countWakes(func() {
		p := h.claim()
		h.preflighted(p.ID, "old")
		require.NoError(t, h.SaveAsset(t.Context(), store.Asset{Name: "old.jpg"}))
		require.NoError(t, h.AddEvent(t.Context(), store.Event{PublicationID: p.ID, Kind: "note", Message: "a repair"}))
		p = h.bring(p, store.Publishing)
		p = h.advance(p, store.Change{To: store.Published, MediaID: "17"})
		follow, err := h.ClaimFollowUp(t.Context(), time.Minute)
		require.NoError(t, err)
		require.NoError(t, h.PutOffFollowUp(t.Context(), follow, time.Now()))
		follow, err = h.ClaimFollowUp(t.Context(), time.Minute)
		require.NoError(t, err)
		require.NoError(t, h.AskFollowUp(t.Context(), follow))
		require.NoError(t, h.SettleFollowUp(t.Context(), follow, false, time.Now().Add(hour)))
		h.later(h.claim(), reason.Text("quiet hours"))
		_, err = h.UpdateAccount(t.Context(), a.ID, store.System, "", func(a *store.Account) error {
			a.QuotaUsed, a.Trouble, a.WaitUntil = 7, store.Wait, time.Now().Add(hour)
			return nil
		})
		require.NoError(t, err)
		require.NoError(t, h.ClearUntil(t.Context(), a.ID, time.Now().Add(-hour), time.Now()))
	}), "a step")
	require.Zero(t, h.countWakes(func() {
		h.nothing()
		_, err := h.RightClock(t.Context())
		require.NoError(t, err)
		_, _, err = h.Beat(t.Context(), here, time.Now())
		require.NoError(t, err)
		require.NoError(t, h.MakeFeedsDue(t.Context()))
		feeds, err := h.ClaimFeeds(t.Context(), time.Minute)
		require.NoError(t, err)
		require.NoError(t, h.SavePoll(t.Context(), feeds[0]))
		h.save(f, post("new", -hour), post("old", -2*hour))
		require.NoError(t, h.WakeWaiting(t.Context(), reason.PublicAddress))
		require.NoError(t, h.WakeConfigured(t.Context()))
		require.NoError(t, h.DropPreflights(t.Context(), func(string) bool { return false }))
	}), "an idle daemon")
}

// A rollback calls no function. After a commit, the functions see the committed data and may write themselves.
func TestOnDueComesAfterTheCommit(t *testing.T) {
	t.Parallel()
	h, a, _ := setupTwoPosts(t)
	p, words := h.pub("old", a.ID), "My own words"
	require.Zero(t, h.countWakes(func() {
		_, err := h.Do(t.Context(), p.ID, store.Order{Command: store.CommandHold, By: store.Visitor,
			Edits: &store.Edits{Caption: &words}, Revision: 7})
		require.ErrorIs(t, err, store.ErrConflict, "the hold succeeds, but then the edit is refused")
	}))
	require.Equal(t, store.Queued, h.pub("old", a.ID).State)

	seen := store.Queued
	h.OnDue(func() {
		seen = h.pub("old", a.ID).State
		require.NoError(t, h.SetSetting(t.Context(), "heard", "yes"))
	})
	h.do(p.ID, store.CommandSkip)
	require.Equal(t, store.Skipped, seen)
}
