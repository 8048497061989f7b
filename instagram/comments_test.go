package instagram_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestComments(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	expect(t, api, "GET /v24.0/18/comments", url.Values{"fields": {"id,text,username,timestamp"}, "limit": {"50"}}, 200,
		`{"data":[{"id":17874540375429190,"text":"Fine","username":"ada","timestamp":"2026-09-28T17:05:11+0000"},{"id":"2","text":"Nobody may see who"}]}`)
	got, err := client.Comments(t.Context(), "18")
	require.NoError(t, err)
	require.Equal(t, []instagram.Comment{
		{ID: "17874540375429190", Text: "Fine", Username: "ada", At: time.Date(2026, 9, 28, 17, 5, 11, 0, time.UTC)},
		{ID: "2", Text: "Nobody may see who"},
	}, got)
	expect(t, api, "POST /v24.0/18/comments", url.Values{"message": {"Hi #sun & sea"}}, 200, `{"id":"17"}`)
	made, err := client.Comment(t.Context(), "18", "Hi #sun & sea")
	require.NoError(t, err)
	require.Equal(t, "17", made)

	expect(t, api, "GET /v24.0/19/comments",
		url.Values{"fields": {"id,text,username,timestamp"}, "limit": {"50"}}, 200, `{}`)
	_, err = client.Comments(t.Context(), "19")
	require.Error(t, err, "no list is not an empty one")
	expect(t, api, "POST /v24.0/19/comments", url.Values{"message": {"Hi"}}, 403,
		`{"error":{"message":"(#10) no","code":10}}`)
	_, err = client.Comment(t.Context(), "19", "Hi")
	require.True(t, instagram.IsForbidden(err))
	require.False(t, instagram.IsForbidden(errors.New("else")))
}

func TestEnableComments(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	for id, enabled := range map[string]string{"17": "false", "18": "true"} {
		expect(t, api, "POST /v24.0/"+id, url.Values{"comment_enabled": {enabled}}, 200, `{"success":true}`)
		require.NoError(t, client.EnableComments(t.Context(), id, enabled == "true"))
	}
	expect(t, api, "POST /v24.0/19", url.Values{"comment_enabled": {"false"}}, 200, `{"success":false}`)
	require.Error(t, client.EnableComments(t.Context(), "19", false))
	expect(t, api, "POST /v24.0/20", url.Values{"comment_enabled": {"false"}}, 403,
		`{"error":{"message":"(#10) no","code":10}}`)
	require.True(t, instagram.IsForbidden(client.EnableComments(t.Context(), "20", false)))
}
