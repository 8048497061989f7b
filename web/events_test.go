package web_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestEventsTellWhoseStateChangedAndEndWithTheServer(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.entry("Quay")
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.http.URL+"/events", nil)
	require.NoError(t, err)
	res, err := b.http.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	lines := bufio.NewScanner(res.Body)
	require.True(t, lines.Scan())
	require.Equal(t, "retry: 2000", lines.Text())
	h.bring(p, store.Held)
	var said []string
	for len(said) < 2 && lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			said = append(said, name)
		}
	}
	require.Equal(t, []string{"changed", "publication-1"}, said)
	leave()
	for lines.Scan() {
		continue
	}
	require.ErrorIs(t, lines.Err(), context.Canceled, "the stream ends")
}
