package view

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// symbols stand before operations, in the text and for people who grep it.
var symbols = map[config.Operation]string{
	config.Insert: "+", config.Update: "~", config.Archive: "-", config.Delete: "-", config.Undelete: "±",
}

func (v *View) painter(o config.Operation) func(a ...any) string {
	switch o {
	case config.Insert:
		return v.paint.add
	case config.Archive, config.Delete:
		return v.paint.remove
	case config.Undelete:
		return v.paint.restore
	default:
		return v.paint.change
	}
}

// change writes one operation with the columns that it touches.
func (v *View) change(c *plan.Change) {
	v.line("  %s %s %s", v.painter(c.Operation)(symbols[c.Operation]), c.Operation, keyText(c.Key))
	width, unchanged := 0, int64(0)
	for _, column := range c.Columns {
		width = max(width, len([]rune(OneLine(column.Column))))
	}
	for _, column := range c.Columns {
		if !column.Changed {
			unchanged++
			continue
		}
		name := OneLine(column.Column)
		name += strings.Repeat(" ", width-len([]rune(name)))
		switch {
		case column.Before == nil:
			v.line("      %s %s = %s", v.paint.add("+"), name, cellText(column.After))
		case column.After == nil:
			v.line("      %s %s = %s", v.paint.remove("-"), name, cellText(column.Before))
		default:
			before, after := pairText(column.Before, column.After)
			v.line("      %s %s = %s %s %s", v.paint.change("~"), name, before, v.paint.change("->"), after)
		}
	}
	if unchanged > 0 {
		v.line("        %s", v.paint.faint(fmt.Sprintf("# (%s hidden)", plural(unchanged, "unchanged column"))))
	}
}

func keyText(key []plan.Cell) string {
	parts := make([]string, len(key))
	for i := range key {
		parts[i] = cellText(&key[i])
	}
	return strings.Join(parts, ", ")
}

// pairText shows two values that differ. Where both begin alike for longer than is
// shown, they are shown from shortly before the difference.
func pairText(before, after *plan.Cell) (string, string) {
	const lead = 20
	common := commonRunes(before.Text, after.Text)
	hidden := before.Sensitive || after.Sensitive || before.Null || after.Null || before.Now || after.Now
	if hidden || common <= maxValue-lead {
		return cellText(before), cellText(after)
	}
	from := func(c *plan.Cell) string {
		rest := string([]rune(c.Text)[common-lead:])
		shown, end := firstRunes(rest, maxValue), ""
		if c.Length > 0 || len(shown) < len(rest) {
			end = "…"
		}
		literal := strconv.Quote(shown)
		return `"…` + literal[1:len(literal)-1] + end + `" (from character ` + strconv.Itoa(common-lead+1) + ")"
	}
	return from(before), from(after)
}

// commonRunes counts the characters with which both texts begin.
func commonRunes(a, b string) int {
	n := 0
	for i, r := range a {
		other, size := utf8.DecodeRuneInString(b)
		if other != r || size == 0 || r == utf8.RuneError && b[0] != a[i] {
			break
		}
		b = b[size:]
		n++
	}
	return n
}

func cellText(c *plan.Cell) string {
	switch {
	case c.Sensitive:
		return "(sensitive)"
	case c.Now:
		return "(known at apply)"
	case c.Null:
		return "null"
	default:
		return quoted(c.Text, c.Length)
	}
}
