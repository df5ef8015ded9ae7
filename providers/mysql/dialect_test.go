package mysql

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// What MySQL words in another way than MariaDB, whose text the golden files hold.
func TestMySQLDiffers(t *testing.T) {
	d := dialect{mysql: true}
	document := sqlgen.Column{Name: "doc", Type: value.Type{Kind: value.JSON, SQL: "json"}}
	registers := sqlgen.Column{Name: "doc", Type: value.Type{Kind: value.JSON, SQL: d.TypeName(value.JSON)}}
	for name, test := range map[string]struct{ got, want string }{
		"index":      {d.CreateIndex("i", "`t`", "a"), "CREATE INDEX `i` ON `t` (a)"},
		"its JSON":   {d.FromText("x", document), "CAST(x AS json)"},
		"JSON, text": {d.Canonical("x", document), "CAST(x AS char)"},
		"register's": {d.FromText("x", registers), "(CONVERT(x USING utf8mb4) COLLATE utf8mb4_0900_bin)"},
		"lower case": {d.LowerCase("x"), "utf8mb4_0900_as_ci"},
		"marker": {
			d.Unpack("`o`", []sqlgen.Doc{{Column: "after", Members: []sqlgen.DocMember{{Name: "a", As: "a0"}}}}, "1 = 1"),
			`DEFAULT '"{\"$\":\"now()\"}"' ON ERROR`,
		},
	} {
		if !strings.Contains(test.got, test.want) || strings.Contains(test.got, "nopad") {
			t.Errorf("%s: %s", name, test.got)
		}
	}
}

// Without tables of time zones, a day in one is no day that could be wrong.
func TestDayWithoutZones(t *testing.T) {
	c := sqlgen.Column{Name: "at", Type: value.Type{Kind: value.Instant, SQL: "timestamp(6)", Fraction: 6}}
	if got := (dialect{timeless: true}).Day("t.at", "?", c); got != noZones+"(t.at, ?)" {
		t.Errorf("the day is %s", got)
	}
}

// Names of databases in grants are patterns.
func TestCovers(t *testing.T) {
	table := relation{"my_db", "room"}
	for object, want := range map[string]bool{
		"*.*": true, "`my_db`.*": true, "`my\\_db`.*": true, "`my\\_d`.*": false, "`my%`.*": true, "`my-db`.*": false, "`other`.*": false, "`myxdb`.*": false,
		"`my_db`.`room`": true, "`my_db`.`site`": false, "my_db.*": true,
	} {
		if got := covers(object, table); got != want {
			t.Errorf("%s covers %s: %v", object, table.sql(), got)
		}
	}
}

// No two databases of a server share that of their staging tables, whose name has no more characters than the server takes.
func TestStageDatabase(t *testing.T) {
	long := strings.Repeat("é", 64)
	names := map[string]bool{}
	for database, want := range map[string]string{"timetable": "timetable_registrar_stage", strings.Repeat("a", 48): strings.Repeat("a", 48) + "_registrar_stage", long: "", long[:len(long)-2] + "e": ""} {
		got := stageDatabase(database)
		if want != "" && got != want || utf8.RuneCountInString(got) > maxName || !strings.HasSuffix(got, "_registrar_stage") || names[got] {
			t.Errorf("%s: %s", database, got)
		}
		names[got] = true
	}
}

// MySQL cannot fill a column in by itself.
func TestWhoASessionIsOf(t *testing.T) {
	if got := (dialect{mysql: true}).DefaultSessionUser("t", "c"); got != "" {
		t.Errorf("MySQL runs %s", got)
	}
}
