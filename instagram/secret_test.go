package instagram_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

// echo is a hostile or broken other side: it repeats what it was sent.
func echo(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	sent := r.URL.String() + " " + r.Header.Get("Authorization") + " " + r.Form.Get("access_token") +
		r.Form.Get("client_secret")
	w.WriteHeader(400)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"message": sent, "error_user_msg": sent, "error_user_title": sent, "code": 100, "type": sent,
		"fbtrace_id": sent,
	}})
}

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	const appSecret = "app/secret+"
	handlers := map[string]http.HandlerFunc{
		"echo": echo,
		"drop": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirect to a broken copy of the address": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://[bad?"+r.URL.RawQuery)
			w.WriteHeader(http.StatusFound)
		},
	}
	calls := map[string]func(context.Context, *instagram.Client) error{
		"refresh": func(ctx context.Context, c *instagram.Client) error { _, err := c.RefreshToken(ctx); return err },
		"me":      func(ctx context.Context, c *instagram.Client) error { _, err := c.Me(ctx); return err },
		"publish": func(ctx context.Context, c *instagram.Client) error { _, err := c.Publish(ctx, "1"); return err },
		"exchange": func(ctx context.Context, c *instagram.Client) error {
			_, err := c.ExchangeCode(ctx, "app", appSecret, "https://us/cb", "thecode")
			return err
		},
		"second step of exchange": func(ctx context.Context, c *instagram.Client) error {
			c.TokenURL = c.BaseURL + "/login/works/oauth/access_token"
			_, err := c.ExchangeCode(ctx, "app", appSecret, "https://us/cb", "thecode")
			return err
		},
	}
	for kind, handler := range handlers {
		for name, call := range calls {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				client, api := setup(t)
				api.HandleFunc("/", handler)
				api.HandleFunc("/login/works/", func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, `{"access_token":"IGshort/token","user_id":1}`)
				})
				err := call(t.Context(), client)
				require.Error(t, err)
				requireHidden(t, err, token, appSecret, "thecode", "IGshort/token")
				requireHidden(t, instagram.Classify(err), token, appSecret, "thecode", "IGshort/token")
				for err := err; err != nil; err = errors.Unwrap(err) {
					requireHidden(t, err, token, appSecret, "thecode", "IGshort/token")
				}
			})
		}
	}
	t.Run("client", func(t *testing.T) {
		t.Parallel()
		client := instagram.Client{Token: token}
		requireHidden(t, client, token)
		requireHidden(t, &client, token)
		requireHidden(t, client.Token, token)
		requireHidden(t, instagram.Token{Token: token}, token)
		require.Equal(t, token, client.Token.Reveal())
	})
}

func requireHidden(t *testing.T, v any, secrets ...string) {
	t.Helper()
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "v", v)
	text := logged.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		text += fmt.Sprintf(verb, v)
	}
	marshalled, _ := json.Marshal(v)
	text += string(marshalled)
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret),
			fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
			require.NotContains(t, text, form)
		}
	}
}
