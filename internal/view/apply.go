package view

import (
	"fmt"

	"github.com/registrar-sync/registrar/apply"
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
