package plan

import (
	"context"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// maxExcerpt bounds the operations of each sync that a plan file shows, and
// maxNotices the findings.
const (
	maxExcerpt = 50
	maxNotices = 20
)

// Change is an operation as outputs show it: sensitive values are not in it.
type Change struct {
	Sync      string           `json:"sync"`
	Operation config.Operation `json:"operation"`
	Key       []Cell           `json:"key"`
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
	Sensitive bool `json:"sensitive,omitempty"` // not shown
}

// Notice is a finding as outputs show it.
type Notice struct {
	Sync   string               `json:"sync"`
	Kind   register.FindingKind `json:"kind"`
	Key    []Cell               `json:"key"`
	Detail string               `json:"detail,omitempty"`
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
	if s.Ignored == 0 {
		return nil
	}
	return r.Findings(ctx, q, planID, s.Sync, maxNotices, func(f *register.Finding) error {
		n := Notice{Sync: f.Sync, Kind: f.Kind, Key: cells(f.Key, s.Sensitive)}
		for i, field := range f.Detail {
			if i > 0 {
				n.Detail += ", "
			}
			n.Detail += field.Column + " = " + shown(field)
		}
		part.Notices = append(part.Notices, n)
		return nil
	})
}

func shown(f register.Field) string {
	if f.Null {
		return "null"
	}
	return `"` + f.Text + `"`
}

func cells(doc register.Document, sensitive []string) []Cell {
	out := make([]Cell, len(doc))
	for i, f := range doc {
		out[i] = *cell(f, sensitive)
		out[i].Column = f.Column
	}
	return out
}

func cell(f register.Field, sensitive []string) *Cell {
	switch {
	case f.Now:
		return &Cell{Now: true}
	case slices.Contains(sensitive, f.Column):
		return &Cell{Sensitive: true}
	default:
		return &Cell{Text: f.Text, Null: f.Null}
	}
}

// maxText bounds the characters of a value in a plan file.
const maxText = 500

// shorten cuts long texts, so that a plan file stays small whatever the columns hold.
func shorten(c Change) Change {
	for i := range c.Key {
		c.Key[i].shorten()
	}
	for i := range c.Columns {
		for _, one := range []*Cell{c.Columns[i].Before, c.Columns[i].After} {
			if one != nil {
				one.shorten()
			}
		}
	}
	return c
}

func (c *Cell) shorten() {
	if len(c.Text) <= maxText {
		return
	}
	if runes := []rune(c.Text); len(runes) > maxText {
		c.Text, c.Length = string(runes[:maxText]), len(runes)
	}
}

// Mask turns an operation of the register into a Change, without the values of
// sensitive columns.
func Mask(o *register.Operation, sensitive []string) Change {
	c := Change{Sync: o.Sync, Operation: o.Operation, Key: cells(o.Key, sensitive)}
	for _, before := range o.Before {
		change := ColumnChange{Column: before.Column, Before: cell(before, sensitive)}
		after, written := o.After.Field(before.Column)
		switch {
		case written:
			change.After, change.Changed = cell(after, sensitive), after != before
		case o.After == nil:
			change.Changed = true
		default:
			change.After = change.Before
		}
		c.Columns = append(c.Columns, change)
	}
	for _, after := range o.After {
		if _, there := o.Before.Field(after.Column); !there {
			c.Columns = append(c.Columns, ColumnChange{Column: after.Column, After: cell(after, sensitive), Changed: true})
		}
	}
	return c
}
