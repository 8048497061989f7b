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
	f.build = desc("postern_build_info", "Which program this is; always 1.", "version", "commit", "goversion")
	f.readable = desc("postern_database_readable",
		"1 when the database could be read for this answer; with 0 what it knows is left out.")
	f.databaseBytes = desc("postern_database_size_bytes", "Size of the database with its log.")
	f.diskFree = desc("postern_disk_free_bytes", "What may still be written on the disk of the data directory.")
	f.mediaBytes = desc("postern_media_bytes", "Size of all prepared pictures and videos.")
	f.mediaLimit = desc("postern_media_limit_bytes", "What the prepared pictures and videos may use.")

	f.publications = desc("postern_publications", "Publications by state.", "state")
	f.published = desc("postern_publications_published_total",
		"Publications of the account that are live, since it was connected.", "account")
	f.lastLive = desc("postern_account_last_published_timestamp_seconds",
		"When the account's last publication went live; absent before the first.", "account")
	f.queueAge = desc("postern_queue_age_seconds", "For how long what is due longest has been due; 0 when nothing is.")

	f.accountInfo = desc("postern_account_info", "What the account is called; always 1.", "account", "label",
		"username", "api")
	f.tokenExpiry = desc("postern_account_token_expiry_timestamp_seconds",
		"When the access token expires, at the latest; absent without one.", "account")
	f.refreshFailures = desc("postern_account_token_refresh_failures",
		"Attempts in a row in which the access token could not be renewed.", "account")
	f.needsOwner = desc("postern_account_needs_reconnecting",
		"1 when only the owner can help, by connecting the account again.", "account")
	f.paused = desc("postern_account_paused", "1 when the owner has paused the account.", "account")
	f.quota = desc("postern_account_quota_used",
		"Posts of the last 24 hours that count against Instagram's limit, as last read; absent before.", "account")
	f.quotaMax = desc("postern_account_quota_limit",
		"How many posts Instagram takes in 24 hours, as last read; absent before.", "account")

	f.feeds = desc("postern_feeds", "Feeds by how they are.", "status")
	f.feedFailures = desc("postern_feed_failures",
		"Polls in a row that failed, of each feed with a problem (at most 100 of them).", "feed")
	f.pollAge = desc("postern_feed_poll_age_seconds",
		"For how long the feed that is due longest has been due; 0 when none is.")

	f.notices = desc("postern_notices_open", "Notices of what is wrong now.", "severity")
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
