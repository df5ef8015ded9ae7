package sqlgen

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Statement is SQL text and the values of its placeholders, in order.
type Statement struct {
	SQL  string
	Args []any
	// Defines: it makes a table or an index.
	Defines bool
}

// composer builds one statement out of fragments that may be put together in any
// order: each bound value stands in them as a mark, numbered only at the end.
type composer struct {
	d      Dialect
	values []any
	unpack []unpacking
}

// unpacking is a derived table x of documents, whose members are known once the whole
// statement is: those that it reads.
type unpacking struct {
	table, where string
	docs         []Doc
}

// mark encloses the index of a bound value. No identifier or SQL text holds a NUL.
const mark = "\x00"

// bind returns the fragment that stands for a value of type text, or NULL for a nil text.
func (c *composer) bind(text *string) string {
	if text == nil {
		return "NULL"
	}
	return c.bindText(*text)
}

func (c *composer) bindText(text string) string {
	c.values = append(c.values, text)
	return mark + strconv.Itoa(len(c.values)-1) + mark
}

// unpacked returns the fragment that stands for documents unpacked: a SELECT.
func (c *composer) unpacked(table string, docs []Doc, where string) string {
	c.unpack = append(c.unpack, unpacking{table, where, docs})
	return unpackMark(len(c.unpack) - 1)
}

func unpackMark(i int) string { return mark + "x" + strconv.Itoa(i) + mark }

// member is a member of unpacked documents, as statements read it.
var member = regexp.MustCompile(`\bx\.([a-z][0-9]+)\b`)

// resolveUnpacked writes the unpacking of what the text reads: parsing a document costs more than
// all else that is done with it.
func (c *composer) resolveUnpacked(text string) string {
	if len(c.unpack) == 0 {
		return text
	}
	read := map[string]bool{}
	for _, found := range member.FindAllStringSubmatch(text, -1) {
		read[found[1]] = true
	}
	for i, u := range c.unpack {
		docs := make([]Doc, len(u.docs))
		for j, doc := range u.docs {
			unread := func(m DocMember) bool { return !read[m.As] }
			docs[j] = Doc{Column: doc.Column, As: doc.As, Members: slices.DeleteFunc(slices.Clone(doc.Members), unread)}
		}
		text = strings.ReplaceAll(text, unpackMark(i), c.d.Unpack(u.table, docs, u.where))
	}
	return text
}

// statement numbers the marks in the order in which they stand in the text.
func (c *composer) statement(format string, fragments ...any) Statement {
	parts := strings.Split(c.resolveUnpacked(fmt.Sprintf(format, fragments...)), mark)
	var s Statement
	var out strings.Builder
	for i, part := range parts {
		if i%2 == 0 {
			out.WriteString(part)
			continue
		}
		index, err := strconv.Atoi(part)
		if err != nil {
			panic("sqlgen: a NUL in SQL text")
		}
		s.Args = append(s.Args, c.values[index])
		out.WriteString(c.d.Placeholder(len(s.Args)))
	}
	s.SQL = out.String()
	return s
}

// first is statement for a query that ends with ORDER BY: of its first n rows.
func (c *composer) first(n int, format string, fragments ...any) Statement {
	return c.statement("%s", c.d.Limit(fmt.Sprintf(format, fragments...), n))
}

// update and remove write an UPDATE and a DELETE.
func (c *composer) update(u Update) Statement { return c.statement("%s", c.d.Update(u)) }
func (c *composer) remove(x Delete) Statement { return c.statement("%s", c.d.Delete(x)) }

// set is an assignment to a column.
func (c *composer) set(column, value string) Assignment { return Assignment{c.d.Quote(column), value} }

// of qualifies a column by its table's alias.
func (c *composer) of(alias string, column Column) string {
	return alias + "." + c.d.Quote(column.Name)
}

// text is the canonical text of a column.
func (c *composer) text(alias string, column Column) string {
	return c.d.Canonical(c.of(alias, column), column)
}

func join[T any](items []T, separator string, render func(T) string) string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = render(item)
	}
	return strings.Join(parts, separator)
}

func or(conditions ...string) string  { return "(" + strings.Join(conditions, " OR ") + ")" }
func and(conditions ...string) string { return strings.Join(conditions, " AND ") }
