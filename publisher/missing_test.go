package publisher

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/reason"
	"postern/store"
)

// TestMissingPictureIsRequestedAgain checks that a file which only the site can provide is requested again, whatever
// its URL returns instead. The post is published once, even if a second process sees the picture too or one stops
// after the first check.
func TestMissingPictureIsRequestedAgain(t *testing.T) {
	for name, body := range map[string]string{"a page": "<!doctype html><title>Not here</title>", "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.site.shows = map[string][]byte{"/a.jpg": []byte(body)}
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				pub = s.reach(pub.ID, store.Failed, time.Hour)
				require.Equal(t, "https://blog.example.org/a.jpg", pub.MissingURL)
				require.Contains(t, pub.Reason.String(), "Postern looks for it until ")
				none, err := s.store.MissingOf(t.Context(), s.feed.ID, 5)
				require.NoError(t, err)
				require.Empty(t, none, "not within an hour")
				time.Sleep(2 * time.Hour)
				list, err := s.store.MissingOf(t.Context(), s.feed.ID, 5)
				require.NoError(t, err)
				require.Len(t, list, 1)
				require.NoError(t, s.store.SettleMissing(t.Context(), list[0], false))
				none, err = s.store.MissingOf(t.Context(), s.feed.ID, 5)
				require.NoError(t, err)
				require.Empty(t, none, "once an hour")

				delete(s.site.shows, "/a.jpg")
				require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true))
				require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true), "another process has seen it too")
				s.restart()
				s.reach(pub.ID, store.Published, 5*time.Minute)
				require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true), "a slow process")
				time.Sleep(time.Hour)
				require.Equal(t, store.Published, s.get(pub.ID).State)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

// TestDamagedPictureIsRequestedAgain checks that a damaged picture which the site replaces under the same URL is
// published once, even if two processes notice the replacement.
func TestDamagedPictureIsRequestedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		bad := landscape(1).jpeg(600, 600, 80)[:2000]
		s.site.shows = map[string][]byte{"/a.jpg": bad}
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		pub = s.reach(pub.ID, store.Failed, time.Hour)
		require.Equal(t, "https://blog.example.org/a.jpg", pub.MissingURL)
		require.Regexp(t, "is cut off or damaged .*; Postern looks for it until ", pub.Reason.String())
		time.Sleep(2 * time.Hour)
		list, err := s.store.MissingOf(t.Context(), s.feed.ID, 5)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, store.Seen{SHA256: fmt.Sprintf("%x", sha256.Sum256(bad))}, list[0].Seen)

		worse := landscape(1).jpeg(600, 600, 80)[:1000]
		s.site.shows["/a.jpg"] = worse
		require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true))
		s.finishRunning()
		pub = s.reach(pub.ID, store.Failed, time.Hour)
		time.Sleep(2 * time.Hour)
		list, err = s.store.MissingOf(t.Context(), s.feed.ID, 5)
		require.NoError(t, err)
		require.Equal(t, store.Seen{SHA256: fmt.Sprintf("%x", sha256.Sum256(worse))}, list[0].Seen,
			"it is compared with the latest")

		delete(s.site.shows, "/a.jpg")
		require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true))
		require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true), "another process has seen it too")
		s.restart()
		s.reach(pub.ID, store.Published, 5*time.Minute)
		require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true), "a slow process")
		time.Sleep(time.Hour)
		require.Len(t, s.live(), 1)
		time.Sleep(31 * 24 * time.Hour)
		list, err = s.store.MissingOf(t.Context(), s.feed.ID, 5)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

// TestIsMissing checks that faults which the first bytes of a URL cannot reveal are not requested again: they would
// fail again every hour.
func TestIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule string
		code reason.Code
		want bool
	}{
		{"media.url.not-found", reason.MediaNotFound, true},
		{"media.url.forbidden", reason.MediaForbidden, true},
		{"media.url.unreachable", reason.MediaUnfetched, true},
		{"media.url.refused", reason.MediaRefused, true},
		{"media.url.redirects", reason.MediaUnfetched, true},
		{"media.type.unsupported", reason.MediaPage, true},
		{"media.image.broken", reason.MediaEmpty, true},
		{"media.url.blocked", reason.MediaUnfetched, false},
		{"media.url.invalid", reason.MediaAddressUnusable, false},
		{"media.type.unsupported", reason.MediaUnknown, false},
		{"media.image.broken", reason.MediaDamaged, false},
		{"media.image.too-large", reason.MediaTooLarge, false},
	} {
		require.Equal(t, c.want, isMissing(&media.Error{Rule: c.rule, Why: reason.Reason{Code: c.code}}), "%s, %s",
			c.rule, c.code)
	}
	require.False(t, isMissing(errors.New("another")))
	damaged := &media.Error{Rule: "media.image.broken", Why: reason.Reason{Code: reason.MediaDamaged},
		Seen: media.Version{SHA256: "ab"}}
	require.True(t, isMissing(damaged), "a replaced file would be noticed")
}
