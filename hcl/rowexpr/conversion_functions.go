package rowexpr

import (
	"errors"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/value"
)

func conversionFunctions() map[string]builtin {
	return map[string]builtin{
		"tostring":  standard(conversion(cty.String), builtin{takes: []typ{tText}, gives: tText, one: asIs}),
		"tonumber":  standard(conversion(cty.Number), numberToNumber(func(v value.Value) (value.Value, error) { return normalNumber(v), nil })),
		"tobool":    standard(conversion(cty.Bool), builtin{takes: []typ{tBool}, gives: tBool, one: asIs}),
		"to_text":   {takes: []typ{tAny}, gives: tText, least: 1, most: 1, one: toText},
		"to_number": {takes: []typ{tText, tBool}, gives: tNumber, least: 1, most: 2, many: toNumber},
		"tolist":    collection(translated(conversion(cty.List(cty.DynamicPseudoType)), uniform), tCollection, "the elements are not of one type"),
		"toset":     collection(translated(conversion(cty.Set(cty.DynamicPseudoType)), uniform), tCollection, "the elements are not of one type"),
		"tomap":     collection(translated(conversion(cty.Map(cty.DynamicPseudoType)), uniform), tCollection, "the elements are not of one type"),
	}
}

// asIs serves functions that do nothing but convert their argument.
func asIs(v value.Value) (value.Value, error) { return v, nil }

// toText also accepts octets, which it writes as \x and hexadecimal digits.
func toText(v value.Value) (value.Value, error) {
	if s, ok := asText(v); ok {
		return textOf(s), nil
	}
	return value.OfText(v.Text()), nil
}

var errNumberText = errors.New("the text is not a number")

// toNumber reads a number as people write it: with a decimal comma, and with blanks,
// apostrophes or points between groups of three digits, if the second argument is true.
func toNumber(args []value.Value) (value.Value, error) {
	text := strings.TrimSpace(args[0].Str())
	if len(args) == 2 && args[1].Bool() {
		whole, fraction, comma := strings.Cut(text, ",")
		whole, ok := ungrouped(whole)
		if !ok || strings.ContainsAny(fraction, ".,eE") || comma && fraction == "" {
			return value.Value{}, errNumberText
		}
		text = whole
		if comma {
			text += "." + fraction
		}
	}
	v, err := value.ParseDecimal(text)
	if err != nil || !isFinite(v) || len(text) > 1000 {
		return value.Value{}, errNumberText
	}
	return normalNumber(v), nil
}

// ungrouped removes the marks between groups of three digits.
func ungrouped(whole string) (string, bool) {
	for _, mark := range []string{" ", "\u00a0", "\u202f", "'", "’", "."} {
		if !strings.Contains(whole, mark) {
			continue
		}
		groups := strings.Split(whole, mark)
		for i, group := range groups {
			digits := group
			if i == 0 {
				digits = strings.TrimLeft(group, "+-")
			}
			if digits == "" || len(digits) > 3 || i > 0 && len(digits) != 3 || strings.Trim(digits, "0123456789") != "" {
				return "", false
			}
		}
		return strings.Join(groups, ""), true
	}
	return whole, !strings.ContainsAny(whole, "eE")
}
