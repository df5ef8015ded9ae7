package mssql

import (
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// dialect writes the SQL of SQL Server, from version 2016 on. It holds in sessions of destinations
// only.
//
// An expression of text has one of two collations: its column's, by which keys match as the column's
// indexes have it, or the exact one. FromText leads to the first, Canonical and
// Unpack to the second. Both say so outright (COLLATE): the server refuses to compare two collations of
// equal rank. Blanks at the end of a text, and zeros at the end of octets, count for no comparison at all;
// where it must be exact, lengths are compared too (Distinct), or octets that end with no zero (Comparable).
type dialect struct{ sqlgen.Standard }

var (
	_ sqlgen.Dialect     = dialect{}
	_ sqlgen.TableLocker = dialect{}
	_ sqlgen.NoRecursion = dialect{}
)

const (
	// schema holds the register.
	schema = "registrar"
	// stagingSchema holds the staging tables, apart: whoever may make tables in a schema may drop all that
	// are in it.
	stagingSchema = "registrar_staging"
	// exact is the collation under which texts are equal code for code, blanks at their end apart.
	exact = "Latin1_General_100_BIN2"
	// folding knows the lower case of all that Unicode knew in 2008.
	folding = "Latin1_General_100_CI_AS_SC"

	longText  = "nvarchar(max)"
	exactText = longText + " COLLATE " + exact
)

// stringLiteral is a string literal. A backslash at the end of a line would continue it on the next.
func stringLiteral(text string) string {
	text = "N'" + strings.ReplaceAll(text, "'", "''") + "'"
	return strings.NewReplacer("\\\n", "\\' + N'\n", "\\\r", "\\' + N'\r").Replace(text)
}

// collated gives a text a collation.
func collated(text, collation string) string { return "(" + text + " COLLATE " + collation + ")" }

func convert(sqlType, expr string) string { return "CONVERT(" + sqlType + ", " + expr + ")" }

func convertStyle(sqlType, expr string, style int) string {
	return "CONVERT(" + sqlType + ", " + expr + ", " + strconv.Itoa(style) + ")"
}

// NoRecursion: a recursive query takes UNION ALL only.
func (dialect) NoRecursion() {}

func (dialect) Quote(name string) string { return quote(name) }

// Placeholder is a parameter that the driver declares as nvarchar.
func (dialect) Placeholder(n int) string { return "@p" + strconv.Itoa(n) }

// SessionUser is the login, whatever EXECUTE AS says.
func (dialect) SessionUser() string { return "ORIGINAL_LOGIN()" }

func (dialect) RegisterTable(name string) string { return quote(schema) + "." + quote(name) }

func (dialect) StageTable(name string) string { return quote(stagingSchema) + "." + quote(name) }

func (dialect) RegisterExists() string {
	return "SELECT COUNT(*) FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = N'" + schema + "' AND t.name = N'meta'"
}

// CreateRegisterSchema creates both schemas. Each must be alone in its batch.
func (dialect) CreateRegisterSchema() string {
	create := func(name string) string {
		return "IF SCHEMA_ID(N'" + name + "') IS NULL EXEC(N'CREATE SCHEMA " + quote(name) + "')"
	}
	return create(schema) + ";\n" + create(stagingSchema)
}

// TypeName says the collation of texts: the database's may ignore case.
func (dialect) TypeName(k value.Kind) string {
	switch k {
	case value.Int:
		return "bigint"
	case value.Bool:
		return "bit"
	case value.Instant:
		return "datetimeoffset(6)"
	default:
		return exactText
	}
}

func (dialect) TextType(n int) string { return "nvarchar(" + strconv.Itoa(n) + ") COLLATE " + exact }

func (dialect) NoDocument() string { return convert(longText, "NULL") }

func (dialect) CreateIndex(name, table string, columns ...string) string {
	return "CREATE INDEX " + quote(name) + " ON " + table + " (" + strings.Join(columns, ", ") + ")"
}

// ReplaceView keeps the rights that others were granted on the view.
func (dialect) ReplaceView(name, query string) string { return "ALTER VIEW " + name + " AS " + query }

// CreateStage creates a heap. Its texts are all Unicode: the driver's bulk load would send UTF-8 into
// a code page.
func (dialect) CreateStage(stage string, columns []sqlgen.Column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = quote(c.Name) + " " + stagedType(c) + " NULL"
	}
	return "CREATE TABLE " + stage + " (" + strings.Join(parts, ", ") + ")"
}

// stagedType is the type of a staging table's column: the column's own where it can be.
func stagedType(c sqlgen.Column) string {
	if strings.Contains(c.Type.SQL, " COLLATE ") { // the register's
		return c.Type.SQL
	}
	collation := c.Collation
	if collation == "" {
		collation = exact
	}
	switch c.Type.Kind {
	case value.Text:
		return textType("nvarchar", c) + " COLLATE " + collation
	case value.JSON:
		return exactText
	case value.Bytes:
		switch c.Type.SQL {
		case "image":
			return "varbinary(max)"
		case "timestamp":
			return "binary(8)" // not a second one that counts
		}
	case value.Other:
		if c.Type.SQL != "xml" {
			return exactText
		}
	}
	return c.Type.SQL
}

// textType is the type for texts of the column, as long as it takes.
func textType(name string, c sqlgen.Column) string {
	most := 4000
	if name == "varchar" {
		most = 8000
	}
	if c.Type.Size <= 0 || c.Type.Size > most {
		return name + "(max)"
	}
	return name + "(" + strconv.Itoa(c.Type.Size) + ")"
}

// LockTable lets nobody else read or write. A row is asked for, lest the server need not look at the table.
func (dialect) LockTable(table string) string {
	return "SELECT TOP (1) 1 FROM " + table + " WITH (TABLOCKX, HOLDLOCK)"
}

// Distinct compares rows as sets, to which NULL is a value like any other. A blank or a zero more
// at an end shows in the length.
func (dialect) Distinct(a, b []string) string {
	return "EXISTS (SELECT " + measured(a) + " EXCEPT SELECT " + measured(b) + ")"
}

func (dialect) Same(a, b string) string {
	return "EXISTS (SELECT " + measured([]string{a}) + " INTERSECT SELECT " + measured([]string{b}) + ")"
}

func measured(exprs []string) string {
	parts := make([]string, 0, 2*len(exprs))
	for _, expr := range exprs {
		if expr == "NULL" { // which would be a whole number
			expr = convert(longText, expr)
		}
		parts = append(parts, expr, "DATALENGTH("+expr+")")
	}
	return strings.Join(parts, ", ")
}

func (dialect) AsText(expr string) string { return convert(longText, expr) }

func (dialect) Limit(query string, n int) string {
	return query + " OFFSET 0 ROWS FETCH NEXT " + strconv.Itoa(n) + " ROWS ONLY"
}

func (dialect) Skip(query string, skipped, n int) string {
	return query + " OFFSET " + strconv.Itoa(skipped) + " ROWS FETCH NEXT " + strconv.Itoa(n) + " ROWS ONLY"
}

func (dialect) RowNumber() string { return "ROW_NUMBER() OVER (ORDER BY (SELECT NULL))" }

// Among compares column by column: there are no rows of values.
func (dialect) Among(row, values []string, from, where string) string {
	conditions := []string{where}
	for i := range row {
		conditions = append(conditions, values[i]+" = "+row[i])
	}
	return "EXISTS (SELECT 1 FROM " + from + " WHERE " + strings.Join(conditions, " AND ") + ")"
}

// Concat is +. Texts of limited length would be cut to 4000 characters.
func (dialect) Concat(texts ...string) string {
	parts := make([]string, len(texts))
	for i, text := range texts {
		if strings.HasPrefix(text, "'") {
			text = "N" + text
		}
		if i == 0 {
			text = collated(convert(longText, text), exact)
		}
		parts[i] = text
	}
	return strings.Join(parts, " + ")
}

func (dialect) Prefix(text string, n int) string {
	return "LEFT(" + text + ", " + strconv.Itoa(n) + ")"
}

func (dialect) Trim(text string) string { return "LTRIM(RTRIM(" + text + "))" }

func (dialect) TrimRight(text string) string { return "RTRIM(" + text + ")" }

// Update names the table by its alias, and joins it.
func (dialect) Update(u sqlgen.Update) string {
	sets := make([]string, len(u.Sets))
	for i, set := range u.Sets {
		sets[i] = set.Column + " = " + set.Value
	}
	from := u.Table + " " + u.Alias
	if u.From != "" {
		from += " CROSS JOIN " + u.From
	}
	return "UPDATE " + u.Alias + " SET " + strings.Join(sets, ", ") + " FROM " + from + " WHERE " + u.Where
}

// Delete names the table by its alias. The rows of the query have columns of names of their own.
func (dialect) Delete(x sqlgen.Delete) string {
	where := x.Where
	if len(x.Key) > 0 {
		names, same := make([]string, len(x.Key)), make([]string, len(x.Key))
		for i, column := range x.Key {
			names[i] = "k" + strconv.Itoa(i)
			same[i] = "k." + names[i] + " = " + x.Alias + "." + column
		}
		where += " AND EXISTS (SELECT 1 FROM (" + x.Query + ") k (" + strings.Join(names, ", ") + ") WHERE " + strings.Join(same, " AND ") + ")"
	}
	return "DELETE " + x.Alias + " FROM " + x.Table + " " + x.Alias + " WHERE " + where
}

// LowerCase folds by Unicode's rules of no particular language, one character to one.
func (dialect) LowerCase(text string) string {
	return collated("LOWER("+collated(convert(longText, text), folding)+")", exact)
}

// ByteOrder sorts by the codes.
func (dialect) ByteOrder(text string) string { return collated(convert(longText, text), exact) }

// RowHash hashes UTF-16. No valid JSON has the characters 1 and 2, not even within a string.
func (dialect) RowHash(texts, documents []string) string {
	parts := make([]string, 0, len(texts)+len(documents))
	for _, text := range texts {
		text = collated(convert(longText, text), exact)
		parts = append(parts, "CONVERT(nvarchar(20), DATALENGTH("+text+")) + N':' + "+text)
	}
	for _, document := range documents {
		parts = append(parts, "ISNULL("+collated(convert(longText, "NCHAR(1)"), exact)+" + "+collated(convert(longText, document), exact)+", NCHAR(2))")
	}
	return "HASHBYTES('SHA2_256', CONVERT(varbinary(max), " + strings.Join(parts, " + ") + "))"
}
