package rowexpr

import (
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

// compareNumbers compares two Ints or finite Decimals.
func compareNumbers(a, b value.Value) int {
	if a.Kind() == value.Int && b.Kind() == value.Int {
		switch {
		case a.Int() < b.Int():
			return -1
		case a.Int() > b.Int():
			return 1
		}
		return 0
	}
	return toAPD(a).Cmp(toAPD(b))
}

// The arithmetic operators take Ints and finite Decimals.

func add(a, b value.Value) (value.Value, error) {
	if a.Kind() == value.Int && b.Kind() == value.Int {
		x, y := a.Int(), b.Int()
		if sum := x + y; (sum > x) == (y > 0) {
			return value.OfInt(sum), nil
		}
	}
	return decimalOp(exact.Add, a, b)
}

func subtract(a, b value.Value) (value.Value, error) {
	if a.Kind() == value.Int && b.Kind() == value.Int {
		x, y := a.Int(), b.Int()
		if difference := x - y; (difference < x) == (y > 0) {
			return value.OfInt(difference), nil
		}
	}
	return decimalOp(exact.Sub, a, b)
}

func multiply(a, b value.Value) (value.Value, error) {
	if a.Kind() == value.Int && b.Kind() == value.Int {
		if product, ok := multiplyInts(a.Int(), b.Int()); ok {
			return value.OfInt(product), nil
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
