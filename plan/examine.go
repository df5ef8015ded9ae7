package plan

import (
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/register"
)

// hiddenText stands for what is not shown.
const hiddenText = "(sensitive)"

// redactedText stands for what nobody knows any more.
const redactedText = register.RedactedMessage

// examiner makes findings of the rows that a check looks at.
type examiner struct {
	check   *config.Check
	from    *result
	where   config.Eval // nil: every row is a finding
	message config.Eval
	key     []keyPart
	hidden  []bool // the columns that are not shown
	shown   []value.Value
	detail  register.Document
	limit   int // of the findings kept
	result  checkResult
}

// keyPart is a column that identifies a row.
type keyPart struct {
	name string
	at   int // in the row; negative for NULL
}

// newExaminer binds a check's message, and says which columns it must not show.
func newExaminer(check *config.Check, from *result, diags *config.Diagnostics) *examiner {
	e := &examiner{
		check: check, from: from, limit: maxFindings, result: checkResult{check: check},
		hidden: make([]bool, len(from.names)), shown: make([]value.Value, len(from.names)),
	}
	if check.From != nil {
		from.shown = check.Shown
	}
	e.message = from.bind(diags, &check.Message)
	if check.From == nil {
		diags = nil // the columns of syncs are known, and some are staged under other names
	}
	for _, i := range e.indexes(diags, check.Sensitive, "sensitive") {
		e.hidden[i] = true
	}
	for i := range e.hidden {
		e.hidden[i] = e.hidden[i] || check.AllSensitive || from.shown.Hides(from.names[i])
	}
	e.detail = register.Document{{Column: "severity", Text: string(check.Severity)}}
	if check.Code != "" {
		e.detail = append(e.detail, register.Field{Column: "code", Text: check.Code})
	}
	return e
}

// indexes finds columns that an argument of the check names: by their very names, or else
// whatever the case. Where diags is nil, unknown ones are passed over.
func (e *examiner) indexes(diags *config.Diagnostics, names []string, argument string) []int {
	var found []int
	for _, name := range names {
		matches := e.matches(func(column string) bool { return column == name })
		if len(matches) == 0 {
			matches = e.matches(func(column string) bool { return strings.EqualFold(column, name) })
		}
		if len(matches) == 0 && diags != nil {
			diags.Errorf(e.check.Range, "Unknown source column", "%s has no column %q, named in %s.%s", e.from.what, name, argument, e.from.others(name))
		}
		found = append(found, matches...)
	}
	return found
}

func (e *examiner) matches(is func(string) bool) []int {
	var found []int
	for i, column := range e.from.names {
		if is(column) {
			found = append(found, i)
		}
	}
	return found
}

// examine looks at a row.
func (e *examiner) examine(row []value.Value) {
	var doubt error // a row that the condition cannot judge is not known to be in order
	if e.where != nil {
		var is value.Value
		if is, doubt = e.where(row); doubt == nil {
			is, doubt = value.Type{Kind: value.Bool}.Fit(is, nil)
		}
		if doubt == nil && !is.Bool() {
			return
		}
	}
	e.result.count++
	if len(e.result.findings) >= e.limit {
		return
	}
	for i, v := range row {
		if e.shown[i] = v; e.hidden[i] {
			e.shown[i] = value.OfText(hiddenText)
		}
	}
	finding := register.Finding{Sync: e.check.Address, Kind: register.Checked, Detail: e.detail}
	if doubt != nil {
		finding.Message = plainText(e.check.Name + ": the condition cannot be evaluated: " + doubt.Error())
	} else if finding.Message = plainText(evaluateText(e.message, e.shown)); finding.Message == "" {
		finding.Message = e.check.Name
	}
	for _, part := range e.key {
		field := register.Field{Column: part.name, Null: true}
		if part.at >= 0 && !e.shown[part.at].IsNull() {
			field.Null, field.Text = false, plainText(e.shown[part.at].Text())
		}
		finding.Key = append(finding.Key, field)
	}
	e.result.findings = append(e.result.findings, finding)
}
