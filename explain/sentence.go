package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

func (f *Facts) notAKey() string {
	if f.Watched.KeyErr == nil {
		return ""
	}
	return fmt.Sprintf("No row of table %s can have this key: %s.", f.Watched.Sync.Destination.Table, f.Watched.KeyErr)
}

func (f *Facts) duplicate() string {
	n := map[config.Operation]int{}
	for _, r := range f.Watched.Records {
		n[r.Task]++
	}
	for _, count := range n {
		if count > 1 {
			return fmt.Sprintf("The source has this key more than once: as long as it does, no plan of %s can be made, and its rows stay as they are.", f.Watched.Sync.Address)
		}
	}
	return ""
}

func (f *Facts) stopped() string {
	for _, r := range f.Watched.Records {
		for _, a := range r.Asserts {
			if !a.Obeyed && a.OnFailure == config.StopFailure {
				return joined(fmt.Sprintf("The record does not obey assert %q, which stops every plan of %s.", a.Name, f.Watched.Sync.Address), sentence(a.Message))
			}
		}
	}
	return ""
}

func (f *Facts) cannotTell() string {
	w := f.Watched
	if w.Err == nil {
		return ""
	}
	return joined("Cannot tell what the next run would do, since no plan can be made: "+sentence(plainly(w.Err)), f.asKnown())
}

// asKnown says what the destination has where no plan can be made.
func (f *Facts) asKnown() string {
	switch row := f.row(); {
	case !f.Watched.Described, f.otherOrigin() != "":
		return ""
	case row != nil && row.Archived:
		return "The row is there, and archived" + f.doneOn(config.Archive) + "."
	case row != nil:
		return "The row is there."
	default:
		return "There is no such row."
	}
}

func (f *Facts) rejected() string {
	found := f.finding(register.Rejected)
	if found == nil {
		return ""
	}
	what := "no row is written"
	if f.row() != nil {
		what = "the row stays as it is"
	}
	message := found.Message
	if record := f.wanted(); record != nil {
		for _, a := range record.Asserts {
			if !a.Obeyed && a.Name == message {
				message = fmt.Sprintf("assert %q does not hold", a.Name)
				if a.Secret != "" {
					message += " (its message is masked)"
				}
			}
		}
	}
	return fmt.Sprintf("Rejected, so that %s: %s", what, sentence(message))
}

func (f *Facts) otherOrigin() string {
	row := f.foreign()
	if f.row() != nil || row == nil || f.operation() != nil {
		return ""
	}
	if f.finding(register.Ignored) == nil && f.wanted() != nil && !row.Clashes {
		return ""
	}
	return joined(fmt.Sprintf("Another origin has the row (%s), and %s leaves it alone.", f.origin(row), f.Watched.Sync.Address), f.lacking())
}

// origin is whose a row is, masked.
func (f *Facts) origin(row *plan.WatchedRow) string {
	var parts []string
	for _, name := range f.Watched.ScopeColumns {
		field, ok := row.Values.Field(name)
		if !ok {
			continue
		}
		text := fmt.Sprintf("%q", field.Text)
		switch {
		case slices.Contains(f.Watched.Summary.Sensitive, name):
			text = "(sensitive)"
		case field.Null:
			text = "null"
		}
		parts = append(parts, name+" = "+text)
	}
	if len(parts) == 0 {
		return "outside the scope"
	}
	return strings.Join(parts, ", ")
}

func (f *Facts) heldBack() string {
	found := f.finding(register.HeldBack)
	if found == nil {
		return ""
	}
	return joined(f.lacking(), fmt.Sprintf("The guard holds removals back, so that %s is not done: %s", noun(config.Operation(detail(found, "operation"))), sentence(f.Watched.Summary.BackReason)))
}

func (f *Facts) held() string {
	o, s := f.operation(), &f.Watched.Summary
	if o == nil || s.Held == "" && len(f.Watched.HeldWith) == 0 {
		return ""
	}
	if s.Held == "" {
		return joined(f.lacking(), fmt.Sprintf("It is to be %s, but the unit that %s is run in is held: %s", done(o.Operation), s.Sync, sentence(strings.Join(f.Watched.HeldWith, "; "))))
	}
	return joined(f.lacking(), fmt.Sprintf("It is to be %s, but %s is held: %s", done(o.Operation), s.Sync, sentence(s.Held)))
}

func (f *Facts) protected() string {
	found := f.finding(register.Protected)
	if found == nil {
		return ""
	}
	return joined(f.lacking(), fmt.Sprintf("lifecycle.protect protects the row, so that %s is not done.", noun(config.Operation(detail(found, "operation")))))
}

func (f *Facts) paused() string {
	o := f.operation()
	if o == nil || f.Pause == nil {
		return ""
	}
	return joined(f.lacking(), fmt.Sprintf("It is to be %s, but %s is paused since %s by %s: %s", done(o.Operation), f.Pause.Sync, f.when(f.Pause.PausedOn), f.Pause.PausedBy, sentence(f.Pause.Reason)))
}

func (f *Facts) pending() string {
	one := f.made(true)
	if one == nil {
		return ""
	}
	waits := "was approved, and waits to be applied"
	if one.Held {
		waits = "is held, and waits for a decision"
	}
	return joined(f.lacking(), fmt.Sprintf("Plan %s, made on %s by %s, has it %s, and %s.", f.planned(one.PlanID), f.when(one.CreatedOn), one.CreatedBy, done(one.Operation.Operation), waits))
}

// made is what is to be done as the last of the plans has it that can still be applied: of those that are held or approved of, or of the
// others, which wait for nobody.
func (f *Facts) made(decided bool) *register.KeyOperation {
	o := f.operation()
	for i := range f.Waiting {
		if one := &f.Waiting[i]; o != nil && one.Operation.Operation == o.Operation && (one.Held || f.Approved[one.PlanID]) == decided {
			return one
		}
	}
	return nil
}

func (f *Facts) waiting() string {
	o := f.operation()
	if o == nil || f.Next.Start.IsZero() {
		return ""
	}
	since := ""
	if f.LastPlan != nil {
		since = fmt.Sprintf(" (the last one applied is of %s)", f.when(f.LastPlan.ExecutedOn))
	}
	return joined(f.reason(o), fmt.Sprintf("It waits for the next run%s: it will be %s on %s.", since, done(o.Operation), f.when(f.Next.Start)))
}

// unscheduled is what holds where nothing runs the sync.
func (f *Facts) unscheduled() string {
	o := f.operation()
	if o == nil || !f.Next.Start.IsZero() {
		return ""
	}
	if f.Watched.Sync.Schedule == nil {
		return joined(f.reason(o), fmt.Sprintf("The next plan has it %s, and somebody must apply that: %s has no schedule.", done(o.Operation), f.Watched.Sync.Address))
	}
	why := ""
	if f.Closed != nil {
		why = ": now is " + f.Closed.Text
	}
	return joined(f.reason(o), fmt.Sprintf("It is to be %s, but no run of %s comes%s.", done(o.Operation), f.Watched.Sync.Schedule.Address, why))
}

// reason says why an operation is to be done.
func (f *Facts) reason(o *register.Operation) string {
	switch o.Operation {
	case config.Insert:
		return joined("The source has it, and the destination does not.", f.cameBack())
	case config.Update:
		return "The source has another value than the destination (" + strings.Join(f.changed(o), ", ") + ")."
	case config.Undelete:
		return "The source has it again; it is archived" + f.doneOn(config.Archive) + "."
	case config.Rename:
		return "A moved block gives the row another key."
	case config.Adopt:
		return "The row is another origin's, and destination.adopt takes it over."
	case config.Purge:
		return "It has been archived for longer than purge_after."
	default:
		return f.lacking()
	}
}

// cameBack says of a row to insert that it was there before.
func (f *Facts) cameBack() string {
	if last := f.lastOf(config.Delete, config.Purge); last != nil {
		return fmt.Sprintf("It was there before, until plan %s deleted it on %s.", f.planned(last.PlanID), f.when(last.ExecutedOn))
	}
	return ""
}

// changed are the mapped columns that an operation writes otherwise than they are; stamps only tell that it does.
func (f *Facts) changed(o *register.Operation) []string {
	var names []string
	for _, c := range plan.Mask(o, plan.Masking{}).Columns {
		if c.Changed && slices.ContainsFunc(f.Watched.Sync.Columns, func(mapped config.Column) bool { return mapped.Name == c.Column }) {
			names = append(names, c.Column)
		}
	}
	return names
}

// lacking says that the source does not have what the destination has, and why as far as checks tell.
func (f *Facts) lacking() string {
	w := f.Watched
	if f.wanted() != nil || !w.Planned {
		return ""
	}
	if f.record() != nil {
		return joined("The source names it among the rows to delete.", f.checked())
	}
	return joined("The source lacks it.", f.checked())
}

// checked is what checks say of the key.
func (f *Facts) checked() string {
	var said []string
	for _, found := range f.Watched.Checks {
		if len(said) < maxChecked {
			said = append(said, found.Sync+" says: "+sentence(found.Message))
		}
	}
	return strings.Join(said, " ")
}

const maxChecked = 3

func (f *Facts) unresolved() string {
	found := f.finding(register.Unresolved)
	if found == nil {
		return ""
	}
	return "A lookup finds nothing, and on_unresolved = \"null\" has NULL written: " + sentence(found.Message)
}

func (f *Facts) withheld() string {
	w, row := f.Watched, f.row()
	l := &w.Sync.Lifecycle
	var o config.Operation
	switch wanted := f.wanted(); {
	case !w.Planned || f.operation() != nil || f.finding(register.Rejected) != nil:
		return ""
	case wanted != nil && row == nil && f.foreign() == nil:
		o = config.Insert
	case wanted != nil && row != nil && row.Archived:
		o = config.Undelete
	case wanted != nil && row != nil && f.differs():
		o = config.Update
	case wanted == nil && row != nil && !row.Archived && l.OnMissing == config.ArchiveMissing:
		o = config.Archive
	case wanted == nil && row != nil && l.OnMissing == config.DeleteMissing:
		o = config.Delete
	}
	if o == "" || l.Allows(o) || w.Summary.Withheld[o] == 0 {
		return ""
	}
	return joined(f.lacking(), fmt.Sprintf("lifecycle.operations of %s does not allow %s, which would be done.", w.Sync.Address, noun(o)))
}

// differs reports whether a compared column of the row does not hold what the record maps to, as far as texts tell.
func (f *Facts) differs() bool {
	return slices.ContainsFunc(f.wanted().Mapped, func(c plan.WatchedColumn) bool {
		return !slices.Contains(f.Watched.Ignored, c.Name) && f.Compare(&c) == Different
	})
}

func (f *Facts) inStep() string {
	row := f.row()
	if f.wanted() == nil || row == nil || row.Archived || !f.Watched.Planned || f.operation() != nil || f.finding(register.Rejected) != nil || f.withheld() != "" {
		return ""
	}
	if f.finding(register.Protected) != nil || f.finding(register.HeldBack) != nil {
		return ""
	}
	return "In step: the row is what the source and the mapping make of it."
}

func (f *Facts) archived() string {
	row := f.row()
	if row == nil || !row.Archived || f.wanted() != nil || !f.Watched.Planned {
		return ""
	}
	if last := f.lastOf(config.Archive); last != nil && f.undoes(last.PlanID) {
		return joined("Archived"+f.doneOn(config.Archive)+".", f.lacking())
	}
	return joined("Archived"+f.doneOn(config.Archive)+", since the source lacks it.", f.checked())
}

// doneOn says when an operation was done about the key, by which plan: " on … by plan …"; "" where nobody knows.
func (f *Facts) doneOn(kinds ...config.Operation) string {
	last := f.lastOf(kinds...)
	if last == nil {
		return ""
	}
	return fmt.Sprintf(" on %s by plan %s", f.when(last.ExecutedOn), f.planned(last.PlanID))
}

func (f *Facts) kept() string {
	w, row := f.Watched, f.row()
	if row == nil || row.Archived || f.wanted() != nil || f.operation() != nil || !w.Planned || w.Sync.Lifecycle.OnMissing != config.KeepMissing {
		return ""
	}
	return joined(f.lacking(), "The row stays: on_missing = \"keep\".")
}

func (f *Facts) renamed() string {
	last := f.lastOf(config.Rename, config.Undelete)
	if f.record() != nil || f.row() != nil || last == nil || !last.Rekeys() || last.Gives(f.Watched.KeySpellings()) || !f.isLast(last) {
		return ""
	}
	return fmt.Sprintf("The row has another key now: plan %s renamed it on %s.", f.planned(last.PlanID), f.when(last.ExecutedOn))
}

func (f *Facts) isLast(o *register.KeyOperation) bool { return o == &f.Applied[0] }

func (f *Facts) deleted() string {
	last := f.lastOf(config.Delete, config.Purge)
	if f.record() != nil || f.row() != nil || last == nil || !f.isLast(last) {
		return ""
	}
	if f.undoes(last.PlanID) {
		return fmt.Sprintf("Deleted on %s: what was done to it was undone by plan %s.", f.when(last.ExecutedOn), f.planned(last.PlanID))
	}
	return joined(fmt.Sprintf("Deleted on %s by plan %s (%s): the source lacks it.", f.when(last.ExecutedOn), last.PlanID, last.Operation.Operation), f.checked())
}

func (f *Facts) notInSource() string {
	w := f.Watched
	if w.KeyErr != nil || !w.Planned || f.record() != nil || f.operation() != nil || f.row() != nil || f.foreign() != nil {
		return ""
	}
	switch {
	case len(w.Checks) > 0:
		return joined("Not in the source, as the sync reads it, and so not in the destination.", f.checked())
	case len(w.Related) > 0:
		said := make([]string, 0, maxChecked)
		for _, found := range w.Related[:min(len(w.Related), maxChecked)] {
			said = append(said, found.Sync+" says: "+sentence(found.Message))
		}
		return joined("Not in the source, as the sync reads it, and so not in the destination. Of a part of the key,", strings.Join(said, " "))
	case len(f.Applied) > 0:
		last := &f.Applied[0]
		return fmt.Sprintf("Not in the source and not in the destination any more. The last that was done is %s, on %s by plan %s.", noun(last.Operation.Operation), f.when(last.ExecutedOn), f.planned(last.PlanID))
	case len(f.Waiting) > 0:
		one := &f.Waiting[0]
		return fmt.Sprintf("Not in the source and not in the destination. Plan %s, made on %s by %s, has it %s.", f.planned(one.PlanID), f.when(one.CreatedOn), one.CreatedBy, done(one.Operation.Operation))
	case len(f.Noticed) > 0:
		return "Not in the source and not in the destination. The last plan noticed it: see the register."
	}
	return ""
}

func (f *Facts) notWritten() string {
	if f.record() == nil && f.row() == nil && f.foreign() == nil || f.operation() != nil || !f.Watched.Planned {
		return ""
	}
	if f.record() == nil {
		return "The row is there, and the plan does nothing about it."
	}
	if f.Watched.Sync.Source.Queries != nil {
		return fmt.Sprintf("The source names it among the rows to %s, of which there is nothing to do.", f.record().Task)
	}
	return "The source has it, and the plan does nothing about it."
}

func (f *Facts) unknown() string {
	if len(f.Watched.Records)+len(f.Watched.Rows)+len(f.Watched.Operations)+len(f.Applied)+len(f.Waiting)+len(f.Noticed) > 0 {
		return ""
	}
	since := ""
	if !f.Since.IsZero() {
		since = fmt.Sprintf(" The register holds nothing before %s.", f.when(f.Since))
	}
	return "Neither the source nor the destination nor the register knows this key: check it." + since + f.forgotten()
}

// forgotten says that what the register does not have of the key may have been redacted.
func (f *Facts) forgotten() string {
	if f.Redacted == 0 || len(f.Applied) > 0 {
		return ""
	}
	return fmt.Sprintf(" Of %d operations of %s the register has redacted the keys: this may have been one.", f.Redacted, f.Watched.Sync.Address)
}
