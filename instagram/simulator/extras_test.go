package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
)

// Which kind of container takes which parameter, as Meta's reference has it.
func TestWhichKindTakesWhat(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true})
	item := func() string {
		k, err := c.CreateCarouselItem(t.Context(), instagram.CarouselItem{ImageURL: picture})
		require.NoError(t, err)
		return k.ID
	}
	kinds := map[string]url.Values{
		"image":    {"image_url": {picture}},
		"item":     {"image_url": {picture}, "is_carousel_item": {"true"}},
		"carousel": {"media_type": {"CAROUSEL"}, "children": {item() + "," + item()}},
		"reel":     {"media_type": {"REELS"}, "video_url": {"https://example.org/a.mp4"}},
		"story":    {"media_type": {"STORIES"}, "image_url": {picture}},
	}
	for _, tc := range []struct{ param, value, takes string }{
		{"location_id", "7640348500", "image carousel reel"},
		{"location_id", "Berlin", ""},
		{"location_id", "7640348404", ""},
		{"collaborators", `["ada","grace","mary"]`, "image carousel reel"},
		{"collaborators", `["a","b","c","d"]`, ""},
		{"collaborators", `ada`, ""},
		{"collaborators", `["ada404"]`, ""},
		{"user_tags", `[{"username":"ada","x":0.5,"y":0.5}]`, "image item story"},
		{"user_tags", `[{"username":"ada"}]`, "reel story"},
		{"user_tags", `[{"username":"ada","x":1.5,"y":0.5}]`, ""},
		{"user_tags", `[{"username":"ada404","x":0.5,"y":0.5}]`, ""},
		{"share_to_feed", "true", "reel"},
		{"share_to_feed", "perhaps", ""},
	} {
		for kind, params := range kinds {
			form := url.Values{"access_token": {c.Token.Reveal()}, tc.param: {tc.value}}
			for k, v := range params {
				form[k] = v
			}
			r := httptest.NewRequest(http.MethodPost, "/v24.0/"+c.UserID+"/media", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if strings.Contains(" "+tc.takes+" ", " "+kind+" ") {
				require.Equal(t, http.StatusOK, w.Code, "%s %s=%s: %s", kind, tc.param, tc.value, w.Body)
			} else {
				require.Equal(t, http.StatusBadRequest, w.Code, "%s %s=%s", kind, tc.param, tc.value)
				require.Contains(t, strings.ToLower(w.Body.String()), strings.TrimSuffix(tc.param, "_tags"),
					"%s: the refusal says what it is about", kind)
			}
		}
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true})
	id, err := c.Publish(t.Context(), create(t, c, "Hello"))
	require.NoError(t, err)
	there, err := c.Comments(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, there)
	for _, text := range []string{"one", "two", "two"} { // nobody notices the same twice
		_, err = c.Comment(t.Context(), id, text)
		require.NoError(t, err)
	}
	there, err = c.Comments(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, there, 3)
	require.Equal(t, "two", there[0].Text, "the newest first")
	require.Equal(t, "shots", there[2].Username)
	require.Len(t, s.Posts("")[0].Comments, 3)
	require.Equal(t, 3, s.CallCount("comment"))

	_, err = c.Comment(t.Context(), id, strings.Repeat("x", 2201))
	requireCode(t, err, 100, 0)
	_, err = c.Comment(t.Context(), "17900000000000000", "Hi")
	requireCode(t, err, 100, 33)
	other := s.AddAccount(simulator.Account{Username: "other"})
	_, err = clientOf(s, other).Comment(t.Context(), id, "Hi")
	requireCode(t, err, 100, 33)
	k, err := c.CreateStory(t.Context(), instagram.Story{ImageURL: picture})
	require.NoError(t, err)
	story, err := c.Publish(t.Context(), k.ID)
	require.NoError(t, err)
	_, err = c.Comment(t.Context(), story, "Hi")
	requireCode(t, err, 100, 0)

	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/p/"+s.Posts("")[1].Shortcode+"/", nil))
	require.Contains(t, w.Body.String(), "<b>shots</b> one")
}

// Comments can be switched off and on again, also when the answer to that was lost. Nothing is written meanwhile, and
// what was written stays.
func TestCommentsAreSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true})
	id, err := c.Publish(t.Context(), create(t, c, "Hello"))
	require.NoError(t, err)
	_, err = c.Comment(t.Context(), id, "before")
	require.NoError(t, err)

	s.Fault(simulator.Fault{Kind: simulator.Lost, Op: instagram.OpDiscuss})
	require.Error(t, c.EnableComments(t.Context(), id, false), "the answer is lost")
	require.NoError(t, c.EnableComments(t.Context(), id, false), "the same again is well")
	require.True(t, s.Posts("")[0].CommentsOff)
	_, err = c.Comment(t.Context(), id, "meanwhile")
	requireCode(t, err, simulator.CommentsAreOff.Code, 0)
	there, err := c.Comments(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, there, 1)
	require.NoError(t, c.EnableComments(t.Context(), id, true))
	_, err = c.Comment(t.Context(), id, "after")
	require.NoError(t, err)

	s.Fault(simulator.Fault{Kind: simulator.Refuse, Op: instagram.OpDiscuss, Reply: simulator.Internal})
	require.Error(t, c.EnableComments(t.Context(), id, false))
	require.False(t, s.Posts("")[0].CommentsOff)
	requireCode(t, c.EnableComments(t.Context(), "17900000000000000", false), 100, 33)
	other := s.AddAccount(simulator.Account{Username: "other"})
	requireCode(t, clientOf(s, other).EnableComments(t.Context(), id, false), 100, 33)
	story, err := c.CreateStory(t.Context(), instagram.Story{ImageURL: picture})
	require.NoError(t, err)
	live, err := c.Publish(t.Context(), story.ID)
	require.NoError(t, err)
	requireCode(t, c.EnableComments(t.Context(), live, false), 100, 0)
}
