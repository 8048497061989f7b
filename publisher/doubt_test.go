package publisher

import (
	"html"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// TestPublishAlwaysFails has Instagram answer each publish with an internal error. The calls have no effect.
// Postern requests publishing five times, with growing waits, and then asks a person.
func TestPublishAlwaysFails(t *testing.T) {
	for name, reply := range map[string]simulator.Reply{"code 2": simulator.Internal, "no code": simulator.Gateway,
		"token": simulator.TokenDead} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: reply,
					Times: simulator.Forever})
				pub := s.entry("Fog over the harbour.", "a.jpg")
				s.start()
				pub = s.reach(pub.ID, store.Unconfirmed, 4*time.Hour)
				time.Sleep(48 * time.Hour)
				require.Equal(t, 5, s.sim.CallCount("publish"))
				require.Empty(t, s.live())
				var at []time.Time
				for _, c := range s.sim.Calls() {
					if c.Op == "publish" {
						at = append(at, c.At)
					}
				}
				for i := 2; i < len(at); i++ {
					require.Greater(t, at[i].Sub(at[i-1]), at[i-1].Sub(at[i-2])*3/2, "the waits must grow")
				}
				troubled, err := s.store.Troubled(t.Context())
				require.NoError(t, err)
				require.Len(t, troubled, 1, "the owner is notified")
			})
		})
	}
}

// TestPublishFailsForAWhile checks that Postern publishes the post once after the incident is over.
func TestPublishFailsForAWhile(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: simulator.Internal, Times: 4})
		pub := s.entry("Fog over the harbour.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, 4*time.Hour)
		require.Len(t, s.live(), 1)
	})
}

// TestPublishSucceedsWithStaleReads has each publish succeed but answer with an error, while reads stay stale for
// longer than settle. The growing waits prevent more than one duplicate.
func TestPublishSucceedsWithStaleReads(t *testing.T) {
	for name, reply := range map[string]simulator.Reply{"code 2": simulator.Internal, "no code": simulator.Gateway} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.SetStale(2*s.settle + time.Minute)
				s.sim.Fault(simulator.Fault{Kind: simulator.LiveError, Op: "publish", Reply: reply,
					Times: simulator.Forever})
				pub := s.entry("Fog over the harbour.", "a.jpg")
				s.start()
				time.Sleep(24 * time.Hour)
				require.LessOrEqual(t, len(s.live()), 2, s.history(pub.ID))
				require.NotEqual(t, store.Queued, s.get(pub.ID).State)
			})
		})
	}
}

// TestResemblingPostNeedsAPerson checks that a post whose caption Instagram changed does not count as another post: a
// person is asked.
func TestResemblingPostNeedsAPerson(t *testing.T) {
	const text = "Fog over the harbour & the pier: “café” closed until noon. #fog #harbour"
	for name, change := range map[string]func(string) string{
		"cut":        func(c string) string { return c[:30] },
		"folded":     func(c string) string { return strings.ToLower(strings.ReplaceAll(c, "é", "e")) },
		"escaped":    html.EscapeString,
		"twice":      func(c string) string { return html.EscapeString(html.EscapeString(c)) },
		"hashtags":   func(c string) string { return strings.Split(c, " #")[0] },
		"no words":   func(string) string { return "" },
		"unknown":    func(c string) string { return strings.Repeat("?", len([]rune(c))) },
		"upper":      strings.ToUpper,
		"code point": func(c string) string { return strings.ReplaceAll(c, "é", `\u00e9`) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.SetRewrite(change)
				s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
				// Stale reads do not show the container as published.
				s.sim.Fault(simulator.Fault{Kind: simulator.StaleStatus, Op: "status", Skip: 1,
					Times: simulator.Forever})
				pub := s.entry(text, "a.jpg")
				s.start()
				pub = s.reach(pub.ID, store.Unconfirmed, time.Hour)
				require.Contains(t, pub.Reason.String(), s.live()[0].Permalink)
				time.Sleep(24 * time.Hour)
				require.Len(t, s.live(), 1, s.history(pub.ID))
			})
		})
	}
}

// TestUnrelatedPostIsIgnored has the owner publish something else by hand. It is not taken for our post.
func TestUnrelatedPostIsIgnored(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "publish"})
		pub := s.entry("Fog over the harbour, and the pier is closed until noon.", "a.jpg")
		s.start()
		time.Sleep(time.Minute)
		client, err := s.acc.Client(t.Context(), s.account.ID)
		require.NoError(t, err)
		im := imageOf("hand.jpg")
		im.Caption = "Fresh bread today at the bakery in the old town! Come early."
		c, err := client.CreateImage(t.Context(), im)
		require.NoError(t, err)
		_, err = client.Publish(t.Context(), c.ID)
		require.NoError(t, err)
		s.reach(pub.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 2)
	})
}

// TestNotReadyIsAcceptedAfterOneRead checks that "not ready" is accepted only after one read of the profile, because
// Instagram has said it about live posts.
func TestNotReadyIsAcceptedAfterOneRead(t *testing.T) {
	for name, reply := range map[string]simulator.Reply{"not ready": simulator.NotReady,
		"quota": simulator.QuotaSpent} {
		t.Run(name+", live", func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.Fault(simulator.Fault{Kind: simulator.LiveError, Op: "publish", Reply: reply})
				pub := s.entry("Fog over the harbour.", "a.jpg")
				s.start()
				s.reach(pub.ID, store.Published, time.Hour)
				time.Sleep(24 * time.Hour)
				require.Len(t, s.live(), 1, s.history(pub.ID))
			})
		})
		t.Run(name+", not live", func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: reply})
				pub := s.entry("Fog over the harbour.", "a.jpg")
				s.start()
				pub = s.reach(pub.ID, store.Published, 2*time.Hour)
				require.Len(t, s.live(), 1)
				require.LessOrEqual(t, s.sim.CallCount("media"), 1, "one read for each answer")
				require.Zero(t, pub.Tries)
			})
		})
	}
}

// TestInstagramsClockDiffers checks that Instagram's timestamps are compared with Instagram's own clock.
func TestInstagramsClockDiffers(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"ahead": 50 * time.Hour, "behind": -50 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.SetAhead(ahead)
				s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
				s.sim.Fault(simulator.Fault{Kind: simulator.StaleStatus, Op: "status", Skip: 1,
					Times: simulator.Forever})
				pub := s.entry("", "a.jpg") // without a caption, only the time identifies the post
				s.start()
				s.reach(pub.ID, store.Published, time.Hour)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

func TestResembles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		ours, theirs string
		after        time.Duration
		want         bool
	}{
		{"Sunset at the old pier", "Sunset at the old p", time.Hour, true},
		{"Sunset at the old pier", "sunset  at the OLD pier", time.Hour, true},
		{"Sunset at the old pier #sea #sun", "Sunset at the old pier", time.Hour, true},
		{"Fish &amp; chips at the harbour", "Fish & chips at the harbour", time.Hour, true},
		{"Photo of the day: sunset at the pier", "Photo of the day: boats in thick fog", time.Hour, false},
		{"Fog.", "Fog over Rome", time.Hour, false},
		{"Fog.", "Bread and butter", time.Second, false},
		{"", "Bread and butter", time.Second, false},
		{"Sunset at the old pier", "", time.Second, true},
		{"Sunset at the old pier", "", time.Hour, false},
		{"🌊", "🌊🌊", time.Hour, false},
	} {
		require.Equal(t, tc.want, resembles(tc.ours, tc.theirs, tc.after), "%q %q", tc.ours, tc.theirs)
	}
}
