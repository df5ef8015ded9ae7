package php

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	wholes  = regexp.MustCompile(`^(0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*|0[bB][01]+(_[01]+)*|0[oO]?[0-7]+(_[0-7]+)*|[1-9]\d*(_\d+)*|0)`)
	floats  = regexp.MustCompile(`^(\d+(_\d+)*)?\.?(\d+(_\d+)*)?([eE][+-]?\d+)?`)
	opening = regexp.MustCompile("^<<<[ \t]*(\"?)('?)([A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*)(\"?)('?)\r?\n")
)

// number reads a number, with its sign.
func (p *parser) number(v *Value) {
	sign := ""
	if p.take("-") {
		sign = "-"
	} else {
		p.take("+")
	}
	p.space()
	rest := p.rest()
	whole, float := wholes.FindString(rest), floats.FindString(rest)
	if len(float) > len(whole) && strings.ContainsAny(float, ".eE") && strings.ContainsAny(float, "0123456789") {
		v.Kind, v.Text = Float, sign+strings.ReplaceAll(float, "_", "")
		p.advance(len(float))
		return
	}
	if whole == "" {
		p.refuse()
	}
	v.Kind = Int
	digits := strings.ReplaceAll(whole, "_", "")
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '7' {
		digits = "0o" + digits[1:]
	}
	n, ok := new(big.Int).SetString(sign+digits, 0)
	if !ok || !n.IsInt64() {
		p.fail("a number of more than 64 bits", "Write it as text, in quotes.")
	}
	v.Text = n.String()
	p.advance(len(whole))
	if word := p.word(); word != "" || strings.HasPrefix(p.rest(), "_") {
		p.refuse()
	}
}

// singleQuoted reads a text in which only the quote and the backslash can be escaped.
func (p *parser) singleQuoted() string {
	var b strings.Builder
	for i := p.pos + 1; i < len(p.src); i++ {
		switch c := p.src[i]; {
		case c == '\'':
			p.advance(i + 1 - p.pos)
			return b.String()
		case c == '\\' && i+1 < len(p.src) && (p.src[i+1] == '\'' || p.src[i+1] == '\\'):
			i++
			b.WriteByte(p.src[i])
		default:
			b.WriteByte(c)
		}
	}
	p.fail("a text that does not end", "")
	return ""
}

// doubleQuoted reads a text with escapes, and refuses one that holds a variable.
func (p *parser) doubleQuoted() string {
	for i := p.pos + 1; i < len(p.src); i++ {
		switch p.src[i] {
		case '\\':
			i++
		case '"':
			text := p.unescape(p.src[p.pos+1:i], `"`)
			p.advance(i + 1 - p.pos)
			return text
		}
	}
	p.fail("a text that does not end", "")
	return ""
}

// unescape reads the inside of a text in double quotes, or of a heredoc, where quote is "".
func (p *parser) unescape(text, quote string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		named := next == '{' || next == '_' || next >= 0x80 || next|0x20 >= 'a' && next|0x20 <= 'z'
		switch {
		case c == '$' && named, c == '{' && next == '$':
			p.line += strings.Count(text[:i], "\n")
			p.fail("a variable within a text", remedy)
		case c == '\\' && next != 0:
			n := p.escape(&b, text[i+1:], quote)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	if !utf8.ValidString(b.String()) {
		p.fail("a text that is not UTF-8 once its escapes are read", "")
	}
	return b.String()
}

// escape writes what a backslash and the text behind it stand for, and returns how much of that text it read.
func (p *parser) escape(b *strings.Builder, text, quote string) int {
	simple := map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'v': '\v', 'e': 27, 'f': '\f', '\\': '\\', '$': '$'}
	if c, ok := simple[text[0]]; ok {
		b.WriteByte(c)
		return 1
	}
	if quote != "" && text[0] == quote[0] {
		b.WriteByte(text[0])
		return 1
	}
	digits := func(from, most int, of string) string {
		n := from
		for n < len(text) && n < from+most && strings.IndexByte(of, text[n]) >= 0 {
			n++
		}
		return text[from:n]
	}
	if octal := digits(0, 3, "01234567"); octal != "" {
		n, _ := strconv.ParseUint(octal, 8, 16) // at most three digits
		b.WriteByte(byte(n))
		return len(octal)
	}
	const hexadecimal = "0123456789abcdefABCDEF"
	if hex := digits(1, 2, hexadecimal); text[0] == 'x' && hex != "" {
		n, _ := strconv.ParseUint(hex, 16, 8) // at most two digits
		b.WriteByte(byte(n))
		return 1 + len(hex)
	}
	if strings.HasPrefix(text, "u{") {
		hex := digits(2, 8, hexadecimal)
		n, err := strconv.ParseUint(hex, 16, 32)
		if err != nil || n > utf8.MaxRune || !strings.HasPrefix(text[2+len(hex):], "}") {
			p.fail(`\u{…} that is no character`, "")
		}
		b.WriteRune(rune(n))
		return 3 + len(hex)
	}
	b.WriteByte('\\')
	b.WriteByte(text[0])
	return 1
}

// heredoc reads a text of whole lines: a nowdoc where its name is in single quotes.
func (p *parser) heredoc() string {
	m := opening.FindStringSubmatch(p.rest())
	if m == nil || m[1] != m[4] || m[2] != m[5] || m[1] != "" && m[2] != "" {
		p.fail("<<< without a name and a line end", "")
	}
	name, raw := m[3], m[2] != ""
	body := p.pos + len(m[0])
	lines := strings.SplitAfter(p.src[body:], "\n")
	end := body
	for i, line := range lines {
		bare := strings.TrimLeft(line, " \t")
		after, ok := strings.CutPrefix(bare, name)
		if !ok || after != "" && (after[0] == '_' || after[0] >= 0x80 || after[0]|0x20 >= 'a' && after[0]|0x20 <= 'z' || after[0] >= '0' && after[0] <= '9') {
			end += len(line)
			continue
		}
		text := p.unindent(lines[:i], line[:len(line)-len(bare)])
		if !raw {
			text = p.unescape(text, "")
		}
		p.advance(end + len(line) - len(bare) + len(name) - p.pos)
		return text
	}
	p.fail(fmt.Sprintf("a text whose end %q is missing", name), "")
	return ""
}

// unindent takes off each line what stands before the end's name, and the line end before it.
func (p *parser) unindent(lines []string, indent string) string {
	var b strings.Builder
	for i, line := range lines {
		cut, ok := strings.CutPrefix(line, indent)
		if !ok {
			if strings.TrimSpace(line) != "" {
				p.line += i + 1
				p.fail("a line of a text that is indented less than its end", "")
			}
			cut = strings.TrimLeft(line, " \t")
		}
		b.WriteString(cut)
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return strings.TrimSuffix(text, "\r")
}
