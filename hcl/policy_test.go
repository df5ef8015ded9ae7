package hcl

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

// policies loads policy blocks beside two faculties, a sync of each of them and one of none.
func policies(t *testing.T, text string) map[string]*config.Policy {
	t.Helper()
	each := strings.Replace(syncText("rooms", `{ origin = each.key }`, "", "faculty = each.value"), "source {", "for_each = faculty\n  source {", 1)
	c := mustLoad(t, directory(t, "main.hcl", common+`
faculty "hss" { name = "Humanities" }
faculty "law" { name = "Law" }
`+each+syncText("campus", `{ origin = "x" }`, "", "")+text), testOptions())
	out := make(map[string]*config.Policy)
	for _, p := range c.Policies {
		out[p.Address] = p
	}
	return out
}

func judged(t *testing.T, p *config.Policy, facts config.PlanFacts) string {
	t.Helper()
	obeys, message, err := p.Judge(facts)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case obeys && message == "":
		return "obeys"
	case obeys:
		return "obeys, with a message: " + message
	default:
		return message
	}
}

func counts(pairs ...any) map[config.Operation]int64 {
	out := make(map[config.Operation]int64)
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(config.Operation)] = int64(pairs[i+1].(int))
	}
	return out
}

// aFriday in Paris is a Thursday still in UTC.
func aFriday(t *testing.T) time.Time {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 9, 4, 0, 30, 0, 0, paris)
}

func somePlan(t *testing.T) config.PlanFacts {
	t.Helper()
	return config.PlanFacts{Now: aFriday(t), Speculative: true, Syncs: []config.SyncFacts{
		{
			Sync: `sync.rooms["hss"]`, Faculty: "hss", SourceRows: 90, LiveRows: 100, ArchivedRows: 7, Rejected: 1,
			Counts: counts(config.Insert, 1, config.Update, 2, config.Archive, 4, config.Delete, 8, config.Undelete, 16, config.Rename, 32, config.Adopt, 64, config.Purge, 128),
		},
		{Sync: "sync.campus", SourceRows: 9, LiveRows: 10, Counts: counts(config.Delete, 1000)},
	}}
}

func TestPolicyFacts(t *testing.T) {
	for expr, want := range map[string]string{
		`plan.date`:                                "2026-09-04",
		`plan.month`:                               "9",
		`plan.day`:                                 "4",
		`plan.hour`:                                "0",
		`plan.weekday`:                             "fri",
		`plan.speculative`:                         "true",
		`join(" ", values(plan.count))`:            "64 4 1008 1 128 32 16 2", // by name
		`plan.deletions`:                           "1140",
		`plan.changes`:                             "1255",
		`plan.source_rows`:                         "99",
		`plan.live_rows`:                           "110",
		`plan.archived_rows`:                       "7",
		`plan.rejected`:                            "1",
		`plan.faculty.hss.deletions`:               "140",
		`plan.faculty["hss"].count.update`:         "2",
		`plan.faculty["law"].count.update`:         "0", // which the plan has not
		`plan.sync["sync.campus"].count.delete`:    "1000",
		`plan.sync["sync.rooms[\"law\"]"].changes`: "0",
		`join(" ", keys(plan.sync))`:               `sync.campus sync.rooms["hss"] sync.rooms["law"]`,
	} {
		p := policies(t, `policy "p" {
  condition = plan.live_rows < 0
  message   = "${`+expr+`}"
}`)["policy.p"]
		if got := judged(t, p, somePlan(t)); got != want {
			t.Errorf("%s = %q, want %q", expr, got, want)
		}
	}
}

func TestPolicies(t *testing.T) {
	all := policies(t, `
policy "share" {
  for_each   = faculty
  faculty    = each.value
  condition  = plan.live_rows == 0 || plan.deletions / plan.live_rows <= 0.05
  message    = "${each.value.name}: ${plan.deletions} of ${plan.live_rows}"
  on_failure = "stop"
}
policy "listed" {
  syncs      = [sync.rooms["law"], sync.campus]
  condition  = plan.speculative || plan.weekday == "sat"
  message    = "x"
  on_failure = "warn"
}
policy "all" {
  condition = plan.rejected == null
  message   = "null is false"
}
`)
	type summary struct {
		Syncs     []string
		OnFailure config.PolicyFailure
	}
	got := make(map[string]summary)
	for address, p := range all {
		got[address] = summary{p.Syncs, p.OnFailure}
	}
	if diff := cmp.Diff(map[string]summary{
		`policy.share["hss"]`: {[]string{`sync.rooms["hss"]`}, config.StopPlan},
		`policy.share["law"]`: {[]string{`sync.rooms["law"]`}, config.StopPlan},
		"policy.listed":       {[]string{`sync.rooms["law"]`, "sync.campus"}, config.WarnPlan},
		"policy.all":          {[]string{`sync.rooms["hss"]`, `sync.rooms["law"]`, "sync.campus"}, config.HoldPlan},
	}, got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	share := all[`policy.share["hss"]`]
	if share.Name != "share" || share.Range.Start.Line == 0 {
		t.Errorf("name and place: %+v", share)
	}
	few := config.PlanFacts{Syncs: []config.SyncFacts{{Sync: `sync.rooms["hss"]`, Faculty: "hss", LiveRows: 100, Counts: counts(config.Delete, 5)}}}
	many := config.PlanFacts{Syncs: []config.SyncFacts{{Sync: `sync.rooms["hss"]`, Faculty: "hss", LiveRows: 100, Counts: counts(config.Purge, 6)}}}
	for _, tc := range []struct {
		address, want string
		facts         config.PlanFacts
	}{
		{`policy.share["hss"]`, "obeys", few},
		{`policy.share["hss"]`, "Humanities: 6 of 100", many},
		{`policy.share["hss"]`, "obeys", config.PlanFacts{}}, // asks before it divides
		{"policy.listed", "obeys", somePlan(t)},
		{"policy.listed", "x", few},
		{"policy.all", "null is false", few},
	} {
		if got := judged(t, all[tc.address], tc.facts); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.address, got, tc.want)
		}
	}
}

// A division by zero yields infinity in HCL, which is less than nothing and more than anything.
func TestPolicyMistakesAtPlan(t *testing.T) {
	all := policies(t, `
policy "less" {
  condition = plan.live_rows / plan.deletions > 2
  message   = "x"
}
policy "rest" {
  condition = plan.live_rows % plan.deletions < 2
  message   = "x"
}
policy "message" {
  condition = plan.changes > 0
  message   = "${100 * plan.deletions / plan.live_rows} percent"
}
policy "null" {
  condition = plan.changes > 0
  message   = plan.changes == 0 ? null : "x"
}
`)
	rows := config.PlanFacts{Syncs: []config.SyncFacts{{Sync: "sync.campus", LiveRows: 5}}}
	for address, tc := range map[string]struct {
		facts config.PlanFacts
		want  string
	}{
		"policy.less":    {rows, "division by zero"},
		"policy.rest":    {rows, "division by zero"},
		"policy.message": {config.PlanFacts{}, "division by zero"},
		"policy.null":    {rows, `"message" is null`},
	} {
		obeys, message, err := all[address].Judge(tc.facts)
		if err == nil || obeys || message != "" {
			t.Errorf("%s: obeys = %v, %q, and no error", address, obeys, message)
			continue
		}
		if text := err.Error(); !strings.HasPrefix(text, "main.hcl:") || !strings.Contains(text, tc.want) || strings.HasSuffix(text, ".") {
			t.Errorf("%s: %s", address, text)
		}
	}
}

func TestPolicyIsJudgedConcurrently(t *testing.T) {
	all := policies(t, `policy "p" {
  condition = length([for f in plan.faculty : f if f.deletions >= 10]) == 0
  message   = join(", ", [for label, f in plan.faculty : label if f.deletions >= 10])
}`)
	facts := somePlan(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got := judged(t, all["policy.p"], facts); got != "hss" {
				t.Errorf("the policy says %q", got)
			}
		})
	}
	wait.Wait()
}

// A module's policy looks at the module's syncs, and names them as the module does.
func TestPolicyInModule(t *testing.T) {
	inner := `
variable "of" { type = faculty }
source "csv" "rooms" { directory = "data" }
variable "into" { type = destination }
` + strings.NewReplacer("destination.sqlite.timetable", "var.into").Replace(syncText("inner", `{ a = var.of.label }`, "", "faculty = var.of")) + `
policy "p" {
  condition = plan.sync["sync.inner"].changes + plan.changes == 0
  message   = "${plan.sync["sync.inner"].changes}, ${plan.changes}, ${join(" ", keys(plan.faculty))}"
}
`
	root := common + syncText("campus", `{ origin = "x" }`, "", "") + `
faculty "hss" {}
faculty "law" {}
module "m" {
  source   = "./m"
  for_each = faculty
  of       = each.value
  into     = destination.sqlite.timetable
}
module "none" {
  source   = "./m"
  for_each = {}
  of       = faculty.hss
  into     = destination.sqlite.timetable
}
policy "whole" {
  syncs     = [module.m]
  condition = plan.sync["module.m[\"law\"].sync.inner"].changes == 0
  message   = "x"
}
`
	c := mustLoad(t, directory(t, "main.hcl", root, "m/main.hcl", inner), testOptions())
	got := make(map[string][]string)
	for _, p := range c.Policies {
		got[p.Address] = p.Syncs
	}
	if diff := cmp.Diff(map[string][]string{
		"policy.whole":             {`module.m["hss"].sync.inner`, `module.m["law"].sync.inner`},
		`module.m["hss"].policy.p`: {`module.m["hss"].sync.inner`},
		`module.m["law"].policy.p`: {`module.m["law"].sync.inner`},
	}, got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	facts := config.PlanFacts{Syncs: []config.SyncFacts{{Sync: `module.m["law"].sync.inner`, Faculty: "law", Counts: counts(config.Insert, 3)}}}
	for _, p := range c.Policies {
		want := map[string]string{"policy.whole": "x", `module.m["hss"].policy.p`: "0, 3, hss law", `module.m["law"].policy.p`: "3, 3, law"}[p.Address]
		if got := judged(t, p, facts); got != want {
			t.Errorf("%s: %q, want %q", p.Address, got, want)
		}
	}
}
