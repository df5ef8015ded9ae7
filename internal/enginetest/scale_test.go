package enginetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/plan"
)

// Whatever indexes a table has, comparing it does not take the square of its rows: here that
// would be hours, and it takes a second.
func TestIndexesDoNotMislead(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for name, indexes := range map[string][]string{
			"key within scope": {"CREATE UNIQUE INDEX u ON room (origin, code)"},
			"index on scope":   {"CREATE UNIQUE INDEX u ON room (code)", "CREATE INDEX i ON room (origin)"},
		} {
			t.Run(name, func(t *testing.T) {
				w := rooms(t, e, archiving)
				w.exec(w.dest, "DROP TABLE room")
				w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" NOT NULL, name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+
					" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
				for _, index := range indexes {
					w.exec(w.dest, index)
				}
				rows := 60_000
				if e.slow {
					rows = 40_000
				}
				numbers := fmt.Sprintf("WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) ", rows)
				w.exec(w.source, "INSERT INTO src "+numbers+"SELECT 'R' || i, 'a room', i % 500 FROM g")
				w.exec(w.dest, "INSERT INTO room (code, name, seats, origin) "+numbers+"SELECT 'R' || i, 'a room', i % 500, 'A' FROM g")
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				for _, change := range []string{
					"SELECT 1",
					"UPDATE src SET seats = seats + 1 WHERE seats < 250",
					"DELETE FROM src WHERE seats < 100",
				} {
					w.exec(w.source, change)
					p, err := plan.Make(ctx, w.load(), w.options())
					w.must(err)
					if !p.Changes() {
						continue
					}
					_, err = w.tryApplyAs(ctx, p)
					w.must(err)
					w.now = w.now.Add(time.Minute)
				}
				if archived := w.rows(w.dest, "SELECT count(*) FROM room WHERE deleted_on IS NOT NULL"); archived[0] != fmt.Sprint(rows/5-rows/500) {
					t.Errorf("%s rows are archived", archived[0])
				}
			})
		}
	})
}
