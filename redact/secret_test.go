package redact_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/redact"
)

func TestSecretPrintsNothing(t *testing.T) {
	t.Parallel()
	const value = "made-up-value"
	s := redact.Secret(value)
	holder := struct {
		Token  redact.Secret
		Tokens []redact.Secret
		Names  map[string]redact.Secret
		Next   *redact.Secret
	}{s, []redact.Secret{s}, map[string]redact.Secret{"a": s}, &s}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%t"} {
		for _, v := range []any{s, &s, holder} {
			require.NotContains(t, fmt.Sprintf(verb, v), value, verb)
			require.NotContains(t, fmt.Sprintf(verb, v), fmt.Sprintf("%x", value), verb)
		}
	}
	require.NotContains(t, fmt.Sprint(s, fmt.Errorf("no such token: %w", fmt.Errorf("%v", s))), value)
	var log strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("connected", slog.Any("token", s), slog.Any("holder", holder), "plain", s)
	}
	require.NotContains(t, log.String(), value)
	b, err := json.Marshal(holder)
	require.NoError(t, err)
	require.NotContains(t, string(b), value)
	require.Contains(t, string(b), redact.Mark)
	b, err = xml.Marshal(s)
	require.NoError(t, err)
	require.NotContains(t, string(b), value)
	require.Equal(t, value, s.Reveal())
}
