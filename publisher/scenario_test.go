package publisher

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/store"
)

// TestScenarios has a row for each fault that was observed in practice: Instagram's behaviour, the expected state of
// the publication, and the expected number of posts on the profile.
func TestScenarios(t *testing.T) {
	t.Parallel()
	const day = 26 * time.Hour
	for name, tc := range map[string]struct {
		media  []string // default one picture
		story  bool
		text   string // default "Fog at six."
		faults []simulator.Fault
		state  store.State
		within time.Duration // default 10 min
		live   int
		asked  int    // number of media_publish calls that arrived; 0 is not checked
		reason string // part of the reason
	}{
		"no fault": {state: store.Published, live: 1, asked: 1},
		"carousel": {media: []string{"a.jpg", "b.png", "c.mp4"}, state: store.Published, live: 1,
			asked: 1},
		"reel":  {media: []string{"a.mp4"}, state: store.Published, live: 1, asked: 1},
		"story": {story: true, state: store.Published, live: 1, asked: 1},
		"twelve pictures": {media: strings.Fields("a.jpg b.jpg c.jpg d.jpg e.jpg f.jpg g.jpg h.jpg i.jpg j.jpg k.jpg l.jpg"),
			state: store.Published, live: 1},
		"answer lost": {faults: []simulator.Fault{{Kind: simulator.Lost, Op: "publish"}},
			state: store.Published, live: 1, asked: 1},
		"answer 500 though live": {faults: []simulator.Fault{{Kind: simulator.LiveError, Op: "publish"}},
			state: store.Published, live: 1, asked: 1},
		"502 page though live": {faults: []simulator.Fault{{Kind: simulator.LiveError, Op: "publish",
			Reply: simulator.Gateway}}, state: store.Published, live: 1, asked: 1},
		"2207051 though live": {faults: []simulator.Fault{{Kind: simulator.LiveError, Op: "publish",
			Reply: simulator.Blocked}}, state: store.Published, live: 1, asked: 1},
		"late effect": {faults: []simulator.Fault{{Kind: simulator.Late, Op: "publish",
			After: 100 * time.Second}}, state: store.Published, live: 1, asked: 1},
		"dropped before effect": {faults: []simulator.Fault{{Kind: simulator.Drop, Op: "publish"}},
			state: store.Published, live: 1, asked: 2},
		"500 without effect": {faults: []simulator.Fault{{Kind: simulator.Refuse, Op: "publish",
			Reply: simulator.Internal}}, state: store.Published, live: 1, asked: 2},
		"no connection": {faults: []simulator.Fault{{Kind: simulator.NoConnect, Op: "publish", Times: 3}},
			state: store.Published, live: 1},
		"not ready (9007) twice": {faults: []simulator.Fault{{Kind: simulator.Refuse, Op: "publish",
			Reply: simulator.NotReady, Times: 2}}, state: store.Published, within: time.Minute, live: 1, asked: 3},
		"quota refused for an hour": {faults: []simulator.Fault{{Kind: simulator.Refuse, Op: "publish",
			Reply: simulator.QuotaSpent, For: time.Hour}}, state: store.Published, within: 3 * time.Hour, live: 1},
		"2207051, not live": {faults: []simulator.Fault{{Kind: simulator.Refuse, Op: "publish",
			Reply: simulator.Blocked, Times: simulator.Forever}},
			state: store.Failed, live: 0, asked: 1, reason: "suspected spam"},
		"container turns ERROR without a reason": {faults: []simulator.Fault{{
			Kind: simulator.Break, Op: "create", Times: simulator.Forever}},
			state: store.Failed, within: time.Hour, live: 0, asked: 1, reason: "The video format is not supported"},
		"container turns ERROR with a permanent subcode": {faults: []simulator.Fault{{Kind: simulator.Break,
			Op: "create", Times: simulator.Forever, Reply: simulator.UnsupportedVideo}},
			state: store.Failed, live: 0, reason: "Instagram could not use the media"},
		"container turns ERROR once": {faults: []simulator.Fault{{Kind: simulator.Break, Op: "create"}},
			state: store.Published, live: 1, asked: 1},
		"child turns ERROR once": {media: []string{"a.jpg", "b.jpg"},
			faults: []simulator.Fault{{Kind: simulator.Break, Op: "create", Skip: 1}},
			state:  store.Published, live: 1, asked: 1},
		"child turns ERROR always": {media: []string{"a.jpg", "b.mp4"},
			faults: []simulator.Fault{{Kind: simulator.Break, Op: "create", Skip: 1, Times: simulator.Forever}},
			state:  store.Failed, within: time.Hour, live: 0},
		"expired before the intent": {faults: []simulator.Fault{{Kind: simulator.Expire, Op: "status"}},
			state: store.Published, live: 1, asked: 1},
		"picture cannot be fetched by Instagram, twice": {faults: []simulator.Fault{{
			Kind: simulator.Refuse, Op: "create", Reply: simulator.NotFetched, Times: 2}},
			state: store.Published, live: 1, asked: 1},
		"picture can never be fetched by Instagram": {faults: []simulator.Fault{{Kind: simulator.Refuse, Op: "create",
			Reply: simulator.NotFetched, Times: simulator.Forever}},
			state: store.Failed, within: 2 * time.Hour, live: 0, reason: "tried 8 times"},
		"create without an answer for a while": {faults: []simulator.Fault{{Kind: simulator.Lost, Op: "create",
			Times: 4}}, state: store.Published, live: 1, asked: 1},
		"unreadable for a while, before the intent": {faults: []simulator.Fault{{
			Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, Times: 2}},
			state: store.Published, live: 1, asked: 1},
		"container unreadable for ten minutes after a lost answer": {
			faults: []simulator.Fault{{Kind: simulator.Lost, Op: "publish"},
				{Kind: simulator.Refuse, Op: "status", Skip: 1, For: 10 * time.Minute, Reply: simulator.Unreadable}},
			state: store.Published, live: 1, asked: 1},
		"all reads refused for an hour after a lost answer": {
			faults: []simulator.Fault{{Kind: simulator.Lost, Op: "publish"},
				{Kind: simulator.Refuse, Op: "status", Skip: 1, For: time.Hour, Reply: simulator.Unreadable},
				{Kind: simulator.Refuse, Op: "media", For: time.Hour, Reply: simulator.Unreadable}},
			state: store.Published, within: 2 * time.Hour, live: 1, asked: 1},
		"container unreadable for good after a dropped publish": {
			faults: []simulator.Fault{{Kind: simulator.Drop, Op: "publish"}, {Kind: simulator.Refuse, Op: "status",
				Skip: 1, Times: simulator.Forever, Reply: simulator.Unreadable}},
			state: store.Unconfirmed, within: day, live: 0, asked: 1, reason: "24 hours"},
		"profile refused for good after a dropped publish": {
			faults: []simulator.Fault{{Kind: simulator.Drop, Op: "publish"},
				{Kind: simulator.Refuse, Op: "media", Times: simulator.Forever, Reply: simulator.Unreadable}},
			state: store.Unconfirmed, within: day, live: 0, asked: 1},
		"throttled for ten minutes": {faults: []simulator.Fault{{Kind: simulator.Refuse, Op: "create",
			For: 10 * time.Minute, Reply: simulator.ThrottledFor(10 * time.Minute)}},
			state: store.Published, within: time.Hour, live: 1, asked: 1},
		"application limit for half an hour": {faults: []simulator.Fault{{
			Kind: simulator.Refuse, For: 30 * time.Minute, Reply: simulator.TooManyCalls}},
			state: store.Published, within: 2 * time.Hour, live: 1, asked: 1},
		"story, answer lost": {story: true, faults: []simulator.Fault{{Kind: simulator.Lost, Op: "publish"}},
			state: store.Published, live: 1, asked: 1},
		"story, dropped": {story: true, faults: []simulator.Fault{{Kind: simulator.Drop, Op: "publish"}},
			state: store.Published, live: 1, asked: 2},
		"story, unreadable for good": {story: true, faults: []simulator.Fault{{Kind: simulator.Drop, Op: "publish"},
			{Kind: simulator.Refuse, Op: "status", Skip: 1, Times: simulator.Forever, Reply: simulator.Unreadable}},
			state: store.Unconfirmed, within: day, live: 0, asked: 1},
		"no caption, answer lost": {text: "-", faults: []simulator.Fault{{Kind: simulator.Lost, Op: "publish"}},
			state: store.Published, live: 1, asked: 1},
		"no caption, late effect while Instagram takes no calls": {text: "-",
			faults: []simulator.Fault{{Kind: simulator.Late, Op: "publish", After: 5 * time.Minute,
				Reply: simulator.ThrottledFor(10 * time.Minute)}},
			state: store.Published, within: time.Hour, live: 1, asked: 1},
		"story, late effect while Instagram takes no calls": {story: true,
			faults: []simulator.Fault{{Kind: simulator.Late, Op: "publish", After: 5 * time.Minute,
				Reply: simulator.ThrottledFor(10 * time.Minute)}},
			state: store.Published, within: time.Hour, live: 1, asked: 1},
		"late effect while Instagram takes no calls": {faults: []simulator.Fault{{Kind: simulator.Late, Op: "publish",
			After: 5 * time.Minute, Reply: simulator.ThrottledFor(10 * time.Minute)}},
			state: store.Published, within: time.Hour, live: 1, asked: 1},
		"permalink not read for a while": {faults: []simulator.Fault{{Kind: simulator.Refuse, Op: "permalink",
			Reply: simulator.Unreadable, Times: 3}}, state: store.Published, live: 1, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setup(t)
				if tc.story {
					_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "",
						func(a *store.Account) error { return draft.Set(&a.Settings, "channel", "story") })
					require.NoError(t, err)
				}
				for _, f := range tc.faults {
					s.sim.Fault(f)
				}
				text := ifElse(tc.text == "", "Fog at six.", strings.TrimPrefix(tc.text, "-"))
				pub := s.entry(text, ifElse(tc.media == nil, []string{"a.jpg"}, tc.media)...)
				s.start()
				pub = s.reach(pub.ID, tc.state, ifElse(tc.within == 0, 10*time.Minute, tc.within))
				require.Contains(t, pub.Reason.String(), tc.reason)
				// Nothing may happen after the final state.
				time.Sleep(150 * time.Minute) // longer than the first three tries of the permalink
				synctest.Wait()
				after := s.get(pub.ID)
				require.Equal(t, tc.state, after.State)
				require.Len(t, s.live(), tc.live, s.history(pub.ID))
				if tc.asked > 0 {
					require.Equal(t, tc.asked, s.sim.CallCount("publish"), s.history(pub.ID))
				}
				if tc.state == store.Published {
					require.Equal(t, s.live()[0].ID, after.MediaID, s.history(pub.ID))
					require.Equal(t, s.live()[0].Permalink, after.Permalink)
				}
				require.NotContains(t, s.history(pub.ID), token)
			})
		})
	}
}

func TestOneImageCostsFourCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		before := map[instagram.Op]int{}
		for _, op := range []instagram.Op{"create", "status", "publish", "permalink", "quota", ""} {
			before[op] = s.sim.CallCount(op)
		}
		pub := s.entry("Fog at six.", "a.jpg")
		s.start()
		pub = s.reach(pub.ID, store.Published, time.Minute)
		time.Sleep(time.Hour)
		for _, op := range []instagram.Op{"create", "status", "publish", "permalink"} {
			require.Equal(t, 1, s.sim.CallCount(op)-before[op], op)
		}
		require.LessOrEqual(t, s.sim.CallCount("quota")-before["quota"], 1)
		require.LessOrEqual(t, s.sim.CallCount("")-before[""], 5)
		require.Equal(t, "alt of a.jpg", s.live()[0].Slides[0].AltText)
		require.NotEmpty(t, s.get(pub.ID).Permalink)
	})
}
