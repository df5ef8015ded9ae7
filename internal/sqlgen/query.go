package sqlgen

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckSelect returns an error unless query is a single SELECT (or WITH … SELECT)
// statement. It looks at words, outside strings and comments, and is no substitute
// for the read-only transaction that source queries run in.
func CheckSelect(query string) error {
	first := ""
	ended := false
	err := scan(query, func(token string, kind tokenKind) error {
		switch {
		case kind == comment || kind == blank || ended && token == ";":
			return nil
		case ended:
			return errors.New("it holds more than one statement")
		case token == ";":
			ended = true
			return nil
		case kind != word:
			if first == "" && token != "(" {
				return fmt.Errorf("it begins with %q", token)
			}
			return nil
		}
		upper := strings.ToUpper(token)
		if first == "" {
			first = upper
			if first != "SELECT" && first != "WITH" {
				return fmt.Errorf("it begins with %s", first)
			}
			return nil
		}
		switch upper {
		case "INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "EXEC", "EXECUTE", "CALL", "TRUNCATE", "DROP", "ALTER", "CREATE", "GRANT":
			return fmt.Errorf("it contains the keyword %s (quote it if it is a column's name)", upper)
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

// BindNamed replaces each :name of query by placeholder(n, name), where n counts
// the uses from 1, and returns the names in that order. Strings, quoted names, comments
// and PostgreSQL's :: casts are left alone. Trailing semicolons are cut off.
func BindNamed(query string, placeholder func(n int, name string) string) (text string, names []string, err error) {
	var out strings.Builder
	err = scan(query, func(token string, kind tokenKind) error {
		switch {
		case kind == parameter:
			names = append(names, token[1:])
			out.WriteString(placeholder(len(names), token[1:]))
		case token == ";" && kind == symbol:
		default:
			out.WriteString(token)
		}
		return nil
	})
	return out.String(), names, err
}

type tokenKind int

const (
	blank tokenKind = iota
	comment
	word
	quoted // a string or a quoted name
	parameter
	symbol
)

// scan cuts SQL text into tokens whose concatenation is the text again.
func scan(query string, visit func(token string, kind tokenKind) error) error {
	for rest := query; rest != ""; {
		n, kind, err := next(rest)
		if err != nil {
			return err
		}
		if err := visit(rest[:n], kind); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func next(s string) (length int, kind tokenKind, err error) {
	switch {
	case strings.HasPrefix(s, "--"):
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			return i, comment, nil
		}
		return len(s), comment, nil
	case strings.HasPrefix(s, "/*"):
		return blockComment(s)
	case s[0] == '\'' || s[0] == '"' || s[0] == '`':
		return quotedLength(s, s[0], "a quote is not closed")
	case strings.HasPrefix(s, "::"):
		return 2, symbol, nil
	case s[0] == ':' && len(s) > 1 && isWordStart(rune(s[1])):
		return 1 + wordLength(s[1:]), parameter, nil
	case s[0] == '$':
		if tag := dollarTag(s); tag != "" {
			if i := strings.Index(s[len(tag):], tag); i >= 0 {
				return i + 2*len(tag), quoted, nil
			}
			return 0, 0, errors.New("a dollar quote is not closed")
		}
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsSpace(r):
		return size, blank, nil
	case isWordStart(r) || unicode.IsDigit(r):
		n := wordLength(s)
		// E'…' is PostgreSQL's string with backslash escapes.
		if (s[:n] == "E" || s[:n] == "e") && n < len(s) && s[n] == '\'' {
			length, err := escapedLength(s[n:])
			return n + length, quoted, err
		}
		return n, word, nil
	default:
		return size, symbol, nil
	}
}

func blockComment(s string) (int, tokenKind, error) {
	// PostgreSQL and SQL Server nest comments.
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
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

func quotedLength(s string, quote byte, message string) (int, tokenKind, error) {
	for i := 1; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			i++
			continue
		}
		return i + 1, quoted, nil
	}
	return 0, 0, errors.New(message)
}

func escapedLength(s string) (int, error) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			return i + 1, nil
		}
	}
	return 0, errors.New("a quote is not closed")
}

func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		if s[i] == '$' {
			return s[:i+1]
		}
		if !isWordStart(rune(s[i])) && (i == 1 || !unicode.IsDigit(rune(s[i]))) {
			return ""
		}
	}
	return ""
}

func isWordStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func wordLength(s string) int {
	for i, r := range s {
		if !isWordStart(r) && !unicode.IsDigit(r) && r != '$' && r != '#' {
			return i
		}
	}
	return len(s)
}
