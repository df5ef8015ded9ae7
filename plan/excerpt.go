package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// maxExcerpt bounds the operations of each sync that a plan file shows, and
// maxNotices the findings of each kind.
const (
	maxExcerpt = 50
	maxNotices = 20
)

// Change is an operation as outputs show it: sensitive values are not in it.
type Change struct {
	Sync      string           `json:"sync"`
	Operation config.Operation `json:"operation"`
	Key       []Cell           `json:"key"` // of a rename the old one
	Columns   []ColumnChange   `json:"columns"`
}

// ColumnChange is one column of a Change. Before is nil for an insert, After for
// a delete; where neither is nil and Changed is false the column stays as it is.
type ColumnChange struct {
	Column  string `json:"column"`
	Before  *Cell  `json:"before,omitempty"`
	After   *Cell  `json:"after,omitempty"`
	Changed bool   `json:"changed"`
}

// Cell is one value as outputs show it.
type Cell struct {
	// Column is set in keys only: elsewhere what holds the cell names it.
	Column string `json:"column,omitempty"`
	Text   string `json:"text,omitempty"`
	// Length is the whole text's, in characters, where Text is only its beginning;
	// otherwise 0.
	Length    int  `json:"length,omitempty"`
	Null      bool `json:"null,omitempty"`
	Now       bool `json:"now,omitempty"`       // known at apply
	Unknown   bool `json:"unknown,omitempty"`   // of a row that the plan inserts: known after apply
	Sensitive bool `json:"sensitive,omitempty"` // not shown
	// Keys are the business keys that a lookup takes its value by; none where the
	// value is sensitive.
	Keys []Cell `json:"keys,omitempty"`
}

// Notice is a finding as outputs show it.
type Notice struct {
	Sync string               `json:"sync"` // or a check's address
	Kind register.FindingKind `json:"kind"`
	Key  []Cell               `json:"key"`
	// Message is one line, but for a likely rename: there it is a moved block to paste, "" where
	// the key is sensitive.
	Message string `json:"message,omitempty"`
	// Operation is what was not done: of rows that are protected or held back.
	Operation config.Operation `json:"operation,omitempty"`
	// Severity and Code are a check's.
	Severity config.CheckSeverity `json:"severity,omitempty"`
	Code     string               `json:"code,omitempty"`
	Detail   string               `json:"detail,omitempty"`
}

// excerpt adds the first operations and findings of a sync to its part of the plan.
func excerpt(ctx context.Context, r register.Register, q providers.Querier, planID string, s *register.SyncSummary, part *Destination) error {
	if s.Total() > 0 {
		err := r.Operations(ctx, q, planID, s.AfterSeq, s.LastSeq, maxExcerpt, func(o *register.Operation) error {
			part.Excerpt = append(part.Excerpt, shorten(Mask(o, s.Sensitive)))
			return nil
		})
		if err != nil {
			return err
		}
	}
	// No number says yet whether there are likely renames, but they are pairs of operations.
	if s.Total() == 0 && len(Noticed(s)) == 0 {
		return nil
	}
	counts, err := r.CountFindings(ctx, q, planID, s.Sync)
	if err != nil {
		return err
	}
	s.LikelyRenames = counts[register.Renamed]
	for _, kind := range Noticed(s) {
		err := r.Findings(ctx, q, planID, s.Sync, kind, maxNotices, func(f *register.Finding) error {
			part.Notices = append(part.Notices, MaskFinding(f, s.Sensitive).shorten())
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Noticed lists the kinds of findings that a sync has, in the order in which outputs show them: what
// was not done first.
func Noticed(s *register.SyncSummary) []register.FindingKind {
	var kinds []register.FindingKind
	for _, kind := range []register.FindingKind{
		register.Rejected, register.HeldBack, register.Protected, register.Ignored, register.Unresolved, register.Warned, register.Renamed,
	} {
		if Findings(s, kind) > 0 {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Findings is the number of findings of a kind that a sync has.
func Findings(s *register.SyncSummary, kind register.FindingKind) int64 {
	switch kind {
	case register.Rejected:
		return s.Rejected
	case register.HeldBack:
		var n int64
		for _, count := range s.HeldBack {
			n += count
		}
		return n
	case register.Protected:
		return s.Protected
	case register.Ignored:
		return s.Ignored
	case register.Unresolved:
		return s.Unresolved
	case register.Warned:
		return s.Warned
	case register.Renamed:
		return s.LikelyRenames
	default:
		return 0
	}
}

// MaskFinding turns a finding of the register into a Notice, without the values of
// sensitive columns. What a message may say was settled when it was written.
func MaskFinding(f *register.Finding, sensitive []string) Notice {
	n := Notice{Sync: f.Sync, Kind: f.Kind, Key: cells(f.Key, sensitive), Message: f.Message}
	var detail []string
	for _, field := range f.Detail {
		switch {
		case field.Column == "operation" && (f.Kind == register.Protected || f.Kind == register.HeldBack):
			n.Operation = config.Operation(field.Text)
		case field.Column == "severity" && f.Kind == register.Checked:
			n.Severity = config.CheckSeverity(field.Text)
		case field.Column == "code" && f.Kind == register.Checked:
			n.Code = field.Text
		default:
			detail = append(detail, field.Column+" = "+shown(field, sensitive))
		}
	}
	n.Detail = strings.Join(detail, ", ")
	if f.Kind == register.Renamed && slices.ContainsFunc(n.Key, Cell.hides) {
		n.Message = "" // it repeats the key
	}
	return n
}

// hides reports whether the cell, or a business key of it, is sensitive.
func (c Cell) hides() bool { return c.Sensitive || slices.ContainsFunc(c.Keys, Cell.hides) }

func shown(f register.Field, sensitive []string) string {
	switch {
	case masked(f.Column, sensitive):
		return "(sensitive)"
	case f.Null:
		return "null"
	default:
		return `"` + f.Text + `"`
	}
}

// masked reports whether a document's member is sensitive: a column, or a business key
// "column.key" of one.
func masked(member string, sensitive []string) bool {
	for _, column := range sensitive {
		if rest, ok := strings.CutPrefix(member, column); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}

// member is a column of a document, with the fields of its business keys.
type member struct {
	register.Field
	keys []register.Field // their columns are the parent's
}

// members gathers a document's fields by column: the business keys of a lookup L stand
// in it as "L.k".
func members(doc register.Document) []member {
	out := make([]member, 0, len(doc))
	places := make(map[string]int, len(doc))
	for _, f := range doc {
		if lookupOf(doc, f.Column) == "" {
			places[f.Column] = len(out)
			out = append(out, member{Field: f})
		}
	}
	for _, f := range doc {
		if column := lookupOf(doc, f.Column); column != "" {
			m := &out[places[column]]
			f.Column = f.Column[len(column)+1:]
			m.keys = append(m.keys, f)
		}
	}
	return out
}

// lookupOf returns the column of the document whose business key the name is, or "".
func lookupOf(doc register.Document, name string) string {
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		if _, ok := doc.Field(name[:i]); ok {
			return name[:i]
		}
	}
	return ""
}

func cells(doc register.Document, sensitive []string) []Cell {
	out := make([]Cell, 0, len(doc))
	for _, m := range members(doc) {
		c := *m.cell(sensitive)
		c.Column = m.Column
		out = append(out, c)
	}
	return out
}

func (m member) cell(sensitive []string) *Cell {
	switch {
	case m.Now:
		return &Cell{Now: true}
	case masked(m.Column, sensitive):
		return &Cell{Sensitive: true}
	}
	c := &Cell{Text: m.Text, Null: m.Null}
	for _, k := range m.keys {
		key := Cell{Column: k.Column, Text: k.Text, Null: k.Null}
		if masked(m.Column+"."+k.Column, sensitive) {
			key = Cell{Column: k.Column, Sensitive: true}
		}
		c.Keys = append(c.Keys, key)
		if m.Null && !k.Null {
			c.Null, c.Unknown = false, true
		}
	}
	return c
}

// differs reports whether a column's value, or the row that its lookup finds, changes.
func (m member) differs(after member) bool {
	if m.Field != after.Field {
		return true
	}
	for _, k := range m.keys {
		if other, ok := register.Document(after.keys).Field(k.Column); ok && other != k {
			return true
		}
	}
	return false
}

// maxText bounds the characters of a value in a plan file.
const maxText = 500

// shorten cuts long texts, so that a plan file stays small whatever the columns hold.
func shorten(c Change) Change {
	shortenAll(c.Key)
	for i := range c.Columns {
		for _, one := range []*Cell{c.Columns[i].Before, c.Columns[i].After} {
			if one != nil {
				one.shorten()
			}
		}
	}
	return c
}

func shortenAll(cells []Cell) {
	for i := range cells {
		cells[i].shorten()
	}
}

func (c *Cell) shorten() {
	shortenAll(c.Keys)
	if text, length := cutText(c.Text); length > 0 {
		c.Text, c.Length = text, length
	}
}

// shorten leaves a moved block whole: a part of it is of no use.
func (n Notice) shorten() Notice {
	shortenAll(n.Key)
	if text, length := cutText(n.Detail); length > 0 {
		n.Detail = text + "…"
	}
	if text, length := cutText(n.Message); length > 0 && n.Kind != register.Renamed {
		n.Message = text + "…"
	}
	return n
}

// cutText returns the beginning of a text that is too long, and its length in characters; 0
// for one that is not.
func cutText(text string) (string, int) {
	if len(text) <= maxText {
		return text, 0
	}
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText]), len(runes)
	}
	return text, 0
}

// Mask turns an operation of the register into a Change, without the values of
// sensitive columns.
func Mask(o *register.Operation, sensitive []string) Change {
	c := Change{Sync: o.Sync, Operation: o.Operation, Key: cells(o.Key, sensitive)}
	before, after := members(o.Before), members(o.After)
	if o.Operation == config.Rename {
		before = withKey(before, o.Key)
	}
	find := func(list []member, column string) (member, bool) {
		for _, m := range list {
			if m.Column == column {
				return m, true
			}
		}
		return member{}, false
	}
	for _, b := range before {
		change := ColumnChange{Column: b.Column, Before: b.cell(sensitive)}
		a, written := find(after, b.Column)
		switch {
		case written:
			change.After, change.Changed = a.cell(sensitive), b.differs(a)
		case o.After == nil:
			change.Changed = true
		default:
			change.After = change.Before
		}
		c.Columns = append(c.Columns, change)
	}
	for _, a := range after {
		if _, there := find(before, a.Column); !there {
			c.Columns = append(c.Columns, ColumnChange{Column: a.Column, After: a.cell(sensitive), Changed: true})
		}
	}
	return c
}

// withKey puts the key before the columns that do not repeat it.
func withKey(columns []member, key register.Document) []member {
	var missing []member
	for _, k := range members(key) {
		there := false
		for _, m := range columns {
			there = there || m.Column == k.Column
		}
		if !there {
			missing = append(missing, k)
		}
	}
	return append(missing, columns...)
}
