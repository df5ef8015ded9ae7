package rowexpr

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/value"
)

// The types that HCL does not have. Their values are value.Values. A number that
// is not finite is one of them, because arithmetic is refused on it.
var (
	dateType      = capsule(value.Date.String())
	timeType      = capsule(value.Time.String())
	dateTimeType  = capsule(value.DateTime.String())
	instantType   = capsule(value.Instant.String())
	bytesType     = capsule(value.Bytes.String())
	nonFiniteType = capsule("number that is not finite")
)

// capsule declares a type whose values are compared by their canonical texts and,
// octets apart, convert to text as they do in a template. There is no
// conversion to a number, so that dates are never compared with one.
func capsule(name string) cty.Type {
	ops := &cty.CapsuleOps{
		GoString:     func(v any) string { return fmt.Sprintf("%s(…)", name) },
		TypeGoString: func(reflect.Type) string { return "rowexpr." + name },
		Equals: func(a, b any) cty.Value {
			return cty.BoolVal(a.(*value.Value).Text() == b.(*value.Value).Text())
		},
		RawEquals: func(a, b any) bool { return a.(*value.Value).Text() == b.(*value.Value).Text() },
		HashKey:   func(v any) string { return v.(*value.Value).Text() },
	}
	if name != value.Bytes.String() {
		ops.ConversionFrom = func(to cty.Type) func(any, cty.Path) (cty.Value, error) {
			if to != cty.String {
				return nil
			}
			return func(v any, _ cty.Path) (cty.Value, error) {
				return cty.StringVal(v.(*value.Value).Text()), nil
			}
		}
	}
	return cty.CapsuleWithOps(name, reflect.TypeFor[value.Value](), ops)
}

// ToCty is the inverse of FromCty, as far as cty can tell values apart: numbers of
// every kind become numbers, whose scale is lost, and text is normalised to NFC.
func ToCty(v value.Value) cty.Value {
	switch v.Kind() {
	case value.Null:
		return cty.NullVal(cty.DynamicPseudoType)
	case value.Bool:
		return cty.BoolVal(v.Bool())
	case value.Int:
		return wholeNumber(v.Int())
	case value.Decimal, value.Float:
		n, ok := asNumber(v)
		if !ok {
			return cty.CapsuleVal(nonFiniteType, &v)
		}
		if n.Kind() == value.Int {
			return wholeNumber(n.Int())
		}
		parsed, err := cty.ParseNumberVal(n.Str())
		if err != nil {
			return cty.CapsuleVal(nonFiniteType, &v)
		}
		return parsed
	case value.Text:
		return cty.StringVal(v.Str())
	case value.Date:
		return cty.CapsuleVal(dateType, &v)
	case value.Time:
		return cty.CapsuleVal(timeType, &v)
	case value.DateTime:
		return cty.CapsuleVal(dateTimeType, &v)
	case value.Instant:
		return cty.CapsuleVal(instantType, &v)
	default:
		return cty.CapsuleVal(bytesType, &v)
	}
}

// FromCty turns a known, unmarked cty primitive (a string, a number, a bool, a
// null, or a date or timestamp as the functions here make them) into a Value. A
// number becomes an Int where it is whole and fits, else a Decimal without
// trailing zeros. Its errors do not repeat the value.
func FromCty(v cty.Value) (value.Value, error) {
	switch {
	case v == cty.NilVal:
		return value.Value{}, errors.New("no value")
	case v.IsMarked():
		return value.Value{}, errors.New("a marked value")
	case !v.IsKnown():
		return value.Value{}, errors.New("a value that is not known yet")
	case v.IsNull():
		return value.Value{}, nil
	}
	switch ty := v.Type(); {
	case ty == cty.String:
		return value.OfText(v.AsString()), nil
	case ty == cty.Bool:
		return value.OfBool(v.True()), nil
	case ty == cty.Number:
		return fromBig(v.AsBigFloat())
	case ty.IsCapsuleType():
		if p, ok := v.EncapsulatedValue().(*value.Value); ok {
			return *p, nil
		}
		return value.Value{}, errors.New("a value of a kind that no column holds")
	default:
		return value.Value{}, fmt.Errorf("a single value is required, not %s", article(ty.FriendlyName()))
	}
}

// wholeNumber has the precision of the numbers that HCL's parser makes, so that
// dividing by it is as precise.
func wholeNumber(n int64) cty.Value {
	return cty.NumberVal(new(big.Float).SetPrec(512).SetInt64(n))
}

// significant is the number of digits kept of a fraction that binary arithmetic
// made: HCL's numbers have 512 bits, about 154 digits, of which the last are noise.
const significant = 60

func fromBig(f *big.Float) (value.Value, error) {
	if f.IsInf() {
		return value.Value{}, errNotFinite
	}
	// An exponent beyond this is refused before its digits are written out.
	if f.MantExp(nil) > 4000 {
		return value.Value{}, errTooLarge
	}
	if f.IsInt() {
		whole, _ := f.Int(nil)
		if whole.IsInt64() {
			return value.OfInt(whole.Int64()), nil
		}
		return value.ParseDecimal(whole.String())
	}
	text := f.Text('e', -1)
	if mantissa, _, _ := strings.Cut(text, "e"); len(mantissa) > significant+2 {
		text = f.Text('e', significant-1)
	}
	v, err := value.ParseDecimal(text)
	if err != nil {
		return value.Value{}, err
	}
	return normalNumber(v), nil
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}
