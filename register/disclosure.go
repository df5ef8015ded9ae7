package register

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

// Disclosure is that somebody looked at what is masked of a plan.
type Disclosure struct {
	ID      string
	PlanID  string
	ShownOn time.Time
	ShownBy string // user@host, as the program tells
	// DatabaseUser is who the database took them for; "" where it has no users. It is not for writing.
	DatabaseUser string
}

// InsertDisclosure records a disclosure, before anything is shown.
func (r Register) InsertDisclosure(ctx context.Context, q providers.Querier, d Disclosure) error {
	args := arguments{d: r.d}
	column, user := r.tellUser()
	statement := fmt.Sprintf("INSERT INTO %s (id, plan_id, shown_on, shown_by%s) VALUES (%s, %s, %s, %s%s)", r.d.RegisterTable("disclosure"), column,
		args.of(d.ID), args.of(d.PlanID), args.instant(d.ShownOn), args.of(shortened(storable(d.ShownBy))), user)
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("record that masked values are shown: %w", remedied(err, "this role may not look at masked values: those that apply and approve may"))
	}
	return nil
}

// Disclosures returns who looked at what is masked of a plan, the first one first.
func (r Register) Disclosures(ctx context.Context, q providers.Querier, planID string) ([]Disclosure, error) {
	args := arguments{d: r.d}
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT d.id, d.plan_id, %s, d.shown_by, d.database_user FROM %s d WHERE d.plan_id = %s ORDER BY d.shown_on, d.id",
		r.instantText("d.shown_on"), r.d.RegisterTable("disclosure"), args.of(planID)), args.values...)
	if err != nil {
		return nil, fmt.Errorf("read who was shown masked values: %w", withRemedy(err))
	}
	defer rows.Close()
	var found []Disclosure
	for rows.Next() {
		var d Disclosure
		var on, user sql.NullString
		if err := rows.Scan(&d.ID, &d.PlanID, &on, &d.ShownBy, &user); err != nil {
			return nil, fmt.Errorf("read who was shown masked values: %w", err)
		}
		if d.ShownOn, err = parseInstant(on); err != nil {
			return nil, err
		}
		d.DatabaseUser = user.String
		found = append(found, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read who was shown masked values: %w", err)
	}
	return found, nil
}
