package hcl

import (
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

var lifecycleSchema = schema{arguments: map[string]bool{
	"on_missing": false, "archive": false, "restore": false, "archived": false, "archived_since": false,
	"purge_after": false, "protect": false, "stamps": false, "ignore_changes": false, "operations": false,
}}

var (
	missing   = []config.OnMissing{config.KeepMissing, config.ArchiveMissing, config.DeleteMissing}
	stampable = []config.Operation{config.Insert, config.Update, config.Archive, config.Undelete}
)

func (c *compiler) compileLifecycle(i *instance) {
	l, failures := &i.sync.Lifecycle, c.failures
	l.OnMissing, l.Operations = config.KeepMissing, slices.Clone(config.Operations)
	l.Range = i.sync.Range
	if i.block.lifecycle == nil {
		c.checkTasks(i)
		return
	}
	b := i.block.lifecycle.in(i.scope)
	l.Range = position(b.header)
	l.OnMissing = choice(b, "on_missing", missing, config.KeepMissing)
	if l.OnMissing == config.ArchiveMissing && !b.has("archive") {
		b.fail("on_missing", missingArgument, "Rows are to be archived, but it is not said how. Add a line such as: archive = { deleted_on = now() }")
	}
	c.compileIgnored(i, b)
	c.compileArchive(i, b)
	c.compilePurge(i, b)
	l.Protect = b.predicate("protect")
	c.compileStamps(i, b)
	c.compileOperations(i, b)
	if c.failures == failures {
		c.checkArchived(i, b)
		c.checkTasks(i)
	}
}

// compileArchive evaluates archive and restore and finds what tells whether a row is
// archived.
func (c *compiler) compileArchive(i *instance, b *block) {
	l := &i.sync.Lifecycle
	withNow := b.scope
	withNow.now = true
	l.Archived = b.predicate("archived")
	archived := false // a column tells
	if a := b.arguments["archive"]; a != nil {
		ofRow := withNow
		ofRow.dest = true
		var ok bool
		l.Archive, ok = c.assignments(a.Expr, ofRow, quoted("archive"))
		archived = ok && !b.has("archived") && c.findArchivedColumn(i, b)
	}
	for _, a := range l.Archive {
		c.checkArchivable(i, a)
	}
	kept := slices.DeleteFunc(slices.Clone(l.Archive), func(a config.Assignment) bool { return i.rewritten(a.Column) })
	switch a := b.arguments["restore"]; {
	case a != nil:
		if !b.has("archive") && !b.has("archived") {
			b.fail("restore", "Conflicting arguments", "restore says what coming back from the archive sets, and nothing is ever archived: there is neither archive nor archived.")
		}
		restore, ok := c.assignments(a.Expr, withNow, quoted("restore"))
		l.Restore = restore
		if !ok {
			return
		}
		if archived && !i.rewritten(l.ArchivedColumn) {
			c.checkRestore(b, l)
		}
		for _, a := range restore {
			c.checkRestorable(i, a)
		}
		c.warnUnrestored(i, b, kept)
	case archived:
		// What undeletes and inserts set, unless told otherwise.
		for _, a := range kept {
			if a.Column == l.ArchivedColumn {
				l.Restore = []config.Assignment{{Column: a.Column, Range: a.Range}}
			}
		}
		c.warnUnrestored(i, b, kept)
	case b.has("archive") && b.has("archived") && len(kept) > 0:
		b.fail("archived", missingArgument, "archive sets %q, and what coming back sets it to follows only where columns maps it, or where it alone is set to now() and archived is left out. Add restore = { %s = value, … }.", kept[0].Column, kept[0].Column)
	}
}

// compilePurge evaluates purge_after and finds the column that it counts from.
func (c *compiler) compilePurge(i *instance, b *block) {
	l := &i.sync.Lifecycle
	since, written := b.destColumn("archived_since")
	if written && i.block.lifecycle.arguments["purge_after"] == nil {
		b.fail("archived_since", "Conflicting arguments", "archived_since is what purge_after counts from, and there is no purge_after.")
	}
	if !b.has("purge_after") {
		return
	}
	span, ok := b.duration("purge_after")
	if ok && span == 0 {
		b.fail("purge_after", invalidValue, "purge_after is no time at all: rows would be deleted for good once they are archived. Write on_missing = \"delete\" for that.")
		ok = false
	}
	if !b.has("archive") && !b.has("archived") {
		b.fail("purge_after", "Conflicting arguments", "purge_after deletes rows that have been archived for long, and nothing is ever archived: there is neither archive nor archived.")
		return
	}
	if columns := nowColumns(l); !b.has("archived_since") && len(columns) == 1 {
		since = columns[0]
	} else if !b.has("archived_since") {
		b.fail("purge_after", missingArgument, "It is not known since when a row is archived: archive sets %s to now(). Add archived_since = dest.column.", count(len(columns), "column"))
		ok = false
	}
	if ok && since != "" {
		l.PurgeAfter, l.ArchivedSince = span, since
	}
}

// nowColumns lists the columns that archive sets to now().
func nowColumns(l *config.Lifecycle) []string {
	var columns []string
	for _, a := range l.Archive {
		if a.Now {
			columns = append(columns, a.Column)
		}
	}
	return columns
}

// checkArchived checks that archiving fulfils a predicate that is written, and that
// coming back ends it: each plan would otherwise do it again.
func (c *compiler) checkArchived(i *instance, b *block) {
	l := &i.sync.Lifecycle
	if l.Archived == nil {
		return
	}
	reads := func(column string) bool {
		found := false
		l.Archived.Walk(func(p *config.Predicate) { found = found || p.Column != "" && strings.EqualFold(p.Column, column) })
		return found
	}
	sets := func(list []config.Assignment) bool {
		return slices.ContainsFunc(list, func(a config.Assignment) bool { return reads(a.Column) })
	}
	archive := slices.Concat(l.Archive, i.sync.Destination.Scope)
	if b.has("archive") && (!sets(l.Archive) || outcome(l.Archived, archive)&isTrue == 0) {
		b.fail("archive", "Archived rows cannot be told", "What archive sets does not make a row archived in the sense of archived: each plan would archive it again.")
	}
	if !l.Allows(config.Undelete) {
		return
	}
	mapped := slices.ContainsFunc(i.mapped(), func(name string) bool { return reads(name) && i.rewritten(name) })
	restored := slices.Concat(l.Restore, i.sync.Destination.Scope)
	var inserted []config.Assignment
	for n, column := range i.sync.Columns {
		v, constant := i.constant(n)
		if !constant {
			continue
		}
		a := config.Assignment{Column: column.Name, Value: v}
		inserted = append(inserted, a)
		if i.rewritten(column.Name) {
			restored = append(restored, a)
		}
	}
	if !mapped && !sets(l.Restore) || outcome(l.Archived, restored) == isTrue {
		at := "restore"
		if !b.has(at) {
			at = "archived"
		}
		b.fail(at, "Restored rows stay archived", "A row that comes back from the archive stays archived in the sense of archived: each plan would bring it back again. Let restore set what archived tests, or leave undelete out of operations.")
		return
	}
	for _, a := range slices.Concat(l.Restore, i.sync.Destination.Scope) {
		if !slices.Contains(i.mapped(), a.Column) {
			inserted = append(inserted, a)
		}
	}
	if l.Allows(config.Insert) && outcome(l.Archived, inserted) == isTrue {
		b.fail("archived", "Inserted rows are archived", "What columns gives every row makes it archived in the sense of archived: the next plan would bring back what is inserted.")
	}
}

// warnUnrestored warns of columns that archiving sets and nothing sets back. Where restore is
// written, it may leave out what only archiving ever sets.
func (c *compiler) warnUnrestored(i *instance, b *block, kept []config.Assignment) {
	l := &i.sync.Lifecycle
	for _, a := range kept {
		switch {
		case slices.ContainsFunc(l.Restore, func(r config.Assignment) bool { return strings.EqualFold(r.Column, a.Column) }):
		case slices.Contains(i.mapped(), a.Column):
			c.warnf(hclRange(a.Range), "Column not restored", "archive sets %q, and ignore_changes names it: a row that comes back keeps what archive sets. Say in restore what it has then, as in { %s = … }.", a.Column, a.Column)
		case b.arguments["restore"] == nil:
			c.warnf(hclRange(a.Range), "Column not restored", "archive sets %q, and there is no restore argument: a row that comes back keeps the value. Add restore = { %s = null, %s = … }.", a.Column, l.ArchivedColumn, a.Column)
		}
	}
}

// findArchivedColumn finds the one column that archive sets to now().
func (c *compiler) findArchivedColumn(i *instance, b *block) bool {
	l := &i.sync.Lifecycle
	columns := nowColumns(l)
	if len(columns) != 1 {
		b.fail("archive", "Archived rows cannot be told", "archive sets %s to now(). Where that is not exactly one, as in { deleted_on = now() }, say which rows are archived: archived = dest.status == \"gone\".", count(len(columns), "column"))
		return false
	}
	for n, column := range i.sync.Columns {
		if v, constant := i.constant(n); column.Name == columns[0] && (!constant || !v.IsNull()) {
			b.fail("archive", "Archived rows cannot be told", "archive sets %q to now(), and columns maps it as well: a record that has a time of the past there would be archived at once, and brought back by each plan. Set another column to now(), or say which rows are archived: archived = dest.status == \"gone\".", column.Name)
			return false
		}
	}
	l.ArchivedColumn = columns[0]
	return true
}

func (c *compiler) checkRestore(b *block, l *config.Lifecycle) {
	for _, a := range l.Restore {
		if !strings.EqualFold(a.Column, l.ArchivedColumn) {
			continue
		}
		if a.Now {
			c.errorf(hclRange(a.Range), "Restored rows stay archived", "restore sets %q to now(), by which a row counts as archived; set it to null.", a.Column)
			c.failures++
		}
		return
	}
	b.fail("restore", "Restored rows stay archived", "restore does not set %q, which tells archived rows from others. Add %s = null.", l.ArchivedColumn, l.ArchivedColumn)
}

// rewritten reports whether a row that comes back from the archive has the mapped value in
// the column.
func (i *instance) rewritten(column string) bool {
	return slices.Contains(i.mapped(), column) && !slices.Contains(i.sync.Lifecycle.IgnoreChanges, column)
}

// constant returns the value of the n-th mapped column where it is the same for every record.
func (i *instance) constant(n int) (value.Value, bool) {
	column := &i.sync.Columns[n]
	if column.Lookup != nil || column.Expr.Bind == nil || len(column.Expr.Refs) > 0 {
		return value.Value{}, false
	}
	v, err := column.Expr.Bind(nil)(nil)
	return v, err == nil
}

// checkArchivable reports a column by which the sync finds its rows.
func (c *compiler) checkArchivable(i *instance, a config.Assignment) {
	if !c.checkOutOfScope(i, a, "archive") {
		return
	}
	for _, name := range i.sync.Destination.Key {
		if strings.EqualFold(name, a.Column) {
			c.errorf(hclRange(a.Range), "Conflicting column", "The column %q is set by archive and is part of the key: the row would not be found when its record comes back.", a.Column)
			c.failures++
		}
	}
}

// checkRestorable reports a column that the scope sets, or that has its mapped value in a row
// that comes back.
func (c *compiler) checkRestorable(i *instance, a config.Assignment) {
	if !c.checkOutOfScope(i, a, "restore") {
		return
	}
	for _, name := range i.mapped() {
		if strings.EqualFold(name, a.Column) && (name != a.Column || i.rewritten(name)) {
			c.errorf(hclRange(a.Range), "Conflicting column", "The column %q is set by restore and mapped in columns as well: a row that comes back has the mapped value. restore can set what is not mapped, and what ignore_changes names.", a.Column)
			c.failures++
		}
	}
}

// checkFree reports a column that the mapping or the scope sets too.
func (c *compiler) checkFree(i *instance, a config.Assignment, what string) {
	c.checkUnmapped(i, a, what)
	c.checkOutOfScope(i, a, what)
}

// checkOutOfScope reports a column that marks rows as the sync's.
func (c *compiler) checkOutOfScope(i *instance, a config.Assignment, what string) bool {
	d := &i.sync.Destination
	marks := slices.ContainsFunc(d.Scope, func(s config.Assignment) bool { return strings.EqualFold(s.Column, a.Column) }) ||
		slices.ContainsFunc(d.Parents, func(p config.InParent) bool { return strings.EqualFold(p.Column, a.Column) })
	if marks {
		c.errorf(hclRange(a.Range), "Conflicting column", "The column %q is set by %s and is part of the scope, which marks a row as this sync's; it must be one of the two.", a.Column, what)
		c.failures++
	}
	return !marks
}

// compileStamps evaluates stamps = { column = "operation" }.
func (c *compiler) compileStamps(i *instance, b *block) {
	a := b.arguments["stamps"]
	if a == nil {
		return
	}
	l := &i.sync.Lifecycle
	withNow := b.scope
	withNow.now = true
	stamps, _ := c.assignments(a.Expr, withNow, quoted("stamps"))
	for _, s := range stamps {
		on := config.Operation(s.Value.Text())
		if s.Now || !slices.Contains(stampable, on) {
			text := quoted(string(on))
			if s.Now {
				text = "now()"
			}
			c.errorf(hclRange(s.Range), invalidValue, "stamps names the operation that sets the column to the instant of the apply: the column %q has %s; expected %s.%s",
				s.Column, text, alternatives(stampable), nearest(string(on), stampable))
			c.failures++
			continue
		}
		c.checkFree(i, s, "stamps")
		for _, other := range slices.Concat(l.Archive, l.Restore) {
			if strings.EqualFold(other.Column, s.Column) {
				c.errorf(hclRange(s.Range), "Conflicting column", "The column %q is set by stamps, and by archive or restore as well; it must be one of the two.", s.Column)
				c.failures++
				break
			}
		}
		l.Stamps = append(l.Stamps, config.Stamp{Column: s.Column, On: on, Range: s.Range})
	}
}

func (c *compiler) compileIgnored(i *instance, b *block) {
	ignored, _ := b.words("ignore_changes")
	for _, w := range ignored {
		if !c.checkMapped(i, w, quoted("ignore_changes")) {
			continue
		}
		if slices.Contains(i.sync.Destination.Key, w.text) {
			c.errorf(w.at, "Conflicting column", "The column %q is part of the key, whose changes cannot be ignored: another key is another row.", w.text)
			c.failures++
		}
	}
	i.sync.Lifecycle.IgnoreChanges = texts(ignored)
}

func (c *compiler) compileOperations(i *instance, b *block) {
	items, ok := b.items("operations")
	if !ok {
		return
	}
	i.sync.Lifecycle.Operations = nil
	words, _ := c.words(items, quoted("operations"))
	for _, w := range words {
		switch o := config.Operation(w.text); {
		case slices.Contains(config.Operations, o):
			i.sync.Lifecycle.Operations = append(i.sync.Lifecycle.Operations, o)
		default:
			c.errorf(w.at, invalidValue, "%q is no operation; expected %s.%s", w.text, alternatives(config.Operations), nearest(w.text, config.Operations))
			c.failures++
		}
	}
	if len(words) == 0 && len(items) == 0 {
		b.fail("operations", invalidValue, `"operations" is empty: the sync would do nothing. Leave it out to allow all operations.`)
	}
}
