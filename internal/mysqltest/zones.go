package mysqltest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
)

// LoadZones fills the server's tables of time zones, which are empty at first, with some zones, so that CONVERT_TZ knows them. Tests that
// come later in this process find them there, too.
func LoadZones(t testing.TB, names ...string) {
	t.Helper()
	shared, err := sharedServer()
	if err != nil {
		t.Fatalf("mysqltest: %v", err)
	}
	err = shared.withAdmin(func(ctx context.Context, db *sql.DB) error {
		for i, name := range names {
			if err := loadZone(ctx, db, i+1, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("mysqltest: load time zones: %v", err)
	}
}

// loadZone writes what a zone's clocks do from 1970 to 2037, the years of which such tables tell.
func loadZone(ctx context.Context, db *sql.DB, id int, name string) error {
	var known sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT convert_tz('2026-07-01 12:00:00', '+00:00', ?)", name).Scan(&known); err != nil || known.Valid {
		return err
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return err
	}
	types := map[string]int{} // by offset and abbreviation
	var typeRows, transitions []string
	typeOf := func(at time.Time) int {
		abbreviation, offset := at.Zone()
		key := fmt.Sprint(offset, abbreviation)
		if _, ok := types[key]; !ok {
			types[key] = len(types)
			summer := 0
			if at.IsDST() {
				summer = 1
			}
			typeRows = append(typeRows, fmt.Sprintf("(%d, %d, %d, %d, '%s')", id, types[key], offset, summer, abbreviation))
		}
		return types[key]
	}
	for at := time.Unix(0, 0).In(loc); at.Year() < 2038; {
		transitions = append(transitions, fmt.Sprintf("(%d, %d, %d)", id, at.Unix(), typeOf(at)))
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		at = end
	}
	for _, statement := range []string{
		fmt.Sprintf("REPLACE INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (%d, 'N')", id),
		"REPLACE INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST, Abbreviation) VALUES " + strings.Join(typeRows, ", "),
		"REPLACE INTO mysql.time_zone_transition (Time_zone_id, Transition_time, Transition_type_id) VALUES " + strings.Join(transitions, ", "),
		// Last: with it the zone is there.
		fmt.Sprintf("REPLACE INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('%s', %d)", name, id),
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
