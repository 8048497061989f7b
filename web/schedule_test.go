package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/publisher"
	"postern/store"
	"postern/words"
)

// TestScheduleShowsTheForecast checks that the schedule names each waiting post on the day and at the time that the
// forecast gives, shows the slots that no post takes, and counts what needs a decision.
func TestScheduleShowsTheForecast(t *testing.T) {
	h := furnished(t)
	zone, err := time.LoadLocation("Pacific/Auckland")
	require.NoError(t, err)
	h.set(func(s *store.Settings) {
		slots, name := "09:00 18:30", "Pacific/Auckland"
		s.Slots, s.TimeZone = &slots, &name
	})
	for _, title := range []string{"Quay", "Lighthouse", "Ropes", "Market"} {
		h.entry(title)
	}
	h.bring(h.entry("Undecided"), store.Held)
	listed, err := h.store.Publications(t.Context(), store.Filter{States: []store.State{store.Queued}})
	require.NoError(t, err)
	b := h.owner()
	p := b.get("/schedule")
	require.NoError(t, publisher.Forecast(t.Context(), h.store, listed))
	require.Len(t, listed, 4)
	require.Contains(t, p.text("main"), "1 post has no time yet, because it needs your decision.")
	require.NotContains(t, p.text(".schedule"), "Undecided")
	require.Equal(t, 7, p.Find(".schedule h2:not(#grid)").Length())
	for _, l := range listed {
		link := p.Find(`.day a[href="` + publicationPath(l.Publication) + `"]`)
		require.Equal(t, 1, link.Length(), l.Post.Title)
		at := l.ReadyAt.In(zone)
		require.Equal(t, at.Format(time.RFC3339), link.Closest("li").Find("time").AttrOr("datetime", ""))
		require.Contains(t, link.Closest("section").Find("h2").Text(), at.Format("Monday 2 January"))
		require.Contains(t, []string{"09:00", "18:30"}, link.Closest("li").Find("time").Text())
		if l.InTurn {
			require.Contains(t, link.Closest("li").Text(), words.PageOthersGoFirst)
		} else {
			require.Contains(t, link.Closest("li").Text(), "The next free slot is "+at.Format("15:04"))
		}
	}
	free := p.Find(".day .free").Length()
	require.GreaterOrEqual(t, free, 9, "two slots on seven days, of which four are taken and up to one is over")
	require.Equal(t, 4, p.Find(".profile .planned").Length())
	require.Equal(t, "Market", strings.Split(p.Find(".profile a").First().AttrOr("aria-label", ""), ",")[0],
		"the post that goes out last stands first")

	next := b.get(p.Find(`.pager a[rel=next]`).AttrOr("href", ""))
	require.Equal(t, 14, next.Find(".day .free").Length(), "the week after that has free slots only")
	require.Equal(t, p.Find("h2").First().Text(), b.get(next.Find(`.pager a[rel=prev]`).AttrOr("href", "")).Find("h2").First().Text())
}

// TestScheduleOfNothing checks the schedule without an account, of an unknown account, of a paused account, and on a day
// that is none.
func TestScheduleOfNothing(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	require.Contains(t, b.get("/schedule").text("main"), "Connect an account, and its schedule stands here.")
	h.furnish()
	h.entry("Quay")
	require.Equal(t, 404, b.get("/schedule?account=77").Status)
	require.Contains(t, b.get("/schedule?from=yesterday").Find("h2").First().Text(), "Today")
	require.Contains(t, b.get("/schedule?from=1999-01-01").Find("h2").First().Text(), "Today")
	require.Contains(t, b.get("/schedule").Find(".day li").First().Text(), "As soon as possible")
	_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "", func(a *store.Account) error {
		a.Paused = true
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, b.get("/schedule").text(".notice"), "is paused, so nothing goes out")
}
