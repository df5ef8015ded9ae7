package postgres

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// Dialect writes PostgreSQL's SQL, from version 13 on. Its canonical texts hold in
// sessions of this package only.
type Dialect struct{ sqlgen.Standard }

var (
	_ sqlgen.Dialect     = Dialect{}
	_ sqlgen.TableLocker = Dialect{}
	_ sqlgen.KeyHasher   = Dialect{}
)

// schema holds the register and the staging tables.
const schema = "registrar"

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal is a string literal; standard_conforming_strings is on.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Quote quotes an identifier.
func (Dialect) Quote(name string) string { return quote(name) }

// Placeholder is $n::text.
func (Dialect) Placeholder(n int) string { return "$" + strconv.Itoa(n) + "::text" }

// SessionUser is who logged in, whatever SET ROLE says.
func (Dialect) SessionUser() string { return "CAST(session_user AS text)" }

// DefaultSessionUser implements sqlgen.SessionDefaulter.
func (Dialect) DefaultSessionUser(table, column string) string {
	return "ALTER TABLE " + table + " ALTER COLUMN " + column + " SET DEFAULT session_user"
}

// RegisterTable is a table of schema registrar.
func (Dialect) RegisterTable(name string) string { return quote(schema) + "." + quote(name) }

// StageTable is a table of schema registrar.
func (Dialect) StageTable(name string) string { return quote(schema) + "." + quote(name) }

// RegisterExists selects 1 where registrar.meta is a table.
func (d Dialect) RegisterExists() string {
	return "SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace" +
		" WHERE n.nspname = " + literal(schema) + " AND c.relname = 'meta' AND c.relkind = 'r'"
}

// CreateRegisterSchema creates schema registrar.
func (Dialect) CreateRegisterSchema() string { return "CREATE SCHEMA IF NOT EXISTS " + quote(schema) }

// TypeName is the type of a register's column.
func (Dialect) TypeName(k value.Kind) string {
	switch k {
	case value.Int:
		return "bigint"
	case value.Bool:
		return "boolean"
	case value.Instant:
		return "timestamp with time zone"
	case value.JSON:
		return "json"
	default:
		return "text"
	}
}

// NoDocument is typed: a bare NULL would be taken for a text.
func (Dialect) NoDocument() string { return "CAST(NULL AS json)" }

// CreateStage creates an unlogged table. Autovacuum would only get in the way: the
// table is loaded, analyzed, read and dropped.
func (Dialect) CreateStage(stage string, columns []sqlgen.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = quote(c.Name) + " " + c.Type.SQL
		if c.Collation != "" {
			list[i] += " COLLATE " + c.Collation
		}
	}
	return "CREATE UNLOGGED TABLE " + stage + " (" + strings.Join(list, ", ") + ") WITH (autovacuum_enabled = false)"
}

// HashKey chains the hash functions of the types, each the next one's seed: they take for equal
// what the types' own equality does, a nondeterministic collation's included.
func (Dialect) HashKey(exprs []string, columns []sqlgen.Column) string {
	hash := "0"
	for i, c := range columns {
		function, expr := "hashtextextended", exprs[i]
		switch c.Type.Kind {
		case value.Int:
			function, expr = "hashint8extended", "CAST("+expr+" AS bigint)"
		case value.Decimal:
			function = "hash_numeric_extended"
		case value.Text:
			switch {
			case isCitext(c.Type):
				return ""
			case c.Type.Fixed:
				function = "hashbpcharextended"
			}
		case value.Bool, value.Date, value.Time, value.DateTime, value.Instant, value.UUID, value.Bytes:
			expr = "CAST(" + expr + " AS text)"
		default:
			return ""
		}
		hash = "pg_catalog." + function + "(" + expr + ", " + hash + ")"
	}
	return hash
}

// LockTable lets others read, and no others write.
func (Dialect) LockTable(table string) string {
	return "LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE"
}

// IndexReference is for operations, of which the planner expects one where there are many.
func (Dialect) IndexReference(stage string, column sqlgen.Column) string {
	return "CREATE INDEX ON " + stage + " (" + quote(column.Name) + ")"
}

// OverrideIdentity implements sqlgen.IdentityOverrider.
func (Dialect) OverrideIdentity() string { return "OVERRIDING SYSTEM VALUE" }

// Analyze only warns a role that does not own the table.
func (Dialect) Analyze(table string, columns ...sqlgen.Column) string {
	if len(columns) == 0 {
		return "ANALYZE " + table
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	return "ANALYZE " + table + " (" + strings.Join(names, ", ") + ")"
}

// Canonical casts to text.
func (Dialect) Canonical(expr string, c sqlgen.Column) string {
	text := "CAST(" + expr + " AS text)"
	switch {
	case c.Type.Kind == value.Float && c.Type.Size == 32:
		// A real has a spelling of its own for a million: the double's is canonical.
		return "CAST(CAST(" + text + " AS double precision) AS text)"
	case c.Type.Kind == value.Instant:
		return "replace(" + text + ", '+00', 'Z')"
	case c.Collation != "":
		// The column's collation may take different texts for equal.
		return text + ` COLLATE "C"`
	default:
		return text
	}
}

// Comparable leaves alone those types whose equality is that of their texts.
func (d Dialect) Comparable(expr string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Bool, value.Int, value.Date, value.Time, value.DateTime, value.Instant, value.UUID, value.Bytes:
		return expr
	case value.Decimal:
		if c.Type.Precision > 0 { // every value shows the declared scale
			return expr
		}
	case value.Text:
		switch {
		case isCitext(c.Type):
		case c.Collation != "":
			return expr + ` COLLATE "C"`
		default:
			return expr // a database's default collation is deterministic
		}
	}
	return d.ByteOrder("CAST(" + expr + " AS text)")
}

// Collate implements sqlgen.Collater.
func (Dialect) Collate(expr string, c sqlgen.Column) string {
	if c.Collation == "" {
		return expr
	}
	return "(" + expr + " COLLATE " + c.Collation + ")"
}

// isCitext recognizes the extension's type wherever it is installed.
func isCitext(t value.Type) bool {
	return t.Kind == value.Text && (strings.HasSuffix(t.SQL, "citext") || strings.HasSuffix(t.SQL, `"citext"`))
}

// foldingCollation is the one that comes with every server built with ICU.
const foldingCollation = "und-x-icu"

// LowerCase folds by ICU's rules of no particular language: the database's own may
// be those of "C", which know ASCII only. The result compares by its bytes.
func (Dialect) LowerCase(text string) string {
	return "(lower((" + text + `) COLLATE pg_catalog.` + quote(foldingCollation) + `) COLLATE "C")`
}

// Rounded rounds in decimals, a float as its shortest text spells it: numeric rounds
// halves away from zero, and two equal ones are equal whatever their scale.
func (Dialect) Rounded(expr string, digits int, c sqlgen.Column) string {
	round := func(number string) string { return "round(" + number + ", " + strconv.Itoa(digits) + ")" }
	switch c.Type.Kind {
	case value.Decimal:
		return round(expr)
	case value.Float:
		// Before version 14, numeric has no infinity. Two of 17 digits may be one float:
		// what is rounded stays a decimal.
		text := "CAST(" + expr + " AS text)"
		return "CASE WHEN " + text + " IN ('Infinity', '-Infinity', 'NaN') THEN " + text +
			" ELSE CAST(" + round("CAST("+text+" AS numeric)") + " AS text) END"
	default:
		return expr // whole
	}
}

// Day is a date.
func (Dialect) Day(expr, zone string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Instant:
		return "CAST(" + expr + " AT TIME ZONE " + zone + " AS date)"
	case value.DateTime:
		return "CAST(" + expr + " AS date)"
	default:
		return expr
	}
}

// ByteOrder collates as "C".
func (Dialect) ByteOrder(text string) string { return "(" + text + `) COLLATE "C"` }

// FromText casts to the type without its length or precision: an explicit cast to
// varchar(3) would cut silently, where an assignment refuses.
func (Dialect) FromText(text string, c sqlgen.Column) string {
	cast := func(to string) string { return "CAST(" + text + " AS " + to + ")" }
	switch c.Type.Kind {
	case value.Bool:
		return cast("boolean")
	case value.Decimal:
		return cast("numeric")
	case value.Text:
		switch {
		case isCitext(c.Type):
			return cast(c.Type.SQL)
		case c.Type.Fixed:
			return cast("bpchar")
		default:
			return text // varchar compares as text, its indexes too
		}
	case value.Bytes:
		return cast("bytea")
	case value.Time:
		return cast("time without time zone")
	case value.DateTime:
		return cast("timestamp without time zone")
	case value.Instant:
		return cast("timestamp with time zone")
	default:
		return cast(c.Type.SQL)
	}
}

// Object builds a value of type json. It takes arrays, as a function takes no more
// than 100 arguments.
func (Dialect) Object(members []sqlgen.Member) string {
	object := func(run []sqlgen.Member) string {
		names, texts := make([]string, len(run)), make([]string, len(run))
		for i, m := range run {
			names[i], texts[i] = literal(m.Name), m.Text
		}
		return "json_object(ARRAY[" + strings.Join(names, ", ") + "]::text[], ARRAY[" + strings.Join(texts, ", ") + "]::text[])"
	}
	var parts []string
	from, marked := 0, false
	flush := func(to int) {
		if to > from {
			// Its braces go; what is inside begins and ends with a quote or a null.
			parts = append(parts, "btrim(CAST("+object(members[from:to])+" AS text), '{}')")
		}
		from = to + 1
	}
	for i, m := range members {
		if m.Now {
			flush(i)
			name, _ := json.Marshal(m.Name) // a string always can be
			parts, marked = append(parts, literal(string(name)+" : "+sqlgen.NowMarker)), true
		}
	}
	if !marked {
		return object(members)
	}
	flush(len(members))
	return "CAST('{' || " + strings.Join(parts, " || ', ' || ") + " || '}' AS json)"
}

// SameDocument implements sqlgen.DocumentMatcher.
func (d Dialect) SameDocument(a, b string) string {
	return d.Same("CAST("+a+` AS text) COLLATE "C"`, "CAST("+b+` AS text) COLLATE "C"`)
}

// MemberText reads a member by its name.
func (Dialect) MemberText(document, name string) string {
	member := "(" + document + " -> " + literal(name) + ")"
	return "(CASE WHEN json_typeof(" + member + ") = 'string' THEN " + document + " ->> " + literal(name) + " END)"
}

// Unpack parses each document once.
func (d Dialect) Unpack(table string, docs []sqlgen.Doc, where string) string {
	list, from := "o.seq", " FROM "+table+" AS o"
	for i, doc := range docs {
		alias := "d" + strconv.Itoa(i)
		if doc.As != "" {
			list += ", o." + quote(doc.Column) + " AS " + quote(doc.As)
		}
		var columns []string
		for _, member := range doc.Members {
			columns = append(columns, quote(member.Name)+" text")
			list += ", " + alias + "." + quote(member.Name) + " AS " + quote(member.As)
		}
		if len(columns) == 0 {
			continue
		}
		from += " CROSS JOIN LATERAL json_to_record(o." + quote(doc.Column) + ") AS " + alias + "(" + strings.Join(columns, ", ") + ")"
	}
	return "SELECT " + list + from + " WHERE " + where
}
