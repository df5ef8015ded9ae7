package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

// Override is a person's decision to apply a plan that a guard or a check holds. It is
// for that plan alone.
type Override struct {
	PlanID       string
	OverriddenOn time.Time
	OverriddenBy string
	Reason       string
}

// InsertOverride records why a held plan is applied. A plan has one override: a second
// one fails.
func (r Register) InsertOverride(ctx context.Context, q providers.Querier, o Override) error {
	args := arguments{d: r.d}
	statement := fmt.Sprintf("INSERT INTO %s (plan_id, overridden_on, overridden_by, reason) VALUES (%s, %s, %s, %s)", r.d.RegisterTable("override"),
		args.of(o.PlanID), args.instant(o.OverriddenOn), args.of(o.OverriddenBy), args.of(storable(o.Reason)))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("record the override: %w", err)
	}
	return nil
}

// Override returns why a held plan was applied all the same, or nil where nobody
// overrode it.
func (r Register) Override(ctx context.Context, q providers.Querier, planID string) (*Override, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT %s, o.overridden_by, o.reason FROM %s o WHERE o.plan_id = %s", r.instantText("o.overridden_on"), r.d.RegisterTable("override"), args.of(planID))
	o := Override{PlanID: planID}
	var on sql.NullString
	err := q.QueryRowContext(ctx, query, args.values...).Scan(&on, &o.OverriddenBy, &o.Reason)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "not overridden" is an answer, not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read the plan's override: %w", err)
	}
	o.OverriddenOn, err = parseInstant(on)
	return &o, err
}
