package sqlgen

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lexis says what an engine takes for comments, strings and quoted names. Where it
// differs from what the engine does, text that is checked as a string may be run.
//
// Every engine knows '…' and "…" with doubled quotes, -- and /* */. With
// the zero Lexis what is listed here is refused or stands for itself.
type Lexis struct {
	NestedComments bool // a /* within a comment needs a */ of its own
	Backticks      bool // `name`, with doubled backticks; else refused
	Brackets       bool // [name], up to the first ]; else a subscript
	DollarQuotes   bool // $$…$$ and $tag$…$tag$; else refused
	EscapeStrings  bool // E'…' with backslashes besides doubled quotes; else E is a word
	Casts          bool // value::type; else refused
	Operators      bool // ?, @ and # are operators; else they begin variables, and are refused
	Backslashes    bool // '…' and "…" with backslash escapes besides doubled quotes; else a backslash is a character
	HashComments   bool // # begins a comment, too; else see Operators
	// SpacedDashes: -- begins a comment only before a blank, and is two minuses otherwise, which
	// is refused.
	SpacedDashes bool
	// ExecutableComments: what stands in /*! … */ or /*M! … */ may be run; it is refused.
	ExecutableComments bool
}

// CheckSelect returns an error unless query is a single SELECT (or WITH … SELECT)
// statement. It looks at words, outside strings and comments, and is no substitute
// for the read-only transaction that source queries run in. What engines, their
// versions or their settings read in different ways is refused too.
func CheckSelect(query string, lexis Lexis) error {
	first := ""
	ended := false
	err := scan(query, lexis, func(token string, kind tokenKind) error {
		switch {
		case kind == comment || kind == blank || ended && token == ";":
			return nil
		case ended:
			return errors.New("it holds more than one statement")
		case first == "" && token == "(":
			return nil
		case first == "":
			first = upper(token)
			if first != "SELECT" && first != "WITH" {
				if kind != word {
					return fmt.Errorf("it begins with %q", token)
				}
				return fmt.Errorf("it begins with %s", first)
			}
			return nil
		case token == ";":
			ended = true
			return nil
		case kind != word:
			return nil
		}
		switch keyword := upper(token); keyword {
		case "INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "EXEC", "EXECUTE", "CALL", "TRUNCATE", "DROP", "ALTER", "CREATE", "GRANT",
			"ATTACH", "DETACH", "PRAGMA", "VACUUM":
			return fmt.Errorf("it contains the keyword %s (quote it if it is a column's name)", keyword)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if first == "" {
		return errors.New("it is empty")
	}
	return nil
}

// CheckHook returns an error unless statement is a single INSERT, UPDATE, DELETE, MERGE,
// SELECT or CALL (or WITH … one of these), so that it neither ends the transaction it runs in
// nor changes the schema, the session or the files attached. It looks at words, as
// CheckSelect does, also where a semicolon would be needed: not every engine asks for one.
func CheckHook(statement string, lexis Lexis) error {
	first := ""
	ended := false
	intos := 0 // that an INSERT or MERGE before allows
	err := scan(statement, lexis, func(token string, kind tokenKind) error {
		switch {
		case kind == comment || kind == blank || ended && token == ";":
			return nil
		case ended:
			return errors.New("it holds more than one statement")
		case kind == parameter:
			return fmt.Errorf("it holds %s, and a hook has no parameters", token)
		case token == ";" && first != "":
			ended = true
			return nil
		}
		keyword := ""
		if kind == word {
			keyword = upper(token)
		}
		if first == "" {
			switch keyword {
			case "INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "CALL", "WITH":
				first = keyword
			case "":
				return fmt.Errorf("it begins with %q", token)
			default:
				return fmt.Errorf("it begins with %s", keyword)
			}
		}
		switch keyword {
		case "INSERT", "MERGE":
			intos++
		case "INTO":
			// SELECT … INTO makes a table.
			if intos--; intos < 0 {
				return errors.New("it contains the keyword INTO without INSERT or MERGE")
			}
		case "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "TRAN", "TRANSACTION", "EXEC", "EXECUTE", "TRUNCATE", "DROP", "ALTER", "CREATE",
			"GRANT", "REVOKE", "ATTACH", "DETACH", "PRAGMA", "VACUUM":
			return fmt.Errorf("it contains the keyword %s (quote it if it is a column's name)", keyword)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if first == "" {
		return errors.New("it is empty")
	}
	return nil
}

// upper changes ASCII letters only, as engines do to find keywords.
func upper(word string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, word)
}

// BindNamed replaces each :name of query by placeholder(n, name), where n counts
// the uses from 1, and returns the names in that order. Strings, quoted names and
// casts are left alone. Comments become as many blanks, so that an engine sees none
// and its positions hold; trailing semicolons, and what follows, are cut off. What
// CheckSelect refuses is an error here as well.
func BindNamed(query string, lexis Lexis, placeholder func(n int, name string) string) (text string, names []string, err error) {
	if err := CheckSelect(query, lexis); err != nil {
		return "", nil, err
	}
	var out strings.Builder
	ended := false
	err = scan(query, lexis, func(token string, kind tokenKind) error {
		ended = ended || token == ";"
		switch {
		case ended:
		case kind == comment:
			out.WriteString(strings.Map(blankOut, token))
		case kind == parameter:
			names = append(names, token[1:])
			out.WriteString(placeholder(len(names), token[1:]))
		default:
			out.WriteString(token)
		}
		return nil
	})
	return out.String(), names, err
}

// blankOut leaves lines where they are: some engines count them.
func blankOut(r rune) rune {
	if r == '\n' {
		return r
	}
	return ' '
}

// Word is a word of a query: a keyword, a name, or what is called.
type Word struct {
	// Text is in upper case, as far as it is ASCII, and without quotes.
	Text   string
	Called bool // a ( follows
}

// Words returns what of a query stands outside of strings and comments, and is neither a number, a
// parameter nor a symbol. Of what is quoted it returns only what is called. It is for checks besides
// CheckSelect, which must have found nothing wrong with the query.
func Words(query string, lexis Lexis) ([]Word, error) {
	var words []Word
	var before tokenKind // of the token before that is no blank
	err := scan(query, lexis, func(token string, kind tokenKind) error {
		if kind == blank || kind == comment {
			return nil
		}
		called := token == "("
		switch {
		case called && (before == word || before == quoted):
			words[len(words)-1].Called = true
		case before == quoted:
			words = words[:len(words)-1]
		}
		switch kind {
		case word:
			words = append(words, Word{Text: upper(token)})
		case quoted:
			words = append(words, Word{Text: upper(token[1 : len(token)-1])})
		default:
		}
		before = kind
		return nil
	})
	if before == quoted {
		words = words[:len(words)-1]
	}
	return words, err
}

type tokenKind int

const (
	blank tokenKind = iota
	comment
	word
	number
	quoted  // a string or a quoted name
	escaped // a string with backslash escapes
	parameter
	symbol
)

// scan cuts SQL text into tokens whose concatenation is the text again. No token
// but a symbol is ";".
func scan(query string, lexis Lexis, visit func(token string, kind tokenKind) error) error {
	switch {
	case strings.IndexByte(query, 0) >= 0:
		return errors.New("it holds a NUL character")
	case !utf8.ValidString(query):
		return errors.New("it is not UTF-8")
	}
	before := blank // the kind of the token before
	text := blank   // the kind of the token before that is neither blank nor comment
	for rest := query; rest != ""; {
		n, kind, err := lexis.next(rest)
		if err != nil {
			return err
		}
		token := rest[:n]
		switch {
		case kind == parameter && before != blank && before != comment && before != symbol:
			return fmt.Errorf("%s follows without a blank: write one before it if it is a parameter, and behind the colon if not", token)
		case text == escaped && token[0] == '\'':
			// On a line of its own it would be continued, with its backslashes.
			return errors.New("a string follows an E'…' string: join them with ||")
		}
		if err := visit(token, kind); err != nil {
			return err
		}
		before = kind
		if kind != blank && kind != comment {
			text = kind
		}
		rest = rest[n:]
	}
	return nil
}

func (l Lexis) next(s string) (length int, kind tokenKind, err error) {
	switch c := s[0]; {
	case strings.HasPrefix(s, "--"):
		if l.SpacedDashes && len(s) > 2 && !isBlank(s[2]) {
			return 0, 0, errors.New("it holds -- without a blank behind it, which is a comment for some engines and two minuses for others")
		}
		return lineComment(s)
	case c == '#' && l.HashComments:
		return lineComment(s)
	case l.ExecutableComments && (strings.HasPrefix(s, "/*!") || strings.HasPrefix(s, "/*M!")):
		return 0, 0, errors.New("it holds a comment that the server would run (/*! … */): write its content as part of the query, or leave it out")
	case strings.HasPrefix(s, "/*"):
		return l.blockComment(s)
	case c == '\'' || c == '"' || c == '`' && l.Backticks:
		n, err := quotedLength(s, l.Backslashes && c != '`')
		return n, quoted, err
	case c == '[' && l.Brackets:
		if i := strings.IndexByte(s, ']'); i >= 0 {
			return i + 1, quoted, nil
		}
		return 0, 0, errors.New("a [ is not closed")
	case c == '$':
		n, err := l.dollarQuote(s)
		return n, quoted, err
	case c == ':':
		return l.colon(s)
	case isBlank(c):
		return 1, blank, nil
	case isDigit(c):
		n, err := numberLength(s)
		return n, number, err
	case isWordByte(c):
		return l.word(s)
	case c < ' ' || c == 0x7f:
		return 0, 0, fmt.Errorf("it holds the character U+%04X", c)
	case c == '`' || (c == '?' || c == '@' || c == '#') && !l.Operators:
		return 0, 0, fmt.Errorf("it holds a %c, which has no meaning here (a parameter is written :name)", c)
	default:
		return 1, symbol, nil
	}
}

func lineComment(s string) (int, tokenKind, error) {
	n := strings.IndexByte(s, '\n')
	if n < 0 {
		n = len(s)
	}
	if strings.Contains(strings.TrimSuffix(s[:n], "\r"), "\r") {
		return 0, 0, errors.New("a comment holds a carriage return, where it ends for some engines")
	}
	return n, comment, nil
}

func (l Lexis) blockComment(s string) (int, tokenKind, error) {
	depth := 1
	for i := 2; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			if l.NestedComments {
				depth++
				i++
			}
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1, comment, nil
			}
		}
	}
	return 0, 0, errors.New("a comment is not closed")
}

// colon is at a parameter, a cast or a colon.
func (l Lexis) colon(s string) (int, tokenKind, error) {
	switch {
	case l.Casts && strings.HasPrefix(s, "::"):
		return 2, symbol, nil
	case len(s) > 1 && isWordByte(s[1]) && !isDigit(s[1]) && s[1] != '$':
		n := 1 + wordLength(s[1:])
		return n, parameter, checkWord(s[1:n])
	case l.Casts:
		return 1, symbol, nil // of a slice
	default:
		return 0, 0, errors.New("it holds a : that no name follows")
	}
}

func (l Lexis) word(s string) (int, tokenKind, error) {
	n := wordLength(s)
	if l.EscapeStrings && (s[:n] == "E" || s[:n] == "e") && n < len(s) && s[n] == '\'' {
		length, err := quotedLength(s[n:], true)
		return n + length, escaped, err
	}
	return n, word, checkWord(s[:n])
}

// checkWord refuses what looks like a blank or is not seen at all; engines take it
// for part of a name, or skip it.
func checkWord(word string) error {
	for _, r := range word {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return fmt.Errorf("it holds the character U+%04X outside of quotes", r)
		}
	}
	return nil
}

// quotedLength is up to the first quote that is neither doubled nor escaped.
func quotedLength(s string, backslashes bool) (int, error) {
	for i := 1; i < len(s); i++ {
		switch {
		case backslashes && s[i] == '\\':
			i++
		case s[i] != s[0]:
		case i+1 < len(s) && s[i+1] == s[0]:
			i++
		default:
			return i + 1, nil
		}
	}
	return 0, errors.New("a quote is not closed")
}

func (l Lexis) dollarQuote(s string) (int, error) {
	tag := dollarTag(s)
	if !l.DollarQuotes || tag == "" {
		return 0, errors.New("it holds a $, which has no meaning here (a parameter is written :name)")
	}
	if i := strings.Index(s[len(tag):], tag); i >= 0 {
		return i + 2*len(tag), nil
	}
	return 0, errors.New("a dollar quote is not closed")
}

func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !isWordByte(s[i]) || i == 1 && isDigit(s[i]):
			return ""
		}
	}
	return ""
}

// numberLength is the length of a number. What a number runs into belongs to it for
// some engines, and is a word or the prefix of a string for others.
func numberLength(s string) (int, error) {
	n := digits(s)
	switch {
	case s[0] == '0' && len(s) > 2 && strings.IndexByte("xXoObB", s[1]) >= 0 && isHex(s[2]):
		for n = 2; n < len(s) && isHex(s[n]); {
			n++
		}
	default:
		if n < len(s) && s[n] == '.' {
			n++
			n += digits(s[n:])
		}
		if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
			exponent := n + 1
			if exponent < len(s) && (s[exponent] == '+' || s[exponent] == '-') {
				exponent++
			}
			if d := digits(s[exponent:]); d > 0 {
				n = exponent + d
			}
		}
	}
	if n < len(s) && (isWordByte(s[n]) || s[n] == '\'' || s[n] == '"') {
		return 0, fmt.Errorf("the number %s runs into what follows it: write a blank between them", s[:n])
	}
	return n, nil
}

func digits(s string) int {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return i
		}
	}
	return len(s)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// isWordByte tells what names are made of. To engines that is every character
// beyond ASCII.
func isWordByte(c byte) bool {
	return c == '_' || c == '$' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf
}

func wordLength(s string) int {
	for i := range len(s) {
		if !isWordByte(s[i]) {
			return i
		}
	}
	return len(s)
}
