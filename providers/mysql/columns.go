package mysql

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/registrar-sync/registrar/internal/value"
)

// catalogueColumn is a column as information_schema.columns describes it.
type catalogueColumn struct {
	name, dataType, columnType string // varchar, varchar(20)
	charset, collation         string // "" for what is no text
	length                     int64  // characters or octets
	precision, scale, fraction int
	isJSON                     bool // to MariaDB
}

// valueType is the type as sources of this engine report it (decoderOf), with all its limits.
func (c *catalogueColumn) valueType() value.Type {
	t := value.Type{SQL: c.columnType, Unsigned: strings.Contains(c.columnType, "unsigned")}
	integer := func(bits int) value.Type {
		// How wide it is shown says nothing, but for leading zeros.
		if c.dataType != "bit" && !strings.Contains(t.SQL, "zerofill") {
			t.SQL = displayWidth.ReplaceAllString(t.SQL, "")
		}
		t.Kind, t.Size = value.Int, bits
		return t
	}
	switch strings.ToLower(c.dataType) {
	case "tinyint":
		return integer(8)
	case "smallint":
		return integer(16)
	case "mediumint":
		return integer(24)
	case "int":
		return integer(32)
	case "bigint":
		if !t.Unsigned {
			return integer(64)
		}
		t.Kind, t.Precision, t.Unsigned = value.Decimal, 20, false
		t.Limits = unsigned(math.MaxUint64)
	case "year":
		t.Unsigned = true
		t.Limits = year{}
		return integer(16)
	case "bit":
		t.Unsigned = true
		return integer(c.precision)
	case "float":
		t.Kind, t.Size, t.Limits = value.Float, 32, finite{}
		t.Unsigned = false
	case "double":
		t.Kind, t.Size, t.Limits = value.Float, 64, finite{}
		t.Unsigned = false
	case "decimal":
		t.Kind, t.Precision, t.Scale = value.Decimal, c.precision, c.scale
		t.Limits = finite{}
		if t.Unsigned {
			t.Unsigned, t.Limits = false, unsigned(0)
		}
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
		t.Kind, t.Fixed = value.Text, strings.EqualFold(c.dataType, "char")
		t.Size = int(min(c.length, math.MaxInt32))
		if c.isJSON {
			t.Kind = value.JSON
		}
		limits := textLimits{charset: c.charset}
		if strings.Contains(c.dataType, "text") {
			limits.octets, t.Size = c.length, 0
		}
		t.Limits = limits
	case "enum", "set":
		t.Kind, t.Limits = value.Text, listed{columnType: c.columnType, several: strings.EqualFold(c.dataType, "set")}
	case "json":
		t.Kind = value.JSON
	case "uuid":
		t.Kind = value.UUID
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		t.Kind, t.Fixed, t.Size = value.Bytes, strings.EqualFold(c.dataType, "binary"), int(min(c.length, math.MaxInt32))
	case "date":
		t.Kind, t.Limits = value.Date, calendar{}
	case "time":
		t.Kind, t.Fraction = value.Time, c.fraction
	case "datetime":
		t.Kind, t.Fraction, t.Limits = value.DateTime, c.fraction, calendar{}
	case "timestamp":
		t.Kind, t.Fraction, t.Limits = value.Instant, c.fraction, calendar{epoch: true}
	default:
		t.Kind = value.Other
	}
	return t
}

var displayWidth = regexp.MustCompile(`\([0-9]+\)`)

// unsigned is a decimal that is not negative; its value is the largest, 0 where only the digits bound it.
type unsigned uint64

func (most unsigned) Misfit(v value.Value) string {
	text := v.Str()
	switch {
	case strings.HasPrefix(text, "-"):
		return "is negative"
	case text == "NaN":
		return "the database has no such number"
	case most > 0:
		if n, err := strconv.ParseUint(text, 10, 64); err != nil || n > uint64(most) {
			return "out of range"
		}
	}
	return ""
}

// year is of the type YEAR, which has a number of years only, and 0 for none.
type year struct{}

func (year) Misfit(v value.Value) string {
	if n := v.Int(); n != 0 && (n < 1901 || n > 2155) {
		return "out of range 1901 to 2155"
	}
	return ""
}

// finite is of numbers: the server has no others.
type finite struct{}

func (finite) Misfit(v value.Value) string {
	if f := v.Float(); v.Str() == "NaN" || math.IsNaN(f) || math.IsInf(f, 0) {
		return "the database has no such number"
	}
	return ""
}

// calendar is the server's, from year 1 to 9999; with epoch, what a TIMESTAMP counts.
type calendar struct{ epoch bool }

// maxTimestamp is the last second of a TIMESTAMP on servers that count in 32 bits.
const maxTimestamp = math.MaxInt32

func (c calendar) Misfit(v value.Value) string {
	t := v.Time()
	switch {
	case v.IsInfinite():
		return "the database has no infinity"
	case c.epoch && (t.Unix() < 1 || t.Unix() > maxTimestamp):
		return "out of range 1970-01-01 00:00:01 to 2038-01-19 03:14:07 (UTC)"
	case t.Year() < 1 || t.Year() > 9999:
		return "out of range, which is the years 1 to 9999"
	default:
		return ""
	}
}

// textLimits are those of a charset, and of a type that counts octets.
type textLimits struct {
	charset string
	octets  int64 // 0: any
}

func (l textLimits) Misfit(v value.Value) string {
	text := v.Str()
	octets := int64(len(text))
	if lacks, perCharacter := repertoire(l.charset); lacks != nil {
		n := 0
		for _, r := range text {
			n++
			if r >= utf8.RuneSelf && lacks(r) {
				return "has a character that the column's charset " + l.charset + " lacks"
			}
		}
		if perCharacter > 0 {
			octets = int64(n * perCharacter)
		}
	}
	if l.octets > 0 && octets > l.octets {
		return "has " + strconv.FormatInt(octets, 10) + " octets, " + strconv.FormatInt(l.octets, 10) + " fit"
	}
	return ""
}

// repertoire tells the characters that a charset lacks, and how many octets each takes, 0 for those of UTF-8; nil where it
// has all, or where only the server knows: it then refuses the rows.
func repertoire(charset string) (lacks func(rune) bool, octets int) {
	single := func(m *charmap.Charmap, except string) func(rune) bool {
		return func(r rune) bool {
			_, ok := m.EncodeRune(r)
			return !ok && !strings.ContainsRune(except, r)
		}
	}
	switch charset {
	case "ascii":
		return func(rune) bool { return true }, 1
	case "latin1":
		// It is Windows' page 1252, with these five control characters where that has nothing.
		return single(charmap.Windows1252, "\u0081\u008d\u008f\u0090\u009d"), 1
	case "latin2":
		return single(charmap.ISO8859_2, ""), 1
	case "greek":
		return single(charmap.ISO8859_7, ""), 1
	case "cp1250":
		return single(charmap.Windows1250, ""), 1
	case "cp1251":
		return single(charmap.Windows1251, ""), 1
	case "utf8", "utf8mb3":
		return func(r rune) bool { return r > 0xffff }, 0
	case "ucs2":
		return func(r rune) bool { return r > 0xffff }, 2
	default:
		return nil, 0
	}
}

// listed is an ENUM or, of several, a SET.
type listed struct {
	columnType string // enum('a','it''s')
	several    bool
}

func (l listed) Misfit(v value.Value) string {
	members := l.members()
	texts := []string{v.Str()}
	if l.several {
		texts = strings.Split(v.Str(), ",")
		if v.Str() == "" {
			return ""
		}
	}
	for _, text := range texts {
		if !members[text] {
			return "is none of the type's members"
		}
	}
	return ""
}

func (l listed) members() map[string]bool {
	members := make(map[string]bool)
	_, rest, _ := strings.Cut(l.columnType, "('")
	rest = strings.TrimSuffix(rest, "')")
	for member := range strings.SplitSeq(strings.ReplaceAll(rest, "''", "\x00"), "','") {
		members[strings.ReplaceAll(member, "\x00", "'")] = true
	}
	return members
}
