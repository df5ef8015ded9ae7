package tui

import (
	"slices"

	"github.com/charmbracelet/x/ansi"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// wide is from how many columns on a row names its sync.
const wide = 60

const (
	gone    = "(no longer in the register)"
	waiting = "…"
)

// row is a line of a list.
func (m *Model) row(at int64, selected bool) line {
	marker := "  "
	if selected {
		marker = "> "
	}
	l := line{{plain, marker}}
	list := m.list()
	if list == nil {
		return append(l, m.syncRow(m.summaries[at])...)
	}
	it, held := list.item(at)
	switch {
	case !held:
		return append(l, span{faint, waiting})
	case it.change != nil:
		return append(l, m.changeRow(it.change)...)
	case it.notice != nil:
		return append(l, m.noticeRow(it.notice)...)
	}
	return append(l, span{faint, gone})
}

// owner names the sync of a row where that is worth its room.
func (m *Model) owner(address string) line {
	if m.size.Width < wide || m.sync != "" || m.labelWidth == 0 || len(m.summaries) < 2 {
		return nil
	}
	return line{{faint, padded(m.Words.Name(label(address)), m.labelWidth) + " "}}
}

func (m *Model) changeRow(c *plan.Change) line {
	s := styleOf(c.Operation)
	l := line{{s, m.Words.Symbol(c.Operation) + " " + padded(string(c.Operation), 8) + " "}}
	l = append(l, m.owner(c.Sync)...)
	l = append(l, span{strong, m.Words.Key(c)})
	width := 0
	for i := range c.Columns {
		column := &c.Columns[i]
		// A row that comes or goes repeats its key.
		repeats := (column.Before == nil || column.After == nil) && isKey(c, column.Column)
		if !column.Changed || repeats || width > m.size.Width {
			continue
		}
		text := m.columnText(column)
		width += ansi.StringWidth(text)
		l = append(l, span{plain, "  "}, span{plain, text})
	}
	return l
}

// columnText is a column in a row.
func (m *Model) columnText(c *plan.ColumnChange) string {
	before, after, _ := m.Words.Values(c)
	name := m.Words.Name(c.Column)
	switch {
	case c.Before == nil:
		return name + " = " + after
	case c.After == nil:
		return name + " = " + before
	}
	return name + " " + before + " -> " + after
}

func isKey(c *plan.Change, column string) bool {
	return slices.ContainsFunc(c.Key, func(k plan.Cell) bool { return k.Column == column })
}

func (m *Model) noticeRow(n *plan.Notice) line {
	l := line{{kindStyle(n), padded(string(n.Kind), len(register.Renamed)) + " "}}
	l = append(l, m.owner(n.Sync)...)
	if n.Kind == register.Renamed {
		return append(l, span{plain, m.Words.NoticeKey(n)})
	}
	return append(l, span{plain, m.Words.Notice(n)})
}

func (m *Model) syncRow(s *register.SyncSummary) line {
	style, sign := plain, "  "
	if len(m.Words.Reasons(s)) > 0 {
		style, sign = removes, "! "
	}
	return line{{style, sign + m.Words.Name(s.Sync)}, {plain, ": " + m.Words.Counts(s)}}
}

func styleOf(o config.Operation) style {
	switch o {
	case config.Insert:
		return adds
	case config.Archive, config.Delete, config.Purge:
		return removes
	case config.Undelete, config.Adopt:
		return restores
	case config.Update, config.Rename:
	}
	return changes
}

func kindStyle(n *plan.Notice) style {
	switch n.Kind {
	case register.HeldBack:
		return removes
	case register.Protected, register.Ignored:
		return faint
	case register.Checked:
		if n.Severity == config.CheckError {
			return removes
		}
	case register.Rejected, register.Warned, register.Unresolved, register.Renamed, register.Changed, register.Hooked:
	}
	return warns
}
