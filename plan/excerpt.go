package plan

import (
	"context"
	"encoding/json"
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
	// Redacted: its values were, and maybe its key; there are no columns.
	Redacted bool `json:"redacted,omitempty"`
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
	Redacted  bool `json:"redacted,omitempty"`  // nobody knows it any more; it is Sensitive, too
	// Pseudonym stands for a sensitive part of a key; "" where it has none.
	Pseudonym string `json:"pseudonym,omitempty"`
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
	// Operation is what was not done: of rows that are protected, held back, or changed since a plan that is undone.
	Operation config.Operation `json:"operation,omitempty"`
	// Severity and Code are a check's.
	Severity config.CheckSeverity `json:"severity,omitempty"`
	Code     string               `json:"code,omitempty"`
	Detail   string               `json:"detail,omitempty"`
}

// excerpt adds the first operations and findings of a sync to its part of the plan.
func (p *Plan) excerpt(ctx context.Context, r register.Register, q providers.Querier, s *register.SyncSummary, part *Destination) error {
	r, err := p.Reader(ctx, r, q, s)
	if err != nil {
		return err
	}
	masking := p.Masking(s)
	if s.Total() > 0 {
		var changes []Change
		err := r.Operations(ctx, q, p.ID, s.AfterSeq, s.LastSeq, maxExcerpt, func(o *register.Operation) error {
			changes = append(changes, shorten(Mask(o, masking)))
			return nil
		})
		if err != nil {
			return err
		}
		sortMasked(changes, func(c Change) ([]Cell, config.Operation) { return c.Key, c.Operation })
		part.Excerpt = append(part.Excerpt, changes...)
	}
	// No number says yet whether there are likely renames, but they are pairs of operations.
	if s.Total() == 0 && len(Noticed(s)) == 0 {
		return nil
	}
	counts, err := r.CountFindings(ctx, q, p.ID, s.Sync)
	if err != nil {
		return err
	}
	s.LikelyRenames = counts[register.Renamed]
	for _, kind := range Noticed(s) {
		var notices []Notice
		err := r.Findings(ctx, q, p.ID, s.Sync, kind, maxNotices, func(f *register.Finding) error {
			notices = append(notices, MaskFinding(f, masking).shorten())
			return nil
		})
		if err != nil {
			return err
		}
		sortMasked(notices, func(n Notice) ([]Cell, config.Operation) { return n.Key, "" })
		part.Notices = append(part.Notices, notices...)
	}
	return nil
}

// sortMasked orders what hides keys by what is shown of it: where it stands then tells no more. What
// shows its keys stays as it is. Neighbours of different operations are not mixed.
func sortMasked[T any](list []T, of func(T) ([]Cell, config.Operation)) {
	hides := func(one T) bool {
		key, _ := of(one)
		return slices.ContainsFunc(key, Cell.hides)
	}
	if !slices.ContainsFunc(list, hides) {
		return
	}
	shown := func(one T) string {
		text, _ := json.Marshal(one) // of strings and numbers
		return string(text)
	}
	for from := 0; from < len(list); {
		_, operation := of(list[from])
		until := from + 1
		for until < len(list) {
			if _, other := of(list[until]); other != operation {
				break
			}
			until++
		}
		slices.SortFunc(list[from:until], func(a, b T) int { return strings.Compare(shown(a), shown(b)) })
		from = until
	}
}

// Noticed lists the kinds of findings that a sync has, in the order in which outputs show them: what
// was not done first.
func Noticed(s *register.SyncSummary) []register.FindingKind {
	var kinds []register.FindingKind
	for _, kind := range []register.FindingKind{
		register.Changed, register.Rejected, register.HeldBack, register.Protected, register.Ignored, register.Unresolved, register.Warned, register.Renamed,
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
	case register.Changed:
		return s.Changed
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
func MaskFinding(f *register.Finding, m Masking) Notice {
	n := Notice{Sync: f.Sync, Kind: f.Kind, Key: cells(f.Key, m), Message: f.Message}
	var detail []string
	for _, field := range f.Detail {
		switch {
		case f.Detail.Redacted():
			detail = append(detail, redactedText)
		case field.Column == "operation" && (f.Kind == register.Protected || f.Kind == register.HeldBack || f.Kind == register.Changed):
			n.Operation = config.Operation(field.Text)
		case field.Column == "severity" && f.Kind == register.Checked:
			n.Severity = config.CheckSeverity(field.Text)
		case field.Column == "code" && f.Kind == register.Checked:
			n.Code = field.Text
		default:
			detail = append(detail, field.Column+" = "+shown(field, m.Sensitive))
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
		return hiddenText
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

// cells are those of a key.
func cells(key register.Document, masking Masking) []Cell {
	if key.Redacted() {
		return []Cell{{Sensitive: true, Redacted: true}}
	}
	out := make([]Cell, 0, len(key))
	for _, m := range members(key) {
		c := *m.cell(masking)
		c.Column = m.Column
		out = append(out, c)
	}
	return out
}

// cell is the column as outputs show it. Of one that is no part of a key the masking must name nothing.
func (m member) cell(masking Masking) *Cell {
	switch {
	case m.Now:
		return &Cell{Now: true}
	case masked(m.Column, masking.Sensitive):
		return &Cell{Sensitive: true, Pseudonym: m.pseudonym(masking)}
	}
	c := &Cell{Text: m.Text, Null: m.Null}
	for _, k := range m.keys {
		key := Cell{Column: k.Column, Text: k.Text, Null: k.Null}
		if masked(m.Column+"."+k.Column, masking.Sensitive) {
			key = Cell{Column: k.Column, Sensitive: true, Pseudonym: member{Field: k}.pseudonym(masking)}
		}
		c.Keys = append(c.Keys, key)
		if m.Null && !k.Null {
			c.Null, c.Unknown = false, true
		}
	}
	return c
}

// pseudonym names what a key holds; "" where nothing is named. A lookup goes by the names of its business keys: they are those
// of the row that it finds.
func (m member) pseudonym(masking Masking) string {
	if masking.Pseudonym == nil {
		return ""
	}
	parts := m.keys
	if len(parts) == 0 {
		parts = []register.Field{m.Field}
	}
	names := make([]string, len(parts))
	for i, part := range parts {
		text := part.Text
		if part.Null {
			text = nullText
		}
		names[i] = masking.Pseudonym(text)
	}
	return strings.Join(names, "-")
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
func Mask(o *register.Operation, m Masking) Change {
	c := Change{Sync: o.Sync, Operation: o.Operation, Key: cells(o.Key, m), Redacted: o.Redacted()}
	if c.Redacted {
		return c
	}
	// What is no part of a key would be told by how often its name comes up.
	shown := func(column member) *Cell {
		if _, isKey := o.Key.Field(column.Column); isKey {
			return column.cell(m)
		}
		return column.cell(Masking{Sensitive: m.Sensitive})
	}
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
		change := ColumnChange{Column: b.Column, Before: shown(b)}
		a, written := find(after, b.Column)
		switch {
		case written:
			change.After, change.Changed = shown(a), b.differs(a)
		case o.After == nil:
			change.Changed = true
		default:
			change.After = change.Before
		}
		c.Columns = append(c.Columns, change)
	}
	for _, a := range after {
		if _, there := find(before, a.Column); !there {
			c.Columns = append(c.Columns, ColumnChange{Column: a.Column, After: shown(a), Changed: true})
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
