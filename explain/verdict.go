package explain

import (
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// Kind is what a verdict says, for programs.
type Kind string

// The kinds of verdicts, in the order in which they are looked for: of several that hold, the first explains most.
const (
	NotAKey     Kind = "not_a_key"     // no row of the table can have this key
	Duplicate   Kind = "duplicate_key" // the source has it more than once
	Stopped     Kind = "stopped"       // an assert on this record stops every plan
	CannotTell  Kind = "cannot_tell"   // no plan can be made
	Rejected    Kind = "rejected"      // the mapping, an assert or a lookup does not let the record through
	OtherOrigin Kind = "other_origin"  // the row is another origin's
	HeldBack    Kind = "held_back"     // a guard withholds removals
	Held        Kind = "held"          // a guard, a check or a policy holds the sync
	Protected   Kind = "protected"     // lifecycle.protect
	Paused      Kind = "paused"        // there is something to do, and the sync is paused
	Pending     Kind = "pending"       // a plan that was made waits to be applied
	Waiting     Kind = "waiting"       // the next run does it
	Unscheduled Kind = "unscheduled"   // a plan would do it, and no run comes
	Unresolved  Kind = "unresolved"    // written with NULL for what was not found
	Withheld    Kind = "withheld"      // lifecycle.operations does not allow it
	InStep      Kind = "in_step"
	Archived    Kind = "archived" // and the source lacks it
	Kept        Kind = "kept"     // the source lacks it, and on_missing keeps it
	Renamed     Kind = "renamed"  // the row has another key now
	Deleted     Kind = "deleted"  // and the source lacks it
	NotInSource Kind = "not_in_source"
	NotWritten  Kind = "not_written" // the source names it for a task that is not to be done
	Unknown     Kind = "unknown"     // neither source nor destination nor register knows it
)

// Verdict is why a row is as it is.
type Verdict struct {
	Kind     Kind
	Sentence string
}

// rule says whether something holds, in a sentence; "" where it does not.
type rule struct {
	kind Kind
	of   func(*Facts) string
}

func rules() []rule {
	return []rule{
		{NotAKey, (*Facts).notAKey},
		{Duplicate, (*Facts).duplicate},
		{Stopped, (*Facts).stopped},
		{CannotTell, (*Facts).cannotTell},
		{Rejected, (*Facts).rejected},
		{OtherOrigin, (*Facts).otherOrigin},
		{HeldBack, (*Facts).heldBack},
		{Held, (*Facts).held},
		{Protected, (*Facts).protected},
		{Paused, (*Facts).paused},
		{Pending, (*Facts).pending},
		{Waiting, (*Facts).waiting},
		{Unscheduled, (*Facts).unscheduled},
		{Unresolved, (*Facts).unresolved},
		{Withheld, (*Facts).withheld},
		{InStep, (*Facts).inStep},
		{Archived, (*Facts).archived},
		{Kept, (*Facts).kept},
		{Renamed, (*Facts).renamed},
		{Deleted, (*Facts).deleted},
		{NotInSource, (*Facts).notInSource},
		{NotWritten, (*Facts).notWritten},
		{Unknown, (*Facts).unknown},
	}
}

// Explain comes to a verdict. It asks nobody: the facts are all there is.
func (f *Facts) Explain() *Explanation {
	e := &Explanation{Facts: *f}
	for _, r := range rules() {
		sentence := r.of(f)
		switch {
		case sentence == "":
		case e.Verdict.Kind == "":
			e.Verdict = Verdict{r.kind, sentence}
		case besides(e.Verdict.Kind, r.kind):
			e.say(sentence)
		}
	}
	for _, sentence := range f.remarks(e.Verdict.Kind) {
		e.say(sentence)
	}
	e.Commands = f.commands(e.Verdict.Kind)
	return e
}

// say adds what was not said yet.
func (e *Explanation) say(text string) {
	if text == "" {
		return
	}
	said := slices.Concat([]string{e.Verdict.Sentence}, e.Besides)
	var left []string
	for _, one := range strings.SplitAfter(text, ". ") {
		one = strings.TrimSpace(one)
		if !slices.ContainsFunc(said, func(known string) bool { return strings.Contains(" "+known+" ", " "+one+" ") }) {
			left = append(left, one)
		}
	}
	if len(left) > 0 {
		e.Besides = append(e.Besides, strings.Join(left, " "))
	}
}

// besides reports whether a second rule that holds tells something new beside a verdict.
func besides(verdict, other Kind) bool {
	// These say that there is nothing else to say.
	if other == NotInSource || other == NotWritten || other == Unknown {
		return false
	}
	switch verdict {
	case NotAKey:
		return false
	case Held, HeldBack, Paused:
		return other != Waiting && other != Unscheduled && other != Withheld // no run does it
	case Pending:
		return other != Unscheduled && other != Withheld // what would be done is in the sentence
	case CannotTell, Duplicate, Stopped:
		return other == OtherOrigin
	default:
		return true
	}
}

// record is the first under the key, nil for none.
func (f *Facts) record() *plan.WatchedRecord {
	if len(f.Watched.Records) == 0 {
		return nil
	}
	return &f.Watched.Records[0]
}

// wanted is the record, unless its query says that the row is to go.
func (f *Facts) wanted() *plan.WatchedRecord {
	for i := range f.Watched.Records {
		if f.Watched.Records[i].Task != config.Delete {
			return &f.Watched.Records[i]
		}
	}
	return nil
}

// row is the sync's row under the key, nil for none.
func (f *Facts) row() *plan.WatchedRow { return f.findRow(true) }

// foreign is another origin's row under the key, nil for none.
func (f *Facts) foreign() *plan.WatchedRow { return f.findRow(false) }

func (f *Facts) findRow(ours bool) *plan.WatchedRow {
	i := slices.IndexFunc(f.Watched.Rows, func(r plan.WatchedRow) bool { return r.Ours == ours })
	if i < 0 {
		return nil
	}
	return &f.Watched.Rows[i]
}

// operation is what the next plan does about the key, nil for nothing.
func (f *Facts) operation() *register.Operation {
	if len(f.Watched.Operations) == 0 {
		return nil
	}
	return &f.Watched.Operations[0]
}

func (f *Facts) finding(kind register.FindingKind) *register.Finding {
	i := slices.IndexFunc(f.Watched.Findings, func(one register.Finding) bool { return one.Kind == kind })
	if i < 0 {
		return nil
	}
	return &f.Watched.Findings[i]
}

// detail is a field of a finding's detail.
func detail(f *register.Finding, name string) string {
	field, _ := f.Detail.Field(name)
	return field.Text
}

// joined puts sentences together.
func joined(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}
