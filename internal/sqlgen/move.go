package sqlgen

import (
	"slices"
	"strconv"
)

// Move says that the record of one key has another one now.
type Move struct {
	From, To []string // canonical texts, in the key's order
}

// MaxMoves bounds the moves of one statement, so that its parameters do not exceed an
// engine's.
const MaxMoves = 200

// moves is the moves as a derived table, with the keys as f0… and g0….
func (c *composer) moves(t *Target, moves []Move) string {
	rows := joinIndexed(moves, " UNION ALL ", func(n int, m Move) string {
		return "SELECT " + strconv.Itoa(n) + " AS n, " + joinIndexed(t.Key, ", ", func(i int, k Column) string {
			return c.d.FromText(c.bindText(m.From[i]), k) + " AS f" + strconv.Itoa(i) + ", " + c.d.FromText(c.bindText(m.To[i]), k) + " AS g" + strconv.Itoa(i)
		}) + c.d.FromNothing()
	})
	return "(" + rows + ") v"
}

func (c *composer) movedKey(t *Target, alias, prefix string) string {
	return joinIndexed(t.Key, " AND ", func(i int, k Column) string { return c.of(alias, k) + " = v." + prefix + strconv.Itoa(i) })
}

// MoveStates selects, for each move by its index, four numbers, 0 for no: whether the table
// has the old key within the scope, and the new one anywhere that it is in the way, and whether the
// stage has the old one and the new one.
func MoveStates(d Dialect, t *Target, moves []Move) Statement {
	c := composer{d: d}
	exists := func(from, alias string, conditions ...string) string {
		return "CASE WHEN EXISTS (SELECT 1 FROM " + from + " " + alias + " WHERE " + and(conditions...) + ") THEN 1 ELSE 0 END"
	}
	staged := func(prefix string) string {
		conditions := []string{c.movedKey(t, "s", prefix)}
		if t.ByTask {
			conditions = append(conditions, c.of("s", TaskColumn(d))+" <> 'delete'")
		}
		return exists(t.Stage, "s", conditions...)
	}
	return c.statement(`SELECT v.n, %s, %s, %s, %s FROM %s ORDER BY v.n`,
		exists(t.Table.Name, "t", c.movedKey(t, "t", "f"), c.ours(t, "t")), exists(t.Table.Name, "t", c.movedKey(t, "t", "g"), c.clashes(t, "t")),
		staged("f"), staged("g"), c.moves(t, moves))
}

// Rename writes the operations that give rows their new keys, numbered from firstSeq + 1. A row
// that is archived is undeleted under its new key.
func Rename(d Dialect, t *Target, moves []Move, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	return c.record(t, planID, firstSeq, c.allowed(t, c.renames(t, moves)), []string{opRename, opUndelete})
}

// CountRenamesWithheld counts, by name, the operations of Rename that may not be done.
func CountRenamesWithheld(d Dialect, t *Target, moves []Move) Statement {
	c := composer{d: d}
	return c.countWithheld(t, c.renames(t, moves))
}

// RecordProtectedRenames writes a finding for each operation of Rename that Target.Protect prevents.
func RecordProtectedRenames(d Dialect, t *Target, moves []Move, planID string, firstSeq int64) Statement {
	c := composer{d: d}
	return c.recordProtected(t, c.renames(t, moves), planID, firstSeq)
}

func (c *composer) renames(t *Target, moves []Move) string {
	operation := "CASE WHEN " + c.archived(t, "t") + " THEN 'undelete' ELSE 'rename' END"
	if slices.Contains(t.Withheld, opRename) {
		operation = literal(opRename) // an undelete would do the same in disguise
	}
	return c.pair(t, operation, c.moves(t, moves)+" JOIN "+t.Stage+" s ON "+c.movedKey(t, "s", "g"), "JOIN", c.scope(t), c.movedKey(t, "t", "f"),
		and(append([]string{c.unsettled("s")}, c.writing(t, "s")...)...))
}

// SettleRenamed gives the staged rows of moves their old keys and marks them as settled, so that
// neither key is taken for added or missing. It comes after Rename. A row that is to be removed under
// its old key is settled, too: it moved.
func SettleRenamed(d Dialect, t *Target, moves []Move) Statement {
	c := composer{d: d}
	sets := []Assignment{c.set(SkipColumn(d).Name, "coalesce("+c.of("s", SkipColumn(d))+", 'renamed')")}
	for i, k := range t.Key {
		sets = append(sets, c.set(k.Name, "v.f"+strconv.Itoa(i)))
	}
	condition := c.movedKey(t, "s", "g")
	if t.ByTask {
		condition = or(condition, and(c.movedKey(t, "s", "f"), c.of("s", TaskColumn(d))+" = 'delete'"))
	}
	return c.update(Update{Table: t.Stage, Alias: "s", Sets: sets, From: c.moves(t, moves), Where: condition})
}
