package enginetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
)

// wings is a world of n syncs, all of one PostgreSQL source, each of a table of its own.
func wings(t testing.TB, n int) *world {
	w := newWorld(t, engines()[1])
	w.define("room", "code text", "wing text NOT NULL", "PRIMARY KEY (code, wing)")
	text := ""
	for i := range n {
		w.define(fmt.Sprintf("src%d", i), "code text")
		w.exec(w.source, fmt.Sprintf("INSERT INTO src%d VALUES ('R%d')", i, i))
		text += fmt.Sprintf(`
sync "wing%[1]d" {
  source {
    from  = source.postgres.main
    query = "SELECT code FROM src%[1]d"
  }
  destination {
    into  = destination.postgres.main
    table = "room"
    key   = ["code"]
    scope = { wing = "%[1]d" }
  }
  columns { code = row.code }
  lifecycle { on_missing = "delete" }
}
`, i)
	}
	w.write("main.hcl", text)
	return w
}

// The first sync is read no further than a lock which it is given when the last one is staged.
// What is committed meanwhile no sync sees.
func TestParallelSyncs(t *testing.T) {
	pgtest.New(t) // starts the server
	ignore := goleak.IgnoreCurrent()
	t.Run("postgres", func(t *testing.T) {
		const n = 5
		w := wings(t, n)
		w.edit("SELECT code FROM src0", "SELECT code FROM src0 WHERE (SELECT pg_advisory_xact_lock_shared(7)) IS NOT NULL")
		for _, parallelism := range []int{2, 4} {
			holder, err := w.source.Conn(t.Context())
			w.must(err)
			_, err = holder.ExecContext(t.Context(), "SELECT pg_advisory_lock(7)")
			w.must(err)
			w.exec(w.source, fmt.Sprintf("DELETE FROM src%d WHERE code = 'late'", n-1))
			do := func(q providers.Querier, statement string) {
				if _, err := q.ExecContext(t.Context(), statement); err != nil {
					t.Error(err)
				}
			}
			var mu sync.Mutex
			staged, once := 0, sync.Once{}
			o := w.options()
			o.Parallelism = parallelism
			o.Progress = func(p plan.Progress) {
				mu.Lock()
				defer mu.Unlock()
				if p.Phase != plan.Staged {
					return
				}
				once.Do(func() { do(w.source, fmt.Sprintf("INSERT INTO src%d VALUES ('late')", n-1)) })
				if staged++; staged == n-1 {
					do(holder, "SELECT pg_advisory_unlock(7)")
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			p, err := plan.Make(ctx, w.load(), o)
			cancel()
			w.must(holder.Close())
			w.must(err)
			for i, s := range p.Syncs() {
				if s.Sync != fmt.Sprintf("sync.wing%d", i) || s.Counts[config.Insert] != 1 || s.SourceRows != 1 {
					t.Errorf("with %d at a time: sync %d: %+v", parallelism, i, s)
				}
			}
			w.wantNoStages()
		}
	})
	goleak.VerifyNone(t, ignore)
}

// A plan is the same however many syncs are staged at a time.
func TestParallelPlansAgree(t *testing.T) {
	w := wings(t, 7)
	digests := map[string]bool{}
	for _, parallelism := range []int{1, 2, 3, 16} {
		o := w.options()
		o.Parallelism = parallelism
		p, err := plan.Make(t.Context(), w.load(), o)
		w.must(err)
		w.wantCounts(p, "insert 7")
		digests[p.Destinations[0].Digest] = true
	}
	if len(digests) != 1 {
		t.Errorf("%d different plans", len(digests))
	}
	w.apply(w.plan())
	w.settled()
}
