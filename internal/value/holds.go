package value

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Holds reports whether Fit would return v just as it is: the common case, told without
// a copy: that is why it alone takes pointers, it is asked of every value of every record.
// Where it is false v may fit none the less, changed or not: see Fit.
func (t *Type) Holds(v *Value) bool {
	if v.kind == Null {
		return true
	}
	return t.holds(v) && !(t.EmptyIsNull && v.isEmpty()) && (t.Limits == nil || t.Limits.Misfit(*v) == "")
}

func (t *Type) holds(v *Value) bool {
	switch t.Kind {
	case Text, Other, Null:
		return v.kind == Text && !t.Fixed && t.Digits == 0 && t.holdsText(v.s)
	case Int:
		return v.kind == Int && t.holdsInt(v.n)
	case Decimal:
		return v.kind == Decimal && t.Digits == 0 && (t.Precision == 0 || t.holdsDecimal(v.s))
	case Date, Time, DateTime, Instant:
		return v.kind == t.Kind && (v.nsec == 0 || v.round(t.Fraction).nsec == v.nsec)
	case Bool:
		return v.kind == Bool
	case Float:
		if v.kind != Float {
			return false
		}
		f := math.Float64frombits(uint64(v.n))
		return !math.IsNaN(f) && (t.Size != 32 || float64(float32(f)) == f)
	case Bytes:
		return v.kind == Bytes && (t.Size <= 0 || len(v.s) <= t.Size)
	default:
		return false
	}
}

func (t *Type) holdsText(s string) bool {
	if t.Size > 0 && len(s) > t.Size && utf8.RuneCountInString(s) > t.Size {
		return false
	}
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

func (t *Type) holdsInt(n int64) bool {
	if t.Size > 0 && t.Size < 64 {
		if t.Unsigned {
			return n >= 0 && n < 1<<t.Size
		}
		return n >= -1<<(t.Size-1) && n < 1<<(t.Size-1)
	}
	return !t.Unsigned || n >= 0
}

// holdsDecimal: a column with a precision keeps a decimal as it is that shows just as
// many digits behind the point as the column does.
func (t *Type) holdsDecimal(s string) bool {
	if s == "NaN" {
		return true
	}
	whole := strings.IndexByte(s, '.')
	behind := len(s) - whole - 1
	if whole < 0 {
		whole, behind = len(s), 0
	}
	if s[0] == '-' {
		s, whole = s[1:], whole-1
	}
	if behind != t.Scale || s[0] < '0' || s[0] > '9' {
		return false
	}
	if s[0] == '0' {
		whole--
	}
	return whole <= t.Precision-t.Scale
}
