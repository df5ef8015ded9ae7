package sqlgen

import (
	"strconv"
	"strings"
)

// Syntax is the part of a Dialect that most engines have in common: Standard.
type Syntax interface {
	// Distinct is the condition that two rows of as many expressions, one at least, differ. NULL is
	// a value like any other; the condition is never NULL.
	Distinct(a, b []string) string
	// Same is the opposite for two expressions.
	Same(a, b string) string
	// AsText casts a text, a document or a number to a text.
	AsText(expr string) string
	// Limit lets a query yield its first n rows. It ends with ORDER BY.
	Limit(query string, n int) string
	// Skip is Limit for the n rows behind the first skipped ones.
	Skip(query string, skipped, n int) string
	// RowNumber numbers the rows of a query from 1, in any order.
	RowNumber() string
	// FromNothing stands where a SELECT of constants has no FROM.
	FromNothing() string
	// Among is the condition that a row of expressions is one of those that a query of values, what
	// stands behind its FROM and WHERE, yields.
	Among(row, values []string, from, where string) string
	// Concat joins texts, NULL if one is NULL, unless the engine takes the empty text for NULL: there NULL
	// counts as empty.
	Concat(texts ...string) string
	// Prefix is the first n characters of a text.
	Prefix(text string, n int) string
	// Trim is a text without the spaces at both its ends, TrimRight without those at its right end.
	Trim(text string) string
	TrimRight(text string) string
	// Update and Delete write what they are told.
	Update(u Update) string
	Delete(x Delete) string
	// DropStage drops a staging table (name from StageTable), if it is there.
	DropStage(stage string) string
	// CreateTable and CreateIndex make a register's table and its index; name is the index's, not
	// quoted.
	CreateTable(table string, definitions []string) string
	CreateIndex(name, table string, columns ...string) string
	// TextType is the type of a register's column that holds up to n characters, and that an index
	// may include.
	TextType(n int) string
}

// Update sets columns of a table.
type Update struct {
	Or    string // of a ConflictAborter, else ""
	Table string
	Alias string
	Sets  []Assignment
	// From is what the table is joined with, as behind FROM, where the engine takes a row for each; "": nothing.
	From  string
	Where string
}

// Assignment gives a column a value.
type Assignment struct{ Column, Value string } // the column quoted

// Delete removes rows of a table.
type Delete struct {
	Table string
	Alias string
	Where string
	// Key and Query: only the rows whose columns, quoted, hold what a row of the query does; it may read
	// Table itself, but nothing of Alias. No Key: all rows.
	Key   []string
	Query string
}

// Standard is a Syntax that PostgreSQL and SQLite share; a dialect embeds it and
// replaces what its engine does not know.
type Standard struct{}

// Distinct compares rows.
func (Standard) Distinct(a, b []string) string { return row(a) + " IS DISTINCT FROM " + row(b) }

// Same is IS NOT DISTINCT FROM.
func (Standard) Same(a, b string) string { return a + " IS NOT DISTINCT FROM " + b }

// AsText is a cast.
func (Standard) AsText(expr string) string { return "CAST(" + expr + " AS text)" }

// row is a row of expressions, or the only one.
func row(exprs []string) string {
	if len(exprs) == 1 {
		return exprs[0]
	}
	return "(" + strings.Join(exprs, ", ") + ")"
}

// Limit says LIMIT.
func (Standard) Limit(query string, n int) string { return query + " LIMIT " + strconv.Itoa(n) }

// Skip says LIMIT and OFFSET.
func (Standard) Skip(query string, skipped, n int) string {
	return query + " LIMIT " + strconv.Itoa(n) + " OFFSET " + strconv.Itoa(skipped)
}

// RowNumber has no ORDER BY.
func (Standard) RowNumber() string { return "row_number() OVER ()" }

// FromNothing is nothing.
func (Standard) FromNothing() string { return "" }

// Among is IN.
func (Standard) Among(exprs, values []string, from, where string) string {
	return row(exprs) + " IN (SELECT " + strings.Join(values, ", ") + " FROM " + from + " WHERE " + where + ")"
}

// Concat is ||.
func (Standard) Concat(texts ...string) string { return strings.Join(texts, " || ") }

// Prefix is substr.
func (Standard) Prefix(text string, n int) string {
	return "substr(" + text + ", 1, " + strconv.Itoa(n) + ")"
}

// Trim is trim.
func (Standard) Trim(text string) string { return "trim(" + text + ")" }

// TrimRight is rtrim.
func (Standard) TrimRight(text string) string { return "rtrim(" + text + ", ' ')" }

// Update has a FROM of its own.
func (Standard) Update(u Update) string {
	text := "UPDATE"
	if u.Or != "" {
		text += " " + u.Or
	}
	text += " " + u.Table + " AS " + u.Alias + " SET " + join(u.Sets, ", ", func(a Assignment) string { return a.Column + " = " + a.Value })
	if u.From != "" {
		text += " FROM " + u.From
	}
	return text + " WHERE " + u.Where
}

// Delete looks for the key among those of the query.
func (Standard) Delete(x Delete) string {
	where := x.Where
	if len(x.Key) > 0 {
		where = and(where, row(x.Key)+" IN ("+x.Query+")")
	}
	return "DELETE FROM " + x.Table + " AS " + x.Alias + " WHERE " + where
}

// DropStage is DROP TABLE IF EXISTS.
func (Standard) DropStage(stage string) string { return "DROP TABLE IF EXISTS " + stage }

// CreateTable is CREATE TABLE.
func (Standard) CreateTable(table string, definitions []string) string {
	return "CREATE TABLE " + table + " (\n  " + strings.Join(definitions, ",\n  ") + "\n)"
}

// CreateIndex is CREATE INDEX.
func (Standard) CreateIndex(name, table string, columns ...string) string {
	return `CREATE INDEX "` + name + `" ON ` + table + " (" + strings.Join(columns, ", ") + ")"
}

// TextType is text.
func (Standard) TextType(int) string { return "text" }
