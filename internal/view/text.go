package view

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxValue is how many characters of a value are shown.
const maxValue = 200

// quoted returns text as a string literal. What cannot be seen, such as control
// characters, directional marks or a no-break space, is written as an escape:
// two values that differ never look alike because of it. full is the text's whole
// length in characters where it was cut before, otherwise 0.
func quoted(text string, full int) string {
	if full == 0 {
		// Most texts need no counting: a character has at least one octet.
		if len(text) <= maxValue {
			return strconv.Quote(text)
		}
		full = utf8.RuneCountInString(text)
	}
	shown := firstRunes(text, maxValue)
	if len(shown) == len(text) && full <= maxValue {
		return strconv.Quote(text)
	}
	return strings.TrimSuffix(strconv.Quote(shown), `"`) + `…" (` + plural(int64(full), "character") + ")"
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// Clean makes text from elsewhere harmless: control characters but newline and
// tab, directional and other invisible marks become escapes.
func Clean(text string) string {
	if !strings.ContainsFunc(text, isUnsafe) && utf8.ValidString(text) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 || isUnsafe(r) {
			out.WriteString(escape(text[i : i+size]))
		} else {
			out.WriteString(text[i : i+size])
		}
		i += size
	}
	return out.String()
}

func isUnsafe(r rune) bool {
	if r >= ' ' && r < 0x7f {
		return false // nearly all
	}
	return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
}

func escape(s string) string {
	literal := strconv.QuoteToASCII(s)
	return literal[1 : len(literal)-1]
}

// OneLine is Clean for names that belong on one line.
func OneLine(text string) string {
	if !strings.ContainsAny(text, "\n\t") {
		return Clean(text)
	}
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(Clean(text))
}

// asciiControls escapes, within JSON text, the characters that encoding/json lets
// through and a terminal would act upon. They only occur inside strings, where an
// escape means the same.
func asciiControls(text []byte) []byte {
	if !bytes.ContainsFunc(text, isUnsafe) {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		switch {
		case !isUnsafe(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = appendUnicodeEscape(appendUnicodeEscape(out, high), low)
		default:
			out = appendUnicodeEscape(out, r)
		}
	}
	return out
}

func appendUnicodeEscape(out []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
