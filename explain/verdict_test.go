package explain_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/explain"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/schedule"
)

var monday = time.Date(2026, 9, 7, 12, 0, 0, 0, time.UTC)

// facts are of a row that the source and the destination have, and that is in step; the changes make them others.
func facts(changes ...func(*explain.Facts)) *explain.Facts {
	sync := &config.Sync{
		Address: "sync.people", Source: config.SyncSource{From: &config.Connection{Address: "source.csv.hr"}},
		Destination: config.SyncDestination{Into: &config.Connection{Address: "destination.sqlite.directory"}, Table: "person", Key: []string{"code"}},
		Columns:     []config.Column{{Name: "code"}, {Name: "name"}},
		Lifecycle:   config.Lifecycle{OnMissing: config.ArchiveMissing, Operations: config.Operations},
		Schedule:    &config.Schedule{Address: "schedule.nightly"},
	}
	f := &explain.Facts{
		Now: monday, Typed: "P1", Config: &config.Config{Settings: config.Settings{Timezone: time.UTC}, Syncs: []*config.Sync{sync}},
		Since: monday.AddDate(0, -1, 0), LastPlan: &register.LastPlan{PlanID: "last", ExecutedOn: monday.Add(-9 * time.Hour)},
		Next: schedule.Entry{Slot: monday.Add(15 * time.Hour), Start: monday.Add(15 * time.Hour)},
		Watched: &plan.Watched{
			Sync: sync, Key: register.Document{{Column: "code", Text: "P1"}}, Planned: true, Described: true,
			KeyNames: []string{"code"}, KeyTexts: []string{"P1"}, ScopeColumns: []string{"origin"},
			Summary: register.SyncSummary{Sync: "sync.people"},
			Records: []plan.WatchedRecord{{Key: []string{"P1"}, Mapped: []plan.WatchedColumn{
				{Name: "code", Values: []plan.WatchedValue{{Name: "code", Text: "P1"}}}, {Name: "name", Values: []plan.WatchedValue{{Name: "name", Text: "Ann"}}},
			}}},
			Rows: []plan.WatchedRow{{Ours: true, Clashes: true, Values: register.Document{{Column: "code", Text: "P1"}, {Column: "name", Text: "Ann"}, {Column: "origin", Text: "HR"}}}},
		},
	}
	for _, change := range changes {
		change(f)
	}
	return f
}

func noRecord(f *explain.Facts) { f.Watched.Records = nil }
func noRow(f *explain.Facts)    { f.Watched.Rows = nil }
func archived(f *explain.Facts) { f.Watched.Rows[0].Archived = true }
func foreign(f *explain.Facts) {
	f.Watched.Rows[0].Ours = false
	f.Watched.Rows[0].Values[2].Text = "HAND"
}

func notPlanned(f *explain.Facts) {
	f.Watched.Planned, f.Watched.Err = false, errors.New("source.csv.hr cannot be read")
}
func noSchedule(f *explain.Facts) { f.Watched.Sync.Schedule, f.Next = nil, schedule.Entry{} }

func does(o config.Operation) func(*explain.Facts) {
	return func(f *explain.Facts) {
		one := register.Operation{Operation: o, Key: register.Document{{Column: "code", Text: "P1"}}}
		if o == config.Update {
			one.Before, one.After = register.Document{{Column: "name", Text: "An"}, {Column: "seen_on", Null: true}}, register.Document{{Column: "name", Text: "Ann"}, {Column: "seen_on", Now: true}}
		}
		f.Watched.Operations = []register.Operation{one}
	}
}

func finds(kind register.FindingKind, message string, detail ...register.Field) func(*explain.Facts) {
	return func(f *explain.Facts) {
		f.Watched.Findings = append(f.Watched.Findings, register.Finding{Kind: kind, Sync: "sync.people", Message: message, Detail: detail})
	}
}

func applied(o config.Operation) func(*explain.Facts) {
	return func(f *explain.Facts) {
		f.Applied = append(f.Applied, register.KeyOperation{
			Operation: register.Operation{Operation: o, Key: register.Document{{Column: "code", Text: "P1"}}, After: register.Document{{Column: "code", Text: "P2"}}},
			PlanID:    "earlier", ExecutedOn: monday.AddDate(0, 0, -3),
		})
	}
}

func checked(f *explain.Facts) {
	f.Watched.Checks = []register.Finding{{Sync: "check.contract", Kind: register.Checked, Message: "their contract has ended"}}
}

// made has a plan wait that nobody decides about.
func made(f *explain.Facts) {
	f.Waiting = []register.KeyOperation{{Operation: register.Operation{Operation: config.Update}, PlanID: "made", CreatedOn: monday.Add(-time.Hour), CreatedBy: "ann@desk"}}
}

// undeleted is of a row that kept its key.
func undeleted(f *explain.Facts) {
	applied(config.Undelete)(f)
	f.Applied[0].After = register.Document{{Column: "deleted_on", Null: true}}
}

func reverted(f *explain.Facts) {
	f.Purposes = map[string]*register.Purpose{"earlier": {Kind: register.Revert, Of: "first"}}
}

// Whatever the facts, nothing is said twice, and nobody is told that there is nothing where there is something.
func TestNothingIsSaidAgainstTheFacts(t *testing.T) {
	t.Parallel()
	all := []func(*explain.Facts){
		noRecord, noRow, archived, foreign, notPlanned, noSchedule, made, undeleted, reverted, checked,
		does(config.Insert), does(config.Update), does(config.Archive), does(config.Delete), does(config.Undelete), does(config.Rename),
		finds(register.Rejected, "has_email: no address"), finds(register.Ignored, ""), finds(register.Unresolved, "team_id: nothing"),
		finds(register.HeldBack, "", register.Field{Column: "operation", Text: "archive"}), finds(register.Protected, "", register.Field{Column: "operation", Text: "update"}),
		applied(config.Insert), applied(config.Delete), applied(config.Rename), applied(config.Archive),
		func(f *explain.Facts) { f.Watched.Summary.Held = "policy.few: too many" },
		func(f *explain.Facts) {
			f.Watched.Policies = []register.PolicySummary{{Policy: "policy.few", Message: "too many", Syncs: []string{"sync.people"}}}
		},
		func(f *explain.Facts) {
			f.Watched.Blocking = []register.Finding{{Sync: "check.contract", Message: "their contract has ended"}}
		},
		func(f *explain.Facts) { f.Watched.Summary.BackReason = "too many" },
		func(f *explain.Facts) {
			f.Pause = &register.Pause{Sync: "sync.people", PausedOn: monday, PausedBy: "ann@desk", Reason: "holidays"}
		},
		func(f *explain.Facts) { f.Approved = map[string]bool{"made": true} },
		func(f *explain.Facts) { f.Watched.Sync.Lifecycle.OnMissing = config.KeepMissing },
		func(f *explain.Facts) { f.Watched.Sync.Lifecycle.Operations = nil },
		func(f *explain.Facts) { f.Closed = &schedule.Reason{Text: "outside the window"} },
		func(f *explain.Facts) { f.Redacted = 2 },
	}
	random := rand.New(rand.NewPCG(1, 2))
	kinds := map[explain.Kind]bool{}
	for range 20_000 {
		var some []func(*explain.Facts)
		var which []int
		for range random.IntN(7) {
			i := random.IntN(len(all))
			// Two of these would look for the row that the first has taken.
			if gone := slices.Contains(which, 1); gone && (i == 2 || i == 3) || slices.Contains(which, i) {
				continue
			}
			some, which = append(some, all[i]), append(which, i)
		}
		f := facts(some...)
		e := f.Explain()
		kinds[e.Verdict.Kind] = true
		said := strings.Join(append([]string{e.Verdict.Sentence}, e.Besides...), "\n")
		w := f.Watched
		if strings.Contains(said, "Neither the source") && len(w.Records)+len(w.Rows)+len(w.Operations)+len(f.Applied)+len(f.Waiting) > 0 {
			t.Fatalf("%v: unknown, though there is something:\n%s", which, said)
		}
		if len(w.Operations) > 0 && strings.Contains(said, "does nothing about it") {
			t.Fatalf("%v: nothing is done, though there is an operation:\n%s", which, said)
		}
		if e.Verdict.Sentence == "" {
			t.Fatalf("%v: no verdict", which)
		}
		seen := map[string]bool{}
		for _, one := range strings.FieldsFunc(strings.ReplaceAll(said, ". ", "\n"), func(r rune) bool { return r == '\n' }) {
			if one = strings.ToLower(strings.TrimSuffix(one, ".")); seen[one] {
				t.Fatalf("%v: said twice: %s\n%s", which, one, said)
			}
			seen[one] = true
		}
	}
	if len(kinds) < 15 {
		t.Errorf("only %v come up", kinds)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	type changes = []func(*explain.Facts)
	for _, test := range []struct {
		name    string
		changes changes
		kind    explain.Kind
		want    string // the sentence
		besides string // in what is said besides
		command string
	}{
		{"in step", nil, explain.InStep, "In step: the row is what the source and the mapping make of it.", "The register holds nothing before 2026-08-07 12:00 UTC: what was done to the row before is not known.", ""},
		{"came back", changes{applied(config.Undelete)}, explain.InStep, "In step: the row is what the source and the mapping make of it.", "It came back: plan earlier undeleted it on 2026-09-04 12:00 UTC.", ""},
		{
			"not a key",
			changes{noRecord, noRow, func(f *explain.Facts) {
				f.Watched.KeyErr, f.Watched.Planned = errors.New(`the key's column "code": the value is too long`), false
			}},
			explain.NotAKey, `No row of table person can have this key: the key's column "code": the value is too long.`, "", "",
		},
		{
			"duplicate",
			changes{notPlanned, func(f *explain.Facts) { f.Watched.Records = append(f.Watched.Records, f.Watched.Records[0]) }},
			explain.Duplicate, "The source has this key more than once: as long as it does, no plan of sync.people can be made, and its rows stay as they are.", "", "",
		},
		{
			"stopped",
			changes{notPlanned, func(f *explain.Facts) {
				f.Watched.Records[0].Asserts = []plan.WatchedAssert{{Name: "known", OnFailure: config.StopFailure, Message: "who is this"}}
			}},
			explain.Stopped, `The record does not obey assert "known", which stops every plan of sync.people. who is this.`, "", "",
		},
		{"source away", changes{noRecord, notPlanned}, explain.CannotTell, "Cannot tell what the next run would do, since no plan can be made: source.csv.hr cannot be read. The row is there.", "", ""},
		{"source away, archived", changes{noRecord, notPlanned, archived, applied(config.Archive)}, explain.CannotTell, "Cannot tell what the next run would do, since no plan can be made: source.csv.hr cannot be read. The row is there, and archived on 2026-09-04 12:00 UTC by plan earlier.", "", ""},
		{"destination away", changes{noRecord, noRow, notPlanned, func(f *explain.Facts) { f.Watched.Described, f.RegisterErr = false, errors.New("connect: refused") }}, explain.CannotTell, "Cannot tell what the next run would do, since no plan can be made: source.csv.hr cannot be read.", "The register cannot be asked: connect: refused.", ""},
		{"rejected", changes{noRow, finds(register.Rejected, "has_email: no address")}, explain.Rejected, "Rejected, so that no row is written: has_email: no address.", "", ""},
		{"rejected, with a row", changes{finds(register.Rejected, "has_email: no address")}, explain.Rejected, "Rejected, so that the row stays as it is: has_email: no address.", "", ""},
		{
			"lookup",
			changes{noRow, finds(register.Rejected, `team_id: no row of the looked-up table has name = "x, y"`), func(f *explain.Facts) {
				f.Config.Syncs = append(f.Config.Syncs, &config.Sync{Address: "sync.teams", Destination: config.SyncDestination{Key: []string{"site", "name"}}})
				f.Watched.Lookups = []plan.WatchedLookup{{Column: "team_id", Table: "team", Keys: register.Document{{Column: "name", Text: "x, y"}, {Column: "site", Text: "N"}}, Owners: []string{"sync.teams"}}}
			}},
			explain.Rejected, `Rejected, so that no row is written: team_id: no row of the looked-up table has name = "x, y".`, "", `registrar explain sync.teams N,"x, y"`,
		},
		{"unresolved", changes{finds(register.Unresolved, "team_id: nothing")}, explain.Unresolved, `A lookup finds nothing, and on_unresolved = "null" has NULL written: team_id: nothing.`, "In step", ""},
		{"another origin", changes{foreign, finds(register.Ignored, "")}, explain.OtherOrigin, `Another origin has the row (origin = "HAND"), and sync.people leaves it alone.`, "", ""},
		{"another origin, masked", changes{foreign, finds(register.Ignored, ""), func(f *explain.Facts) { f.Watched.Summary.Sensitive = []string{"origin"} }}, explain.OtherOrigin, `Another origin has the row (origin = (sensitive)), and sync.people leaves it alone.`, "", ""},
		{"another origin, and not in the source", changes{foreign, noRecord}, explain.OtherOrigin, `Another origin has the row (origin = "HAND"), and sync.people leaves it alone. The source lacks it.`, "", ""},
		{"another origin's namesake", changes{foreign, func(f *explain.Facts) { f.Watched.Rows[0].Clashes = false }, does(config.Insert)}, explain.Waiting, "The source has it, and the destination does not. It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be inserted on 2026-09-08 03:00 UTC.", "", ""},
		{"waiting", changes{does(config.Update)}, explain.Waiting, "The source has another value than the destination (name). It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be updated on 2026-09-08 03:00 UTC.", "", ""},
		{"waiting to be archived", changes{noRecord, checked, does(config.Archive)}, explain.Waiting, "The source lacks it. check.contract says: their contract has ended. It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be archived on 2026-09-08 03:00 UTC.", "", ""},
		{"never run", changes{noRow, does(config.Insert), func(f *explain.Facts) { f.LastPlan = nil }}, explain.Waiting, "The source has it, and the destination does not. It waits for the next run: it will be inserted on 2026-09-08 03:00 UTC.", "", ""},
		{"deleted, and back", changes{noRow, does(config.Insert), applied(config.Delete)}, explain.Waiting, "The source has it, and the destination does not. It was there before, until plan earlier deleted it on 2026-09-04 12:00 UTC. It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be inserted on 2026-09-08 03:00 UTC.", "", ""},
		{"archived, and back", changes{archived, does(config.Undelete), applied(config.Archive)}, explain.Waiting, "The source has it again; it is archived on 2026-09-04 12:00 UTC by plan earlier. It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be undeleted on 2026-09-08 03:00 UTC.", "", ""},
		{"code changed", changes{noRecord, does(config.Archive), finds(register.Renamed, "moved {}")}, explain.Waiting, "The source lacks it. It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be archived on 2026-09-08 03:00 UTC.", "The code may have changed at the source: a record that comes is alike", ""},
		{"no schedule", changes{does(config.Update), noSchedule}, explain.Unscheduled, "The source has another value than the destination (name). The next plan has it updated, and somebody must apply that: sync.people has no schedule.", "", "registrar plan --target sync.people --out plan.json"},
		{
			"out of season",
			changes{does(config.Update), func(f *explain.Facts) {
				f.Next, f.Closed = schedule.Entry{}, &schedule.Reason{Text: "outside the active period (until 2026-07-01)"}
			}},
			explain.Unscheduled, "The source has another value than the destination (name). It is to be updated, but no run of schedule.nightly comes: now is outside the active period (until 2026-07-01).", "No run may start now", "",
		},
		{
			"maintenance",
			changes{does(config.Update), func(f *explain.Facts) { f.Closed = &schedule.Reason{Text: `exception "maintenance"`} }},
			explain.Waiting, "The source has another value than the destination (name). It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be updated on 2026-09-08 03:00 UTC.", `No run may start now: exception "maintenance".`, "",
		},
		{
			"pending",
			changes{does(config.Update), func(f *explain.Facts) {
				f.Waiting = []register.KeyOperation{{Operation: register.Operation{Operation: config.Update}, PlanID: "made", CreatedOn: monday.Add(-time.Hour), CreatedBy: "ann@desk"}}
				f.Approved = map[string]bool{"made": true}
			}},
			explain.Pending, "Plan made, made on 2026-09-07 11:00 UTC by ann@desk, has it updated, and was approved, and waits to be applied.", "It waits for the next run", "registrar show made",
		},
		{
			"made, and nobody decides about it",
			changes{does(config.Update), made},
			explain.Waiting, "The source has another value than the destination (name). It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be updated on 2026-09-08 03:00 UTC.",
			"Plan made, made on 2026-09-07 11:00 UTC by ann@desk, has it updated, too, and was not applied.", "",
		},
		{
			"made, and no schedule",
			changes{does(config.Update), made, noSchedule},
			explain.Unscheduled, "The source has another value than the destination (name). The next plan has it updated, and somebody must apply that: sync.people has no schedule.",
			"has it updated, too", "registrar show made\nregistrar plan --target sync.people --out plan.json",
		},
		{"left over in a plan", changes{noRecord, noRow, made}, explain.NotInSource, "Not in the source and not in the destination. Plan made, made on 2026-09-07 11:00 UTC by ann@desk, has it updated.", "", ""},
		{
			"masked assert",
			changes{noRow, finds(register.Rejected, "mail"), func(f *explain.Facts) {
				f.Watched.Records[0].Asserts = []plan.WatchedAssert{{Name: "mail", Secret: "whose it is"}}
			}},
			explain.Rejected, `Rejected, so that no row is written: assert "mail" does not hold (its message is masked).`, "", "",
		},
		{
			"duplicate elsewhere, and another origin's",
			changes{noRecord, notPlanned, foreign},
			explain.CannotTell, "Cannot tell what the next run would do, since no plan can be made: source.csv.hr cannot be read.", `Another origin has the row (origin = "HAND")`, "",
		},
		{
			"several mistakes",
			changes{noRecord, noRow, func(f *explain.Facts) {
				f.Watched.Planned, f.Watched.Err = false, errors.Join(errors.New("one"), errors.Join(errors.New("two"), errors.New("three")))
			}},
			explain.CannotTell, "Cannot tell what the next run would do, since no plan can be made: one. two. three. There is no such row.", "", "",
		},
		{"undeleted, and gone", changes{noRecord, noRow, undeleted}, explain.NotInSource, "Not in the source and not in the destination any more. The last that was done is an undelete, on 2026-09-04 12:00 UTC by plan earlier.", "", ""},
		{
			"deleted by a revert",
			changes{noRecord, noRow, applied(config.Delete), reverted},
			explain.Deleted, "Deleted on 2026-09-04 12:00 UTC: what was done to it was undone by plan earlier (revert of first).", "", "registrar show earlier",
		},
		{"archived by a revert", changes{noRecord, archived, applied(config.Archive), reverted}, explain.Archived, "Archived on 2026-09-04 12:00 UTC by plan earlier (revert of first). The source lacks it.", "", ""},
		{
			"redacted",
			changes{noRecord, noRow, func(f *explain.Facts) { f.Redacted, f.Since = 3, time.Time{} }},
			explain.Unknown, "Neither the source nor the destination nor the register knows this key: check it. Of 3 operations of sync.people the register has redacted the keys: this may have been one.", "", "",
		},
		{
			"held by rows that refer to it",
			changes{noRecord, does(config.Delete), func(f *explain.Facts) {
				f.Watched.Summary.Held, f.Watched.Summary.Blocked = "1 rows of table enrolment refer to it", "1 rows of table enrolment refer to it"
				f.Watched.Referring = []string{"sync.enrolments"}
			}},
			explain.Held, "The source lacks it. It is to be deleted, but sync.people is held: 1 rows of table enrolment refer to it.",
			"A plan of all together (registrar plan) removes the rows that refer to it, too, where their source lacks them: sync.enrolments.", "registrar plan",
		},
		{
			"another of its unit is held",
			changes{does(config.Update), func(f *explain.Facts) { f.Watched.HeldWith = []string{"sync.rooms: too many"} }},
			explain.Held, "It is to be updated, but the unit that sync.people is run in is held: sync.rooms: too many.", "", "",
		},
		{
			"without what is run before it",
			changes{func(f *explain.Facts) {
				f.Watched.Aside = []plan.Aside{{Err: errors.New("a key twice")}, {Unit: "sync.rooms", Reason: "sync.rooms: too many"}}
			}},
			explain.InStep, "In step: the row is what the source and the mapping make of it.",
			"With what is run before it no plan can be made, so that those rows are taken as they are: a key twice.\nsync.rooms is run before it, and is not applied, so that its rows are taken as they are: sync.rooms: too many.", "",
		},
		{
			"held, and waiting for a decision",
			changes{does(config.Update), func(f *explain.Facts) {
				f.Waiting = []register.KeyOperation{{Operation: register.Operation{Operation: config.Update}, PlanID: "made", CreatedOn: monday.Add(-time.Hour), CreatedBy: "ann@desk", Held: true}}
			}},
			explain.Pending, "Plan made, made on 2026-09-07 11:00 UTC by ann@desk, has it updated, and is held, and waits for a decision.", "", "",
		},
		{
			"another plan waits",
			changes{does(config.Update), func(f *explain.Facts) {
				f.Waiting = []register.KeyOperation{{Operation: register.Operation{Operation: config.Archive}, PlanID: "made"}}
			}},
			explain.Waiting, "The source has another value than the destination (name). It waits for the next run (the last one applied is of 2026-09-07 03:00 UTC): it will be updated on 2026-09-08 03:00 UTC.", "", "",
		},
		{
			"paused",
			changes{does(config.Update), func(f *explain.Facts) {
				f.Pause = &register.Pause{Sync: "sync.people", PausedOn: monday.Add(-24 * time.Hour), PausedBy: "ann@desk", Reason: "holidays"}
			}},
			explain.Paused, "It is to be updated, but sync.people is paused since 2026-09-06 12:00 UTC by ann@desk: holidays.", "", "registrar resume sync.people",
		},
		{"in step and paused", changes{func(f *explain.Facts) {
			f.Pause = &register.Pause{Sync: "sync.people", PausedOn: monday, PausedBy: "ann@desk", Reason: "holidays"}
		}}, explain.InStep, "In step: the row is what the source and the mapping make of it.", "sync.people is paused since", ""},
		{
			"held",
			changes{does(config.Update), func(f *explain.Facts) {
				f.Watched.Summary.Held = "check.codes found 1"
				f.Watched.Blocking = []register.Finding{{Sync: "check.codes", Message: "somebody edited it"}}
			}},
			explain.Held, "It is to be updated, but sync.people is held: check.codes found 1.", "check.codes says: somebody edited it.", "registrar plan --target sync.people",
		},
		{
			"removals held back",
			changes{noRecord, finds(register.HeldBack, "", register.Field{Column: "operation", Text: "archive"}), func(f *explain.Facts) { f.Watched.Summary.BackReason = "too many" }},
			explain.HeldBack, "The source lacks it. The guard holds removals back, so that an archive is not done: too many.", "", "",
		},
		{"protected", changes{finds(register.Protected, "", register.Field{Column: "operation", Text: "update"})}, explain.Protected, "lifecycle.protect protects the row, so that an update is not done.", "", ""},
		{
			"not allowed",
			changes{func(f *explain.Facts) {
				f.Watched.Rows[0].Values[1].Text, f.Watched.Sync.Lifecycle.Operations = "An", []config.Operation{config.Insert}
				f.Watched.Summary.Withheld = map[config.Operation]int64{config.Update: 1}
			}},
			explain.Withheld, "lifecycle.operations of sync.people does not allow an update, which would be done.", "", "",
		},
		{"archived", changes{noRecord, archived, applied(config.Archive)}, explain.Archived, "Archived on 2026-09-04 12:00 UTC by plan earlier, since the source lacks it.", "", "registrar show earlier"},
		{"archived before the register", changes{noRecord, archived}, explain.Archived, "Archived, since the source lacks it.", "The register holds nothing before 2026-08-07 12:00 UTC", ""},
		{"archived, and a check knows why", changes{noRecord, archived, checked}, explain.Archived, "Archived, since the source lacks it. check.contract says: their contract has ended.", "", ""},
		{"kept", changes{noRecord, func(f *explain.Facts) { f.Watched.Sync.Lifecycle.OnMissing = config.KeepMissing }}, explain.Kept, `The source lacks it. The row stays: on_missing = "keep".`, "", ""},
		{"deleted", changes{noRecord, noRow, applied(config.Delete)}, explain.Deleted, "Deleted on 2026-09-04 12:00 UTC by plan earlier (delete): the source lacks it.", "", "registrar show earlier"},
		{"renamed", changes{noRecord, noRow, applied(config.Rename)}, explain.Renamed, "The row has another key now: plan earlier renamed it on 2026-09-04 12:00 UTC.", "", ""},
		{"left out of the source", changes{noRecord, noRow, checked}, explain.NotInSource, "Not in the source, as the sync reads it, and so not in the destination. check.contract says: their contract has ended.", "", ""},
		{"gone from both", changes{noRecord, noRow, applied(config.Update)}, explain.NotInSource, "Not in the source and not in the destination any more. The last that was done is an update, on 2026-09-04 12:00 UTC by plan earlier.", "", ""},
		{"unknown", changes{noRecord, noRow}, explain.Unknown, "Neither the source nor the destination nor the register knows this key: check it. The register holds nothing before 2026-08-07 12:00 UTC.", "", ""},
		{"unknown, nothing applied", changes{noRecord, noRow, func(f *explain.Facts) { f.Since = time.Time{} }}, explain.Unknown, "Neither the source nor the destination nor the register knows this key: check it.", "", ""},
		{
			"a task with nothing to do",
			changes{noRow, func(f *explain.Facts) {
				f.Watched.Records[0].Task, f.Watched.Sync.Source.Queries = config.Update, []config.TaskQuery{{Task: config.Update}}
			}},
			explain.NotWritten, "The source names it among the rows to update, of which there is nothing to do.", "", "",
		},
		{"left alone by ignore_changes", changes{func(f *explain.Facts) {
			f.Watched.Ignored, f.Watched.Rows[0].Values[1].Text = []string{"name"}, "Annie"
		}}, explain.InStep, "In step: the row is what the source and the mapping make of it.", "Changed in the destination, and left so by ignore_changes: name.", ""},
		{"failed before", changes{func(f *explain.Facts) {
			f.LastRun = &register.Run{Status: register.RunFailed, StartedOn: monday.Add(-9 * time.Hour), Message: "source.csv.hr cannot be read"}
		}}, explain.InStep, "In step: the row is what the source and the mapping make of it.", "The last run, on 2026-09-07 03:00 UTC, ended as failed: source.csv.hr cannot be read.", ""},
		{"another policy", changes{func(f *explain.Facts) {
			f.Watched.Policies = []register.PolicySummary{{Policy: "policy.few", Message: "too many", Syncs: []string{"sync.people"}}}
		}}, explain.InStep, "In step: the row is what the source and the mapping make of it.", "The plan does not obey policy.few: too many.", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := facts(test.changes...).Explain()
			if got.Verdict.Kind != test.kind || got.Verdict.Sentence != test.want {
				t.Errorf("%s: %s\nwant\n%s: %s", got.Verdict.Kind, got.Verdict.Sentence, test.kind, test.want)
			}
			if said := strings.Join(got.Besides, "\n"); !strings.Contains(said, test.besides) {
				t.Errorf("besides it says\n%s\nwant among it %s", said, test.besides)
			}
			var commands []string
			for _, words := range got.Commands {
				commands = append(commands, strings.Join(words, " "))
			}
			if said := strings.Join(commands, "\n"); test.command != "" && said != test.command {
				t.Errorf("the commands are %s, want %s", said, test.command)
			}
		})
	}
}
