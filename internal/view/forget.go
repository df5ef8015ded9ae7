package view

import (
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// Forgetting is what would be redacted in one destination.
type Forgetting struct {
	Destination string // its address
	Touched     []register.Touched
	// Others is how many other keys the row had.
	Others int
	// Lives are those of the rows that had the key.
	Lives []ForgottenLife
	// Unplaced are operations that are left, since nobody can tell which row they are about.
	Unplaced int64
	// FindingMessages and RunMessages name the key.
	FindingMessages, RunMessages int64
	// Spoilt are the plans that could be applied, and could not any more.
	Spoilt []string
}

// ForgottenLife is the life of a row of a sync.
type ForgottenLife struct {
	register.Life

	Sync string // its address
}

// Nothing reports whether there is nothing to redact.
func (f *Forgetting) Nothing() bool {
	return len(f.Touched) == 0 && f.FindingMessages == 0 && f.RunMessages == 0
}

// Forgetting says what would be redacted.
func (v *View) Forgetting(f *Forgetting) {
	v.Heading("%s", OneLine(f.Destination))
	for _, one := range f.Touched {
		text := OneLine(one.Sync)
		if one.Table != "" {
			text += fmt.Sprintf(", table %s: %s of %s", OneLine(one.Table), plural(one.Operations, "operation"), plural(one.Plans, "plan"))
		} else {
			text += ":"
		}
		if one.Findings > 0 {
			if one.Table != "" {
				text += ","
			}
			text += " " + plural(one.Findings, "finding")
		}
		v.line("  %s", text)
	}
	v.lives(f.Lives)
	if f.Unplaced > 0 {
		v.line("  Left as they are: %s under other keys that the row had. Plans of the same instant contradict each other, so that nobody can tell whose they are.", plural(f.Unplaced, "operation"))
	}
	if f.FindingMessages > 0 {
		v.line("  %s of findings that name it", plural(f.FindingMessages, "message"))
	}
	if f.RunMessages > 0 {
		v.line("  %s of runs that name it", plural(f.RunMessages, "message"))
	}
	if f.Others > 0 {
		v.line("  Renames gave the row %s: they are included.", plural(int64(f.Others), "other key"))
	}
	for _, id := range f.Spoilt {
		v.line("  Plan %s, which is not applied yet, could not be applied any more.", OneLine(id))
	}
}

// lives tells the rows of a sync apart, where there are several.
func (v *View) lives(all []ForgottenLife) {
	bySync := map[string]int{}
	for i := range all {
		bySync[all[i].Sync]++
	}
	for i := range all {
		one := &all[i]
		if bySync[one.Sync] < 2 {
			continue
		}
		until := "until now"
		if !one.Until.IsZero() {
			until = "until " + one.Until.UTC().Format(time.RFC3339)
		}
		v.line("  A row of %s that had the key from %s %s: %s", OneLine(one.Sync), one.From.UTC().Format(time.RFC3339), until, plural(one.Operations, "operation"))
	}
}

// Forgotten says what a redaction does not reach.
func (v *View) Forgotten() {
	v.Say("The row itself is not touched: as long as the source or the destination has it, the next plan that changes it records its values again. " +
		"Backups, plan files, bundles and the database's own logs are not reached.")
}
