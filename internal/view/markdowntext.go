package view

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// inCode returns text from elsewhere for the middle of a line of Markdown: as code, in which no platform looks for
// mentions, references, links or emphasis. It is fit for a cell of a table, too.
func inCode(text string) string {
	text = OneLine(text)
	if text == "" {
		text = " "
	}
	// Backslashes and bars mean something in cells, backticks would end the code.
	if strings.ContainsAny(text, "`|\\<>&") {
		return htmlCode(text)
	}
	return "`" + text + "`"
}

// htmlCode is inCode for the middle of a line of HTML within Markdown: of it nothing is left but letters, digits, blanks and
// characters beyond ASCII.
func htmlCode(text string) string {
	var out strings.Builder
	out.WriteString("<code>")
	for _, r := range OneLine(text) {
		switch {
		case r == ' ', r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= utf8.RuneSelf:
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, "&#%d;", r)
		}
	}
	out.WriteString("</code>")
	return out.String()
}

// plainTitle returns a title as it is, where no platform could take a part of it for anything else; otherwise as
// code.
func plainTitle(text string) string {
	plain := func(r rune) bool {
		return r == ' ' || r == ',' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return inCode(text)
	}
	return text
}

// inFence returns text from elsewhere for a line of a fenced block, behind a character of ours: it holds no fence, and nothing
// that who looks for the hidden mark in the raw text takes for it.
func inFence(text string) string {
	for _, one := range []struct{ what, instead string }{{"```", "``\\x60"}, {"~~~", `~~\x7e`}, {"<!--", `<\x21--`}} {
		text = strings.ReplaceAll(text, one.what, one.instead)
	}
	return OneLine(text)
}

// fencedMark is what lines of an operation begin with in a diff block, where ~ has no colour.
func fencedMark(symbol string) string {
	if symbol == "+" || symbol == "-" {
		return symbol
	}
	return "!"
}
