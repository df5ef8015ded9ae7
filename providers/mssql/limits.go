package mssql

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/registrar-sync/registrar/internal/value"
)

// codePageUTF8 is that of collations whose names end with UTF8.
const codePageUTF8 = 65001

// unicodeLimits are those of nvarchar and nchar: a character beyond U+FFFF takes two places.
type unicodeLimits struct{ places int }

func (l unicodeLimits) Misfit(v value.Value) string {
	if l.places <= 0 {
		return ""
	}
	places := utf8.RuneCountInString(v.Str())
	for _, r := range v.Str() {
		if r > 0xffff {
			places++
		}
	}
	if places > l.places {
		return "takes " + strconv.Itoa(places) + " places in UTF-16, " + strconv.Itoa(l.places) + " fit"
	}
	return ""
}

// codePageLimits are those of varchar, char and text: what the code page lacks would be stored as another
// character, without a word.
type codePageLimits struct{ codePage, octets int }

func (l codePageLimits) Misfit(v value.Value) string {
	text := v.Str()
	octets := len(text)
	if l.codePage != codePageUTF8 && strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		page := codePages[l.codePage]
		if page == nil {
			return "holds a character beyond ASCII, and what code page " + strconv.Itoa(l.codePage) + " holds is not known: make the column nvarchar"
		}
		encoded, err := page.NewEncoder().String(text)
		if err != nil {
			return "holds a character that the column's code page " + strconv.Itoa(l.codePage) + " lacks: make the column nvarchar, or replace the character in the mapping"
		}
		octets = len(encoded)
	}
	if l.octets > 0 && octets > l.octets {
		return "takes " + strconv.Itoa(octets) + " octets in code page " + strconv.Itoa(l.codePage) + ", " + strconv.Itoa(l.octets) + " fit"
	}
	return ""
}

// codePages are those of SQL Server's collations.
var codePages = map[int]encoding.Encoding{
	437: charmap.CodePage437, 850: charmap.CodePage850, 874: charmap.Windows874,
	932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253, 1254: charmap.Windows1254,
	1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
}

// calendarLimits are those of dates and times. Years count from 1.
type calendarLimits struct{ name string }

func (l calendarLimits) Misfit(v value.Value) string {
	if v.IsInfinite() {
		return "the database has no such date"
	}
	if v.Kind() == value.Time {
		if v.Clock() >= 24*time.Hour {
			return "the day of the database ends before that"
		}
		return ""
	}
	from, to := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	switch l.name {
	case "datetime":
		from, to = time.Date(1753, 1, 1, 0, 0, 0, 0, time.UTC), to.Add(-2*time.Millisecond)
	case "smalldatetime":
		from, to = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2079, 6, 6, 23, 59, 30, 0, time.UTC)
	}
	if at := v.Time(); at.Before(from) || !at.Before(to) {
		return "out of range " + from.Format(time.DateOnly) + " to " + to.Add(-24*time.Hour).Format(time.DateOnly)
	}
	return ""
}

// numberLimits are those of numbers. Neither decimals nor floats are ever infinite or not a number.
type numberLimits struct{ name string }

func (l numberLimits) Misfit(v value.Value) string {
	switch v.Kind() {
	case value.Float:
		f := math.Abs(v.Float())
		smallest := 0x1p-1022
		if l.name == "real" {
			smallest = 0x1p-126
		}
		if math.IsNaN(f) || math.IsInf(f, 0) || f != 0 && f < smallest {
			return "the database has no such number"
		}
	case value.Decimal:
		text := v.Str()
		if strings.HasSuffix(text, "NaN") || strings.HasSuffix(text, "Infinity") {
			return "the database has no such number"
		}
		// Units of the last of four places behind the point.
		units, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
		if l.name == "money" && err != nil || l.name == "smallmoney" && (err != nil || int64(int32(units)) != units) {
			return "out of range of " + l.name
		}
	default:
	}
	return ""
}
