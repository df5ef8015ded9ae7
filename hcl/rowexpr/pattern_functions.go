package rowexpr

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/internal/value"
)

var errNoMatch = errors.New("the pattern does not match")

func patternFunctions() map[string]builtin {
	return map[string]builtin{
		"replace":      own(builtin{takes: []typ{tText, tText, tText}, gives: tText, many: replace, prepare: prepareReplace}),
		"regexreplace": standard(bounded(stdlib.RegexReplaceFunc, fewRegexReplacements), builtin{takes: []typ{tText, tText, tText}, gives: tText, many: regexReplace, prepare: prepareRegexReplace}),
		"regex": standard(stdlib.RegexFunc, builtin{
			takes: []typ{tText, tText}, gives: tDynamic, two: noNative, prepare: prepareRegex,
			refuses: "the pattern does not match, or is not one",
		}),
		"regexall": collection(bounded(stdlib.RegexAllFunc, fewMatches), tCollection, "the pattern is not a regular expression"),
	}
}

// noNative stands where only prepare can tell what the native form is.
func noNative(_, _ value.Value) (value.Value, error) { return value.Value{}, errArity }

// pattern compiles a regular expression; the error does not repeat it, because it may
// come from a row.
func pattern(text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		if bad, ok := errors.AsType[*syntax.Error](err); ok {
			return nil, fmt.Errorf("the pattern is not a regular expression: %s", bad.Code)
		}
		return nil, errors.New("the pattern is not a regular expression")
	}
	return re, nil
}

// slashed returns the regular expression in /…/, as Terraform's replace reads it.
func slashed(search string) (string, bool) {
	if len(search) > 1 && search[0] == '/' && search[len(search)-1] == '/' {
		return search[1 : len(search)-1], true
	}
	return "", false
}

func replace(args []value.Value) (value.Value, error) {
	if expr, ok := slashed(args[1].Str()); ok {
		re, err := pattern(expr)
		if err != nil {
			return value.Value{}, err
		}
		return regexReplaceAll(re, args[0].Str(), args[2].Str())
	}
	return replaceAll(args[0].Str(), args[1].Str(), args[2].Str())
}

func prepareReplace(b builtin, args []node) (builtin, error) {
	if args[1].constant == nil || args[1].isNull() {
		return b, nil
	}
	expr, ok := slashed(args[1].constant.one.Str())
	if !ok {
		return b, nil
	}
	return withPattern(b, expr)
}

func regexReplace(args []value.Value) (value.Value, error) {
	re, err := pattern(args[1].Str())
	if err != nil {
		return value.Value{}, err
	}
	return regexReplaceAll(re, args[0].Str(), args[2].Str())
}

func prepareRegexReplace(b builtin, args []node) (builtin, error) {
	if args[1].constant == nil || args[1].isNull() {
		return b, nil
	}
	return withPattern(b, args[1].constant.one.Str())
}

func withPattern(b builtin, expr string) (builtin, error) {
	re, err := pattern(expr)
	if err != nil {
		return b, err
	}
	b.many = func(args []value.Value) (value.Value, error) {
		return regexReplaceAll(re, args[0].Str(), args[2].Str())
	}
	return b, nil
}

// prepareRegex makes a native form for a constant pattern without groups; any other
// yields a collection, or what only the row tells.
func prepareRegex(b builtin, args []node) (builtin, error) {
	b.two = nil
	if args[0].constant == nil || args[0].isNull() {
		return b, nil
	}
	re, err := pattern(args[0].constant.one.Str())
	if err != nil {
		return b, err
	}
	if re.NumSubexp() > 0 {
		b.gives = tCollection
		return b, nil
	}
	b.gives = tText
	b.two = func(_, s value.Value) (value.Value, error) {
		span := re.FindStringIndex(s.Str())
		if span == nil {
			return value.Value{}, errNoMatch
		}
		return textOf(s.Str()[span[0]:span[1]]), nil
	}
	return b, nil
}
