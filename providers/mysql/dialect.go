package mysql

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// dialect writes the SQL of MariaDB, from version 10.6, and of MySQL, from 8.0.19. It holds in sessions of
// destinations only.
//
// An expression of text has one of two collations: its column's, by which keys match as the
// column's indexes have it, or the exact one, under which texts are equal octet for octet. FromText leads to the
// first, Canonical and Comparable to the second. Both say so outright (COLLATE): the server refuses
// to compare two collations of equal rank.
type dialect struct {
	sqlgen.Standard

	mysql bool // not MariaDB
	// database is the destination's.
	database string
	// timeless: the server has no tables of time zones.
	timeless bool
}

var (
	_ sqlgen.Dialect               = dialect{}
	_ sqlgen.NoFullJoin            = dialect{}
	_ sqlgen.NoTableLock           = dialect{}
	_ sqlgen.CommittingDefinitions = dialect{}
	_ sqlgen.SessionDefaulter      = dialect{}
	_ sqlgen.StageIndexer          = dialect{}
	_ sqlgen.ReferenceIndexer      = dialect{}
)

// registerPrefix begins the names of the register's tables.
const registerPrefix = "registrar_"

// charset is that of all that is ours. The utf8 of old knows three octets only.
const charset = "utf8mb4"

// exact is the collation by which only equal octets are equal, a blank at the end included.
func (d dialect) exact() string {
	if d.mysql {
		return "utf8mb4_0900_bin"
	}
	return "utf8mb4_nopad_bin"
}

// everyLimit is the largest number of rows: a derived table with a limit is computed once, instead of being merged
// into the statement around it.
const everyLimit = " LIMIT 18446744073709551615"

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// NoFullJoin implements sqlgen.NoFullJoin.
func (dialect) NoFullJoin() {}

// NoTableLock implements sqlgen.NoTableLock: LOCK TABLES ends a transaction.
func (dialect) NoTableLock() {}

// CommittingDefinitions implements sqlgen.CommittingDefinitions.
func (dialect) CommittingDefinitions() {}

// Quote puts backticks around a name, which every SQL mode understands.
func (dialect) Quote(name string) string { return quote(name) }

// Placeholder is a text of the session's charset.
func (dialect) Placeholder(int) string { return "?" }

func (dialect) RegisterTable(name string) string { return quote(registerPrefix + name) }

// StageTable is a table of a database beside the destination's: no grant is about names that begin alike, and who may make
// and drop tables in a database may drop them all.
func (d dialect) StageTable(name string) string {
	return quote(stageDatabase(d.database)) + "." + quote(name)
}

// CreateStageSchema makes the database of the staging tables.
func (d dialect) CreateStageSchema() string {
	return "CREATE DATABASE IF NOT EXISTS " + quote(stageDatabase(d.database)) + " CHARACTER SET " + charset + " COLLATE " + d.exact()
}

const (
	stageSuffix = "_registrar_stage"
	// maxName is how many characters a name has at most.
	maxName = 64
)

// stageDatabase names the database of a destination's staging tables, which other destinations on its server do not share.
func stageDatabase(database string) string {
	name := []rune(database + stageSuffix)
	if len(name) <= maxName {
		return string(name)
	}
	sum := sha256.Sum256([]byte(database))
	end := "_" + hex.EncodeToString(sum[:6]) + stageSuffix
	return string(name[:maxName-len(end)]) + end
}

// SessionUser is the account that logged in; roles that it takes on do not change it.
func (dialect) SessionUser() string { return "current_user()" }

// DefaultSessionUser is for MariaDB: MySQL has no such default.
func (d dialect) DefaultSessionUser(table, column string) string {
	if d.mysql {
		return ""
	}
	return "ALTER TABLE " + table + " ALTER COLUMN " + column + " SET DEFAULT (" + d.SessionUser() + ")"
}

func (dialect) RegisterExists() string {
	return "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_name = " + literal(registerPrefix+"meta")
}

func (dialect) CreateRegisterSchema() string { return "" }

func (d dialect) text(name string) string {
	return name + " CHARACTER SET " + charset + " COLLATE " + d.exact()
}

// TypeName takes DATETIME for instants, which are UTC there: a TIMESTAMP ends in 2038. Documents are texts: a
// server's own JSON would spell them anew, and their hashes with them.
func (d dialect) TypeName(k value.Kind) string {
	switch k {
	case value.Int:
		return "bigint"
	case value.Bool:
		return "boolean"
	case value.Instant:
		return "datetime(6)"
	default:
		return d.text("longtext")
	}
}

func (d dialect) TextType(n int) string { return d.text(fmt.Sprintf("varchar(%d)", n)) }

func (d dialect) tableOptions() string {
	return " ENGINE = InnoDB DEFAULT CHARACTER SET = " + charset + " COLLATE = " + d.exact()
}

func (d dialect) CreateTable(table string, definitions []string) string {
	return "CREATE TABLE IF NOT EXISTS " + table + " (\n  " + strings.Join(definitions, ",\n  ") + "\n)" + d.tableOptions()
}

// CreateIndex is made twice where it was interrupted, of which sessions on MySQL make nothing.
func (d dialect) CreateIndex(name, table string, columns ...string) string {
	create := "CREATE INDEX IF NOT EXISTS "
	if d.mysql {
		create = createIndex
	}
	return create + quote(name) + " ON " + table + " (" + strings.Join(columns, ", ") + ")"
}

const createIndex = "CREATE INDEX "

// ReplaceView keeps the rights that others were granted on the view.
func (dialect) ReplaceView(name, query string) string {
	return "CREATE OR REPLACE VIEW " + name + " AS " + query
}

// CreateStage gives each column the type, charset and collation of the given one. What the server knows of how
// many rows there are is never older than the last few: the table is filled and searched at once.
func (d dialect) CreateStage(stage string, columns []sqlgen.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = quote(c.Name) + " " + c.Type.SQL
		if set, collation, ok := strings.Cut(c.Collation, "/"); ok {
			list[i] += " CHARACTER SET " + set + " COLLATE " + collation
		}
		// A TIMESTAMP without it may be NOT NULL, and the time of its last change.
		list[i] += " NULL"
	}
	return "CREATE TABLE " + stage + " (" + strings.Join(list, ", ") + ")" + d.tableOptions() + " STATS_PERSISTENT = 0"
}

// IndexStage keeps a server that expects few rows from comparing each with each.
func (dialect) IndexStage(stage string, key []sqlgen.Column) string { return index(stage, "key", key) }

// IndexReference is for operations, of which the planner expects few where there are many.
func (dialect) IndexReference(stage string, column sqlgen.Column) string {
	return index(stage, "ref", []sqlgen.Column{column})
}

const (
	// maxIndexOctets is InnoDB's limit, octetsPerCharacter what it reckons with.
	maxIndexOctets     = 3072
	octetsPerCharacter = 4
)

// index indexes as much of long columns as it may.
func index(stage, name string, on []sqlgen.Column) string {
	columns := make([]string, len(on))
	budget := maxIndexOctets / len(on)
	for i, c := range on {
		columns[i] = quote(c.Name)
		unit := 1
		if c.Type.Kind != value.Bytes {
			unit = octetsPerCharacter
		}
		if isString(c.Type) && (c.Type.Size == 0 || c.Type.Size*unit > budget || isLong(c.Type)) {
			columns[i] += fmt.Sprintf("(%d)", budget/unit)
		}
	}
	return "CREATE INDEX " + quote(name) + " ON " + stage + " (" + strings.Join(columns, ", ") + ")"
}

// isString reports whether a column's values are texts or octets of any length.
func isString(t value.Type) bool {
	for _, name := range []string{"char", "text", "binary", "blob"} {
		if strings.Contains(typeName(t), name) {
			return true
		}
	}
	return false
}

// isLong reports whether an index on such a column must say how much of it.
func isLong(t value.Type) bool {
	return strings.Contains(typeName(t), "text") || strings.Contains(typeName(t), "blob")
}

// typeName is the first word of a type: varchar, longtext.
func typeName(t value.Type) string {
	if end := strings.IndexAny(t.SQL, "( "); end >= 0 {
		return strings.ToLower(t.SQL[:end])
	}
	return strings.ToLower(t.SQL)
}

// Distinct is a CASE, which no planner looks into: MariaDB, having made a hash join of <=>, takes two
// NULLs for different.
func (dialect) Distinct(a, b []string) string { return "(" + same(a, b) + " = 0)" }

func (dialect) Same(a, b string) string { return "(" + same([]string{a}, []string{b}) + " = 1)" }

func same(a, b []string) string {
	conditions := make([]string, len(a))
	for i := range a {
		conditions[i] = a[i] + " <=> " + b[i]
	}
	return "CASE WHEN " + strings.Join(conditions, " AND ") + " THEN 1 ELSE 0 END"
}

// AsText is of the exact collation, also where the expression is not.
func (d dialect) AsText(expr string) string { return d.ByteOrder("CAST(" + expr + " AS char)") }

// Concat does not depend on what || means.
func (dialect) Concat(texts ...string) string { return "CONCAT(" + strings.Join(texts, ", ") + ")" }

func (dialect) TrimRight(text string) string { return "RTRIM(" + text + ")" }

// Update joins. A row that several of From's agree with is written once, and counts once.
func (dialect) Update(u sqlgen.Update) string {
	sets := make([]string, len(u.Sets))
	for i, set := range u.Sets {
		sets[i] = u.Alias + "." + set.Column + " = " + set.Value
	}
	from := ""
	if u.From != "" {
		from = " JOIN " + u.From
	}
	return "UPDATE " + u.Table + " AS " + u.Alias + from + " SET " + strings.Join(sets, ", ") + " WHERE " + u.Where
}

// Delete joins with the keys, computed before: no subquery may read the table that is written.
func (dialect) Delete(x sqlgen.Delete) string {
	text := "DELETE " + x.Alias + " FROM " + x.Table + " AS " + x.Alias
	if len(x.Key) > 0 {
		on := make([]string, len(x.Key))
		for i, column := range x.Key {
			on[i] = x.Alias + "." + column + " = y." + column
		}
		text += " JOIN (SELECT DISTINCT z.* FROM (" + x.Query + ") AS z) AS y ON " + strings.Join(on, " AND ")
	}
	return text + " WHERE " + x.Where
}

// NoDocument is NULL.
func (d dialect) NoDocument() string { return "CONVERT(NULL USING " + charset + ")" }

// Object puts texts together: a server's own JSON_OBJECT may sort its members.
func (d dialect) Object(members []sqlgen.Member) string {
	parts := make([]string, 0, 2*len(members)+2)
	before := "{"
	for _, m := range members {
		name, _ := json.Marshal(m.Name) // a string always can be
		member := before + string(name) + ": "
		before = ", "
		if m.Now {
			parts = append(parts, literal(member+sqlgen.NowMarker))
			continue
		}
		parts = append(parts, literal(member), "COALESCE(JSON_QUOTE("+m.Text+") COLLATE "+d.exact()+", 'null')")
	}
	if len(members) == 0 {
		return literal("{}")
	}
	return "CONCAT(" + strings.Join(append(parts, "'}'"), ", ") + ")"
}

// MemberText reads a member by its path.
func (d dialect) MemberText(document, name string) string {
	member := "JSON_EXTRACT(" + document + ", " + literal(jsonPath(name)) + ")"
	return "(CASE WHEN JSON_TYPE(" + member + ") = 'STRING' THEN " + d.ByteOrder("JSON_UNQUOTE("+member+")") + " END)"
}

// Unpack parses each document once. The only member that is not a text, for which JSON_TABLE has no value, is the
// marker of the apply's instant.
func (d dialect) Unpack(table string, docs []sqlgen.Doc, where string) string {
	list, from := "o.seq AS seq", " FROM "+table+" AS o"
	marker := literal(sqlgen.NowMarker)
	if d.mysql { // there it is JSON: a string
		quoted, _ := json.Marshal(sqlgen.NowMarker)
		marker = literal(string(quoted))
	}
	for i, doc := range docs {
		if doc.As != "" {
			list += ", o." + quote(doc.Column) + " AS " + quote(doc.As)
		}
		if len(doc.Members) == 0 {
			continue
		}
		alias := fmt.Sprintf("d%d", i)
		columns := make([]string, len(doc.Members))
		for j, member := range doc.Members {
			columns[j] = fmt.Sprintf("%s %s PATH %s DEFAULT %s ON ERROR", quote(member.As), d.text("longtext"), literal(jsonPath(member.Name)), marker)
			list += ", " + alias + "." + quote(member.As) + " AS " + quote(member.As)
		}
		from += " LEFT JOIN JSON_TABLE(o." + quote(doc.Column) + ", '$' COLUMNS (" + strings.Join(columns, ", ") + ")) AS " + alias + " ON TRUE"
	}
	return "SELECT " + list + from + " WHERE " + where + everyLimit
}

// jsonPath names a member of an object. The name is read as JSON reads a string.
func jsonPath(name string) string {
	return `$."` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// RowHash hashes octets. No valid JSON has the octets 1 and 2, not even within a string.
func (dialect) RowHash(texts, documents []string) string {
	parts := make([]string, 0, 3*len(texts)+len(documents))
	for _, text := range texts {
		parts = append(parts, "OCTET_LENGTH("+text+")", "':'", text)
	}
	for _, document := range documents {
		parts = append(parts, "COALESCE(CONCAT(x'01', "+document+"), x'02')")
	}
	return "UNHEX(SHA2(CONCAT(" + strings.Join(parts, ", ") + "), 256))"
}
