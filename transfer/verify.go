package transfer

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/providers/bundle"
)

// Report says what is in a bundle. It holds no row's values but those of the scopes.
type Report struct {
	Manifest  string          `json:"manifest"` // its path
	Bundle    string          `json:"bundle"`   // the ZIP's path
	SHA256    string          `json:"sha256"`   // of the ZIP
	Format    int             `json:"format_version"`
	CreatedOn time.Time       `json:"created_on"`
	CreatedBy string          `json:"created_by"`
	Faculties []FacultyReport `json:"faculties"`
}

// FacultyReport is a line of the manifest.
type FacultyReport struct {
	IDExport    string         `json:"id_export"`
	IDImport    string         `json:"id_import,omitempty"`
	Label       string         `json:"label"`
	Name        string         `json:"name"`
	Contact     string         `json:"contact,omitempty"`
	Origin      string         `json:"origin"` // the identity of the register
	Destination string         `json:"destination"`
	Live        int64          `json:"live_rows"`
	Archived    int64          `json:"archived_rows"`
	Syncs       []SyncReport   `json:"syncs"`
	History     *HistoryReport `json:"history,omitempty"`
}

// SyncReport is a sync of a faculty.
type SyncReport struct {
	Sync     string   `json:"sync"`
	Table    string   `json:"table"`
	Key      []string `json:"key"`
	Columns  []string `json:"columns"`
	Without  []string `json:"without,omitempty"`
	Owner    string   `json:"owner"` // what marks the rows as this sync's
	Live     int64    `json:"live_rows"`
	Archived int64    `json:"archived_rows"`
	Schema   string   `json:"schema_sha256"`
	SHA256   string   `json:"sha256"`
}

// HistoryReport is what is in the bundle of the register's history.
type HistoryReport struct {
	Plans      int64      `json:"plans"`
	Operations int64      `json:"operations"`
	Findings   int64      `json:"findings"`
	From       *time.Time `json:"from,omitempty"` // when the first plan was applied
	To         *time.Time `json:"to,omitempty"`   // when the last was
}

// Verify reads both files of a bundle whole, without any database, and says what is in them. What is wrong with them is a
// *bundle.FormatError.
func Verify(ctx context.Context, manifest string) (_ *Report, err error) {
	b, err := bundle.Open(ctx, manifest)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return report(manifest, b, func(i int) (int64, error) {
		plans := map[string]bool{}
		err := b.Plans(&b.Faculties[i], func(p *bundle.HistoryPlan) error {
			plans[p.ID] = true
			return nil
		})
		return int64(len(plans)), err
	})
}

// report says what is in a bundle; plans how many the history of a faculty has, which may be fewer than entries: a plan over several
// destinations has one of each.
func report(manifest string, b *bundle.Bundle, plans func(faculty int) (int64, error)) (*Report, error) {
	r := &Report{
		Manifest: manifest, Bundle: filepath.Join(filepath.Dir(manifest), b.File), SHA256: b.Digest, Format: bundle.FormatVersion,
		CreatedOn: b.CreatedOn, CreatedBy: b.CreatedBy,
	}
	for i := range b.Faculties {
		f := &b.Faculties[i]
		out := FacultyReport{
			IDExport: f.IDExport, IDImport: f.IDImport, Label: f.Label, Name: f.Name, Contact: f.Contact, Origin: f.Origin, Destination: f.Destination,
			Syncs: []SyncReport{},
		}
		for j := range f.Syncs {
			s := &f.Syncs[j]
			one := SyncReport{
				Sync: s.Address, Table: s.Table, Key: s.Key, Without: s.Without, Owner: owner(s), Live: s.Rows - s.Archived, Archived: s.Archived,
				Schema: s.Schema, SHA256: s.Digest,
			}
			for _, c := range s.Columns {
				one.Columns = append(one.Columns, c.Name)
			}
			out.Live, out.Archived = out.Live+one.Live, out.Archived+one.Archived
			out.Syncs = append(out.Syncs, one)
		}
		if h := f.History; h != nil {
			n, err := plans(i)
			if err != nil {
				return nil, err
			}
			out.History = &HistoryReport{Plans: n, Operations: h.Operations, Findings: h.Findings}
			if n > 0 {
				out.History.From, out.History.To = &h.From, &h.To
			}
		}
		r.Faculties = append(r.Faculties, out)
	}
	return r, nil
}

// owner says what marks the rows as a sync's.
func owner(s *bundle.Sync) string {
	var parts []string
	for _, v := range s.Scope {
		parts = append(parts, scopeText(v))
	}
	for _, p := range s.Parents {
		var where []string
		for _, v := range p.Where {
			where = append(where, scopeText(v))
		}
		parts = append(parts, p.Column+" in "+p.Table+" where "+strings.Join(where, " and "))
	}
	if len(parts) == 0 {
		return "the whole table"
	}
	return strings.Join(parts, " and ")
}

func scopeText(v bundle.ScopeValue) string {
	if v.Text == nil {
		return v.Column + " is null"
	}
	return v.Column + " = " + *v.Text
}
