package web

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

const (
	// firstShown operations of a sync are open to the eye; the rest of the excerpt unfolds.
	firstShown = 10
	// maxValue is how many characters of a value are shown.
	maxValue = 200
)

// diffView is what a plan does for one sync, as far as its excerpt goes.
type diffView struct {
	Sync        string
	First, Rest []changeView
	RestText    string // Show 40 more
	Showing     string // showing 10 of 2,341 operations
	Reasons     []string
	Findings    []findingView
}

type changeView struct {
	Class     string // add, change, remove or restore
	Sign      string
	Operation string
	Key       string
	Columns   []columnView
	Unchanged string
}

type columnView struct {
	Class, Sign, Name string
	Before, After     string
	// Pair: both are shown.
	Pair bool
}

type findingView struct {
	Text  string
	Lines []string
	More  string
}

// diffs shows a plan, of which show is the command; said is what the page says of it already.
func diffs(p *plan.Plan, show, said string) []diffView {
	var views []diffView
	for i := range p.Destinations {
		part := &p.Destinations[i]
		for j := range part.Syncs {
			if view, something := diffOf(show, said, part, &part.Syncs[j]); something {
				views = append(views, view)
			}
		}
	}
	return views
}

func diffOf(show, said string, part *plan.Destination, s *register.SyncSummary) (diffView, bool) {
	view := diffView{Sync: s.Sync}
	for i := range part.Excerpt {
		change := &part.Excerpt[i]
		switch {
		case change.Sync != s.Sync:
		case len(view.First) < firstShown:
			view.First = append(view.First, changeOf(change))
		default:
			view.Rest = append(view.Rest, changeOf(change))
		}
	}
	all := int64(len(view.First) + len(view.Rest))
	view.Showing = fmt.Sprintf("showing %s of %s", grouped(int64(len(view.First))), plural(s.Total(), "operation"))
	if n := len(view.Rest); n > 0 {
		view.RestText = fmt.Sprintf("Show %d more", n)
		if rest := s.Total() - all; rest > 0 {
			view.RestText += fmt.Sprintf(" (the other %s: %s)", grouped(rest), show)
		}
	}
	for _, reason := range []struct{ what, text string }{
		{"Held: ", plan.Liftable(s)}, {"Held, and no override helps: ", s.Blocked}, {"Held back: ", s.BackReason},
	} {
		// The unit's message often says it already.
		if reason.text != "" && !strings.Contains(said, reason.text) {
			view.Reasons = append(view.Reasons, reason.what+reason.text)
		}
	}
	for _, kind := range plan.Noticed(s) {
		view.Findings = append(view.Findings, findingOf(part, s, kind))
	}
	return view, s.Total() > 0 || s.Held != "" || s.Blocked != "" || len(view.Findings) > 0
}

func findingOf(part *plan.Destination, s *register.SyncSummary, kind register.FindingKind) findingView {
	count := plan.Findings(s, kind)
	view := findingView{Text: strings.ReplaceAll(string(kind), "_", " ") + ": " + grouped(count)}
	for i := range part.Notices {
		if n := &part.Notices[i]; n.Sync == s.Sync && n.Kind == kind {
			view.Lines = append(view.Lines, noticeText(n))
		}
	}
	if rest := count - int64(len(view.Lines)); rest > 0 && len(view.Lines) > 0 {
		view.More = grouped(rest) + " more not shown"
	}
	return view
}

// noticeText is a finding's line: what was not done, the key, the message.
func noticeText(n *plan.Notice) string {
	text := keyText(n.Key)
	if n.Operation != "" {
		text = string(n.Operation) + " " + text
	}
	for _, more := range []string{n.Message, n.Detail} {
		switch {
		case more == "":
		case text == "":
			text = more
		default:
			text += ": " + more
		}
	}
	return text
}

func changeOf(c *plan.Change) changeView {
	view := changeView{Operation: string(c.Operation), Key: keyText(c.Key)}
	view.Class, view.Sign = signOf(c.Operation)
	unchanged := int64(0)
	for i := range c.Columns {
		column := &c.Columns[i]
		switch {
		case !column.Changed:
			unchanged++
		case column.Before == nil:
			view.Columns = append(view.Columns, columnView{Class: "add", Sign: "+", Name: column.Column, After: valueText(column.After)})
		case column.After == nil:
			view.Columns = append(view.Columns, columnView{Class: "remove", Sign: "−", Name: column.Column, Before: valueText(column.Before)})
		default:
			view.Columns = append(view.Columns, columnView{
				Class: "change", Sign: "~", Name: column.Column, Before: valueText(column.Before), After: valueText(column.After), Pair: true,
			})
		}
	}
	if unchanged > 0 {
		view.Unchanged = plural(unchanged, "unchanged column") + " hidden"
	}
	return view
}

func signOf(o config.Operation) (class, sign string) {
	switch o {
	case config.Insert:
		return "add", "+"
	case config.Undelete, config.Adopt:
		return "restore", "±"
	case config.Archive, config.Delete, config.Purge:
		return "remove", "−"
	default:
		return "change", "~"
	}
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

// valueText shows a value, and the business keys that it was looked up by.
func valueText(c *plan.Cell) string {
	text := cellText(c)
	var keys []string
	for i := range c.Keys {
		if !c.Keys[i].Null {
			keys = append(keys, c.Keys[i].Column+" "+cellText(&c.Keys[i]))
		}
	}
	if len(keys) > 0 {
		text += " (" + strings.Join(keys, ", ") + ")"
	}
	return text
}

func cellText(c *plan.Cell) string {
	switch {
	case c.Sensitive:
		return "(sensitive)"
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

// quoted returns text as a literal, in which nothing is invisible. full is the text's whole length in characters
// where it was cut before, otherwise 0.
func quoted(text string, full int) string {
	full = max(full, utf8.RuneCountInString(text))
	shown := []rune(text)
	if full <= maxValue && len(shown) == full {
		return strconv.Quote(text)
	}
	literal := strconv.Quote(string(shown[:min(len(shown), maxValue)]))
	return strings.TrimSuffix(literal, `"`) + `…" (` + plural(int64(full), "character") + ")"
}
