package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// symbols stand before operations, in the text and for people who grep it: + a new
// row, ~ one that changes, - one that goes, ± one that comes, or comes back, to ours.
var symbols = map[config.Operation]string{
	config.Insert: "+", config.Update: "~", config.Archive: "-", config.Delete: "-", config.Undelete: "±",
	config.Rename: "~", config.Adopt: "±", config.Purge: "-",
}

func (v *View) painter(o config.Operation) func(a ...any) string {
	switch o {
	case config.Insert:
		return v.paint.add
	case config.Archive, config.Delete, config.Purge:
		return v.paint.remove
	case config.Undelete, config.Adopt:
		return v.paint.restore
	default:
		return v.paint.change
	}
}

// rowText names the row of an operation; of a rename both.
func rowText(c *plan.Change) string {
	what := keyText(c.Key)
	if c.Operation == config.Rename && !c.Redacted {
		what += " to " + keyText(newKey(c))
	}
	if c.Redacted && !slices.ContainsFunc(c.Key, func(k plan.Cell) bool { return k.Redacted }) {
		what += " " + register.RedactedMessage
	}
	return what
}

// change writes one operation with the columns that it touches.
func (v *View) change(c *plan.Change) {
	what := rowText(c)
	v.line("  %s %s %s", v.painter(c.Operation)(symbols[c.Operation]), c.Operation, what)
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
			v.line("      %s %s = %s%s", v.paint.add("+"), name, cellText(column.After), v.lookedUp(column.After))
		case column.After == nil:
			v.line("      %s %s = %s%s", v.paint.remove("-"), name, cellText(column.Before), v.lookedUp(column.Before))
		default:
			before, after := pairText(column.Before, column.After)
			v.line("      %s %s = %s %s %s%s", v.paint.change("~"), name, before, v.paint.change("->"), after, v.lookedUpPair(column.Before, column.After))
		}
	}
	if unchanged > 0 {
		v.line("        %s", v.paint.faint(fmt.Sprintf("# (%s hidden)", plural(unchanged, "unchanged column"))))
	}
}

// newKey is the key that a rename gives.
func newKey(c *plan.Change) []plan.Cell {
	key := slices.Clone(c.Key)
	for i := range key {
		for _, column := range c.Columns {
			if column.Column == key[i].Column && column.After != nil {
				key[i] = *column.After
				key[i].Column = column.Column
			}
		}
	}
	return key
}

// lookedUp says by which business keys a value was looked up.
func (v *View) lookedUp(c *plan.Cell) string {
	text := lookupText(c)
	if text == "" {
		return ""
	}
	return "  " + v.paint.faint("# "+text)
}

// lookedUpPair is lookedUp of two values, said once where the business keys are the same.
func (v *View) lookedUpPair(before, after *plan.Cell) string {
	from, to := lookupText(before), lookupText(after)
	if from == to || from == "" {
		return v.lookedUp(after)
	}
	switch {
	case to == "" && !after.Null: // a constant that archiving sets
		return "  " + v.paint.faint("# was "+from)
	case to == "":
		to = "null"
	}
	return "  " + v.paint.faint("# "+from+" -> "+to)
}

// lookupText names a lookup's business keys; "" for a value that is not looked up, or where nothing
// was to be.
func lookupText(c *plan.Cell) string {
	if c.Null && !slices.ContainsFunc(c.Keys, func(k plan.Cell) bool { return !k.Null }) {
		return ""
	}
	parts := make([]string, len(c.Keys))
	for i := range c.Keys {
		parts[i] = OneLine(c.Keys[i].Column) + " " + cellText(&c.Keys[i])
	}
	return strings.Join(parts, ", ")
}

// keyText shows a key; a part that is looked up, by its business keys.
func keyText(key []plan.Cell) string {
	var parts []string
	for i := range key {
		if len(key[i].Keys) == 0 {
			parts = append(parts, cellText(&key[i]))
		}
		for j := range key[i].Keys {
			parts = append(parts, cellText(&key[i].Keys[j]))
		}
	}
	return strings.Join(parts, ", ")
}

// pairText shows two values that differ. Where both begin alike for longer than is
// shown, they are shown from shortly before the difference.
func pairText(before, after *plan.Cell) (string, string) {
	const lead = 20
	common := commonRunes(before.Text, after.Text)
	hidden := !plain(before) || !plain(after)
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

// plain reports whether a cell is a text.
func plain(c *plan.Cell) bool { return !c.Sensitive && !c.Null && !c.Now && !c.Unknown }

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
		return hiddenText(c)
	case c.Now:
		return "(known at apply)"
	case c.Unknown:
		return "(known after apply)"
	case c.Null:
		return "null"
	default:
		return quoted(c.Text, c.Length)
	}
}

// hiddenText stands for a sensitive value: by its pseudonym, where it has one, it can be told from others.
func hiddenText(c *plan.Cell) string {
	if c.Redacted {
		return c.Hidden()
	}
	if c.Pseudonym == "" {
		return "(sensitive)"
	}
	return "(sensitive " + OneLine(c.Pseudonym) + ")"
}
