package state

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// schemaVersion is the version of the tables that this program makes and works on.
const schemaVersion = 1

// steps make the tables of one version out of those of the version before. Released steps are never
// edited. What is in braces is spelt as the dialect says.
var steps = [schemaVersion][]string{
	{
		`CREATE TABLE slot (
			schedule      {text} NOT NULL,
			slot_on       {instant} NOT NULL,
			run_id        {text} NOT NULL,
			start_on      {instant},
			triggered_by  {text} NOT NULL,
			config_digest {text} NOT NULL,
			status        {text} NOT NULL CHECK (status IN ('pending', 'running', 'done', 'missed')),
			claimed_on    {instant} NOT NULL,
			began_on      {instant},
			ended_on      {instant},
			why           {text} NOT NULL DEFAULT '',
			ready_on      {instant}, -- not before that, by the database's clock
			generation    bigint NOT NULL DEFAULT 1, -- counts how often its job was queued anew
			worker        {text}, -- of one attempt to run it
			beat_on       {instant}, -- when that worker was last heard of
			heard_on      {instant}, -- when the one before it was, who had begun the job
			queue_id      bigint, -- of its latest job in River
			PRIMARY KEY (schedule, slot_on)
		)`,
		`CREATE INDEX slot_latest ON slot (slot_on)`,
		`CREATE INDEX slot_open ON slot (status) WHERE status IN ('pending', 'running')`,
		// Of a schedule one slot is run at a time.
		`CREATE UNIQUE INDEX slot_running ON slot (schedule) WHERE status = 'running'`,
		`CREATE TABLE run (
			id           {text} PRIMARY KEY,
			schedule     {text} NOT NULL,
			slot_on      {instant},
			started_on   {instant} NOT NULL,
			ended_on     {instant},
			document     {json} NOT NULL
		)`,
		`CREATE INDEX run_latest ON run (started_on)`,
		// Apart from run, so that the last result of a sync that runs once a year outlives the other runs.
		`CREATE TABLE last_unit (
			run_id   {text} NOT NULL,
			unit     {text} NOT NULL,
			document {json} NOT NULL,
			PRIMARY KEY (run_id, unit)
		)`,
		`CREATE TABLE last_result (
			sync    {text} PRIMARY KEY,
			run_id  {text} NOT NULL,
			unit    {text} NOT NULL,
			as_of   {instant} NOT NULL
		)`,
		`CREATE TABLE alert (
			notifier   {text} NOT NULL,
			subject    {text} NOT NULL,
			state      {text} NOT NULL,
			since      {instant},
			sent_on    {instant},
			suppressed bigint NOT NULL,
			PRIMARY KEY (notifier, subject)
		)`,
		`CREATE TABLE replica (
			id            {text} PRIMARY KEY,
			host          {text} NOT NULL,
			version       {text} NOT NULL,
			config_digest {text} NOT NULL,
			seen_on       {instant} NOT NULL
		)`,
		// Numbers that destinations go by among the advisory locks of PostgreSQL.
		`CREATE TABLE destination (
			id   {identity},
			name {text} NOT NULL UNIQUE
		)`,
		// The process that works on an SQLite file, for the message to a second one.
		`CREATE TABLE process (
			id       integer PRIMARY KEY CHECK (id = 1),
			host     {text} NOT NULL,
			pid      bigint NOT NULL,
			began_on {instant} NOT NULL
		)`,
	},
}

// migrate brings the tables to schemaVersion. Nobody else may do so at the same time. hasVersion says
// whether the table of the version is there.
func migrate(ctx context.Context, tx *sql.Tx, spelling *strings.Replacer, hasVersion bool) error {
	version := 0
	if hasVersion {
		if err := tx.QueryRowContext(ctx, "SELECT version FROM version").Scan(&version); err != nil {
			return fmt.Errorf("read the version of the service's state: %w", err)
		}
	} else if _, err := tx.ExecContext(ctx, "CREATE TABLE version (version bigint NOT NULL)"); err != nil {
		return fmt.Errorf("make the tables of the service's state: %w", err)
	}
	if version > schemaVersion {
		return fmt.Errorf("the service's state has version %d, made by a newer registrar; this one knows %d: use the newer one, or another state", version, schemaVersion)
	}
	if version == schemaVersion {
		return nil
	}
	for _, step := range steps[version:] {
		for _, statement := range step {
			if _, err := tx.ExecContext(ctx, spelling.Replace(statement)); err != nil {
				return fmt.Errorf("make the tables of the service's state: %w", err)
			}
		}
	}
	for _, statement := range []string{"DELETE FROM version", fmt.Sprintf("INSERT INTO version VALUES (%d)", schemaVersion)} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("record the version of the service's state: %w", err)
		}
	}
	return nil
}
