package apply

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

func TestAdmissible(t *testing.T) {
	noon := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	back := map[config.Operation]int64{config.Delete: 2}
	for name, test := range map[string]struct {
		syncs    []register.SyncSummary
		change   func(p *plan.Plan)
		override string
		want     []string // parts of the error; none where the plan may be applied
		held     bool
	}{
		"ready":                 {syncs: []register.SyncSummary{{}}},
		"held":                  {syncs: []register.SyncSummary{{Sync: "sync.a", Held: "too many"}, {Sync: "sync.b", Held: "too few"}}, want: []string{"is held: sync.a: too many; sync.b: too few\n", `registrar apply 1 --override "REASON"`}, held: true},
		"overridden":            {syncs: []register.SyncSummary{{Held: "too many"}}, override: "I know"},
		"blocked":               {syncs: []register.SyncSummary{{Sync: "sync.a", Held: "too many", Blocked: "2 rows refer to it"}}, want: []string{"sync.a: too many; sync.a: 2 rows refer to it\nNo override helps"}, held: true},
		"blocked, overridden":   {syncs: []register.SyncSummary{{Held: "too many", Blocked: "2 rows refer to it"}}, override: "I know", want: []string{"2 rows refer to it", "No override helps"}, held: true},
		"blocked twice":         {syncs: []register.SyncSummary{{Sync: "sync.a", Held: "too many; 2 rows refer to it", Blocked: "2 rows refer to it"}}, want: []string{"is held: sync.a: too many; sync.a: 2 rows refer to it\n"}, held: true},
		"blocked by one reason": {syncs: []register.SyncSummary{{Sync: "sync.a", Held: "2 rows refer to it", Blocked: "2 rows refer to it"}}, want: []string{"is held: sync.a: 2 rows refer to it\n"}, held: true},
		"blocked only":          {syncs: []register.SyncSummary{{Blocked: "2 rows refer to it"}}, override: "I know", want: []string{"No override helps"}, held: true},
		"nothing to override":   {syncs: []register.SyncSummary{{}}, override: "I know", want: []string{"nothing to override"}},
		"held back":             {syncs: []register.SyncSummary{{HeldBack: back}}},
		"held back, override":   {syncs: []register.SyncSummary{{HeldBack: back}}, override: "I know", want: []string{"what on_breach withheld is not in it"}},
		"speculative":           {syncs: []register.SyncSummary{{Held: "too many"}}, change: func(p *plan.Plan) { p.Speculative = true }, override: "I know", want: []string{"speculative"}},
		"expired":               {syncs: []register.SyncSummary{{Held: "too many"}}, change: func(p *plan.Plan) { p.ExpiresOn = noon.Add(-time.Second) }, override: "I know", want: []string{"it expired on"}},
		"another configuration": {syncs: []register.SyncSummary{{Held: "too many"}}, change: func(p *plan.Plan) { p.ConfigDigest = "x" }, want: []string{"another configuration"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &plan.Plan{ID: "1", ConfigDigest: "d", ExpiresOn: noon, Destinations: []plan.Destination{{Syncs: test.syncs}}}
			if test.change != nil {
				test.change(p)
			}
			err := admissible(&config.Config{Digest: "d"}, p, Options{Now: func() time.Time { return noon }, Override: test.override})
			if len(test.want) == 0 {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("not refused")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("want %q in %q", want, err)
				}
			}
			if _, held := errors.AsType[*HeldError](err); held != test.held {
				t.Errorf("held = %v, want %v: the exit code depends on it", held, test.held)
			}
		})
	}
}

// A file from which the reason was taken does not make a plan ready: the register rules.
func TestHeldByTheRegister(t *testing.T) {
	p := &plan.Plan{ID: "1", Destinations: []plan.Destination{{Syncs: []register.SyncSummary{{}}}}}
	err := checkHeld(p, true, nil, Options{})
	if _, held := errors.AsType[*HeldError](err); !held || !strings.Contains(err.Error(), "the register has it as held") {
		t.Errorf("a plan held in the register: %v", err)
	}
	err = checkHeld(p, true, []register.SyncSummary{{Sync: "sync.a", Blocked: "why"}}, Options{Override: "I know"})
	if _, held := errors.AsType[*HeldError](err); !held || !strings.Contains(err.Error(), "sync.a: why") {
		t.Errorf("a plan blocked in the register: %v", err)
	}
	if err := checkHeld(p, true, nil, Options{Override: "I know"}); err != nil {
		t.Errorf("overridden: %v", err)
	}
	if _, ok := errors.AsType[*RefusedError](checkHeld(p, false, nil, Options{Override: "I know"})); !ok {
		t.Error("an override of a plan that is not held is not refused")
	}
}
