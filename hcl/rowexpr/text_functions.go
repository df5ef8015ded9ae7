package rowexpr

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"golang.org/x/text/unicode/norm"

	"github.com/registrar-sync/registrar/internal/value"
)

// maxWidth bounds what a function pads or indents by, so that a configuration
// cannot ask for all the memory there is.
const maxWidth = 10_000

var (
	errWidth = fmt.Errorf("the width must be a whole number from 0 to %d", maxWidth)
	errWhole = errors.New("a whole number is required")
)

func textFunctions() map[string]builtin {
	return map[string]builtin{
		"upper":       standard(stdlib.UpperFunc, textToText(strings.ToUpper)),
		"lower":       standard(stdlib.LowerFunc, textToText(strings.ToLower)),
		"title":       standard(stdlib.TitleFunc, textToText(strings.Title)), //nolint:staticcheck // the reference's own definition
		"trimspace":   standard(stdlib.TrimSpaceFunc, textToText(strings.TrimSpace)),
		"chomp":       standard(stdlib.ChompFunc, textToText(chomp)),
		"strrev":      standard(stdlib.ReverseFunc, textToText(reversed)),
		"strlen":      standard(stdlib.StrlenFunc, builtin{takes: []typ{tText}, gives: tNumber, one: strlen}),
		"substr":      standard(stdlib.SubstrFunc, builtin{takes: []typ{tText, tNumber, tNumber}, gives: tText, many: substr}),
		"trimprefix":  standard(stdlib.TrimPrefixFunc, twoTextsToText(strings.TrimPrefix)),
		"trimsuffix":  standard(stdlib.TrimSuffixFunc, twoTextsToText(strings.TrimSuffix)),
		"trim":        trim(),
		"startswith":  twoTextsToBool(strings.HasPrefix),
		"endswith":    twoTextsToBool(strings.HasSuffix),
		"strcontains": twoTextsToBool(strings.Contains),
		"indent": {takes: []typ{tNumber, tText}, gives: tText, least: 2, most: 2, two: func(n, s value.Value) (value.Value, error) {
			spaces, ok := asIndex(n)
			if !ok || spaces < 0 || spaces > maxWidth {
				return value.Value{}, errWidth
			}
			return replaceAll(s.Str(), "\n", "\n"+strings.Repeat(" ", spaces))
		}},
		"lpad":     pad("0", func(s, padding string) string { return padding + s }),
		"rpad":     pad(" ", func(s, padding string) string { return s + padding }),
		"unaccent": own(textToText(unaccent)),
		"nfc":      own(textToText(norm.NFC.String)),
	}
}

// own marks a native function of fixed arity that the standard library lacks.
func own(b builtin) builtin {
	b.least, b.most = len(b.takes), len(b.takes)
	return b
}

func textToText(f func(string) string) builtin {
	return builtin{takes: []typ{tText}, gives: tText, one: func(v value.Value) (value.Value, error) {
		return textOf(f(v.Str())), nil
	}}
}

func twoTextsToText(f func(a, b string) string) builtin {
	return builtin{takes: []typ{tText, tText}, gives: tText, two: func(a, b value.Value) (value.Value, error) {
		return textOf(f(a.Str(), b.Str())), nil
	}}
}

func twoTextsToBool(f func(a, b string) bool) builtin {
	return own(builtin{takes: []typ{tText, tText}, gives: tBool, two: func(a, b value.Value) (value.Value, error) {
		return value.OfBool(f(a.Str(), b.Str())), nil
	}})
}

// trim cuts white space, or the characters given, as Terraform's function of two
// arguments does.
func trim() builtin {
	b := twoTextsToText(strings.Trim)
	b.one = textToText(strings.TrimSpace).one
	b.least, b.most = 1, 2
	return b
}

func chomp(s string) string { return strings.TrimRight(s, "\r\n") }

// oneByteEach reports whether every character of s is one byte: a CR LF is one
// character of two.
func oneByteEach(s string) bool { return isASCII(s) && strings.IndexByte(s, '\r') < 0 }

func reversed(s string) string {
	if !oneByteEach(s) {
		v, err := stdlib.Reverse(cty.StringVal(s))
		if err != nil {
			return s
		}
		return v.AsString()
	}
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func strlen(v value.Value) (value.Value, error) { return value.OfInt(int64(characters(v.Str()))), nil }

// characters counts what a reader takes for one: grapheme clusters.
func characters(s string) int {
	if oneByteEach(s) {
		return len(s)
	}
	v, err := stdlib.Strlen(cty.StringVal(s))
	if err != nil {
		return len(s)
	}
	n, _ := v.AsBigFloat().Int64()
	return int(n)
}

func substr(args []value.Value) (value.Value, error) {
	s := args[0].Str()
	offset, okOffset := asIndex(args[1])
	length, okLength := asIndex(args[2])
	if !okOffset || !okLength {
		return value.Value{}, errWhole
	}
	if !oneByteEach(s) || offset < 0 {
		v, err := stdlib.Substr(cty.StringVal(s), cty.NumberIntVal(int64(offset)), cty.NumberIntVal(int64(length)))
		if err != nil {
			return value.Value{}, errWhole
		}
		return value.OfText(v.AsString()), nil
	}
	s = s[min(offset, len(s)):]
	if length >= 0 {
		s = s[:min(length, len(s))]
	}
	return value.OfText(s), nil
}

// pad lengthens a text to a number of characters; it never shortens one.
func pad(with string, join func(s, padding string) string) builtin {
	return builtin{takes: []typ{tText, tNumber, tText}, gives: tText, least: 2, most: 3, many: func(args []value.Value) (value.Value, error) {
		s, fill := args[0].Str(), with
		width, ok := asIndex(args[1])
		if !ok || width < 0 || width > maxWidth {
			return value.Value{}, errWidth
		}
		if len(args) == 3 {
			fill = args[2].Str()
		}
		if characters(fill) != 1 {
			return value.Value{}, errors.New("the padding must be one character")
		}
		missing := width - characters(s)
		if missing <= 0 {
			return args[0], nil
		}
		// One character may be of many octets.
		if err := repeated(len(s), missing, len(fill)); err != nil {
			return value.Value{}, err
		}
		return textOf(join(s, strings.Repeat(fill, missing))), nil
	}}
}

// undecomposed are the Latin letters that Unicode does not decompose.
var undecomposed = strings.NewReplacer(
	"œ", "oe", "Œ", "OE", "æ", "ae", "Æ", "AE", "ß", "ss", "ẞ", "SS", "ø", "o", "Ø", "O",
	"ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ð", "d", "Ð", "D", "þ", "th", "Þ", "TH", "ı", "i",
)

func unaccent(s string) string {
	if isASCII(s) {
		return s
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
	return undecomposed.Replace(norm.NFC.String(bare))
}
