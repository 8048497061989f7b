package metrics

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/accounts"
	"postern/store"
	"postern/words"
)

// factsTime bounds what one answer asks the database.
const factsTime = 10 * time.Second

// facts is everything that is read when it is asked for.
type facts struct {
	o   Options
	all []*prometheus.Desc

	build, readable, databaseBytes, diskFree, mediaBytes, mediaLimit               *prometheus.Desc
	publications, published, lastLive, queueAge                                    *prometheus.Desc
	accountInfo, tokenExpiry, refreshFailures, needsOwner, paused, quota, quotaMax *prometheus.Desc
	feeds, feedFailures, pollAge                                                   *prometheus.Desc
	notices                                                                        *prometheus.Desc
}

func newFacts(o Options) *facts {
	f := &facts{o: o}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		d := prometheus.NewDesc(name, help, labels, nil)
		f.all = append(f.all, d)
		return d
	}
	f.build = desc("postern_build_info", words.MetricBuildInfo, "version", "commit", "goversion")
	f.readable = desc("postern_database_readable", words.MetricDatabaseReadable)
	f.databaseBytes = desc("postern_database_size_bytes", words.MetricDatabaseSize)
	f.diskFree = desc("postern_disk_free_bytes", words.MetricDiskFree)
	f.mediaBytes = desc("postern_media_bytes", words.MetricMediaSize)
	f.mediaLimit = desc("postern_media_limit_bytes", words.MetricMediaLimit)

	f.publications = desc("postern_publications", words.MetricPublications, "state")
	f.published = desc("postern_publications_published_total", words.MetricPublished, "account")
	f.lastLive = desc("postern_account_last_published_timestamp_seconds", words.MetricLastPublished, "account")
	f.queueAge = desc("postern_queue_age_seconds", words.MetricQueueAge)

	f.accountInfo = desc("postern_account_info", words.MetricAccountInfo, "account", "label",
		"username", "api")
	f.tokenExpiry = desc("postern_account_token_expiry_timestamp_seconds", words.MetricTokenExpiry, "account")
	f.refreshFailures = desc("postern_account_token_refresh_failures", words.MetricRefreshFailures, "account")
	f.needsOwner = desc("postern_account_needs_reconnecting", words.MetricNeedsReconnecting, "account")
	f.paused = desc("postern_account_paused", words.MetricAccountPaused, "account")
	f.quota = desc("postern_account_quota_used", words.MetricQuotaUsed, "account")
	f.quotaMax = desc("postern_account_quota_limit", words.MetricQuotaLimit, "account")

	f.feeds = desc("postern_feeds", words.MetricFeeds, "status")
	f.feedFailures = desc("postern_feed_failures", words.MetricFeedFailures, "feed")
	f.pollAge = desc("postern_feed_poll_age_seconds", words.MetricPollAge)

	f.notices = desc("postern_notices_open", words.MetricNotices, "severity")
	return f
}

// Describe is Collect's table of contents.
func (f *facts) Describe(out chan<- *prometheus.Desc) {
	for _, d := range f.all {
		out <- d
	}
}

// Collect reads everything.
func (f *facts) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(f.build, 1, f.o.Version, f.o.Commit, runtime.Version())
	f.files(gauge)

	ctx, cancel := context.WithTimeout(context.Background(), factsTime)
	defer cancel()
	figures, err := f.o.Store.Figures(ctx)
	gauge(f.readable, number(err == nil))
	if err != nil {
		if f.o.Logger != nil {
			f.o.Logger.Error("metrics not read", slog.Any("error", err))
		}
		return
	}
	now := time.Now()
	for state, n := range figures.States {
		gauge(f.publications, float64(n), string(state))
	}
	gauge(f.queueAge, age(figures.OldestDue, now))
	for severity, n := range figures.Notices {
		gauge(f.notices, float64(n), string(severity))
	}
	gauge(f.feeds, float64(figures.Feeds.Well), "well")
	gauge(f.feeds, float64(figures.Feeds.Paused), "paused")
	gauge(f.feeds, float64(figures.Feeds.Failing), "failing")
	gauge(f.pollAge, age(figures.Feeds.OldestDue, now))
	for _, x := range figures.InTrouble {
		gauge(f.feedFailures, float64(x.Failures), strconv.FormatInt(x.ID, 10))
	}
	for _, a := range figures.Accounts {
		id := strconv.FormatInt(a.ID, 10)
		out <- prometheus.MustNewConstMetric(f.published, prometheus.CounterValue, float64(figures.Published[a.ID]), id)
		gauge(f.accountInfo, 1, id, a.Label, a.Username, string(a.API))
		gauge(f.refreshFailures, float64(a.Refresh.Failures), id)
		gauge(f.needsOwner, number(a.Trouble == store.Reconnect), id)
		gauge(f.paused, number(a.Paused), id)
		if last, ok := figures.LastLive[a.ID]; ok {
			gauge(f.lastLive, seconds(last), id)
		}
		if h := accounts.Health(a, now); !h.Ends.IsZero() {
			gauge(f.tokenExpiry, seconds(h.Ends), id)
		}
		if !a.QuotaAt.IsZero() {
			gauge(f.quota, float64(a.QuotaUsed), id)
			gauge(f.quotaMax, float64(a.QuotaTotal), id)
		}
	}
}

// files is what the disk knows.
func (f *facts) files(gauge func(d *prometheus.Desc, v float64, labels ...string)) {
	var size int64
	for _, part := range []string{"", "-wal"} {
		if info, err := os.Stat(f.o.Store.Path() + part); err == nil {
			size += info.Size()
		}
	}
	gauge(f.databaseBytes, float64(size))
	if free, known := f.o.Free(); known {
		gauge(f.diskFree, float64(free))
	}
	if used, limit, err := f.o.Fill(); err == nil {
		gauge(f.mediaBytes, float64(used))
		gauge(f.mediaLimit, float64(limit))
	}
}

func age(since, now time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(now.Sub(since).Seconds(), 0)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
