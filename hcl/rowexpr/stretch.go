package rowexpr

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/registrar-sync/registrar/internal/value"
)

// What a function may make, far above what anybody needs; it is computed before it is made.
const (
	maxText     = 16 << 20 // octets of a text that is longer than what it is made of
	maxElements = 250_000  // of a collection
	maxMixed    = 10_000   // elements of different types that are brought to one: that takes the square of them
)

var (
	errTooLong = fmt.Errorf("the text would be longer than %d MiB", maxText>>20)
	errTooMany = fmt.Errorf("there would be more than %d elements", maxElements)
)

// stretched returns an error for a text of so many octets.
func stretched(octets int) error {
	if octets > maxText {
		return errTooLong
	}
	return nil
}

// repeated returns an error where times × octets, added to what is there, are too many.
func repeated(there, times, octets int) error {
	if times > 0 && octets > maxText/times {
		return errTooLong
	}
	return stretched(there + times*octets)
}

// replaceAll is strings.ReplaceAll within bounds.
func replaceAll(s, old, with string) (value.Value, error) {
	if more := len(with) - len(old); more > 0 && len(s) > 0 {
		if err := repeated(len(s), strings.Count(s, old), more); err != nil {
			return value.Value{}, err
		}
	}
	return textOf(strings.ReplaceAll(s, old, with)), nil
}

// regexReplaceAll is re.ReplaceAllString within bounds.
func regexReplaceAll(re *regexp.Regexp, s, with string) (value.Value, error) {
	if err := fewReplacements(re, s, with); err != nil {
		return value.Value{}, err
	}
	return textOf(re.ReplaceAllString(s, with)), nil
}

func fewReplacements(re *regexp.Regexp, s, with string) error {
	// Each reference to a group yields at most the match, and all matches together are at most s.
	references := strings.Count(with, "$")
	if repeated(len(s), len(s)+1, len(with)) == nil && repeated(0, references+1, len(s)) == nil {
		return nil
	}
	matches, octets := 0, 0
	re.ReplaceAllStringFunc(s, func(match string) string {
		matches++
		octets += len(match)
		return ""
	})
	if octets > 0 && references > maxText/octets {
		return errTooLong
	}
	return repeated(len(s)-octets+references*octets, matches, len(with)-references)
}

// fewRegexReplacements bounds the cty form of regexreplace.
func fewRegexReplacements(args []cty.Value) error {
	re, err := pattern(args[1].AsString())
	if err != nil {
		return nil //nolint:nilerr // that is said by the function
	}
	return fewReplacements(re, args[0].AsString(), args[2].AsString())
}

// fewMatches bounds regexall, and fewParts split.
func fewMatches(args []cty.Value) error {
	re, err := pattern(args[0].AsString())
	if text := args[1].AsString(); err == nil && (len(text)+1)*(1+re.NumSubexp()) > maxElements {
		matches := 0
		re.ReplaceAllStringFunc(text, func(string) string {
			matches++
			return ""
		})
		return few(matches * (1 + re.NumSubexp()))
	}
	return nil
}

func fewParts(args []cty.Value) error {
	separator, text := args[0].AsString(), args[1].AsString()
	if len(text) < maxElements {
		return nil
	}
	return few(strings.Count(text, separator) + 1)
}

func few(elements int) error {
	if elements > maxElements {
		return errTooMany
	}
	return nil
}

// fewValues bounds what is read from JSON or CSV.
func fewValues(args []cty.Value) error {
	text := args[0].AsString()
	return few(strings.Count(text, ",") + strings.Count(text, "[") + strings.Count(text, "{") + strings.Count(text, "\n"))
}

// fewTogether bounds functions that put collections together, or take them out of each other.
func fewTogether(args []cty.Value) error {
	elements := 0
	for _, arg := range args {
		if n := leaves(arg, maxElements-elements); n > 0 {
			elements += n
		}
		if err := few(elements); err != nil {
			return err
		}
	}
	return nil
}

// leaves counts what flatten makes of a value; it ends beyond most.
func leaves(v cty.Value, most int) int {
	v, _ = v.Unmark()
	if t := v.Type(); !t.IsListType() && !t.IsTupleType() && !t.IsSetType() || !v.IsKnown() || v.IsNull() {
		if v.CanIterateElements() {
			return max(v.LengthInt(), 1)
		}
		return 1
	}
	n := 0
	for it := v.ElementIterator(); it.Next() && n <= most; {
		_, element := it.Element()
		n += leaves(element, most-n)
	}
	return n
}

// shortJoin bounds join.
func shortJoin(args []cty.Value) error {
	octets := 0
	for _, list := range args[1:] {
		for it := list.ElementIterator(); it.Next(); {
			_, element := it.Element()
			octets += Size(element, maxText) - ValueOctets + len(args[0].AsString())
			if err := stretched(octets); err != nil {
				return err
			}
		}
	}
	return nil
}

// shortJSON bounds jsonencode.
func shortJSON(args []cty.Value) error {
	if Size(args[0], 4*maxText) > 4*maxText {
		return errTooLong
	}
	return nil
}

// shortFormat bounds format and formatlist: the former makes one text, the latter as many as its longest list has elements.
func shortFormat(args []cty.Value) error {
	format, isText := cty.NilVal, args[0].Type() == cty.String
	lists, single, octets, longest := 1, 0, 0, 0
	for i, arg := range args {
		if i == 0 && isText {
			format = arg
			continue
		}
		size := Size(arg, maxText)
		if t := arg.Type(); (t.IsListType() || t.IsTupleType() || t.IsSetType()) && arg.IsKnown() && !arg.IsNull() {
			lists = max(lists, arg.LengthInt())
		} else {
			single += size - ValueOctets
		}
		longest = max(longest, size)
		octets += size
	}
	if format == cty.NilVal {
		return nil
	}
	verbs, widths := widthsOf(format.AsString())
	if strings.Contains(format.AsString(), "[") {
		if longest > 0 && verbs > maxText/longest {
			return errTooLong // an argument may be named again and again
		}
		octets = max(octets, verbs*longest)
	}
	if err := stretched(octets - len(args)*ValueOctets); err != nil {
		return err
	}
	return repeated(0, lists, len(format.AsString())+widths+single)
}

// widthsOf returns the number of verbs of a format, and the sum of the numbers in them.
func widthsOf(format string) (verbs, widths int) {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		verbs++
		number := 0
		for i++; i < len(format) && strings.IndexByte("0123456789.+- #[]*", format[i]) >= 0; i++ {
			if c := format[i]; c >= '0' && c <= '9' {
				number = min(number*10+int(c-'0'), maxWidth+1)
			} else {
				widths += number
				number = 0
			}
		}
		widths += number
	}
	return verbs, widths
}

// uniform makes lists and maps of tuples and objects whose elements are of one type: a conversion would compare the types of
// all of them in pairs. Where they are not of one type, there may not be many.
func uniform(v cty.Value) (cty.Value, error) {
	bare, marks := v.Unmark()
	t := bare.Type()
	if !t.IsTupleType() && !t.IsObjectType() || !bare.IsKnown() || bare.IsNull() || bare.LengthInt() < 2 {
		return v, nil
	}
	first := cty.NilType
	for it := bare.ElementIterator(); it.Next(); {
		_, element := it.Element()
		switch {
		case first == cty.NilType:
			first = element.Type()
		case !element.Type().Equals(first):
			first = cty.DynamicPseudoType
		}
		if first.HasDynamicTypes() {
			if bare.LengthInt() > maxMixed {
				return v, fmt.Errorf("more than %d elements are not of one type", maxMixed)
			}
			return v, nil
		}
	}
	if t.IsTupleType() {
		return cty.ListVal(bare.AsValueSlice()).WithMarks(marks), nil
	}
	return cty.MapVal(bare.AsValueMap()).WithMarks(marks), nil
}

// ValueOctets is about what one value takes besides its text.
const ValueOctets = 64

// Size returns about how many octets a value takes, whatever it shares with others counted again; it ends beyond most.
func Size(v cty.Value, most int) int {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return ValueOctets
	}
	switch t := v.Type(); {
	case t == cty.String:
		return ValueOctets + len(v.AsString())
	case t == cty.Number:
		// Written out, a number has as many digits as its exponent says.
		exponent := v.AsBigFloat().MantExp(nil)
		return ValueOctets + max(exponent, -exponent)/3
	case v.CanIterateElements():
		octets := ValueOctets
		for it := v.ElementIterator(); it.Next() && octets <= most; {
			key, element := it.Element()
			if key.Type() == cty.String && !t.IsSetType() {
				octets += Size(key, most) - ValueOctets
			}
			octets += Size(element, most-octets)
		}
		return octets
	default:
		return ValueOctets
	}
}

// gathered lets f take tuples and objects where it takes lists, sets and maps, as uniform makes them.
func gathered(f function.Function) function.Function {
	spec := &function.Spec{VarParam: f.VarParam()}
	open := func(p *function.Parameter) (changed bool) {
		if !p.Type.IsCollectionType() {
			return false
		}
		p.Type, p.AllowDynamicType = cty.DynamicPseudoType, true
		return true
	}
	opened := false
	for _, p := range f.Params() {
		opened = open(&p) || opened
		spec.Params = append(spec.Params, p)
	}
	if spec.VarParam != nil {
		rest := *spec.VarParam
		opened = open(&rest) || opened
		spec.VarParam = &rest
	}
	if !opened {
		return f
	}
	wanted := func(i int) cty.Type {
		if i < len(f.Params()) {
			return f.Params()[i].Type
		}
		return f.VarParam().Type
	}
	return passing(spec, f, func(i int, v cty.Value) (cty.Value, error) {
		v, err := uniform(v)
		if err != nil {
			return v, err
		}
		return convert.Convert(v, wanted(i))
	})
}
