package view_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/run"
)

func aRun() *run.Result {
	counts := func(n int64) map[config.Operation]int64 {
		return map[config.Operation]int64{config.Insert: n, config.Archive: 1}
	}
	return &run.Result{
		ID: "00000000-0000-4000-8000-00000000f00d", Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: time.Date(2026, 9, 1, 0, 30, 0, 0, time.UTC),
		Units: []run.UnitResult{
			{
				Unit: `sync.rooms["hss"]`, Faculty: "hss", Outcome: run.Applied, Attempts: 2,
				Syncs: []run.SyncResult{{Counts: counts(4), Rejected: 1, Warned: 2, Unresolved: 3, Checks: map[string]int64{"check.a": 2}}},
				Observed: []run.Observation{
					{Observer: "on_change.left", Sync: `sync.rooms["hss"]`, Rows: 2, Keys: []string{`"R1"`, "(sensitive)"}},
					{Observer: "on_change.came", Sync: `sync.rooms["hss"]`, Rows: 1},
				},
			},
			{Unit: "faculty.law", Faculty: "law", Outcome: run.Unchanged, Attempts: 1, Syncs: []run.SyncResult{{}, {}}},
			{
				Unit: `sync.people["hss"]`, Faculty: "hss", Outcome: run.Held, Attempts: 1, PlanID: "00000000-0000-4000-8000-000000000001",
				Message: "plan 00000000-0000-4000-8000-000000000001 is held: sync.people[\"hss\"]: the source has 0 rows, min_source_rows asks for 1",
				Syncs:   []run.SyncResult{{Counts: map[config.Operation]int64{config.Archive: 40}}},
			},
			{
				Unit: "sync.sites", Outcome: run.Held, Blocked: true, Attempts: 1, PlanID: "00000000-0000-4000-8000-000000000002",
				Message: "plan 00000000-0000-4000-8000-000000000002 is held: sync.sites: 1 rows to delete are referred to. No override helps: change the source",
			},
			{Unit: "sync.b", Outcome: run.Partial, Attempts: 1, Message: "sync.b: held back: 9 rows would be touched by delete", Syncs: []run.SyncResult{{Counts: counts(1)}}},
			{Unit: "sync.c", Outcome: run.Paused, Attempts: 1, Message: "sync.c: paused by ops@example.org since 2026-09-01 00:10 UTC: moving\x1b[2J house"},
			{Unit: "sync.d", Outcome: run.Done, Attempts: 1},
			{Unit: "sync.e", Outcome: run.Failed, Attempts: 4, Message: "main.hcl:3: Unknown table: no table \"a\".\nmain.hcl:9: Unknown table: no table \"b\"."},
		},
	}
}

func TestRun(t *testing.T) {
	render(t, "run", func(v *view.View) error {
		v.Run(aRun())
		return nil
	})
}

func TestRunOfNothing(t *testing.T) {
	render(t, "run_nothing", func(v *view.View) error {
		v.Run(&run.Result{})
		v.Run(&run.Result{Units: []run.UnitResult{{Unit: "sync.a", Outcome: run.Unchanged, Attempts: 1}}})
		v.Retrying(run.Retrying{Unit: "sync.a", Attempt: 1, Of: 4, Wait: 30 * time.Second, Message: "source.csv.a: open directory \"data\": file does not exist\nmore"})
		v.RunWarning("The run could not be remembered: %s", "the disk is full")
		return nil
	})
}

func TestRunJSON(t *testing.T) {
	var out bytes.Buffer
	if err := view.New(&out, view.Options{Colour: true, Width: 60}).RunJSON(aRun()); err != nil {
		t.Fatal(err)
	}
	golden(t, "run.json", out.Bytes())
}
