package rowexpr

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"

	"github.com/registrar-sync/registrar/internal/value"
)

// typ is what is known of a node's type when it is compiled.
type typ uint8

const (
	tAny typ = iota // one value of a kind that only the row tells
	tNull
	tBool
	tNumber
	tText
	tBytes
	tDate
	tTime
	tDateTime
	tInstant
	tCollection // a list, set, map, tuple or object
	tDynamic    // anything at all: a function says so when it is called
)

// String returns the name that messages use.
func (t typ) String() string {
	names := [...]string{
		"any value", "null", "bool", "number", "text", "bytes", "date", "time",
		"timestamp", "timestamp with time zone", "collection", "any value",
	}
	return names[t]
}

// single reports whether the node holds one value, never a collection.
func (t typ) single() bool { return t < tCollection }

func (t typ) temporal() bool { return t >= tDate && t <= tInstant }

func typeOf(k value.Kind) typ {
	switch k {
	case value.Null:
		return tNull
	case value.Bool:
		return tBool
	case value.Int, value.Decimal, value.Float:
		return tNumber
	case value.Bytes:
		return tBytes
	case value.Date:
		return tDate
	case value.Time:
		return tTime
	case value.DateTime:
		return tDateTime
	case value.Instant:
		return tInstant
	default:
		return tText
	}
}

func typeOfCty(v cty.Value) typ {
	if v.IsNull() {
		for t := tBool; t <= tInstant; t++ {
			if t.cty() == v.Type() {
				return t
			}
		}
		return tNull
	}
	single, err := FromCty(v)
	if err != nil {
		return tCollection
	}
	return typeOf(single.Kind())
}

func (t typ) cty() cty.Type {
	switch t {
	case tBool:
		return cty.Bool
	case tNumber:
		return cty.Number
	case tText:
		return cty.String
	case tBytes:
		return bytesType
	case tDate:
		return dateType
	case tTime:
		return timeType
	case tDateTime:
		return dateTimeType
	case tInstant:
		return instantType
	default:
		return cty.DynamicPseudoType
	}
}

// accepts reports whether a value of type from may turn out to convert to t; only
// bool, number and text are converted to.
func (t typ) accepts(from typ) bool {
	if from == t || from == tAny || from == tNull || from == tDynamic || t == tAny || t == tDynamic {
		return true
	}
	switch t {
	case tBool:
		return from == tText
	case tNumber:
		return from == tText
	case tText:
		return from != tBytes && from != tCollection
	default:
		return false
	}
}

var (
	errNotBool = errors.New("true or false is required")
	errNotText = errors.New("text is required")
	errSingle  = errors.New("a single value is required, not a collection")
)

// convert turns a value that is not NULL into one of type t, as HCL converts
// arguments and operands.
func (t typ) convert(v value.Value) (value.Value, error) {
	switch t {
	case tText:
		if v.Kind() == value.Text {
			return v, nil
		}
		s, ok := asText(v)
		if !ok {
			return value.Value{}, errNotText
		}
		return value.OfText(s), nil
	case tNumber:
		if v.Kind() == value.Int {
			return v, nil
		}
		n, ok := asNumber(v)
		if !ok {
			if isNumeric(v.Kind()) {
				return value.Value{}, errNotFinite
			}
			return value.Value{}, errNotNumber
		}
		return n, nil
	case tBool:
		b, ok := asBool(v)
		if !ok {
			return value.Value{}, errNotBool
		}
		return value.OfBool(b), nil
	default:
		if t != tAny && t != tDynamic && t != typeOf(v.Kind()) {
			return value.Value{}, fmt.Errorf("%s is required", article(t.String()))
		}
		return v, nil
	}
}

// asText converts a value as a template does. A Decimal keeps its scale; octets are
// not text.
func asText(v value.Value) (string, bool) {
	switch v.Kind() {
	case value.Bytes, value.Null:
		return "", false
	case value.Float:
		if n, ok := asNumber(v); ok {
			return n.Text(), true
		}
		return v.Text(), true
	default:
		return v.Text(), true
	}
}

func asBool(v value.Value) (b, ok bool) {
	switch v.Kind() {
	case value.Bool:
		return v.Bool(), true
	case value.Text:
		switch v.Str() {
		case "true", "1":
			return true, true
		case "false", "0":
			return false, true
		}
	}
	return false, false
}

// textOf returns a Text normalised to NFC, as every text that HCL computes is.
func textOf(s string) value.Value {
	if !isNFC(s) {
		s = norm.NFC.String(s)
	}
	return value.OfText(s)
}

// isNFC reports whether a text is in NFC. Everything below U+0300, which is all that
// Latin letters need, is; the octets from 0xCC on begin what lies above.
func isNFC(s string) bool {
	for i := range len(s) {
		if s[i] >= 0xCC {
			return norm.NFC.IsNormalString(s)
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unify returns the type to which both branches of a conditional are converted.
func unify(a, b typ) (typ, bool) {
	switch {
	case a == b || b == tNull:
		return a, true
	case a == tNull:
		return b, true
	case a == tText && tText.accepts(b), b == tText && tText.accepts(a):
		return tText, true
	default:
		return 0, false
	}
}
