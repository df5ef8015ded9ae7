package run_test

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
)

// TestPolicyHoldsUnit: a policy is asked of each unit's plan, and holds it as a guard does; the others are run.
func TestPolicyHoldsUnit(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.write("policy.hcl", `policy "small" {
  condition = plan.count.insert < 2
  message   = "${plan.count.insert} inserts"
}
`)
	w.adapt = func(cfg *config.Config) { cfg.Settings.Atomic = config.AtomicSync }
	result := w.runAll()
	w.wantUnits(result, "sync.persons applied", "sync.rooms held", "sync.sites applied")
	if u := result.Units[1]; !strings.HasSuffix(u.Message, " is held: sync.rooms: policy.small: 2 inserts") || u.Syncs[0].Held != "policy.small: 2 inserts" {
		t.Errorf("the unit says %+v", u)
	}
	w.wantTable("room")
	w.wantTable("site", "S1 Main")
	w.write("policy.hcl", `policy "small" {
  condition  = plan.count.insert < 2
  message    = "${plan.count.insert} inserts"
  on_failure = "stop"
}
`)
	result = w.runAll()
	w.wantUnits(result, "sync.persons unchanged", "sync.rooms failed", "sync.sites unchanged")
	if u := result.Units[1]; !strings.Contains(u.Message, "policy.hcl:1: Policy stops the plan") || u.Attempts != 1 {
		t.Errorf("the unit says %+v", u)
	}
}

// TestPolicyWarnsOfUnit: what only warns is told once, and the unit is applied.
func TestPolicyWarnsOfUnit(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.write("policy.hcl", `policy "small" {
  condition  = plan.count.insert < 2
  message    = "${plan.count.insert} inserts"
  on_failure = "warn"
}
`)
	var told []string
	w.opts.Warn = func(diags config.Diagnostics) {
		for _, d := range diags {
			told = append(told, d.Subject.String()+": "+d.Summary+": "+d.Detail)
		}
	}
	w.wantUnits(w.runAll(), "sync.persons applied", "sync.rooms applied", "sync.sites applied")
	if want := "policy.hcl:1: Policy not obeyed: policy.small: 2 inserts."; len(told) != 1 || told[0] != want {
		t.Errorf("told %q, want %q", told, want)
	}
}

// TestLimitFailsUnit: a source that is too large is no reason to try again, nor to remove the rest.
func TestLimitFailsUnit(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.runAll()
	w.write("limits.hcl", "registrar {\n  limits {\n    max_rows = 1\n  }\n}\n")
	result := w.runAll()
	w.wantUnits(result, "sync.persons unchanged", "sync.rooms failed", "sync.sites unchanged")
	if u := result.Units[1]; !strings.Contains(u.Message, "max_rows") || u.Attempts != 1 {
		t.Errorf("the unit says %+v", u)
	}
	w.wantTable("room", "R1 Hall", "R2 Lab")
}
