package sqlgen

import (
	"fmt"
	"strconv"

	"github.com/registrar-sync/registrar/internal/value"
)

// removals are the operations that hold_deletes holds back.
const removals = "'archive', 'delete', 'purge'"

// Held is the table, named as by Dialect.StageTable, of the sequence numbers of the operations
// that are held back.
type Held string

func heldColumn(d Dialect) Column {
	return Column{Name: "seq", Type: value.Type{Kind: value.Int, SQL: d.TypeName(value.Int)}}
}

// CreateHeld creates the table.
func CreateHeld(d Dialect, held Held) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(string(held), []Column{heldColumn(d)})}
}

// IndexHeld lets it be searched, where the engine needs an index.
func IndexHeld(d Dialect, held Held) Statement {
	return indexStage(d, string(held), []Column{heldColumn(d)})
}

// has is the condition that operation x is held back.
func (held Held) has(c *composer) string {
	return "x.seq IN (SELECT h." + c.d.Quote("seq") + " FROM " + string(held) + " h)"
}

// add puts into the table the operations x of a derived table that are not there yet.
func (held Held) add(c *composer, from string, conditions ...string) Statement {
	conditions = append(conditions, "NOT "+held.has(c))
	return c.statement(`INSERT INTO %s (%s) SELECT DISTINCT x.seq FROM %s WHERE %s`, string(held), c.d.Quote("seq"), from, and(conditions...))
}

// HoldRemovals holds back the removals of a sync.
func HoldRemovals(d Dialect, p Planned, held Held) Statement {
	c := composer{d: d}
	return c.statement(`INSERT INTO %s (%s) SELECT o.seq FROM %s o WHERE o.plan_id = %s AND o.seq > %d AND o.seq <= %d AND o.operation IN (%s)`,
		string(held), d.Quote("seq"), p.Target.operations(d), c.bindText(p.PlanID), p.After, p.Last, removals)
}

// keyAmong is the condition that a row has the key of one of the operations x of a kind that fulfil
// another. It reads them once, for all rows.
func (c *composer) keyAmong(p Planned, kind, alias, condition string) string {
	var columns, values []string
	for i, f := range p.Target.keyFields() {
		if f.by < 0 {
			columns = append(columns, c.of(alias, f.Column))
			values = append(values, c.d.FromText("x.k"+strconv.Itoa(i), f.Column))
		}
	}
	for _, column := range p.Target.Tells {
		columns = append(columns, c.of(alias, column))
		values = append(values, c.d.FromText(c.beforeText(p.Target)(column), column))
	}
	return c.d.Among(columns, values, c.operations(p.Target, p.batch(kind))+" x", condition)
}

// whose is the condition that a row is one that an operation of the target may be about.
func (c *composer) whose(t *Target, operation, alias string) string {
	if operation == opAdopt {
		return c.others(t, alias)
	}
	return c.ours(t, alias)
}

// Reference says by what the rows of one target refer to those of another's table.
type Reference struct {
	members []string // of the after documents, that hold
	columns []Column // what these columns of the parent do
	foreign bool     // a foreign key, which archived rows satisfy, too
}

// References lists the references that an operation of the child writes: lookups, and foreign keys
// of columns that are no lookups.
func References(d Dialect, child *Target, operation string, parent *Table) []Reference {
	var list []Reference
	for _, l := range child.Lookups {
		at := child.memberOf(d, operation, l.Column.Name)
		if l.Parent.Name != parent.Name || at < 0 {
			continue
		}
		r := Reference{}
		for j, k := range l.By {
			r.members, r.columns = append(r.members, "x.a"+strconv.Itoa(at+1+j)), append(r.columns, k.Column)
		}
		list = append(list, r)
	}
	for _, key := range child.Table.ForeignKeys {
		if key.Parent != parent.Name {
			continue
		}
		r := Reference{foreign: true}
		for i, name := range key.Columns {
			at := child.memberOf(d, operation, name)
			column, ok := parent.Column(key.ParentColumns[i])
			own, _ := child.Table.Column(name)
			if at < 0 || !ok || child.LookupOf(own) != nil {
				r.members = nil
				break
			}
			r.members, r.columns = append(r.members, "x.a"+strconv.Itoa(at)), append(r.columns, column)
		}
		if r.members != nil {
			list = append(list, r)
		}
	}
	return list
}

// RecordHeldBack writes a finding for each operation of a sync that is held back; DropHeldBack then
// takes them out of the plan.
func RecordHeldBack(d Dialect, p Planned, held Held, firstSeq int64) Statement {
	c := composer{d: d}
	return c.statement(`INSERT INTO %s (plan_id, seq, sync, kind, %s, detail)
SELECT %s, %s, %s, 'held_back', x.%s, %s FROM %s x WHERE x.plan_id = %s AND x.seq > %d AND x.seq <= %d AND %s`,
		d.RegisterTable("finding"), d.Quote("key"), c.bindText(p.PlanID), c.number(firstSeq, "x."+d.Quote("key"), "x.operation"), c.bindText(p.Target.Sync), d.Quote("key"),
		d.Object([]Member{{Name: "operation", Text: "x.operation"}}), p.Target.operations(d), c.bindText(p.PlanID), p.After, p.Last, held.has(&c))
}

// DropHeldBack removes them from the plan.
func DropHeldBack(d Dialect, p Planned, held Held) Statement {
	c := composer{d: d}
	return c.remove(Delete{
		Table: p.Target.operations(d), Alias: "x",
		Where: fmt.Sprintf("x.plan_id = %s AND x.seq > %d AND x.seq <= %d AND %s", c.bindText(p.PlanID), p.After, p.Last, held.has(&c)),
	})
}
