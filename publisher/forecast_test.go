package publisher

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"postern/draft"
	"postern/store"
)

func TestForecast(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	after := func(d time.Duration) time.Time { return now.Add(d) }
	set := func(pairs ...string) draft.Resolved {
		var layer store.Settings
		for i := 0; i < len(pairs); i += 2 {
			if err := draft.Set(&layer, pairs[i], pairs[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		return draft.Resolve(draft.Layer{Origin: "account", Settings: layer})
	}
	queued := func(id int64, due time.Duration) store.Waiting {
		return store.Waiting{
			Publication: store.Publication{ID: id, State: store.Queued, DueAt: after(due)},
			Post:        store.Post{PublishedAt: now.Add(-time.Hour * 1000).Add(time.Duration(id) * time.Minute)},
		}
	}
	with := func(w store.Waiting, change func(w *store.Waiting)) store.Waiting { change(&w); return w }
	for _, test := range []struct {
		name      string
		settings  draft.Resolved
		queue     []store.Waiting
		published []time.Duration
		want      map[int64]time.Duration
	}{
		{"no gates", set(), []store.Waiting{queued(1, 0), queued(2, 0)}, nil, map[int64]time.Duration{1: 0, 2: 0}},
		{"cool-down", set("cool_down", "1h"), []store.Waiting{queued(1, 0), queued(2, 0), queued(3, 0)},
			[]time.Duration{-20 * time.Minute},
			map[int64]time.Duration{1: 40 * time.Minute, 2: 100 * time.Minute, 3: 160 * time.Minute}},
		{"a publication in backoff is overtaken", set("cool_down", "1h"),
			[]store.Waiting{queued(1, 30*time.Minute), queued(2, 0)}, nil,
			map[int64]time.Duration{2: 0, 1: time.Hour}},
		{"publications delayed by one gate keep their order", set("cool_down", "1h"),
			[]store.Waiting{queued(1, 40*time.Minute), queued(2, 40*time.Minute)}, []time.Duration{-20 * time.Minute},
			map[int64]time.Duration{1: 40 * time.Minute, 2: 100 * time.Minute}},
		{"posts per day", set("posts_per_day", "2"),
			[]store.Waiting{queued(1, 0), queued(2, 0), queued(3, 0), queued(4, 0)}, []time.Duration{-time.Hour},
			map[int64]time.Duration{1: 0, 2: 12 * time.Hour, 3: 12 * time.Hour, 4: 36 * time.Hour}},
		{"yesterday does not count today", set("posts_per_day", "1"), []store.Waiting{queued(1, 0)},
			[]time.Duration{-13 * time.Hour}, map[int64]time.Duration{1: 0}},
		{"quiet hours", set("quiet_hours", "11:00-14:00"), []store.Waiting{queued(1, 0), queued(2, 0)}, nil,
			map[int64]time.Duration{1: 2 * time.Hour, 2: 2 * time.Hour}},
		{"cool-down and quiet hours", set("cool_down", "1h", "quiet_hours", "12:30-14:00"),
			[]store.Waiting{queued(1, 0), queued(2, 0), queued(3, 0)}, nil,
			map[int64]time.Duration{1: 0, 2: 2 * time.Hour, 3: 3 * time.Hour}},
		{"quiet hours in a time zone", set("quiet_hours", "12:00-14:00", "time_zone", "Europe/Berlin"),
			[]store.Waiting{queued(1, 0)}, nil,
			map[int64]time.Duration{1: time.Hour}},
		{"minimum age", set("min_age", "2h"),
			[]store.Waiting{with(queued(1, 0), func(w *store.Waiting) { w.Post.PublishedAt = after(-time.Hour) }),
				queued(2, 0)}, nil,
			map[int64]time.Duration{1: time.Hour, 2: 0}},
		{"behind a staged publication", set("cool_down", "1h"), []store.Waiting{
			with(queued(1, 5*time.Minute), func(w *store.Waiting) { w.State = store.Staged }), queued(2, 0)}, nil,
			map[int64]time.Duration{1: 5 * time.Minute, 2: 65 * time.Minute}},
		{"the end of a lease does not count", set("cool_down", "1h"), []store.Waiting{
			with(queued(1, 15*time.Minute),
				func(w *store.Waiting) { w.Leased, w.StartedAt = true, after(-time.Minute) }), queued(2, 0)}, nil,
			map[int64]time.Duration{1: -time.Minute, 2: time.Hour}},
		{"an expedited publication comes first", set("cool_down", "1h"), []store.Waiting{
			queued(1, 0), with(queued(2, 0), func(w *store.Waiting) { w.Expedited = true })},
			[]time.Duration{-20 * time.Minute},
			map[int64]time.Duration{2: 0, 1: time.Hour}},
		{"a publication going on hold delays no others", set("cool_down", "1h", "approve", "true"), []store.Waiting{
			queued(1, 0), with(queued(2, 0), func(w *store.Waiting) { w.Approved = true })}, nil,
			map[int64]time.Duration{1: 0, 2: 0}},
		{"a publication blocked by its media delays no others", set("cool_down", "1h"), []store.Waiting{
			with(queued(1, 30*time.Minute), func(w *store.Waiting) { w.Blocked = true }), queued(2, 0)},
			[]time.Duration{-20 * time.Minute},
			map[int64]time.Duration{1: 40 * time.Minute, 2: 40 * time.Minute}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var queue []waiting
			for _, q := range test.queue {
				queue = append(queue, newWaiting(q, test.settings))
			}
			var published []time.Time
			for _, d := range test.published {
				published = append(published, after(d))
			}
			got := map[int64]time.Duration{}
			for id, at := range forecast(queue, newPast(published), now) {
				got[id] = at.Sub(now)
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}

	t.Run("300 rows have 300 times", func(t *testing.T) {
		var queue []waiting
		s := set("cool_down", "6h")
		for id := range int64(300) {
			queue = append(queue, newWaiting(queued(id+1, 6*time.Hour), s))
		}
		got := forecast(queue, newPast([]time.Time{now}), now)
		for id := int64(1); id <= 300; id++ {
			if want := after(time.Duration(id) * 6 * time.Hour); !got[id].Equal(want) {
				t.Fatalf("row %d: got %s, want %s", id, got[id], want)
			}
		}
	})
}

func BenchmarkForecast(b *testing.B) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, n := range []int{30, 300} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := draft.Resolve(draft.Layer{Origin: "account"})
			s.CoolDown.V, s.QuietHours.V, s.TimeZone.V = store.Duration(time.Hour), "22:00-07:00", "Europe/Berlin"
			queue := slices.Repeat([]waiting{newWaiting(store.Waiting{}, s)}, n)
			for i := range queue {
				queue[i].id = int64(i)
			}
			for b.Loop() {
				forecast(queue, newPast(nil), now)
			}
		})
	}
}
