package mysql

import (
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	mysql "github.com/go-sql-driver/mysql"

	"github.com/registrar-sync/registrar/providers"
)

// Error is what the server said, without anything that may quote a row's values: a message is shown where it has the
// server's own form for its number, and that form quotes names or the statement's text only.
type Error struct {
	Number  uint16
	State   string // SQLSTATE; "" from servers that give none
	Message string
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s (error %d", e.Message, e.Number)
	if e.State != "" {
		text += ", SQLSTATE " + e.State
	}
	return text + ")"
}

// Unwrap returns providers.ErrNotComparable for what is no fault of a query, but of a derived table
// made of it, and providers.ErrLocked where the wait for a lock was over.
func (e *Error) Unwrap() error {
	switch e.Number {
	case codeDuplicateColumn:
		return providers.ErrNotComparable
	case codeLockWaitTimeout, codeDeadlock, codeNoWait:
		return providers.ErrLocked
	default:
		return nil
	}
}

// isNumber reports whether the server gave an error of this number.
func isNumber(err error, number uint16) bool {
	server, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && server.Number == number
}

const (
	codeDuplicateColumn = 1060
	codeSignal          = 1644
)

// form is that of a message of the server's own, in English. The code of the database can give any number with any
// text: number, SQLSTATE and form must agree.
type form struct {
	states string // those that go with the number, between blanks
	text   *regexp.Regexp
	shown  string // what is shown of it, as of Regexp.Expand
}

// wordedAs is what of a message is shown, or "".
func (f form) wordedAs(e *Error, message string) string {
	if f.text == nil || e.State != "" && !slices.Contains(strings.Fields(f.states), e.State) {
		return ""
	}
	match := f.text.FindStringSubmatchIndex(message)
	if match == nil {
		return ""
	}
	return string(f.text.ExpandString(nil, f.shown, message, match))
}

// names show a message as it is: it names objects and quotes no value.
func names(states, text string) form {
	return form{states, regexp.MustCompile(`^(?:` + text + `)$`), "$0"}
}

// forms are those that tell more than ownWords.
var forms = map[uint16]form{
	1048: names("23000", `Column '[^']*' cannot be null`),
	1052: names("23000", `Column '[^']*' in .{1,30} is ambiguous`),
	1054: names("42S22", `Unknown column '[^']*' in '[^']*'`),
	1055: names("42000", `'[^']*' isn't in GROUP BY|Expression #\d+ of (SELECT list|ORDER BY clause|HAVING clause) is not in GROUP BY clause and contains nonaggregated column '[^']*' .{1,160}`),
	1060: names("42S21", `Duplicate column name '[^']*'`),
	1062: {"23000", duplicate, "Duplicate entry … for key '$1'"},
	1066: names("42000", `Not unique table/alias: '[^']*'`),
	1109: names("42S02", `Unknown table '[^']*' in .{1,30}`),
	1142: names("42000", "[A-Z ,]+ command denied to user '[^']*'@'[^']*' for table ('[^']*'|`[^`]*`(\\.`[^`]*`)?)"),
	1143: names("42000", "[A-Z ,]+ command denied to user '[^']*'@'[^']*' for column '[^']*' in table '[^']*'"),
	1146: names("42S02", `Table '[^']*' doesn't exist`),
	1227: names("42000", `Access denied; you need \(at least one of\) the [A-Z_ ,]+ privilege\(s\) for this operation`),
	1250: names("42000", `Table '[^']*' from one of the .{1,20} cannot be used in .{1,30}`),
	1264: names("22003", `Out of range value for column '[^']*' at row \d+`),
	1265: names("01000", `Data truncated for column '[^']*' at row \d+`),
	1267: names("HY000", `Illegal mix of collations .{1,120} for operation '[^']*'`),
	1305: names("42000", `(FUNCTION|PROCEDURE) [^ ]+ does not exist`),
	1356: names("HY000", `View '[^']*' references invalid table\(s\) or column\(s\) or function\(s\) or definer/invoker of view lack rights to use them`),
	1364: names("HY000", `Field '[^']*' doesn't have a default value`),
	1366: {"HY000 22007", regexp.MustCompile("(?s)^Incorrect [a-z]+ value: '.*' for column ('[^']*'|`[^`]*`(?:\\.`[^`]*`)*) at row (\\d+)$"), "a value is none of the type of column $1, at row $2"},
	1370: names("42000", `[a-z ]+ command denied to user '[^']*'@'[^']*' for routine '[^']*'`),
	1406: names("22001", `Data too long for column '[^']*' at row \d+`),
	1451: names("23000", "Cannot delete or update a parent row: a foreign key constraint fails \\([`'].{1,500}[`)]\\)"),
	1452: names("23000", "Cannot add or update a child row: a foreign key constraint fails \\([`'].{1,500}[`)]\\)"),
	3819: names("HY000", `Check constraint '[^']*' is violated\.?`),
	4025: names("23000", "CONSTRAINT `[^`]*` failed for `[^`]*`\\.`[^`]*`"),
}

// ownWords are for errors whose messages may quote anything, or say less.
var ownWords = map[uint16]string{
	1021: "the server's disk is full",
	1038: "the server has too little memory to sort",
	1040: "the server has too many connections",
	1053: "the server is shutting down",
	1062: "a row's key is there already",
	1105: "the server could not do it, and gives no number to the reason",
	1111: "an aggregate stands where there can be none",
	1114: "a table is full",
	1140: "columns are mixed with aggregates, and there is no GROUP BY",
	1203: "the user has too many connections",
	1205: "the wait for a lock was too long",
	1213: "two transactions waited for each other, and the server ended this one",
	1216: "a foreign key constraint fails",
	1217: "a foreign key constraint fails",
	1222: "the SELECTs of a UNION have different numbers of columns",
	1226: "the user has used up a limit that is set for it",
	1241: "a subquery yields several columns, and one is needed",
	1242: "a subquery yields several rows, and one is needed",
	1248: "a subquery in FROM has no name of its own",
	1265: "a value is none of its column's type",
	1292: "a value cannot be read as the type that it is converted to",
	1317: "the query was interrupted",
	1365: "a division by 0",
	1366: "a value is none of its column's type",
	1406: "a value is too long for its column",
	1411: "a text cannot be read as a date or a time",
	1451: "a foreign key constraint fails",
	1452: "a foreign key constraint fails",
	1525: "a text cannot be read as a date or a time",
	1690: "a number is out of range",
	1792: "the transaction may only read",
	1927: "the connection was killed",
	1969: "the query took longer than the server allows",
	3024: "the query took longer than the server allows",
	3819: "a row breaks a constraint",
	4025: "a row breaks a constraint",
	3572: "somebody holds the rows locked",
}

// refusedLogin are the messages of what comes before a session has a language.
var refusedLogin = map[uint16]string{
	1044: "the user has no rights in this database",
	1045: "the server does not let this user in with this password",
	1049: "there is no such database",
	1130: "the server does not let anybody in from this machine",
}

var (
	nearText  = regexp.MustCompile(`(?s)^You have an error in your SQL syntax; check the manual .{1,120} near '(.*)' at line (\d+)$`)
	duplicate = regexp.MustCompile(`(?s)^Duplicate entry '.*' for key '([^']*)'$`)
)

// lineOf returns the line of a statement, from 1, in which the server found a fault; 0 where it
// does not say.
func lineOf(err error) int {
	server, ok := errors.AsType[*mysql.MySQLError](err)
	if !ok || server.Number != codeSyntax {
		return 0
	}
	match := nearText.FindStringSubmatch(server.Message)
	if match == nil {
		return 0
	}
	line, _ := strconv.Atoi(match[2])
	return line
}

// maxNear is how many characters of a statement an error repeats.
const maxNear = 40

func newError(server *mysql.MySQLError) *Error {
	e := &Error{Number: server.Number}
	if server.SQLState != [5]byte{} {
		e.State = string(server.SQLState[:])
	}
	switch shown := forms[server.Number].wordedAs(e, server.Message); {
	case server.Number == codeSignal || e.State == "45000":
		e.Message = "refused by the database's own code"
	case server.Number == codeSyntax: // the statement's text holds no value of a row
		e.Message = "there is a fault in the query's syntax"
		if match := nearText.FindStringSubmatch(server.Message); match != nil && match[1] == "" {
			e.Message += ", at its end"
		} else if match != nil {
			near := []rune(match[1])
			rest := ""
			if len(near) > maxNear {
				near, rest = near[:maxNear], "…"
			}
			e.Message += fmt.Sprintf(", near %q", string(near)+rest)
		}
	case refusedLogin[server.Number] != "":
		e.Message = refusedLogin[server.Number]
	case shown != "":
		e.Message = shown
	case ownWords[server.Number] != "":
		e.Message = ownWords[server.Number]
	default:
		e.Message = "refused by the server"
	}
	if advice := adviceFor(e); advice != "" {
		e.Message += "; " + advice
	}
	return e
}

// adviceFor says what helps against an error for which that is not clear from its text.
func adviceFor(e *Error) string {
	switch e.Number {
	case 1045:
		return "check user and password, and from where the server lets this user in"
	case 1055, 1140:
		return "one of several values would be shown, and another at the next plan: write MIN(…) around it, or name it in GROUP BY"
	case 1792: // in a READ ONLY transaction
		return "a source is only read"
	case 1969, 3024:
		return "something on the way to the server limits the time of a statement"
	default:
		return ""
	}
}

// safeError returns err with each error of the server replaced by an *Error, and what was wrapped around it
// kept. Other errors stay; those of a connection say what to do.
func (s *settings) safeError(err error) error {
	if err == nil {
		return nil
	}
	server, ok := errors.AsType[*mysql.MySQLError](err)
	advice := ""
	if !ok {
		advice = connectionAdvice(err)
	}
	if !ok && advice == "" {
		return err
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		parts := joined.Unwrap()
		safe := make([]error, len(parts))
		for i, part := range parts {
			safe[i] = s.safeError(part)
		}
		return errors.Join(safe...)
	}
	if !ok {
		return fmt.Errorf("%w; %s", err, advice)
	}
	safe := newError(server)
	safe.Message = s.scrub(safe.Message)
	if prefix, ok := strings.CutSuffix(err.Error(), server.Error()); ok {
		return fmt.Errorf("%s%w", prefix, safe)
	}
	return safe
}

func connectionAdvice(err error) string {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, wrongName := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case errors.Is(err, mysql.ErrNoTLS):
		return `let the server have a certificate, or set tls = "disable", which lets all the way read along`
	case unknown:
		return "name the authority that signed the server's certificate in tls_ca"
	case wrongName:
		return `name the host as the certificate does, or set tls = "verify-ca"`
	case isInvalid && invalid.Reason == x509.Expired:
		return "let the server have a new certificate, and check this machine's clock"
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, driver.ErrBadConn):
		return "the server ended the connection, or the network did"
	default:
		return ""
	}
}
