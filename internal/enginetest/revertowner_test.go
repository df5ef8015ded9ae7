package enginetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// With a row that was inserted goes what an owner wrote into it since: such a row is named, or, where it is not known, all are warned of.
func TestRevertInsertKeepsOwners(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, known := range []bool{true, false} {
			w := newWorld(t, e)
			computed := ""
			if known {
				computed = ", two {int} GENERATED ALWAYS AS (1 + 1) STORED"
			}
			w.create(w.source, "CREATE TABLE src_room (code {text}, name {text})")
			w.create(w.dest, "CREATE TABLE room (code {text} NOT NULL UNIQUE, name {text}, note {text}"+computed+")")
			w.configure(tableSync{name: "room", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `on_missing = "delete"`})
			w.values("src_room", "A|Aula", "B|Bureau")
			p := w.night("insert 2")
			w.exec(w.dest, "UPDATE room SET note = 'by its owner' WHERE code = 'A'")
			warnings := ""
			opts := w.options()
			opts.Warn = func(diags config.Diagnostics) {
				for _, d := range diags {
					warnings += d.Summary + ": " + d.Detail
				}
			}
			r, err := plan.Revert(t.Context(), w.load(), opts, plan.RevertOptions{PlanID: p.ID})
			if !known {
				w.must(err)
				w.wantCounts(r, "delete 2")
				if !strings.Contains(warnings, "did not write these columns") || !strings.Contains(warnings, "note") {
					t.Errorf("warnings %q", warnings)
				}
				continue
			}
			if changed, ok := errors.AsType[*plan.ChangedError](err); !ok || !strings.Contains(changed.Error(), "1 row is not as the plan left it") || warnings != "" {
				t.Errorf("the error is %v; warnings %q", err, warnings)
			}
			r, err = plan.Revert(t.Context(), w.load(), w.options(), plan.RevertOptions{PlanID: p.ID, SkipChanged: true})
			w.must(err)
			w.wantCounts(r, "delete 1")
			w.apply(r)
			w.wantRowsOf("SELECT code, note FROM room", "A|by its owner")
		}
	})
}
