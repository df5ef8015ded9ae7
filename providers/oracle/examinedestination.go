package oracle

import (
	"context"
	"errors"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Examiner    = (*destination)(nil)
	_ providers.ClockReader = (*destination)(nil)
)

// Examine implements providers.Examiner: what a source is asked, and whether applies can be kept apart.
func (d *destination) Examine(ctx context.Context) ([]providers.Finding, error) {
	all, err := newSource(d.settings).Examine(ctx)
	if err != nil {
		return nil, err
	}
	var findings []providers.Finding
	for _, finding := range all {
		if finding.Subject != "snapshot" { // a source's
			findings = append(findings, finding)
		}
	}
	lock, err := d.examineLock(ctx)
	if err != nil {
		return nil, err
	}
	return append(findings, lock), nil
}

func (d *destination) examineLock(ctx context.Context) (providers.Finding, error) {
	if d.lock == lockByRow {
		return providers.Finding{Subject: "lock", State: providers.FindingOK, Found: "a row of " + shown(lockRows)}, nil
	}
	conn, err := d.Conn(ctx)
	if err != nil {
		return providers.Finding{}, err
	}
	defer conn.Close()
	const name = "doctor"
	taken, err := d.TryLock(ctx, conn, name)
	var refused *Error
	switch {
	case errors.As(err, &refused):
		return providers.Finding{
			Subject: "lock", State: providers.FindingProblem, Found: "the user may not use DBMS_LOCK",
			Remedy: `GRANT EXECUTE ON SYS.DBMS_LOCK TO ` + reference(stored(d.settings.user)) + `; or set lock = "row" wherever this database is applied to`,
		}, nil
	case err != nil:
		return providers.Finding{}, err
	case taken:
		err = d.Unlock(ctx, conn, name)
	}
	return providers.Finding{Subject: "lock", State: providers.FindingOK, Found: "DBMS_LOCK"}, err
}

// ServerTime implements providers.ClockReader.
func (d *destination) ServerTime(ctx context.Context) (time.Time, error) {
	return newSource(d.settings).ServerTime(ctx)
}
