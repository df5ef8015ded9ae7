package view

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// HistoryPlan is a plan of the history, as far as one destination knows it.
type HistoryPlan struct {
	Destination string
	Plan        *register.Plan
	// Execution is nil for a plan that was not applied.
	Execution *register.Execution
	// Counts are those of its operations that were asked for: of its syncs, where no other condition was given.
	Counts map[config.Operation]int64
}

// History writes operations, or plans, as they come: the latest first.
type History interface {
	// Plan writes a plan that is listed by itself.
	Plan(p *HistoryPlan) error
	// Change writes an operation of a plan.
	Change(p *HistoryPlan, s *register.SyncSummary, c *plan.Change) error
	// End writes what there is to tell behind: notes are sentences; complete says that nothing was left out for a limit.
	End(notes []string, complete bool) error
}

// historyText writes the history for people.
type historyText struct {
	v    *View
	zone *time.Location
	last *HistoryPlan
	sync string
}

// HistoryText returns a History for people, with times of the zone.
func (v *View) HistoryText(zone *time.Location) History { return &historyText{v: v, zone: zone} }

func (h *historyText) head(p *HistoryPlan) string {
	parts := []string{h.when(p), "plan " + OneLine(p.Plan.ID)}
	if commit := p.Plan.GitCommit; commit != "" {
		parts = append(parts, "commit "+OneLine(shortCommit(commit)))
	}
	author := "by " + OneLine(p.Plan.CreatedBy)
	if p.Plan.DatabaseUser != "" {
		author += " (" + OneLine(p.Plan.DatabaseUser) + ")"
	}
	parts = append(parts, author)
	if purpose := p.Plan.Purpose; purpose != nil {
		parts = append(parts, OneLine(string(purpose.Kind)+" of "+purpose.Of))
	}
	if p.Execution != nil {
		parts = append(parts, "applied by "+OneLine(p.Execution.ExecutedBy))
	}
	return strings.Join(parts, ", ") + ", " + OneLine(p.Destination)
}

// when is the time of a plan.
func (h *historyText) when(p *HistoryPlan) string {
	if p.Execution == nil {
		return "not applied, made on " + p.Plan.CreatedOn.In(h.zone).Format(time.RFC3339)
	}
	return p.Execution.ExecutedOn.In(h.zone).Format(time.RFC3339)
}

func (h *historyText) Plan(p *HistoryPlan) error {
	h.v.line("%s", h.v.paint.strong(h.head(p)))
	if p.Execution != nil {
		h.v.line("  %s", counts(p.Counts).done())
	} else {
		h.v.line("  %s", counts(p.Counts).toDo())
	}
	return h.v.out.err
}

func (h *historyText) Change(p *HistoryPlan, s *register.SyncSummary, c *plan.Change) error {
	if h.last != p {
		if h.last != nil {
			h.v.Gap()
		}
		h.v.line("%s", h.v.paint.strong(h.head(p)))
		h.last, h.sync = p, ""
	}
	if h.sync != s.Sync {
		h.v.line("  %s", h.v.paint.faint("# "+OneLine(s.Sync)+", table "+OneLine(s.Table)))
		h.sync = s.Sync
	}
	h.v.change(c)
	return h.v.out.err
}

func (h *historyText) End(notes []string, complete bool) error {
	if h.last != nil && (len(notes) > 0 || !complete) {
		h.v.Gap()
	}
	for _, note := range notes {
		h.v.Say("%s", note)
	}
	if !complete {
		h.v.Say("There is more: --limit 0 shows all.")
	}
	return h.v.out.err
}

// historyJSON writes one document.
type historyJSON struct {
	v    *View
	name string
	list *jsonList
}

// HistoryJSON returns a History that writes JSON: a member "plans" or "operations".
func (v *View) HistoryJSON(plans bool) History {
	name := "operations"
	if plans {
		name = "plans"
	}
	return &historyJSON{v: v, name: name}
}

func (h *historyJSON) add(element any) error {
	if h.list == nil {
		h.begin()
	}
	return h.list.add(element)
}

func (h *historyJSON) begin() {
	fmt.Fprintf(h.v.out, "{\"format_version\":%q,\n", formatVersion)
	h.list = h.v.beginList(h.name)
}

// jsonHistoryPlan is what tells of a plan, in the history.
type jsonHistoryPlan struct {
	PlanID       string            `json:"plan_id"`
	Destination  string            `json:"destination"`
	CreatedOn    time.Time         `json:"created_on"`
	CreatedBy    string            `json:"created_by"`
	DatabaseUser string            `json:"database_user,omitempty"`
	GitCommit    string            `json:"git_commit,omitempty"`
	Purpose      *register.Purpose `json:"purpose,omitempty"`
	// ExecutedOn and ExecutedBy are missing where the plan was not applied.
	ExecutedOn *time.Time `json:"executed_on,omitempty"`
	ExecutedBy string     `json:"executed_by,omitempty"`
}

func historyPlanDocument(p *HistoryPlan) jsonHistoryPlan {
	out := jsonHistoryPlan{
		PlanID: p.Plan.ID, Destination: p.Destination, CreatedOn: p.Plan.CreatedOn.UTC(), CreatedBy: p.Plan.CreatedBy, DatabaseUser: p.Plan.DatabaseUser,
		GitCommit: p.Plan.GitCommit, Purpose: p.Plan.Purpose,
	}
	if p.Execution != nil {
		on := p.Execution.ExecutedOn.UTC()
		out.ExecutedOn, out.ExecutedBy = &on, p.Execution.ExecutedBy
	}
	return out
}

func (h *historyJSON) Plan(p *HistoryPlan) error {
	return h.add(struct {
		jsonHistoryPlan

		Counts map[config.Operation]int64 `json:"counts"`
	}{historyPlanDocument(p), all(p.Counts)})
}

func (h *historyJSON) Change(p *HistoryPlan, s *register.SyncSummary, c *plan.Change) error {
	return h.add(struct {
		jsonHistoryPlan
		*jsonChange

		Faculty string `json:"faculty,omitempty"`
	}{historyPlanDocument(p), changeDocument(c, s.Table), s.Faculty})
}

func (h *historyJSON) End(notes []string, complete bool) error {
	if h.list == nil {
		h.begin()
	}
	h.list.end()
	text, err := encode(append([]string{}, notes...))
	if err != nil {
		return err
	}
	fmt.Fprintf(h.v.out, ",\n\"notes\":%s,\n\"complete\":%t}\n", text, complete)
	return h.v.out.err
}

// historyCSV writes a row per changed column, named as the view import_reg names its columns.
type historyCSV struct {
	v     *View
	w     *csv.Writer
	plans bool
	clean bool // cells are made harmless
	begun bool
}

// HistoryCSV returns a History that writes CSV, with a header: raw data, in which what a cell begins with is not changed for the sake of
// programs that take it for a formula. On a terminal characters that it would act upon are escaped.
func (v *View) HistoryCSV(plans, terminal bool) History {
	return &historyCSV{v: v, w: csv.NewWriter(v.out), plans: plans, clean: terminal}
}

func (h *historyCSV) header() {
	if h.begun {
		return
	}
	h.begun = true
	if h.plans {
		h.write("plan_id", "created_on", "executed_on", "destination", "git_commit", "created_by", "database_user", "executed_by", "operations")
		return
	}
	h.write("operation", "source_code", "table_name", "field_name", "from_value", "to_value", "created_on", "executed_on", "plan_id",
		"destination", "sync", "faculty", "git_commit", "created_by", "database_user", "executed_by")
}

func (h *historyCSV) write(cells ...string) {
	if h.clean {
		for i, cell := range cells {
			cells[i] = Clean(cell)
		}
	}
	_ = h.w.Write(cells) // the view remembers its error
}

func (h *historyCSV) times(p *HistoryPlan) (created, executed, by string) {
	created = p.Plan.CreatedOn.UTC().Format(time.RFC3339Nano)
	if p.Execution != nil {
		executed, by = p.Execution.ExecutedOn.UTC().Format(time.RFC3339Nano), p.Execution.ExecutedBy
	}
	return created, executed, by
}

func (h *historyCSV) Plan(p *HistoryPlan) error {
	h.header()
	created, executed, by := h.times(p)
	h.write(p.Plan.ID, created, executed, p.Destination, p.Plan.GitCommit, p.Plan.CreatedBy, p.Plan.DatabaseUser, by, strconv.FormatInt(counts(p.Counts).sum(), 10))
	return h.v.out.err
}

func (h *historyCSV) Change(p *HistoryPlan, s *register.SyncSummary, c *plan.Change) error {
	h.header()
	created, executed, by := h.times(p)
	row := func(field, from, to string) {
		h.write(string(c.Operation), rawKey(c.Key), s.Table, field, from, to, created, executed, p.Plan.ID,
			p.Destination, s.Sync, s.Faculty, p.Plan.GitCommit, p.Plan.CreatedBy, p.Plan.DatabaseUser, by)
	}
	written := false
	for i := range c.Columns {
		if column := &c.Columns[i]; column.Changed {
			row(column.Column, rawCell(column.Before), rawCell(column.After))
			written = true
		}
	}
	if !written {
		row("", "", "")
	}
	return h.v.out.err
}

func (h *historyCSV) End(_ []string, _ bool) error {
	h.header()
	h.w.Flush()
	return h.v.out.err
}

// rawKey is a key's text as import_reg shows it.
func rawKey(key []plan.Cell) string {
	var parts []string
	for i := range key {
		if len(key[i].Keys) == 0 {
			parts = append(parts, rawCell(&key[i]))
		}
		for j := range key[i].Keys {
			parts = append(parts, rawCell(&key[i].Keys[j]))
		}
	}
	return strings.Join(parts, "/")
}

// rawCell is a value as it is; "" for NULL, and for none.
func rawCell(c *plan.Cell) string {
	switch {
	case c == nil || c.Null:
		return ""
	case c.Sensitive:
		return c.Hidden()
	case c.Now:
		return "(known at apply)"
	case c.Unknown:
		return "(known after apply)"
	default:
		return c.Text
	}
}
