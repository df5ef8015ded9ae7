package enginetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// wantPolicies compares the policies that a plan does not obey.
func (w *world) wantPolicies(p *plan.Plan, want ...register.PolicySummary) {
	w.Helper()
	if diff := cmp.Diff(want, p.Policies); diff != "" {
		w.Fatalf("policies that the plan does not obey (-want +got):\n%s", diff)
	}
}

const noDeletions = `
policy "september" {
  condition  = plan.month != 9 || plan.deletions == 0
  message    = "${plan.deletions} deletions in September"
  on_failure = "FAILURE"
}
`

func TestPolicyHolds(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.write("policy.hcl", strings.Replace(noDeletions, "FAILURE", "hold", 1))
		p := w.plan()
		w.wantPolicies(p)
		if p.Held() {
			t.Errorf("held: %+v", p.Syncs())
		}
		w.apply(p)
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		p = w.plan()
		w.wantPolicies(p, register.PolicySummary{Policy: "policy.september", OnFailure: config.HoldPlan, Message: "1 deletions in September", Syncs: []string{"sync.courses"}})
		if s := p.Syncs()[0]; s.Held != "policy.september: 1 deletions in September" || plan.Liftable(&s) != s.Held || p.Blocked() {
			t.Errorf("held: %q, liftable: %q", s.Held, plan.Liftable(&s))
		}
		if at := p.Places["policy.september"]; at != (plan.Place{File: "policy.hcl", Line: 2}) {
			t.Errorf("the policy's place is %+v", at)
		}
		w.wantRecalled(p)
		var held *apply.HeldError
		if _, err := w.tryApply(p); !errors.As(err, &held) {
			t.Errorf("apply: %v", err)
		}
		w.must(w.tryOverride(p, "asked the dean"))
		w.settled()
	})
}

func TestPolicyWarnsAndStops(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.apply(w.plan())
		w.exec(w.source, "UPDATE src_course SET title = 'Analysis'")
		w.write("policy.hcl", "policy \"frozen\" {\n  condition  = plan.count.update == 0\n  message    = \"${plan.count.update} updates\"\n  on_failure = \"warn\"\n}\n")
		p := w.plan()
		w.wantPolicies(p, register.PolicySummary{Policy: "policy.frozen", OnFailure: config.WarnPlan, Message: "1 updates", Syncs: []string{"sync.courses"}})
		if p.Held() {
			t.Errorf("a warning holds: %+v", p.Syncs())
		}
		w.wantRecalled(p)
		w.write("policy.hcl", "policy \"frozen\" {\n  condition  = plan.count.update == 0\n  message    = \"${plan.count.update} updates\"\n  on_failure = \"stop\"\n}\n")
		w.planError("policy.hcl:1: Policy stops the plan: policy.frozen: 1 updates")
	})
}

// What cannot be judged is not obeyed: on_failure says what becomes of the plan.
func TestPolicyThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	w := courses(t, engines()[0], retiring)
	w.course("A", "Algebra", 1)
	divides := "policy \"share\" {\n  condition = 1 / plan.count.update > 0\n  message   = \"none\"\n  on_failure = \"FAILURE\"\n}\n"
	for _, failure := range []config.PolicyFailure{config.HoldPlan, config.WarnPlan} {
		w.write("policy.hcl", strings.Replace(divides, "FAILURE", string(failure), 1))
		p := w.plan()
		if len(p.Policies) != 1 {
			t.Fatalf("%s: %+v", failure, p.Policies)
		}
		got := p.Policies[0]
		if got.OnFailure != failure || !strings.HasPrefix(got.Message, "could not be judged: policy.hcl:2") || !strings.Contains(got.Message, "division by zero") || strings.HasSuffix(got.Message, ".") {
			t.Errorf("%s: %+v", failure, got)
		}
		if held := p.Syncs()[0].Held; p.Held() != (failure == config.HoldPlan) || p.Held() && held != "policy.share: "+got.Message {
			t.Errorf("%s: held %q", failure, held)
		}
		w.wantRecalled(p)
	}
	w.write("policy.hcl", strings.Replace(divides, "FAILURE", "hold", 1))
	w.must(w.tryOverride(w.plan(), "there is nothing to update yet"))
	w.write("policy.hcl", strings.Replace(divides, "FAILURE", "stop", 1))
	w.planError("policy.hcl:1: Policy stops the plan: policy.share: could not be judged: policy.hcl:2")
}

// What it looks at, and what it is told: the operations as the guards left them, of its syncs that are planned, at a civil time.
func TestPolicyFacts(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.edit("max_delete = \"100%\"", "max_delete = 0\n    on_breach = \"hold_deletes\"")
		second := strings.Replace(w.courseSync("others", "THEIRS", retiring), `"src_course"`, `"src_other"`, 1)
		w.define("src_other", "code text", "title text", "hours int")
		w.write("others.hcl", second+"\nregistrar {\n  timezone = \"Europe/Paris\"\n}\n")
		w.course("A", "Algebra", 1)
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src_course")
		w.course("N", "New", 1)

		var asked []config.PlanFacts
		make := func(targets ...string) *plan.Plan {
			t.Helper()
			cfg := w.load()
			cfg.Policies = []*config.Policy{{
				Address: "policy.x", Name: "x", Syncs: []string{"sync.others", "sync.courses"}, OnFailure: config.HoldPlan,
				Judge: func(facts config.PlanFacts) (bool, string, error) {
					asked = append(asked, facts)
					return false, "no", nil
				},
			}}
			o := w.options()
			o.Targets = targets
			p, err := plan.Make(w.Context(), cfg, o)
			w.must(err)
			return p
		}
		p := make()
		if len(asked) != 1 || len(asked[0].Syncs) != 2 {
			t.Fatalf("asked of %+v", asked)
		}
		want := config.SyncFacts{
			Sync:   "sync.courses",
			Counts: map[config.Operation]int64{config.Insert: 1}, SourceRows: 1, LiveRows: 1,
		}
		got := asked[0].Syncs[1]
		for operation, n := range got.Counts {
			if n == 0 {
				delete(got.Counts, operation)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if zone, at := asked[0].Now.Location().String(), asked[0].Now; zone != "Europe/Paris" || !at.Equal(p.CreatedOn) {
			t.Errorf("now is %s", at)
		}
		// The one that has something to do is held, and of those that have not the first.
		for _, s := range p.Syncs() {
			if (s.Held != "") != (s.Sync == "sync.courses") {
				t.Errorf("%s is held: %q", s.Sync, s.Held)
			}
		}
		w.must(w.tryOverride(p, "all is well"))
		if p := make("sync.others"); !p.Held() || len(asked[1].Syncs) != 1 || len(p.Policies[0].Syncs) != 1 {
			t.Errorf("of one sync: held %v, told %+v, policies %+v", p.Held(), asked[1], p.Policies)
		}
		w.edit("sync \"courses\"", "sync \"renamed\"")
		cfg := w.load()
		if make("sync.renamed"); len(asked) != 2 || len(cfg.Syncs) != 2 {
			t.Error("a policy is asked of a plan that has none of its syncs")
		}
	})
}

// What no override lifts stays apart from what a policy holds.
func TestPolicyOfABlockedPlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, removing)
		w.define("mark", "course_id int REFERENCES course (id)", "points int")
		w.course("A", "Algebra", 1)
		w.applied("insert 1")
		w.exec(w.dest, "INSERT INTO mark SELECT id, 15 FROM course")
		w.exec(w.source, "DELETE FROM src_course")
		w.edit("max_delete", "min_source_rows = 0\n    max_delete")
		w.write("policy.hcl", strings.Replace(noDeletions, "FAILURE", "hold", 1))
		s := w.plan().Syncs()[0]
		if s.Blocked == "" || plan.Liftable(&s) != "policy.september: 1 deletions in September" {
			t.Errorf("held %q, blocked %q, liftable %q", s.Held, s.Blocked, plan.Liftable(&s))
		}
	})
}

// A plan says where the configuration writes what it tells of, and nothing else; also one that is recalled, as long as
// the configuration is the same.
func TestPlaces(t *testing.T) {
	t.Parallel()
	w := checked(t, engines()[0], heldByCheck)
	others := strings.Replace(w.courseSync("others", "THEIRS", retiring), `"src_course"`, `"src_other"`, 1)
	w.define("src_other", "code text", "title text", "hours int")
	w.write("others.hcl", others)
	w.write("policy.hcl", "policy \"obeyed\" {\n  condition = true\n  message   = \"never\"\n}\n"+strings.Replace(noDeletions, "FAILURE", "warn", 1))
	w.target = []string{"sync.courses"}
	p := w.plan()
	cfg := w.load()
	want := map[string]plan.Place{}
	for _, s := range cfg.Syncs {
		if s.Address == "sync.courses" {
			want[s.Address] = plan.Place{File: s.Range.File, Line: s.Range.Start.Line}
			want[s.Address+" guard"] = plan.Place{File: s.Guard.Range.File, Line: s.Guard.Range.Start.Line}
		}
	}
	check := cfg.Checks[0]
	want[check.Address] = plan.Place{File: check.Range.File, Line: check.Range.Start.Line}
	if diff := cmp.Diff(want, p.Places); diff != "" || want["sync.courses guard"].Line <= want["sync.courses"].Line {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	w.wantRecalled(p)
	w.write("policy.hcl", "")
	again, err := w.recall(p.ID)
	w.must(err)
	if len(again.Places) > 0 {
		t.Errorf("of another configuration the places are %v", again.Places)
	}
}
