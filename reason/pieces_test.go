package reason_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/reason"
)

func TestIncludes(t *testing.T) {
	t.Parallel()
	why := reason.New(reason.MediaNotFound, "picture", "a.jpg", 404)
	require.True(t, why.ByRule("media.url.not-found").About("image", 2, 3).LookedForUntil("2 May").Includes(why))
	require.False(t, why.Includes(why.ByRule("media.url.not-found")))
	require.False(t, why.Includes(reason.New(reason.MediaNotFound, "picture", "b.jpg", 404)))
	require.False(t, why.Includes(reason.New(reason.MediaForbidden, "a.jpg", 404, "picture")))
	require.False(t, reason.Reason{}.Includes(reason.Reason{}))
}

// A page links from the numbers of publications. What strangers wrote makes no link and no setting, and the text
// stays as it was.
func TestPieces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		why  reason.Reason
		want []reason.Piece
	}{
		"none": {reason.Reason{}, nil},
		"a number": {reason.New(reason.SameAsPublication, int64(12)),
			[]reason.Piece{{Text: "the same as publication "}, {Text: "12", Publication: 12}, {Text: ", as you said"}}},
		"then": {reason.New(reason.Approval).Then(reason.New(reason.LooksLikePublication, int64(3), "", "", "")),
			[]reason.Piece{{Text: "waiting for your approval. After that, looks like publication "},
				{Text: "3", Publication: 3}}},
		"gates": {reason.New(reason.AccountPaused).Then(reason.New(reason.QuietHours, "07:00 UTC").BySetting(
			"quiet_hours", "route")),
			[]reason.Piece{{Text: "the account is paused. After that, the quiet hours last until 07:00 UTC ("},
				{Text: "quiet_hours", Setting: true}, {Text: " from the settings of this feed)"}}},
		"a default": {reason.New(reason.Sensitive, "marked as sensitive").BySetting("sensitive", "default"),
			[]reason.Piece{{Text: "marked as sensitive: approve it if Instagram's Community Guidelines allow it ("},
				{Text: "sensitive", Setting: true}, {Text: " by default)"}}},
		"a setting": {reason.New(reason.FilterExcluded, "word", "fog", "keywords", "account"),
			[]reason.Piece{{Text: `found the word “fog” (`}, {Text: "exclude_keywords", Setting: true},
				{Text: " from the account)"}}},
		"words of others": {reason.New(reason.SamePictures, int64(7), "`feed` publication 9"),
			[]reason.Piece{{Text: "has the pictures of publication "}, {Text: "7", Publication: 7},
				{Text: ", which came from `feed` publication 9"}}},
		"codes": {
			reason.New(reason.AccountReconnect, reason.New(reason.InstagramTokenExpired, "No.", "code 190/463")).ByRule(
				"media.url.none"),
			[]reason.Piece{
				{
					Text: "the account needs reconnecting: Instagram no longer accepts the access token: connect " +
						"the account again (the access token has expired). Instagram says: No."}}},
		"of later": {reason.Reason{Code: "a_code_of_later"}, []reason.Piece{{Text: "a code of later"}}},
	} {
		require.Equal(t, c.want, c.why.Pieces(), name)
	}
	require.Equal(t, "the same as publication 12, as you said",
		reason.New(reason.SameAsPublication, int64(12)).String())
	rests := reason.New(reason.CoolDown, "24h", "07:00 UTC")
	require.Equal(t, "the account waits 24h between two posts, until 07:00 UTC (cool_down from the settings of this feed)",
		rests.BySetting("cool_down", "route").String())
	require.Equal(t, "the account waits 24h between two posts, until 07:00 UTC",
		rests.BySetting("cool_down", "account").String())
	require.Equal(t, "found the word \"fog\" (`exclude_keywords` from the account)",
		reason.New(reason.FilterExcluded, "word", "fog", "keywords", "account").String())
}
