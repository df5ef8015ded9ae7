package sqlgen

import (
	"slices"
	"strings"
)

// Does reports whether a plan can hold such an operation for the target.
func (t *Target) Does(operation string) bool {
	switch {
	case t.Whole:
		return slices.Contains(wholeOperations(), operation)
	case slices.Contains(t.Withheld, operation):
		return false
	case operation == opRename:
		return t.Renames
	case operation == opAdopt:
		return t.Adopt
	default:
		return slices.Contains(t.possible(), operation)
	}
}

// CountSound counts those operations of a batch whose documents are, octet for octet, the ones that Diff would have written
// of what is in them: the same members, each once, in the same order and spelling. Of others it depends on the reader what
// they say.
func CountSound(d Dialect, t *Target, b Batch) Statement {
	c := composer{d: d}
	docs := t.docs(d, b.Operation)
	columns := []string{"key", "before", "after"}
	var list, held, built []string
	for _, column := range columns {
		at := slices.IndexFunc(docs, func(doc Doc) bool { return doc.Column == column })
		document := d.NoDocument()
		if at < 0 {
			at = len(docs)
			docs = append(docs, Doc{Column: column})
		} else {
			members := make([]Member, len(docs[at].Members))
			for i, m := range docs[at].Members {
				members[i] = Member{Name: m.Name, Text: "x." + m.As, Now: m.Now}
			}
			document = d.Object(members)
		}
		docs[at].As = "held_" + column
		list = append(list, "x."+docs[at].As+" AS "+docs[at].As, document+" AS built_"+column)
		held, built = append(held, "y."+docs[at].As), append(built, "y.built_"+column)
	}
	matches := d.RowHash(nil, held) + " = " + d.RowHash(nil, built)
	if matcher, ok := d.(DocumentMatcher); ok {
		matches = joinIndexed(held, " AND ", func(i int, document string) string { return matcher.SameDocument(document, built[i]) })
	}
	where := c.batchOf(t, b)
	return c.statement(`SELECT count(*) FROM (SELECT %s FROM (%s) x) y WHERE %s`,
		strings.Join(list, ", "), c.unpacked(t.operations(d), docs, where), matches)
}
