package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// TestResignedURL uses a site that signs the URL of a picture anew at each poll.
func TestResignedURL(t *testing.T) {
	t.Parallel()
	of := func(address string) store.Post {
		p := post("1", -hour)
		p.Media = []store.Media{{Type: store.Image, URL: address}}
		return p
	}
	for name, c := range map[string]struct {
		before, after string
		changed       int
	}{
		"token": {"https://img.example/fog.png?jwt=a.b", "https://img.example/fog.png?jwt=c.d", 0},
		"time": {"https://img.example/fog.jpg?t=1700000000",
			"https://img.example/fog.jpg?t=1700000300", 0},
		"signed from now on": {"https://img.example/fog.jpg", "https://img.example/fog.jpg?token=ab", 0},
		"another picture": {"https://img.example/get?id=1&X-Amz-Signature=a",
			"https://img.example/get?id=2&X-Amz-Signature=b", 1},
		"another version":     {"https://img.example/fog.jpg?v=1", "https://img.example/fog.jpg?v=2", 1},
		"token that chooses":  {"https://img.example/get?token=a", "https://img.example/get?token=b", 1},
		"another path":        {"https://img.example/fog.jpg?token=a", "https://img.example/sun.jpg?token=a", 1},
		"unsigned and steady": {"https://img.example/fog.jpg?b=1&a=%7e", "https://img.example/fog.jpg?b=1&a=%7e", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.t = t
			h.account("alice")
			f := h.feed("https://blog.example/feed", "all")
			h.save(f, of(c.before))
			h.do(h.pub("1", 1).ID, store.CommandApprove)
			before := h.pub("1", 1)
			require.True(t, before.Approved)
			require.Equal(t, c.changed, h.save(f, of(c.after)).Changed)
			after := h.pub("1", 1)
			require.Equal(t, c.changed == 0, after.Approved)
			require.Equal(t, c.changed == 0, after.Version == before.Version)
			got, err := h.Post(t.Context(), after.PostID)
			require.NoError(t, err)
			require.Equal(t, c.after, got.Media[0].URL, "the old signature expires")
			require.Equal(t, c.changed == 0, got.ChangedAt.IsZero())
		})
	}
}

// Other URLs of a medium, stored in case its URL leads to a page, do not count as a change of the post, and do not
// contain the credentials of the feed.
func TestOtherAddressesOfAMedium(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.t = t
	h.account("alice")
	f := h.feed("https://blog.example/feed.xml", "all")
	p := post("1", -hour)
	p.Media = []store.Media{{Type: store.Image, URL: "https://blog.example/full.jpg"}}
	h.save(f, p)
	p.Markup.Instead = map[string][]string{"https://blog.example/full.jpg": {"https://blog.example/small.jpg"}}
	require.Zero(t, h.save(f, p).Changed)

	const address = "https://ann:pass@blog.example/feed.xml?key=k7&token=t9"
	p.Markup.Instead = map[string][]string{
		"https://blog.example/full.jpg?token=t9": {"https://ann:pass@blog.example/small.jpg"}}
	require.True(t, p.Conceal(address))
	for url, others := range p.Markup.Instead {
		require.NotContains(t, url, "t9")
		require.NotContains(t, others[0], "pass")
	}
}
