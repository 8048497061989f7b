package publisher

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/store"
)

// inBubble runs f with a stage in a synctest bubble, so that no real time passes.
func inBubble(t *testing.T, f func(t *testing.T, s *theStage)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { f(t, setup(t)) })
}

func (s *theStage) set(name, value string) {
	s.t.Helper()
	_, err := s.store.UpdateAccount(s.t.Context(), s.account.ID, store.System, "", func(a *store.Account) error {
		return draft.Set(&a.Settings, name, value)
	})
	require.NoError(s.t, err)
}

func (s *theStage) do(id int64, o store.Order) store.Publication {
	s.t.Helper()
	o.By = store.Visitor
	p, err := s.store.Do(s.t.Context(), id, o)
	require.NoError(s.t, err)
	return p
}

func TestTwoEqualCaptionsLostAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish", Times: 2})
		a, b := s.entry("Fog.", "a.jpg"), s.entry("Fog.", "b.jpg")
		s.start()
		a, b = s.reach(a.ID, store.Published, time.Hour), s.reach(b.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 2)
		require.NotEqual(t, a.MediaID, b.MediaID)
	})
}

func TestEqualCaptionDroppedIsNotTakenForTheEarlierPost(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		a, b := s.entry("Fog.", "a.jpg"), s.entry("Fog.", "b.jpg")
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "publish", Skip: 1})
		s.start()
		s.reach(a.ID, store.Published, time.Hour)
		b = s.reach(b.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 2)
		require.Equal(t, s.live()[0].ID, b.MediaID)
	})
}

// TestTwoCandidatesNeedAPerson publishes a picture without a caption while somebody posts by hand. The two unknown
// posts cannot be told apart.
func TestTwoCandidatesNeedAPerson(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish", Times: 2})
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, Skip: 1,
			For: 20 * time.Minute})
		pub := s.entry("", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Publishing, time.Minute)
		s.publishByHand("b.jpg")
		pub = s.reach(pub.ID, store.Unconfirmed, time.Hour)
		require.Contains(t, pub.Reason.String(), "more than one post")

		// Reads alone can still settle it. A retry is refused unless a person confirms that the post is not live.
		time.Sleep(time.Hour)
		_, err := s.store.Do(t.Context(), pub.ID, store.Order{Command: store.CommandRetry, By: store.Visitor})
		require.ErrorIs(t, err, store.ErrIllegal)
		pub, err = s.pub.CheckAgain(t.Context(), pub.ID, store.Visitor)
		require.NoError(t, err)
		require.Equal(t, store.Published, pub.State) // its container reports PUBLISHED by now
		require.Equal(t, 1, s.sim.CallCount("publish")-1)
	})
}

// publishByHand publishes a post that is not ours.
func (s *theStage) publishByHand(picture string) {
	s.t.Helper()
	client, err := s.acc.Client(s.t.Context(), s.account.ID)
	require.NoError(s.t, err)
	made, err := client.CreateImage(s.t.Context(), imageOf(picture))
	require.NoError(s.t, err)
	_, _ = client.Publish(s.t.Context(), made.ID) // the answer may be lost, but the call takes effect
}

func TestTokenDiesInFlight(t *testing.T) {
	for name, op := range map[string]instagram.Op{"before the first container": "create", "before the status": "status",
		"at publish": "publish"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: op, Reply: simulator.TokenDead})
				if op == "publish" { // later reads are refused too
					s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Skip: 1,
						Reply: simulator.TokenDead})
				}
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				time.Sleep(10 * time.Minute)
				a, err := s.store.Account(t.Context(), s.account.ID)
				require.NoError(t, err)
				require.Equal(t, store.Reconnect, a.Trouble)
				require.Contains(t, s.get(pub.ID).Reason.String(), "connect the account again")
				require.Empty(t, s.live())
				require.Equal(t, op != "publish", Next(s.get(pub.ID), a).IsZero(), "no next step without the owner")

				time.Sleep(5 * time.Hour)
				_, err = s.acc.Reconnect(t.Context(), s.account.ID, token)
				require.NoError(t, err)
				s.reach(pub.ID, store.Published, 10*time.Minute)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

func TestRestrictedAccountWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Reply: simulator.Restricted,
			For: 90 * time.Minute})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(time.Minute)
		require.Equal(t, store.Queued, s.get(pub.ID).State)
		require.Zero(t, s.get(pub.ID).Tries, "a problem of the account uses no try")
		s.reach(pub.ID, store.Published, 5*time.Hour)
		require.LessOrEqual(t, s.sim.CallCount("create"), 4)
	})
}

// TestRestartInPublishing checks that after a restart a requested publication is only read, whether or not the
// request took effect.
func TestRestartInPublishing(t *testing.T) {
	for name, kind := range map[string]simulator.Kind{"went live": simulator.Lost, "did not": simulator.Drop} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.Fault(simulator.Fault{Kind: kind, Op: "publish"})
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				s.reach(pub.ID, store.Publishing, time.Minute)
				time.Sleep(time.Minute)
				s.restart()
				before := s.sim.CallCount("publish")
				time.Sleep(2 * time.Minute)
				require.Equal(t, before, s.sim.CallCount("publish"), "settle starts again")
				s.reach(pub.ID, store.Published, time.Hour)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

func TestRestartWithAStaleLease(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		pub := s.entry("Fog.", "a.jpg")
		_, err := s.other().Claim(t.Context(), lease) // by a process that died at once
		require.NoError(t, err)
		s.start()
		s.reach(pub.ID, store.Published, time.Minute)
		require.Len(t, s.live(), 1)
	})
}

func TestCrashingPublicationFails(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		pub := s.entry("Fog.", "a.jpg")
		for range maxClaims {
			_, err := s.other().Claim(t.Context(), lease)
			require.NoError(t, err)
			require.NoError(t, s.store.VoidLeases(t.Context()))
		}
		s.start()
		pub = s.reach(pub.ID, store.Failed, time.Minute)
		require.Contains(t, pub.Reason.String(), "stopped five times")
		require.Zero(t, s.sim.CallCount("create"))
		s.do(pub.ID, store.Order{Command: store.CommandRetry})
		s.reach(pub.ID, store.Published, time.Minute)
	})
}

func TestExpiredAfterTheIntent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "publish"})
		s.sim.Fault(simulator.Fault{Kind: simulator.Expire, Op: "status", Skip: 1})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Publishing, time.Minute)
		s.reach(pub.ID, store.Queued, 10*time.Minute) // only after two reads, settle apart
		require.GreaterOrEqual(t, s.sim.CallCount("media"), 2)
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 2, pub.Round)
		require.Len(t, s.live(), 1)
	})
}

func TestGates(t *testing.T) {
	t.Run("minimum age", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.set("min_age", "2h")
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			time.Sleep(time.Hour)
			require.Equal(t, "younger than 2h until 02:00 UTC", s.get(pub.ID).Reason.String())
			require.Zero(t, s.sim.CallCount("create"))
			s.reach(pub.ID, store.Published, time.Hour)
		})
	})
	t.Run("cool-down, oldest first", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.set("cool_down", "6h")
			a, b := s.entry("One.", "a.jpg"), s.entry("Two.", "b.jpg")
			s.start()
			s.reach(a.ID, store.Published, time.Minute)
			time.Sleep(5 * time.Hour)
			require.Equal(t, store.Queued, s.get(b.ID).State)
			require.Contains(t, s.get(b.ID).Reason.String(), "waits 6h")
			s.reach(b.ID, store.Published, 2*time.Hour)
		})
	})
	t.Run("approval", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.set("approve", "yes")
			s.set("cool_down", "1000h")
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			pub = s.reach(pub.ID, store.Held, time.Minute)
			require.Contains(t, pub.Reason.String(), "approval")
			time.Sleep(48 * time.Hour)
			require.Empty(t, s.live())
			s.do(pub.ID, store.Order{Command: store.CommandPublish})
			s.reach(pub.ID, store.Published, time.Minute)
		})
	})
	t.Run("pause, also in flight", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.sim.Fault(simulator.Fault{Kind: simulator.Slow, Op: "create", After: 30 * time.Second})
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			time.Sleep(10 * time.Second)
			_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.Visitor, "paused",
				func(a *store.Account) error { a.Paused = true; return nil })
			require.NoError(t, err)
			time.Sleep(time.Hour)
			require.Equal(t, store.Queued, s.get(pub.ID).State, "the unfinished container is not used")
			require.Equal(t, "the account is paused", s.get(pub.ID).Reason.String())
			require.Empty(t, s.live())
			_, err = s.store.UpdateAccount(t.Context(), s.account.ID, store.Visitor, "resumed",
				func(a *store.Account) error { a.Paused = false; return nil })
			require.NoError(t, err)
			s.reach(pub.ID, store.Published, time.Minute)
		})
	})
	t.Run("no public address for a repaired picture", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.public = ""
			repaired, fine := s.entry("PNG.", "a.png"), s.entry("JPEG.", "b.jpg")
			s.start()
			s.reach(fine.ID, store.Published, time.Minute)
			require.Equal(t, "https://blog.example.org/b.jpg", s.live()[0].Slides[0].URL)
			require.Contains(t, s.get(repaired.ID).Reason.String(), "set web.base_url")
			s.stopPublisher()
			s.public = "https://postern.example.org"
			s.start()
			s.reach(repaired.ID, store.Published, time.Minute)
			require.Contains(t, s.live()[0].Slides[0].URL, "https://postern.example.org/media/")
		})
	})
	t.Run("quota known to be empty", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "", func(a *store.Account) error {
				a.QuotaUsed, a.QuotaTotal, a.QuotaAt = 100, 100, time.Now()
				return nil
			})
			require.NoError(t, err)
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			time.Sleep(9 * time.Minute)
			require.Contains(t, s.get(pub.ID).Reason.String(), "100 posts in 24 hours")
			require.Zero(t, s.sim.CallCount("create"))
			s.reach(pub.ID, store.Published, 2*time.Hour)
		})
	})
}

func TestMissingMedia(t *testing.T) {
	t.Run("missing for good", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.site.gone["/b.jpg"] = true
			pub := s.entry("Fog.", "a.jpg", "b.jpg")
			s.start()
			time.Sleep(23 * time.Hour)
			require.Equal(t, store.Queued, s.get(pub.ID).State)
			require.Zero(t, s.get(pub.ID).Tries)
			require.Equal(t, "media.url.not-found", s.get(pub.ID).Reason.Rule())
			require.Contains(t, s.get(pub.ID).Reason.String(),
				"Postern asks for it again until "+draft.DayClock(pub.CreatedAt.Add(24*time.Hour).UTC(), time.Now()))
			pub = s.reach(pub.ID, store.Failed, 8*time.Hour)
			require.Contains(t, pub.Reason.String(), "image 2 of 2")
			require.NotContains(t, pub.Reason.String(), "asks for it again")
			require.Zero(t, s.sim.CallCount("create"))
		})
	})
}

// TestAPictureThatComesAfterTheFailure checks that a later poll publishes a failed post once its picture appears,
// exactly once, and respects what a person decided meanwhile.
func TestAPictureThatComesAfterTheFailure(t *testing.T) {
	for name, poll := range map[string]func(*theStage){
		"the feed names another picture": func(s *theStage) { s.posts[0].Media[0].URL = "https://blog.example.org/b.jpg" },
		"the URL returns a picture": func(s *theStage) {
			list, err := s.store.MissingOf(s.t.Context(), s.feed.ID, 5)
			require.NoError(s.t, err)
			require.Len(s.t, list, 1)
			require.Equal(s.t, "https://blog.example.org/a.jpg", list[0].URL)
			delete(s.site.gone, "/a.jpg")
			require.NoError(s.t, s.store.SettleMissing(s.t.Context(), list[0], true))
			require.NoError(s.t, s.store.SettleMissing(s.t.Context(), list[0], true),
				"another process has seen it too")
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.site.gone["/a.jpg"] = true
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				pub = s.reach(pub.ID, store.Failed, 40*time.Hour)
				require.Contains(t, pub.Reason.String(), "Postern looks for it until ")
				time.Sleep(2 * time.Hour)
				s.poll()
				require.Equal(t, store.Failed, s.get(pub.ID).State, "an unchanged feed changes nothing")
				poll(s)
				s.poll()
				s.reach(pub.ID, store.Published, 5*time.Minute)
				s.poll()
				time.Sleep(time.Hour)
				require.Len(t, s.live(), 1)
			})
		})
	}
	t.Run("skipped by a person", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.site.gone["/a.jpg"] = true
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			pub = s.reach(pub.ID, store.Failed, 40*time.Hour)
			s.do(pub.ID, store.Order{Command: store.CommandSkip})
			time.Sleep(2 * time.Hour)
			list, err := s.store.MissingOf(t.Context(), s.feed.ID, 5)
			require.NoError(t, err)
			require.Empty(t, list)
			s.posts[0].Media[0].URL = "https://blog.example.org/b.jpg"
			s.poll()
			require.Equal(t, store.Skipped, s.get(pub.ID).State)
		})
	})
	t.Run("failed for another reason", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			pub := s.entry("Fog.", "cut.jpg")
			s.start()
			s.reach(pub.ID, store.Failed, time.Hour)
			s.posts[0].Text = "Fog, and more of it."
			s.poll()
			time.Sleep(time.Hour)
			require.Equal(t, store.Failed, s.get(pub.ID).State)
		})
	})
}

func TestAPictureThatIsDeployedAMomentLater(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.site.gone["/a.jpg"] = true
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(3 * time.Second)
		require.Contains(t, s.get(pub.ID).Reason.String(), "a.jpg")
		delete(s.site.gone, "/a.jpg")
		s.reach(pub.ID, store.Published, time.Minute)
	})
}

// TestAPictureThatIsDeployedMuchLater has a site whose files appear minutes or hours after its feed.
func TestAPictureThatIsDeployedMuchLater(t *testing.T) {
	for _, late := range []time.Duration{45 * time.Second, 10 * time.Minute, 20 * time.Hour} {
		t.Run(late.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.site.gone["/b.jpg"] = true
				pub := s.entry("Fog.", "a.jpg", "b.jpg")
				s.start()
				time.Sleep(late)
				require.Equal(t, store.Queued, s.get(pub.ID).State)
				require.Contains(t, s.get(pub.ID).Reason.String(), "image 2 of 2: ")
				delete(s.site.gone, "/b.jpg")
				s.reach(pub.ID, store.Published, max(time.Minute, min(2*late, 2*time.Hour)))
				require.Len(t, s.live(), 1)
			})
		})
	}
}

// TestTheRefusedPictureOfACarousel checks that the reason names the refused picture by its position, and omits the
// position if there is only one picture.
func TestTheRefusedPictureOfACarousel(t *testing.T) {
	shape := simulator.Reply{Code: 36003, Subcode: 2207009}
	t.Run("second of three", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Skip: 1, Reply: shape})
			pub := s.entry("Fog.", "a.jpg", "b.jpg", "c.jpg")
			s.start()
			pub = s.reach(pub.ID, store.Failed, time.Hour)
			require.Contains(t, pub.Reason.String(), "image 2 of 3: The picture's shape")
			require.Empty(t, s.live())
		})
	})
	t.Run("the carousel itself", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Skip: 2, Reply: shape})
			pub := s.entry("Fog.", "a.jpg", "b.jpg")
			s.start()
			require.NotContains(t, s.reach(pub.ID, store.Failed, time.Hour).Reason.String(), " of 2: ")
		})
	})
	t.Run("the only one", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Reply: shape})
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			require.NotContains(t, s.reach(pub.ID, store.Failed, time.Hour).Reason.String(), "1 of 1")
		})
	})
	t.Run("a problem of the account names no picture", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Skip: 1, Reply: simulator.Restricted,
				For: time.Hour})
			pub := s.entry("Fog.", "a.jpg", "b.jpg")
			s.start()
			time.Sleep(time.Minute)
			require.NotContains(t, s.get(pub.ID).Reason.String(), "image 2 of 2")
			s.reach(pub.ID, store.Published, 30*time.Hour)
		})
	})
}

func TestCommandsOfAPerson(t *testing.T) {
	t.Run("hold while staged drops the containers", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable,
				For: 20 * time.Second})
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			pub = s.reach(pub.ID, store.Staged, time.Minute)
			first := pub.Containers[0].ID
			held := s.do(pub.ID, store.Order{Command: store.CommandHold})
			require.Empty(t, held.Containers)
			time.Sleep(time.Hour)
			require.Empty(t, s.live())
			s.do(pub.ID, store.Order{Command: store.CommandPublish})
			pub = s.reach(pub.ID, store.Published, time.Minute)
			require.NotEqual(t, first, pub.Containers[0].ID)
			require.Len(t, s.live(), 1)
		})
	})
	t.Run("only reads while publishing", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.sim.Fault(simulator.Fault{Kind: simulator.Late, Op: "publish", After: 2 * time.Minute})
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			s.reach(pub.ID, store.Publishing, time.Minute)
			for _, c := range []store.Command{store.CommandHold, store.CommandSkip, store.CommandPublish,
				store.CommandRetry, store.CommandConfirm} {
				_, err := s.store.Do(t.Context(), pub.ID, store.Order{Command: c, By: store.Visitor, NotLive: true})
				require.ErrorIs(t, err, store.ErrIllegal)
			}
			require.NoError(t, s.store.RemoveAccount(t.Context(), s.account.ID, store.Visitor))
			s.reach(pub.ID, store.Published, 10*time.Minute)
			a, err := s.store.Account(t.Context(), s.account.ID)
			require.NoError(t, err)
			require.Nil(t, a.Secrets.Token, "deleted as soon as the publication is resolved")
		})
	})
	t.Run("an edited caption is published; a later change of the site needs approval", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			s.set("approve", "yes")
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			pub = s.reach(pub.ID, store.Held, time.Minute)
			words := "Mist."
			require.NoError(t, s.store.Edit(t.Context(), pub.ID, pub.Revision, store.Edits{Caption: &words},
				store.Visitor))
			require.ErrorIs(t, s.store.Edit(t.Context(), pub.ID, pub.Revision, store.Edits{}, store.Visitor),
				store.ErrConflict)
			s.do(pub.ID, store.Order{Command: store.CommandPublish})
			s.reach(pub.ID, store.Published, time.Minute)
			require.Equal(t, "Mist.", s.live()[0].Caption)
		})
	})
}

func TestDrainEndsWhenNothingIsDue(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("cool_down", "6h")
		a, b := s.entry("One.", "a.jpg"), s.entry("Two.", "b.jpg")
		p := New(Options{Store: s.store, Accounts: s.acc, Media: s.library, Public: s.outside(), Settle: s.settle,
			Logger: discard})
		began := time.Now()
		require.NoError(t, p.Drain(t.Context(), began.Add(10*time.Minute)))
		require.Less(t, time.Since(began), time.Minute)
		require.Equal(t, store.Published, s.get(a.ID).State)
		require.NotEmpty(t, s.get(a.ID).Permalink)
		require.Equal(t, store.Queued, s.get(b.ID).State)
	})
}

// TestWritesOfAnotherProcessAreNoticed checks that the publisher notices a lost signal of the store, as from another
// process, at its next tick.
func TestWritesOfAnotherProcessAreNoticed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.idle = 5 * time.Second // the value that New sets
		require.Equal(t, s.idle, New(Options{Store: s.store, Settle: time.Minute}).idle)
		s.start()
		time.Sleep(time.Minute)
		own := s.store
		s.store = s.other()
		pub := s.entry("Fog.", "a.jpg")
		s.store = own
		s.reach(pub.ID, store.Published, 20*time.Second)
	})
}

// TestOwnWritesDoNotWakeThePublisher checks that the publisher does not wake itself with its own writes: when it
// publishes, runs follow-ups or preflights, and checks gates again. Without due work it sleeps.
func TestOwnWritesDoNotWakeThePublisher(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("cool_down", "20m")
		s.set("first_comment", "First.")
		first, second, third := s.entry("Fog.", "a.jpg"), s.entry("Rain.", "b.jpg"), s.entry("Sun.", "gone.jpg")
		s.site.gone["/gone.jpg"] = true
		var news atomic.Int64
		s.store.OnDue(func() { news.Add(1) })
		s.start()
		s.reach(first.ID, store.Published, time.Minute)
		s.reach(second.ID, store.Published, time.Hour)
		s.reach(third.ID, store.Failed, 30*time.Hour)
		time.Sleep(time.Hour)
		require.Zero(t, news.Load())
	})
}

// TestPauseDuringAStep pauses the account while a step that has already read it waits for Instagram.
func TestPauseDuringAStep(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Hold, Op: "status", After: 30 * time.Second})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Staged, time.Minute)
		time.Sleep(10 * time.Second)
		require.True(t, s.get(pub.ID).Leased, "the step is reading the status")
		s.pause(true)
		time.Sleep(6 * time.Hour)
		require.Empty(t, s.live())
		require.Equal(t, "the account is paused", s.get(pub.ID).Reason.String())
		s.pause(false)
		s.reach(pub.ID, store.Published, time.Minute)
		require.Len(t, s.live(), 1)
	})
}
