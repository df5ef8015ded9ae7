package unicaen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/scaffold/hcltext"
	"github.com/registrar-sync/registrar/scaffold/php"
)

var (
	toChar = regexp.MustCompile(`(?i)^\s*to_char\s*\(\s*%s\s*(?:,\s*'([^']*)'\s*)?\)\s*$`)
	toText = regexp.MustCompile(`(?i)^\s*(?:cast\s*\(\s*%s\s+as\s+(?:text|varchar|character varying|char)(?:\s*\(\s*\d+\s*\))?\s*\)|%s\s*::\s*(?:text|varchar))\s*$`)
	// A condition such as d.source_id = 3, or annee = '2026'.
	equality = regexp.MustCompile(`(?i)^\s*(?:[a-z_]\w*\.)?"?([a-z_]\w*)"?\s*=\s*(?:'((?:[^']|'')*)'|(-?\d+))\s*$`)
	and      = regexp.MustCompile(`(?i)\s+and\s+`)
)

// formats are those of SQL's TO_CHAR that a function reads; by them a day is written, no time.
var formats = map[string]string{
	"YYYY-MM-DD": "", "DD/MM/YYYY": "DD/MM/YYYY", "YYYYMMDD": "YYYYMMDD", "DD-MM-YYYY": "DD-MM-YYYY", "YYYY/MM/DD": "YYYY/MM/DD", "DD.MM.YYYY": "DD.MM.YYYY",
}

// expression is a column's value and what is to be said of it.
type expression struct {
	text, compare string
	comments      []string
}

// expression makes the comparison that columns_to_char made: by the text of the destination's value in that form.
func (t *task) expression(p pair) expression {
	e := expression{text: hcltext.Row(p.from)}
	v := t.destination.Get("columns_to_char").Get(p.to)
	if v == nil || v.Kind == php.Null {
		return e
	}
	said := fmt.Sprintf("%s was compared by %s.", p.to, v.Text)
	m := toChar.FindStringSubmatch(v.Text)
	switch {
	case toText.MatchString(v.Text), m != nil && m[1] == "":
		e.comments = []string{said + " Text is read as the column's type."}
		return e
	case m == nil:
		e.comments = []string{"doubt: " + said + " Which function makes of the source's text a value of the column's type?"}
		return e
	}
	format, day := formats[strings.ToUpper(strings.TrimPrefix(strings.ToUpper(m[1]), "FM"))]
	switch {
	case day && format == "":
		e.text, e.compare = "date("+e.text+")", "date"
		e.comments = []string{said + " So only the day counts, whatever the column's type."}
	case day:
		e.text, e.compare = "to_date("+e.text+", "+hcltext.Quote(format)+")", "date"
		e.comments = []string{said + " So only the day counts, whatever the column's type."}
	case strings.EqualFold(m[1], "YYYY-MM-DD HH24:MI:SS"):
		e.text = "datetime(" + e.text + ")"
		e.comments = []string{said + " Fractions of a second, which the text lacks, count here."}
	default:
		e.comments = []string{"doubt: " + said + " to_date or to_timestamp reads another form."}
	}
	return e
}

// constant is a column of the scope.
type constant struct{ column, value string }

// where takes the destination's condition apart: constants can be a scope.
func (t *task) where() {
	t.sequence()
	v := t.destination.Get("where")
	if v == nil || v.Kind == php.Null || v.Text == "" {
		return
	}
	var scope []constant
	for _, part := range and.Split(v.Text, -1) {
		m := equality.FindStringSubmatch(part)
		if m == nil || slices.ContainsFunc(scope, func(c constant) bool { return c.column == m[1] }) {
			t.scope = nil
			t.doubts = append(t.doubts, fmt.Sprintf("the original owns the rows where %s, which is more than columns and their constants. Write by which constants its rows are known: scope = { … }, or owns_table = true where all are", v.Text))
			return
		}
		value := m[3]
		if value == "" {
			value = hcltext.Quote(strings.ReplaceAll(m[2], "''", "'"))
		}
		scope = append(scope, constant{m[1], value})
	}
	t.scope = scope
}

// ownership writes which rows are compared.
func (t *task) ownership() string {
	v := t.destination.Get("where")
	switch {
	case len(t.scope) > 0:
		parts := make([]string, len(t.scope))
		for i, c := range t.scope {
			parts[i] = hcltext.Key(c.column) + " = " + c.value
		}
		return t.generated() + "scope = { " + strings.Join(parts, ", ") + " }\n"
	case v != nil && v.Text != "":
		return t.generated() // the configuration does not load before somebody has said
	default:
		return t.generated() + "owns_table = true # the original compares the whole table\n"
	}
}

// sequence looks at how rows get their number.
func (t *task) sequence() {
	strategy, sequence := t.destination.Get("id_strategy"), t.destination.Get("id_sequence")
	named := sequence != nil && sequence.Kind == php.String && sequence.Text != ""
	switch {
	case named:
	case strategy != nil && strategy.Kind == php.String && strings.EqualFold(strategy.Text, "SEQUENCE"), sequence != nil && sequence.Kind == php.Null:
		table := t.destination.Get("table")
		name := "…"
		if table != nil {
			name = table.Text + "_id_seq"
		}
		t.doubts = append(t.doubts, fmt.Sprintf("the original takes each new id from a sequence. If the column does not do so by itself, write: generated = { id = sequence(%q) }", name))
	case strategy != nil && strategy.Kind == php.String:
		t.doubts = append(t.doubts, fmt.Sprintf("id_strategy was %q: how do new rows get their id?", strategy.Text))
	}
}

// generated writes the column that a sequence fills.
func (t *task) generated() string {
	if sequence := t.destination.Get("id_sequence"); sequence != nil && sequence.Kind == php.String && sequence.Text != "" {
		return "generated = { id = sequence(" + hcltext.Quote(sequence.Text) + ") }\n"
	}
	return ""
}
