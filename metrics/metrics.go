package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"postern/store"
	"postern/words"
)

// Options of New.
type Options struct {
	Store           *store.Store
	Fill            func() (used, limit int64, err error) // bytes of the prepared media
	Free            func() (bytes int64, known bool)      // on the disk of the data directory
	Version, Commit string
	Logger          *slog.Logger // nil discards
}

// Metrics is a registry of its own, with everything in it. Its methods are safe for concurrent use, and a nil
// *Metrics takes note of nothing.
type Metrics struct {
	registry    *prometheus.Registry
	ours        []prometheus.Collector
	log         *slog.Logger
	steps       *prometheus.HistogramVec
	failures    *prometheus.CounterVec
	polls       *prometheus.HistogramVec
	conversions *prometheus.HistogramVec

	mu     sync.Mutex
	causes map[cause]bool // of failures, so far
}

// cause is why a publication failed, as it is told; "" is none.
type cause struct{ rule, code, subcode string }

// numeral is "" for none.
func numeral(code int) string {
	if code == 0 {
		return ""
	}
	return strconv.Itoa(code)
}

// maxCauses bounds how many causes of failures are told apart: codes are Meta's to invent.
const maxCauses = 200

// The durations of steps and polls reach from a look into the database to a video that is converted.
var (
	stepBuckets = []float64{.01, .05, .1, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}
	pollBuckets = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	filmBuckets = []float64{.1, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}
)

// New returns a registry with everything in it.
func New(o Options) *Metrics {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(), log: o.Logger, causes: map[cause]bool{},
		steps: histogram("postern_step_duration_seconds", words.MetricStepDuration, stepBuckets, "state"),
		polls: histogram("postern_feed_poll_duration_seconds", words.MetricPollDuration, pollBuckets, "outcome"),
		conversions: histogram("postern_media_conversion_duration_seconds", words.MetricConversionDuration,
			filmBuckets, "media", "outcome"),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_publication_failures_total",
			Help: words.MetricFailures,
		}, []string{"account", "rule", "code", "subcode"}),
	}
	// What is looked for in an alert must be there before it first happens.
	for _, state := range []store.State{store.Queued, store.Staged, store.Publishing} {
		m.steps.WithLabelValues(string(state))
	}
	for _, outcome := range []string{"read", "unchanged", "failed"} {
		m.polls.WithLabelValues(outcome)
	}
	for _, what := range []string{"video", "picture"} {
		m.conversions.WithLabelValues(what, "done")
		m.conversions.WithLabelValues(what, "failed")
	}
	m.ours = []prometheus.Collector{m.steps, m.failures, m.polls, m.conversions, newFacts(o)}
	m.registry.MustRegister(m.ours...)
	m.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers with everything. What cannot be read is left out and logged, so that the rest still tells.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: logged{m.log}, ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4,
		Timeout: 30 * time.Second,
	})
}

type logged struct{ log *slog.Logger }

// Println is promhttp's way to say what could not be read.
func (l logged) Println(v ...any) {
	for _, x := range v {
		if err, ok := x.(error); ok {
			l.log.Error("metrics not read", slog.Any("error", err))
		}
	}
}

// Step notes how long a publication's step took.
func (m *Metrics) Step(began store.State, took time.Duration) {
	if m != nil {
		m.steps.WithLabelValues(string(began)).Observe(took.Seconds())
	}
}

// Failed notes that a publication failed: by which rule of docs/rules.md, or by which code of Instagram's.
func (m *Metrics) Failed(account int64, rule string, code, subcode int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	why := cause{rule, numeral(code), numeral(subcode)}
	if !m.causes[why] && len(m.causes) >= maxCauses {
		why = cause{"other", "other", "other"}
	}
	m.causes[why] = true
	m.mu.Unlock()
	m.failures.WithLabelValues(strconv.FormatInt(account, 10), why.rule, why.code, why.subcode).Inc()
}

// Polled notes a poll: its outcome is "read", "unchanged" or "failed".
func (m *Metrics) Polled(outcome string, took time.Duration) {
	if m != nil {
		m.polls.WithLabelValues(outcome).Observe(took.Seconds())
	}
}

// Converted notes a conversion of a "video" or a "picture". One that was broken off is none.
func (m *Metrics) Converted(what string, took time.Duration, err error) {
	if m == nil || errors.Is(err, context.Canceled) {
		return
	}
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	m.conversions.WithLabelValues(what, outcome).Observe(took.Seconds())
}
