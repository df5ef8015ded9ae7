package oracle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A read-only transaction keeps a query from writing, but not from moving a sequence on, waiting, leaving rows out, or
// reaching files and other machines. What the server itself offers for that is refused by its name. What somebody
// wrote for the database is not looked into: a function with an autonomous transaction may even write. The rights of
// the user are what holds there.

// reaching are the packages and types, and what begins like them, that reach out of the database, wait, or run a text.
var reaching = []string{
	"APEX_MAIL", "APEX_WEB_SERVICE", "DBMS_ALERT", "DBMS_AQ", "DBMS_BACKUP_RESTORE", "DBMS_CLOUD", "DBMS_CQ_NOTIFICATION", "DBMS_DATAPUMP", "DBMS_DEBUG",
	"DBMS_FILE_TRANSFER", "DBMS_HS_PASSTHROUGH", "DBMS_JAVA", "DBMS_JOB", "DBMS_LDAP", "DBMS_LOCK", "DBMS_LOGMNR", "DBMS_MAIL", "DBMS_NETWORK_ACL", "DBMS_PIPE",
	"DBMS_PRVT", "DBMS_SCHEDULER", "DBMS_SESSION", "DBMS_SQL", "DBMS_STREAMS", "DBMS_SYSTEM", "DBMS_SYS_SQL", "DBMS_VECTOR", "DBMS_XDB", "DBMS_XMLGEN",
	"DBMS_XMLQUERY", "DBMS_XMLSAVE", "DBMS_XMLSTORE", "DBMS_XSLPROCESSOR", "HTTPURITYPE", "URIFACTORY", "UTL_",
}

// computing are packages that only compute.
var computing = []string{"UTL_COMPRESS", "UTL_ENCODE", "UTL_I18N", "UTL_IDENT", "UTL_LMS", "UTL_MATCH", "UTL_NLA", "UTL_RAW", "UTL_URL"}

// checkQuery refuses what a read-only transaction does not keep from happening. Nothing else was found wrong with the text.
func checkQuery(text string) error {
	tokens := tokens(text)
	at := func(i int) string {
		if i < 0 || i >= len(tokens) {
			return ""
		}
		return tokens[i].text
	}
	for i, t := range tokens {
		next := at(i + 1)
		called := next == "("
		switch {
		case t.symbol:
		case t.text == "NEXTVAL" && !called && (!t.quoted || at(i-1) == "."):
			return errors.New("it contains NEXTVAL, which moves a sequence on")
		case (called || next == ".") && reachesOut(t.text):
			return fmt.Errorf("it uses %s, which reaches out of the database, waits, or runs a text", t.text)
		case t.text == "BFILENAME" && called:
			return errors.New("it calls BFILENAME, which reads the server's files")
		case t.quoted:
		case t.text == "EXTERNAL" && (called || next == "MODIFY"):
			return fmt.Errorf("it contains EXTERNAL %s, which reads the server's files", next)
		case t.text == "SAMPLE" && (called || next == "BLOCK"):
			return errors.New("it contains SAMPLE, which reads some of the rows, and the others would be taken for removed")
		}
	}
	return nil
}

func reachesOut(name string) bool {
	return slices.ContainsFunc(reaching, func(start string) bool { return strings.HasPrefix(name, start) }) && !slices.Contains(computing, name)
}

// token is what is neither blank, comment, number, nor string.
type token struct {
	text           string // a word without quotes in upper case; a quoted name without them
	quoted, symbol bool
}

// tokens cuts a text that holds no literals as of qQuote. Strings become a symbol.
func tokens(text string) []token {
	var found []token
	for i := 0; i < len(text); {
		rest := text[i:]
		length := 1
		switch {
		case strings.HasPrefix(rest, "--"):
			length = index(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			length = 2 + index(rest[2:], "*/")
		case rest[0] == '\'' || rest[0] == '"':
			length = 1 + index(rest[1:], rest[:1])
			if rest[0] == '"' && length > 2 {
				found = append(found, token{text: rest[1 : length-1], quoted: true})
			} else {
				found = append(found, token{text: "'", symbol: true})
			}
		case isNameByte(rest[0]):
			for length < len(rest) && isNameByte(rest[length]) {
				length++
			}
			found = append(found, token{text: strings.ToUpper(rest[:length])})
		case strings.TrimSpace(rest[:1]) != "":
			found = append(found, token{text: rest[:1], symbol: true})
		}
		i += length
	}
	return found
}
