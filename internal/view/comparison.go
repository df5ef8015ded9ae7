package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// comparison writes what the change of configuration alone does, where that was asked for.
func (v *View) comparison(c *plan.Comparison) {
	if c == nil {
		return
	}
	v.Gap()
	v.line("  %s", v.paint.strong("# "+OneLine(comparedWith(c))))
	switch {
	case c.Unavailable != "":
		fmt.Fprintln(v.out, "  "+v.paint.remove("! unavailable: ")+OneLine(c.Unavailable))
		v.note("(whether the change has an effect is not known)")
		return
	case len(c.Syncs) == 0:
		v.note("(no effect on the operations: both configurations plan the same ones)")
	}
	for _, s := range comparedSyncs(c) {
		v.Gap()
		v.line("  %s", v.paint.strong("# "+OneLine(s.Sync)+comparedNote(s, OneLine)))
		for _, part := range comparedParts(s) {
			v.note("%s: %s", part.title, part.counts.toDo())
			for i := range part.excerpt {
				v.change(&part.excerpt[i])
			}
			if rest := part.counts.sum() - int64(len(part.excerpt)); rest > 0 {
				v.note("(%s not shown)", plural(rest, "more operation"))
			}
		}
	}
	if len(c.Besides) > 0 {
		v.Gap()
		v.line("  %s", v.paint.strong("# what else differs"))
		for i := range c.Besides {
			v.note("%s: %s", OneLine(c.Besides[i].Address), OneLine(differenceText(&c.Besides[i])))
		}
	}
}

// comparedWith is a title.
func comparedWith(c *plan.Comparison) string {
	text := "what the change of configuration alone does, compared with " + c.Ref
	if c.Commit != "" {
		text += " (" + shortCommit(c.Commit) + ")"
	}
	return text
}

func shortCommit(commit string) string { return firstRunes(commit, 12) }

// comparedSyncs lists those of which plans differ, those first where the change removes the most rows.
func comparedSyncs(c *plan.Comparison) []*plan.SyncComparison {
	var all []*plan.SyncComparison
	for i := range c.Syncs {
		all = append(all, &c.Syncs[i])
	}
	slices.SortStableFunc(all, func(a, b *plan.SyncComparison) int {
		return cmp.Or(cmp.Compare(removed(b.Only), removed(a.Only)), cmp.Compare(removed(b.Gone), removed(a.Gone)))
	})
	return all
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func removed(c map[config.Operation]int64) int64 {
	var n int64
	for operation, count := range c {
		if operation.Removes() {
			n += count
		}
	}
	return n
}

// maxHeirs bounds the syncs that are named in a line.
const maxHeirs = 3

// comparedNote says, after its address, what becomes of a sync itself; name writes what comes from elsewhere.
func comparedNote(s *plan.SyncComparison, name func(string) string) string {
	switch s.Presence {
	case plan.Added:
		return ", which the change adds"
	case plan.Removed:
		return ", which the change removes: its rows stay, " + heirsText(s.Heirs, name)
	case plan.InBoth:
	}
	text := ""
	if s.Was != "" {
		text = ", was " + name(s.Was) + " before"
	}
	if !s.Moved || s.Writes == nil || s.Wrote == nil {
		return text
	}
	where := func(w *plan.Written) string {
		return "table " + name(w.Table) + " of " + name(w.Destination) + " (" + name(w.Database) + ")"
	}
	if *s.Writes == *s.Wrote {
		return text + ", writes to " + where(s.Writes) + ", which is another database of the same name: the rows in that before stay"
	}
	return text + ", writes to " + where(s.Writes) + " instead of " + where(s.Wrote) + ", of which the rows stay"
}

func heirsText(heirs []string, name func(string) string) string {
	if len(heirs) == 0 {
		return "and are nobody's"
	}
	var names []string
	for _, heir := range heirs[:min(len(heirs), maxHeirs)] {
		names = append(names, name(heir))
	}
	text := strings.Join(names, ", ")
	if more := len(heirs) - maxHeirs; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if len(heirs) == 1 {
		return "as far as they are not those of " + text + ", which writes to the same table"
	}
	return "as far as they are not those of " + text + ", which write to the same table"
}

// differenceText says how something differs that is no operation.
func differenceText(d *plan.Difference) string {
	one := func(with, without string) string {
		if d.Head != "" {
			return with + d.Head
		}
		return without + d.Base
	}
	switch d.What {
	case plan.Former:
		return "was " + d.Base + " before"
	case plan.HeldState:
		return one("held now: ", "no longer held: ")
	case plan.BlockState:
		return one("held now, and no override helps: ", "no longer held, where no override helped: ")
	case plan.Masked:
		var parts []string
		if d.Base != "" {
			parts = append(parts, "no longer masked: "+d.Base)
		}
		if d.Head != "" {
			parts = append(parts, "masked now: "+d.Head)
		}
		return strings.Join(parts, "; ")
	default:
		none := func(text string) string { return cmp.Or(text, "none") }
		return strings.ReplaceAll(string(d.What), "_", " ") + ": was " + none(d.Base) + "; is " + none(d.Head)
	}
}

// comparedPart are the operations of a sync that one of two configurations alone plans.
type comparedPart struct {
	title   string
	counts  counts
	excerpt []plan.Change
}

// comparedParts leaves out the configuration that plans nothing of its own.
func comparedParts(s *plan.SyncComparison) []comparedPart {
	parts := []comparedPart{
		{title: "only with the change", counts: s.Only, excerpt: s.OnlyExcerpt},
		{title: "no longer with the change", counts: s.Gone, excerpt: s.GoneExcerpt},
	}
	return slices.DeleteFunc(parts, func(p comparedPart) bool { return p.counts.sum() == 0 })
}

// jsonComparison is what a change of configuration alone does.
type jsonComparison struct {
	Ref          string           `json:"ref"`
	Commit       string           `json:"commit"`
	ConfigDigest string           `json:"config_digest"`
	PlanID       string           `json:"plan_id"`
	Unavailable  string           `json:"unavailable,omitempty"`
	Syncs        []jsonComparedTo `json:"syncs"`
	// Besides is what else differs.
	Besides []jsonDifference `json:"besides"`
}

type jsonDifference struct {
	Address string      `json:"address"`
	What    plan.Aspect `json:"what"`
	Base    string      `json:"base"`
	Head    string      `json:"head"`
}

type jsonWritten struct {
	Destination string `json:"destination"`
	Database    string `json:"database"`
	Table       string `json:"table"`
}

type jsonComparedTo struct {
	Address  string                     `json:"address"`
	Faculty  string                     `json:"faculty,omitempty"`
	Presence plan.Presence              `json:"presence"`
	Was      string                     `json:"was,omitempty"`
	Heirs    []string                   `json:"heirs,omitempty"`
	Writes   *jsonWritten               `json:"writes,omitempty"`
	Wrote    *jsonWritten               `json:"wrote,omitempty"`
	Moved    bool                       `json:"moved,omitempty"`
	Base     map[config.Operation]int64 `json:"base"`
	Head     map[config.Operation]int64 `json:"head"`
	Only     map[config.Operation]int64 `json:"only"`
	Gone     map[config.Operation]int64 `json:"gone"`
	// The excerpts are some of the operations that Only and Gone count.
	OnlyExcerpt []*jsonChange `json:"only_excerpt"`
	GoneExcerpt []*jsonChange `json:"gone_excerpt"`
}

func comparisonDocument(c *plan.Comparison) *jsonComparison {
	if c == nil {
		return nil
	}
	out := &jsonComparison{
		Ref: c.Ref, Commit: c.Commit, ConfigDigest: c.ConfigDigest, PlanID: c.PlanID, Unavailable: c.Unavailable, Syncs: []jsonComparedTo{}, Besides: []jsonDifference{},
	}
	for i := range c.Syncs {
		s := &c.Syncs[i]
		documents := func(changes []plan.Change, in *plan.Written) []*jsonChange {
			table := ""
			if in != nil {
				table = in.Table
			}
			list := make([]*jsonChange, len(changes))
			for i := range changes {
				list[i] = changeDocument(&changes[i], table)
			}
			return list
		}
		out.Syncs = append(out.Syncs, jsonComparedTo{
			Address: s.Sync, Faculty: s.Faculty, Presence: s.Presence, Was: s.Was, Heirs: s.Heirs, Writes: (*jsonWritten)(s.Writes), Wrote: (*jsonWritten)(s.Wrote), Moved: s.Moved,
			Base: all(s.Base), Head: all(s.Head), Only: all(s.Only), Gone: all(s.Gone),
			OnlyExcerpt: documents(s.OnlyExcerpt, s.Writes), GoneExcerpt: documents(s.GoneExcerpt, s.Wrote),
		})
	}
	for _, d := range c.Besides {
		out.Besides = append(out.Besides, jsonDifference(d))
	}
	return out
}
