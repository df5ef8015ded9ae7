package unicaen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/scaffold/hcltext"
	"github.com/registrar-sync/registrar/scaffold/php"
)

// task is one import on its way to a sync.
type task struct {
	*converter
	settings    *php.Value
	entry       entry
	source      *php.Value
	destination *php.Value
	label       string
	// names of the history's columns.
	created, updated, deleted string
	key                       string
	columns                   []pair
	scope                     []constant
	// doubts stand in the block destination.
	doubts []string
	notes  []string
}

// pair is a column of the source and that which it fills.
type pair struct{ from, to string }

// sync writes one import.
func (c *converter) sync(settings *php.Value, e entry) {
	t := &task{converter: c, settings: settings, entry: e, source: e.Get("source"), destination: e.Get("destination")}
	before := len(c.errs)
	name := c.text(e.Value, e.path, "name")
	for i, part := range []*php.Value{t.source, t.destination} {
		if part == nil || part.Kind != php.Array {
			c.fail(e.At, "", "%s has no '%s'", e.path, []string{"source", "destination"}[i])
		}
	}
	if len(c.errs) > before {
		return
	}
	t.label = hcltext.Unique(hcltext.Label(name), c.labels)
	from := c.connection(settings, t.source, e.path+".source", "source")
	into := c.connection(settings, t.destination, e.path+".destination", "destination")
	table := c.text(t.destination, e.path+".destination", "table")
	t.history()
	t.zip()
	t.where()
	reading := t.reading()
	lifecycle := t.lifecycle()
	t.rest()
	if len(c.errs) > before {
		return
	}
	c.result.Syncs++
	var b strings.Builder
	b.WriteString(hcltext.Comment(t.describe(name)))
	fmt.Fprintf(&b, "sync %s {\nsource {\nfrom = %s\n%s}\n\n", hcltext.Quote(t.label), from, reading)
	fmt.Fprintf(&b, "destination {\ninto = %s\ntable = %s\nkey = %s\n", into, hcltext.Quote(table), hcltext.List([]string{t.key}))
	for _, text := range t.doubts {
		b.WriteString(hcltext.Comment("doubt: " + hcltext.OneLine(text)))
	}
	b.WriteString(t.ownership() + "}\n\n" + t.mapping() + "\n" + lifecycle)
	b.WriteString("\nguard {\n" + hcltext.Comment("The original had none: max_delete = \"100%\" and min_source_rows = 0 do without, too.") + "max_delete = \"30%\"\nmin_source_rows = 1\n}\n}\n\n")
	c.syncs.WriteString(b.String())
}

// describe says where the sync comes from.
func (t *task) describe(name string) string {
	about := []string{name}
	for _, of := range []*php.Value{t.source, t.destination} {
		if v := of.Get("name"); v != nil && v.Kind == php.String {
			about = append(about, v.Text)
		}
	}
	lines := []string{t.entry.At.String() + ": " + hcltext.OneLine(strings.Join(about, ", "))}
	for _, note := range t.notes {
		lines = append(lines, hcltext.OneLine(note))
	}
	return strings.Join(lines, "\n")
}

// history finds the names of the columns that say when a row came and went.
func (t *task) history() {
	aliases := t.settings.Get("histo_columns_aliases")
	name := func(key string) string {
		if v := aliases.Get(key); v != nil && v.Kind == php.String && v.Text != "" {
			return v.Text
		}
		return key
	}
	t.created, t.updated, t.deleted = name("created_on"), name("updated_on"), name("deleted_on")
}

// author returns the column that says who did an operation, and the value that the original wrote there; "" for none.
func (t *task) author(key string) (column, value string) {
	alias, written := t.settings.Get("histo_columns_aliases").Get(key), t.settings.Get("histo_columns_values").Get(key)
	if written == nil || written.Kind == php.Null {
		return "", ""
	}
	column = key
	if alias != nil && alias.Kind == php.String {
		column = alias.Text
	}
	if written.Kind == php.Int {
		return column, written.Text
	}
	return column, hcltext.Quote(written.Text)
}

// zip pairs the columns in their order.
func (t *task) zip() {
	path := t.entry.path
	t.key = t.text(t.destination, path+".destination", "source_code_column")
	code := t.text(t.source, path+".source", "source_code_column")
	from, to := t.texts(t.source, path+".source", "columns"), t.texts(t.destination, path+".destination", "columns")
	if len(from) != len(to) {
		t.fail(t.source.At, "The original pairs them in their order: the lists must be of one length.", "%s has %d columns in the source and %d in the destination", path, len(from), len(to))
		return
	}
	t.columns = []pair{{code, t.key}}
	for i := range from {
		if to[i] == t.key {
			continue // the key is there already
		}
		if slices.ContainsFunc(t.columns, func(p pair) bool { return p.to == to[i] }) {
			t.fail(t.destination.At, "", "%s.destination.columns has %q twice", path, to[i])
			return
		}
		t.columns = append(t.columns, pair{from[i], to[i]})
	}
	if len(from) == 0 {
		t.doubts = append(t.doubts, "the original lists no columns: all that the source and the table have in common are meant. Write each in the block columns, or let registrar scaffold do so")
	}
}

// reading writes what is read: a table, or the query, kept as it was in a file of its own.
func (t *task) reading() string {
	path := t.entry.path + ".source"
	query, table := t.source.Get("select"), t.source.Get("table")
	switch {
	case query != nil && query.Kind == php.String && table != nil && table.Kind == php.String:
		t.fail(query.At, "Leave one of them out.", "%s has both 'select' and 'table'", path)
	case query != nil && query.Kind == php.String:
		name := "sql/" + t.label + ".sql"
		t.result.Files = append(t.result.Files, File{Name: name, Text: []byte(strings.TrimSuffix(query.Text, "\n") + "\n")})
		return "query = file(" + hcltext.Quote(name) + ")\n"
	default:
		return "table = " + hcltext.Quote(t.text(t.source, path, "table")) + "\n"
	}
	return ""
}

// mapping writes the block columns.
func (t *task) mapping() string {
	var b strings.Builder
	b.WriteString("columns {\n")
	for _, p := range t.columns {
		if slices.ContainsFunc(t.scope, func(c constant) bool { return c.column == p.to }) {
			b.WriteString(hcltext.Comment(fmt.Sprintf("%s = %s: the scope has its value", p.to, hcltext.Row(p.from))))
			continue
		}
		e := t.expression(p)
		for _, text := range e.comments {
			b.WriteString(hcltext.Comment(hcltext.OneLine(text)))
		}
		switch {
		case e.compare != "":
			fmt.Fprintf(&b, "column %s {\nvalue = %s\ncompare = %s\n}\n", hcltext.Quote(p.to), e.text, hcltext.Quote(e.compare))
		case hcltext.IsIdentifier(p.to):
			fmt.Fprintf(&b, "%s = %s\n", p.to, e.text)
		default:
			fmt.Fprintf(&b, "column %s {\nvalue = %s\n}\n", hcltext.Quote(p.to), e.text)
		}
	}
	if column, value := t.author("created_by"); column != "" {
		b.WriteString(hcltext.Comment("Who made the row: only inserts write it, see ignore_changes."))
		fmt.Fprintf(&b, "column %s {\nvalue = %s\n}\n", hcltext.Quote(column), value)
	}
	b.WriteString("}\n")
	return b.String()
}

// lifecycle writes what the original does with rows that come, go and come back.
func (t *task) lifecycle() string {
	archive, restore := hcltext.Key(t.deleted)+" = now()", hcltext.Key(t.deleted)+" = null"
	if column, value := t.author("deleted_by"); column != "" {
		archive += ", " + hcltext.Key(column) + " = " + value
		restore += ", " + hcltext.Key(column) + " = null"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "lifecycle {\non_missing = \"archive\"\narchive = { %s }\nrestore = { %s }\nstamps = { %s = \"insert\", %s = \"update\" }\n",
		archive, restore, hcltext.Key(t.created), hcltext.Key(t.updated))
	if column, _ := t.author("created_by"); column != "" {
		fmt.Fprintf(&b, "ignore_changes = %s\n", hcltext.List([]string{column}))
	}
	if column, value := t.author("updated_by"); column != "" {
		t.doubts = append(t.doubts, fmt.Sprintf("the original writes %s = %s with each update; the register remembers who applied a plan instead", column, value))
	}
	b.WriteString(t.operations())
	b.WriteString("}\n")
	return b.String()
}

// operations writes those that the original was allowed to do; all where it does not say.
func (t *task) operations() string {
	v := t.destination.Get("operations")
	path := t.entry.path + ".destination"
	if v == nil {
		v, path = t.entry.Get("operations"), t.entry.path
	}
	if v == nil || v.Kind == php.Null {
		return ""
	}
	if v.Kind != php.Array {
		t.fail(v.At, "Expected a list, such as ['insert', 'update', 'undelete', 'delete'].", "%s.operations is no array", path)
		return ""
	}
	known := map[string]string{"insert": "insert", "update": "update", "delete": "archive", "undelete": "undelete"}
	var allowed []string
	for _, item := range v.Items {
		name, on := item.Value.Text, true
		if item.Value.Kind == php.Bool { // 'delete' => false
			name, on = item.Key, item.Value.Bool
		}
		operation, ok := known[strings.ToLower(name)]
		if !ok {
			t.fail(item.Value.At, "Known are insert, update, delete and undelete.", "%s.operations names another operation", path)
			continue
		}
		if on {
			allowed = append(allowed, operation)
		}
	}
	if len(allowed) == 0 {
		t.fail(v.At, "Leave the import out.", "%s.operations allows nothing", path)
	}
	return "operations = " + hcltext.List(allowed) + "\n"
}

// rest looks at the keys that are left.
func (t *task) rest() {
	known := map[*php.Value][]string{
		t.entry.Value: {"name", "source", "destination", "operations"},
		t.source:      {"name", "connection", "source_code_column", "columns", "select", "table"},
		t.destination: {"name", "connection", "source_code_column", "columns", "columns_to_char", "table", "where", "operations", "id_strategy", "id_sequence"},
	}
	for _, of := range []struct {
		value *php.Value
		path  string
	}{{t.entry.Value, t.entry.path}, {t.source, t.entry.path + ".source"}, {t.destination, t.entry.path + ".destination"}} {
		for _, item := range of.value.Items {
			if slices.Contains(known[of.value], item.Key) {
				continue
			}
			switch item.Key {
			case "intermediate_table", "intermediate_table_auto_drop":
				t.skip(of.path, item, "No intermediate table is needed: rows are staged in tables of registrar's own.")
			case "order":
				t.notes = append(t.notes, "Its order was "+strconv.Itoa(t.entry.order)+"; syncs run as they stand here, but for those that lookups and depends_on order.")
			case "code":
				t.skip(of.path, item, "The source's block is its name.")
			case "log_table":
				t.skip(of.path, item, "registrar history reads the register instead.")
			default:
				what := "It is not known: look up what it does, and whether a sync can say it."
				t.doubts = append(t.doubts, fmt.Sprintf("%s of the original is not here, see the end of this file", item.Key))
				t.skip(of.path, item, what)
			}
		}
	}
}
