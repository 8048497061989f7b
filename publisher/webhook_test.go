package publisher

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/redact"
	"postern/store"
	"postern/webhook"
)

// webhookReceiver is the receiver of a site's webhook. It answers with the given statuses in turn and then repeats
// the last one; 0 means no answer.
type webhookReceiver struct {
	t       *testing.T
	secret  redact.Secret
	answers []int
	hold    chan struct{} // answers wait for it unless it is nil

	mu   sync.Mutex
	got  []webhook.Message
	ids  []string
	when []time.Time
}

func (b *webhookReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	require.NoError(b.t, err)
	var m webhook.Message
	require.NoError(b.t, json.Unmarshal(body, &m))
	id := r.Header.Get("webhook-id")
	want, err := webhook.Sign(b.secret, id, time.Now(), body)
	require.NoError(b.t, err)
	require.Equal(b.t, want, r.Header.Get("webhook-signature"))
	b.mu.Lock()
	n := len(b.got)
	b.got, b.ids, b.when = append(b.got, m), append(b.ids, id), append(b.when, time.Now())
	b.mu.Unlock()
	if b.hold != nil {
		<-b.hold
	}
	if status := b.answers[min(n, len(b.answers)-1)]; status != 0 {
		w.WriteHeader(status)
		return
	}
	<-r.Context().Done()
}

// RoundTrip calls the receiver in this process. A call that is cancelled meanwhile gets no answer.
func (b *webhookReceiver) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := within{b}.RoundTrip(r)
	if r.Context().Err() != nil {
		return nil, r.Context().Err()
	}
	return res, err
}

func (b *webhookReceiver) messages() []webhook.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got
}

const buildAddress = "https://build.example.org/hooks/key-of-the-build-4711?token=another-key-0815"

// webhooks returns the webhooks of the running process.
func (s *theStage) webhooks() *webhook.Keeper {
	if s.build == nil {
		return nil
	}
	return webhook.New(webhook.Options{Store: s.store, Key: s.key, Client: &http.Client{Transport: s.build}})
}

// addWebhook sets a webhook for the account.
func (s *theStage) addWebhook(answers ...int) *webhookReceiver {
	s.t.Helper()
	b := &webhookReceiver{t: s.t, answers: answers}
	s.build = b
	w, err := s.webhooks().Set(s.t.Context(), s.account.ID, 0, buildAddress, store.Visitor)
	require.NoError(s.t, err)
	b.secret, err = s.webhooks().Secret(w)
	require.NoError(s.t, err)
	return b
}

// TestWebhook checks that the post stays published, whatever the receiver answers, and that the history says whether
// the site was notified.
func TestWebhook(t *testing.T) {
	for name, tc := range map[string]struct {
		answers []int
		calls   int
		note    string
		stopped bool
	}{
		"accepted":        {[]int{204}, 1, "Postern notified build.example.org that the post is live", false},
		"500, then taken": {[]int{500, 200}, 2, "Postern notified build.example.org that the post is live", false},
		"away for a night": {[]int{502, 502, 502, 0, 503, 202}, 6, "Postern notified build.example.org that the post is live",
			false},
		"redirects": {[]int{302}, 7, "answered 302 (Found), a redirect, which Postern does not follow", false},
		"always refuses": {[]int{500}, 7,
			"your site was not notified; run `postern webhook resend` to try again: build.example.org " +
				"answered 500 (Internal Server Error)", false},
		"never answers": {[]int{0}, 7,
			"build.example.org: the server took too long to answer; check that the server is up", false},
		"declines further messages": {[]int{410}, 1,
			"build.example.org answered 410 (Gone). Postern sends nothing more there until a test arrives or you set " +
				"the webhook again", true},
		"500, then no more": {[]int{500, 410}, 2, "answered 410", true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				b := s.addWebhook(tc.answers...)
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				pub = s.reach(pub.ID, store.Published, time.Minute)
				time.Sleep(24 * time.Hour)
				require.Len(t, b.messages(), tc.calls, s.history(pub.ID))
				require.Equal(t, 1, strings.Count(s.history(pub.ID), tc.note), s.history(pub.ID))
				require.Equal(t, store.Published, s.get(pub.ID).State)
				for i, m := range b.messages() {
					media := s.live()[0].ID
					require.Equal(t, webhook.Message{
						Event: "published", ID: pub.ID, Post: &webhook.Post{GUID: "g1"},
						Account:  webhook.Account{ID: s.account.ID, Label: "Harbour", Username: "harbour"},
						Platform: "instagram", Permalink: s.live()[0].Permalink, MediaID: &media,
						PublishedAt: pub.PublishedAt.Format(time.RFC3339),
					}, m)
					require.Equal(t, b.ids[0], b.ids[i], "the same message each time")
				}
				w, err := s.store.Webhook(t.Context(), s.account.ID, 0)
				require.NoError(t, err)
				require.Equal(t, tc.stopped, !w.StoppedAt.IsZero())

				// The next post is sent too, unless the receiver declined further messages.
				calls := len(b.messages())
				next := s.reach(s.entry("Rain.", "b.jpg").ID, store.Published, time.Hour)
				time.Sleep(10 * time.Minute)
				require.Equal(t, !tc.stopped, len(b.messages()) > calls)
				require.NotContains(t, s.history(pub.ID)+s.history(next.ID)+w.Problem, "4711")
				require.NotContains(t, s.history(pub.ID)+s.history(next.ID)+w.Problem, "0815")
				if !tc.stopped {
					require.NotEqual(t, b.ids[0], b.ids[calls])
				}
			})
		})
	}
}

// TestWebhookTries checks that the tries span most of a day.
func TestWebhookTries(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		b := s.addWebhook(500)
		s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(48 * time.Hour)
		require.GreaterOrEqual(t, len(b.when), 5)
		all := b.when[len(b.when)-1].Sub(b.when[0])
		require.Greater(t, all, 12*time.Hour)
		require.Less(t, all, 24*time.Hour)
	})
}

// TestWebhookSurvivesACrash kills the process after it sent a message and before it recorded the answer. It sends the
// same message again, and a receiver that checks its id processes it once.
func TestWebhookSurvivesACrash(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		b := s.addWebhook(200)
		b.hold = make(chan struct{})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, time.Minute)
		time.Sleep(5 * time.Second) // less than the limit of one call
		require.Len(t, b.messages(), 1)
		f, err := s.store.FollowUp(t.Context(), pub.ID, store.FollowWebhook)
		require.NoError(t, err)
		require.Equal(t, 1, f.Tries, "counted before the call")
		close(b.hold)
		s.crash(f) // the state that a killed process leaves
		time.Sleep(24 * time.Hour)
		require.Len(t, b.messages(), 2)
		require.Equal(t, b.ids[0], b.ids[1])
		require.Equal(t, b.messages()[0], b.messages()[1])
		require.Len(t, s.live(), 1)
	})
}

// TestWebhookWaitsForTheAddress checks that the message is sent when the permalink is known, by whichever way, and
// not if there is no permalink.
func TestWebhookWaitsForTheAddress(t *testing.T) {
	t.Run("read late", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			b := s.addWebhook(200)
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "permalink", Reply: simulator.Unreadable, Times: 2})
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			s.reach(pub.ID, store.Published, time.Minute)
			time.Sleep(30 * time.Second)
			require.Empty(t, b.messages())
			time.Sleep(24 * time.Hour)
			require.Len(t, b.messages(), 1)
			require.Equal(t, s.live()[0].Permalink, b.messages()[0].Permalink)
		})
	})
	t.Run("confirmed by a person", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			b := s.addWebhook(200)
			pub, post := s.unconfirmed()
			require.Empty(t, b.messages(), "it is unknown whether the post is live")
			s.do(pub.ID, store.Order{Command: store.CommandConfirm, Permalink: post.Permalink})
			time.Sleep(24 * time.Hour)
			require.Len(t, b.messages(), 1)
			require.Equal(t, post.Permalink, b.messages()[0].Permalink)
			require.Equal(t, post.ID, *b.messages()[0].MediaID)
		})
	})
	t.Run("failed", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *theStage) {
			b := s.addWebhook(200)
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: simulator.Blocked,
				Times: simulator.Forever})
			pub := s.entry("Fog.", "a.jpg")
			s.start()
			s.reach(pub.ID, store.Failed, time.Hour)
			time.Sleep(24 * time.Hour)
			require.Empty(t, b.messages())
		})
	})
}

// TestWebhookThatChanges checks that a removed webhook receives nothing, and that one added later receives the
// message if it is still pending.
func TestWebhookThatChanges(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		b := s.addWebhook(500, 500, 200)
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, time.Minute)
		time.Sleep(2 * time.Minute)
		require.Len(t, b.messages(), 2)
		require.NoError(t, s.store.RemoveWebhook(t.Context(), s.account.ID, 0, store.Visitor))
		time.Sleep(24 * time.Hour)
		require.Len(t, b.messages(), 2)
		require.ErrorIs(t, s.store.ResendWebhook(t.Context(), pub.ID), store.ErrIllegal)

		// The feed's own webhook takes precedence over the account's, and has another secret.
		_, err := s.webhooks().Off(t.Context(), s.account.ID, 0, store.Visitor)
		require.NoError(t, err)
		w, err := s.webhooks().Set(t.Context(), s.account.ID, s.feed.ID, buildAddress, store.Visitor)
		require.NoError(t, err)
		before := b.secret
		b.secret, err = s.webhooks().Secret(w)
		require.NoError(t, err)
		require.NotEqual(t, before.Reveal(), b.secret.Reveal())
		require.NoError(t, s.store.ResendWebhook(t.Context(), pub.ID))
		time.Sleep(24 * time.Hour)
		require.Len(t, b.messages(), 3)
		require.Equal(t, b.ids[0], b.ids[2])
		require.Contains(t, s.history(pub.ID), "Postern notified ")

		// Removing a feed deletes its webhook with the secret.
		require.NoError(t, s.store.RemoveFeed(t.Context(), s.feed.ID, store.Visitor))
		_, err = s.store.Webhook(t.Context(), s.account.ID, s.feed.ID)
		require.ErrorIs(t, err, store.ErrNotFound)
		require.NoError(t, s.store.RemoveAccount(t.Context(), s.account.ID, store.Visitor))
		all, err := s.store.Webhooks(t.Context())
		require.NoError(t, err)
		require.Empty(t, all)
	})
}

// TestWebhookOfAPausedAccount checks that problems of the account do not delay the webhook.
func TestWebhookOfAPausedAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		b := s.addWebhook(500, 200)
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, time.Minute)
		_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "",
			func(a *store.Account) error { a.Paused, a.Trouble = true, store.Reconnect; return nil })
		require.NoError(t, err)
		time.Sleep(time.Hour)
		require.Len(t, b.messages(), 2)
	})
}
