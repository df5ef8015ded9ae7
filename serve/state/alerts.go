package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

func (d *database) Alert(ctx context.Context, notifier, subject string) (Alert, error) {
	a := Alert{Notifier: notifier, Subject: subject}
	var since, sent instant
	err := d.db.QueryRowContext(ctx, "SELECT state, since, sent_on, suppressed FROM alert WHERE notifier = $1 AND subject = $2", notifier, subject).
		Scan(&a.State, &since, &sent, &a.Suppressed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Alert{}, fmt.Errorf("read what %s said of %s: %w", notifier, subject, err)
	}
	a.Since, a.SentOn = time.Time(since), time.Time(sent)
	return a, nil
}

func (d *database) SaveAlert(ctx context.Context, a Alert) error {
	if _, err := d.exec(ctx, `INSERT INTO alert (notifier, subject, state, since, sent_on, suppressed) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (notifier, subject) DO UPDATE SET state = excluded.state, since = excluded.since, sent_on = excluded.sent_on, suppressed = excluded.suppressed`,
		a.Notifier, a.Subject, a.State, instant(a.Since), instant(a.SentOn), a.Suppressed); err != nil {
		return fmt.Errorf("record what %s said of %s: %w", a.Notifier, a.Subject, err)
	}
	return nil
}
