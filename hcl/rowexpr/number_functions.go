package rowexpr

import (
	"errors"
	"math/big"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/internal/value"
)

func numberFunctions() map[string]builtin {
	return map[string]builtin{
		"abs": standard(stdlib.AbsoluteFunc, numberToNumber(func(v value.Value) (value.Value, error) {
			if compareNumbers(v, value.OfInt(0)) < 0 {
				return negate(v)
			}
			return normalNumber(v), nil
		})),
		"ceil": standard(stdlib.CeilFunc, numberToNumber(func(v value.Value) (value.Value, error) {
			return whole(v, (*apd.Context).Ceil)
		})),
		"floor": standard(stdlib.FloorFunc, numberToNumber(func(v value.Value) (value.Value, error) {
			return whole(v, (*apd.Context).Floor)
		})),
		"signum": own(numberToNumber(func(v value.Value) (value.Value, error) {
			return value.OfInt(int64(compareNumbers(v, value.OfInt(0)))), nil
		})),
		"min":      standard(stdlib.MinFunc, extreme(-1)),
		"max":      standard(stdlib.MaxFunc, extreme(1)),
		"round":    {takes: []typ{tNumber}, gives: tNumber, least: 1, most: 2, many: round},
		"parseint": {takes: []typ{tText, tNumber}, gives: tNumber, least: 2, most: 2, two: parseInt},
	}
}

func numberToNumber(f func(value.Value) (value.Value, error)) builtin {
	return builtin{takes: []typ{tNumber}, gives: tNumber, one: f}
}

// extreme returns the argument that compares to all others with this sign.
func extreme(sign int) builtin {
	return builtin{takes: []typ{tNumber}, gives: tNumber, least: 1, most: -1, many: func(args []value.Value) (value.Value, error) {
		best := args[0]
		for _, arg := range args[1:] {
			if compareNumbers(arg, best) == sign {
				best = arg
			}
		}
		return normalNumber(best), nil
	}}
}

// round rounds half away from zero.
func round(args []value.Value) (value.Value, error) {
	places := 0
	if len(args) == 2 {
		var ok bool
		if places, ok = asIndex(args[1]); !ok || places < -1000 || places > 1000 {
			return value.Value{}, errors.New("the number of decimals must be a whole number")
		}
	}
	return roundTo(args[0], int32(places))
}

func parseInt(text, base value.Value) (value.Value, error) {
	b, ok := asIndex(base)
	if !ok || b < 2 || b > 62 {
		return value.Value{}, errors.New("the base must be a whole number from 2 to 62")
	}
	n, ok := new(big.Int).SetString(text.Str(), b)
	if !ok || len(text.Str()) > 1000 || strings.Contains(text.Str(), "_") {
		return value.Value{}, errors.New("the text is not a whole number in this base")
	}
	if n.IsInt64() {
		return value.OfInt(n.Int64()), nil
	}
	return value.ParseDecimal(n.String())
}
