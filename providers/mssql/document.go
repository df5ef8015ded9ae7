package mssql

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// callArguments keeps CONCAT within its 254.
const callArguments = 200

// Object puts a document together as text: FOR JSON would nest members whose names hold a point.
func (dialect) Object(members []sqlgen.Member) string {
	var parts []string
	fixed := "{"
	for i, m := range members {
		if i > 0 {
			fixed += ","
		}
		fixed += jsonString(m.Name) + ":"
		switch {
		case m.Now:
			fixed += sqlgen.NowMarker
		case m.Text == "NULL":
			fixed += "null"
		default:
			parts = append(parts, stringLiteral(fixed), "ISNULL(N'\"' + "+collated("STRING_ESCAPE("+m.Text+", 'json')", exact)+" + N'\"', N'null')")
			fixed = ""
		}
	}
	return joined(append(parts, stringLiteral(fixed+"}")))
}

// joined concatenates texts that are not NULL. The first argument of each call makes its result long.
func joined(parts []string) string {
	const long = "CONVERT(" + longText + ", N'')"
	if len(parts) <= callArguments {
		return "CONCAT(" + long + ", " + strings.Join(parts, ", ") + ")"
	}
	var groups []string
	for len(parts) > 0 {
		n := min(callArguments, len(parts))
		groups = append(groups, joined(parts[:n]))
		parts = parts[n:]
	}
	return joined(groups)
}

// jsonString is a string as JSON spells it, with no more escapes than need be.
func jsonString(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always can be
	return strings.TrimSuffix(out.String(), "\n")
}

// MemberText looks for the member by its name: a path might spell it in several ways. Type 1 is a string.
func (dialect) MemberText(document, name string) string {
	return collated("(SELECT j.[value] FROM OPENJSON("+document+") j WHERE j.[type] = 1 AND j.[key] = "+collated(stringLiteral(name), exact)+")", exact)
}

// Unpack parses each document once. A member whose name a path might spell in several ways is looked for
// by itself. The marker of an apply's instant is an object, which only after documents hold.
func (dialect) Unpack(table string, docs []sqlgen.Doc, where string) string {
	list, from := "o.seq AS seq", " FROM "+table+" o"
	for i, doc := range docs {
		alias := "d" + strconv.Itoa(i)
		marked := doc.Column == "after"
		mode := "strict"
		if doc.As != "" {
			list += ", o." + quote(doc.Column) + " AS " + quote(doc.As)
			mode = "lax"
		}
		var columns []string
		for _, member := range doc.Members {
			as, path := quote(member.As), jsonString(member.Name)
			text := alias + "." + as
			switch {
			case strings.ContainsFunc(path, func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }):
				text = "(SELECT j.[value] FROM OPENJSON(o." + quote(doc.Column) + ") j WHERE j.[key] = " + collated(stringLiteral(member.Name), exact) + ")"
			case marked:
				object := quote(member.As + "o")
				columns = append(columns, as+" "+longText+" "+literalPath("lax", path), object+" "+longText+" "+literalPath("lax", path)+" AS JSON")
				text = "ISNULL(" + text + ", " + alias + "." + object + ")"
			default:
				columns = append(columns, as+" "+longText+" "+literalPath(mode, path))
			}
			list += ", " + collated(text, exact) + " AS " + as
		}
		if len(columns) > 0 {
			from += " OUTER APPLY OPENJSON(o." + quote(doc.Column) + ") WITH (" + strings.Join(columns, ", ") + ") " + alias
		}
	}
	return "SELECT " + list + from + " WHERE " + where
}

// literalPath is a path to a member: strict, a missing one is an error.
func literalPath(mode, name string) string {
	return "'" + mode + " $." + strings.ReplaceAll(name, "'", "''") + "'"
}
