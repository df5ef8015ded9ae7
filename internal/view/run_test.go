package view_test

import (
	"bytes"
	"strings"
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
			{
				Unit: "sync.c", Outcome: run.Paused, Attempts: 1, Message: "sync.c: paused by ops@example.org since 2026-09-01 00:10 UTC: moving\x1b[2J\n  sync.z: applied",
				Syncs: []run.SyncResult{{Sync: "sync.c", Paused: "paused by ops@example.org since 2026-09-01 00:10 UTC: moving\x1b[2J\n  sync.z: applied"}},
			},
			{Unit: "sync.d", Outcome: run.Done, Attempts: 1},
			{
				Unit: "faculty.both", Outcome: run.Failed, Attempts: 1, PlanID: "00000000-0000-4000-8000-000000000003", Applied: []string{"destination.sqlite.a"},
				Message: "destination.sqlite.b: connect: refused",
				Syncs: []run.SyncResult{
					{Sync: "sync.f", Destination: "destination.sqlite.a", Counts: counts(7)}, {Sync: "sync.g", Destination: "destination.sqlite.b", Counts: counts(100)},
				},
			},
			{Unit: "sync.e", Outcome: run.Failed, Attempts: 4, Message: "main.hcl:3: Unknown table: no table \"a\".\nmain.hcl:9: Unknown table: no table \"b\"."},
		},
	}
}

func TestRun(t *testing.T) {
	render(t, "run", func(v *view.View) error {
		v.Run(aRun(), view.RunOptions{Program: "registrar --chdir '/etc/the registrar'"})
		return nil
	})
}

func TestRunOfNothing(t *testing.T) {
	render(t, "run_nothing", func(v *view.View) error {
		v.Run(&run.Result{}, view.RunOptions{})
		v.Run(&run.Result{Units: []run.UnitResult{{Unit: "sync.a", Outcome: run.Unchanged, Attempts: 1}}}, view.RunOptions{})
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

// Quiet leaves out what went well, and says nothing where all did.
func TestRunQuiet(t *testing.T) {
	var out bytes.Buffer
	v := view.New(&out, view.Options{})
	v.Run(&run.Result{Schedule: "schedule.nightly", Units: []run.UnitResult{
		{Unit: "sync.a", Outcome: run.Applied}, {Unit: "sync.b", Outcome: run.Unchanged}, {Unit: "sync.c", Outcome: run.Done},
	}}, view.RunOptions{Quiet: true})
	if out.Len() > 0 {
		t.Errorf("all went well, and it says %q", out.String())
	}
	result := aRun()
	result.Units = append(result.Units, run.UnitResult{Unit: "faculty.partly", Outcome: run.Unchanged, Syncs: []run.SyncResult{{}, {Paused: "paused by ops"}}})
	v.Run(result, view.RunOptions{Quiet: true})
	for _, want := range []string{"sync.people[\"hss\"]: held", "sync.b: applied in part", "sync.c: paused", "sync.e: failed", "faculty.partly: unchanged", "1 applied, "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	for _, other := range []string{"sync.rooms", "faculty.law:", "sync.d"} {
		if strings.Contains(out.String(), other) {
			t.Errorf("it tells of %s:\n%s", other, out.String())
		}
	}
}
