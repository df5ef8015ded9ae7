package view

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/plan"
)

// Applied writes what an apply has done.
func (v *View) Applied(result *apply.Result) {
	sum := counts{}
	for _, d := range result.Destinations {
		sum.add(d.Counts)
	}
	fmt.Fprintln(v.out, v.paint.good("Apply complete:")+" "+sum.done()+".")
	if len(result.Destinations) < 2 {
		return
	}
	for _, d := range result.Destinations {
		what := counts(d.Counts).done()
		if d.Before {
			what = "done by an earlier apply of this plan"
		}
		v.line("  %s: %s", OneLine(d.Address), what)
	}
}

// Overridden says that a held plan was applied all the same.
func (v *View) Overridden(reason string) {
	v.Say("The plan was held. The override is recorded, with its reason: %s", OneLine(reason))
}

// HeldBack says what an apply left out, and why.
func (v *View) HeldBack(p *plan.Plan) {
	syncs := p.Syncs()
	for i := range syncs {
		if len(syncs[i].HeldBack) > 0 {
			fmt.Fprintln(v.out, v.paint.remove("! held back: ")+OneLine(syncs[i].Sync+": "+backText(&syncs[i])))
		}
	}
}

// Paused says which syncs an apply paused, and how that ends.
func (v *View) Paused(result *apply.Result) {
	var paused, before []string
	for _, d := range result.Destinations {
		paused, before = append(paused, d.Paused...), append(before, d.PausedBefore...)
	}
	if len(paused) == 0 {
		return
	}
	v.Say("Paused, since the next run would do again what was undone: %s.", OneLine(strings.Join(paused, ", ")))
	if len(before) > 0 {
		v.Say("Of these, paused already before, and now for both reasons: %s.", OneLine(strings.Join(before, ", ")))
	}
	words := make([]string, len(paused))
	for i, sync := range paused {
		words[i] = shell.Quote(sync)
	}
	v.Say("Once the source or the configuration is put right: registrar resume %s", OneLine(strings.Join(words, " ")))
}
