package mssql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/providers"
)

// In T-SQL a statement ends where it can: SELECT 1 DELETE FROM t is two. So the words with which a
// statement begins are refused wherever they stand; nearly all of them are reserved, so that nothing else
// can be called so without quotes. Then what writes, or reads elsewhere, from within a SELECT; and the
// hints that make a read skip rows, or block others.

// statements begin a statement, or change what the session or the transaction is.
var statements = []string{
	"ADD", "ALTER", "BACKUP", "BEGIN", "BREAK", "BULK", "CALL", "CHECKPOINT", "CLOSE", "COMMIT", "CONTINUE", "CREATE", "DBCC", "DEALLOCATE", "DECLARE",
	"DELETE", "DENY", "DISABLE", "DROP", "DUMP", "ENABLE", "EXEC", "EXECUTE", "GOTO", "GRANT", "IF", "INSERT", "INTO", "KILL", "LINENO", "LOAD",
	"MERGE", "OPEN", "PRINT", "PROC", "PROCEDURE", "RAISERROR", "READTEXT", "RECEIVE", "RECONFIGURE", "RESTORE", "RETURN", "REVERT", "REVOKE", "ROLLBACK",
	"SAVE", "SET", "SETUSER", "SHUTDOWN", "THROW", "TRAN", "TRANSACTION", "TRIGGER", "TRUNCATE", "UPDATE", "UPDATETEXT", "WAITFOR", "WHILE", "WRITETEXT",
}

// refused are other words, each with the reason.
var refused = map[string]string{
	"OPENROWSET": "reads files and other servers", "OPENQUERY": "runs anything on another server", "OPENDATASOURCE": "reads other servers",
	"CONVERSATION": "changes a queue", "COMPUTE": "yields results of another form among the rows",
	"NOLOCK": "may skip rows that are there, which would then be taken for removed", "READUNCOMMITTED": "may skip rows that are there, which would then be taken for removed",
	"READPAST": "skips the rows that somebody works on, which would then be taken for removed",
	"UPDLOCK":  "keeps others from writing", "XLOCK": "keeps others from working", "TABLOCK": "keeps others from writing", "TABLOCKX": "keeps others from working",
	"HOLDLOCK": "keeps others from writing", "SERIALIZABLE": "keeps others from writing", "REPEATABLEREAD": "keeps others from writing",
	"TABLESAMPLE":       "reads some of the rows, and the others would be taken for removed",
	"FN_TRACE_GETTABLE": readsFiles, "FN_XE_FILE_TARGET_READ_FILE": readsFiles, "FN_XE_TELEMETRY_BLOB_TARGET_READ_FILE": readsFiles, "FN_GET_AUDIT_FILE": readsFiles,
	"FN_GET_AUDIT_FILE_V2": readsFiles, "FN_DUMP_DBLOG": readsFiles, "DM_OS_FILE_EXISTS": readsFiles, "DM_OS_ENUMERATE_FILESYSTEM": readsFiles,
	"FN_MSXE_READ_EVENT_STREAM": "waits for events", "AI_GENERATE_EMBEDDINGS": "calls other servers",
}

const readsFiles = "reads the server's files"

// CheckQuery implements sqlsource.Engine.
func (engine) CheckQuery(text string) error {
	tokens, err := tokens(text)
	if err != nil {
		return err
	}
	at := func(i int) string {
		if i < 0 || i >= len(tokens) {
			return ""
		}
		return tokens[i].text
	}
	depth := 0
	for i, t := range tokens {
		switch {
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case t.kind == quotedWord:
			word := strings.ToUpper(t.text[1 : len(t.text)-1])
			reason, ok := refused[word]
			// As a hint, or as the name of a function, it means the same as without the quotes.
			alone := depth > 0 && (at(i-1) == "(" || at(i-1) == ",") && (at(i+1) == ")" || at(i+1) == ",")
			if ok && (alone || at(i+1) == "(") {
				return fmt.Errorf("%s %s (put its table's name and a point in front if it is a column's name)", word, reason)
			}
		case t.kind != plainWord:
			continue
		}
		if parts := nameParts(tokens[i:]); parts > maxParts && at(i-1) != "." {
			return errors.New("it holds a name of four parts, which reads another server: make that a source of its own (a column is written by its table's other name, as in t.code)")
		}
		if t.kind != plainWord {
			continue
		}
		switch reason, ok := refused[t.text]; {
		case ok:
			return fmt.Errorf("%s %s (put [ ] around it if it is a column's name)", t.text, reason)
		case slices.Contains(statements, t.text):
			return fmt.Errorf("%s begins a statement, or is part of one that does more than read (put [ ] around it if it is a column's name)", t.text)
		case t.text == "FETCH" && at(i-1) != "ROW" && at(i-1) != "ROWS":
			return errors.New("FETCH moves a cursor, unless it follows OFFSET … ROWS")
		case t.text == "USE" && at(i-1) != "(" && at(i-1) != ",":
			return errors.New("USE changes to another database")
		case t.text == "VALUE" && at(i-1) == "NEXT":
			return errors.New("NEXT VALUE FOR changes a sequence, for good")
		}
	}
	return nil
}

// maxParts are those of a name on the server itself: database, schema, object.
const maxParts = 3

// nameParts is how many parts a name has that a text begins with, those left out in the middle included; 0 for no name, and
// for the last part a method of a column, which is no part: dbo.place.spot.STAsText().
func nameParts(rest []token) int {
	parts, dots := 0, 0
	for i, t := range rest {
		switch {
		case (t.kind == plainWord || t.kind == quotedWord) && (i == 0 || rest[i-1].text == "."):
			parts = dots + 1
		case t.kind == symbol && t.text == "." && i > 0:
			dots++
		case t.text == "(" && parts > 0:
			return parts - 1
		default:
			return parts
		}
	}
	return parts
}

// Derivable implements sqlsource.Deriver: neither WITH nor an order, a FOR or an OPTION at the end may stand
// in a derived table.
func (engine) Derivable(text string) error {
	tokens, err := tokens(text)
	if err != nil {
		return err
	}
	depth := 0
	for i, t := range tokens {
		switch {
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case t.kind != plainWord || depth > 0:
		case t.text == "WITH" && i == 0, t.text == "ORDER", t.text == "FOR", t.text == "OPTION":
			return fmt.Errorf("%w: a query with %s at its top cannot be one of another query", providers.ErrNotComparable, t.text)
		}
	}
	return nil
}

type kind int

const (
	plainWord kind = iota
	quotedWord
	literal // a string, a number, a parameter
	symbol
)

// token is what is neither blank nor comment; words without quotes in upper case.
type token struct {
	kind kind
	text string
}

// tokens cuts a text as SQL Server does, with QUOTED_IDENTIFIER on. What it might read otherwise than
// sqlgen.CheckSelect is refused.
func tokens(text string) ([]token, error) {
	var out []token
	add := func(k kind, text string) { out = append(out, token{k, text}) }
	for rest := text; rest != ""; {
		n := 1
		switch c := rest[0]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
		case strings.HasPrefix(rest, "--"):
			if n = strings.IndexByte(rest, '\n'); n < 0 {
				n = len(rest)
			}
		case strings.HasPrefix(rest, "/*"):
			if n = commentLength(rest); n < 0 {
				return nil, errors.New("a comment is not closed")
			}
		case c == '\'' || c == '"' || c == '[':
			if n = quotedLength(rest); n < 0 {
				return nil, errors.New("a quote is not closed")
			}
			if c == '[' && strings.Contains(rest[:n-1], "]]") {
				return nil, errors.New("a name in [ ] holds a ]: write it in \" \" instead")
			}
			k := quotedWord
			if c == '\'' {
				k = literal
			}
			add(k, rest[:n])
		case c >= '0' && c <= '9':
			n = wordLength(rest)
			add(literal, rest[:n])
		case c == ':':
			n += wordLength(rest[1:])
			add(literal, rest[:n])
		case c == '@' || c == '#':
			return nil, fmt.Errorf("it holds a %c: neither variables nor temporary tables can be used (a parameter is written :name)", c)
		case wordLength(rest) > 0:
			n = wordLength(rest)
			for _, r := range rest[:n] {
				// The wide forms of letters and signs, which a server may take for the narrow ones, and what is part of
				// no name: of £1DELETE the server makes an amount and a statement.
				if r >= 0xff00 && r <= 0xffef || r >= utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
					return nil, fmt.Errorf("it holds the character U+%04X outside of quotes", r)
				}
			}
			add(plainWord, strings.ToUpper(rest[:n]))
		default:
			add(symbol, rest[:1])
		}
		rest = rest[n:]
	}
	return out, nil
}

func commentLength(s string) int {
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
				return i + 1
			}
		}
	}
	return -1
}

// quotedLength is up to the closing quote that is not doubled.
func quotedLength(s string) int {
	closing := s[0]
	if closing == '[' {
		closing = ']'
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != closing:
		case i+1 < len(s) && s[i+1] == closing:
			i++
		default:
			return i + 1
		}
	}
	return -1
}

func wordLength(s string) int {
	for i, r := range s {
		if r != '_' && r != '$' && r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return i
		}
	}
	return len(s)
}
