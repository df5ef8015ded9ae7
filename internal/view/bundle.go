package view

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/transfer"
)

// Bundle writes what is in a bundle.
func (v *View) Bundle(r *transfer.Report) {
	v.Heading("Bundle of %s, by %s", moment(r.CreatedOn), OneLine(r.CreatedBy))
	v.line("  SHA-256 of the ZIP: %s", r.SHA256)
	for i := range r.Faculties {
		f := &r.Faculties[i]
		v.Gap()
		v.Heading("%s (Id_Export %s): %s", OneLine(f.Name), OneLine(f.IDExport), counted(f.Live, f.Archived))
		if f.IDImport != "" {
			v.line("  Id_Import: %s", OneLine(f.IDImport))
		}
		if f.Contact != "" {
			v.line("  contact: %s", OneLine(f.Contact))
		}
		v.line("  from: %s, register %s", OneLine(f.Destination), OneLine(f.Origin))
		for j := range f.Syncs {
			v.bundledSync(&f.Syncs[j])
		}
		v.line("  %s", bundledHistory(f.History))
	}
}

func (v *View) bundledSync(s *transfer.SyncReport) {
	v.line("  %s, table %s: %s", OneLine(s.Sync), OneLine(s.Table), counted(s.Live, s.Archived))
	v.line("    owned by: %s", OneLine(s.Owner))
	if len(s.Without) > 0 {
		v.line("    without: %s", OneLine(strings.Join(s.Without, ", ")))
	}
}

func counted(live, archived int64) string {
	return fmt.Sprintf("%s, %d archived", plural(live+archived, "row"), archived)
}

// bundledHistory says what is in a bundle of a register's history.
func bundledHistory(h *transfer.HistoryReport) string {
	switch {
	case h == nil:
		return "history: none, it was left out"
	case h.From == nil:
		return "history: none, no plan was applied"
	default:
		return fmt.Sprintf("history: %s, applied from %s to %s; %s, %s", plural(h.Plans, "plan"), moment(*h.From), moment(*h.To), plural(h.Operations, "operation"), plural(h.Findings, "finding"))
	}
}

// BundleJSON writes what is in a bundle.
func (v *View) BundleJSON(r *transfer.Report) error { return v.JSON(r, true) }
