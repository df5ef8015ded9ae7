package hcl

import (
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
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
	c.compileArchive(i, b)
	c.compilePurge(i, b)
	l.Protect = b.predicate("protect")
	c.compileStamps(i, b)
	c.compileIgnored(i, b)
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
		var ok bool
		l.Archive, ok = c.assignments(a.Expr, withNow, quoted("archive"))
		archived = ok && !b.has("archived") && c.findArchivedColumn(b, l)
	}
	restored := false
	switch a := b.arguments["restore"]; {
	case a != nil:
		if !b.has("archive") && !b.has("archived") {
			b.fail("restore", "Conflicting arguments", "restore says what coming back from the archive sets, and nothing is ever archived: there is neither archive nor archived.")
		}
		l.Restore, restored = c.assignments(a.Expr, withNow, quoted("restore"))
		if restored && archived {
			c.checkRestore(b, l)
		}
	case archived:
		// What undeletes and inserts set, unless told otherwise.
		c.warnUnrestored(l)
		at := l.Archive[slices.IndexFunc(l.Archive, func(a config.Assignment) bool { return a.Now })].Range
		l.Restore = []config.Assignment{{Column: l.ArchivedColumn, Range: at}}
	case b.has("archive") && b.has("archived"):
		b.fail("archived", missingArgument, "What coming back from the archive sets follows only from a column that archive sets to now(), and archived is written instead. Add restore = { column = value, … }.")
	}
	for _, a := range l.Archive {
		c.checkFree(i, a, "archive")
	}
	if restored {
		for _, a := range l.Restore {
			c.checkFree(i, a, "restore")
		}
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
	mapped := slices.ContainsFunc(i.mapped(), func(name string) bool { return reads(name) && !slices.Contains(l.IgnoreChanges, name) })
	restore := slices.Concat(l.Restore, i.sync.Destination.Scope)
	if !mapped && !sets(l.Restore) || outcome(l.Archived, restore) == isTrue {
		at := "restore"
		if !b.has(at) {
			at = "archived"
		}
		b.fail(at, "Restored rows stay archived", "A row that comes back from the archive stays archived in the sense of archived: each plan would bring it back again. Let restore set what archived tests, or leave undelete out of operations.")
	}
}

// warnUnrestored warns of columns that archiving sets and nothing sets back.
func (c *compiler) warnUnrestored(l *config.Lifecycle) {
	for _, a := range l.Archive {
		if !a.Now {
			c.warnf(hclRange(a.Range), "Column not restored", "archive sets %q, and there is no restore argument: a row that comes back keeps the value. Add restore = { %s = null, %s = … }.", a.Column, l.ArchivedColumn, a.Column)
		}
	}
}

// findArchivedColumn finds the one column that archive sets to now().
func (c *compiler) findArchivedColumn(b *block, l *config.Lifecycle) bool {
	columns := nowColumns(l)
	if len(columns) != 1 {
		b.fail("archive", "Archived rows cannot be told", "archive sets %s to now(). Where that is not exactly one, as in { deleted_on = now() }, say which rows are archived: archived = dest.status == \"gone\".", count(len(columns), "column"))
		return false
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

// checkFree reports a column that the mapping or the scope sets too.
func (c *compiler) checkFree(i *instance, a config.Assignment, what string) {
	c.checkUnmapped(i, a, what)
	for _, s := range i.sync.Destination.Scope {
		if strings.EqualFold(s.Column, a.Column) {
			c.errorf(hclRange(a.Range), "Conflicting column", "The column %q is set by %s and is part of the scope, which marks a row as this sync's; it must be one of the two.", a.Column, what)
			c.failures++
		}
	}
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
