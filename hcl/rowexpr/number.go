package rowexpr

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/registrar-sync/registrar/internal/value"
)

var (
	errNotFinite  = errors.New("the number is not finite")
	errNotNumber  = errors.New("a number is required")
	errDivideZero = errors.New("division by zero")
	errTooLarge   = errors.New("the number is out of range")
)

// exact computes without rounding; its operands have at most some thousand digits.
var exact = apd.BaseContext

// asNumber converts a value as HCL does where a number is wanted: text is read as
// one. The result is an Int or a finite Decimal.
func asNumber(v value.Value) (value.Value, bool) {
	switch v.Kind() {
	case value.Int:
		return v, true
	case value.Decimal:
		return v, isFinite(v)
	case value.Float:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return value.Value{}, false
		}
		d, err := value.ParseDecimal(v.Text())
		if err != nil {
			return value.Value{}, false
		}
		return normalNumber(d), true
	case value.Text:
		if len(v.Str()) > 1000 {
			return value.Value{}, false
		}
		d, err := value.ParseDecimal(v.Str())
		if err != nil || !isFinite(d) {
			return value.Value{}, false
		}
		return normalNumber(d), true
	default:
		return value.Value{}, false
	}
}

// isFinite reports whether a Decimal is one of digits.
func isFinite(d value.Value) bool {
	s := d.Str()
	return s != "NaN" && !strings.HasSuffix(s, "Infinity")
}

func isNumeric(k value.Kind) bool {
	return k == value.Int || k == value.Decimal || k == value.Float
}

// normalNumber turns a whole Decimal into an Int where it fits, and cuts trailing
// zeros off any other: what a computation yields has no scale of its own.
func normalNumber(v value.Value) value.Value {
	if v.Kind() != value.Decimal || !isFinite(v) {
		return v
	}
	if s, ok := asScaled(v); ok {
		return s.normal()
	}
	return fromAPD(toAPD(v))
}

func toAPD(v value.Value) *apd.Decimal {
	if v.Kind() == value.Int {
		return apd.New(v.Int(), 0)
	}
	d, _, err := apd.NewFromString(v.Str())
	if err != nil {
		// A finite Decimal always is a number that apd reads.
		return apd.New(0, 0)
	}
	return d
}

func fromAPD(d *apd.Decimal) value.Value {
	if d.IsZero() {
		return value.OfInt(0)
	}
	reduced, _ := new(apd.Decimal).Reduce(d)
	if reduced.Exponent >= 0 {
		if n, err := reduced.Int64(); err == nil {
			return value.OfInt(n)
		}
	}
	v, err := value.ParseDecimal(reduced.Text('f'))
	if err != nil {
		return value.Value{}
	}
	return v
}

// scaled is a number as units of the last place that it shows: 12.50 is 1250 of scale
// 2. Most numbers of rows are small enough for it, and need no arithmetic of any length.
type scaled struct {
	units int64
	scale int // 0 to maxScale
}

// maxScale keeps a product's scale within what OfDecimal takes, and every power of ten
// that aligns two scales within an int64.
const maxScale = 18

// asScaled reads an Int or a Decimal; not ok where it is too long, or not finite.
func asScaled(v value.Value) (s scaled, ok bool) {
	if v.Kind() == value.Int {
		return scaled{units: v.Int()}, true
	}
	text := v.Str()
	negative := text != "" && text[0] == '-'
	if negative {
		text = text[1:]
	}
	if text == "" || len(text) > maxScale {
		return scaled{}, false
	}
	for i := range len(text) {
		digit := text[i] - '0'
		switch {
		case digit <= 9:
			s.units = s.units*10 + int64(digit)
		case text[i] == '.':
			s.scale = len(text) - i - 1
		default:
			return scaled{}, false
		}
	}
	if negative {
		s.units = -s.units
	}
	return s, true
}

// normal is what normalNumber makes of the number.
func (s scaled) normal() value.Value {
	for s.scale > 0 && s.units%10 == 0 {
		s.units /= 10
		s.scale--
	}
	if s.scale == 0 {
		return value.OfInt(s.units)
	}
	return value.OfDecimal(s.units, s.scale)
}

// aligned returns the units of two numbers at the larger of their scales.
func aligned(a, b value.Value) (x, y int64, scale int, ok bool) {
	s, okS := asScaled(a)
	t, okT := asScaled(b)
	if !okS || !okT {
		return 0, 0, 0, false
	}
	scale = max(s.scale, t.scale)
	x, okS = multiplyInts(s.units, powerOfTen(scale-s.scale))
	y, okT = multiplyInts(t.units, powerOfTen(scale-t.scale))
	return x, y, scale, okS && okT
}

func powerOfTen(n int) int64 {
	power := int64(1)
	for range n {
		power *= 10
	}
	return power
}

// compareNumbers compares two Ints or finite Decimals.
func compareNumbers(a, b value.Value) int {
	if x, y, _, ok := aligned(a, b); ok {
		return cmp.Compare(x, y)
	}
	return toAPD(a).Cmp(toAPD(b))
}

// The arithmetic operators take Ints and finite Decimals.

func add(a, b value.Value) (value.Value, error) {
	if x, y, scale, ok := aligned(a, b); ok {
		if sum := x + y; (sum > x) == (y > 0) {
			return scaled{sum, scale}.normal(), nil
		}
	}
	return decimalOp(exact.Add, a, b)
}

func subtract(a, b value.Value) (value.Value, error) {
	if x, y, scale, ok := aligned(a, b); ok {
		if difference := x - y; (difference < x) == (y > 0) {
			return scaled{difference, scale}.normal(), nil
		}
	}
	return decimalOp(exact.Sub, a, b)
}

func multiply(a, b value.Value) (value.Value, error) {
	x, okX := asScaled(a)
	y, okY := asScaled(b)
	if okX && okY {
		if product, ok := multiplyInts(x.units, y.units); ok {
			return scaled{product, x.scale + y.scale}.normal(), nil
		}
	}
	return decimalOp(exact.Mul, a, b)
}

func multiplyInts(x, y int64) (product int64, ok bool) {
	high, low := bits.Mul64(magnitude(x), magnitude(y))
	if high != 0 || low > math.MaxInt64 {
		return 0, false
	}
	return x * y, true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func divide(a, b value.Value) (value.Value, error) {
	if a.Kind() == value.Int && b.Kind() == value.Int {
		x, y := a.Int(), b.Int()
		if y == 0 {
			return value.Value{}, errDivideZero
		}
		if x != math.MinInt64 && x%y == 0 {
			return value.OfInt(x / y), nil
		}
	}
	x, y := toAPD(a), toAPD(b)
	if y.IsZero() {
		return value.Value{}, errDivideZero
	}
	// A long quotient that comes out even keeps all its digits.
	var q apd.Decimal
	digits := max(significant, uint32(x.NumDigits()+y.NumDigits()))
	condition, err := exact.WithPrecision(digits).Quo(&q, x, y)
	if err == nil && condition.Inexact() {
		_, err = exact.WithPrecision(significant).Quo(&q, x, y)
	}
	if err != nil || q.Form != apd.Finite {
		return value.Value{}, errTooLarge
	}
	return fromAPD(&q), nil
}

// remainder has the sign of the dividend.
func remainder(a, b value.Value) (value.Value, error) {
	if a.Kind() == value.Int && b.Kind() == value.Int {
		x, y := a.Int(), b.Int()
		switch y {
		case 0:
			return value.Value{}, errDivideZero
		case -1:
			return value.OfInt(0), nil
		}
		return value.OfInt(x % y), nil
	}
	if toAPD(b).IsZero() {
		return value.Value{}, errDivideZero
	}
	return decimalOp(exact.WithPrecision(10_000).Rem, a, b)
}

func negate(a value.Value) (value.Value, error) { return subtract(value.OfInt(0), a) }

func decimalOp(op func(d, x, y *apd.Decimal) (apd.Condition, error), a, b value.Value) (value.Value, error) {
	var d apd.Decimal
	if _, err := op(&d, toAPD(a), toAPD(b)); err != nil || d.Form != apd.Finite {
		return value.Value{}, errTooLarge
	}
	return fromAPD(&d), nil
}

// roundTo rounds to places digits behind the point, or before it where places is
// negative; halves go away from zero.
func roundTo(a value.Value, places int32) (value.Value, error) {
	if s, ok := asScaled(a); ok && places >= 0 {
		return s.round(int(places)).normal(), nil
	}
	d := toAPD(a)
	if d.Exponent >= -places {
		return fromAPD(d), nil
	}
	context := exact.WithPrecision(10_000)
	context.Rounding = apd.RoundHalfUp
	var out apd.Decimal
	if _, err := context.Quantize(&out, d, -places); err != nil {
		return value.Value{}, errTooLarge
	}
	return fromAPD(&out), nil
}

// round rounds to no more than places digits behind the point; halves go away from zero.
func (s scaled) round(places int) scaled {
	if s.scale <= places {
		return s
	}
	unit := powerOfTen(s.scale - places)
	rest := s.units % unit
	s.units, s.scale = s.units/unit, places
	switch {
	case rest >= unit-rest:
		s.units++
	case -rest >= unit+rest:
		s.units--
	}
	return s
}

// whole rounds to a whole number with apd's Ceil or Floor.
func whole(a value.Value, round func(c *apd.Context, d, x *apd.Decimal) (apd.Condition, error)) (value.Value, error) {
	if a.Kind() == value.Int {
		return a, nil
	}
	var out apd.Decimal
	if _, err := round(exact.WithPrecision(10_000), &out, toAPD(a)); err != nil {
		return value.Value{}, errTooLarge
	}
	return fromAPD(&out), nil
}

// asIndex returns a whole number that fits an int.
func asIndex(v value.Value) (int, bool) {
	if v.Kind() == value.Decimal {
		v = normalNumber(v)
	}
	n := int(v.Int())
	return n, v.Kind() == value.Int && int64(n) == v.Int()
}
