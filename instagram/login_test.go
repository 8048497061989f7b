package instagram_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestExchangeCode(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"flat":            `{"access_token":"IGshort","user_id":17841405793187219,"permissions":["a","b"]}`,
		"in data, as doc": `{"data":[{"access_token":"IGshort","user_id":"17841405793187219","permissions":"a, b"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			client.Token, client.UserID = "", ""
			api.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				want := url.Values{"client_id": {"app"}, "client_secret": {"s3"}, "grant_type": {"authorization_code"},
					"redirect_uri": {"https://us/cb?x=1"}, "code": {"AQB"}}
				if fmt.Sprint(r.PostForm) != fmt.Sprint(want) || r.URL.RawQuery != "" {
					t.Errorf("form %v query %s", r.PostForm, r.URL.RawQuery)
				}
				_, _ = io.WriteString(w, answer)
			})
			api.HandleFunc("GET /access_token", func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				if q.Get("access_token") != "IGshort" || q.Get("client_secret") != "s3" ||
					q.Get("grant_type") != "ig_exchange_token" {
					t.Errorf("query %v", q)
				}
				_, _ = io.WriteString(w, `{"access_token":"IGlong","token_type":"bearer","expires_in":5184000}`)
			})
			got, err := client.ExchangeCode(t.Context(), "app", "s3", "https://us/cb?x=1", "AQB#_")
			require.NoError(t, err)
			require.Equal(t, instagram.Grant{
				Token:  instagram.Token{Token: "IGlong", ExpiresIn: 60 * 24 * time.Hour},
				UserID: "17841405793187219", Permissions: []string{"a", "b"},
			}, got)
		})
	}
}

func TestExchangeCodeError(t *testing.T) {
	t.Parallel()
	client, api := setup(t)
	api.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		_, _ = io.WriteString(w,
			`{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found or was `+
				`already used"}`)
	})
	_, err := client.ExchangeCode(t.Context(), "app", "s3", "https://us/cb", "AQB")
	var e *instagram.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 400, e.Code)
	require.Equal(t, "Matching code was not found or was already used", e.Message)
	require.Equal(t, instagram.Reconnect, instagram.Classify(err).Action)
}
