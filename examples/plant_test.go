package examples_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mark is part of every planted text, in lower case.
const mark = "mkq"

// base is added to planted integers.
const base = 730000

// plant turns a text into another that nothing but the data holds, the same one wherever that text is, so that keys still
// refer to what they did. What the configuration says stays, as does what is long enough of itself. Limit is
// the column's length in characters, 0 for none.
func (n *needles) plant(text string, limit int) string {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || n.literal(trimmed) || n.scope(trimmed) || number.MatchString(trimmed) && digits(trimmed) > 5 {
		return text
	}
	sum := sha256.Sum256([]byte(strings.ToLower(trimmed)))
	tag := "MKQ" + strings.ToUpper(hex.EncodeToString(sum[:])[:5])
	if name, domain, isMail := strings.Cut(text, "@"); isMail {
		if limit > 0 && len([]rune(text))+len(tag) > limit {
			return text
		}
		return name + strings.ToLower(tag) + "@" + domain
	}
	if limit == 0 || len([]rune(text))+len(tag) <= limit {
		return text + tag
	}
	switch {
	case limit == 1:
		return text
	case limit < 6: // letters of a script that nothing else is written in
		runes := []rune{0x1200 + rune(sum[0]>>1), 0x1200 + rune(sum[1]>>1), 0x1200 + rune(sum[2]>>1)}
		return string(runes[:min(limit, len(runes))])
	}
	return tag[:min(limit, len(tag))]
}

// scope reports whether the configuration makes this text of a template, so that outputs may name it.
func (n *needles) scope(text string) bool {
	return regexp.MustCompile(`^(APOGEE|HARPEGE)-[0-9]{2}$`).MatchString(text)
}

// literal reports whether a text is written in the configuration as a value.
func (n *needles) literal(text string) bool {
	lower := regexp.QuoteMeta(strings.ToLower(text))
	return regexp.MustCompile(`["']` + lower + `["']|(?m:^\s*"?` + lower + `"?\s*=)`).MatchString(n.common)
}

// column of a table that is planted.
type column struct {
	table, name, kind string
	limit             int
}

// engine is what the three databases have in common.
type engine struct {
	name, open, closing string // a session in which no foreign key counts
	columns             string // table, column, type, length of every column
}

func engines(name string) engine {
	switch name {
	case "sqlite":
		return engine{name: name, columns: `SELECT t.name, c.name, lower(c.type), 0 FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c
			WHERE t.type = 'table' AND t.name NOT LIKE 'registrar%' AND t.name NOT LIKE 'sqlite%'`}
	case "postgres":
		return engine{
			name: name, open: "SET session_replication_role = replica", closing: "SET session_replication_role = DEFAULT",
			columns: `SELECT c.table_schema || '.' || c.table_name, c.column_name, c.data_type, coalesce(c.character_maximum_length, 0)
			FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
			WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema', 'registrar') ORDER BY 1, c.ordinal_position`,
		}
	default:
		return engine{
			name: name, open: "SET foreign_key_checks = 0", closing: "SET foreign_key_checks = 1",
			columns: `SELECT table_name, column_name, data_type, CAST(coalesce(character_maximum_length, 0) AS SIGNED)
			FROM information_schema.columns WHERE table_schema = database() AND table_name NOT LIKE 'registrar%' ORDER BY 1, ordinal_position`,
		}
	}
}

// store is a database of an example.
type store struct {
	*sql.DB
	engine
	label string
}

// distinct returns all that a column holds.
func (w *world) distinct(q interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, c column,
) []any {
	w.Helper()
	rows, err := q.QueryContext(w.Context(), "SELECT DISTINCT "+c.name+" FROM "+c.table)
	w.must(err)
	defer rows.Close()
	var all []any
	for rows.Next() {
		var value any
		w.must(rows.Scan(&value))
		all = append(all, value)
	}
	w.must(rows.Err())
	return all
}

func (w *world) columns(s store) []column {
	w.Helper()
	rows, err := s.QueryContext(w.Context(), s.engine.columns)
	w.must(err)
	defer rows.Close()
	var all []column
	for rows.Next() {
		var c column
		w.must(rows.Scan(&c.table, &c.name, &c.kind, &c.limit))
		// SQLite has the length in the type.
		if length := regexp.MustCompile(`char\(([0-9]+)\)`).FindStringSubmatch(c.kind); length != nil {
			c.limit, _ = strconv.Atoi(length[1])
		}
		all = append(all, c)
	}
	w.must(rows.Err())
	if len(all) == 0 {
		w.Errorf("%s has no columns", s.label)
	}
	return all
}

// plantIn puts marks into every column of a database. Columns of which the configuration fixes the values,
// because rows are chosen by them, are left as they are.
func (w *world) plantIn(s store, n *needles, fixed []string) {
	w.Helper()
	columns := w.columns(s)
	conn, err := s.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	if s.open != "" {
		w.do(conn, s.open)
		defer w.do(conn, s.closing)
	}
	for _, c := range columns {
		if slices.Contains(fixed, c.name) || slices.Contains(fixed, c.table+"."+c.name) {
			continue
		}
		switch {
		case strings.Contains(c.kind, "char"), strings.Contains(c.kind, "text"):
			for _, found := range w.distinct(conn, c) {
				value := fmt.Sprintf("%s", found)
				if planted := n.plant(value, c.limit); found != nil && planted != value {
					w.do(conn, fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s = %s", c.table, c.name, literal(planted), c.name, literal(value)))
				}
			}
		case strings.Contains(c.kind, "int") && c.kind != "tinyint":
			var greatest sql.NullInt64
			w.must(conn.QueryRowContext(w.Context(), fmt.Sprintf("SELECT max(%s) FROM %s", c.name, c.table)).Scan(&greatest))
			id := c.name == "id" || c.name == "size" || strings.HasSuffix(c.name, "_id") || strings.HasPrefix(c.name, "id_")
			if greatest.Int64 > 1 || id {
				w.integers(conn, s, c)
			}
		case strings.HasPrefix(c.kind, "numeric"), strings.HasPrefix(c.kind, "decimal"):
			if strings.Contains(c.name, "year") {
				continue
			}
			w.do(conn, fmt.Sprintf("UPDATE %s SET %s = round(%s + CASE WHEN %s < 300 THEN %s ELSE 0.03 END, 2)", c.table, c.name, c.name, c.name, fraction))
		}
	}
}

// fraction is added to planted decimals: few enough digits for numeric(5, 2).
const fraction = "700.03"

func (w *world) integers(conn *sql.Conn, s store, c column) {
	w.Helper()
	if s.name == "postgres" {
		var generated bool
		w.must(conn.QueryRowContext(w.Context(), "SELECT is_identity = 'YES' FROM information_schema.columns WHERE table_schema || '.' || table_name = $1 AND column_name = $2",
			c.table, c.name).Scan(&generated))
		if generated { // it takes DEFAULT only, so it is made anew
			w.do(conn, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP IDENTITY", c.table, c.name))
			defer w.do(conn, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s ADD GENERATED ALWAYS AS IDENTITY (START WITH %d)", c.table, c.name, base+1000))
		}
	}
	w.do(conn, fmt.Sprintf("UPDATE %s SET %s = %s + %d WHERE %s BETWEEN 1 AND 99999", c.table, c.name, c.name, base, c.name))
}

func (w *world) do(conn *sql.Conn, statement string) {
	w.Helper()
	if _, err := conn.ExecContext(context.WithoutCancel(w.Context()), statement); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// plantField is plant for the fields of files, in which numbers are texts.
func (n *needles) plantField(text string) string {
	switch {
	case n.literal(text):
		return text
	case regexp.MustCompile(`^[1-9][0-9]{0,4}$`).MatchString(text):
		value, _ := strconv.Atoi(text)
		return strconv.Itoa(value + base)
	case regexp.MustCompile(`^[0-9]{1,3}[.,][0-9]+$`).MatchString(text):
		value, _ := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
		if value < 300 {
			value += 700
		}
		planted := strconv.FormatFloat(value+0.03, 'f', 2, 64)
		if strings.Contains(text, ",") {
			planted = strings.Replace(planted, ".", ",", 1)
		}
		return planted
	case regexp.MustCompile(`^[0-9/-]{8,}$`).MatchString(text): // a day
		return text
	}
	return n.plant(text, 0)
}
