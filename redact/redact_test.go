package redact_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/redact"
)

func TestText(t *testing.T) {
	t.Parallel()
	r := redact.New()
	r.Add("a/secret & more", "a/secret", "short", "")
	for in, want := range map[string]string{
		"":                                 "",
		"nothing to see":                   "nothing to see",
		"x a/secret & more y":              "x [secret] y",
		"x a/secret y":                     "x [secret] y",
		"q=a%2Fsecret+%26+more":            "q=[secret]",
		`{"k":"a/secret \u0026 more"}`:     `{"k":"[secret]"}`,
		"short words stay":                 "short words stay",
		"Bearer abcdefghijklmnop":          "Bearer [secret]",
		"https://x/y?access_token=abc&z=1": "https://x/y?access_token=[secret]&z=1",
		"smtp://me:hush@mail.example.org:587/?from=a":                 "smtp://[secret]@mail.example.org:587/?from=a",
		"token IGAAabcdefghijklmnopqrstuvwxyz0123456789 is no longer": "token [secret] is no longer",
		"a token postern_ABCDEFGHIJKLMNOPQRSTUVWXY2 in words":         "a token [secret] in words",
		"postern_session, postern_build_info and postern_ABC stay": "postern_session, postern_build_info and " +
			"postern_ABC stay",
		"https://example.org/path@2x.png":                "https://example.org/path@2x.png",
		"@harbour, see https://www.instagram.com/p/Cabc": "@harbour, see https://www.instagram.com/p/Cabc",
	} {
		require.Equal(t, want, r.Text(in), in)
	}
	var none *redact.Redactor
	none.Add("whatever")
	require.Equal(t, "whatever, Bearer [secret]", none.Text("whatever, Bearer abcdefghijklmnop"))
}

func TestValues(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a [secret] b [secret]", redact.Values("a x&y b "+url.QueryEscape("x&y"), "x&y", ""))
}

func TestHandler(t *testing.T) {
	t.Parallel()
	const secret = "hush hush & away"
	r := redact.New()
	r.Add(secret)
	for _, form := range []string{"json", "text"} {
		var b bytes.Buffer
		var next slog.Handler = slog.NewJSONHandler(&b, nil)
		if form == "text" {
			next = slog.NewTextHandler(&b, nil)
		}
		log := slog.New(r.Handler(next))
		log.With(slog.String("with", secret)).WithGroup("g").Info("said "+secret,
			slog.String("text", secret), slog.Any("error", fmt.Errorf("no: %w", errors.New(secret))),
			slog.Any("bytes", []byte(secret)),
			slog.Any("struct", struct{ S string }{secret}),
			slog.Group("deep", slog.Any("map", map[string]string{"k": secret})),
			slog.Any("url", &url.URL{Scheme: "https", Host: "x", Path: "/" + secret}), slog.Int("n", 3))
		for _, leak := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret),
			base64.StdEncoding.EncodeToString([]byte(secret)), "hush"} {
			require.NotContains(t, b.String(), leak)
		}
		require.Contains(t, b.String(), redact.Mark)
		require.Contains(t, b.String(), "3")
	}
}
