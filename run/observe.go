package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// maxObserved bounds the keys that an observation names.
const maxObserved = 10

// observe counts what on_change blocks ask for in what was applied in a destination. That it cannot is no
// failure of the run.
func (w *work) observe(ctx context.Context, p *plan.Plan, part *plan.Destination) {
	asked := slices.ContainsFunc(part.Syncs, func(s register.SyncSummary) bool { return s.Total() > 0 && len(w.observers(s.Sync)) > 0 })
	if !asked {
		return
	}
	s, err := w.open(ctx, w.place(part.Address).connection)
	if err != nil {
		w.log.WarnContext(ctx, "changes cannot be observed", "unit", w.address, "error", brief(err))
		return
	}
	defer s.close()
	for i := range part.Syncs {
		summary := &part.Syncs[i]
		observers := w.observers(summary.Sync)
		if len(observers) == 0 || summary.Total() == 0 {
			continue
		}
		found := make([]Observation, len(observers))
		masking := p.Masking(summary)
		listing, err := p.Reader(ctx, s.register, s.conn, summary)
		if err == nil {
			err = listing.Operations(ctx, s.conn, p.ID, summary.AfterSeq, summary.LastSeq, 0, func(o *register.Operation) error {
				for i, observer := range observers {
					if observes(observer, o) {
						found[i].note(o, observer, masking)
					}
				}
				return nil
			})
		}
		if err != nil {
			w.log.WarnContext(ctx, "changes cannot be observed", "unit", w.address, "error", brief(s.safe(err)))
			return
		}
		for i, observation := range found {
			if observation.Rows > 0 {
				observation.Observer, observation.Sync = observers[i].Address, summary.Sync
				w.out.Observed = append(w.out.Observed, observation)
			}
		}
	}
}

func (w *work) observers(sync string) []*config.Observer {
	var of []*config.Observer
	for _, o := range w.cfg.Observers {
		if slices.Contains(o.Syncs, sync) {
			of = append(of, o)
		}
	}
	return of
}

// observes reports whether an operation takes the observer's column from and to the values that it asks for. A row that is
// inserted had NULL before; one that is deleted has no value after.
func observes(observer *config.Observer, o *register.Operation) bool {
	to, written := valueOf(o.After, observer.Column)
	if !written {
		return false
	}
	from, known := valueOf(o.Before, observer.Column)
	switch {
	case !known && o.Before != nil:
		return false // not among what it changes
	case !known:
		from = register.Field{Column: to.Column, Null: true}
	}
	return from != to && wanted(from, observer.From, observer.FromNull) && wanted(to, observer.To, observer.ToNull)
}

// valueOf returns what a document holds of a column, or of a lookup's business key "column.key".
func valueOf(doc register.Document, column string) (register.Field, bool) {
	i := slices.IndexFunc(doc, func(f register.Field) bool { return strings.EqualFold(f.Column, column) })
	if i < 0 {
		return register.Field{}, false
	}
	return doc[i], true
}

func wanted(f register.Field, text *string, null bool) bool {
	switch {
	case null:
		return f.Null
	case text != nil:
		return !f.Null && !f.Now && f.Text == *text
	default:
		return true
	}
}

func (o *Observation) note(operation *register.Operation, observer *config.Observer, masking plan.Masking) {
	o.Rows++
	if len(o.Keys) == maxObserved {
		return
	}
	// The keys would tell whose value a masked column takes.
	own, _, _ := strings.Cut(observer.Column, ".")
	if slices.ContainsFunc(masking.Sensitive, func(column string) bool {
		return strings.EqualFold(column, observer.Column) || strings.EqualFold(column, own)
	}) {
		return
	}
	change := plan.Mask(operation, masking)
	parts := make([]string, len(change.Key))
	for i, c := range change.Key {
		parts[i] = keyText(c)
	}
	o.Keys = append(o.Keys, strings.Join(parts, ", "))
}

func keyText(c plan.Cell) string {
	switch {
	case c.Sensitive:
		return c.Hidden()
	case len(c.Keys) > 0:
		parts := make([]string, len(c.Keys))
		for i, k := range c.Keys {
			parts[i] = keyText(k)
		}
		return strings.Join(parts, ", ")
	case c.Null:
		return "null"
	default:
		return fmt.Sprintf("%q", c.Text)
	}
}
