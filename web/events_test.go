package web_test

import (
	"bufio"
	"context"
	"fmt"
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

// A page says after which event it was made, and a stream that broke off which it was told of last: what came
// meanwhile is told first.
func TestEventsOfTheMeantimeAreTold(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.entry("Quay")
	connect := b.get(publicationPath(p)).Find("#events").AttrOr("hx-sse:connect", "")
	last, err := h.store.LastEventID(t.Context())
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("/events?after=%d", last), connect)
	h.bring(p, store.Held)
	newest, err := h.store.LastEventID(t.Context())
	require.NoError(t, err)
	for _, c := range []struct{ path, seen string }{
		{connect, ""}, {"/events?after=" + fmt.Sprint(newest), fmt.Sprint(last)}, {"/events?after=0", "none of ours"},
	} {
		ctx, leave := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.http.URL+c.path, nil)
		require.NoError(t, err)
		if c.seen != "" {
			req.Header.Set("Last-Event-ID", c.seen)
		}
		res, err := b.http.Do(req)
		require.NoError(t, err)
		lines := bufio.NewScanner(res.Body)
		want := []string{"event: changed", "event: publication-1", fmt.Sprintf("id: %d", newest)}
		for len(want) > 0 && lines.Scan() {
			if lines.Text() == want[0] {
				want = want[1:]
			}
		}
		require.Empty(t, want, c)
		leave()
		res.Body.Close()
	}
	// A backup was restored, and the page is of a time that never was.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		h.http.URL+fmt.Sprintf("/events?after=%d", newest+5), nil)
	require.NoError(t, err)
	res, err := b.http.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for range 2 {
		require.True(t, lines.Scan())
	}
	require.Equal(t, fmt.Sprintf("id: %d", newest), lines.Text())
}

// What is watched between two events is a part of the page: after a change of state it is left to the event, which
// brings all.
func TestAWatchedPartIsOfTheMomentOfItsPage(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	b := h.owner()
	part := b.get(publicationPath(p)).Find("#watch").AttrOr("hx-get", "")
	require.NotEmpty(t, part)
	ask := func() *page {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.http.URL+part, nil)
		require.NoError(t, err)
		req.Header.Set("HX-Request", "true")
		return b.do(req)
	}
	require.Equal(t, http.StatusOK, ask().Status)
	h.bring(p, store.Held)
	require.Equal(t, http.StatusNoContent, ask().Status)
	require.Equal(t, "on hold", b.get(publicationPath(p)).text(".facts .badge"))
}
