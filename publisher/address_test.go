package publisher

import (
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/address"
	"postern/address/s3test"
	"postern/instagram/simulator"
	"postern/store"
)

// wall is a firewall: while it is up, it answers every request with 403.
type wall struct {
	http.Handler
	up    atomic.Bool
	asked atomic.Int64
}

func (f *wall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked.Add(1)
	if f.up.Load() {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	f.Handler.ServeHTTP(w, r)
}

func (s *theStage) behindFirewall(up bool) *wall {
	f := &wall{Handler: s.library.Handler()}
	f.up.Store(up)
	s.front = within{f}
	return f
}

// TestPublicationWaitsForThePublicURL checks that nothing is sent, and no try is used, while it is certain that
// Instagram cannot fetch from the public URL.
func TestPublicationWaitsForThePublicURL(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		front := s.behindFirewall(true)
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(time.Hour)
		synctest.Wait()
		pub = s.get(pub.ID)
		require.Equal(t, store.Queued, pub.State)
		require.Contains(t, pub.Reason.String(),
			"waiting for the public address: the public address https://postern.example.org refuses to serve "+
				"our files (it answers 403); let everyone fetch /media/")
		require.Zero(t, pub.Tries)
		require.WithinDuration(t, time.Now(), pub.DueAt, 11*time.Minute)
		require.Zero(t, s.sim.CallCount("create"))
		require.InDelta(t, 7*2, front.asked.Load(), 2, "one check every ten minutes, of two requests each")

		// An order to publish does not bypass the gate.
		_, err := s.store.Do(t.Context(), pub.ID, store.Order{Command: store.CommandPublish, By: store.Visitor})
		require.NoError(t, err)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, store.Queued, s.get(pub.ID).State)

		front.up.Store(false)
		s.reach(pub.ID, store.Published, 15*time.Minute)
		require.Len(t, s.live(), 1)
	})
}

// A start checks the public URL again, because the configuration may have been fixed.
func TestPublicURLIsCheckedAtStart(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.behindFirewall(true)
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(time.Second)
		synctest.Wait()
		require.Contains(t, s.get(pub.ID).Reason.String(), "waiting for the public address: ")
		s.front = nil
		s.restart()
		s.reach(pub.ID, store.Published, 5*time.Minute)
	})
}

// TestCheckByHandWakesWaitingPublications checks that a successful manual check makes the waiting publications
// due.
func TestCheckByHandWakesWaitingPublications(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		front := s.behindFirewall(true)
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(time.Second)
		synctest.Wait()
		due := s.get(pub.ID).DueAt
		front.up.Store(false)
		s.outside().Check(t.Context())
		require.True(t, s.get(pub.ID).DueAt.Before(due))
		s.reach(pub.ID, store.Published, 5*time.Minute)
	})
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// TestPublicURLThatCannotBeCheckedFromHere checks that a public URL which cannot be checked from here, for instance
// behind a home router, leads to a note and delays nothing.
func TestPublicURLThatCannotBeCheckedFromHere(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public, s.front = "https://203.0.113.7", refusing{}
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Contains(t, s.history(pub.ID), "Postern cannot tell whether Instagram can")
	})
}

// TestPublicURLIsRecheckedWhenInstagramCannotFetch checks that Postern checks the public URL after Instagram could not
// fetch a file, before it uses up the remaining rounds.
func TestPublicURLIsRecheckedWhenInstagramCannotFetch(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		front := s.behindFirewall(false)
		first := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(first.ID, store.Published, 10*time.Minute)
		asked := front.asked.Load()
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create",
			Reply: simulator.Reply{Code: 9004, Subcode: cannotFetch}})
		front.up.Store(true)
		pub := s.entry("Rain.", "b.jpg")
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		pub = s.get(pub.ID)
		require.Equal(t, store.Queued, pub.State, s.history(pub.ID))
		require.Contains(t, pub.Reason.String(), "waiting for the public address: ")
		require.Greater(t, front.asked.Load(), asked)
		front.up.Store(false)
		s.reach(pub.ID, store.Published, 15*time.Minute)
	})
}

// TestFilesAreUploadedToTheBucket checks that files are uploaded to the bucket before Instagram is asked to fetch
// them, and that a bucket which refuses them costs no try.
func TestFilesAreUploadedToTheBucket(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		storage := s3test.New()
		s.front = within{storage}
		s.bucket = &address.Bucket{
			Endpoint: "https://s3.example.org", Region: "us-east-1", Name: s3test.Bucket, Prefix: "postern",
			PublicURL: "https://s3.example.org/pictures",
			AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey,
		}
		pub := s.entry("Fog.", "a.jpg", "b.png", "c.jpg")
		s.start()
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		keys, err := storage.Keys()
		require.NoError(t, err)
		require.Len(t, keys, 3)
		for _, i := range pub.Items {
			require.Equal(t, "https://s3.example.org/pictures/postern/"+i.Asset, i.SentURL)
			require.Contains(t, keys, "postern/"+i.Asset)
		}
		reel := s.entry("Waves.", "d.mp4")
		s.reach(reel.ID, store.Published, 10*time.Minute)

		storage.Refuse("AccessDenied")
		pub = s.entry("Rain.", "e.jpg")
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		pub = s.get(pub.ID)
		require.Equal(t, store.Queued, pub.State)
		require.Contains(t, pub.Reason.String(), "the bucket does not let us write; give the access key the rights")
		require.Zero(t, pub.Tries)
		storage.Refuse("")
		s.reach(pub.ID, store.Published, 2*time.Hour)
		require.Len(t, s.live(), 3)
	})
}
