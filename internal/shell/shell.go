// Package shell quotes words of command lines that people copy, or that schedulers run.
package shell

import "strings"

// plain are the characters that no shell gives a meaning to within a word.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:@+,"

// Quote writes a word for a POSIX shell.
func Quote(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Line writes a command line for a POSIX shell.
func Line(words []string) string { return line(words, Quote) }

// QuoteWindows writes a word for cmd.exe as programs take it apart. There is no way to write a % that names a
// variable there.
func QuoteWindows(word string) string {
	if word != "" && strings.Trim(word, plain+`\`) == "" {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for _, r := range word {
		switch r {
		case '\\':
			slashes++
		case '"':
			// Those before a quote are doubled, and the quote has one of its own.
			b.WriteString(strings.Repeat(`\`, slashes+1))
			slashes = 0
		default:
			slashes = 0
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	b.WriteByte('"')
	return b.String()
}

// LineWindows writes a command line for cmd.exe.
func LineWindows(words []string) string { return line(words, QuoteWindows) }

func line(words []string, quote func(string) string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, " ")
}
