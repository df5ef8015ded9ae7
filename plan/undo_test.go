package plan

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// overriding is a dialect that gives numbers of its own to columns that the database numbers.
type overriding struct {
	sqlgen.Dialect
	sqlgen.IdentityOverrider
}

// What a table or a register lacks for an operation to be undone is told.
func TestUndoRefuses(t *testing.T) {
	t.Parallel()
	code, name, id := sqlgen.Column{Name: "code"}, sqlgen.Column{Name: "name"}, sqlgen.Column{Name: "id", Generated: true, Identity: true}
	members := func(names ...string) []sqlgen.UndoMember {
		var list []sqlgen.UndoMember
		for _, one := range names {
			list = append(list, sqlgen.UndoMember{Name: one})
		}
		return list
	}
	for _, c := range []struct {
		what      string
		columns   []sqlgen.Column
		operation config.Operation
		before    []sqlgen.UndoMember
		after     []sqlgen.UndoMember
		dialect   sqlgen.Dialect
		want      string
	}{
		{"nothing", []sqlgen.Column{code, name}, config.Update, members("name"), members("name"), nil, ""},
		{"a column that the register lacks", []sqlgen.Column{code, name}, config.Update, members("code"), members("name"), nil, `the register does not hold what column "name" held before`},
		{"of a row that goes it is not needed", []sqlgen.Column{code, name}, config.Insert, nil, members("code", "name"), nil, ""},
		{"a number of a deleted row", []sqlgen.Column{id, code}, config.Delete, members("id", "code"), nil, nil, `column "id" of table room is numbered by the database`},
		{"one that can be given back", []sqlgen.Column{id, code}, config.Delete, members("id", "code"), nil, overriding{}, ""},
		{"a number of a row that stays", []sqlgen.Column{id, code, name}, config.Update, members("name"), members("name"), nil, ""},
	} {
		u := &Undone{
			PlanID: "p", Summary: register.SyncSummary{Table: "room"},
			Whole: &sqlgen.Target{Sync: "sync.rooms", Key: []sqlgen.Column{code}, Table: &sqlgen.Table{Name: `"room"`, Columns: c.columns}},
		}
		batch := &sqlgen.Undo{Whole: u.Whole, Batch: sqlgen.Batch{Operation: string(c.operation)}, Key: members("code"), Before: c.before, After: c.after}
		err := u.check(c.dialect, batch)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), "plan p, sync.rooms cannot be undone: "+c.want)) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
}
