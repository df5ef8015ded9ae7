// Package examples holds configurations that can be run as they are: each folder
// has *.hcl files, the data that they read, and setup.sql, which creates the
// destination's tables in the state that the first plan finds.
//
// They are embedded so that the demo needs no checkout, and each is run from its
// earlier state by a test.
package examples

import "embed"

// FS holds every file of the examples, under the example's name.
//
//go:embed quickstart sifac postgres celcat ecampus exports apogee moodle hours isotools
var FS embed.FS

// Names lists the examples; each is a folder of FS.
func Names() []string {
	return []string{"quickstart", "sifac", "postgres", "celcat", "ecampus", "exports", "apogee", "moodle", "hours", "isotools"}
}
