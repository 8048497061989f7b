package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/metrics"
	"postern/reason"
	"postern/store"
)

// installation has an account that has published, one that needs its owner, and a feed that cannot be read.
func installation(t *testing.T) (*store.Store, *metrics.Metrics) {
	t.Helper()
	s := doors.Store(t, t.TempDir())
	key := doors.Key(t, t.TempDir())
	s.SealWith(key.Sealer()) // the feed's address holds a key
	ctx := t.Context()
	seal := func(int64) (store.Secrets, error) { return store.Secrets{Token: []byte("sealed-token-bytes")}, nil }
	a, err := s.AddAccount(ctx,
		store.Account{API: store.Instagram, UserID: "1", Username: "harbour", Label: `Har"bour` + "\n"}, seal)
	require.NoError(t, err)
	_, err = s.UpdateAccount(ctx, a.ID, store.System, "", func(x *store.Account) error {
		x.QuotaUsed, x.QuotaTotal, x.QuotaAt = 3, 50, time.Now()
		x.TokenExpiresAt = time.Unix(1_800_000_000, 0)
		return nil
	})
	require.NoError(t, err)
	f, err := s.AddFeed(ctx, store.Feed{URL: "https://example.org/feed?key=secretkey", StartRule: "all"})
	require.NoError(t, err)
	f.NextPollAt, f.LastPolledAt = time.Now().Add(-90*time.Minute), time.Now()
	_, err = s.SavePosts(ctx, f, []store.Post{
		{GUID: "1", URL: "https://example.org/1", Title: "One", Decision: store.Publish,
			Media: []store.Media{{Type: "image", URL: "https://example.org/1.jpg"}}},
		{GUID: "2", URL: "https://example.org/2", Title: "Two", Decision: store.Publish,
			Media: []store.Media{{Type: "image", URL: "https://example.org/2.jpg"}}},
	}, true)
	require.NoError(t, err)
	b, err := s.AddAccount(ctx, store.Account{API: store.Instagram, UserID: "2", Username: "pier"}, seal)
	require.NoError(t, err)
	_, err = s.UpdateAccount(ctx, b.ID, store.System, "x", func(x *store.Account) error {
		x.Trouble, x.Problem = store.Reconnect, reason.Text("lost")
		return nil
	})
	require.NoError(t, err)
	f.Failures, f.Problem = 4, reason.Text("404")
	require.NoError(t, s.SavePoll(ctx, f))
	require.NoError(t, s.SyncNotices(ctx, store.NoticeChange{
		Opened:  []store.Notice{{Cause: "x", Level: 1, Severity: store.Bad, Text: "x"}},
		Message: func(store.Notice) string { return "" },
	}))
	p, err := s.Claim(ctx, time.Minute)
	require.NoError(t, err)
	for _, c := range []store.Change{
		{To: store.Staged, DueAt: time.Now(),
			Freeze: &store.Frozen{Kind: "image",
				Items: []store.Item{{Position: 1, Type: "image", SourceURL: "u", SentURL: "u"}}},
			Containers: []store.Container{{Round: 1, Position: 0, ID: "c", Status: "FINISHED", CreatedAt: time.Now()}}},
		{To: store.Publishing, DueAt: time.Now(), Keep: true},
		{To: store.Published, MediaID: "m"},
	} {
		p, err = s.Advance(ctx, p, c)
		require.NoError(t, err)
	}
	m := metrics.New(metrics.Options{
		Store: s, Version: "v1.2.3", Commit: "abc",
		Fill: func() (int64, int64, error) { return 1 << 20, 10 << 30, nil },
		Free: func() (int64, bool) { return 5 << 30, true },
	})
	m.Step(store.Queued, 3*time.Second)
	m.Failed(a.ID, "media.video.long", 0, 0)
	m.Failed(a.ID, "", 36000, 2207026)
	m.Polled("read", time.Second)
	m.Polled("failed", time.Second)
	m.Converted("video", time.Minute, nil)
	m.Converted("picture", time.Second, errors.New("x"))
	m.Converted("picture", time.Second, fmt.Errorf("x: %w", context.Canceled))
	return s, m
}

func scrape(t *testing.T, m *metrics.Metrics) (text string, families map[string]*dto.MetricFamily) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	text = w.Body.String()
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err, text)
	return text, families
}

func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	_, m := installation(t)
	text, _ := scrape(t, m)
	for _, line := range []string{
		`postern_publications{state="published"} 1`,
		`postern_publications{state="unconfirmed"} 0`,
		`postern_publications_published_total{account="1"} 1`,
		`postern_publications_published_total{account="2"} 0`,
		`postern_account_info{account="1",api="instagram",label="Har\"bour\n",username="harbour"} 1`,
		`postern_account_token_expiry_timestamp_seconds{account="1"} 1.8e+09`,
		`postern_account_quota_used{account="1"} 3`,
		`postern_account_quota_limit{account="1"} 50`,
		`postern_account_needs_reconnecting{account="1"} 0`,
		`postern_account_needs_reconnecting{account="2"} 1`,
		`postern_feeds{status="failing"} 1`,
		`postern_feeds{status="well"} 0`,
		`postern_feed_failures{feed="1"} 4`,
		`postern_notices_open{severity="error"} 1`,
		`postern_notices_open{severity="warning"} 0`,
		`postern_publication_failures_total{account="1",code="",rule="media.video.long",subcode=""} 1`,
		`postern_publication_failures_total{account="1",code="36000",rule="",subcode="2207026"} 1`,
		`postern_step_duration_seconds_sum{state="queued"} 3`,
		`postern_step_duration_seconds_count{state="publishing"} 0`,
		`postern_feed_poll_duration_seconds_count{outcome="failed"} 1`,
		`postern_feed_poll_duration_seconds_count{outcome="unchanged"} 0`,
		`postern_media_conversion_duration_seconds_count{media="video",outcome="done"} 1`,
		`postern_media_conversion_duration_seconds_count{media="picture",outcome="failed"} 1`,
		`postern_media_bytes 1.048576e+06`,
		`postern_disk_free_bytes 5.36870912e+09`,
		`postern_database_readable 1`,
		`commit="abc",goversion="go`,
		`go_goroutines `,
		`process_start_time_seconds `,
	} {
		require.Contains(t, text, line)
	}
	age := value(t, text, "postern_feed_poll_age_seconds")
	require.Greater(t, age, 80*60.0)
	require.Less(t, age, 180*60.0)
	require.GreaterOrEqual(t, value(t, text, "postern_queue_age_seconds"), 0.0)
	for _, secret := range []string{"secretkey", "sealed-token-bytes", "example.org"} {
		require.NotContains(t, text, secret)
	}
}

func value(t *testing.T, text, name string) (v float64) {
	t.Helper()
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			_, err := fmt.Sscan(rest, &v)
			require.NoError(t, err)
			return v
		}
	}
	t.Fatalf("%s is not told", name)
	return 0
}

func TestNamesFollowTheConventions(t *testing.T) {
	t.Parallel()
	_, m := installation(t)
	text, _ := scrape(t, m)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	require.NoError(t, err)
	for _, p := range problems {
		require.False(t, strings.HasPrefix(p.Metric, "postern_"), "%s: %s", p.Metric, p.Text)
	}
}

// Without its database the program still tells of itself, and that it cannot read.
func TestTheDatabaseCannotBeRead(t *testing.T) {
	t.Parallel()
	s, m := installation(t)
	require.NoError(t, s.Close())
	text, _ := scrape(t, m)
	require.Contains(t, text, "postern_database_readable 0\n")
	require.Contains(t, text, "postern_disk_free_bytes ")
	require.NotContains(t, text, "postern_publications{")
}

func TestCausesAreBounded(t *testing.T) {
	t.Parallel()
	_, m := installation(t)
	for i := range 1000 {
		m.Failed(1, "", 100, i+1)
	}
	_, families := scrape(t, m)
	require.Less(t, len(families["postern_publication_failures_total"].Metric), 210)
}

// docs/metrics.md names every metric with its type and labels, and its examples use no others.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/metrics.md")
	require.NoError(t, err)
	var docs []string
	for _, m := range regexp.MustCompile(
		"(?m)^\\| `(postern_[a-z_]+)` \\| ([a-z]+) \\| ([^|]*) \\| .+ \\|$").FindAllStringSubmatch(string(b), -1) {
		docs = append(docs, m[1]+" "+m[2]+" "+strings.ReplaceAll(m[3], "`", ""))
	}
	_, m := installation(t)
	_, families := scrape(t, m)
	var code []string
	for name, f := range families {
		if !strings.HasPrefix(name, "postern_") {
			continue
		}
		var labels []string
		for _, l := range f.Metric[0].Label {
			labels = append(labels, l.GetName())
		}
		code = append(code, name+" "+strings.ToLower(f.GetType().String())+" "+strings.Join(labels, ", "))
	}
	require.ElementsMatch(t, code, docs)
	require.Len(t, code, len(metrics.Names(m)), "everything that can be told is told here, so that it is compared")
	for _, used := range regexp.MustCompile(`postern_[a-z_]+`).FindAllString(string(b), -1) {
		name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(used, "_bucket"), "_count"), "_sum")
		require.True(t, families[used] != nil || families[name] != nil, used)
	}
}
