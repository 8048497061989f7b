package publisher

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/instagram/simulator"
	"postern/store"
)

// advanceTo advances the time to a local time in a zone, and gives the account a token that is valid then.
func (s *theStage) advanceTo(zone, clock string) {
	s.t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(s.t, err)
	at, err := time.ParseInLocation("2006-01-02 15:04", clock, loc)
	require.NoError(s.t, err)
	require.True(s.t, at.After(time.Now()))
	time.Sleep(time.Until(at))
	s.sim.AddAccount(simulator.Account{UserID: s.account.UserID, Username: "harbour", Token: token,
		TokenIssued: time.Now()})
}

// times returns when the live posts were published, oldest first, in the local time of a zone.
func (s *theStage) times(zone string) (all []string) {
	s.t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(s.t, err)
	for _, p := range s.live() {
		all = append([]string{p.At.In(loc).Format("02 15:04")}, all...)
	}
	return all
}

// TestQuietHoursFollowTheClock covers nights of a clock change: the account wakes at seven local time, and a restart
// during the quiet hours checks the gates again.
func TestQuietHoursFollowTheClock(t *testing.T) {
	for name, tc := range map[string]struct{ zone, at, wakes string }{
		"spring": {"Europe/Berlin", "2000-03-25 23:30", "26 07:00"},
		"autumn": {"Europe/Berlin", "2000-10-28 23:30", "29 07:00"},
		"south":  {"America/Sao_Paulo", "2000-02-26 22:30", "27 07:00"},
		"plain":  {"Asia/Kathmandu", "2000-02-01 23:30", "02 07:00"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("quiet_hours", "22:00-07:00")
				s.set("time_zone", tc.zone)
				s.advanceTo(tc.zone, tc.at)
				a, b := s.entry("One.", "a.jpg"), s.entry("Two.", "b.jpg")
				s.start()
				time.Sleep(time.Minute)
				require.Equal(t, "quiet hours until "+
					time.Now().In(zoneOf(t, tc.zone)).AddDate(0, 0, 1).Format("2 January")+" 07:00 "+tc.zone,
					s.get(a.ID).Reason.String())
				require.Equal(t, "07:00", s.get(b.ID).DueAt.In(zoneOf(t, tc.zone)).Format("15:04"))
				require.Zero(t, s.sim.CallCount("create"), "no container before the gate opens")
				time.Sleep(90 * time.Minute)
				s.restart()
				s.requireAfter(b.ID, store.Published, 10*time.Hour)
				require.Equal(t, []string{tc.wakes, tc.wakes}, s.times(tc.zone))
				require.Equal(t, "Two.", s.live()[0].Caption, "the oldest first")
			})
		})
	}
}

// requireAfter lets d pass at once and requires the state.
func (s *theStage) requireAfter(id int64, want store.State, d time.Duration) {
	s.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	require.Equal(s.t, want, s.get(id).State, s.history(id))
}

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// TestPostsPerDay counts posts per day from midnight to midnight of the zone, on days of 23 and 25 hours.
func TestPostsPerDay(t *testing.T) {
	for name, tc := range map[string]struct {
		zone, at string
		want     []string
	}{
		"spring": {"Europe/Berlin", "2000-03-25 20:00",
			[]string{"25 20:00", "25 20:00", "26 00:00", "26 00:00", "27 00:00"}},
		"autumn": {"Europe/Berlin", "2000-10-28 20:00",
			[]string{"28 20:00", "28 20:00", "29 00:00", "29 00:00", "30 00:00"}},
		"hour before midnight repeats": {"America/Sao_Paulo", "2000-02-26 20:00",
			[]string{"26 20:00", "26 20:00", "27 00:00", "27 00:00", "28 00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("posts_per_day", "2")
				s.set("time_zone", tc.zone)
				s.advanceTo(tc.zone, tc.at)
				var last store.Publication
				for i := range 5 {
					last = s.entry(fmt.Sprintf("Post %d.", i), fmt.Sprintf("%d.jpg", i))
				}
				s.start()
				time.Sleep(2 * time.Minute)
				require.Equal(t, "2 went out today and the limit is 2 a day; the next day begins at "+
					time.Now().In(zoneOf(t, tc.zone)).AddDate(0, 0, 1).Format("2 January")+" 00:00 "+tc.zone,
					s.get(last.ID).Reason.String())
				time.Sleep(time.Hour)
				s.restart()
				s.requireAfter(last.ID, store.Published, 72*time.Hour)
				require.Equal(t, tc.want, s.times(tc.zone))
				for i, p := range s.live() {
					require.Equal(t, fmt.Sprintf("Post %d.", 4-i), p.Caption, "in the order of the site")
				}
			})
		})
	}
}

// TestPublishBypassesTimeGates checks that an order to publish bypasses all time gates, counts as a post of the
// day, and does not change the order of the others.
func TestPublishBypassesTimeGates(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("posts_per_day", "1")
		s.set("quiet_hours", "18:00-06:00")
		s.set("cool_down", "3h")
		s.advanceTo("UTC", "2000-01-10 12:00")
		a, b, c := s.entry("One.", "a.jpg"), s.entry("Two.", "b.jpg"), s.entry("Three.", "c.jpg")
		s.start()
		s.reach(a.ID, store.Published, time.Minute)
		time.Sleep(7 * time.Hour)
		require.Equal(t,
			"1 went out today and the limit is 1 a day; the next day begins at 11 January 00:00 UTC; then "+
				"quiet hours until 11 January 06:00 UTC", s.get(c.ID).Reason.String())
		s.do(c.ID, store.Order{Command: store.CommandPublish})
		s.reach(c.ID, store.Published, time.Minute)
		s.requireAfter(b.ID, store.Published, 24*time.Hour)
		require.Equal(t, []string{"10 12:00", "10 19:00", "11 06:00"}, s.times("UTC"))

		// It does not bypass a pause.
		_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.Visitor, "paused",
			func(a *store.Account) error { a.Paused = true; return nil })
		require.NoError(t, err)
		d := s.entry("Four.", "d.jpg")
		s.do(d.ID, store.Order{Command: store.CommandPublish})
		time.Sleep(48 * time.Hour)
		require.Equal(t, "the account is paused", s.get(d.ID).Reason.String())
	})
}

// TestApprovalBypassesOnlyItsGate checks that approval bypasses only the approval gate: quiet hours still apply, and a
// later hold revokes the approval.
func TestApprovalBypassesOnlyItsGate(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "yes")
		s.set("quiet_hours", "18:00-06:00")
		s.advanceTo("UTC", "2000-01-10 12:00")
		a, b := s.entry("One.", "a.jpg"), s.entry("Two.", "b.jpg")
		s.start()
		s.reach(a.ID, store.Held, time.Minute)
		s.reach(b.ID, store.Held, time.Minute)
		s.advanceTo("UTC", "2000-01-10 20:00")
		s.do(a.ID, store.Order{Command: store.CommandApprove})
		s.do(b.ID, store.Order{Command: store.CommandApprove})
		time.Sleep(time.Hour)
		require.Equal(t, "quiet hours until 11 January 06:00 UTC", fmt.Sprint(s.get(a.ID).Reason.String()))
		s.do(b.ID, store.Order{Command: store.CommandHold})
		require.False(t, s.get(b.ID).Approved)
		s.requireAfter(a.ID, store.Published, 12*time.Hour)
		time.Sleep(24 * time.Hour)
		require.Equal(t, []string{"11 06:00"}, s.times("UTC"))
		require.Equal(t, store.Held, s.get(b.ID).State)
	})
}

// TestApprovalBypassesFilters checks that a skipped post is published after a person put it back into the queue.
func TestApprovalBypassesFilters(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("exclude_keywords", "fog")
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Skipped, time.Minute)
		words := "Mist."
		s.do(pub.ID, store.Order{Command: store.CommandApprove, Edits: &store.Edits{Caption: &words}})
		s.reach(pub.ID, store.Published, time.Minute)
		require.Equal(t, "Mist.", s.live()[0].Caption)
	})
}

// TestQuietHoursBeginDuringProcessing has a video whose processing lasts into the quiet hours. It stays staged and is
// published in the morning from the same container.
func TestQuietHoursBeginDuringProcessing(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("quiet_hours", "22:00-07:00")
		s.advanceTo("UTC", "2000-01-10 21:59")
		s.sim.Fault(simulator.Fault{Kind: simulator.Slow, Op: "create", After: 50 * time.Second})
		pub := s.entry("Fog.", "a.mp4")
		time.Sleep(30 * time.Second)
		s.start()
		s.reach(pub.ID, store.Staged, 2*time.Minute)
		time.Sleep(time.Hour)
		require.Equal(t, store.Staged, s.get(pub.ID).State)
		require.Equal(t, "quiet hours until 11 January 07:00 UTC", s.get(pub.ID).Reason.String())
		s.restart()
		s.requireAfter(pub.ID, store.Published, 9*time.Hour)
		require.Equal(t, []string{"11 07:00"}, s.times("UTC"))
		require.Equal(t, 1, s.sim.CallCount("create"))
	})
}

// TestQuietHoursOfOneFeed checks that the quiet hours of one feed delay no other feed of the account.
func TestQuietHoursOfOneFeed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		r, err := s.store.Route(t.Context(), s.feed.ID, s.account.ID)
		require.NoError(t, err)
		require.NoError(t, draft.Set(&r.Settings, "quiet_hours", "00:00-12:00"))
		require.NoError(t, s.store.SetRoute(t.Context(), r, store.CLI, ""))
		other, err := s.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/notes", StartRule: "all"})
		require.NoError(t, err)
		s.advanceTo("UTC", "2000-01-10 08:00")
		quiet := s.entry("Quiet.", "a.jpg")
		_, err = s.store.SavePosts(t.Context(), other,
			[]store.Post{{GUID: "n1", Text: "Loud.", PublishedAt: time.Now(), Decision: store.Publish,
				Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/b.jpg"}}}}, true)
		require.NoError(t, err)
		s.start()
		s.requireAfter(quiet.ID, store.Published, 5*time.Hour)
		require.Equal(t, []string{"10 08:00", "10 12:00"}, s.times("UTC"))
	})
}

// setFeedCoolDown sets a cool-down for the feed.
func (s *theStage) setFeedCoolDown(coolDown string) {
	s.t.Helper()
	r, err := s.store.Route(s.t.Context(), s.feed.ID, s.account.ID)
	require.NoError(s.t, err)
	require.NoError(s.t, draft.Set(&r.Settings, "cool_down", coolDown))
	require.NoError(s.t, s.store.SetRoute(s.t.Context(), r, store.CLI, ""))
}

// addSecondFeed adds another feed to the account. save adds a post to it.
func (s *theStage) addSecondFeed() (save func(name string)) {
	s.t.Helper()
	feed, err := s.store.AddFeed(s.t.Context(), store.Feed{URL: "https://blog.example.org/notes", StartRule: "all"})
	require.NoError(s.t, err)
	var posts []store.Post
	return func(name string) {
		s.t.Helper()
		posts = append(posts, store.Post{GUID: name, Text: name, PublishedAt: time.Now(), Decision: store.Publish,
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/" + name + ".jpg"}}})
		_, err := s.store.SavePosts(s.t.Context(), feed, posts, true)
		require.NoError(s.t, err)
	}
}

// captions returns the captions of the live posts, oldest first, each with its time in front.
func (s *theStage) captions() (all []string) {
	at := s.times("UTC")
	for i, p := range slices.Backward(s.live()) {
		all = append(all, at[len(at)-1-i]+" "+p.Caption)
	}
	return all
}

// TestCoolDownOfOneFeed checks that a feed's cool-down counts only posts of that feed: posts of another feed neither
// wait for it nor extend it.
func TestCoolDownOfOneFeed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.setFeedCoolDown("24h")
		s.advanceTo("UTC", "2000-01-10 08:00")
		s.entry("One", "a.jpg")
		second := s.entry("Two", "b.jpg")
		third := s.entry("Three", "c.jpg")
		note := s.addSecondFeed()
		s.start()
		time.Sleep(time.Minute)
		require.Equal(t, "posts of this feed go out 24h apart, the next from 11 January 08:01 UTC "+
			"(cool_down from the settings of this feed)", s.get(second.ID).Reason.String())
		for day := range 3 {
			time.Sleep(6 * time.Hour)
			note(fmt.Sprintf("Note %d", day))
			time.Sleep(time.Minute)
			var ready []string
			listed := s.list()
			require.NoError(t, Forecast(t.Context(), s.store, listed))
			for _, l := range listed {
				if l.State == store.Queued {
					ready = append(ready, fmt.Sprintf("%s %t", l.ReadyAt.UTC().Format("02 15:04"), l.InTurn))
				}
			}
			require.Equal(t, [][]string{{"11 08:00 false", "12 08:00 true"}, {"12 08:00 false"}, nil}[day], ready)
			s.restart()
			time.Sleep(18*time.Hour - time.Minute)
		}
		require.Equal(t, store.Published, s.get(third.ID).State)
		require.Equal(t, []string{"10 08:00 One", "10 14:01 Note 0", "11 08:00 Two", "11 14:01 Note 1", "12 08:00 Three",
			"12 14:01 Note 2"}, s.captions())
	})
}

// TestCoolDownOfAccountAndFeed checks that an account's cool-down counts all posts of the account, including those of
// a feed with a longer cool-down of its own.
func TestCoolDownOfAccountAndFeed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("cool_down", "4h")
		s.setFeedCoolDown("10h")
		s.advanceTo("UTC", "2000-01-10 08:00")
		s.entry("One", "a.jpg")
		s.entry("Two", "b.jpg")
		note := s.addSecondFeed()
		s.start()
		time.Sleep(time.Minute)
		note("Soon")
		time.Sleep(8 * time.Hour)
		note("Late") // at 16:01
		time.Sleep(24 * time.Hour)
		require.Equal(t, []string{"10 08:00 One", "10 12:00 Soon", "10 16:01 Late", "10 20:01 Two"}, s.captions())
	})
}

// TestCoolDownOfFeedShortensTheAccounts checks that a shorter cool-down of a feed overrides that of its account, like
// any other setting.
func TestCoolDownOfFeedShortensTheAccounts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("cool_down", "12h")
		s.setFeedCoolDown("2h")
		s.advanceTo("UTC", "2000-01-10 08:00")
		s.entry("One", "a.jpg")
		note := s.addSecondFeed()
		note("Note")
		s.start()
		s.requireAfter(s.list()[1].ID, store.Published, 13*time.Hour)
		s.entry("Two", "b.jpg")
		s.entry("Three", "c.jpg")
		time.Sleep(12 * time.Hour)
		require.Equal(t, []string{"10 08:00 One", "10 20:00 Note", "10 22:00 Two", "11 00:00 Three"}, s.captions())
	})
}

// TestQuietHoursApplyToFailedContainers checks that Postern does not request publishing of a failed container during
// quiet hours, although it only wants the reason: the post could go live.
func TestQuietHoursApplyToFailedContainers(t *testing.T) {
	t.Parallel()
	asked := 0
	for before := range 10 {
		t.Run(fmt.Sprint(before), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := setup(t)
				s.set("quiet_hours", "01:00-03:00")
				time.Sleep(time.Hour - time.Duration(2*before)*time.Second)
				s.sim.Fault(simulator.Fault{Kind: simulator.Break, Op: "create", Times: maxRounds})
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				s.reach(pub.ID, store.Failed, 4*time.Hour)
				s.notAskedBetween(pub.ID, 1, 3)
				asked += s.sim.CallCount("publish")
			})
		})
	}
	require.NotZero(t, asked)
}

// TestSlotsOfAWeek runs a week of slots with quiet hours by weekday, over nights with a clock change and with a
// restart each day. Every post goes out once, in its slot, at the time that the forecast stated at the beginning.
func TestSlotsOfAWeek(t *testing.T) {
	for name, tc := range map[string]struct {
		zone, at, slots, quiet string
		want                   []string
	}{
		"spring": {"Europe/Berlin", "2000-03-24 12:00", "mon-fri 18:00, sat-sun 02:30 10:00", "",
			[]string{"24 18:00", "25 02:30", "25 10:00", "26 03:00", "26 10:00", "27 18:00", "28 18:00"}},
		"autumn": {"Europe/Berlin", "2000-10-27 12:00", "mon-fri 18:00, sat-sun 02:30 10:00", "",
			[]string{"27 18:00", "28 02:30", "28 10:00", "29 02:30", "29 10:00", "30 18:00", "31 18:00"}},
		"a quiet weekend": {"America/New_York", "2000-03-31 12:00", "09:00 18:00",
			"fri 17:00-24:00, sat 00:00-24:00, sun 00:00-17:30",
			[]string{"02 18:00", "03 09:00", "03 18:00", "04 09:00", "04 18:00", "05 09:00", "05 18:00"}},
		"close together": {"UTC", "2000-01-10 11:59", "mon wed 12:00 12:01 12:30", "",
			[]string{"10 12:00", "10 12:01", "10 12:30", "12 12:00", "12 12:01", "12 12:30", "17 12:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("slots", tc.slots)
				s.set("quiet_hours", tc.quiet)
				s.set("time_zone", tc.zone)
				s.advanceTo(tc.zone, tc.at)
				var last store.Publication
				for i := range tc.want {
					last = s.entry(fmt.Sprintf("Post %d.", i), fmt.Sprintf("%d.jpg", i))
				}
				listed := s.list()
				require.NoError(t, Forecast(t.Context(), s.store, listed))
				said := map[string]string{}
				for _, l := range listed {
					said[l.Post.Text] = l.ReadyAt.In(zoneOf(t, tc.zone)).Format("02 15:04")
				}
				s.start()
				for range 8 {
					time.Sleep(23 * time.Hour)
					s.restart()
				}
				synctest.Wait()
				require.Equal(t, store.Published, s.get(last.ID).State, s.history(last.ID))
				require.Equal(t, tc.want, s.times(tc.zone))
				for i, p := range s.live() {
					require.Equal(t, fmt.Sprintf("Post %d.", len(tc.want)-1-i), p.Caption, "in the order of the site")
					require.Equal(t, said[p.Caption], tc.want[len(tc.want)-1-i], "the forecast time")
				}
			})
		})
	}
}

func TestWillPublishNamesTheSlots(t *testing.T) {
	now := time.Date(2000, 1, 10, 12, 0, 0, 0, time.Local)
	require.Equal(t, "7 posts will be published, one for each weekly slot, from today 18:00.",
		WillPublishWords(WillPublish{Count: 7, InSlots: true, Every: 7 * 24 * time.Hour / 9,
			FirstAt: now.Add(6 * time.Hour)}, now))
}
