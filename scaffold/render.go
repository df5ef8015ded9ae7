package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/scaffold/hcltext"
)

// render writes the file. Its layout is Format's to make.
func (d *draft) render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "sync %s {\n", hcltext.Quote(d.Name))
	b.WriteString(d.head())
	fmt.Fprintf(&b, "source {\nfrom = %s\n", d.From)
	if d.Faculty == Each {
		b.WriteString(d.doubt("every faculty's instance reads the whole table: name a table of each, \"…_${each.key}\", or write a query with params"))
	}
	fmt.Fprintf(&b, "table = %s\n}\n\n", hcltext.Quote(d.SourceTable))
	b.WriteString(d.destination())
	b.WriteString("\n" + d.columns())
	b.WriteString(d.lifecycle())
	b.WriteString("}\n")
	b.WriteString(d.rest())

	about := fmt.Sprintf("From %s, table %q, to %s, table %q. Written by registrar scaffold by comparing names and types.", d.From, d.SourceTable, d.Into, d.Table)
	about += "\n" + d.summary() + "\n"
	return hcltext.Comment(strings.TrimSuffix(about, "\n")) + "\n" + b.String()
}

func (d *draft) summary() string {
	switch d.doubts {
	case 0:
		return "Nothing is in doubt; registrar plan shows what it would do."
	case 1:
		return "One thing is in doubt: look for the comment \"doubt:\", correct what is not so, and take the comment out."
	default:
		return fmt.Sprintf("%d things are in doubt: look for the comments \"doubt:\", correct what is not so, and take the comments out.", d.doubts)
	}
}

// head writes the sync's own arguments.
func (d *draft) head() string {
	var b strings.Builder
	if len(d.Writers) > 0 {
		b.WriteString(d.doubt("%s writes this table, too: two syncs of one table need scopes that differ", strings.Join(d.Writers, ", ")))
	}
	switch d.Faculty {
	case "":
	case Each:
		b.WriteString("for_each = faculty\nfaculty = each.value\n")
	default:
		fmt.Fprintf(&b, "faculty = faculty.%s\n", d.Faculty)
	}
	if sensitive := d.sensitive(); len(sensitive) > 0 {
		fmt.Fprintf(&b, "sensitive = %s\n", hcltext.List(sensitive))
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// sensitive lists the mapped columns of what outputs should not show.
func (d *draft) sensitive() []string {
	people := slices.ContainsFunc(slices.Concat(d.context, d.sourceContext), func(c string) bool { return persons[c] })
	var out []string
	for _, c := range d.table.Columns {
		m := d.mappings[c.Name]
		if m == nil {
			continue
		}
		concepts := slices.Concat(conceptsOf(c.Name), conceptsOf(d.source[m.source].Name))
		of := func(c string) bool { return private[c] || people && c == "label" }
		if slices.ContainsFunc(concepts, of) {
			out = append(out, c.Name)
		}
	}
	return out
}

func (d *draft) destination() string {
	var b strings.Builder
	fmt.Fprintf(&b, "destination {\ninto = %s\ntable = %s\n", d.Into, hcltext.Quote(d.Table))
	for _, text := range d.keyDoubts {
		b.WriteString(d.doubt("%s", text))
	}
	fmt.Fprintf(&b, "key = %s\n", hcltext.List(d.key))
	b.WriteString(d.ownership())
	b.WriteString("}\n")
	return b.String()
}

// ownership says which rows of the table are the sync's.
func (d *draft) ownership() string {
	if d.scope >= 0 {
		c := d.table.Columns[d.scope]
		if c.Type.Kind != value.Text && c.Type.Kind != value.Other {
			return d.doubt("%s says where a row comes from: which %s is this source's? Write it, and take the comment sign off", c.Name, c.Type) +
				hcltext.Comment(fmt.Sprintf("scope = { %s = 1 }", hcltext.Key(c.Name)))
		}
		return d.doubt("%s says where a row comes from: what stands there in the rows of this source?", c.Name) +
			fmt.Sprintf("scope = { %s = %s }\n", hcltext.Key(c.Name), d.constant())
	}
	if d.Faculty == Each {
		return d.doubt("no column says which faculty, or which source, a row is of: by which one do the instances share the table? Write it, and take the comment sign off") +
			hcltext.Comment("scope = { faculty = each.key }")
	}
	if d.empty {
		return hcltext.Comment("The table is empty, so that no row is somebody else's.") + "owns_table = true\n"
	}
	return d.doubt("the table has rows, and no column says where they come from. If all are this sync's, take the comment sign off; otherwise write scope = { … } by which its rows are known") +
		hcltext.Comment("owns_table = true")
}

// constant marks the source's rows.
func (d *draft) constant() string {
	name := strings.ToUpper(d.SourceName)
	switch d.Faculty {
	case "":
		return hcltext.Quote(name)
	case Each:
		return `"` + name + `-${each.key}"` // a block's label needs no quoting
	default:
		return hcltext.Quote(name + "-" + d.Faculty)
	}
}

func (d *draft) columns() string {
	var b strings.Builder
	b.WriteString("columns {\n")
	for i, c := range d.table.Columns {
		switch {
		case d.roles[i] == looked:
			at := slices.IndexFunc(d.lookups, func(l *lookup) bool { return l.column.Name == c.Name })
			b.WriteString(d.lookup(d.lookups[at]))
		case d.mappings[c.Name] != nil:
			m := d.mappings[c.Name]
			for _, text := range m.expr.doubts {
				b.WriteString(d.doubt("%s: %s", c.Name, text))
			}
			b.WriteString(assignment(c.Name, m.expr.text))
		case d.roles[i] == plain && c.NotNull && !c.HasDefault:
			b.WriteString(d.needed(c))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// assignment writes a column, in the block form where its name needs quotes.
func assignment(column, expression string) string {
	if hcltext.IsIdentifier(column) {
		return column + " = " + expression + "\n"
	}
	return "column " + hcltext.Quote(column) + " {\nvalue = " + expression + "\n}\n"
}

// needed tells of a column that an insert must fill.
func (d *draft) needed(c sqlgen.Column) string {
	hint := "map a column of the source, or write a constant"
	if c.Type.Kind == value.Int && uniqueAlone(d.table.Unique, c.Name) {
		hint += "; a number that a sequence gives is written in the block destination: generated = { " + hcltext.Key(c.Name) + ` = sequence("…") }`
	}
	return d.doubt("%s (%s) must have a value, and no column of the source looks like it: %s", c.Name, c.Type, hint) +
		hcltext.Comment(strings.TrimSuffix(assignment(c.Name, "row."), "\n"))
}

func (d *draft) lookup(l *lookup) string {
	var b strings.Builder
	for _, text := range l.doubts {
		b.WriteString(d.doubt("%s: %s", l.column.Name, text))
	}
	var keys, lacks []string
	for i := range l.parts {
		p := &l.parts[i]
		switch {
		case p.scoped && p.column.Type.Kind == value.Text:
			keys = append(keys, hcltext.Key(p.column.Name)+" = "+d.constant())
			b.WriteString(d.doubt("%s: what stands in %s of the rows of %q that are meant?", l.column.Name, p.column.Name, l.table))
		case p.source < 0:
			keys = append(keys, hcltext.Key(p.column.Name)+" = row.")
			lacks = append(lacks, p.column.Name)
		default:
			keys = append(keys, hcltext.Key(p.column.Name)+" = "+p.expr.text)
			for _, text := range p.expr.doubts {
				b.WriteString(d.doubt("%s: %s", l.column.Name, text))
			}
		}
	}
	text := assignment(l.column.Name, fmt.Sprintf("lookup(%s, %s, { %s })", hcltext.Quote(l.table), hcltext.Quote(l.parentColumn), strings.Join(keys, ", ")))
	if len(lacks) == 0 && len(l.parts) > 0 {
		return b.String() + text
	}
	if len(lacks) > 0 {
		b.WriteString(d.doubt("%s refers to table %q, and no column of the source looks like its %s: fill it in and take the comment sign off", l.column.Name, l.table, orList(lacks)))
	}
	return b.String() + hcltext.Comment(strings.TrimSuffix(text, "\n"))
}

// lifecycle uses the columns that are for it.
func (d *draft) lifecycle() string {
	name := map[role]string{}
	for i, c := range d.table.Columns {
		if name[d.roles[i]] == "" {
			name[d.roles[i]] = c.Name
		}
	}
	var lines []string
	switch at, flag := name[archived], name[archiving]; {
	case at != "" && flag != "":
		lines = append(
			lines, `on_missing = "archive"`,
			fmt.Sprintf("archive = { %s = now(), %s = true }", hcltext.Key(at), hcltext.Key(flag)),
			fmt.Sprintf("restore = { %s = null, %s = false }", hcltext.Key(at), hcltext.Key(flag)),
		)
	case at != "":
		lines = append(
			lines, `on_missing = "archive"`,
			fmt.Sprintf("archive = { %s = now() }", hcltext.Key(at)), fmt.Sprintf("restore = { %s = null }", hcltext.Key(at)),
		)
	case flag != "":
		dest := "dest." + flag
		if !hcltext.IsIdentifier(flag) {
			dest = "dest[" + hcltext.Quote(flag) + "]"
		}
		lines = append(
			lines, `on_missing = "archive"`, fmt.Sprintf("archive = { %s = true }", hcltext.Key(flag)),
			fmt.Sprintf("restore = { %s = false }", hcltext.Key(flag)), "archived = "+dest,
		)
	}
	var stamps []string
	for _, r := range []struct {
		role      role
		operation string
	}{{created, "insert"}, {updated, "update"}} {
		if name[r.role] != "" {
			stamps = append(stamps, hcltext.Key(name[r.role])+` = "`+r.operation+`"`)
		}
	}
	if len(stamps) > 0 {
		lines = append(lines, "stamps = { "+strings.Join(stamps, ", ")+" }")
	}
	if len(lines) == 0 {
		return ""
	}
	return "\nlifecycle {\n" + strings.Join(lines, "\n") + "\n}\n"
}

// rest names what nothing is made of.
func (d *draft) rest() string {
	var b strings.Builder
	var unread, unwritten []string
	for i := range d.source {
		if !d.used[i] {
			unread = append(unread, d.source[i].Name)
		}
	}
	for i, c := range d.table.Columns {
		if d.roles[i] == plain && !d.isMapped(c.Name) && (!c.NotNull || c.HasDefault) {
			unwritten = append(unwritten, c.Name)
		}
	}
	if len(unread) > 0 {
		b.WriteString(hcltext.Comment("Columns of the source that nothing is made of: " + suggest.List(unread, len(unread))))
	}
	if len(unwritten) > 0 {
		b.WriteString(hcltext.Comment("Columns of the destination that are left to others, or to their defaults: " + suggest.List(unwritten, len(unwritten))))
	}
	if b.Len() > 0 {
		return "\n" + b.String()
	}
	return ""
}
