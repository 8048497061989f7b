package publisher

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/reason"
	"postern/store"
)

// What only the site can put right is looked for again, whatever its address answers instead of a picture. The post goes out once: a second
// process that sees the picture, and one that stopped after the first look, make no second one.
func TestSiteIsLookedAtAgain(t *testing.T) {
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
				require.Empty(t, none, "not within the hour")
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
				require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true), "a rival has seen it, too")
				s.restart()
				s.reach(pub.ID, store.Published, 5*time.Minute)
				require.NoError(t, s.store.SettleMissing(t.Context(), list[0], true), "a slow rival")
				time.Sleep(time.Hour)
				require.Equal(t, store.Published, s.get(pub.ID).State)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

// What a look at the address cannot tell from a good picture is not looked for: it would fail again every hour.
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
		require.Equal(t, c.want, isMissing(&media.Error{Rule: c.rule, Why: reason.Reason{Code: c.code}}), "%s, %s", c.rule, c.code)
	}
	require.False(t, isMissing(errors.New("another")))
}
