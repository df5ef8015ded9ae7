package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/run"
)

// Place is a run's place in the history: just behind the runs that began at StartedOn and have an ID up to ID in the order
// of text. The zero Place is before the latest run; without an ID, it is behind all that began at StartedOn.
type Place struct {
	StartedOn time.Time
	ID        string
}

// PlaceOf is the place of a run.
func PlaceOf(r *run.Result) Place { return Place{r.StartedOn, r.ID} }

// historyPage is how many runs are read at a time: a run may have hundreds of units.
const historyPage = 100

// History visits the runs behind a place, latest first, until visit returns false or there is none.
func (d *database) History(ctx context.Context, behind Place, visit func(*run.Result) bool) error {
	type entry struct {
		place  Place
		result run.Result
	}
	scan := func(row *sql.Rows, e *entry) error {
		var document []byte
		var started instant
		if err := row.Scan(&document, &started, &e.place.ID); err != nil {
			return err
		}
		e.place.StartedOn = time.Time(started)
		return json.Unmarshal(document, &e.result)
	}
	for {
		var query string
		var args []any
		switch at := instant(behind.StartedOn); {
		case behind.StartedOn.IsZero():
			query, args = "SELECT document, started_on, id FROM run ORDER BY started_on DESC, id LIMIT $1", []any{historyPage}
		case behind.ID == "":
			query, args = "SELECT document, started_on, id FROM run WHERE started_on < $1 ORDER BY started_on DESC, id LIMIT $2", []any{at, historyPage}
		default:
			query, args = "SELECT document, started_on, id FROM run WHERE started_on <= $1 AND (started_on < $1 OR id > $2) ORDER BY started_on DESC, id LIMIT $3",
				[]any{at, behind.ID, historyPage}
		}
		page, err := read(ctx, d, scan, query, args...)
		if err != nil {
			return fmt.Errorf("read the runs: %w", err)
		}
		for i := range page {
			if !visit(&page[i].result) {
				return nil
			}
		}
		if len(page) < historyPage {
			return nil
		}
		behind = page[len(page)-1].place
	}
}
