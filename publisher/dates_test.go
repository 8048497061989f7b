package publisher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// dated adds a post to the site whose date is the given time ahead, and polls.
func (s *theStage) dated(ahead time.Duration, picture string) store.Publication {
	s.t.Helper()
	s.posts = append(s.posts, store.Post{
		GUID: picture, Text: "Words of " + picture, PublishedAt: time.Now().Add(ahead).UTC(), Decision: store.Publish,
		Media: []store.Media{{Type: typeOf(picture), URL: "https://blog.example.org/" + picture}},
	})
	s.poll()
	l := s.list()
	return l[len(l)-1].Publication
}

// redate changes the date of the latest post on the site, and polls.
func (s *theStage) redate(ahead time.Duration) {
	s.t.Helper()
	s.posts[len(s.posts)-1].PublishedAt = time.Now().Add(ahead).UTC()
	s.poll()
}

// next returns when the publication goes out, as pages and commands show it.
func (s *theStage) next(id int64) time.Time {
	s.t.Helper()
	list := s.list()
	require.NoError(s.t, Forecast(s.t.Context(), s.store, list))
	for _, l := range list {
		if l.ID == id {
			return l.ReadyAt
		}
	}
	require.Fail(s.t, "no such publication")
	return time.Time{}
}

func TestFutureDateWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("time_zone", "Europe/Berlin")
		s.start()
		p := s.dated(3*24*time.Hour, "a.jpg")
		at := time.Now().Add(3 * 24 * time.Hour)
		now := s.entry("Now.", "b.jpg")
		s.reach(now.ID, store.Published, 5*time.Minute) // the dated publication delays no others
		require.Equal(t, "the post waits for its date, "+at.In(zoneOf(t, "Europe/Berlin")).Format("2 January 15:04")+
			" Europe/Berlin", s.get(p.ID).Reason.String())
		require.WithinDuration(t, at, s.next(p.ID), time.Second)
		s.requireAfter(p.ID, store.Queued, 47*time.Hour)
		s.restart()
		require.Len(t, s.live(), 1)
		s.reach(p.ID, store.Published, 26*time.Hour)
		require.WithinDuration(t, at, s.live()[0].At, 5*time.Minute)
		require.False(t, s.live()[0].At.Before(at))
		require.Len(t, s.live(), 2)
	})
}

func TestFutureDateInMinutes(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.start()
		p := s.dated(5*time.Minute, "a.jpg")
		at := time.Now().Add(5 * time.Minute)
		s.reach(p.ID, store.Published, 7*time.Minute)
		require.False(t, s.live()[0].At.Before(at))
	})
}

func TestFutureDateIsCorrected(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"to the past": -time.Hour, "sooner": 2 * time.Hour,
		"later": 9 * 24 * time.Hour, "from a slip": 0} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.start()
				p := s.dated(24*time.Hour*ifElse[time.Duration](ahead == 0, 2000, 6), "a.jpg")
				time.Sleep(time.Minute)
				if ahead == 0 {
					require.Equal(t, store.Held, s.get(p.ID).State)
					require.Contains(t, s.get(p.ID).Reason.String(), "check the date")
				}
				s.redate(ahead)
				at := time.Now().Add(ahead)
				s.reach(p.ID, store.Published, 10*24*time.Hour)
				require.WithinDuration(t, later(at, at.Add(-min(ahead, 0))), s.live()[0].At, 5*time.Minute)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

func TestFutureDateAndCommands(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.start()
		now, turn, slip := s.dated(3*24*time.Hour, "a.jpg"), s.dated(4*24*time.Hour, "b.jpg"),
			s.dated(3000*24*time.Hour, "c.jpg")
		s.do(now.ID, store.Order{Command: store.CommandPublish})
		s.reach(now.ID, store.Published, 5*time.Minute)
		s.do(turn.ID, store.Order{Command: store.CommandApprove})
		s.do(slip.ID, store.Order{Command: store.CommandPublish})
		s.reach(slip.ID, store.Published, 5*time.Minute)
		require.Equal(t, store.Queued, s.get(turn.ID).State)
		s.poll() // a new date does not affect published posts
		s.reach(turn.ID, store.Published, 5*24*time.Hour)
		require.Len(t, s.live(), 3)
	})
}

func TestFutureDateQuietHoursAndDrip(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.advanceTo("UTC", "2000-02-01 12:00")
		s.set("quiet_hours", "22:00-07:00")
		p := s.dated(11*time.Hour, "a.jpg")
		s.start()
		time.Sleep(time.Minute)
		require.Equal(t, "the post waits for its date, 1 February 23:00 UTC; then quiet hours until 2 February 07:00 UTC",
			s.get(p.ID).Reason.String())
		require.Equal(t, "07:00", s.next(p.ID).UTC().Format("15:04"))

		s.set("cool_down", "24h")
		first, second := s.entry("One.", "b.jpg"), s.entry("Two.", "c.jpg")
		s.requireAfter(p.ID, store.Published, 3*24*time.Hour)
		s.requireAfter(second.ID, store.Published, 4*24*time.Hour)
		require.Equal(t, store.Published, s.get(first.ID).State)
		require.Equal(t, []string{"01 12:01", "02 12:01", "03 12:01"}, s.times("UTC"))
	})
}

// TestFutureDateOfStagedPublication changes the date of a post to a future one while its container is being
// processed. The publication then waits for the new date.
func TestFutureDateOfStagedPublication(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.start()
		p := s.entry("Words. #sim-slow", "a.jpg")
		s.reach(p.ID, store.Staged, time.Minute)
		s.redate(3 * time.Hour)
		at := time.Now().Add(3 * time.Hour)
		s.reach(p.ID, store.Published, 4*time.Hour)
		require.False(t, s.live()[0].At.Before(at))
		require.Len(t, s.live(), 1)
	})
}
