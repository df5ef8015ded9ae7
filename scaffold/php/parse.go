package php

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a file.
const (
	MaxOctets = 4 << 20
	maxDepth  = 64
	maxValues = 100_000
)

// remedy is what to do where a value is computed.
const remedy = "Nothing is evaluated here: write the value itself in a copy of the file, or leave the line out."

// Parse reads a file. Its errors are *Error.
func Parse(file string, src []byte) (v *Value, err error) {
	p := &parser{src: string(src), file: file, line: 1}
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			v, err = nil, failed
		}
	}()
	switch {
	case len(src) > MaxOctets:
		p.fail(fmt.Sprintf("the file has more than %d octets", MaxOctets), "")
	case !utf8.Valid(src):
		p.fail("the file is not in UTF-8", "Convert it first: iconv -f WINDOWS-1252 -t UTF-8 FILE")
	}
	p.src = strings.TrimPrefix(p.src, "\ufeff")
	return p.document(), nil
}

type parser struct {
	src    string
	file   string
	pos    int // in src
	line   int
	values int
}

func (p *parser) place() Place { return Place{File: p.file, Line: p.line} }

func (p *parser) fail(found, remedy string) {
	panic(&Error{At: p.place(), Found: found, Remedy: remedy})
}

func (p *parser) rest() string { return p.src[p.pos:] }

// advance passes over n octets.
func (p *parser) advance(n int) {
	p.line += strings.Count(p.src[p.pos:p.pos+n], "\n")
	p.pos += n
}

// space passes over blanks and comments.
func (p *parser) space() {
	for p.pos < len(p.src) {
		rest := p.rest()
		switch {
		case strings.ContainsRune(" \t\r\n\v\f", rune(rest[0])):
			p.advance(1)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				p.fail("a comment that does not end", "")
			}
			p.advance(end + 4)
		case strings.HasPrefix(rest, "//"), rest[0] == '#' && !strings.HasPrefix(rest, "#["):
			// It ends with the line, or with the tag.
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			if tag := strings.Index(rest[:end], "?>"); tag >= 0 {
				end = tag
			}
			p.advance(end)
		default:
			return
		}
	}
}

// take passes over text if it comes next.
func (p *parser) take(text string) bool {
	if !strings.HasPrefix(p.rest(), text) {
		return false
	}
	p.advance(len(text))
	return true
}

// word returns the name that comes next, "" for none, and leaves it there.
func (p *parser) word() string {
	rest := p.rest()
	n := 0
	for n < len(rest) && (rest[n] == '_' || rest[n] == '\\' || rest[n] >= 0x80 || rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z' || n > 0 && rest[n] >= '0' && rest[n] <= '9') {
		n++
	}
	return rest[:n]
}

// document reads the whole file.
func (p *parser) document() *Value {
	p.take("<?php")
	for {
		p.space()
		switch word := strings.ToLower(p.word()); word {
		case "return":
			p.advance(len(word))
			p.space()
			v := p.value(0)
			p.space()
			if !p.take(";") && p.rest() != "" && !strings.HasPrefix(p.rest(), "?>") {
				p.refuse()
			}
			p.space()
			if p.take("?>") {
				p.space()
			}
			if p.rest() != "" {
				p.fail("something behind the returned array", "Only the array is read: leave out what follows it.")
			}
			return v
		case "namespace", "use", "declare":
			// They name, and compute nothing.
			end := strings.IndexByte(p.rest(), ';')
			if end < 0 || strings.ContainsAny(p.src[p.pos:p.pos+end], "{}[]$'\"") {
				p.fail(fmt.Sprintf("%q is not followed by a name", word), remedy)
			}
			p.advance(end + 1)
		case "":
			if p.rest() == "" {
				p.fail("the file ends without return", "Expected: <?php return [ … ];")
			}
			p.refuse()
		default:
			p.refuse()
		}
	}
}

// value reads a literal.
func (p *parser) value(depth int) *Value {
	if p.values++; p.values > maxValues {
		p.fail(fmt.Sprintf("more than %d values", maxValues), "")
	}
	if depth > maxDepth {
		p.fail(fmt.Sprintf("arrays nested more than %d deep", maxDepth), "")
	}
	v := &Value{At: p.place()}
	rest := p.rest()
	word := p.word()
	switch {
	case rest == "":
		p.fail("the file ends where a value is expected", "")
	case rest[0] == '[':
		p.advance(1)
		p.items(v, "]", depth)
	case rest[0] == '\'':
		v.Kind, v.Text = String, p.singleQuoted()
	case rest[0] == '"':
		v.Kind, v.Text = String, p.doubleQuoted()
	case strings.HasPrefix(rest, "<<<"):
		v.Kind, v.Text = String, p.heredoc()
	case rest[0] >= '0' && rest[0] <= '9', rest[0] == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9', rest[0] == '-', rest[0] == '+':
		p.number(v)
	case strings.EqualFold(word, "array"):
		p.arrayCall(v, word, depth)
	case strings.EqualFold(word, "true"), strings.EqualFold(word, "false"):
		v.Kind, v.Bool = Bool, strings.EqualFold(word, "true")
		p.advance(len(word))
	case strings.EqualFold(word, "null"):
		p.advance(len(word))
	default:
		p.refuse()
	}
	p.space()
	p.alone()
	return v
}

// alone refuses what would compute with the value just read.
func (p *parser) alone() {
	if rest := p.rest(); rest != "" && !strings.ContainsRune(",;])", rune(rest[0])) && !strings.HasPrefix(rest, "=>") && !strings.HasPrefix(rest, "?>") {
		p.refuse()
	}
}

func (p *parser) arrayCall(v *Value, word string, depth int) {
	p.advance(len(word))
	p.space()
	if !p.take("(") {
		p.fail("array without (", remedy)
	}
	p.items(v, ")", depth)
}

// items reads an array up to its end.
func (p *parser) items(v *Value, end string, depth int) {
	v.Kind = Array
	index := map[string]int{}
	next := int64(0)
	for {
		p.space()
		if p.take(end) {
			return
		}
		at := p.place()
		item := Item{Value: p.value(depth + 1)}
		p.space()
		if p.take("=>") {
			item.Key, item.Numbered = p.keyOf(item.Value, at)
			p.space()
			item.Value = p.value(depth + 1)
			if n, err := strconv.ParseInt(item.Key, 10, 64); item.Numbered && err == nil && n >= next {
				next = n + 1
			}
		} else {
			item.Key, item.Numbered = strconv.FormatInt(next, 10), true
			next++
		}
		if _, twice := index[item.Key]; twice {
			// PHP takes the last one; who wrote both may not know.
			panic(&Error{At: at, Found: fmt.Sprintf("the key %q stands there twice", item.Key), Remedy: "Leave one of them out."})
		}
		v.set(item, index)
		p.space()
		if !p.take(",") {
			p.space()
			if !p.take(end) {
				p.refuse()
			}
			return
		}
	}
}

// keyOf makes the key of an array of a literal.
func (p *parser) keyOf(v *Value, at Place) (key string, numbered bool) {
	switch v.Kind {
	case String:
		n, err := strconv.ParseInt(v.Text, 10, 64)
		return v.Text, err == nil && strconv.FormatInt(n, 10) == v.Text
	case Int:
		return v.Text, true
	default:
		panic(&Error{At: at, Found: "a key that is neither text nor a whole number", Remedy: "Write it as text, in quotes."})
	}
}

// refuse says what stands there instead of a literal.
func (p *parser) refuse() {
	rest, word := p.rest(), p.word()
	behind := strings.TrimLeft(rest[len(word):], " \t\r\n")
	var found string
	switch {
	case rest == "":
		p.fail("the file ends too early", "")
	case rest[0] == '$':
		found = "a variable"
	case strings.HasPrefix(rest, ".."):
		found = "the operator ..."
	case rest[0] == '.':
		found = "texts joined by a point"
	case strings.HasPrefix(rest, "#["):
		found = "an attribute"
	case strings.EqualFold(word, "include"), strings.EqualFold(word, "require"), strings.EqualFold(word, "include_once"), strings.EqualFold(word, "require_once"):
		p.fail("another file is included", "Give that file's path as another argument, and leave the line out.")
	case word != "" && strings.HasPrefix(behind, "::"):
		found = "a constant of the class " + strconv.Quote(word)
	case word != "" && strings.HasPrefix(behind, "("):
		found = "the function " + strconv.Quote(word) + " is called"
	case strings.EqualFold(word, "new"), strings.EqualFold(word, "function"), strings.EqualFold(word, "fn"), strings.EqualFold(word, "static"):
		found = "an object or a function"
	case word != "":
		found = "the constant or keyword " + strconv.Quote(word)
	default:
		r, _ := utf8.DecodeRuneInString(rest)
		found = fmt.Sprintf("%q, where a literal, a comma or the array's end is expected", r)
	}
	p.fail(found, remedy)
}
