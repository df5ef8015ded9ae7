package enginetest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
)

// signedPlan is a plan that is saved with a key, which is trusted.
func signedPlan(t *testing.T, e engine) (w *world, p *plan.Plan, try func(*plan.Plan) error) {
	t.Helper()
	w, p = twoPlanned(t, e)
	key := w.signKey()
	return w, w.saved(p, key), func(p *plan.Plan) error { return w.applyTrusting(p, 0, publics(key)...) }
}

func TestReplayIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, try := signedPlan(t, e)
		w.must(try(p))
		w.exec(w.dest, "DELETE FROM room") // so that it could be done again
		var applied *apply.AppliedError
		if err := try(p); !errors.As(err, &applied) || !strings.Contains(err.Error(), "was applied already") {
			t.Errorf("a second apply: %v", err)
		}
		w.wantRooms()
	})
}

// A file whose plan says something else than the one that was signed is not even opened.
func TestTamperedFileIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		w.exec(w.source, "DELETE FROM src WHERE code = 'R2'")
		other := w.file(w.plan(), nil)
		path := w.file(p, w.signKey())
		w.editFile(other, func(otherFile map[string]json.RawMessage) {
			w.editFile(path, func(file map[string]json.RawMessage) {
				// With the checksum that fits it: anybody can compute that.
				file["plan"], file["checksum"] = otherFile["plan"], otherFile["checksum"]
			})
		})
		var refused *plan.FileError
		if _, err := plan.Open(path, plan.OpenOptions{}); !errors.As(err, &refused) || !strings.Contains(err.Error(), "its signature does not fit what it holds") {
			t.Errorf("open = %v", err)
		}
	})
}

// Without a signature a file can say anything: what the register holds must be what it says.
func TestFileAndRegisterMustAgree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		try := func(change func(p *plan.Plan), reason string) {
			t.Helper()
			changed := w.saved(p, nil)
			change(changed)
			wantRefused[*apply.RefusedError](w, w.applyTrusting(changed, 0), reason)
		}
		try(func(p *plan.Plan) { p.Destinations[0].Digest = strings.Repeat("0", 64) }, "the file has it with other operations than the register")
		try(func(p *plan.Plan) { p.Destinations[0].Syncs = nil }, "the register has it with other syncs than the file")
		try(func(p *plan.Plan) { p.ID = "00000000-0000-4000-8000-ffffffffffff" }, "the register does not hold it")
		// What is only the register's counts as well.
		w.exec(w.dest, "UPDATE "+w.registerTable("plan")+" SET config_digest = 'another'")
		try(func(*plan.Plan) {}, "the register has it with another configuration than the file")
	})
}

func TestPartOfAPlanIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, _ := twoRooms(t, e)
		w.room("R1", "One", 1)
		p := w.plan()
		p.Destinations = p.Destinations[:1]
		wantRefused[*apply.RefusedError](w, w.applyTrusting(p, 0), "the register has it with other destinations than the file")
	})
}

func TestTamperedRegisterIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for name, statement := range map[string]string{
			"an operation is gone":     "DELETE FROM {operation} WHERE plan_id = '{id}' AND seq = (SELECT s.last FROM (SELECT min(o.seq) AS last FROM {operation} o WHERE o.plan_id = '{id}') s)",
			"an operation is another":  "UPDATE {operation} SET operation = 'delete' WHERE plan_id = '{id}'",
			"an operation of others":   "UPDATE {operation} SET sync = 'sync.more' WHERE plan_id = '{id}'",
			"an operation came to it":  "INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, {key}) SELECT '{id}', 99, 'sync.rooms', 'room', 'insert', {value}",
			"a digest that fits there": "UPDATE {plan} SET digest = 'another' WHERE id = '{id}'",
		} {
			t.Run(name, func(t *testing.T) {
				w, p, try := signedPlan(t, e)
				document := map[string]string{"postgres": `'[{"code":"R9"}]'::json`}[e.name]
				if document == "" {
					document = `'[{"code":"R9"}]'`
				}
				w.exec(w.dest, strings.NewReplacer("{operation}", w.registerTable("operation"), "{plan}", w.registerTable("plan"), "{id}", p.ID, "{key}", `"key"`, "{value}", document).Replace(statement))
				err := try(p)
				wantRefused[*apply.RefusedError](w, err, "changed; plan again")
			})
		}
	})
}

// Only its flag keeps a speculative plan from being applied: in the file, and in the register.
func TestSpeculativePlanIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, _ := twoPlanned(t, e)
		key := w.signKey()
		opts := w.options()
		opts.Speculative = true
		p, err := plan.Make(w.Context(), w.load(), opts)
		w.must(err)
		wantRefused[*apply.RefusedError](w, w.applyTrusting(w.saved(p, key), 0, publics(key)...), "it is speculative and can never be applied")
		p.Speculative = false
		wantRefused[*apply.RefusedError](w, w.applyTrusting(w.saved(p, nil), 0), "the register has it as speculative")
	})
}

func TestExpiredPlanIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, try := signedPlan(t, e)
		w.now = p.ExpiresOn.Add(time.Second)
		wantRefused[*apply.RefusedError](w, try(p), "it expired on")
		p.ExpiresOn = p.ExpiresOn.Add(24 * time.Hour) // as only the register has it then
		wantRefused[*apply.RefusedError](w, try(p), "it expired on")
	})
}

func TestAnotherConfigurationIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, try := signedPlan(t, e)
		w.edit("seats = row.seats", "seats = row.seats + 1")
		wantRefused[*apply.RefusedError](w, try(p), "it was made with another configuration")
	})
}

func TestAnotherDestinationIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, try := signedPlan(t, e)
		another := "'00000000-0000-4000-8000-eeeeeeeeeeee'" // as its init would have made up
		w.exec(w.dest, "UPDATE "+w.registerTable("meta")+` SET "identity" = `+another)
		err := try(p)
		if err == nil || !strings.Contains(err.Error(), "is not the database that the plan was made for") {
			t.Errorf("apply = %v", err)
		}
		w.wantRooms()
	})
}
