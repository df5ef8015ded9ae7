package oracle

import (
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// longText begins each canonical text that is a CLOB; anyLong begins what is made of one.
const (
	longText = "CASE WHEN DBMS_LOB.GETLENGTH("
	anyLong  = "TO_CLOB("
)

func isLongText(expr string) bool {
	return strings.HasPrefix(expr, longText) || strings.HasPrefix(expr, anyLong)
}

// isLong reports whether the type's canonical texts are CLOBs.
func isLong(t value.Type) bool {
	switch t.SQL {
	case "CLOB", "NCLOB", "BLOB":
		return true
	default:
		return false
	}
}

// isNational reports whether the type has a character set of its own.
func isNational(t value.Type) bool { return strings.HasPrefix(t.SQL, "N") && t.Kind == value.Text }

// isPadded reports whether the server pads the type's values.
func isPadded(t value.Type) bool {
	return strings.HasPrefix(t.SQL, "CHAR(") || strings.HasPrefix(t.SQL, "NCHAR(")
}

const (
	secondFormat   = "'YYYY-MM-DD HH24:MI:SS'"
	fractionFormat = "'YYYY-MM-DD HH24:MI:SS.FF9'"
)

// Canonical is NULL for the empty text. The texts of national types are those of the database's character set.
func (dialect) Canonical(expr string, c sqlgen.Column) string {
	switch t := c.Type; t.Kind {
	case value.Bool:
		return "DECODE(" + expr + ", 1, 'true', 0, 'false')"
	case value.Int:
		return "TO_CHAR(" + expr + ", 'TM9')"
	case value.Decimal:
		return decimalText(expr, t)
	case value.DateTime:
		return clockText(expr, t)
	case value.Instant:
		return "NVL2(" + expr + ", " + fractionText("SYS_EXTRACT_UTC("+expr+")") + " || 'Z', NULL)"
	case value.Bytes:
		if isLong(t) {
			// XMLAGG is what puts texts together to one of any length.
			return longText + expr + `) > 0 THEN TO_CLOB('\x') || (SELECT LOWER(XMLCAST(XMLAGG(XMLELEMENT("E", RAWTOHEX(DBMS_LOB.SUBSTR(` + expr +
				`, 2000, 2000 * LEVEL - 1999))) ORDER BY LEVEL) AS CLOB)) FROM DUAL CONNECT BY LEVEL <= CEIL(DBMS_LOB.GETLENGTH(` + expr + `) / 2000)) END`
		}
		return "NVL2(" + expr + `, '\x' || LOWER(RAWTOHEX(` + expr + ")), NULL)"
	case value.Text, value.JSON:
		if isLong(t) {
			return longText + expr + ") > 0 THEN TO_CLOB(" + expr + ") END"
		}
		text := expr
		if isNational(t) {
			text = "TO_CHAR(" + expr + ")"
		}
		if t.Fixed {
			text = "RTRIM(" + text + ", ' ')"
		}
		if c.Collation != "" {
			text = "(" + text + " COLLATE BINARY)"
		}
		return text
	default:
		return "TO_CHAR(" + expr + ")"
	}
}

// decimalText shows as many digits behind the point as the column declares, and a zero in front of it: TM9 has none.
func decimalText(expr string, t value.Type) string {
	if t.Precision == 0 {
		return "REGEXP_REPLACE(TO_CHAR(" + expr + `, 'TM9'), '^(-?)\.', '\10.')`
	}
	if t.Scale == 0 {
		return "TO_CHAR(" + expr + ", 'TM9')"
	}
	return "TO_CHAR(" + expr + ", 'FM" + strings.Repeat("9", max(t.Precision-t.Scale-1, 0)) + "0." + strings.Repeat("0", t.Scale) + "')"
}

// clockText is of a DATE or a TIMESTAMP.
func clockText(expr string, t value.Type) string {
	text := "TO_CHAR(" + expr + ", " + secondFormat + ")"
	if t.SQL != "DATE" {
		text = fractionText(expr)
	}
	return "CASE WHEN " + expr + " < DATE '0001-01-01' THEN " + text + " || ' BC' ELSE " + text + " END"
}

// fractionText drops the zeros at the end of a fraction, and the point with the last of them.
func fractionText(expr string) string {
	return "RTRIM(RTRIM(TO_CHAR(" + expr + ", " + fractionFormat + "), '0'), '.')"
}

// Comparable is the column itself where the server compares it by its octets, and NULL with NULL.
func (d dialect) Comparable(expr string, c sqlgen.Column) string {
	switch t := c.Type; {
	case isLong(t):
		return d.Canonical(expr, c)
	case t.Kind == value.Text && t.Fixed:
		expr = "RTRIM(" + expr + ", ' ')"
	case t.Kind == value.Instant:
		expr = "SYS_EXTRACT_UTC(" + expr + ")"
	}
	if c.Collation != "" {
		expr = "(" + expr + " COLLATE BINARY)"
	}
	return expr
}

// FromText converts by functions that fail on what they cannot read, and never cut.
func (dialect) FromText(text string, c sqlgen.Column) string {
	switch t := c.Type; t.Kind {
	case value.Bool:
		return "DECODE(" + text + ", 'true', 1, 'false', 0)"
	case value.Int, value.Decimal:
		return "TO_NUMBER(" + text + ")"
	case value.DateTime:
		if t.SQL == "DATE" {
			return "TO_DATE(" + text + ", " + secondFormat + ")"
		}
		return "TO_TIMESTAMP(" + text + ", " + fractionFormat + ")"
	case value.Instant:
		return "FROM_TZ(TO_TIMESTAMP(RTRIM(" + text + ", 'Z'), " + fractionFormat + "), '+00:00')"
	case value.Bytes:
		if isLong(t) {
			return "TO_BLOB(HEXTORAW(CAST(SUBSTR(" + text + ", 3) AS VARCHAR2(4000))))"
		}
		return "HEXTORAW(SUBSTR(" + text + ", 3))"
	case value.Text, value.JSON:
		return fromLetters(text, c)
	default:
		return fromOther(text, t)
	}
}

func fromLetters(text string, c sqlgen.Column) string {
	t := c.Type
	converted := text
	switch {
	case t.SQL == "CLOB":
		return "TO_CLOB(" + text + ")"
	case t.SQL == "NCLOB":
		return "TO_NCLOB(" + text + ")"
	case isNational(t):
		converted = "TO_NCHAR(" + text + ")"
	}
	if isPadded(t) {
		// As long as the column, so that they are equal whatever the types of the two; CAST alone would cut.
		length := "LENGTH"
		if strings.HasSuffix(t.SQL, " BYTE)") {
			length = "LENGTHB"
		}
		size, _ := strconv.Atoi(strings.Trim(t.SQL, "NCHAR() BYTE"))
		converted = "CASE WHEN " + length + "(" + text + ") > " + strconv.Itoa(size) + " THEN " + converted + " ELSE CAST(" + converted + " AS " + t.SQL + ") END"
	}
	if c.Collation != "" {
		// The column's collation rules, whichever side it stands on.
		return "(" + converted + " COLLATE " + c.Collation + ")"
	}
	return converted
}

// fromOther is of the types that have no kind of their own.
func fromOther(text string, t value.Type) string {
	switch {
	case t.SQL == "BINARY_DOUBLE":
		return "TO_BINARY_DOUBLE(" + text + ")"
	case t.SQL == "BINARY_FLOAT":
		return "TO_BINARY_FLOAT(" + text + ")"
	case strings.HasPrefix(t.SQL, "INTERVAL DAY"):
		return "TO_DSINTERVAL(" + text + ")"
	case strings.HasPrefix(t.SQL, "INTERVAL YEAR"):
		return "TO_YMINTERVAL(" + text + ")"
	default:
		return text
	}
}

// Rounded rounds halves away from zero.
func (dialect) Rounded(expr string, digits int, c sqlgen.Column) string {
	if c.Type.Kind == value.Decimal {
		return "ROUND(" + expr + ", " + strconv.Itoa(digits) + ")"
	}
	return expr
}

// Day is a DATE at midnight.
func (dialect) Day(expr, zone string, c sqlgen.Column) string {
	if c.Type.Kind == value.Instant {
		return "TRUNC(CAST(" + expr + " AT TIME ZONE " + zone + " AS DATE))"
	}
	return "TRUNC(" + expr + ")"
}
