package register

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/config"
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
}

// holds is the condition that a document has all the members, each with its text.
func (r Register) holds(args *arguments, document string, members Document) string {
	var conditions []string
	// Few documents pass the text's own look, which costs less than to take them apart.
	if likely := r.likely(args, []Document{members}, r.d.Canonical(document, registerColumn(r.d, value.JSON))); likely != "" {
		conditions = append(conditions, likely)
	}
	for _, m := range members {
		conditions = append(conditions, r.d.ByteOrder(r.d.MemberText(document, m.Column))+" = "+args.of(m.Text))
	}
	return strings.Join(conditions, " AND ")
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
	var each []string
	for i := range matches {
		m := &matches[i]
		of := m.of(args, "o")
		var one []string
		if len(m.Key) > 0 {
			one = append(one, r.holds(args, "o."+r.d.Quote("key"), m.Key),
				fmt.Sprintf("o.operation IN ('%s', '%s') AND %s", config.Rename, config.Undelete, r.holds(args, "o."+r.d.Quote("after"), m.Key)))
		}
		if len(m.Values) > 0 {
			for _, document := range []string{"before", "after", "result"} {
				one = append(one, r.holds(args, "o."+r.d.Quote(document), m.Values))
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
		if m := &matches[i]; len(m.Key) > 0 {
			each = append(each, "("+m.of(args, "f")+r.holds(args, "f."+r.d.Quote("key"), m.Key)+")")
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
