package bundle

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Open opens the bundle of a manifest, and verifies all of it: both files, each entry, each row. What is wrong with them is
// a *FormatError.
func Open(ctx context.Context, manifest string) (_ *Bundle, err error) {
	dir, name := filepath.Split(manifest)
	if dir == "" {
		dir = "."
	}
	// A link leads no further than the folder.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, faulty(name, 0, "its folder cannot be opened: %s", bare(err))
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	m, err := readManifest(root, name)
	if err != nil {
		return nil, err
	}
	b := &Bundle{File: m.zip, Digest: m.digest}
	if b.archive, err = openArchive(ctx, root, m.zip, m.digest); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	doc, err := b.archive.document(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.describe(doc); err != nil {
		return nil, faulty(b.archive.shown(documentName), 0, "%s", err)
	}
	if err := m.match(b); err != nil {
		return nil, err
	}
	return b, b.verify(ctx)
}

// Close gives back what the bundle holds.
func (b *Bundle) Close() error {
	if b.archive == nil {
		return nil
	}
	return b.archive.file.Close()
}

// describe fills in what the document says.
func (b *Bundle) describe(d *document) error {
	b.CreatedOn, b.CreatedBy = d.Created.On, d.Created.By
	for i := range d.Faculties {
		from := &d.Faculties[i]
		f := Faculty{IDExport: from.IDExport, Label: from.Label, Name: from.Name, Origin: from.Origin, Destination: from.Destination, number: i + 1}
		for j := range from.Syncs {
			s := &from.Syncs[j]
			columns, err := s.columns()
			if err != nil {
				return err
			}
			f.Syncs = append(f.Syncs, Sync{
				Address: s.Address, Name: s.Name, Table: s.Table, Columns: columns, Key: s.Key, Scope: s.Scope, Parents: s.Parents, Without: s.Without,
				Origin: s.Origin, Destination: s.Destination, Schema: s.Schema, Rows: s.Rows, Archived: s.Archived, Digest: s.Data.SHA256,
			})
		}
		if h := from.History; h != nil {
			f.History = &History{Plans: h.Plans.Records, Operations: h.Operations.Records, Findings: h.Findings.Records}
			if h.From != nil && h.To != nil {
				f.History.From, f.History.To = *h.From, *h.To
			}
		}
		b.Faculties = append(b.Faculties, f)
	}
	return nil
}

// maxPlans bounds the plans of a faculty's history, which are held in memory while their operations are read: one every five
// minutes, for nearly ten years.
const maxPlans = 1_000_000

// verify reads everything.
func (b *Bundle) verify(ctx context.Context) error {
	for i := range b.Faculties {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := &b.Faculties[i]
		for j := range f.Syncs {
			if err := b.verifyRows(ctx, f, &f.Syncs[j]); err != nil {
				return err
			}
		}
		if err := b.verifyHistory(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bundle) verifyRows(ctx context.Context, f *Faculty, s *Sync) (err error) {
	rows, err := b.Rows(f, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := rows.Next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (b *Bundle) verifyHistory(ctx context.Context, f *Faculty) error {
	if f.History == nil {
		return nil
	}
	syncs := map[string]bool{}
	for i := range f.Syncs {
		syncs[f.Syncs[i].Address] = true
	}
	var applied timeRange
	plans := map[[2]string]bool{}
	of := func(what, plan, destination, sync string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !plans[[2]string{plan, destination}] || !syncs[sync] {
			return faulty(b.archive.shown(historyEntry(f.number, what)), 0, "it is about a plan or a sync that the bundle does not have: the file was written by another program")
		}
		return nil
	}
	err := b.Plans(f, func(p *HistoryPlan) error {
		if len(plans) == maxPlans {
			return faulty(b.archive.shown(historyEntry(f.number, "plans")), 0, "it has more than %d plans: prune the register before the export, or export with --no-history", maxPlans)
		}
		applied.add(p.ExecutedOn)
		plans[[2]string{p.ID, p.Destination}] = true
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if !applied.from.Equal(f.History.From) || !applied.to.Equal(f.History.To) {
		return faulty(b.archive.shown(documentName), 0, "it says that plans were applied from %s to %s, and they were from %s to %s: the bundle was changed, export again",
			f.History.From.Format(time.RFC3339), f.History.To.Format(time.RFC3339), applied.from.Format(time.RFC3339), applied.to.Format(time.RFC3339))
	}
	if err := b.Operations(f, func(o *HistoryOperation) error { return of("operations", o.PlanID, o.Destination, o.Sync) }); err != nil {
		return err
	}
	return b.Findings(f, func(one *HistoryFinding) error { return of("findings", one.PlanID, one.Destination, one.Sync) })
}
