package mysql

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// charsetOf is the charset of a column's texts: ours where it says nothing.
func charsetOf(c sqlgen.Column) (set, collation string) {
	set, collation, _ = strings.Cut(c.Collation, "/")
	if set == "" {
		set = charset
	}
	return set, collation
}

// inExact gives a text of the column the charset of all that is ours, and the exact collation.
func (d dialect) inExact(expr string, c sqlgen.Column) string {
	if set, _ := charsetOf(c); set != charset {
		return d.ByteOrder(expr)
	}
	return "(" + expr + " COLLATE " + d.exact() + ")"
}

// ByteOrder takes NULL, too, which has no charset.
func (d dialect) ByteOrder(text string) string {
	return "(CONVERT(" + text + " USING " + charset + ") COLLATE " + d.exact() + ")"
}

// asText is a number or a time as the server spells it.
func (d dialect) asText(expr string) string { return "CAST(" + expr + " AS char)" }

func (d dialect) Canonical(expr string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Bool:
		return fmt.Sprintf("CASE %s WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", expr)
	case value.Int, value.Decimal:
		if plainNumber(c.Type) {
			return d.asText(expr)
		}
		// A number of these types is spelt with zeros before it, or not at all.
		return d.asText(expr + " + 0")
	case value.Float:
		return d.floatText(wide(expr, c))
	case value.Bytes:
		return `CONCAT('\x', LOWER(HEX(` + expr + `)))`
	case value.Date, value.UUID:
		return d.asText(expr)
	case value.JSON:
		if isJSON(c.Type) {
			return d.asText(expr)
		}
		return d.inExact(expr, c)
	case value.Time, value.DateTime:
		return d.clockText(expr, c)
	case value.Instant:
		return "CONCAT(" + d.clockText(expr, c) + ", 'Z')"
	default:
		if isOpaque(c.Type) {
			return `CONCAT('\x', LOWER(HEX(` + expr + `)))`
		}
		if c.Type.Kind != value.Text {
			return d.asText(expr)
		}
		return d.inExact(expr, c)
	}
}

func plainNumber(t value.Type) bool {
	return !strings.Contains(t.SQL, "zerofill") && typeName(t) != "year" && typeName(t) != "bit"
}

// isJSON reports whether the server keeps documents in a form of its own, as MySQL does; the register's are texts.
func isJSON(t value.Type) bool { return typeName(t) == "json" }

// isOpaque reports whether the type has no text at all.
func isOpaque(t value.Type) bool {
	switch typeName(t) {
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection", "vector":
		return true
	default:
		return false
	}
}

// wide is a float as a double: of a FLOAT the server would show six digits.
func wide(expr string, c sqlgen.Column) string {
	if c.Type.Size == 32 {
		return "CAST(" + expr + " AS double)"
	}
	return expr
}

// floatText spells the shortest decimal that is the same float, as value.AppendFloat does: the server finds it, and writes
// exponents from 1e15 on without a sign, and only below 1e-15.
func (d dialect) floatText(expr string) string {
	text := d.asText(expr)
	return strings.NewReplacer("{x}", expr, "{text}", text, "{digits}", fmt.Sprintf("REPLACE(REPLACE(%s, '-', ''), '.', '')", text)).Replace(
		`CASE WHEN ABS({x}) >= 1e15 THEN REPLACE({text}, 'e', 'e+')` +
			` WHEN {x} <> 0 AND ABS({x}) < 1e-4 AND LOCATE('e', {text}) = 0 THEN CONCAT(CASE WHEN {x} < 0 THEN '-' ELSE '' END,` +
			` TRIM(TRAILING '.' FROM INSERT(TRIM(LEADING '0' FROM {digits}), 2, 0, '.')),` +
			` 'e-', LPAD(CHAR_LENGTH({digits}) - CHAR_LENGTH(TRIM(LEADING '0' FROM {digits})), 2, '0'))` +
			` ELSE {text} END`)
}

// clockText drops what zeros a fraction of seconds ends with.
func (d dialect) clockText(expr string, c sqlgen.Column) string {
	text := d.asText(expr)
	if !strings.Contains(c.Type.SQL, "(") {
		return text
	}
	return "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM " + text + "))"
}

// Comparable leaves alone those types whose equality is that of their texts. Two floats of one
// text are one, but for the zeros.
func (d dialect) Comparable(expr string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Bool, value.Int, value.Decimal, value.Bytes, value.Date, value.Time, value.DateTime, value.Instant:
		return expr
	case value.Float:
		return d.asText(wide(expr, c))
	case value.Text:
		if c.Collation == charset+"/"+d.exact() {
			return expr
		}
	}
	return d.Canonical(expr, c)
}

// FromText converts a text to the column's charset, which fails where it lacks a character.
func (d dialect) FromText(text string, c sqlgen.Column) string {
	cast := func(to string) string { return "CAST(" + text + " AS " + to + ")" }
	switch c.Type.Kind {
	case value.Bool:
		return "CASE " + text + " WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
	case value.Int:
		return cast("signed")
	case value.Decimal:
		if c.Type.Scale == 0 && strings.Contains(c.Type.SQL, "bigint") {
			return cast("unsigned")
		}
		return cast(fmt.Sprintf("decimal(%d, %d)", c.Type.Precision, c.Type.Scale))
	case value.Float:
		return cast("double")
	case value.Bytes:
		octets := "UNHEX(SUBSTR(" + text + ", 3))"
		if c.Type.Fixed {
			return fmt.Sprintf("CAST(%s AS binary(%d))", octets, c.Type.Size)
		}
		return octets
	case value.Date:
		return cast("date")
	case value.Time:
		return cast("time(6)")
	case value.DateTime:
		return cast("datetime(6)")
	case value.Instant:
		return "CAST(REPLACE(" + text + ", 'Z', '') AS datetime(6))"
	case value.JSON:
		if isJSON(c.Type) {
			return cast("json")
		}
	case value.UUID:
		return cast("uuid")
	}
	set, collation := charsetOf(c)
	if collation == "" {
		collation = d.exact()
	}
	return "(CONVERT(" + text + " USING " + set + ") COLLATE " + collation + ")"
}

// folding is a collation whose lower case knows every script's letters.
func (d dialect) folding() string {
	if d.mysql {
		return "utf8mb4_0900_as_ci"
	}
	return "utf8mb4_unicode_520_ci"
}

// LowerCase does by itself what the server does not: a final sigma, and the one letter that becomes two characters.
func (d dialect) LowerCase(text string) string {
	const finalSigma = `'(?<=\p{L}|\p{L}\p{M})Σ(?!\p{M}*\p{L})'`
	return d.ByteOrder("LOWER(REPLACE(REGEXP_REPLACE(" + d.ByteOrder(text) + ", " + finalSigma + ", 'ς'), 'İ', 'i̇') COLLATE " + d.folding() + ")")
}

// Rounded rounds in decimals, a float as its shortest text spells it: they are rounded away from zero.
func (d dialect) Rounded(expr string, digits int, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Decimal:
		return fmt.Sprintf("ROUND(%s, %d)", expr, digits)
	case value.Float:
		// Beyond, a float is whole, and the server's decimals end.
		x := wide(expr, c)
		return fmt.Sprintf("CASE WHEN ABS(%[1]s) < 1e30 THEN CAST(ROUND(CAST(%[2]s AS decimal(65, 30)), %[3]d) + 0 AS char) ELSE %[2]s END", x, d.asText(x), digits)
	default:
		return expr // whole
	}
}

// noZones is no function: sessions know it by its name where the server says so.
const noZones = "registrar_needs_time_zones"

// Day is a date, or a text where the server does not know the zone: such a value is compared as it is.
func (d dialect) Day(expr, zone string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Instant:
		if d.timeless {
			return noZones + "(" + expr + ", " + zone + ")"
		}
		return fmt.Sprintf("COALESCE(%s, %s)", d.asText("DATE(CONVERT_TZ("+expr+", '+00:00', "+zone+"))"), d.Canonical(expr, c))
	case value.DateTime:
		return "DATE(" + expr + ")"
	default:
		return expr
	}
}
