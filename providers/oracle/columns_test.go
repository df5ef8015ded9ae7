package oracle

import (
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

func TestColumnsHoldWhatTheServerDoes(t *testing.T) {
	t.Parallel()
	unicode, err := newCharset("AL32UTF8", charsetAL32UTF8)
	if err != nil {
		t.Fatal(err)
	}
	western, err := newCharset("WE8ISO8859P15", 46)
	if err != nil {
		t.Fatal(err)
	}
	text := value.OfText
	day := func(year int, month time.Month, of int) value.Value {
		return value.OfDateTime(time.Date(year, month, of, 0, 0, 0, 0, time.UTC))
	}
	decimal := func(text string) value.Value {
		v, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const null = "NULL"
	for _, c := range []struct {
		column  catalogueColumn
		charset *charset
		v       value.Value
		want    string // what is staged, or a part of the error
		misfit  bool
	}{
		{catalogueColumn{dataType: "VARCHAR2", length: 4, characters: 4}, unicode, text("été"), "has 5 octets, 4 fit", true},
		{catalogueColumn{dataType: "VARCHAR2", length: 4, characters: 4}, western, text("été€"), "été€", false},
		{catalogueColumn{dataType: "VARCHAR2", length: 16, characters: 4, inCharacters: true}, unicode, text("été€"), "été€", false},
		{catalogueColumn{dataType: "VARCHAR2", length: 4000, characters: 4000, inCharacters: true}, unicode, text(strings.Repeat("€", 1334)), "has 4002 octets, 4000 fit", true},
		{catalogueColumn{dataType: "VARCHAR2", length: 9, characters: 9}, western, text("Łódź"), "lacks (U+0141)", true},
		{catalogueColumn{dataType: "VARCHAR2", length: 9, characters: 9}, unicode, text(""), null, false},
		{catalogueColumn{dataType: "VARCHAR2", length: 9, characters: 9}, unicode, text(" "), " ", false},
		{catalogueColumn{dataType: "CHAR", length: 3, characters: 3}, unicode, text("a    "), "a", false},
		{catalogueColumn{dataType: "CHAR", length: 3, characters: 3}, unicode, text("   "), null, false},
		{catalogueColumn{dataType: "NVARCHAR2", length: 4, characters: 2}, unicode, text("é🙂"), "has 3 characters", true},
		{catalogueColumn{dataType: "CLOB"}, unicode, text(""), null, false},
		{catalogueColumn{dataType: "NUMBER", precision: 3, hasScale: true}, unicode, value.OfInt(-999), "-999", false},
		{catalogueColumn{dataType: "NUMBER", precision: 3, hasScale: true}, unicode, value.OfInt(1000), "has 4 digits, 3 fit", true},
		{catalogueColumn{dataType: "NUMBER", precision: 1, hasScale: true}, unicode, value.OfBool(true), "1", false},
		{catalogueColumn{dataType: "NUMBER", precision: 10, scale: 2, hasScale: true}, unicode, decimal("12.5"), "12.50", false},
		{catalogueColumn{dataType: "NUMBER", precision: 10, scale: 2, hasScale: true}, unicode, decimal("12.505"), "has 3 decimals", true},
		{catalogueColumn{dataType: "NUMBER"}, unicode, decimal(strings.Repeat("9", 38)), strings.Repeat("9", 38), false},
		{catalogueColumn{dataType: "NUMBER"}, unicode, decimal(strings.Repeat("9", 39)), "has 39 significant digits", true},
		{catalogueColumn{dataType: "NUMBER"}, unicode, decimal("NaN"), "no such number", true},
		{catalogueColumn{dataType: "DATE"}, unicode, day(1, 1, 1), "0001-01-01 00:00:00", false},
		{catalogueColumn{dataType: "DATE"}, unicode, day(9999, 12, 31), "9999-12-31 00:00:00", false},
		{catalogueColumn{dataType: "DATE"}, unicode, day(0, 12, 31), "years 1 to 9999", true},
		{catalogueColumn{dataType: "DATE"}, unicode, day(1582, 10, 10), "1582-10-15", true},
		{catalogueColumn{dataType: "DATE"}, unicode, value.Infinite(value.DateTime, false), "no infinity", true},
		{catalogueColumn{dataType: "TIMESTAMP(3)", scale: 3}, unicode, value.OfDateTime(time.Date(2026, 1, 1, 0, 0, 0, 1_500_000, time.UTC)), "2026-01-01 00:00:00.002", false},
		{catalogueColumn{dataType: "BINARY_DOUBLE"}, unicode, value.OfFloat(0.1), "0.1", false},
		{catalogueColumn{dataType: "BINARY_DOUBLE"}, unicode, text("a"), "is no number", true},
		{catalogueColumn{dataType: "RAW", length: 2}, unicode, value.OfBytes(nil), null, false},
		{catalogueColumn{dataType: "RAW", length: 2}, unicode, value.OfBytes([]byte("abc")), "has 3 octets, 2 fit", true},
	} {
		typ, ok := c.column.valueType(c.charset)
		if !ok {
			t.Fatalf("%s is not known", c.column.dataType)
		}
		got, err := typ.Fit(c.v, time.UTC)
		shown := got.Text()
		if got.IsNull() {
			shown = null
		}
		switch {
		case c.misfit != (err != nil):
			t.Errorf("%s, %.20q: %.20q, %v", typ, c.v.Text(), shown, err)
		case c.misfit && !strings.Contains(err.Error(), c.want):
			t.Errorf("%s, %.20q: %v, expected %q", typ, c.v.Text(), err, c.want)
		case !c.misfit && shown != c.want:
			t.Errorf("%s, %.20q: %.20q, expected %.20q", typ, c.v.Text(), shown, c.want)
		}
		// Holds says the same, faster.
		if typ.Holds(&c.v) && (err != nil || !got.Equal(c.v)) {
			t.Errorf("%s holds %.20q, which becomes %.20q, %v", typ, c.v.Text(), shown, err)
		}
	}
	for _, unread := range []string{"SDO_GEOMETRY", "LONG", "BFILE", "JSON", "XMLTYPE", "UROWID"} {
		if typ, ok := (&catalogueColumn{dataType: unread}).valueType(unicode); ok {
			t.Errorf("%s is taken for %s", unread, typ)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"plan_id": `"PLAN_ID"`, "a$1#": `"A$1#"`, "Étage": `"Étage"`, "Room": `"Room"`, "_x": `"_x"`, "1a": `"1a"`, "registrar skip": `"registrar skip"`, `a"b]c`: `"ab]c"`} {
		if got := (dialect{}).Quote(name); got != want {
			t.Errorf("%s: %s, expected %s", name, got, want)
		}
	}
	for _, name := range []string{"PLAN_ID", "Étage", "Room", "_X", "A B"} {
		if got := stored(shown(name)); got != name {
			t.Errorf("%s becomes %s", name, got)
		}
	}
	if got := (dialect{}).StageTable("stage_1_0"); got != `"REGISTRAR_STAGE_STAGE_1_0"` {
		t.Error(got)
	}
}

func TestLongTextsAreComparedAsLOBs(t *testing.T) {
	t.Parallel()
	d := dialect{}
	long := everyColumn()[6]
	text := d.Canonical("t.a", long)
	for _, condition := range []string{d.Same(text, "x.b0"), d.Distinct([]string{d.Comparable("s.a", long)}, []string{d.Comparable("t.a", long)}), d.Same(d.ByteOrder(d.Trim(text)), "x.b0"), d.Same(d.LowerCase(text), text)} {
		if !strings.Contains(condition, "DBMS_LOB.COMPARE(") || strings.Contains(condition, "DECODE(") {
			t.Error(condition)
		}
	}
	if sorted := d.ByteOrder(text); !strings.HasPrefix(sorted, "DBMS_LOB.SUBSTR(") {
		t.Error(sorted)
	}
}

// TestLongTextsTravelThroughTheRegister: as CLOBs, and compared as such.
func TestLongTextsTravelThroughTheRegister(t *testing.T) {
	t.Parallel()
	d := dialect{}
	key := sqlgen.Column{Name: "code", Type: value.Type{Kind: value.Text, SQL: "VARCHAR2(10 CHAR)"}}
	note := sqlgen.Column{Name: "note", Type: value.Type{Kind: value.Text, SQL: "CLOB"}}
	target := &sqlgen.Target{
		Sync: "sync.a", TableName: "a", Table: &sqlgen.Table{Name: `"A"`, Columns: []sqlgen.Column{key, note}}, Stage: d.StageTable("s"),
		Key: []sqlgen.Column{key}, Mapped: []sqlgen.Column{key, note}, KeyScopes: [][]sqlgen.Set{nil}, Missing: "delete",
	}
	written := sqlgen.Execute(d, target, sqlgen.Batch{PlanID: "p", Operation: "update", Last: 1}, sqlgen.AllRows, nil).SQL
	for _, part := range []string{`"K0" VARCHAR2(4000) PATH '$."code"'`, `"A0" CLOB PATH '$."note"'`, `DBMS_LOB.COMPARE(CASE WHEN DBMS_LOB.GETLENGTH(t."NOTE") > 0`, "TO_CLOB(x.a0) AS new0"} {
		if !strings.Contains(written, part) {
			t.Errorf("%s is missing from %s", part, written)
		}
	}
	hint := sqlgen.LikelyRenames(d, sqlgen.Planned{Target: target, PlanID: "p", Last: 1}, []sqlgen.Column{note}, 5).SQL
	if !strings.Contains(hint, "DBMS_LOB.SUBSTR(replace(x.b1, x.k0, ''), 1300, 1) c0") {
		t.Error(hint)
	}
}
