package web_test

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/web"
)

// scrape returns the samples of registrar's own metrics, by name and labels.
func scrape(t *testing.T, h http.Handler) map[string]string {
	t.Helper()
	got := get(t, h, "/metrics")
	if got.Code != http.StatusOK {
		t.Fatalf("/metrics: %d\n%s", got.Code, got.Body)
	}
	samples := map[string]string{}
	for line := range strings.Lines(got.Body.String()) {
		if !strings.HasPrefix(line, "registrar_") {
			continue
		}
		at := strings.LastIndex(line, " ")
		samples[line[:at]] = strings.TrimSpace(line[at:])
	}
	return samples
}

func wantSamples(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
}

func TestMetricsOfTheState(t *testing.T) {
	w := populatedWorld(t)
	h := web.New(w.options())
	got := scrape(t, h)
	wantSamples(t, got, map[string]string{
		`registrar_state_reachable`:                                           "1",
		`registrar_held_plans{faculty="sci"}`:                                 "1",
		`registrar_held_plans{faculty="hss"}`:                                 "0",
		`registrar_held_plans{faculty=""}`:                                    "0",
		`registrar_paused_syncs`:                                              "1",
		`registrar_replicas`:                                                  "2",
		`registrar_replica_configurations`:                                    "1",
		`registrar_running_schedules`:                                         "0",
		`registrar_configuration_info{digest="9f2c61d07be4",version="0.6.0"}`: "1",
		// 14:15 and 16:00 in Paris.
		`registrar_next_run_timestamp_seconds{schedule="schedule.working_hours"}`:   "1.7956125e+09",
		`registrar_next_run_timestamp_seconds{schedule="schedule.every_two_hours"}`: "1.7956188e+09",
	})
	// It failed at 14:00, and went through at 13:45, three syncs of 1.7 s after 2 s.
	const failing = `registrar_last_success_timestamp_seconds{sync="sync.staff[\"hss\"]"}`
	if at := time.Date(2026, 11, 25, 13, 45, 7, 100e6, w.now.Location()); got[failing] != seconds(at) {
		t.Errorf("the last success of a sync that fails is %s, want %s", got[failing], seconds(at))
	}
	if _, found := got[`registrar_last_success_timestamp_seconds{sync="sync.buildings"}`]; found {
		t.Error("a sync that never ran has a last success")
	}

	// It goes through, and fails again, before anybody looks.
	working := w.result("schedule.working_hours", w.now.Add(time.Minute), 9001)
	w.save(t, working)
	failed := w.result("schedule.working_hours", w.now.Add(16*time.Minute), 9002)
	unit(t, failed, `sync.staff["hss"]`).Outcome = run.Failed
	w.save(t, failed)
	if got, want := scrape(t, h)[failing], seconds(unit(t, working, `sync.staff["hss"]`).EndedOn); got != want {
		t.Errorf("the success in between is %s, want %s", got, want)
	}

	w.applied[heldPlan] = true
	w.now = w.now.Add(time.Minute)
	wantSamples(t, scrape(t, h), map[string]string{`registrar_held_plans{faculty="sci"}`: "0"})
	// A restart knows as much.
	o := w.options()
	o.Metrics = nil
	if again := scrape(t, web.New(o)); again[failing] != scrape(t, h)[failing] || again[failing] == "" {
		t.Error("a restart forgets the last success")
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	got = scrape(t, h)
	wantSamples(t, got, map[string]string{`registrar_state_reachable`: "0", `registrar_slots_missed_total`: "0"})
	if _, found := got[`registrar_held_plans{faculty="sci"}`]; found {
		t.Error("held plans are counted without the state")
	}
}

func seconds(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'g', -1, 64)
}

func TestMetricsOfTheProcess(t *testing.T) {
	w := newWorld(t)
	h := web.New(w.options())
	r := w.result("schedule.nightly", w.now, 1)
	a, b, c := &r.Units[0], &r.Units[1], &r.Units[2]
	applied(a, map[config.Operation]int64{config.Insert: 3, config.Archive: 2})
	a.Syncs[0].Rejected = 4
	b.Outcome = run.Held
	b.Syncs[0].Counts = map[config.Operation]int64{config.Delete: 900}
	c.Outcome = run.Paused
	w.metrics.ObserveRun(r)
	w.metrics.ObserveRun(r)
	w.metrics.ObserveMissed()
	w.metrics.ObserveReload(errors.New("it does not validate"))
	w.metrics.ObserveNotification("notify.email.scolarite", nil)
	w.metrics.ObserveNotification("notify.email.scolarite", errors.New("down"))
	wantSamples(t, scrape(t, h), map[string]string{
		`registrar_runs_total{faculty="law",outcome="applied",unit="sync.rooms[\"law\"]"}`:   "2",
		`registrar_runs_total{faculty="law",outcome="held",unit="sync.courses[\"law\"]"}`:    "2",
		`registrar_runs_total{faculty="law",outcome="paused",unit="sync.students[\"law\"]"}`: "2",
		`registrar_operations_total{operation="insert",sync="sync.rooms[\"law\"]"}`:          "6",
		`registrar_operations_total{operation="archive",sync="sync.rooms[\"law\"]"}`:         "4",
		`registrar_operations_total{operation="delete",sync="sync.courses[\"law\"]"}`:        "0", // held: not written
		`registrar_rejected_records_total{sync="sync.rooms[\"law\"]"}`:                       "8",
		`registrar_run_duration_seconds_count{faculty="law"}`:                                "4",
		`registrar_run_duration_seconds_sum{faculty="law"}`:                                  "6.8",
		`registrar_slots_missed_total`:                                                       "1",
		`registrar_configuration_reload_failed`:                                              "1",
		`registrar_notifications_total{notifier="notify.email.scolarite",result="sent"}`:     "1",
		`registrar_notifications_total{notifier="notify.email.scolarite",result="failed"}`:   "1",
	})
	w.metrics.ObserveReload(nil)
	wantSamples(t, scrape(t, h), map[string]string{`registrar_configuration_reload_failed`: "0"})
}

// What alerts ask is how much a counter has increased: one that is not there before its first event has not.
func TestCountersBeginAtZero(t *testing.T) {
	w := newWorld(t)
	w.config.Notifiers = []*config.Notifier{{Address: "notify.email.scolarite"}}
	h := web.New(w.options())
	zero := map[string]string{
		`registrar_notifications_total{notifier="notify.email.scolarite",result="sent"}`:     "0",
		`registrar_notifications_total{notifier="notify.email.scolarite",result="failed"}`:   "0",
		`registrar_runs_total{faculty="",outcome="failed",unit="sync.hours"}`:                "0",
		`registrar_runs_total{faculty="law",outcome="failed",unit="sync.rooms[\"law\"]"}`:    "0",
		`registrar_runs_total{faculty="law",outcome="held",unit="sync.rooms[\"law\"]"}`:      "0",
		`registrar_runs_total{faculty="law",outcome="applied",unit="sync.rooms[\"law\"]"}`:   "0",
		`registrar_runs_total{faculty="law",outcome="unchanged",unit="sync.rooms[\"law\"]"}`: "0",
		`registrar_runs_total{faculty="law",outcome="partial",unit="sync.rooms[\"law\"]"}`:   "0",
		`registrar_runs_total{faculty="law",outcome="paused",unit="sync.rooms[\"law\"]"}`:    "0",
		`registrar_runs_total{faculty="law",outcome="busy",unit="sync.rooms[\"law\"]"}`:      "0",
		`registrar_runs_total{faculty="law",outcome="done",unit="sync.rooms[\"law\"]"}`:      "0",
		`registrar_operations_total{operation="insert",sync="sync.rooms[\"law\"]"}`:          "0",
		`registrar_rejected_records_total{sync="sync.rooms[\"law\"]"}`:                       "0",
		`registrar_run_duration_seconds_count{faculty="law"}`:                                "0",
		// What nobody runs on schedule counts nothing.
		`registrar_runs_total{faculty="",outcome="failed",unit="sync.buildings"}`:                   "",
		`registrar_sync_info{faculty="law",schedule="schedule.nightly",sync="sync.rooms[\"law\"]"}`: "1",
		`registrar_sync_info{faculty="",schedule="",sync="sync.buildings"}`:                         "1",
	}
	wantSamples(t, scrape(t, h), zero)
	// What has counted goes on, and what a reload adds begins.
	r := w.result("schedule.nightly", w.now, 1)
	unit(t, r, `sync.rooms["law"]`).Outcome = run.Failed
	w.metrics.ObserveRun(r)
	reloaded := *w.config
	reloaded.Settings.Atomic = config.AtomicFaculty
	w.config = &reloaded
	wantSamples(t, scrape(t, h), map[string]string{
		`registrar_runs_total{faculty="law",outcome="failed",unit="sync.rooms[\"law\"]"}`: "1",
		`registrar_runs_total{faculty="law",outcome="failed",unit="faculty.law"}`:         "0",
		`registrar_runs_total{faculty="",outcome="failed",unit="sync.hours"}`:             "0",
	})
	all := reloaded
	all.Settings.Atomic = config.AtomicAll
	all.Syncs = append(slices.Clone(all.Syncs), &config.Sync{Address: "sync.calendar", Destination: all.Syncs[0].Destination, Schedule: all.Schedules[2]})
	w.config = &all
	wantSamples(t, scrape(t, h), map[string]string{
		`registrar_runs_total{faculty="sci",outcome="failed",unit="all"}`: "0", // all that its schedule runs
		`registrar_runs_total{faculty="",outcome="failed",unit="all"}`:    "0",
		`registrar_runs_total{faculty="law",outcome="failed",unit="all"}`: "", // its schedule has others', too
	})
}

// everyMetric is a handler that has a sample of each metric.
func everyMetric(t *testing.T) http.Handler {
	t.Helper()
	w := populatedWorld(t)
	r := w.result("schedule.nightly", w.now, 1)
	applied(&r.Units[0], map[config.Operation]int64{config.Insert: 3})
	w.metrics.ObserveRun(r)
	w.metrics.ObserveNotification("notify.email.scolarite", nil)
	return web.New(w.options())
}

func TestMetricsLint(t *testing.T) {
	text := get(t, everyMetric(t), "/metrics").Body
	problems, err := promlint.New(text).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestMetricsHoldNoIdentity: labels are bounded by the configuration.
func TestMetricsHoldNoIdentity(t *testing.T) {
	text := get(t, everyMetric(t), "/metrics").Body.String()
	if identity := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-`).FindString(text); identity != "" {
		t.Errorf("the metrics hold an identity: %s", identity)
	}
}

// TestMetricsAreDocumented compares the table of docs/monitoring.md with what is served.
func TestMetricsAreDocumented(t *testing.T) {
	content, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, served []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(registrar_[a-z_]+)`").FindAllStringSubmatch(string(content), -1) {
		documented = append(documented, row[1])
	}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (registrar_[a-z_]+)`).FindAllStringSubmatch(get(t, everyMetric(t), "/metrics").Body.String(), -1) {
		served = append(served, line[1])
	}
	slices.Sort(documented)
	slices.Sort(served)
	if len(served) < 10 || !slices.Equal(documented, served) {
		t.Errorf("docs/monitoring.md has\n%s\nand /metrics\n%s", strings.Join(documented, "\n"), strings.Join(served, "\n"))
	}
	for _, name := range regexp.MustCompile(`registrar_[a-z_]+`).FindAllString(string(content), -1) {
		if name = regexp.MustCompile(`_(count|sum|bucket)$`).ReplaceAllString(name, ""); !slices.Contains(served, name) && name != "registrar_session" {
			t.Errorf("docs/monitoring.md names %s, which is not served", name)
		}
	}
}
