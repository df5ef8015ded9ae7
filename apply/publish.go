package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// refresh shows the transaction q what others have made of a providers.Publisher's tables, so that a
// plan is stale where they changed its rows. It returns what else a publication of the plan's tables would
// change now, and whoever reviewed the plan was not told.
func (d *destination) refresh(ctx context.Context, cfg *config.Config, q providers.Querier) (unknown []string, err error) {
	changes, err := plan.Refresh(ctx, cfg, d.of, d.Destination, q)
	for _, change := range changes {
		if writesTable(d.part.Syncs, change.Table) && !slices.Contains(d.part.Files, change.Text) {
			unknown = append(unknown, change.Text)
		}
	}
	return unknown, d.safe(err)
}

// prepare makes ready what will be published of the plan's tables.
func (t *transaction) prepare(ctx context.Context, stored *register.Plan) error {
	publisher, ok := t.Destination.(providers.Publisher)
	if !ok {
		return nil
	}
	shapes := slices.DeleteFunc(plan.Shapes(t.cfg, t.of), func(shape providers.TableShape) bool {
		return !writesTable(stored.Syncs, shape.Name)
	})
	return t.safe(publisher.Prepare(ctx, t.tx, shapes))
}

func writesTable(syncs []register.SyncSummary, table string) bool {
	return slices.ContainsFunc(syncs, func(s register.SyncSummary) bool { return s.Table == table })
}

// publishTimeout bounds what is done after the commit, also for a caller who has given up.
const publishTimeout = 2 * time.Minute

func (d *destination) publish(ctx context.Context) error {
	publisher, ok := d.Destination.(providers.Publisher)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	if err := publisher.Publish(ctx, d.conn); err != nil {
		return fmt.Errorf("the plan was applied, but not published: %w", d.safe(err))
	}
	return nil
}
