package enginetest

import (
	"context"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// unrecursive is SQLite without its recursive queries, as the provider "unrecursive".
type unrecursive struct{ *sqlite.Provider }

func (unrecursive) Name() string { return "unrecursive" }

func (p unrecursive) OpenDestination(ctx context.Context, attributes providers.Attributes, dir string) (providers.Destination, error) {
	d, err := p.Provider.OpenDestination(ctx, attributes, dir)
	if err != nil {
		return nil, err
	}
	return unrecursiveDestination{d}, nil
}

type unrecursiveDestination struct{ providers.Destination }

// sqliteDialect has what the dialect of SQLite can do besides.
type sqliteDialect interface {
	sqlgen.Dialect
	sqlgen.NoFullJoin
	sqlgen.StageIndexer
	sqlgen.ReferenceIndexer
	sqlgen.ConflictAborter
}

func (d unrecursiveDestination) Dialect() sqlgen.Dialect {
	return unrecursiveDialect{d.Destination.Dialect().(sqliteDialect)}
}

type unrecursiveDialect struct{ sqliteDialect }

func (unrecursiveDialect) NoRecursion() {}

// Where a query cannot follow what needs what, it is followed step by step: each of these needs what the one
// before it would give up, and a row that is in nobody's way is written.
func TestHoldDeletesStepByStep(t *testing.T) {
	t.Parallel()
	var e engine
	for _, e = range engines() {
		if e.name == "sqlite" {
			break
		}
	}
	e.name = "unrecursive"
	w := holding(t, e, removing)
	w.exec(w.dest, "CREATE UNIQUE INDEX course_title ON course (title)")
	for _, code := range []string{"A", "B", "C", "D", "E"} {
		w.course(code, "of "+code, 1)
	}
	w.applied("insert 5")
	w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
	for _, move := range [][2]string{{"B", "A"}, {"C", "B"}, {"D", "C"}, {"E", "D"}} {
		w.exec(w.source, "UPDATE src_course SET title = 'of "+move[1]+"' WHERE code = '"+move[0]+"'")
	}
	w.course("N", "of E", 1)
	w.course("O", "Optics", 1)
	w.applyRest("insert 1", "sync.courses: delete 1, insert 1, update 4")
}
