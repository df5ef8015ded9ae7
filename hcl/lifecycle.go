package hcl

import (
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
)

var lifecycleSchema = schema{arguments: map[string]bool{
	"on_missing": false, "archive": false, "restore": false, "stamps": false,
	"ignore_changes": false, "operations": false,
}}

var stampable = []config.Operation{config.Insert, config.Update, config.Archive, config.Undelete}

func (c *compiler) compileLifecycle(i *instance) {
	l := &i.sync.Lifecycle
	l.OnMissing, l.Operations = config.KeepMissing, slices.Clone(config.Operations)
	l.Range = i.sync.Range
	if i.block.lifecycle == nil {
		return
	}
	b := i.block.lifecycle.in(i.scope)
	l.Range = position(b.header)
	missing := []config.OnMissing{config.KeepMissing, config.ArchiveMissing, config.DeleteMissing}
	l.OnMissing = choice(b, "on_missing", missing, config.KeepMissing)
	if l.OnMissing == config.ArchiveMissing && !b.has("archive") {
		b.fail("on_missing", missingArgument, "Rows are to be archived, but it is not said how. Add a line such as: archive = { deleted_on = now() }")
	}
	c.compileArchive(i, b)
	c.compileStamps(i, b)
	c.compileIgnored(i, b)
	c.compileOperations(i, b)
}

// compileArchive evaluates archive and restore and finds the column that tells
// whether a row is archived.
func (c *compiler) compileArchive(i *instance, b *block) {
	l := &i.sync.Lifecycle
	withNow := b.scope
	withNow.now = true
	archived := false
	if a := b.arguments["archive"]; a != nil {
		var ok bool
		l.Archive, ok = c.assignments(a.Expr, withNow, quoted("archive"))
		archived = ok && c.findArchivedColumn(b, l)
	}
	restored := false
	if a := b.arguments["restore"]; a != nil {
		if len(l.Archive) == 0 && !b.has("archive") {
			b.fail("restore", "Conflicting arguments", "restore says what coming back from the archive sets, and nothing is ever archived: there is no archive argument.")
		}
		l.Restore, restored = c.assignments(a.Expr, withNow, quoted("restore"))
		if restored && archived {
			c.checkRestore(b, l)
		}
	} else if archived {
		// What undeletes and inserts set, unless told otherwise.
		c.warnUnrestored(l)
		at := l.Archive[slices.IndexFunc(l.Archive, func(a config.Assignment) bool { return a.Now })].Range
		l.Restore = []config.Assignment{{Column: l.ArchivedColumn, Range: at}}
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
	var columns []string
	for _, a := range l.Archive {
		if a.Now {
			columns = append(columns, a.Column)
		}
	}
	if len(columns) != 1 {
		b.fail("archive", "Archived rows cannot be told", "archive must set exactly one column to now(), as { deleted_on = now() }; it sets %s so. Any other way of telling archived rows must be written as archived = …, which is not supported in this version.", count(len(columns), "column"))
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
		case slices.Contains(unsupportedOperations, w.text):
			c.unsupported(w.at, "The operation "+w.text)
		default:
			c.errorf(w.at, invalidValue, "%q is no operation; expected %s.%s", w.text, alternatives(config.Operations), nearest(w.text, config.Operations))
			c.failures++
		}
	}
	if len(words) == 0 && len(items) == 0 {
		b.fail("operations", invalidValue, `"operations" is empty: the sync would do nothing. Leave it out to allow all operations.`)
	}
}
