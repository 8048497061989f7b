package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/reason"
	"postern/store"
)

// What pages say of each state is true in it, whatever else is so: a sentence names no move that the page does
// not offer, and no time that does not come.
func TestSentencesOfStatesAreTrue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	conditions := map[string]func(*store.Listed){
		"plain":  func(*store.Listed) {},
		"paused": func(l *store.Listed) { l.Account.Paused = true },
		"paused, dated ahead": func(l *store.Listed) {
			l.Account.Paused, l.Post.NotBefore, l.ReadyAt = true, now.Add(72*time.Hour), now.Add(72*time.Hour)
		},
		"paused, date is past": func(l *store.Listed) { l.Account.Paused, l.ReadyAt = true, now.Add(-time.Second) },
		"paused, no file": func(l *store.Listed) {
			l.Account.Paused, l.Reason = true, reason.New(reason.AccountPaused)
			l.Preflight = store.Preflight{Valid: true,
				Checks: []store.Check{{ID: "media.url.not-found", Severity: store.Blocks, Text: "there is no picture"}}}
		},
		"paused, tried without file": func(l *store.Listed) {
			l.Account.Paused, l.Reason = true,
				reason.New(reason.Media, "there is no picture").ByRule("media.url.not-found")
		},
		"paused, repaired": func(l *store.Listed) {
			l.Account.Paused = true
			l.Preflight = store.Preflight{Valid: true,
				Checks: []store.Check{{ID: "media.size", Severity: store.Repaired, Text: "made smaller"}}}
		},
		"paused, by hand": func(l *store.Listed) {
			l.Account.Paused, l.Account.Settings.Approve = true, new(true)
			l.Unapproved = l.State == store.Queued
		},
		"by hand": func(l *store.Listed) {
			l.Account.Settings.Approve, l.Unapproved = new(true), l.State == store.Queued
		},
		"paused, quiet hours": func(l *store.Listed) {
			l.Account.Paused = true
			if l.State == store.Queued || l.State == store.Staged {
				l.ReadyAt, l.Gates = now.Add(9*time.Hour), reason.New(reason.QuietHours, "07:00 UTC")
			}
		},
		"paused, in hand": func(l *store.Listed) {
			l.Account.Paused, l.Leased, l.StartedAt = true, l.State.Open(), now.Add(-time.Minute)
		},
		"paused and reconnect": func(l *store.Listed) { l.Account.Paused, l.Account.Trouble = true, store.Reconnect },
		"reconnect, dated ahead": func(l *store.Listed) {
			l.Account.Trouble, l.Post.NotBefore, l.ReadyAt = store.Reconnect, now.Add(72*time.Hour),
				now.Add(72*time.Hour)
		},
		"reconnect": func(l *store.Listed) { l.Account.Trouble = store.Reconnect },
		"removed":   func(l *store.Listed) { l.Account.RemovedAt = now },
		"in hand":   func(l *store.Listed) { l.Leased, l.StartedAt = l.State.Open(), now.Add(-time.Minute) },
		"dated ahead": func(l *store.Listed) {
			l.Post.NotBefore, l.ReadyAt = now.Add(72*time.Hour), now.Add(72*time.Hour)
		},
		"date asked": func(l *store.Listed) { l.DateAsked = l.State == store.Held },
		"missing": func(l *store.Listed) {
			l.MissingURL = ifElse(l.State == store.Failed, "https://blog.example/a.jpg", "")
		},
		"no file": func(l *store.Listed) {
			if l.State == store.Queued {
				l.Reason = reason.New(reason.Media, "there is no picture").ByRule("media.url.not-found")
			}
		},
		"tried": func(l *store.Listed) {
			if l.State == store.Queued {
				l.Tries, l.Reason, l.DueAt = 2, reason.New(reason.InstagramTemporary, "", ""), now.Add(time.Minute)
			}
		},
		"asked before": func(l *store.Listed) { l.AskedAt = now.Add(-48 * time.Hour) },
		"old": func(l *store.Listed) {
			l.CreatedAt, l.PublishedAt = now.AddDate(0, -3, 0), now.AddDate(0, -3, 0)
		},
		"filtered": func(l *store.Listed) {
			if l.State == store.Skipped {
				l.Reason = reason.New(reason.FilterExcluded, "word", "wedding", "keywords", "account")
			}
		},
		"filter is over": func(l *store.Listed) {
			if l.State == store.Skipped {
				l.Reason = reason.New(reason.FilterExcluded, "word", "wedding", "keywords", "account")
				l.ReasonNow = reason.New(reason.FilterOver, l.Reason)
			}
		},
		"approved":  func(l *store.Listed) { l.Approved = true },
		"expedited": func(l *store.Listed) { l.Expedited = true },
		"twin":      func(l *store.Listed) { l.Post.LooksLike = 7 },
	}
	for _, state := range store.States {
		for name, change := range conditions {
			for _, ahead := range []string{"", "The one before"} {
				l := store.Listed{
					Publication: store.Publication{ID: 1, State: state, CreatedAt: now.Add(-time.Hour),
						Part: 1, Parts: 1},
					Account: store.Account{ID: 1, Label: "Harbour", Username: "harbour"},
					Post: store.Post{ID: 1, Title: "The quay",
						Media: []store.Media{{Type: store.Image, URL: "https://blog.example/a.jpg"}}},
				}
				if state.Open() {
					l.DueAt = now.Add(-time.Second)
				}
				if state == store.Published {
					l.PublishedAt = now.Add(-time.Minute)
				}
				change(&l)
				d := publicationData{listed: l, ahead: ahead, pictures: newPictures(nil)}
				if state == store.Held && l.Post.LooksLike != 0 {
					d.twin = &twinData{}
				}
				d.draft, d.fault = draft.Of(l, store.Route{})
				v := newPublicationView(d, now)
				at := fmt.Sprintf("%s, %s, ahead %q: %q", state, name, ahead, v.Then)
				require.NotEmpty(t, v.Then, at)
				says := func(words string) bool { return strings.Contains(strings.ToLower(v.Then), words) }
				for words, offered := range map[string]bool{
					"approve": v.Approve, "publish it": v.Publish, ", publish or": v.Publish,
					"skip":  v.Skip || state == store.Skipped,
					"retry": v.Retry, "say whether it is there": v.Check && v.Confirm, "the same post": v.Twin != nil,
				} {
					require.False(t, says(words) && !offered, at+" offers no "+words)
				}
				require.Equal(t, state == store.Published, says("it is live."), at)
				if says("nothing") || says("only if you") || says("after you") {
					require.Empty(t, v.Due.ISO, at)
				}
				halted := state == store.Queued || state == store.Staged
				waits := halted || state == store.Held && l.Account.RemovedAt.IsZero()
				require.Equal(t, waits && l.Account.Paused, says("resume"), at)
				require.Equal(t, waits && l.Account.Trouble == store.Reconnect, says("you connect"), at)
				require.Equal(t, halted && name == "paused, quiet hours",
					says("not before") && says("(quiet hours until 07:00 utc)"), at)
				require.Equal(t, state == store.Queued && name == "paused, by hand",
					says("after you approve it and you resume"), at)
				require.Equal(t, state == store.Queued && name == "by hand", says("on hold for your approval"), at)
				if state == store.Queued {
					require.Equal(t, name == "paused, dated ahead" || name == "reconnect, dated ahead" ||
						name == "paused, quiet hours",
						says("not before "+strings.ToLower(draft.UpToMinute(l.ReadyAt).Format("2 January 2006 15:04"))),
						at)
					require.Equal(t, name == "paused, no file" || name == "paused, tried without file",
						says("the problem with its media is fixed"), at)
				}
				require.Equal(t, name == "filtered" && state == store.Skipped, says("does not bring it back"), at)
				require.Equal(t, name == "filter is over" && state == store.Skipped,
					strings.HasPrefix(v.Reason.String(), "Your settings no longer skip it."), at)
				require.Equal(t, name == "filter is over" && state == store.Skipped,
					says("does not put a skipped post back in the queue by itself"), at)
				require.False(t, name == "no file" && says("prepares it"), at)
				require.Equal(t, state == store.Queued && (name == "tried" || name == "no file"), says("tries again"),
					at)
				require.Equal(t, state == store.Failed && name != "removed" && name != "missing",
					says("does not try again by itself"), at)
				if state.Open() && !l.Account.Paused && l.Account.Trouble != store.Reconnect {
					require.NotEmpty(t, v.Due.ISO, at+" has no time")
				}
				if state == store.Failed || state == store.Unconfirmed || state == store.Held ||
					state == store.Skipped {
					require.Empty(t, v.Due.ISO, at)
				}
				require.False(t, name == "dated ahead" && says("it waits until"), at)
				require.False(t, name == "old" && (says("a few times more") || says("looks for")), at)
				if ahead == "" {
					require.Equal(t, v.Then, d.pictures.row(l, now).Then, "lists say the same")
				}
			}
		}
	}
}

// A publication shows what it was sent with, though settings and post are others by now.
func TestSettingsAreThoseItWasSentWith(t *testing.T) {
	t.Parallel()
	l := store.Listed{Publication: store.Publication{State: store.Published, Kind: store.KindCarousel,
		Part: 1, Parts: 1}}
	l.Extras.Sent = &store.Sent{
		Settings: []store.SentSetting{{Name: "hashtags", Value: "3", Origin: "feed"}},
		Notes:    []string{"pictures chosen by you"},
		Checks: []store.Check{{ID: "media.too-many", Severity: store.Repaired,
			Text: "12 pictures and videos: Instagram takes the first 10"}},
	}
	hashtags := 9
	l.Account.Settings.Hashtags = &hashtags
	d := publicationData{listed: l, pictures: newPictures(nil)}
	d.draft, d.fault = draft.Of(l, store.Route{})
	v := newPublicationView(d, time.Now())
	require.Equal(t, []setting{{"Hashtags from categories", "hashtags", "3", "feed"}}, v.Settings)
	require.Equal(t, []string{"pictures chosen by you"}, v.Notes)
	require.Len(t, d.draft.Checks, 1)

	l.Extras.Sent = nil
	d.listed = l
	require.Empty(t, newPublicationView(d, time.Now()).Settings, "nobody knows them")
}
