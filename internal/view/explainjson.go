package view

import (
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/explain"
	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// ExplainOptions say how explanations are shown.
type ExplainOptions struct {
	// Disclosed: what is masked is shown, too.
	Disclosed bool
	// Files are the configuration's, for the text of expressions.
	Files map[string][]byte
}

// The document of an explanation, masked: what the text and the page show is made of it, too.
type (
	jsonExplanation struct {
		Sync        string              `json:"sync"`
		Source      string              `json:"source"`
		Destination string              `json:"destination"`
		Table       string              `json:"table"`
		KeyTyped    string              `json:"key_typed"`
		Key         map[string]string   `json:"key"`
		Verdict     jsonVerdict         `json:"verdict"`
		Besides     []string            `json:"besides"`
		Commands    []string            `json:"commands"`
		Records     []jsonWatchedRecord `json:"records"`
		Rows        []jsonWatchedRow    `json:"rows"`
		Next        jsonNextPlan        `json:"next_plan"`
		Checks      []plan.Notice       `json:"checks"`
		Related     []plan.Notice       `json:"related_checks"`
		Register    jsonKnown           `json:"register"`
		Schedule    jsonWhen            `json:"schedule"`
		unmapped    []string
		zone        *time.Location // of the text's instants; those of the document are UTC
	}
	jsonVerdict struct {
		Kind     explain.Kind `json:"kind"`
		Sentence string       `json:"sentence"`
	}
	jsonWatchedRecord struct {
		Task    config.Operation    `json:"task,omitempty"`
		Values  []jsonWatchedValue  `json:"values"`
		Mapping []jsonMappedColumn  `json:"mapping"`
		Asserts []jsonWatchedAssert `json:"asserts"`
	}
	jsonWatchedValue struct {
		Column    string  `json:"column"`
		Value     *string `json:"value"` // nil for NULL, and where sensitive or in error
		Sensitive bool    `json:"sensitive,omitempty"`
		Error     string  `json:"error,omitempty"`
	}
	jsonMappedColumn struct {
		Column     string             `json:"column"`
		Expression string             `json:"expression,omitempty"`
		Reads      []string           `json:"reads"`
		Values     []jsonWatchedValue `json:"values"` // of a lookup its business keys
		Row        explain.Comparison `json:"row"`
		Lookup     *jsonWatchedLookup `json:"lookup,omitempty"`
		line       int
		file       string
	}
	jsonWatchedLookup struct {
		Table    string   `json:"table"`
		Found    []string `json:"found"`
		Archived []string `json:"archived"`
		Owners   []string `json:"owners"`
	}
	jsonWatchedAssert struct {
		Name      string               `json:"name"`
		Obeyed    bool                 `json:"obeyed"`
		OnFailure config.AssertFailure `json:"on_failure"`
		Message   string               `json:"message,omitempty"`
	}
	jsonWatchedRow struct {
		Ours      bool        `json:"ours"`
		Archived  bool        `json:"archived"`
		Protected bool        `json:"protected"`
		Values    []plan.Cell `json:"values"`
	}
	jsonNextPlan struct {
		Made       bool          `json:"made"`
		Error      string        `json:"error,omitempty"`
		Operations []plan.Change `json:"operations"`
		Findings   []plan.Notice `json:"findings"`
		Held       string        `json:"held,omitempty"`
		HeldBack   string        `json:"held_back,omitempty"`
		Blocked    string        `json:"blocked,omitempty"`
	}
	jsonKnown struct {
		Error    string          `json:"error,omitempty"`
		Since    *time.Time      `json:"since,omitempty"`
		Redacted int64           `json:"redacted,omitempty"` // operations of the sync whose keys were
		Applied  []jsonKeyChange `json:"applied"`
		Waiting  []jsonKeyChange `json:"waiting"`
		Noticed  []plan.Notice   `json:"noticed"` // by the plan of the sync that was applied last
	}
	jsonKeyChange struct {
		PlanID    string            `json:"plan_id"`
		Purpose   *register.Purpose `json:"purpose,omitempty"`
		CreatedOn time.Time         `json:"created_on"`
		CreatedBy string            `json:"created_by"`
		GitCommit string            `json:"git_commit,omitempty"`
		AppliedOn *time.Time        `json:"applied_on,omitempty"`
		AppliedBy string            `json:"applied_by,omitempty"`
		Change    plan.Change       `json:"change"`
	}
	jsonWhen struct {
		Schedule string        `json:"schedule,omitempty"`
		Next     *time.Time    `json:"next,omitempty"`
		Closed   string        `json:"closed,omitempty"` // why no run may start now
		LastPlan *jsonLastPlan `json:"last_plan,omitempty"`
		Beyond   int           `json:"last_plan_beyond,omitempty"` // of so many latest plans none is of the sync
		LastRun  *jsonLastRun  `json:"last_run,omitempty"`
		Paused   *jsonPause    `json:"paused,omitempty"`
	}
	jsonLastPlan struct {
		PlanID    string    `json:"plan_id"`
		AppliedOn time.Time `json:"applied_on"`
	}
	jsonLastRun struct {
		StartedOn time.Time `json:"started_on"`
		Outcome   string    `json:"outcome"`
		Message   string    `json:"message,omitempty"`
	}
)

// ExplanationsJSON writes explanations as one document.
func (v *View) ExplanationsJSON(all []*explain.Explanation, o ExplainOptions) error {
	out := struct {
		FormatVersion string             `json:"format_version"`
		Explanations  []*jsonExplanation `json:"explanations"`
	}{FormatVersion: formatVersion, Explanations: []*jsonExplanation{}}
	for _, e := range all {
		out.Explanations = append(out.Explanations, documentOf(e, o))
	}
	return v.JSON(out, true)
}

func documentOf(e *explain.Explanation, o ExplainOptions) *jsonExplanation {
	w := e.Watched
	s := w.Sync
	masking := w.Masking()
	if o.Disclosed {
		masking = plan.Masking{}
	}
	d := &jsonExplanation{
		Sync: s.Address, Source: s.Source.From.Address, Destination: s.Destination.Into.Address, Table: s.Destination.Table, KeyTyped: e.Typed, Key: map[string]string{},
		Verdict: jsonVerdict{e.Verdict.Kind, e.Verdict.Sentence}, Besides: append([]string{}, e.Besides...), Commands: []string{},
		Records: []jsonWatchedRecord{}, Rows: []jsonWatchedRow{}, Checks: notices(w.Checks, masking), Related: notices(w.Related, masking),
		Next:     jsonNextPlan{Made: w.Planned, Operations: []plan.Change{}, Findings: notices(w.Findings, masking), Held: w.Summary.Held, HeldBack: w.Summary.BackReason, Blocked: w.Summary.Blocked},
		Register: knownOf(e, o), Schedule: whenOf(e), unmapped: w.Unmapped, zone: e.Zone(),
	}
	for _, k := range w.Key {
		d.Key[k.Column] = k.Text
	}
	for _, words := range e.Commands {
		d.Commands = append(d.Commands, shell.Line(words))
	}
	for i := range w.Records {
		d.Records = append(d.Records, recordOf(e, &w.Records[i], o))
	}
	for _, row := range w.Rows {
		d.Rows = append(d.Rows, jsonWatchedRow{Ours: row.Ours, Archived: row.Archived, Protected: row.Protected, Values: plan.Cells(row.Values, masking)})
	}
	for i := range w.Operations {
		d.Next.Operations = append(d.Next.Operations, plan.Mask(&w.Operations[i], masking))
	}
	if w.Err != nil {
		d.Next.Error = e.PlanError()
	}
	return d
}

func notices(findings []register.Finding, masking plan.Masking) []plan.Notice {
	all := []plan.Notice{}
	for i := range findings {
		n := plan.MaskFinding(&findings[i], masking)
		if n.Key == nil {
			n.Key = []plan.Cell{}
		}
		all = append(all, n)
	}
	return all
}

func recordOf(e *explain.Explanation, r *plan.WatchedRecord, o ExplainOptions) jsonWatchedRecord {
	out := jsonWatchedRecord{Task: r.Task, Values: []jsonWatchedValue{}, Mapping: []jsonMappedColumn{}, Asserts: []jsonWatchedAssert{}}
	for i := range r.Source {
		out.Values = append(out.Values, valueOf(&r.Source[i], o))
	}
	for i := range r.Mapped {
		c := &r.Mapped[i]
		one := jsonMappedColumn{Column: c.Name, Expression: expressionOf(o.Files, c.At), Reads: append([]string{}, c.Refs...), Values: []jsonWatchedValue{}, Row: e.Compare(c), line: c.At.Start.Line, file: c.At.File}
		for j := range c.Values {
			one.Values = append(one.Values, valueOf(&c.Values[j], o))
		}
		if at := slices.IndexFunc(e.Watched.Lookups, func(l plan.WatchedLookup) bool { return l.Column == c.Name }); at >= 0 && r == &e.Watched.Records[0] {
			one.Lookup = lookupOf(&e.Watched.Lookups[at], o)
		}
		out.Mapping = append(out.Mapping, one)
	}
	for _, a := range r.Asserts {
		one := jsonWatchedAssert{Name: a.Name, Obeyed: a.Obeyed, OnFailure: a.OnFailure, Message: a.Message}
		switch {
		case a.Secret != "" && o.Disclosed:
			one.Message = a.Secret
		case a.Secret != "":
			one.Message = "(sensitive)"
		}
		out.Asserts = append(out.Asserts, one)
	}
	return out
}

func lookupOf(l *plan.WatchedLookup, o ExplainOptions) *jsonWatchedLookup {
	shown := func(values []string) []string {
		if !l.Sensitive || o.Disclosed {
			return append([]string{}, values...)
		}
		return slices.Repeat([]string{"(sensitive)"}, len(values))
	}
	return &jsonWatchedLookup{Table: l.Table, Found: shown(l.Found), Archived: shown(l.Buried), Owners: append([]string{}, l.Owners...)}
}

func valueOf(v *plan.WatchedValue, o ExplainOptions) jsonWatchedValue {
	out := jsonWatchedValue{Column: v.Name, Error: v.Err}
	switch {
	case v.Sensitive && !o.Disclosed:
		out.Sensitive = true
	case !v.Null && v.Err == "":
		out.Value = &v.Text
	}
	return out
}

// maxExpression bounds the text of an expression, in characters.
const maxExpression = 200

// expressionOf is an expression as it is written, on one line; "" where its file's text is not known.
func expressionOf(files map[string][]byte, at config.Range) string {
	src, ok := files[at.File]
	if !ok || at.File == "" || at.Start.Byte < 0 || at.End.Byte > len(src) || at.Start.Byte >= at.End.Byte {
		return ""
	}
	text := strings.Join(strings.Fields(string(src[at.Start.Byte:at.End.Byte])), " ")
	if shown := firstRunes(text, maxExpression); len(shown) < len(text) {
		return shown + "…"
	}
	return text
}

func knownOf(e *explain.Explanation, o ExplainOptions) jsonKnown {
	masking := func(planID string) plan.Masking {
		if o.Disclosed {
			return plan.Masking{}
		}
		return e.MaskingOf(planID)
	}
	k := jsonKnown{Applied: []jsonKeyChange{}, Waiting: []jsonKeyChange{}, Noticed: []plan.Notice{}, Since: orNil(e.Since), Redacted: e.Redacted}
	if e.LastPlan != nil {
		k.Noticed = notices(e.Noticed, masking(e.LastPlan.PlanID))
	}
	if e.RegisterErr != nil {
		k.Error = e.RegisterErr.Error()
	}
	change := func(o *register.KeyOperation) jsonKeyChange {
		return jsonKeyChange{
			PlanID: o.PlanID, Purpose: e.Purposes[o.PlanID], CreatedOn: o.CreatedOn.UTC(), CreatedBy: o.CreatedBy, GitCommit: o.GitCommit, AppliedOn: orNil(o.ExecutedOn), AppliedBy: o.ExecutedBy,
			Change: plan.Mask(&o.Operation, masking(o.PlanID)),
		}
	}
	for i := range e.Applied {
		k.Applied = append(k.Applied, change(&e.Applied[i]))
	}
	for i := range e.Waiting {
		k.Waiting = append(k.Waiting, change(&e.Waiting[i]))
	}
	return k
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func whenOf(e *explain.Explanation) jsonWhen {
	out := jsonWhen{Next: orNil(e.Next.Start), Beyond: e.Beyond}
	if s := e.Watched.Sync.Schedule; s != nil {
		out.Schedule = s.Address
	}
	if e.Closed != nil {
		out.Closed = e.Closed.Text
	}
	if e.LastPlan != nil {
		out.LastPlan = &jsonLastPlan{e.LastPlan.PlanID, e.LastPlan.ExecutedOn.UTC()}
	}
	if e.LastRun != nil {
		out.LastRun = &jsonLastRun{e.LastRun.StartedOn.UTC(), string(e.LastRun.Status), e.LastRun.Message}
	}
	if e.Pause != nil {
		p := jsonPause(*e.Pause)
		p.PausedOn = p.PausedOn.UTC()
		out.Paused = &p
	}
	return out
}
