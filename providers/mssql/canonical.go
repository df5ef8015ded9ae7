package mssql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// Canonical says how a value is spelt; the result has the exact collation where it has the column's
// otherwise.
func (dialect) Canonical(expr string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Bool:
		return "CASE " + expr + " WHEN 1 THEN N'true' WHEN 0 THEN N'false' END"
	case value.Int:
		return convert("nvarchar(20)", expr)
	case value.Decimal:
		return convert("nvarchar(42)", exactNumber(expr, c))
	case value.Float:
		return floatText(expr, c.Type.Size == 32)
	case value.Bytes:
		return "N'\\x' + LOWER(" + convertStyle("varchar(max)", convert("varbinary(max)", expr), 2) + ")"
	case value.Date:
		return convertStyle("nvarchar(10)", expr, 23)
	case value.Time:
		return clockText(convertStyle("nvarchar(16)", expr, 121), 8)
	case value.DateTime:
		return dateTimeText(expr, c)
	case value.Instant:
		return dateTimeText(convert("datetime2("+strconv.Itoa(min(c.Type.Fraction, 7))+")", "SWITCHOFFSET("+expr+", '+00:00')"), c) + " + N'Z'"
	case value.UUID:
		return "LOWER(" + convert("nvarchar(36)", expr) + ")"
	default:
		return collated(unicodeText(expr, c), exact)
	}
}

// unicodeText is a text, as long as it is, without the blanks with which a column of fixed length is filled.
func unicodeText(expr string, c sqlgen.Column) string {
	if c.Type.Fixed {
		expr = "RTRIM(" + expr + ")"
	}
	if c.Type.Kind == value.Text && 0 < c.Type.Size && c.Type.Size <= 4000 || c.Type.SQL == variant {
		return convert("nvarchar(4000)", expr)
	}
	return convert(longText, expr)
}

// variant holds nothing of (max), nor is it converted to that.
const variant = "sql_variant"

// exactNumber is money as the decimal that it is.
func exactNumber(expr string, c sqlgen.Column) string {
	if strings.HasSuffix(c.Type.SQL, "money") {
		return convert(fmt.Sprintf("decimal(%d,%d)", c.Type.Precision, c.Type.Scale), expr)
	}
	return expr
}

// dateTimeText spells a date with a time.
func dateTimeText(expr string, c sqlgen.Column) string {
	if c.Type.Fraction == 0 {
		return convertStyle("nvarchar(19)", expr, 120)
	}
	return clockText(convertStyle("nvarchar(27)", expr, 121), 19)
}

// clockText drops the zeros at the end of a time whose seconds end at a position.
func clockText(text string, seconds int) string {
	return fmt.Sprintf("LEFT(%[1]s, %[2]d) + ISNULL(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(%[1]s, %[3]d, 8), N'0', N' ')), N' ', N'0'), N'.'), N'')",
		text, seconds, seconds+1)
}

// floatText is the shortest text that is read back as the number. The server has one of 17 digits only
// (style 3); fewer are tried, from as many on as every decimal survives. d.n are the digits, as a whole
// number; d.e is the exponent of the first of them.
const floatText64 = `(SELECT CASE WHEN f.x = 0 THEN N'0' ELSE CASE WHEN f.x < 0 THEN N'-' ELSE N'' END + CASE
 WHEN g.e < -4 OR g.e > 14 THEN LEFT(g.d, 1) + CASE WHEN LEN(g.d) > 1 THEN N'.' + SUBSTRING(g.d, 2, 17) ELSE N'' END + CASE WHEN g.e < 0 THEN N'e-' ELSE N'e+' END + CASE WHEN ABS(g.e) < 10 THEN N'0' ELSE N'' END + CONVERT(nvarchar(5), ABS(g.e))
 WHEN g.e < 0 THEN N'0.' + REPLICATE(N'0', -g.e - 1) + g.d
 WHEN LEN(g.d) <= g.e + 1 THEN g.d + REPLICATE(N'0', g.e + 1 - LEN(g.d))
 ELSE LEFT(g.d, g.e + 1) + N'.' + SUBSTRING(g.d, g.e + 2, 17) END END
FROM (SELECT {x} AS x) f
CROSS APPLY (SELECT CONVERT(varchar(30), ABS(CONVERT(float, f.x)), 3) AS t) s
CROSS APPLY (SELECT CONVERT(decimal(18,0), LEFT(s.t, 1) + SUBSTRING(s.t, 3, 16)) AS n, CONVERT(int, SUBSTRING(s.t, 20, 5)) AS e) m
CROSS APPLY (SELECT CASE {tries} ELSE ROUND(m.n, {last}) END AS n, m.e AS e) d
CROSS APPLY (SELECT REPLACE(RTRIM(REPLACE(CONVERT(nvarchar(20), d.n), N'0', N' ')), N' ', N'0') AS d, d.e + LEN(CONVERT(nvarchar(20), d.n)) - 17 AS e) g)`

func floatText(expr string, single bool) string {
	kind, from, to := "float", 15, 17
	if single {
		kind, from, to = "real", 6, 9
	}
	var tries []string
	for digits := from; digits < to; digits++ {
		rounded := fmt.Sprintf("ROUND(m.n, %d)", digits-17)
		tries = append(tries, fmt.Sprintf("WHEN TRY_CONVERT(%[1]s, TRY_CONVERT(float, CONVERT(varchar(20), %[2]s) + 'e' + CONVERT(varchar(5), m.e - 16))) = ABS(f.x) THEN %[2]s", kind, rounded))
	}
	return strings.NewReplacer("{x}", convert(kind, expr), "{tries}", strings.Join(tries, " "), "{last}", strconv.Itoa(to-17)).Replace(floatText64)
}

// Comparable leaves alone those types whose equality is that of their texts. Texts become the octets of
// their codes, none of which ends with a NUL: one more would not count.
func (d dialect) Comparable(expr string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Bool, value.Int, value.Float, value.Date, value.Time, value.DateTime, value.Instant, value.UUID:
		return expr
	case value.Decimal:
		return exactNumber(expr, c)
	case value.Bytes:
		return d.Canonical(expr, c)
	default:
		octets := "varbinary(max)"
		if c.Type.Kind == value.Text && 0 < c.Type.Size && c.Type.Size <= 4000 {
			octets = "varbinary(8000)"
		}
		return convert(octets, unicodeText(expr, c))
	}
}

// FromText is of the column's type and collation, so that an index serves. A text that is too long is
// not cut, but where a column of fixed length, or the longest that is not (max), cuts it.
func (dialect) FromText(text string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Text:
		return textFrom(text, c)
	case value.JSON:
		return text
	case value.Float:
		if c.Type.Size == 32 {
			text = convert("float", text)
		}
		return convert(c.Type.SQL, text)
	case value.Bytes:
		hex := convert("varchar(max)", "SUBSTRING("+text+", 3, DATALENGTH("+text+"))")
		to := "varbinary(max)"
		switch {
		case strings.HasPrefix(c.Type.SQL, "binary"):
			to = c.Type.SQL
		case 0 < c.Type.Size && c.Type.Size <= 8000:
			to = "varbinary(8000)"
		}
		return convertStyle(to, hex, 2)
	case value.Date:
		return convertStyle(c.Type.SQL, text, 23)
	case value.DateTime:
		return convertStyle(c.Type.SQL, text, 121)
	case value.Instant:
		return convert(c.Type.SQL, "REPLACE("+text+", N'Z', N' +00:00')")
	default:
		if c.Type.SQL == variant {
			text = convert("nvarchar(4000)", text)
		}
		return convert(c.Type.SQL, text)
	}
}

// textFrom converts within the column's collation, which says what its code page is.
func textFrom(text string, c sqlgen.Column) string {
	if c.Collation == "" {
		return text
	}
	to := longText
	long := c.Type.Size <= 0
	switch name, _, _ := strings.Cut(c.Type.SQL, "("); {
	case c.Type.Fixed:
		to = c.Type.SQL
	case name == "varchar" && !long:
		to = "varchar(8000)"
	case name == "varchar" || name == "text":
		to = "varchar(max)"
	case !long:
		to = "nvarchar(4000)"
	}
	return collated(convert(to, collated(text, c.Collation)), c.Collation)
}

// Rounded is a decimal, or the text of one: a float is rounded as its shortest text spells it, halves away
// from zero.
func (d dialect) Rounded(expr string, digits int, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Decimal:
		if digits >= c.Type.Scale {
			return exactNumber(expr, c)
		}
		// One digit more before the point: 9.99 becomes 10.00.
		wide := fmt.Sprintf("decimal(%d,%d)", min(c.Type.Precision+1, maxDigits), c.Type.Scale)
		return fmt.Sprintf("ROUND(%s, %d)", convert(wide, exactNumber(expr, c)), digits)
	case value.Float:
		// 16 digits before the point and 22 behind it: all that a float shows without an exponent.
		rounded := func(of string) string {
			return convert("nvarchar(60)", fmt.Sprintf("ROUND(%s, %d)", convert("decimal(38,22)", of), digits))
		}
		text := d.Canonical(expr, c)
		return "CASE WHEN ABS(" + expr + ") >= 1e15 THEN " + text + " WHEN ABS(" + expr + ") < 1e-4 THEN " + rounded(expr) + " ELSE " + rounded(text) + " END"
	default:
		return expr // whole
	}
}

// Day is a date. The server knows zones by the names that Windows gives them, and refuses others.
func (dialect) Day(expr, zone string, c sqlgen.Column) string {
	switch c.Type.Kind {
	case value.Instant:
		return convert("date", expr+" AT TIME ZONE "+windowsZone(zone))
	case value.DateTime:
		return convert("date", expr)
	default:
		return expr
	}
}
