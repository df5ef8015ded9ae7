package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// remarks are what else there is to know, "" for what does not hold.
func (f *Facts) remarks(verdict Kind) []string {
	if verdict == NotAKey {
		return nil
	}
	list := []string{f.madeToo(verdict), f.together(verdict), f.likelyRename(), f.ignored(), f.warned(), f.pausedToo(), f.closedNow(), f.lastRunFailed(), f.backAgain(verdict), f.pruned()}
	// Those of a verdict about what the source lacks are in its sentence.
	if f.wanted() != nil || !f.Watched.Planned {
		for _, found := range f.Watched.Checks {
			list = append(list, found.Sync+" says: "+sentence(found.Message))
		}
	}
	list = append(list, f.blocking(verdict)...)
	list = append(list, f.leftAside()...)
	for _, p := range f.Watched.Policies {
		if verdict == Held && strings.Contains(f.Watched.Summary.Held, p.Policy) {
			continue // that is why
		}
		if slices.Contains(p.Syncs, f.Watched.Sync.Address) {
			list = append(list, fmt.Sprintf("The plan does not obey %s: %s", p.Policy, sentence(p.Message)))
		}
	}
	if f.RegisterErr != nil {
		list = append(list, "The register cannot be asked: "+sentence(plainly(f.RegisterErr)))
	}
	return list
}

func (f *Facts) likelyRename() string {
	found := f.finding(register.Renamed)
	switch {
	case found == nil:
		return ""
	case f.wanted() != nil:
		return "The code may have changed at the source: a row that goes is alike but for the key. The plan suggests a moved block, which keeps the row."
	default:
		return "The code may have changed at the source: a record that comes is alike but for the key. The plan suggests a moved block, which keeps the row."
	}
}

// ignored names the columns that differ and are left alone.
func (f *Facts) ignored() string {
	record := f.wanted()
	if record == nil || f.row() == nil {
		return ""
	}
	var names []string
	for i := range record.Mapped {
		c := &record.Mapped[i]
		if slices.Contains(f.Watched.Ignored, c.Name) && f.Compare(c) == Different {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("Changed in the destination, and left so by ignore_changes: %s.", strings.Join(names, ", "))
}

func (f *Facts) warned() string {
	found := f.finding(register.Warned)
	if found == nil {
		return ""
	}
	return "Written although it does not obey: " + sentence(found.Message)
}

// blocking is what the checks found that hold the sync.
func (f *Facts) blocking(verdict Kind) []string {
	if verdict != Held {
		return nil
	}
	said := make([]string, 0, len(f.Watched.Blocking))
	for _, found := range f.Watched.Blocking {
		said = append(said, found.Sync+" says: "+sentence(found.Message))
	}
	return said
}

// madeToo tells of a plan that was made and that nobody has to decide about: the next run makes its own.
func (f *Facts) madeToo(verdict Kind) string {
	if verdict == Pending {
		return ""
	}
	if one := f.made(false); one != nil {
		return fmt.Sprintf("Plan %s, made on %s by %s, has it %s, too, and was not applied.", f.planned(one.PlanID), f.when(one.CreatedOn), one.CreatedBy, done(one.Operation.Operation))
	}
	return ""
}

// together says what removes a row that is held only because a run plans those apart that refer to it.
func (f *Facts) together(verdict Kind) string {
	if !f.heldByOthers(verdict) {
		return ""
	}
	return fmt.Sprintf("A plan of all together (registrar plan) removes the rows that refer to it, too, where their source lacks them: %s.", strings.Join(f.Watched.Referring, ", "))
}

func (f *Facts) heldByOthers(verdict Kind) bool {
	o := f.operation()
	return verdict == Held && o != nil && (o.Operation == config.Delete || o.Operation == config.Purge) && f.Watched.Summary.Blocked != "" && len(f.Watched.Referring) > 0
}

// leftAside says what the run has before the sync, and the plan is without.
func (f *Facts) leftAside() []string {
	var list []string
	for _, a := range f.Watched.Aside {
		switch {
		case a.Err != nil:
			list = append(list, "With what is run before it no plan can be made, so that those rows are taken as they are: "+sentence(plainly(a.Err)))
		default:
			list = append(list, fmt.Sprintf("%s is run before it, and is not applied, so that its rows are taken as they are: %s", a.Unit, sentence(a.Reason)))
		}
	}
	return list
}

func (f *Facts) pausedToo() string {
	if f.Pause == nil || f.paused() != "" {
		return ""
	}
	return fmt.Sprintf("%s is paused since %s by %s: %s", f.Pause.Sync, f.when(f.Pause.PausedOn), f.Pause.PausedBy, sentence(f.Pause.Reason))
}

func (f *Facts) closedNow() string {
	if f.Closed == nil {
		return ""
	}
	return fmt.Sprintf("No run may start now: %s.", f.Closed.Text)
}

func (f *Facts) lastRunFailed() string {
	if f.LastRun == nil || f.LastRun.Status != register.RunFailed && f.LastRun.Status != register.RunHeld {
		return ""
	}
	return fmt.Sprintf("The last run, on %s, ended as %s: %s", f.when(f.LastRun.StartedOn), f.LastRun.Status, sentence(f.LastRun.Message))
}

// backAgain says of a row in step that it was away.
func (f *Facts) backAgain(verdict Kind) string {
	if verdict != InStep || len(f.Applied) == 0 {
		return ""
	}
	last := &f.Applied[0]
	switch last.Operation.Operation {
	case config.Undelete:
		return fmt.Sprintf("It came back: plan %s undeleted it on %s.", f.planned(last.PlanID), f.when(last.ExecutedOn))
	case config.Rename:
		return fmt.Sprintf("Its key changed: plan %s renamed it on %s.", f.planned(last.PlanID), f.when(last.ExecutedOn))
	default:
		return ""
	}
}

// pruned says that the register does not reach back to where the row came from.
func (f *Facts) pruned() string {
	if f.row() == nil || f.RegisterErr != nil || f.Since.IsZero() {
		return ""
	}
	if f.lastOf(config.Insert, config.Adopt) != nil || len(f.Applied) > 0 && f.Applied[0].Gives(f.Watched.KeySpellings()) {
		return ""
	}
	return fmt.Sprintf("The register holds nothing before %s: what was done to the row before is not known.", f.when(f.Since))
}

// Comparison is how a mapped value and the row's stand to each other.
type Comparison string

// The comparisons.
const (
	Same      Comparison = "same"
	Different Comparison = "different"
	Unknowing Comparison = "unknown" // there is no row, or no value
)

// Compare compares a mapped column of the record with the row, by their texts; of one that is looked up, the business keys. The plan
// compares as the sync says (compare), which may find them equal all the same.
func (f *Facts) Compare(c *plan.WatchedColumn) Comparison {
	row := f.row()
	if row == nil || len(c.Values) == 0 {
		return Unknowing
	}
	for _, v := range c.Values {
		held, ok := row.Values.Field(v.Name)
		if !ok || v.Err != "" {
			return Unknowing
		}
		if held.Null != v.Null || held.Text != v.Text {
			return Different
		}
	}
	return Same
}

// commands are command lines that tell more.
func (f *Facts) commands(verdict Kind) [][]string {
	var list [][]string
	switch verdict {
	case Rejected, Unresolved, CannotTell:
		list = append(list, f.parents()...)
	case Pending:
		list = append(list, []string{"registrar", "show", f.made(true).PlanID})
	case Paused:
		list = append(list, []string{"registrar", "resume", f.Watched.Sync.Address})
	case Held, HeldBack:
		if f.heldByOthers(verdict) {
			return append(list, []string{"registrar", "plan"})
		}
		list = append(list, []string{"registrar", "plan", "--target", f.Watched.Sync.Address})
	case Unscheduled:
		if one := f.made(false); one != nil {
			list = append(list, []string{"registrar", "show", one.PlanID})
		}
		if f.Watched.Sync.Schedule == nil {
			list = append(list, []string{"registrar", "plan", "--target", f.Watched.Sync.Address, "--out", "plan.json"})
		}
	case Archived, Deleted, Renamed:
		if len(f.Applied) > 0 {
			list = append(list, []string{"registrar", "show", f.Applied[0].PlanID})
		}
	default:
	}
	return list
}

// parents explain the lookups that find nothing.
func (f *Facts) parents() [][]string {
	var list [][]string
	for i := range f.Watched.Lookups {
		l := &f.Watched.Lookups[i]
		if len(l.Found) > 0 || l.Sensitive || len(l.Owners) == 0 || slices.ContainsFunc(l.Keys, func(k register.Field) bool { return k.Null }) {
			continue
		}
		at := slices.IndexFunc(f.Config.Syncs, func(s *config.Sync) bool { return s.Address == l.Owners[0] })
		if at < 0 {
			continue
		}
		names := plan.RowKeyNames(f.Config.Syncs[at])
		texts := make([]string, 0, len(names))
		for _, name := range names {
			if key, ok := l.Keys.Field(name); ok {
				texts = append(texts, key.Text)
			}
		}
		if len(texts) == len(names) {
			list = append(list, []string{"registrar", "explain", l.Owners[0], plan.KeyText(texts)})
		}
	}
	return list
}
