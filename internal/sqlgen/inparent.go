package sqlgen

import (
	"strconv"
)

// ParentChange is the operations of one kind, of a sync that writes a parent's table.
type ParentChange struct {
	Planned
	Operation string
}

// RejectOutside rejects the resolved rows to be written whose parent is there and not one that makes a row
// ours, or will not be one when the changes are done. Where it is one only then, what is there already
// below it is not read as ours yet, and stays until the next plan.
func RejectOutside(d Dialect, t *Target, changes ...ParentChange) Statement {
	c := composer{d: d}
	var conditions []string
	for _, p := range t.Parents {
		outside := []string{c.of("s", p.Column) + " IS NOT NULL", "NOT " + c.inParent(p, "s")}
		for _, change := range changes {
			if entering := c.entering(p, change); entering != "" {
				outside = append(outside, "("+c.of("s", p.Column)+" NOT IN ("+entering+") OR EXISTS (SELECT 1 FROM "+t.Table.Name+" t WHERE "+and(c.sameKey(t), c.others(t, "t"))+"))")
			}
		}
		conditions = append(conditions, "("+and(outside...)+")")
		none := c.of("s", p.Column) + " IS NULL"
		if l := t.LookupOf(p.Column); l != nil {
			none = "(" + and(none, c.of("s", l.By[0].Staged)+" IS NULL") + ")"
		}
		conditions = append(conditions, none)
		for _, change := range changes {
			if leaving := c.leaving(p, change); leaving != "" {
				conditions = append(conditions, c.of("s", p.Column)+" IN ("+leaving+")")
			}
		}
	}
	return c.update(Update{
		Table: t.Stage, Alias: "s", Sets: []Assignment{c.set(SkipColumn(d).Name, literal("its parent's row is outside of the scope"))},
		Where: and(append([]string{c.unsettled("s"), or(conditions...)}, c.writing(t, "s")...)...),
	})
}

// leaving selects the parents that a change takes out of the scope; "" where it takes none.
func (c *composer) leaving(p InParent, change ParentChange) string {
	t := change.Target
	if t.Table.Name != p.Parent.Name {
		return ""
	}
	var conditions []string
	for _, set := range p.Where {
		if at := t.memberOf(c.d, change.Operation, set.Column.Name); at >= 0 {
			conditions = append(conditions, c.distinct("x.a"+strconv.Itoa(at), c.bind(set.Text)))
		}
	}
	if len(conditions) == 0 {
		return ""
	}
	return c.changed(p, change) + or(conditions...)
}

// entering selects the parents that a change brings into the scope; "" where it brings none.
func (c *composer) entering(p InParent, change ParentChange) string {
	t := change.Target
	if t.Table.Name != p.Parent.Name {
		return ""
	}
	conditions := []string{c.of("o", p.Ref) + " IS NOT NULL"}
	brings := false
	for _, set := range p.Where {
		if at := t.memberOf(c.d, change.Operation, set.Column.Name); at >= 0 {
			conditions = append(conditions, c.d.Same("x.a"+strconv.Itoa(at), c.bind(set.Text)))
			brings = true
		} else {
			conditions = append(conditions, c.within([]Set{set}, "o"))
		}
	}
	if !brings {
		return ""
	}
	return c.changed(p, change) + and(conditions...)
}

// changed selects the parents that a change is about, under a condition to be added.
func (c *composer) changed(p InParent, change ParentChange) string {
	t := change.Target
	return "SELECT " + c.of("o", p.Ref) + " FROM " + c.operations(t, change.batch(change.Operation)) + " x JOIN " + t.Table.Name + " o ON " +
		and(c.keyOf(t, "o"), c.whose(t, change.Operation, "o")) + " WHERE "
}
