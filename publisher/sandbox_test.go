package publisher

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/address"
	"postern/draft"
	"postern/instagram/simulator"
	"postern/redact"
	"postern/store"
)

// addSandbox adds a sandbox account, whose simulated Instagram fetches our files within the process.
func (s *theStage) addSandbox() store.Account {
	s.t.Helper()
	s.close()
	s.box = simulator.New(simulator.Options{Seed: 3, Kind: true,
		Fetch: &http.Client{Transport: within{s.library.Handler()}}})
	who := s.box.AddAccount(simulator.Account{Username: "play"})
	s.open()
	a, err := s.acc.Add(s.t.Context(),
		accounts.Candidate{API: store.Sandbox, Label: "Play", Token: redact.Secret(who.Token)})
	require.NoError(s.t, err)
	time.Sleep(time.Minute) // entries are dated half a minute ago
	return a
}

// entryForBoth adds an entry and returns its publications for the real account and for the sandbox account.
func (s *theStage) entryForBoth(text string, media ...string) (real, play store.Publication) {
	s.t.Helper()
	s.entry(text, media...)
	for _, l := range s.list() {
		switch {
		case l.Post.GUID != s.posts[len(s.posts)-1].GUID:
		case l.Account.API == store.Sandbox:
			play = l.Publication
		default:
			real = l.Publication
		}
	}
	require.NotZero(s.t, real.ID)
	require.NotZero(s.t, play.ID)
	return real, play
}

// onlyInside requires that no row of a real account contains the URL of sandbox accounts.
func (s *theStage) onlyInside() {
	s.t.Helper()
	for _, c := range s.sim.Calls() {
		for name, values := range c.Params {
			require.NotContains(s.t, strings.Join(values, " "), "sandbox.invalid", name)
		}
	}
	for _, l := range s.list() {
		if l.Account.API == store.Sandbox {
			continue
		}
		whole, err := s.store.Listed(s.t.Context(), l.ID)
		require.NoError(s.t, err)
		text, err := json.Marshal(whole)
		require.NoError(s.t, err)
		require.NotContains(s.t, string(text), "sandbox")
	}
}

// TestSandboxNeedsNoPublicURL checks that a sandbox account needs no public URL, while a real account on the same
// feed still waits for one.
func TestSandboxNeedsNoPublicURL(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public = ""
		s.addSandbox()
		real, play := s.entryForBoth("PNG.", "a.png")
		s.start()
		play = s.reach(play.ID, store.Published, time.Minute)
		require.Equal(t, address.Inside+"/"+play.Items[0].Asset, play.Items[0].SentURL)
		require.Len(t, s.box.Posts(""), 1)
		s.finishRunning()
		require.Contains(t, s.get(real.ID).Reason.String(), "set web.base_url")
		require.Empty(t, s.live())
		s.onlyInside()

		l, err := s.store.Listed(t.Context(), play.ID)
		require.NoError(t, err)
		last := l.Preflight.Checks[len(l.Preflight.Checks)-1]
		require.Equal(t, store.Check{ID: draft.OnlyHere, Severity: store.Noted,
			Remedy: draft.RuleByID(draft.OnlyHere).Remedy,
			Text:   "a.png: a real account would need a public address to send it like this"}, last)

		// A JPEG that Instagram would accept unchanged needs no note. For a carousel, the sandbox shows the files
		// that would be made with a public URL.
		_, fine := s.entryForBoth("JPEG.", "b.jpg")
		s.reach(fine.ID, store.Published, time.Minute)
		l, err = s.store.Listed(t.Context(), fine.ID)
		require.NoError(t, err)
		require.Empty(t, l.Preflight.Checks)
		realTwo, two := s.entryForBoth("Two.", "wide1.jpg", "c.jpg")
		s.reach(two.ID, store.Published, time.Minute)
		s.reach(realTwo.ID, store.Published, time.Minute)
		l, err = s.store.Listed(t.Context(), two.ID)
		require.NoError(t, err)
		require.Equal(t, "media.image.ratio", l.Preflight.Checks[0].ID)
		require.Len(t, s.box.Posts(""), 3)

		// With a public URL the real publication continues from its state.
		s.stopPublisher()
		s.public = "https://postern.example.org"
		s.start()
		s.reach(real.ID, store.Published, 10*time.Minute)
		require.Contains(t, s.live()[0].Slides[0].URL, "https://postern.example.org/media/")
		s.onlyInside()
		require.Len(t, s.box.Posts(""), 3)
	})
}

// TestSandboxIgnoresThePublicURL checks that a broken public URL or bucket does not affect the sandbox.
func TestSandboxIgnoresThePublicURL(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.addSandbox()
		front := s.behindFirewall(true)
		real, play := s.entryForBoth("Fog.", "a.png")
		s.start()
		s.reach(play.ID, store.Published, time.Minute)
		require.Contains(t, s.get(real.ID).Reason.String(), "waiting for the public address: ")
		front.up.Store(false)
		s.reach(real.ID, store.Published, 15*time.Minute)
		s.onlyInside()
	})
}

// TestSandboxPublishesPreviewedFiles checks that the files of a preflight are published, even after a restart.
func TestSandboxPublishesPreviewedFiles(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public = ""
		play := s.addSandbox()
		_, err := s.store.UpdateAccount(t.Context(), play.ID, store.CLI, "", func(a *store.Account) error {
			yes := true
			a.Settings.Approve = &yes
			return nil
		})
		require.NoError(t, err)
		_, pub := s.entryForBoth("PNG.", "a.png")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		l, err := s.store.Listed(t.Context(), pub.ID)
		require.NoError(t, err)
		require.True(t, l.Preflight.Ready)
		seen := l.Preflight.Items[0].Asset

		s.site.paint = 9 // the site has replaced the picture by now
		s.restart()
		s.finishRunning()
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, seen, pub.Items[0].Asset)
		require.Len(t, s.box.Posts(""), 1)
	})
}
