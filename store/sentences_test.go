package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/reason"
)

// What earlier versions stored becomes a code with arguments, and reads as before or better.
func TestStoredSentencesBecomeCodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reason.Reason{
		"waiting for your approval":                       reason.New(reason.Approval),
		"already on its way from The blog/mill":           reason.New(reason.AlreadyFromFeed, "The blog/mill"),
		"looks like publication 12 of 3 May 2026":         reason.New(reason.LooksLikePublication, 12, "3 May 2026"),
		"held by you; removed from the site since":        reason.New(reason.HeldByOwner).AlsoGone(),
		"some words; removed from the site since":         reason.Text("some words").AlsoGone(),
		"waiting for the public address: closed; open it": reason.New(reason.PublicAddress, "closed; open it"),
		"Instagram does not take location_id=4 (account): correct it or leave it empty, then publish. No such place. (code 100)": reason.New(reason.SettingRefused, "location_id", "4", "account", "No such place. (code 100)"),
		"younger than 2h until 02:00 UTC; then quiet hours until 07:00 UTC":                                                      reason.New(reason.MinAge, "2h", "02:00 UTC").Then(reason.New(reason.QuietHours, "07:00 UTC")),
		"Instagram could not use the media: The video's format is not supported. Instagram says: Error":                          reason.New(reason.MediaUnusable, "", 0, 0, "The video's format is not supported", "Error"),
		"image 2 of 3: it is too wide; crop it (media.image.shape) (tried 8 times)":                                              reason.New(reason.Media, "image", 2, 3, "it is too wide; crop it", "media.image.shape").Tried(8),
		"Instagram had a temporary error. (code 2)":                                                                              reason.New(reason.Answer, "", 0, 0, "Instagram had a temporary error. (code 2)"),
		"the container expired, and it is not live; trying again (round 2 of 3)":                                                 reason.New(reason.ExpiredNotLive).NextRound(2, 3),
		"words of nobody": reason.Text("words of nobody"),
	} {
		got := readSentence(text)
		require.Equal(t, want, got, text)
		require.Equal(t, text, got.String())
	}
	require.Equal(t, reason.New(reason.PostsPerDay, 2, 2, "00:00 UTC").Then(reason.New(reason.CoolDown, "24h", "3 March 17:36 UTC")),
		readSentence("2 of 2 posts today; next at 00:00 UTC; then the account rests 24h between two posts; next at 3 March 17:36 UTC"))
	require.Equal(t, reason.New(reason.LooksLikePublication, 12, ""), readSentence("has the address and the media of publication 12, under another id"))
	require.Equal(t, reason.New(reason.LiveAlready, "https://x.example/p"),
		readSentence("seems to be live already, since before the database was restored (https://x.example/p): skip it, or say publish if it is not the same"))
}
