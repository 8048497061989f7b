package instagram_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestMe(t *testing.T) {
	t.Parallel()
	want := instagram.Profile{ID: "28978671838402975", UserID: "17841405793187219", Username: "shot", Name: "Shot",
		AccountType: "BUSINESS", PictureURL: "https://x/p"}
	for name, answer := range map[string]string{
		"flat":            `{"id":"28978671838402975","user_id":"17841405793187219","username":"shot","name":"Shot","account_type":"BUSINESS","profile_picture_url":"https://x/p"}`,
		"numbers":         `{"id":28978671838402975,"user_id":17841405793187219,"username":"shot","name":"Shot","account_type":"BUSINESS","profile_picture_url":"https://x/p"}`,
		"in data, as doc": `{"data":[{"id":"28978671838402975","user_id":17841405793187219,"username":"shot","name":"Shot","account_type":"BUSINESS","profile_picture_url":"https://x/p"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			client.UserID = "" // not needed: it is what Me is asked for
			expect(t, api, "GET /v24.0/me",
				url.Values{"fields": {"id,user_id,username,name,account_type,profile_picture_url"}}, 200, answer)
			got, err := client.Me(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	api.HandleFunc("GET /refresh_access_token", func(w http.ResponseWriter, r *http.Request) {
		if h := r.Header.Get("Authorization"); h != "" {
			t.Errorf("Authorization = %q", h)
		}
		if got := r.URL.Query(); got.Get("access_token") != token || got.Get("grant_type") != "ig_refresh_token" {
			t.Errorf("query %v", got)
		}
		_, _ = io.WriteString(w, `{"access_token":"IGnew","token_type":"bearer","expires_in":5183944}`)
	})
	got, err := client.RefreshToken(t.Context())
	require.NoError(t, err)
	require.Equal(t, "IGnew", got.Token.Reveal())
	require.Equal(t, 5183944*time.Second, got.ExpiresIn)
}
