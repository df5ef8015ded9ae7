package mssql

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// TestOwnSQL holds the statements that the engine does not write, so that the grammar reads them too. It knows
// neither ALTER VIEW nor SET TEXTSIZE.
func TestOwnSQL(t *testing.T) {
	t.Parallel()
	d := dialect{}
	typed := func(declaration declared, collation string) sqlgen.Column {
		return sqlgen.Column{Name: "v", Type: declaration.typed(), Collation: collation}
	}
	everyType := []sqlgen.Column{
		typed(declared{name: "bit"}, ""), typed(declared{name: "tinyint", octets: 1}, ""), typed(declared{name: "bigint", octets: 8}, ""),
		typed(declared{name: "numeric", precision: 38, scale: 2}, ""), typed(declared{name: "smallmoney", precision: 10, scale: 4}, ""), typed(declared{name: "money", precision: 19, scale: 4}, ""),
		typed(declared{name: "real", octets: 4}, ""), typed(declared{name: "float", octets: 8}, ""),
		typed(declared{name: "char", octets: 5, codePage: 1252}, "French_CI_AS"), typed(declared{name: "varchar", octets: 8000, codePage: 1252}, "French_CI_AS"),
		typed(declared{name: "varchar", octets: -1, codePage: 65001}, "Latin1_General_100_CI_AS_SC_UTF8"), typed(declared{name: "text", octets: 16, codePage: 1252}, "French_CI_AS"),
		typed(declared{name: "nchar", octets: 10}, "French_CI_AS"), typed(declared{name: "nvarchar", octets: 100}, "French_CI_AS"), typed(declared{name: "nvarchar", octets: -1}, "French_CI_AS"), typed(declared{name: "ntext", octets: 16}, "French_CI_AS"),
		typed(declared{name: "binary", octets: 3}, ""), typed(declared{name: "varbinary", octets: 3}, ""), typed(declared{name: "varbinary", octets: -1}, ""), typed(declared{name: "image", octets: 16}, ""), typed(declared{name: "timestamp", octets: 8}, ""),
		typed(declared{name: "date"}, ""), typed(declared{name: "time", scale: 7}, ""), typed(declared{name: "smalldatetime"}, ""), typed(declared{name: "datetime", scale: 3}, ""),
		typed(declared{name: "datetime2", scale: 7}, ""), typed(declared{name: "datetime2", scale: 0}, ""), typed(declared{name: "datetimeoffset", scale: 3}, ""),
		typed(declared{name: "uniqueidentifier"}, ""), typed(declared{name: "xml"}, ""), typed(declared{name: "hierarchyid"}, ""), typed(declared{name: "sql_variant"}, ""),
	}
	var types []string
	for i, c := range everyType {
		expr := func(text string) string { return strings.ReplaceAll(text, "x.v", fmt.Sprintf("x.[v%d]", i)) }
		types = append(types, expr(strings.Join([]string{
			d.Canonical("x.v", c), d.Comparable("x.v", c), d.FromText("@p1", c), d.Rounded("x.v", 1, c), d.Day("x.v", "@p1", c),
		}, ",\n ")))
	}
	unpacked := d.Unpack(d.RegisterTable("operation"), []sqlgen.Doc{
		{Column: "key", Members: []sqlgen.DocMember{{Name: "it's", As: "k0"}, {Name: `back\slash`, As: "k1"}, {Name: "é", As: "k2"}, {Name: "a.b", As: "k3"}}},
		{Column: "after", Members: []sqlgen.DocMember{{Name: "[0]", As: "a0"}}},
		{Column: "result"},
	}, "o.plan_id = @p1")
	for name, text := range map[string]string{
		"server":          serverText,
		"instance":        instanceText,
		"begin":           snapshotText,
		"relations":       relationsText,
		"facts":           factsOf,
		"columns":         columnsOf,
		"indexes":         indexesOf,
		"foreign_keys":    foreignKeysOf,
		"register_exists": d.RegisterExists(),
		"schemas":         d.CreateRegisterSchema(),
		"import_view":     "CREATE VIEW " + d.RegisterTable("import_reg") + " AS " + d.ImportView(),
		"types":           "SELECT " + strings.Join(types, ",\n"),
		"stage_types":     d.CreateStage(d.StageTable("s"), everyType),
		"unpack":          unpacked,
		"lock_table":      d.LockTable("[dbo].[room]"),
		"row_hash":        "SELECT " + d.RowHash([]string{"o.sync", "o.table_name"}, []string{"o.[key]", "o.[before]"}) + " FROM [registrar].[operation] o",
		"lower_case":      "SELECT " + d.LowerCase("@p1"),
		"written_rows":    "UPDATE t SET [x] = 1 FROM [t] t WHERE 1 = 1" + rowsWritten,
		"index":           d.CreateIndex("registrar_execution_executed_on", d.RegisterTable("execution"), "executed_on"),
		"try_lock":        fmt.Sprintf(lockText, lockWait),
		"unlock":          unlockText,
		"stage_tables":    stageTablesText,
		"sequences":       sequencesText,
		"defaults":        defaultSequencesText,
	} {
		t.Run(name, func(t *testing.T) { golden(t, "own_"+name, text+"\n") })
	}
}

// TestRegisterSQL holds what makes a register, and finds it.
func TestRegisterSQL(t *testing.T) {
	t.Parallel()
	server := mssqltest.New(t, mssqltest.Config{Handler: func(r *mssqltest.Request) *mssqltest.Response {
		number := func(n int) *mssqltest.Response {
			return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "n", Type: "int"}}, Rows: mssqltest.Rows([]any{n})}
		}
		switch {
		case strings.Contains(r.SQL, "compatibility_level"):
			columns := []mssqltest.Column{{Name: "version", Type: "nvarchar(128)"}, {Name: "level", Type: "int"}, {Name: "readonly", Type: "int"}}
			return &mssqltest.Response{Columns: columns, Rows: mssqltest.Rows([]any{"16.0.4135.4", 160, 0})}
		case r.SQL == snapshotText, r.SQL == (dialect{}).RegisterExists():
			return number(0)
		}
		return nil
	}})
	opened, err := New().OpenDestination(t.Context(), providers.Attributes{
		"host": server.Host(), "port": int64(server.Port()), "database": server.Config().Database,
		"user": server.Config().User, "password": server.Config().Password, "trust_certificate": true,
	}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	conn, err := opened.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	tx, err := opened.Begin(t.Context(), conn, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	r := register.New(opened.Dialect())
	if _, outcome, err := r.Init(t.Context(), tx, time.Unix(0, 0), false); err != nil || outcome != register.Created {
		t.Fatalf("%s, %v", outcome, err)
	}
	_, _ = r.Meta(t.Context(), tx) // there is none
	at := time.Unix(0, 0)
	run := register.Run{ID: "r", Attempt: 1, Status: register.RunHeld, StartedOn: at, EndedOn: at, PlanID: "p", Message: "m"}
	_, beginErr := r.BeginRun(t.Context(), tx, run)
	endErr := r.EndRun(t.Context(), tx, run)
	beatErr := r.Beat(t.Context(), tx, "r")
	_, _ = r.Beats(t.Context(), tx, "r") // there are none
	resumeErr := r.Resume(t.Context(), tx, "s", at, "a")
	_, _, pruneErr := r.PruneRuns(t.Context(), tx, at, at)
	_, sweepErr := r.SweepSpeculative(t.Context(), tx, at, 20)
	_, _ = r.Approvals(t.Context(), tx, "d", at) // there are none
	_, _ = r.Disclosures(t.Context(), tx, "p")
	err = errors.Join(sweepErr,
		r.InsertApproval(t.Context(), tx, register.Approval{ID: "a", Digest: "d", PlanID: "p", ApprovedOn: at, ExpiresOn: at.Add(time.Hour), ApprovedBy: "b", Comment: "c", Key: "k", Signature: []byte{1}}),
		r.InsertDisclosure(t.Context(), tx, register.Disclosure{ID: "s", PlanID: "p", ShownOn: at, ShownBy: "b"}))
	if err != nil {
		t.Error(err)
	}
	err = errors.Join(beginErr, beatErr, r.Runs(t.Context(), tx, at, 10, nil), r.Pause(t.Context(), tx, register.Pause{Sync: "s", PausedOn: at, Reason: "r"}), pruneErr)
	if err != nil || !errors.Is(endErr, register.ErrTakenOver) || !errors.Is(resumeErr, register.ErrNotPaused) {
		t.Errorf("%v, %v, %v", err, endErr, resumeErr)
	}
	matches := []register.Match{{Syncs: []string{"s", "t"}, Key: register.Document{{Column: "code", Text: "K"}}}, {Values: register.Document{{Column: "a.b", Text: "K"}}}}
	side := register.Side{PlanID: "p", LastSeq: 2}
	last := &register.Found{Plan: &register.Plan{ID: "p", CreatedOn: at}}
	_, _ = r.Search(t.Context(), tx, &register.Search{Since: at, Until: at, Author: "a", Commit: "c", PlanID: "p", Pending: true, Matches: matches, Syncs: []string{"s"}, Operations: []config.Operation{config.Delete}, Column: "c", After: last, Limit: 8}) // there is nothing
	_ = r.OperationsThat(t.Context(), tx, "p", 1, 2, &register.Narrow{Matches: matches, Operations: []config.Operation{config.Update}, Column: "c", Limit: 10}, nil)
	_, _ = r.Recorded(t.Context(), tx)
	_, _ = r.KeyOf(t.Context(), tx, "s")
	_, _ = r.Touches(t.Context(), tx, matches)
	_, _ = r.Spoilt(t.Context(), tx, matches, at)
	_, _ = r.RekeyedOf(t.Context(), tx, matches)
	_, _ = r.CountRedacted(t.Context(), tx, "p")
	_, _ = r.Deviations(t.Context(), tx, side, side)
	_ = r.Deviating(t.Context(), tx, side, side, register.Different, 10, nil)
	_, _, redactErr := r.Redact(t.Context(), tx, matches)
	_, _, messagesErr := r.RedactMessages(t.Context(), tx, []string{"s"}, []string{"K"})
	_, _, purgedErr := r.RedactPurged(t.Context(), tx, &register.Purged{PlanID: "p", Sync: "s", Last: 2, Keys: [][]string{{"a", "b"}}})
	err = errors.Join(redactErr, messagesErr, purgedErr, r.InsertRedaction(t.Context(), tx, register.Redaction{ID: "r", RedactedOn: at, RedactedBy: "b", Reason: "r"}))
	if err != nil {
		t.Error(err)
	}
	n := 0
	for _, request := range server.Requests() {
		text := request.SQL
		if request.Transaction == 0 || text == "" || text == (dialect{}).RegisterExists() || strings.HasPrefix(text, "SET ") || strings.HasPrefix(text, "ALTER VIEW") {
			continue
		}
		n++
		golden(t, fmt.Sprintf("own_register_%02d", n), text+"\n")
	}
	if n < 10 {
		t.Errorf("%d statements", n)
	}
}

// golden compares with testdata/sql, or writes there with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "sql", name+".sql")
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestDocumentsAreNotCut(t *testing.T) {
	t.Parallel()
	members := make([]sqlgen.Member, 1000)
	for i := range members {
		members[i] = sqlgen.Member{Name: fmt.Sprintf("a column %d", i), Text: fmt.Sprintf("x.c%d", i)}
	}
	object := dialect{}.Object(members)
	// Each call has at most 254 arguments, the first of which makes the result a long one.
	for call := range strings.SplitSeq(object, "CONCAT(") {
		if call != "" && !strings.HasPrefix(call, "CONVERT(nvarchar(max), N''), ") {
			t.Errorf("a call begins with %.60s", call)
		}
		if n := strings.Count(call, "N',\"a column"); n > callArguments {
			t.Errorf("%d arguments", n)
		}
	}
}

func TestLiteralsDoNotContinueLines(t *testing.T) {
	t.Parallel()
	if got := stringLiteral("it's\\\nb"); got != "N'it''s\\' + N'\nb'" {
		t.Errorf("%q", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	text, number := value.OfText, func(s string) value.Value { v, _ := value.ParseDecimal(s); return v }
	for _, test := range []struct {
		declared declared
		value    value.Value
		misfit   string // a part of why it does not fit; "": it does
	}{
		{declared{name: "nvarchar", octets: 6}, text("🙂é"), ""},
		{declared{name: "nvarchar", octets: 4}, text("🙂é"), "3 places in UTF-16, 2 fit"},
		{declared{name: "varchar", octets: 3, codePage: 1252}, text("é€œ"), ""},
		{declared{name: "varchar", octets: 3, codePage: 1252}, text("ł"), "code page 1252 lacks"},
		{declared{name: "varchar", octets: 3, codePage: 1250}, text("ł"), ""},
		{declared{name: "varchar", octets: 3, codePage: 65001}, text("éé"), "4 octets in code page 65001, 3 fit"},
		{declared{name: "varchar", octets: 3, codePage: 932}, text("日a"), ""},
		{declared{name: "varchar", octets: 3, codePage: 932}, text("日日"), "4 octets in code page 932, 3 fit"},
		{declared{name: "text", octets: 16, codePage: 1}, text("é"), "not known"},
		{declared{name: "text", octets: 16, codePage: 1}, text("e"), ""},
		{declared{name: "datetime", scale: 3}, text("1752-12-31 23:59:59"), "out of range 1753-01-01"},
		{declared{name: "datetime", scale: 3}, text("9999-12-31 23:59:59.997"), ""},
		{declared{name: "datetime", scale: 3}, text("9999-12-31 23:59:59.999"), "out of range"},
		{declared{name: "smalldatetime"}, text("2079-06-06 23:59:00"), ""},
		{declared{name: "smalldatetime"}, text("2079-06-07 00:00:00"), "out of range 1900-01-01 to 2079-06-0"},
		{declared{name: "datetime2", scale: 7}, text("0001-01-01 00:00:00"), ""},
		{declared{name: "datetime2", scale: 0}, text("9999-12-31 23:59:59.5"), "out of range"},
		{declared{name: "date"}, text("infinity"), "no such date"},
		{declared{name: "date"}, text("0044-03-15 BC"), "out of range"},
		{declared{name: "time", scale: 7}, text("24:00"), "ends before that"},
		{declared{name: "time", scale: 0}, text("23:59:59.5"), "ends before that"},
		{declared{name: "float", octets: 8}, text("NaN"), "no such number"},
		{declared{name: "float", octets: 8}, text("5e-324"), "no such number"},
		{declared{name: "float", octets: 8}, text("1.7976931348623157e308"), ""},
		{declared{name: "real", octets: 4}, text("1e-40"), "no such number"},
		{declared{name: "decimal", precision: 5, scale: 2}, number("NaN"), "no such number"},
		{declared{name: "money", precision: 19, scale: 4}, text("922337203685477.5807"), ""},
		{declared{name: "money", precision: 19, scale: 4}, text("922337203685477.5808"), "out of range of money"},
		{declared{name: "smallmoney", precision: 10, scale: 4}, text("-214748.3648"), ""},
		{declared{name: "smallmoney", precision: 10, scale: 4}, text("214748.3648"), "out of range of smallmoney"},
	} {
		_, err := test.declared.typed().Fit(test.value, nil)
		switch {
		case test.misfit == "" && err != nil:
			t.Errorf("%s: %q: %v", test.declared.name, test.value.Text(), err)
		case test.misfit != "" && (err == nil || !strings.Contains(err.Error(), test.misfit)):
			t.Errorf("%s: %q: %v, expected %s", test.declared.name, test.value.Text(), err, test.misfit)
		case err != nil && strings.Contains(err.Error(), test.value.Text()):
			t.Errorf("%s: the value is quoted: %v", test.declared.name, err)
		}
	}
}
