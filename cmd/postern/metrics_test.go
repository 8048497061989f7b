package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"postern/doors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// listenOn gives the pages an address that the test knows.
func (w *world) listenOn(address string) {
	w.t.Helper()
	b, err := os.ReadFile(w.config)
	require.NoError(w.t, err)
	require.NoError(w.t, os.WriteFile(w.config,
		[]byte(strings.Replace(string(b), `web.listen = "127.0.0.1:0"`, fmt.Sprintf("web.listen = %q", address), 1)),
		0o600))
}

func (w *world) scrape(address, token string) (status int, text string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	require.NoError(w.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultTransport.RoundTrip(r) // which follows nothing
	require.NoError(w.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return resp.StatusCode, string(b)
}

func TestMetricsOfADaemon(t *testing.T) {
	t.Parallel()
	pages, own := doors.Port(t), doors.Port(t)
	w := newWorld(t, fmt.Sprintf("metrics.listen = %q", own))
	w.listenOn(pages)
	w.connect()
	reader := strings.TrimSpace(w.must(w.run("token", "add", "--label", "monitoring")).stdout)
	stop := w.serve()
	w.blog.add("pier", "The pier", "pier.jpg")
	w.blog.add("bad", "Bad #sim-2207009", "bad.jpg")
	w.blog.add("note", "No picture", "note.txt")
	missing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(missing.Close)
	w.change(`INSERT INTO feeds (url, next_poll_at, created_at) VALUES ($1, 1, 1)`, missing.URL+"/feed")
	var text string
	for _, line := range []string{
		`postern_publications_published_total{account="1"} 1`,
		`postern_publication_failures_total{account="1",code="",rule="",subcode="2207009"} 1`,
		`postern_feed_failures{feed="2"} `,
		`postern_publication_failures_total{account="1",code="",rule="media.type.unsupported",subcode=""} 1`,
		`postern_publications{state="failed"} 2`,
		`postern_account_info{account="1",api="instagram",label="Harbour",username="harbour"} 1`,
	} {
		require.Eventually(t, func() bool {
			_, text = w.scrape(own, "")
			return strings.Contains(text, line)
		}, 2*time.Minute, 200*time.Millisecond, line)
	}
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	counts := map[string]uint64{}
	for _, name := range []string{"postern_step_duration_seconds", "postern_feed_poll_duration_seconds"} {
		for _, m := range families[name].Metric {
			counts[m.Label[0].GetValue()] = m.Histogram.GetSampleCount()
		}
	}
	for _, label := range []string{"queued", "staged", "read", "failed"} {
		require.NotZero(t, counts[label], label)
	}
	require.Positive(t, families["postern_media_bytes"].Metric[0].Gauge.GetValue())
	require.NotContains(t, text, worldToken)
	require.NotContains(t, text, w.blog.url)

	status, text := w.scrape(pages, reader)
	require.Equal(t, http.StatusNotFound, status, "they have an address of their own")
	require.NotContains(t, text, "postern_")
	require.Zero(t, stop())
	_, err = net.DialTimeout("tcp", own, time.Minute)
	require.Error(t, err)
}

func TestMetricsWithAToken(t *testing.T) {
	t.Parallel()
	pages := doors.Port(t)
	w := newWorld(t)
	w.listenOn(pages)
	w.serve()
	for _, wrong := range []string{"", "postern_AAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		status, text := w.scrape(pages, wrong)
		require.Equal(t, http.StatusUnauthorized, status)
		require.NotContains(t, text, "postern_publications")
	}
	token := strings.TrimSpace(w.must(w.run("token", "add", "--label", "monitoring")).stdout)
	status, text := w.scrape(pages, token)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, `postern_publications{state="queued"} 0`)
	require.Contains(t, text, "postern_build_info{")
	w.must(w.run("token", "remove", "1"))
	status, _ = w.scrape(pages, token)
	require.Equal(t, http.StatusUnauthorized, status)
}

func TestMetricsCannotListen(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	w := newWorld(t, fmt.Sprintf("metrics.listen = %q", l.Addr()))
	w.fails(w.run("serve"), "port in use", "metrics.listen")
}
