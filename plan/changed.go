package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// ChangedError: rows cannot be given back what they held, since they are not any more what the plan left. Nothing was
// planned.
type ChangedError struct {
	PlanID string
	Syncs  []ChangedRows
}

// ChangedRows are those of a sync, each counted for one reason.
type ChangedRows struct {
	Sync string
	// Changed are not as the plan left them, Protected by lifecycle.protect; of Taken another row has the key.
	Changed, Protected, Taken ChangedSome
	// Redacted were so in the register, Purged by the plan itself.
	Redacted, Purged int64
}

// ChangedSome are rows of which some are named.
type ChangedSome struct {
	Rows int64
	Keys []string // as operations of the plan that is undone show them: sensitive ones masked
}

// maxChangedKeys bounds the rows that an error names of each sync for a reason.
const maxChangedKeys = 10

func (e *ChangedError) Error() string {
	parts := make([]string, len(e.Syncs))
	for i := range e.Syncs {
		parts[i] = e.Syncs[i].text()
	}
	return fmt.Sprintf("Not all of plan %s can be undone: %s\nNothing was planned. --changed skip leaves these rows as they are and undoes the rest; --sync and --key undo a part.", e.PlanID, strings.Join(parts, "; "))
}

func (r *ChangedRows) text() string {
	var parts []string
	add := func(n int64, keys []string, one, many string) {
		if n == 0 {
			return
		}
		part := "1 " + one
		if n > 1 {
			part = fmt.Sprintf("%d %s", n, many)
		}
		if len(keys) > 0 {
			part += " (" + strings.Join(keys, "; ")
			if int64(len(keys)) < n {
				part += "; …"
			}
			part += ")"
		}
		parts = append(parts, part)
	}
	add(r.Changed.Rows, r.Changed.Keys, "row is not as the plan left it", "rows are not as the plan left them")
	add(r.Protected.Rows, r.Protected.Keys, "row is protected", "rows are protected")
	add(r.Taken.Rows, r.Taken.Keys, "row's key is another's now", "rows' keys are others' now")
	add(r.Redacted, nil, "row was redacted in the register, which does not hold any more what it was", "rows were redacted in the register, which does not hold any more what they were")
	add(r.Purged, nil, "row was purged, which nothing undoes", "rows were purged, which nothing undoes")
	return r.Sync + ": " + strings.Join(parts, ", ")
}

// tell counts what is not undone of a sync, and records it or gathers it for an error.
func (r *reverting) tell(ctx context.Context, w *work) error {
	leaving := r.leaving(w)
	found := ChangedRows{Sync: w.sync.Address}
	spoilt := false
	for i := range r.batches[w] {
		batch := &r.batches[w][i]
		n, err := r.count(ctx, sqlgen.CountChanged(r.Dialect(), batch, sqlgen.SpoiltAnyhow, leaving))
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if spoilt = true; !r.options.SkipChanged {
			err = r.gather(ctx, w, batch, &found)
		} else if n, err = r.find(ctx, w, sqlgen.RecordChanged(r.Dialect(), batch, w.planID, w.findings, leaving)); err == nil {
			w.summary.Changed += n
		}
		if err != nil {
			return err
		}
	}
	if spoilt {
		r.changed.Syncs = append(r.changed.Syncs, found)
	}
	return nil
}

// gather adds what is not undone of a batch, by reasons.
func (r *reverting) gather(ctx context.Context, w *work, batch *sqlgen.Undo, found *ChangedRows) error {
	dialect, leaving := r.Dialect(), r.leaving(w)
	// What the plan that is undone is shown with names rows here, too.
	masking := Masking{Sensitive: w.summary.Sensitive, Pseudonym: pseudonyms(r.undone.PseudonymKey, w.summary.Source)}
	for _, why := range []sqlgen.Spoilt{sqlgen.SpoiltPurged, sqlgen.SpoiltRedacted, sqlgen.SpoiltTaken, sqlgen.SpoiltProtected, sqlgen.SpoiltChanged} {
		n, err := r.count(ctx, sqlgen.CountChanged(dialect, batch, why, leaving))
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		var some *ChangedSome
		switch why {
		case sqlgen.SpoiltPurged:
			found.Purged += n
			continue
		case sqlgen.SpoiltRedacted:
			found.Redacted += n
			continue
		case sqlgen.SpoiltTaken:
			some = &found.Taken
		case sqlgen.SpoiltProtected:
			some = &found.Protected
		case sqlgen.SpoiltChanged, sqlgen.SpoiltAnyhow:
			some = &found.Changed
		}
		some.Rows += n
		named := sqlgen.ChangedKeys(dialect, batch, why, leaving, maxChangedKeys-len(some.Keys))
		keys, err := register.New(dialect).Keys(ctx, r.tx, named.SQL, named.Args...)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if text := shownKey(key, masking); !slices.Contains(some.Keys, text) {
				some.Keys = append(some.Keys, text)
			}
		}
	}
	return nil
}

// shownKey is a key as errors name a row: a lookup by what it goes by.
func shownKey(key register.Document, m Masking) string {
	var parts []string
	for _, c := range cells(key, m) {
		parts = append(parts, c.shown()...)
	}
	return strings.Join(parts, ", ")
}

func (c Cell) shown() []string {
	switch {
	case c.Sensitive:
		return []string{c.Hidden()}
	case len(c.Keys) > 0:
		var parts []string
		for _, k := range c.Keys {
			parts = append(parts, k.shown()...)
		}
		return parts
	case c.Null:
		return []string{"null"}
	default:
		return []string{`"` + c.Text + `"`}
	}
}
