package oracle

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// dialect writes Oracle's SQL, from version 19 on. Its canonical texts hold in sessions of this package only.
//
// Three things of Oracle's shape most of it. The empty text is NULL: || takes NULL for it, so that whatever is put in
// front of a text or behind it is kept from NULL. LOBs are neither compared nor grouped: a long text (isLong) is
// recognized by how it is spelt, see longText. And each definition commits: they are made beside the transaction, and
// leave alone what is there.
type dialect struct{ sqlgen.Standard }

var (
	_ sqlgen.Dialect               = dialect{}
	_ sqlgen.WriteLocker           = dialect{}
	_ sqlgen.NoRecursion           = dialect{}
	_ sqlgen.CommittingDefinitions = dialect{}
	_ sqlgen.TextGrouper           = dialect{}
)

// Prefixes of the tables' names in the user's schema.
const (
	registerPrefix = "registrar_"
	stagePrefix    = "registrar_stage_"
)

// plain names are written without quotes by everybody, and stored in upper case.
var (
	plainName  = regexp.MustCompile(`^[a-z][a-z0-9_$#]*$`)
	storedName = regexp.MustCompile(`^[A-Z][A-Z0-9_$#]*$`)
)

// stored is the name of the catalogue for one that people write.
func stored(name string) string {
	if plainName.MatchString(name) {
		return strings.ToUpper(name)
	}
	return name
}

// shown is the opposite of stored.
func shown(name string) string {
	if storedName.MatchString(name) {
		return strings.ToLower(name)
	}
	return name
}

// Quote quotes an identifier: a plain one in lower case means what it does without quotes. No name of the database's
// holds a quote: those of others lose it.
func (dialect) Quote(name string) string { return quote(stored(name)) }

// Placeholder is a text as long as a text is bound. A statement may repeat it: see expand.
func (dialect) Placeholder(n int) string { return ":" + strconv.Itoa(n) }

// SessionUser is the user who logged in.
func (dialect) SessionUser() string { return "SYS_CONTEXT('USERENV', 'SESSION_USER')" }

// DefaultSessionUser implements sqlgen.SessionDefaulter.
func (d dialect) DefaultSessionUser(table, column string) string {
	return "ALTER TABLE " + table + " MODIFY (" + column + " DEFAULT " + d.SessionUser() + ")"
}

// RegisterTable is a table of the session's schema, or a synonym in it.
func (d dialect) RegisterTable(name string) string { return d.Quote(registerPrefix + name) }

// StageTable is a table of the session's schema.
func (d dialect) StageTable(name string) string { return d.Quote(stagePrefix + name) }

// RegisterExists looks for synonyms, too: those of who plans but does not own the register.
func (dialect) RegisterExists() string {
	return `SELECT (SELECT COUNT(*) FROM ALL_TABLES a WHERE a.OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND a.TABLE_NAME = 'REGISTRAR_META')` +
		` + (SELECT COUNT(*) FROM ALL_SYNONYMS b WHERE b.OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND b.SYNONYM_NAME = 'REGISTRAR_META') FROM DUAL`
}

// CreateRegisterSchema: the schema is the user's.
func (dialect) CreateRegisterSchema() string { return "" }

// NoRecursion: a recursive query has UNION ALL.
func (dialect) NoRecursion() {}

// InsertsOneRow: VALUES takes several as of version 23 only.
func (dialect) InsertsOneRow() {}

// CommittingDefinitions is explained at the type.
func (dialect) CommittingDefinitions() {}

// LocksWrites: a MERGE finds its rows as of its beginning, and then writes them as they are.
func (dialect) LocksWrites() {}

// LockTable lets others read, and no others write. How long it waits, the session adds.
func (dialect) LockTable(table string) string {
	return lockTable + table + " IN SHARE ROW EXCLUSIVE MODE"
}

const lockTable = "LOCK TABLE "

// TypeName is the type of a register's column.
func (dialect) TypeName(k value.Kind) string {
	switch k {
	case value.Int:
		return "NUMBER(19)"
	case value.Bool:
		return "NUMBER(1)"
	case value.Instant:
		return "TIMESTAMP(6) WITH TIME ZONE"
	case value.JSON:
		return "CLOB"
	default:
		return "VARCHAR2(4000 BYTE)"
	}
}

// TextType holds characters, however many octets they have.
func (dialect) TextType(n int) string { return "VARCHAR2(" + strconv.Itoa(n) + " CHAR)" }

// CreateStage creates a table whose rows are not logged where they come in by the block.
func (d dialect) CreateStage(stage string, columns []sqlgen.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = d.Quote(c.Name) + " " + c.Type.SQL
		if c.Collation != "" {
			list[i] += " COLLATE " + c.Collation
		}
	}
	return "CREATE TABLE " + stage + " (" + strings.Join(list, ", ") + ") NOLOGGING"
}

// Codes of what a definition may meet.
const (
	codeNoTable    = 942
	codeExists     = 955
	codeSameIndex  = 1408
	codeLocked     = 54
	codeSerialized = 8177
)

// unless runs a definition, and takes those errors for done.
func unless(definition string, codes ...int) string {
	list := make([]string, len(codes))
	for i, code := range codes {
		list[i] = strconv.Itoa(-code)
	}
	return "BEGIN EXECUTE IMMEDIATE " + literal(definition) + "; EXCEPTION WHEN OTHERS THEN IF SQLCODE NOT IN (" + strings.Join(list, ", ") + ") THEN RAISE; END IF; END;"
}

// DropStage leaves nothing in the recycle bin.
func (dialect) DropStage(stage string) string {
	return unless("DROP TABLE "+stage+" CASCADE CONSTRAINTS PURGE", codeNoTable)
}

// CreateTable leaves a table alone that is there.
func (d dialect) CreateTable(table string, definitions []string) string {
	return unless(d.Standard.CreateTable(table, definitions), codeExists)
}

// CreateIndex leaves an index alone that is there.
func (d dialect) CreateIndex(name, table string, columns ...string) string {
	return unless("CREATE INDEX "+d.Quote(name)+" ON "+table+" ("+strings.Join(columns, ", ")+")", codeExists, codeSameIndex)
}

// ReplaceView keeps the rights that others were granted on the view.
func (dialect) ReplaceView(name, query string) string {
	return "CREATE OR REPLACE VIEW " + name + " AS " + query
}

// literal is a string literal.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Distinct takes two NULLs for the same, as DECODE does.
func (dialect) Distinct(a, b []string) string {
	conditions := make([]string, len(a))
	for i := range a {
		conditions[i] = differ(a[i], b[i]) + " = 1"
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

// Same is the opposite.
func (dialect) Same(a, b string) string { return differ(a, b) + " = 0" }

// differ is 1 where two expressions differ, and else 0. DECODE takes no LOB. A LOB without a character is NULL.
func differ(a, b string) string {
	if !isLongText(a) && !isLongText(b) {
		return "DECODE(" + a + ", " + b + ", 0, 1)"
	}
	length := func(text string) string { return "NVL(DBMS_LOB.GETLENGTH(" + text + "), 0)" }
	return "CASE WHEN " + length(a) + " <> " + length(b) + " THEN 1 WHEN " + length(a) + " = 0 THEN 0 WHEN DBMS_LOB.COMPARE(" + a + ", " + b + ") = 0 THEN 0 ELSE 1 END"
}

// maxText is the greatest number of octets of a VARCHAR2; prefixCharacters always fit it.
const (
	maxText          = 4000
	prefixCharacters = 1300
)

// AsText is an error for a document that is longer than a VARCHAR2.
func (dialect) AsText(expr string) string { return "CAST(" + expr + " AS VARCHAR2(4000))" }

// ByteOrder: sessions sort by octets. A long text is sorted by how it begins.
func (dialect) ByteOrder(text string) string {
	if strings.HasPrefix(text, longText) {
		return beginning(text)
	}
	return text
}

func beginning(text string) string {
	return "DBMS_LOB.SUBSTR(" + text + ", " + strconv.Itoa(prefixCharacters) + ", 1)"
}

// GroupText is how a long text begins.
func (dialect) GroupText(text string, c sqlgen.Column) string {
	if isLong(c.Type) {
		return beginning(text)
	}
	return text
}

// Limit is FETCH FIRST.
func (dialect) Limit(query string, n int) string {
	return query + " FETCH FIRST " + strconv.Itoa(n) + " ROWS ONLY"
}

// Skip is OFFSET and FETCH NEXT.
func (dialect) Skip(query string, skipped, n int) string {
	return query + " OFFSET " + strconv.Itoa(skipped) + " ROWS FETCH NEXT " + strconv.Itoa(n) + " ROWS ONLY"
}

// RowNumber wants an order.
func (dialect) RowNumber() string { return "row_number() OVER (ORDER BY NULL)" }

// FromNothing is from DUAL.
func (dialect) FromNothing() string { return " FROM DUAL" }

// Prefix counts octets: a column may do so, and then has no room for as many characters.
func (dialect) Prefix(text string, n int) string {
	if strings.Contains(text, longText) {
		return "DBMS_LOB.SUBSTR(" + text + ", " + strconv.Itoa(min(n, prefixCharacters)) + ", 1)"
	}
	return "SUBSTRB(" + text + ", 1, " + strconv.Itoa(n) + ")"
}

// Trim keeps a long text one.
func (dialect) Trim(text string) string { return keepLong("TRIM", text) }

// TrimRight keeps a long text one.
func (dialect) TrimRight(text string) string { return "RTRIM(" + text + ", ' ')" }

// LowerCase is by the characters of Unicode, in a session that sorts by octets.
func (dialect) LowerCase(text string) string { return keepLong("LOWER", text) }

func keepLong(function, text string) string {
	if isLongText(text) {
		return anyLong + function + "(" + text + "))"
	}
	return function + "(" + text + ")"
}

// Update with a FROM is a MERGE by the rows' addresses: a MERGE must not write what it finds its rows by, nor find
// one twice.
func (dialect) Update(u sqlgen.Update) string {
	sets := make([]string, len(u.Sets))
	if u.From == "" {
		for i, s := range u.Sets {
			sets[i] = s.Column + " = " + s.Value
		}
		return "UPDATE " + u.Table + " " + u.Alias + " SET " + strings.Join(sets, ", ") + " WHERE " + u.Where
	}
	row := u.Alias + ".ROWID"
	var values strings.Builder
	for i, s := range u.Sets {
		name := "new" + strconv.Itoa(i)
		values.WriteString(s.Value + " AS " + name + ", ")
		sets[i] = "z." + s.Column + " = n." + name
	}
	return "MERGE INTO " + u.Table + " z USING (SELECT w.* FROM (SELECT " + row + " AS address, " + values.String() +
		"row_number() OVER (PARTITION BY " + row + " ORDER BY NULL) AS nth FROM " + u.From + " JOIN " + u.Table + " " + u.Alias + " ON " + u.Where +
		") w WHERE w.nth = 1) n ON (z.ROWID = n.address) WHEN MATCHED THEN UPDATE SET " + strings.Join(sets, ", ")
}

// Delete has no AS.
func (dialect) Delete(x sqlgen.Delete) string {
	where := x.Where
	if len(x.Key) > 0 {
		key := strings.Join(x.Key, ", ")
		if len(x.Key) > 1 {
			key = "(" + key + ")"
		}
		where += " AND " + key + " IN (" + x.Query + ")"
	}
	return "DELETE FROM " + x.Table + " " + x.Alias + " WHERE " + where
}
