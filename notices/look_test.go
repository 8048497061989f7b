package notices_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/reason"
	"postern/redact"
	"postern/store"
)

// entry puts a post into the queue of the account.
func (h *house) entry(guid string) store.Publication {
	h.t.Helper()
	feeds, err := h.store.Feeds(h.t.Context())
	require.NoError(h.t, err)
	if len(feeds) == 0 {
		f, err := h.store.AddFeed(h.t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "all"})
		require.NoError(h.t, err)
		feeds = []store.Feed{f}
	}
	f := feeds[0]
	f.NextPollAt, f.LastPolledAt = time.Now().Add(time.Hour), time.Now()
	_, err = h.store.SavePosts(h.t.Context(), f, []store.Post{{
		GUID: guid, Title: "Fog " + guid, Decision: store.Publish, PublishedAt: time.Now().Add(-time.Minute),
		Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/" + guid + ".jpg"}},
	}}, false)
	require.NoError(h.t, err)
	l, err := h.store.Publications(h.t.Context(), store.Filter{})
	require.NoError(h.t, err)
	return l[len(l)-1].Publication
}

func (h *house) move(p store.Publication, to store.State, why reason.Reason) store.Publication {
	h.t.Helper()
	p, err := h.store.Publication(h.t.Context(), p.ID)
	require.NoError(h.t, err)
	p, err = h.store.Advance(h.t.Context(), p, store.Change{To: to, Reason: why, DueAt: time.Now()})
	require.NoError(h.t, err)
	return p
}

func TestAPublicationThatFails(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		p := h.move(h.entry("a"), store.Failed, reason.New(reason.InstagramPictureTooLarge, "", ""))
		h.live(time.Hour, 5*time.Minute)
		told := h.received()
		require.Len(t, told, 1, "once")
		require.Contains(t, told[0], "“Fog a” was not published: The picture is larger than 8 MB.")

		// Tried again it is not well yet, and failing again is news.
		retry := func() {
			_, err := h.store.Do(t.Context(), p.ID,
				store.Order{Command: store.CommandRetry, By: store.Visitor, Shown: store.Failed})
			require.NoError(t, err)
		}
		retry()
		h.live(time.Hour, 5*time.Minute)
		require.Empty(t, h.received())
		require.Len(t, h.openNotices(), 1)
		h.move(p, store.Failed, reason.New(reason.InstagramPictureTooLarge, "", ""))
		h.live(time.Hour, 5*time.Minute)
		require.Len(t, h.received(), 1)

		_, err := h.store.Do(t.Context(), p.ID,
			store.Order{Command: store.CommandSkip, By: store.Visitor, Shown: store.Failed})
		require.NoError(t, err)
		h.live(time.Hour, 5*time.Minute)
		require.Empty(t, h.received(), "the owner skipped it and knows")
		require.Empty(t, h.openNotices())
		past, err := h.store.PastNotices(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, past, 1)
		require.Equal(t, "The post was skipped.", past[0].Outcome)
	})
}

// What is held because the owner wished it is no news; what is held because Instagram refuses a setting is.
func TestAPublicationThatIsHeldForASetting(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.move(h.entry("a"), store.Held, reason.New(reason.Approval))
		p := h.move(h.entry("b"), store.Held, reason.New(reason.SettingRefused, "location_id", "4", "account", ""))
		h.live(time.Hour, 5*time.Minute)
		told := h.received()
		require.Len(t, told, 1)
		require.Contains(t, told[0],
			"“Fog b” was not published: Instagram does not take `location_id` with the value 4, from the account")
		require.Contains(t, told[0], "Correct the setting, then approve or skip the post on its page.")

		_, err := h.store.Do(t.Context(), p.ID, store.Order{Command: store.CommandPublish, By: store.Visitor})
		require.NoError(t, err)
		h.live(time.Hour, 5*time.Minute)
		require.Empty(t, h.received(), "it is not published yet")
		h.move(p, store.Held, p.Reason)
		h.live(time.Hour, 5*time.Minute)
		require.Len(t, h.received(), 1, "refused again")
	})
}

// Where the configuration switches ffmpeg off, the notice says to switch it on.
func TestAVideoThatWaitsForFFmpegSwitchedOff(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.move(h.entry("a"), store.Queued, reason.New(reason.VideoIndexLast, "a.mp4").Also(
			reason.New(reason.SwitchFFmpegOn)).ByRule("media.video.moov-last"))
		h.live(time.Hour, 5*time.Minute)
		open := h.openNotices()
		require.Len(t, open, 1)
		require.Contains(t, open[0].Remedy, "Switch `media.ffmpeg` on in the configuration and restart Postern.")
	})
}

// A video that waits for ffmpeg has a notice that says what its operator does, and no more when it went out.
func TestAVideoThatWaitsForFFmpeg(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		p := h.move(h.entry("a"), store.Queued, reason.New(reason.VideoIndexLast, "a.mp4").Also(
			reason.New(reason.InstallFFmpeg)).ByRule("media.video.moov-last"))
		h.live(time.Hour, 5*time.Minute)
		open := h.openNotices()
		require.Len(t, open, 1)
		require.Equal(t, store.Warning, open[0].Severity)
		require.Contains(t, open[0].Remedy, "Install ffmpeg on this machine (apt-get install ffmpeg) and restart Postern.")
		_, err := h.store.Do(t.Context(), p.ID, store.Order{Command: store.CommandSkip, By: store.Visitor})
		require.NoError(t, err)
		h.live(time.Hour, 5*time.Minute)
		require.Empty(t, h.openNotices())
	})
}

func TestAFeedThatFailsForAWhile(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.entry("a")
		feeds, err := h.store.Feeds(t.Context())
		require.NoError(t, err)
		f := feeds[0]
		fail := func(n int) {
			f.Failures, f.Problem = n, reason.Text("the site answers with 502")
			f.NextPollAt, f.LastPolledAt = time.Now().Add(time.Hour), time.Now()
			require.NoError(t, h.store.SavePoll(t.Context(), f))
			h.pass()
		}
		fail(4)
		require.Empty(t, h.received())
		for n := 5; n < 9; n++ {
			fail(n)
		}
		told := h.received()
		require.Len(t, told, 1)
		require.Contains(t, told[0], "blog.example.org/feed 5 times in a row: the site answers with 502.")
		require.Contains(t, h.openNotices()[0].Text, "8 times", "the page says how it stands now")
		fail(0)
		require.Contains(t, h.received()[0], "Fixed: Postern reads the feed blog.example.org/feed again.")
	})
}

// An account that is restricted is let go every hour, to try: that is not well.
func TestARestrictedAccountIsToldOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for range 12 {
			_, err := h.acc.Failed(t.Context(), h.account,
				instagram.Verdict{Action: instagram.Wait, After: time.Hour, Owner: true,
					Reason: reason.Text(
						"Instagram has restricted the account: open the Instagram app and follow what it asks.")})
			require.NoError(t, err)
			h.live(time.Hour, 5*time.Minute)
			h.acc.Well(t.Context(), h.account.ID)
			h.live(5*time.Minute, time.Minute)
		}
		told := h.received()
		require.Len(t, told, 1)
		require.Contains(t, told[0],
			"Harbour waits: Instagram has restricted the account: open the Instagram app and follow what it asks.")
		h.live(3*time.Hour, time.Minute)
		require.Contains(t, h.received()[0], "Fixed: Harbour no longer waits.")

		// Minutes of waiting are shown, and nobody is called.
		_, err := h.acc.Failed(t.Context(), h.account,
			instagram.Verdict{Action: instagram.Wait, After: 5 * time.Minute, Reason: reason.Text("Slowly.")})
		require.NoError(t, err)
		h.pass()
		require.Len(t, h.openNotices(), 1)
		n, err := h.store.CountNotices(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		time.Sleep(5 * time.Minute)
		h.acc.Well(t.Context(), h.account.ID)
		h.pass()
		require.Empty(t, h.openNotices())
		require.Empty(t, h.received())
	})
}

// A receiver that wants no more is told of once, and once more when a test arrives; who removes the webhook knows.
func TestAWebhookThatStopped(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		w, err := h.store.SetWebhook(t.Context(),
			store.Webhook{AccountID: h.account.ID, Host: "build.example.org"}, store.CLI,
			func(store.Webhook) (address, secret []byte, err error) {
				return []byte("sealed"), []byte("sealed"), nil
			})
		require.NoError(t, err)
		answered := func(problem string, gone bool) {
			t.Helper()
			require.NoError(t, h.store.WebhookAnswered(t.Context(), w.ID, problem, gone))
			h.live(time.Hour, 5*time.Minute)
		}
		answered("build.example.org answered 500", false)
		require.Empty(t, h.received(), "it is tried again by itself")
		for _, problem := range []string{"build.example.org answered 410 (Gone)", "build.example.org answered 500"} {
			answered(problem, problem != "build.example.org answered 500")
			require.Len(t, h.openNotices(), 1, "a test that fails otherwise starts nothing")
		}
		told := h.received()
		require.Len(t, told, 1)
		require.Contains(t, told[0], "Postern no longer notifies build.example.org about posts of Harbour")
		answered("", false)
		require.Contains(t, h.received()[0], "Fixed: Postern notifies build.example.org again when a post is live.")
		require.Empty(t, h.openNotices())

		answered("build.example.org answered 410 (Gone)", true)
		require.Len(t, h.received(), 1)
		require.NoError(t, h.store.RemoveWebhook(t.Context(), h.account.ID, 0, store.CLI))
		h.live(time.Hour, 5*time.Minute)
		require.Empty(t, h.received())
		require.Empty(t, h.openNotices())
	})
}

func TestProbes(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.probes = []store.Notice{
			{Cause: "disk", Level: 1, Severity: store.Warning, Text: "The disk is nearly full.", Remedy: "Make room."}}
		h.live(time.Hour, 5*time.Minute)
		h.probes[0].Level, h.probes[0].Text = 2, "The disk is full."
		h.live(time.Hour, 5*time.Minute)
		h.probes[0].Level = 1
		h.live(time.Hour, 5*time.Minute)
		h.probes = nil
		h.pass()
		told := h.received()
		require.Len(t, told, 3)
		require.Contains(t, told[0], "nearly full. Make room.")
		require.Contains(t, told[1], "is full.")
		require.Contains(t, told[2], "Fixed: ")
	})
}

// A letter box that is shut for two days gets everything when it opens, once, and the other one waits for nothing.
func TestDeliveryIsTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.shut = errors.New("503 Service Unavailable")
		h.probes = []store.Notice{{Cause: "disk", Level: 1, Severity: store.Warning, Text: "The disk is nearly full."}}
		h.live(36*time.Hour, 20*time.Minute)
		all, err := h.store.Addresses(t.Context())
		require.NoError(t, err)
		require.Equal(t, "503 Service Unavailable at [secret]", all[0].Problem)
		require.Equal(t, 1, all[0].Waiting)
		require.Len(t, h.openNotices(), 2, "that it does not arrive is a notice, too")
		h.restart()
		h.probes = nil
		h.shut = nil
		h.live(12*time.Hour, 20*time.Minute)
		told := h.received()
		require.Len(t, told, 2, "%q", told)
		require.Contains(t, told[0], "nearly full")
		require.Empty(t, h.openNotices())
		all, err = h.store.Addresses(t.Context())
		require.NoError(t, err)
		require.Empty(t, all[0].Problem)
		require.False(t, all[0].SentAt.IsZero())
	})
}

func TestConfigure(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		labels := func() (out []string) {
			all, err := h.store.Addresses(t.Context())
			require.NoError(t, err)
			for _, a := range all {
				out = append(out, string(a.Origin)+" "+a.Label)
				require.NotContains(t, string(a.Sealed), "topic")
			}
			return out
		}
		for range 2 {
			require.NoError(t, h.keeper.Configure(t.Context(),
				[]redact.Secret{"gotify://push.example.org/AbCdEfGhIjKlMnO",
					"telegram://123456:AAtoken@telegram?chats=@me"}))
			require.Equal(t, []string{"page ntfy at ntfy.example.org", "config gotify at push.example.org",
				"config telegram"}, labels())
		}
		require.NoError(t, h.keeper.Configure(t.Context(),
			[]redact.Secret{"telegram://123456:AAtoken@telegram?chats=@me"}))
		require.Equal(t, []string{"page ntfy at ntfy.example.org", "config telegram"}, labels())
		require.ErrorContains(t, h.keeper.Configure(t.Context(),
			[]redact.Secret{"https://hooks.example.org/secret-of-mine"}), "generic+")
	})
}
