package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestMaskAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://me:hush@blog.example/feed":                               "https://…@blog.example/feed",
		"https://token@blog.example:8443/feed?key=abc":                    "https://…@blog.example:8443/feed?key=…",
		"https://me:p@ss@blog.example/feed":                               "https://…@blog.example/feed",
		"https://blog.example/feed?key=abc":                               "https://blog.example/feed?key=…",
		"https://blog.example/feed?lang=de&access_token=a%26b&page=2":     "https://blog.example/feed?lang=de&access_token=…&page=2",
		"https://blog.example/feed?a=1;token=abc;b=2":                     "https://blog.example/feed?a=1;token=…;b=2",
		"https://blog.example/feed?X-Amz-Signature=1&X-Amz-Expires=60":    "https://blog.example/feed?X-Amz-Signature=…&X-Amz-Expires=60",
		"https://blog.example/feed?key=abc&key=def":                       "https://blog.example/feed?key=…&key=…",
		"https://gitlab.example/x.atom?feed_token=glft-1&private_token=2": "https://gitlab.example/x.atom?feed_token=…&private_token=…",
		"https://…@blog.example/feed?key=…":                               "https://…@blog.example/feed?key=…",
		// These contain no secrets.
		"https://blog.example/feed":                                          "https://blog.example/feed",
		"https://medium.com/feed/@me":                                        "https://medium.com/feed/@me",
		"https://blog.example/feed?keyword=fog&author=me&design=3":           "https://blog.example/feed?keyword=fog&author=me&design=3",
		"https://blog.example/feed?key=&page=2":                              "https://blog.example/feed?key=&page=2",
		"https://blog.example/?feed=rss2&cat=3":                              "https://blog.example/?feed=rss2&cat=3",
		"https://blog.example/feed?sort_key=date&monkey=1&passage=2&signal=": "https://blog.example/feed?sort_key=date&monkey=1&passage=2&signal=",
		"":                  "",
		"example.org/feed":  "example.org/feed",
		"me@example.org":    "me@example.org",
		"://?key=x@%zz&a=b": "://?key=…&a=b",
	} {
		require.Equal(t, want, store.MaskAddress(address), address)
		require.Equal(t, want, store.MaskAddress(want), "masking is idempotent")
	}
	require.ElementsMatch(t, []string{"p%40ss", "p@ss", "me:p%40ss", "a+b", "a b"},
		store.AddressSecrets("https://me:p%40ss@blog.example/feed?key=a+b"))
	require.Empty(t, store.AddressSecrets("https://…@blog.example/feed?key=…"))
}

func TestIsSecretName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"key", "KEY", "token", "auth", "secret", "sig", "signature", "pass", "password",
		"access_token", "accessToken", "accesstoken", "apikey", "api_key", "api-key", "ApiKey",
		"X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Credential", "authkey", "auth_token", "rss_token", "feedkey",
		"user_key", "passwd", "pwd", "pw", "jwt", "sid", "PHPSESSID", "session_id", "client_secret",
		"hmac", "private_key", "passkey", "my%5Ftoken", "token[]", "k3y.token"} {
		require.True(t, store.IsSecretName(name), name)
	}
	for _, name := range []string{"keyword", "keywords", "author", "authors", "design", "monkey", "hockey", "passage",
		"bypass", "compass", "signal", "secretary", "sort_key", "page", "tag", "cat", "s", "q", "id", "feed", "format",
		"lang", "p", "sidebar", "spin", "tokenize", ""} {
		require.False(t, store.IsSecretName(name), name)
	}
}

func TestConceal(t *testing.T) {
	t.Parallel()
	const from = "https://me:hush@blog.example/feed?key=abc&page=2"
	for text, want := range map[string]string{
		"https://me:hush@blog.example/a.jpg":              "https://blog.example/a.jpg",
		"https://blog.example:443/a.jpg?key=abc&w=3#x":    "https://blog.example:443/a.jpg?key=…&w=3#x",
		"id 7  https://me:hush@blog.example/7 2026-01-02": "id 7  https://blog.example/7 2026-01-02",
		"https://blog.example/a.jpg?key=another":          "https://blog.example/a.jpg?key=another",
		"https://blog.example/a.jpg?page=2":               "https://blog.example/a.jpg?page=2",
		"https://blog.example/feed/@me":                   "https://blog.example/feed/@me",
		// Addresses on other sites are not changed: they are fetched without these credentials, and their own are
		// needed there.
		"https://me:hush@cdn.example/a.jpg":       "https://me:hush@cdn.example/a.jpg",
		"http://blog.example/a.jpg?key=abc":       "http://blog.example/a.jpg?key=abc",
		"https://blog.example:8443/a.jpg?key=abc": "https://blog.example:8443/a.jpg?key=abc",
		"words": "words", "tag:blog.example,2026:7": "tag:blog.example,2026:7",
	} {
		require.Equal(t, want, store.Conceal(text, from), text)
		require.Equal(t, want, store.Conceal(want, from), text)
	}
}

func TestAddressWithSecretsNeedsTheKey(t *testing.T) {
	t.Parallel()
	h := setup(t)
	_, err := h.AddFeed(t.Context(), store.Feed{URL: "https://me:hush@blog.example/feed", StartRule: "now"})
	require.ErrorIs(t, err, store.ErrNoKey)
	require.NotContains(t, err.Error(), "hush")
	feeds, err := h.Feeds(t.Context())
	require.NoError(t, err)
	require.Empty(t, feeds)
}
