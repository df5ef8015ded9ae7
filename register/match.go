package register

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// Match is a condition on operations and findings, by the texts that their documents hold.
type Match struct {
	// Syncs are the addresses of the syncs, or checks, that it is about; none: of all.
	Syncs []string
	// Key are members that the key holds; where an operation gives the row another key, that may hold them, too.
	Key Document
	// Values are members that one of the documents before, after and result holds. Of findings nothing matches them.
	Values Document
	// As are the columns that compare members of Key or Values, by their names, where they do not compare octet for octet.
	As map[string]sqlgen.Column
	// Reverting is about what a plan does to undo what other matches are about; nil: not so.
	Reverting *Reverting
	// At is about what stands at places; nil: not so.
	At *Places
}

// holds is the condition that a document has all the members, each with its text.
func (r Register) holds(args *arguments, document string, members Document, as map[string]sqlgen.Column) string {
	var conditions []string
	exact := slices.DeleteFunc(slices.Clone(members), func(m Field) bool { _, spelt := as[m.Column]; return spelt })
	// Few documents pass the text's own look, which costs less than to take them apart.
	if likely := r.likely(args, []Document{exact}, r.d.Canonical(document, registerColumn(r.d, value.JSON))); likely != "" {
		conditions = append(conditions, likely)
	}
	for _, m := range members {
		if column, spelt := as[m.Column]; spelt {
			conditions = append(conditions, r.asIn(column, r.d.MemberText(document, m.Column))+" = "+r.asIn(column, args.of(m.Text)))
			continue
		}
		conditions = append(conditions, r.d.ByteOrder(r.d.MemberText(document, m.Column))+" = "+args.of(m.Text))
	}
	return strings.Join(conditions, " AND ")
}

// asIn is a text as the column compares it.
func (r Register) asIn(column sqlgen.Column, text string) string {
	expr := r.d.FromText(text, column)
	if c, ok := r.d.(sqlgen.Collater); ok {
		return c.Collate(expr, column)
	}
	return expr
}

// of is the condition that a row is of one of the syncs; "" for all.
func (m *Match) of(args *arguments, alias string) string {
	if len(m.Syncs) == 0 {
		return ""
	}
	list := make([]string, len(m.Syncs))
	for i, sync := range m.Syncs {
		list[i] = args.of(sync)
	}
	return alias + ".sync IN (" + strings.Join(list, ", ") + ") AND "
}

// matched is the condition that one of the matches, of which there must be some, is about an operation o.
func (r Register) matched(args *arguments, matches []Match) string {
	return r.matchedAs(args, "o", matches)
}

func (r Register) matchedAs(args *arguments, alias string, matches []Match) string {
	var each []string
	for i := range matches {
		m := &matches[i]
		if m.Reverting != nil {
			each = append(each, r.reverting(args, alias, m.Reverting))
			continue
		}
		if m.At != nil {
			each = append(each, r.placed(args, alias, m.At.Operations))
			continue
		}
		of := m.of(args, alias)
		var one []string
		if len(m.Key) > 0 {
			one = append(one, r.holds(args, alias+"."+r.d.Quote("key"), m.Key, m.As),
				fmt.Sprintf("%s.operation IN ('%s', '%s') AND %s", alias, config.Rename, config.Undelete, r.holds(args, alias+"."+r.d.Quote("after"), m.Key, m.As)))
		}
		if len(m.Values) > 0 {
			for _, document := range []string{"before", "after", "result"} {
				one = append(one, r.holds(args, alias+"."+r.d.Quote(document), m.Values, m.As))
			}
		}
		each = append(each, "("+of+"("+strings.Join(one, " OR ")+"))")
	}
	return "(" + strings.Join(each, " OR ") + ")"
}

// noticed is matched for a finding f; "" where none of the matches can be about one.
func (r Register) noticed(args *arguments, matches []Match) string {
	var each []string
	for i := range matches {
		switch m := &matches[i]; {
		case m.At != nil:
			each = append(each, r.placed(args, "f", m.At.Findings))
		case len(m.Key) > 0:
			each = append(each, "("+m.of(args, "f")+r.holds(args, "f."+r.d.Quote("key"), m.Key, m.As)+")")
		}
	}
	if len(each) == 0 {
		return ""
	}
	return "(" + strings.Join(each, " OR ") + ")"
}

// narrowed is a further condition on operations o, beginning with AND, or "".
func (r Register) narrowed(args *arguments, n *Narrow) string {
	where := ""
	if len(n.Operations) > 0 {
		list := make([]string, len(n.Operations))
		for i, operation := range n.Operations {
			list[i] = args.of(string(operation))
		}
		where += " AND o.operation IN (" + strings.Join(list, ", ") + ")"
	}
	if n.Column != "" {
		text := func(column string) string {
			return r.d.Canonical("o."+r.d.Quote(column), registerColumn(r.d, value.JSON))
		}
		if likely := r.likely(args, []Document{{{Text: n.Column}}}, text("before"), text("after")); likely != "" {
			where += " AND " + likely
		}
	}
	if len(n.Matches) > 0 {
		where += " AND " + r.matched(args, n.Matches)
	}
	return where
}
