package sqlite

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// dialect writes SQLite's SQL.
//
// Canonical texts look at each value's storage class, since a column may hold
// values of any: a text in a column of numbers, a number in one of dates. They
// are shown as what they are, so that no difference is hidden.
type dialect struct{ sqlgen.Standard }

var _ sqlgen.Dialect = dialect{}

// NoFullJoin: SQLite makes no automatic index for a FULL JOIN, and so compares
// each row with each.
func (dialect) NoFullJoin() {}

// Respells: 1 and 1.0 have one canonical text in a column of decimals, and so have octets and their text in one of texts.
func (dialect) Respells() {}

// Untyped columns have no declared type.
func (dialect) Untyped(c sqlgen.Column) bool { return c.Type.SQL == "" }

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// IndexStage keeps SQLite from scanning the stage for each row of a scope that it reads by
// an index, of which it expects few rows.
func (dialect) IndexStage(stage string, key []sqlgen.Column) string {
	return index(stage, "_key", key)
}

// IndexReference keeps SQLite from unpacking all operations for each row of the stage.
func (dialect) IndexReference(stage string, column sqlgen.Column) string {
	return index(stage, "_ref", []sqlgen.Column{column})
}

func index(stage, suffix string, on []sqlgen.Column) string {
	columns := make([]string, len(on))
	for i, c := range on {
		columns[i] = quote(c.Name)
	}
	schema, table, _ := strings.Cut(stage, ".")
	return fmt.Sprintf("CREATE INDEX %s.%s ON %s (%s)", schema, quote(strings.Trim(table, `"`)+suffix), table, strings.Join(columns, ", "))
}

// OrAbort overrules ON CONFLICT clauses of the table's constraints.
func (dialect) OrAbort() string { return "OR ABORT" }

func (dialect) Quote(name string) string { return quote(name) }

// Placeholder is numbered, since FromText may repeat it. A Go string is bound as
// a text.
func (dialect) Placeholder(n int) string { return fmt.Sprintf("?%d", n) }

// RegisterTable is not qualified by "main": a view may not be, for the file can be
// attached under another name.
func (dialect) RegisterTable(name string) string { return quote(registerPrefix + name) }

func (dialect) StageTable(name string) string { return `"temp".` + quote(name) }

func (dialect) RegisterExists() string {
	return `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ` + literal(registerPrefix+"meta")
}

func (dialect) CreateRegisterSchema() string { return "" }

// TypeName avoids declarations such as TIMESTAMP: the driver would parse the texts
// of such columns.
func (dialect) TypeName(k value.Kind) string {
	switch k {
	case value.Int:
		return "INTEGER"
	case value.Bool:
		return "BOOLEAN"
	default:
		return "TEXT"
	}
}

func (d dialect) TextType(int) string { return d.TypeName(value.Text) }

func (dialect) NoDocument() string { return "CAST(NULL AS TEXT)" }

// CreateStage gives each column the affinity of the given one, which is all that
// its declaration does to a value, and its collation.
func (dialect) CreateStage(stage string, columns []sqlgen.Column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = strings.TrimRight(quote(c.Name)+" "+string(affinityOf(c.Type.SQL)), " ")
		if c.Collation != "" {
			parts[i] += " COLLATE " + c.Collation
		}
	}
	return fmt.Sprintf("CREATE TABLE %s (%s)", stage, strings.Join(parts, ", "))
}

func (dialect) Canonical(expr string, c sqlgen.Column) string {
	const octets = `'\x' || lower(hex(%[1]s))`
	const stored = `CASE typeof(%[1]s) WHEN 'text' THEN %[1]s WHEN 'integer' THEN CAST(%[1]s AS TEXT) WHEN 'real' THEN ` + floatText + `(%[1]s) WHEN 'blob' THEN ` + octets + ` END`
	switch {
	case c.Type.Kind == value.Bool:
		return fmt.Sprintf(`CASE %[1]s WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE `+stored+` END`, expr)
	case c.Type.Kind == value.Decimal:
		whole := fmt.Sprintf("CAST(%s AS TEXT)", expr)
		if c.Type.Scale > 0 {
			whole += " || '." + strings.Repeat("0", c.Type.Scale) + "'"
		}
		return fmt.Sprintf(`CASE typeof(%[1]s) WHEN 'integer' THEN %[2]s WHEN 'real' THEN `+decimalText+`(%[1]s, %[3]d) WHEN 'text' THEN %[1]s WHEN 'blob' THEN `+octets+` END`,
			expr, whole, c.Type.Scale)
	case affinityOf(c.Type.SQL) == textAffinity:
		return fmt.Sprintf(`CASE typeof(%[1]s) WHEN 'blob' THEN `+octets+` ELSE %[1]s END`, expr)
	default:
		return fmt.Sprintf(stored, expr)
	}
}

// Comparable is the column itself, but for a collation that makes different texts
// equal. Two values of one column that SQLite calls different have the same text only
// where one is of a class that the column's kind does not have (octets 61, and
// the text \x61): writing the text back settles that.
func (dialect) Comparable(expr string, c sqlgen.Column) string {
	if c.Collation == "" {
		return expr
	}
	return "(" + expr + " COLLATE BINARY)"
}

// LowerCase compares by its bytes: a COLLATE within text would rule the function's
// result too.
func (dialect) LowerCase(text string) string {
	return "(" + lowerText + "(" + text + ") COLLATE BINARY)"
}

// Rounded is a text, the same one whether the number is stored as an integer or as
// a real.
func (dialect) Rounded(expr string, digits int, _ sqlgen.Column) string {
	return fmt.Sprintf("(%s(%s, %d) COLLATE BINARY)", roundedText, expr, digits)
}

// Day is a text.
func (d dialect) Day(expr, zone string, c sqlgen.Column) string {
	text := d.Canonical(expr, c)
	if c.Type.Kind != value.Instant {
		zone = "NULL"
	}
	return "(" + dayText + "(" + text + ", " + zone + ") COLLATE BINARY)"
}

func (dialect) ByteOrder(text string) string { return "(" + text + ") COLLATE BINARY" }

// FromText yields a value of the class that the column would store, so that it can
// be compared with others than the column too. What is not of the kind stays text.
func (dialect) FromText(text string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Bool:
		return fmt.Sprintf("CASE %[1]s WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE %[1]s END", text)
	case value.Int:
		return fmt.Sprintf("CASE WHEN CAST(CAST(%[1]s AS INTEGER) AS TEXT) = %[1]s THEN CAST(%[1]s AS INTEGER) ELSE %[1]s END", text)
	case value.Decimal, value.Float:
		return numberOf + "(" + text + ")"
	case value.Bytes:
		return fmt.Sprintf(`CASE WHEN substr(%[1]s, 1, 2) = '\x' THEN coalesce(unhex(substr(%[1]s, 3)), %[1]s) ELSE %[1]s END`, text)
	}
	if c.Collation != "" {
		// The column's collation rules a comparison whichever side it stands on.
		return "(" + text + " COLLATE " + c.Collation + ")"
	}
	return text
}

// membersPerCall keeps json_object within SQLite's 1000 arguments.
const membersPerCall = 400

func (dialect) Object(members []sqlgen.Member) string {
	if len(members) <= membersPerCall {
		return jsonObject(members)
	}
	// Several objects are put together as texts. json_patch would not do: it
	// drops members that are null.
	var parts []string
	for len(members) > 0 {
		n := min(membersPerCall, len(members))
		parts = append(parts, fmt.Sprintf("(SELECT substr(j.o, 2, length(j.o) - 2) FROM (SELECT %s AS o) AS j)", jsonObject(members[:n])))
		members = members[n:]
	}
	return "('{' || " + strings.Join(parts, " || ',' || ") + " || '}')"
}

func jsonObject(members []sqlgen.Member) string {
	args := make([]string, 0, 2*len(members))
	for _, m := range members {
		text := m.Text
		if m.Now {
			text = "json(" + literal(sqlgen.NowMarker) + ")"
		}
		args = append(args, literal(m.Name), text)
	}
	return "json_object(" + strings.Join(args, ", ") + ")"
}

// SameDocument implements sqlgen.DocumentMatcher: texts are compared by their octets, and are no blobs.
func (d dialect) SameDocument(a, b string) string { return d.Same(a, b+" COLLATE BINARY") }

// Unpack reads each member by its path.
func (dialect) Unpack(table string, docs []sqlgen.Doc, where string) string {
	columns := []string{"o.seq AS seq"}
	for _, doc := range docs {
		asText := ""
		if doc.As != "" {
			columns = append(columns, "o."+quote(doc.Column)+" AS "+quote(doc.As))
			asText = " || ''" // a number would stay one
		}
		for _, member := range doc.Members {
			columns = append(columns, fmt.Sprintf("o.%s ->> %s%s AS %s", quote(doc.Column), literal(jsonPath(member.Name)), asText, quote(member.As)))
		}
	}
	// The limit limits nothing, but keeps SQLite from merging this into the statement
	// around it: it would unpack each document once per row that it is joined with.
	return fmt.Sprintf("SELECT %s FROM %s AS o WHERE %s LIMIT -1", strings.Join(columns, ", "), table, where)
}

// Overwrite implements sqlgen.Eraser.
func (dialect) Overwrite() string { return "PRAGMA secure_delete = ON" }

// MemberText reads a member by its path.
func (dialect) MemberText(document, name string) string {
	path := literal(jsonPath(name))
	return "(CASE WHEN json_type(" + document + ", " + path + ") = 'text' THEN " + document + " ->> " + path + " END)"
}

// jsonPath names a member of an object. SQLite reads the name in the path as
// JSON reads a string.
func jsonPath(name string) string {
	return `$."` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}
