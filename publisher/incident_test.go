package publisher

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"postern/draft"
	"postern/instagram/simulator"
	"postern/reason"
	"postern/store"
)

func TestSkippedThoughItMayBeLiveIsNotPublishedFromAnotherFeed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, Skip: 1,
			For: 30 * time.Hour})
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "media", Reply: simulator.Unreadable,
			For: 30 * time.Hour})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(24 * time.Hour)
		s.reach(pub.ID, store.Unconfirmed, 6*time.Hour)
		s.do(pub.ID, store.Order{Command: store.CommandSkip})
		other, err := s.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/photos", StartRule: "all"})
		require.NoError(t, err)
		s.feed = other
		s.poll()
		time.Sleep(10 * time.Hour)
		require.Len(t, s.live(), 1)
		require.Contains(t, s.list()[1].Reason.String(),
			"brought the same post: publication 1, skipped, though it may be live")
	})
}

func TestARevivedFeedWithNewIDsPublishesNothingAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		pub := s.entry("Fog.", "a.jpg")
		s.posts[0].URL = "https://blog.example.org/fog"
		s.poll()
		s.start()
		s.reach(pub.ID, store.Published, time.Hour)
		require.NoError(t, s.store.RemoveFeed(t.Context(), s.feed.ID, store.CLI))
		var err error
		s.feed, err = s.store.AddFeed(t.Context(), store.Feed{URL: s.feed.URL, StartRule: "all"})
		require.NoError(t, err)
		s.posts[0].GUID = "renamed"
		s.poll()
		time.Sleep(time.Hour)
		require.Len(t, s.live(), 1)
		require.Equal(t, store.Held, s.list()[1].State)
	})
}

// Two pictures have no caption: the first is live and its media id was never returned, the second was dropped. The
// post on the profile must not be taken for the second.
func TestUnresolvedPostWithoutCaptionIsNotTakenForAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "publish"})
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "media", Times: 2, Reply: simulator.Internal})
		a, b := s.entry("", "a.jpg"), s.entry("", "b.jpg")
		s.start()
		s.reach(a.ID, store.Published, time.Hour)
		b = s.reach(b.ID, store.Unconfirmed, 3*time.Hour)
		require.Contains(t, b.Reason.String(), "more than one post")
		time.Sleep(30 * time.Hour)
		require.Len(t, s.live(), 1)
		require.Empty(t, s.get(b.ID).MediaID)
	})
}

func TestCheckAgainIgnoresPublicationsInFlight(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "publish"})
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, Skip: 1,
			For: 25 * time.Hour})
		a := s.entry("", "a.jpg")
		s.start()
		time.Sleep(24 * time.Hour)
		a = s.reach(a.ID, store.Unconfirmed, time.Hour)
		answer := make(chan struct{})
		time.Sleep(6 * time.Hour)
		s.sim.Fault(simulator.Fault{Kind: simulator.Hold, Op: "publish", Until: answer})
		b := s.entry("", "b.jpg")
		s.reach(b.ID, store.Publishing, time.Minute)
		require.Len(t, s.live(), 1, "although Instagram's answer has not arrived")
		a, err := s.pub.CheckAgain(t.Context(), a.ID, store.Visitor)
		require.NoError(t, err)
		require.Equal(t, store.Unconfirmed, a.State)
		close(answer)
		b = s.reach(b.ID, store.Published, time.Minute)
		require.Equal(t, s.live()[0].ID, b.MediaID)
	})
}

func TestAPartIsHeldWhenThePostChangedAfterAnotherWasSent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("split", "yes")
		s.set("cool_down", "6h")
		s.entry("Boats.",
			strings.Fields(
				"1.jpg 2.jpg 3.jpg 4.jpg 5.jpg 6.jpg 7.jpg 8.jpg 9.jpg 10.jpg 11.jpg 12.jpg 13.jpg 14.jpg")...)
		one, two := s.list()[0].ID, s.list()[1].ID
		s.start()
		s.reach(one, store.Published, time.Hour)
		s.posts[0].Media = s.posts[0].Media[:12] // part 2 would now begin with a picture that part 1 shows
		s.poll()
		require.Equal(t, store.Held, s.get(two).State)
		require.Contains(t, s.get(two).Reason.String(), "after another part of it was sent")
		time.Sleep(12 * time.Hour)
		require.Len(t, s.live(), 1)
	})
}

func TestContainerUnreadableForTwentyHoursUsesNoRound(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable,
			For: 20 * time.Hour})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(20 * time.Hour)
		pub = s.reach(pub.ID, store.Published, time.Hour)
		require.Equal(t, 1, pub.Round)
		require.Equal(t, 1, s.sim.CallCount("create"))
		require.Less(t, s.sim.CallCount("status"), 300, "every five minutes")
	})
}

func TestChangeDuringPreparationIsPublished(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Slow, Op: "create", After: 30 * time.Second})
		pub := s.entry("An embargoed name.", "a.jpg")
		s.start()
		time.Sleep(10 * time.Second)
		require.Equal(t, store.Queued, s.get(pub.ID).State)
		s.posts[0].Text = "Corrected."
		s.poll()
		s.reach(pub.ID, store.Published, 5*time.Minute)
		require.Len(t, s.live(), 1)
		require.Equal(t, "Corrected.", s.live()[0].Caption)
	})
}

// TestPublishWithTheSameAnswerForADay has Instagram give the same answer to every publish for a day.
func TestPublishWithTheSameAnswerForADay(t *testing.T) {
	for name, tc := range map[string]struct {
		reply   simulator.Reply
		state   store.State
		trouble store.Trouble
		says    string
		most    int // maximum number of publish calls
	}{
		"permission": {simulator.Reply{Code: 10, Message: "Application does not have permission for this action"},
			store.Staged, store.Reconnect, "permission", 2},
		"restricted": {simulator.Restricted, store.Staged, store.Wait, "restricted the account", 25},
		"rejected": {simulator.Reply{Code: 100, Subcode: 2207010, Message: "The caption is too long"},
			store.Failed, "", "The caption is too long", 1},
		"no known meaning": {simulator.Reply{Code: 77, Message: "Something about boats"}, store.Failed, "",
			"Something about boats", maxTries},
		"not ready": {simulator.NotReady, store.Failed, "", "not ready", 300},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Times: simulator.Forever,
					Reply: tc.reply})
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				time.Sleep(19*time.Hour + 30*time.Minute) // a container lives for a day
				synctest.Wait()
				pub = s.get(pub.ID)
				require.Equal(t, tc.state, pub.State, pub.Reason.String())
				require.Contains(t, pub.Reason.String(), tc.says)
				a, err := s.store.Account(t.Context(), s.account.ID)
				require.NoError(t, err)
				require.Equal(t, tc.trouble, a.Trouble)
				time.Sleep(4 * time.Hour)
				require.LessOrEqual(t, s.sim.CallCount("publish"), tc.most)
				require.Empty(t, s.live())
			})
		})
	}
}

// TestAnswerOfAnEarlierPublishIsIgnored checks that an answer counts only for the publish call that received
// it, and not for a later call whose answer could not be recorded.
func TestAnswerOfAnEarlierPublishIsIgnored(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: simulator.Blocked})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Failed, time.Hour)
		time.Sleep(48 * time.Hour)
		s.sim.Fault(simulator.Fault{Kind: simulator.Slow, Op: "publish", After: time.Hour})
		s.do(pub.ID, store.Order{Command: store.CommandRetry})
		s.reach(pub.ID, store.Publishing, time.Minute)
		require.NoError(t, s.store.Close()) // like a kill
		s.restart()
		s.reach(pub.ID, store.Published, 30*time.Minute)
		require.Len(t, s.live(), 1)
	})
}

func TestTimesOfAWrongClockAreCorrected(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		ahead := time.Now().Add(365 * 24 * time.Hour)
		pub := s.entry("Fog.", "a.jpg")
		f, err := s.store.Feed(t.Context(), s.feed.ID)
		require.NoError(t, err)
		f.NextPollAt = ahead
		require.NoError(t, s.store.SavePoll(t.Context(), f))
		_, err = s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "", func(a *store.Account) error {
			a.Trouble, a.WaitUntil, a.Problem = store.Wait, ahead, reason.Text("throttled")
			return nil
		})
		require.NoError(t, err)
		s.restart()
		s.reach(pub.ID, store.Published, 25*time.Hour)
		due, err := s.store.DueFeeds(t.Context())
		require.NoError(t, err)
		require.Len(t, due, 1)
	})
}

func TestARemovedAccountWhoseTokenDiedEndsUnconfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "publish"})
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.TokenDead, Skip: 1,
			Times: simulator.Forever})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Publishing, time.Minute)
		require.NoError(t, s.store.RemoveAccount(t.Context(), s.account.ID, store.CLI))
		pub = s.reach(pub.ID, store.Unconfirmed, 2*24*time.Hour)
		require.Contains(t, pub.Reason.String(), "the account was removed")
		a, err := s.store.Account(t.Context(), s.account.ID)
		require.NoError(t, err)
		require.Nil(t, a.Secrets.Token)
	})
}

func TestPanicIsRecordedAndRetried(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		library := s.library
		s.library = nil // preparing a picture panics
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(time.Second)
		synctest.Wait()
		require.Contains(t, s.get(pub.ID).Reason.String(), "a fault of its own")
		failed := s.reach(pub.ID, store.Failed, time.Hour)
		require.Equal(t, maxTries, strings.Count(s.history(pub.ID), "a fault of its own"), failed.Reason.String())
		s.stopPublisher()
		s.library = library
		s.start()
		s.do(pub.ID, store.Order{Command: store.CommandRetry})
		s.reach(pub.ID, store.Published, time.Minute)
	})
}

func TestHangingFollowUpDelaysNothingAndRunsOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		answer := make(chan struct{})
		s.sim.Fault(simulator.Fault{Kind: simulator.Slow, Op: "permalink", Until: answer, Times: simulator.Forever})
		for range 6 {
			s.entry("Fog.", "a.jpg")
		}
		s.start()
		time.Sleep(50 * time.Second) // the call itself ends after a minute
		synctest.Wait()
		require.Len(t, s.live(), 6)
		require.Equal(t, 1, s.sim.CallCount("permalink"))
		close(answer)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 6, s.sim.CallCount("permalink"))
		for _, l := range s.list() {
			require.Equal(t, store.Published, l.State)
			require.NotEmpty(t, l.Permalink)
		}
	})
}

// TestBusyDatabase has another process, such as a backup or the sqlite3 shell, hold the write lock for
// longer than a statement waits.
func TestBusyDatabase(t *testing.T) {
	for name, state := range map[string]store.State{"before a step": store.Queued,
		"while a post goes live": store.Publishing} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("min_age", "1m")
				s.sim.Fault(simulator.Fault{Kind: simulator.Slow, Op: "publish", After: 10 * time.Second})
				pub := s.entry("Fog.", "a.jpg") // dated half a minute ago
				s.start()
				time.Sleep(time.Second)
				s.reach(pub.ID, state, 5*time.Minute)
				synctest.Wait()
				db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "postern.db")+"?_txlock=immediate")
				require.NoError(t, err)
				defer db.Close()
				lock, err := db.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				time.Sleep(time.Minute)
				require.NoError(t, lock.Rollback())
				s.reach(pub.ID, store.Published, time.Hour)
				require.Len(t, s.live(), 1)
				require.Equal(t, 1, s.sim.CallCount("publish"))
			})
		})
	}
}

// The publish of a story had no answer and took effect after Postern had concluded that it did not. The container
// reports this before the next request. Postern must then find its media, or it would take it for the next story,
// whose publish is dropped.
func TestLatePostIsNotTakenForTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "",
			func(a *store.Account) error { return draft.Set(&a.Settings, "channel", "story") })
		require.NoError(t, err)
		s.sim.Fault(simulator.Fault{Kind: simulator.Late, Op: "publish", After: 590 * time.Second,
			Reply: simulator.ThrottledFor(10 * time.Minute)})
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "publish"})
		a, b := s.entry("", "a.jpg"), s.entry("", "b.jpg")
		s.start()
		a = s.reach(a.ID, store.Published, time.Hour)
		require.Contains(t, a.Reason.String(), "published already")
		s.reach(b.ID, store.Published, time.Hour)
		time.Sleep(time.Hour)
		require.Len(t, s.live(), 2, s.history(b.ID))
		a, b = s.get(a.ID), s.get(b.ID)
		require.NotEmpty(t, a.MediaID, s.history(a.ID))
		require.NotEmpty(t, b.MediaID)
		require.NotEqual(t, a.MediaID, b.MediaID)
	})
}
