package web

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// Metrics counts what happens in this process. Its labels are names in the configuration and a
// few constants, never a plan's id or a row's key. It is safe for several goroutines.
type Metrics struct {
	runs          *prometheus.CounterVec
	duration      *prometheus.HistogramVec
	operations    *prometheus.CounterVec
	rejected      *prometheus.CounterVec
	missed        prometheus.Counter
	reloadFailed  prometheus.Gauge
	notifications *prometheus.CounterVec

	mu       sync.Mutex
	declared *config.Config // that of which every counter is there
}

// NewMetrics returns metrics that have counted nothing yet.
func NewMetrics() *Metrics {
	return &Metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "registrar_runs_total",
			Help: "Units run by this process, by how they ended.",
		}, []string{"unit", "faculty", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "registrar_run_duration_seconds",
			Help: "How long units took from their first attempt to their end.",
			// From a second to two hours.
			Buckets: []float64{1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200},
		}, []string{"faculty"}),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "registrar_operations_total",
			Help: "Rows written by this process, by operation.",
		}, []string{"sync", "operation"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "registrar_rejected_records_total",
			Help: "Records rejected, counted at each run.",
		}, []string{"sync"}),
		missed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "registrar_slots_missed_total",
			Help: "Slots that this process recorded as missed.",
		}),
		reloadFailed: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "registrar_configuration_reload_failed",
			Help: "1 where the last reload was refused and an older configuration is in force, otherwise 0.",
		}),
		notifications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "registrar_notifications_total",
			Help: "Messages that notifiers sent, or failed to send.",
		}, []string{"notifier", "result"}),
	}
}

// declare lets every counter of what a configuration's schedules run begin at 0, unless it was declared last.
func (m *Metrics) declare(cfg *config.Config) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.declared == cfg {
		return
	}
	m.declared = cfg
	// A unit is of a faculty where all its syncs are that are run together.
	type unit struct{ schedule, address string }
	faculties := map[unit]string{}
	for _, s := range cfg.Syncs {
		if s.Schedule == nil {
			continue // it is run by hand, in another process
		}
		u := unit{s.Schedule.Address, cfg.UnitOf(s)}
		if known, found := faculties[u]; !found {
			faculties[u] = s.Faculty
		} else if known != s.Faculty {
			faculties[u] = ""
		}
		m.rejected.WithLabelValues(s.Address)
		for _, operation := range config.Operations {
			m.operations.WithLabelValues(s.Address, string(operation))
		}
	}
	for u, faculty := range faculties {
		m.duration.WithLabelValues(faculty)
		for _, outcome := range inOrder {
			m.runs.WithLabelValues(u.address, faculty, string(outcome))
		}
	}
	for _, n := range cfg.Notifiers {
		m.notifications.WithLabelValues(n.Address, sent)
		m.notifications.WithLabelValues(n.Address, failed)
	}
}

// ObserveRun counts a run that this process has ended.
func (m *Metrics) ObserveRun(result *run.Result) {
	for i := range result.Units {
		unit := &result.Units[i]
		m.runs.WithLabelValues(unit.Unit, unit.Faculty, string(unit.Outcome)).Inc()
		if unit.Outcome == run.Paused || unit.Outcome == run.Done || unit.Outcome == run.Busy {
			continue // nothing ran
		}
		m.duration.WithLabelValues(unit.Faculty).Observe(unit.EndedOn.Sub(unit.StartedOn).Seconds())
		for j := range unit.Syncs {
			m.observeSync(unit.Outcome, &unit.Syncs[j])
		}
	}
}

func (m *Metrics) observeSync(outcome run.Outcome, s *run.SyncResult) {
	m.rejected.WithLabelValues(s.Sync).Add(float64(s.Rejected))
	if outcome != run.Applied && outcome != run.Partial {
		return // what was planned was not written
	}
	for _, operation := range config.Operations {
		if n := s.Counts[operation]; n > 0 {
			m.operations.WithLabelValues(s.Sync, string(operation)).Add(float64(n))
		}
	}
}

// ObserveMissed counts a slot that was recorded as missed.
func (m *Metrics) ObserveMissed() { m.missed.Inc() }

// ObserveReload tells how a reload of the configuration ended: err is nil where the new one is in force.
func (m *Metrics) ObserveReload(err error) {
	if err != nil {
		m.reloadFailed.Set(1)
		return
	}
	m.reloadFailed.Set(0)
}

// The results of notifications.
const (
	sent   = "sent"
	failed = "failed"
)

// ObserveNotification counts a message: notifier is an address (notify.email.scolarite), err nil where it was
// sent.
func (m *Metrics) ObserveNotification(notifier string, err error) {
	result := sent
	if err != nil {
		result = failed
	}
	m.notifications.WithLabelValues(notifier, result).Inc()
}

// collectors are to be registered once.
func (m *Metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.runs, m.duration, m.operations, m.rejected, m.missed, m.reloadFailed, m.notifications}
}
