package run_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
)

// mark is in every value of the rows.
const mark = "zzmark"

// everything is a log that keeps all that it is told.
type everything struct {
	text *strings.Builder
	told func(message string)
}

func (everything) Enabled(context.Context, slog.Level) bool { return true }
func (h everything) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h everything) WithGroup(string) slog.Handler          { return h }

func (h everything) Handle(_ context.Context, r slog.Record) error {
	fmt.Fprintln(h.text, r.Message)
	h.told(r.Message)
	r.Attrs(func(a slog.Attr) bool { fmt.Fprintln(h.text, a); return true })
	return nil
}

// TestNoRowInResult makes each kind of failure of rows that all bear a mark. Nothing that is kept or sent of the run, which
// are its JSON, its log and its records, has it, whether the columns are sensitive or not.
func TestNoRowInResult(t *testing.T) {
	t.Parallel()
	const ok = mark + "1," + mark + " Hall"
	check := func(source string) string {
		return fmt.Sprintf(`check "found" {
  severity = "error"
  %s
  message  = "found ${row.code} ${row.name}"
  blocks   = [sync.rooms]
}`, source)
	}
	for name, one := range map[string]struct {
		rows    []string
		more    string // of the sync
		check   string
		prepare []string
		// planned happens between plan and apply.
		planned string
		outcome run.Outcome
		// unenforced: the destination's key is no unique one.
		unenforced bool
		says       string
		// detail: who looks on is shown a row's key, unless it is sensitive.
		detail bool
	}{
		"duplicate keys":   {rows: []string{ok, ok}, outcome: run.Failed, says: "rooms.hcl:", detail: true},
		"an assert stops":  {rows: []string{ok}, more: `assert "stop" {` + "\n" + `condition = row.name == "x"` + "\n" + `message = "${row.code} is ${row.name}"` + "\n" + `on_failure = "stop"` + "\n}", outcome: run.Failed, says: "Assert stops the plan", detail: true},
		"too many rejects": {rows: []string{ok}, more: `assert "not" {` + "\n" + `condition = row.name == "x"` + "\n" + `message = "${row.code} is ${row.name}"` + "\n}", outcome: run.Held, says: "max_reject"},
		"too long":         {rows: []string{ok + strings.Repeat(" "+mark, 30)}, outcome: run.Held, says: "max_reject"},
		"bad keys there":   {rows: []string{ok}, prepare: []string{"ALTER TABLE room DROP CONSTRAINT room_pkey", "INSERT INTO room VALUES ('" + mark + "', 'a'), ('" + mark + "', 'b')"}, unenforced: true, outcome: run.Failed, says: "Bad keys in the destination", detail: true},
		"stale":            {rows: []string{ok}, planned: "INSERT INTO room VALUES ('" + mark + "1', 'x')", outcome: run.Failed, says: "the plan was stale for sync.rooms", detail: true},
		"a query finds": {
			rows: []string{ok}, check: check(`destination = destination.postgres.main` + "\n" + `query = "SELECT code, name FROM site"`),
			prepare: []string{"INSERT INTO site VALUES ('" + mark + "', '" + mark + "')"}, outcome: run.Held, says: "check.found found 1",
		},
		"a where finds": {rows: []string{ok}, check: check("sync = sync.rooms\nwhere = length(row.name) > 0"), outcome: run.Held, says: "check.found found 1"},
		"a trigger": {
			rows: []string{ok}, outcome: run.Failed, says: "sync.rooms",
			prepare: []string{
				`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no % of %', NEW.code, NEW.name; END $$`,
				"CREATE TRIGGER refuse BEFORE INSERT ON room FOR EACH ROW EXECUTE FUNCTION refuse()",
			},
		},
		"a constraint":   {rows: []string{ok}, prepare: []string{"ALTER TABLE room ADD CHECK (name = 'x')"}, outcome: run.Failed, says: "sync.rooms"},
		"a unique index": {rows: []string{ok, mark + "2," + mark + " Hall"}, prepare: []string{"CREATE UNIQUE INDEX ON room (name)"}, outcome: run.Failed, says: "sync.rooms"},
		"a hook":         {rows: []string{ok}, more: `after_apply = "SELECT name::int FROM room"`, outcome: run.Failed, says: "after_apply"},
		"bad csv":        {rows: []string{mark + `1,"` + mark + `" Hall`}, outcome: run.Failed, says: "rooms.csv"},
		"a ragged line":  {rows: []string{mark + "1," + mark + "," + mark}, outcome: run.Failed, says: "rooms.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newPostgresWorld(t)
			w.exec("ALTER TABLE room ALTER name TYPE varchar(60)")
			w.exec(one.prepare...)
			w.write("check.hcl", one.check)
			w.rows("rooms", one.rows...)
			var log strings.Builder
			w.opts.Log = slog.New(everything{&log, func(message string) {
				if message == "planned" && one.planned != "" {
					w.exec(one.planned)
				}
			}})
			for _, sensitive := range []string{"", `sensitive = "all"`} {
				log.Reset()
				w.sync("rooms", "room", one.more, sensitive)
				w.adapt = func(cfg *config.Config) {
					cfg.Settings.Retry.Attempts = 1
					cfg.Syncs[0].Destination.UnenforcedKey = one.unenforced
				}
				result := w.runAll()
				u := result.Units[0]
				if u.Outcome != one.outcome || !strings.Contains(u.Message, one.says) {
					t.Errorf("%s: it is %s: %q, want %s: %q", sensitive, u.Outcome, u.Message, one.outcome, one.says)
				}
				kept, err := json.Marshal(result)
				w.must(err)
				var recorded string
				w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
					w.must(reg.Runs(t.Context(), tx, time.Time{}, 0, func(r *register.Run) error {
						recorded += r.Message
						return nil
					}))
				})
				for what, text := range map[string]string{"result": string(kept), "log": log.String(), "record": recorded} {
					if text == "" || strings.Contains(text, mark) {
						t.Errorf("%s: the %s has a row's value: %s", sensitive, what, text)
					}
				}
				if got := strings.Contains(u.Detail, mark); got != (one.detail && sensitive == "") {
					t.Errorf("%s: the detail is %q", sensitive, u.Detail)
				}
				if one.planned != "" {
					w.exec("DELETE FROM room")
				}
			}
		})
	}
}
