package rowexpr

import (
	"crypto/md5" //nolint:gosec // a checksum that existing databases hold, not a safeguard
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/registrar-sync/registrar/internal/value"
)

func encodingFunctions() map[string]builtin {
	return map[string]builtin{
		"jsonencode": {cty: translated(bounded(stdlib.JSONEncodeFunc, shortJSON), textualize), gives: tText, acceptsNull: true, refuses: "the value cannot be written as JSON"},
		"jsondecode": collection(bounded(bounded(stdlib.JSONDecodeFunc, fewValues), flatJSON), tDynamic, "the text is not JSON"),
		"csvdecode":  collection(bounded(stdlib.CSVDecodeFunc, fewValues), tCollection, "the text is not CSV with a header line"),
		"md5": octetsToText(func(b []byte) string {
			sum := md5.Sum(b) //nolint:gosec // see above
			return hex.EncodeToString(sum[:])
		}),
		"sha256": octetsToText(func(b []byte) string {
			sum := sha256.Sum256(b)
			return hex.EncodeToString(sum[:])
		}),
		"base64encode": octetsToText(base64.StdEncoding.EncodeToString),
		"base64decode": {takes: []typ{tText}, gives: tText, least: 1, most: 1, one: func(v value.Value) (value.Value, error) {
			b, err := base64.StdEncoding.DecodeString(v.Str())
			if err != nil {
				return value.Value{}, errors.New("the text is not base64")
			}
			if !utf8.Valid(b) {
				return value.Value{}, errors.New("the octets are not text")
			}
			return textOf(string(b)), nil
		}},
	}
}

// octetsToText makes a function of octets, or of text in UTF-8.
func octetsToText(f func([]byte) string) builtin {
	return builtin{takes: []typ{tAny}, gives: tText, least: 1, most: 1, one: func(v value.Value) (value.Value, error) {
		if v.Kind() == value.Bytes {
			return value.OfText(f([]byte(v.Str()))), nil
		}
		s, ok := asText(v)
		if !ok {
			return value.Value{}, errNotText
		}
		return value.OfText(f([]byte(s))), nil
	}}
}
