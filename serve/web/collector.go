package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// collector reads at each scrape what the state and the configuration know: it survives a
// restart, and every replica says the same.
type collector struct {
	server *server

	reachable, sync, success, next, held, paused, running, info, replicas, configurations *prometheus.Desc
}

func newCollector(s *server) *collector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("registrar_"+name, help, labels, nil)
	}
	return &collector{
		server:         s,
		reachable:      describe("state_reachable", "1 where the service's state could be read for this scrape, otherwise 0."),
		sync:           describe("sync_info", "A sync of the configuration, with its faculty and its schedule where it has them; always 1.", "sync", "faculty", "schedule"),
		success:        describe("last_success_timestamp_seconds", "When the sync last went through, as a Unix time; absent where it never did.", "sync"),
		next:           describe("next_run_timestamp_seconds", "When the schedule's next run may start, as a Unix time; absent where none is within 400 days.", "schedule"),
		held:           describe("held_plans", "Plans that wait for somebody's decision.", "faculty"),
		paused:         describe("paused_syncs", "Syncs that are paused; absent where not every register can be read."),
		running:        describe("running_schedules", "Schedules of which a slot is being run, on any replica."),
		info:           describe("configuration_info", "The configuration in force, by the beginning of its digest, and the program's version; always 1.", "digest", "version"),
		replicas:       describe("replicas", "Replicas that are alive."),
		configurations: describe("replica_configurations", "Different configurations that the replicas have; more than 1 is a reload that not all have done."),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.reachable, c.sync, c.success, c.next, c.held, c.paused, c.running, c.info, c.replicas, c.configurations} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	s := c.server
	cfg := s.o.Config()
	gauge(c.info, 1, shortDigest(cfg.Digest), s.o.Version)
	for _, schedule := range cfg.Schedules {
		if entry := s.next.of(cfg, schedule, s.o.Now()); !entry.Start.IsZero() {
			gauge(c.next, unix(entry.Start), schedule.Address)
		}
	}
	x, err := s.situation(ctx)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "the state could not be read for the metrics", "error", err)
		gauge(c.reachable, 0)
		return
	}
	gauge(c.reachable, 1)
	gauge(c.replicas, float64(len(x.replicas)))
	gauge(c.configurations, float64(len(digests(x.replicas))))
	gauge(c.running, float64(len(x.running)))
	if x.pausesKnown {
		gauge(c.paused, float64(x.pausedSyncs()))
	}
	for _, sync := range x.config.Syncs {
		schedule := ""
		if sync.Schedule != nil {
			schedule = sync.Schedule.Address
		}
		gauge(c.sync, 1, sync.Address, sync.Faculty, schedule)
		if at, found := x.success[sync.Address]; found {
			gauge(c.success, unix(at), sync.Address)
		}
	}
	for faculty, plans := range x.heldByFaculty() {
		gauge(c.held, float64(len(plans)), faculty)
	}
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// pausedSyncs counts the paused syncs of the configuration.
func (x *situation) pausedSyncs() int {
	n := 0
	for _, sync := range x.config.Syncs {
		if _, paused := x.pauses[sync.Address]; paused {
			n++
		}
	}
	return n
}

// heldByFaculty are the held plans that wait, by faculty: every faculty is in it, so that an alert can
// tell none from unknown.
func (x *situation) heldByFaculty() map[string]map[string]bool {
	plans := map[string]map[string]bool{}
	for _, f := range x.config.Faculties {
		plans[f.Label] = map[string]bool{}
	}
	for _, sync := range x.config.Syncs {
		last, found := x.last[sync.Address]
		if plans[sync.Faculty] == nil {
			plans[sync.Faculty] = map[string]bool{}
		}
		if found && x.held(last) {
			plans[sync.Faculty][last.Unit.PlanID] = true
		}
	}
	return plans
}

// registry is the handler's own: two services in one process count apart.
func (s *server) registry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newCollector(s))
	registry.MustRegister(s.o.Metrics.collectors()...)
	return registry
}

func (s *server) metricsHandler() http.Handler {
	metrics := promhttp.HandlerFor(s.registry(), promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelError),
		// The metrics that there are, rather than none.
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.o.Metrics.declare(s.o.Config()) // a counter that is not seen at 0 does not increase by its first event
		metrics.ServeHTTP(w, r)
	})
}
