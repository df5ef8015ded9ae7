package mssql

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/providers"
)

// Error is what the server said, without anything that may quote a row's values, and nothing that a
// procedure or a trigger wrote.
type Error struct {
	Number  int32 // 0: the driver's own
	Message string
	Hint    string // what to do; "" for most
	// Line of the batch, from 1; 0 where the server does not say, or means another text.
	Line int
}

func (e *Error) Error() string {
	text := e.Message
	if e.Number != 0 {
		text += fmt.Sprintf(" (error %d)", e.Number)
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns providers.ErrLocked where the wait for a lock was over, and providers.ErrNotComparable for what is no
// fault of a query, but of a derived table made of it: a column without a name, or two of one name.
func (e *Error) Unwrap() error {
	switch e.Number {
	case numberLockTimeout:
		return providers.ErrLocked
	case numberNoName, numberNamedTwice:
		return providers.ErrNotComparable
	default:
		return nil
	}
}

const (
	numberLockTimeout = 1222
	numberDenied      = 229
	numberNoName      = 8155
	numberNamedTwice  = 8156
	numberLogin       = 18456
	numberUntrusted   = 18452
	numberDatabase    = 4060
	numberDefault     = 4064 // the login's own database
	// numberOwn is the first of those that databases' own code raises.
	numberOwn = 50000
)

// plain are the errors about a statement's text, the server's state or rights: their messages name
// objects, and hold no values.
var plain = []int32{
	102, 103, 104, 105, 107, 108, 109, 116, 117, 121, 122, 130, 137, 145, 147, 148, 155, 156, 157, 164, 169, 170, 174, 178, 189, 195, 201,
	205, 206, 207, 208, 209, 213, numberDenied, 230, 252, 257, 258, 262, 263, 300, 306, 319, 321, 402, 403, 409, 421, 446, 447, 448, 451, 457, 458, 468,
	512, 529, 530, 562, 596, 601, 615, 701, 802, 824, 904, 911, 916, 921, 922, 924, 927, 942, 976, 978, 982, 983,
	1013, 1015, 1033, 1038, 1060, 1087, 1204, 1205, numberLockTimeout, 3906, 3930, 3947, 3948, 3952, 3957, 3958, 3959, 3960, 3961, 3966, 3967, 3989, 3998,
	4060, 4064, 4101, 4104, 4108, 4109, 4121, 4145, 4413, 4429, 4501, 4502, 4511,
	7202, 7314, 7391, 8117, 8120, 8121, 8127, 8134, 8144, 8155, 8156, 8158, 8159, 8180, 8618, 8622, 8623, 8631, 8632, 8645, 8649, 8651, 8657, 8665, 8667,
	9002, 9803, 10928, 10929, 10930, 11529, 15281, 15247, 15517, 17142, 17187, 17806, 18401, 18451, 40197, 40501, 40613, 41305, 41325, 41332, 49918, 49919, 49920,
}

// worded are the errors that quote values, or may, in words of ours.
var worded = map[int32]string{
	220:  "a number is too great, or too small, for its type",
	232:  "a number is too great, or too small, for its type",
	241:  "a text cannot be converted to a date or a time",
	242:  "a date or time is outside of what its type holds",
	244:  "a text is a number too great for its type",
	245:  "a value cannot be converted to another type",
	248:  "a text is a number too great for its type",
	295:  "a text cannot be converted to a smalldatetime",
	296:  "a text is a date outside of what smalldatetime holds",
	517:  "a date grew beyond what its type holds",
	535:  "the difference of two times is too great for its type",
	537:  "a length given to LEFT or SUBSTRING is negative",
	2601: "a row's key is there already",
	2627: "a row's key is there already",
	2628: "a text is too long for its column",
	547:  "a row breaks a constraint",
	8114: "a value cannot be converted to another type",
	8115: "a number is too great for its type",
	8152: "a text or binary value is too long for its column",
	8169: "a text cannot be converted to a uniqueidentifier",
	8170: "a uniqueidentifier does not fit where it is converted to",
}

// hints say what to do about an error.
var hints = map[int32]string{
	numberDenied: "let the login's user have the database role db_datareader, or SELECT on what it reads",
	230:          "let the login's user have the database role db_datareader, or SELECT on what it reads",
	245:          "TRY_CONVERT (from SQL Server 2012 on), or a CASE with ISNUMERIC, spares the rows that hold no such value",
	8114:         "TRY_CONVERT (from SQL Server 2012 on), or a CASE with ISNUMERIC, spares the rows that hold no such value",
	916:          "let the login have a user in that database",
	1205:         "allow snapshot isolation in the database, so that reading neither waits nor is chosen as a victim: ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON",
	1222:         "somebody holds the rows locked; allow snapshot isolation in the database, so that reading does not wait: ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON",
	3952:         "the query reads another database, which must allow snapshot isolation, too: ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON; or make it a source of its own",
	3960:         "somebody changed the same rows meanwhile: plan again",
	3961:         "somebody changed the structure of a table meanwhile: try again",
	41332:        "a memory-optimized table is read by a query with WITH (SNAPSHOT) behind its name",
	208:          "check its name, its schema and the database, and that the login may see it",
}

// newError words what the server said. Several errors are told in the order in which they came.
func newError(server mssql.Error) *Error {
	all := server.All
	if len(all) == 0 {
		all = []mssql.Error{server}
	}
	safe := &Error{Number: server.Number}
	var messages []string
	for _, e := range all {
		text := wording(e)
		if slices.Contains(messages, text) {
			continue
		}
		messages = append(messages, text)
		if len(messages) == 1 {
			// What follows is often only that the statement as a whole could not be run.
			safe.Number = e.Number
			if e.ProcName == "" {
				safe.Line = int(max(e.LineNo, 0))
			}
		}
		if safe.Hint == "" {
			safe.Hint = hints[e.Number]
		}
	}
	safe.Message = strings.Join(messages, "; ")
	return safe
}

func wording(e mssql.Error) string {
	if text, ok := worded[e.Number]; ok {
		return text
	}
	switch {
	case e.Number >= numberOwn:
		return "refused by the database's own code"
	case e.Number == 0 || slices.Contains(plain, e.Number):
		return strings.TrimSuffix(strings.TrimSpace(e.Message), ".")
	}
	// What comes first says what happened, and what stands in quotes, brackets or digits, to what.
	text := e.Message
	if i := strings.IndexAny(text, "\"'«»„“”‘’「」()[]<>=:0123456789"); i >= 0 {
		text = strings.TrimRight(text[:i], " ") + " …"
	}
	return strings.TrimSuffix(strings.TrimSpace(text), ".")
}

// Error implements sqlsource.Engine. The server tells lines, not places in a line.
//
//nolint:revive,staticcheck // the order of its results is that of the interface
func (engine) Error(err error) (safe error, position int) { return safeError(err), -1 }

// Line implements sqlsource.LineTeller.
func (engine) Line(err error) int {
	if server, ok := serverError(err); ok {
		return newError(server).Line
	}
	return 0
}

// serverError finds what the server said.
func serverError(err error) (mssql.Error, bool) {
	var server mssql.Error
	if errors.As(err, &server) {
		return server, true
	}
	return server, false
}

// safeError keeps what was wrapped around a server's error, and every other error.
func safeError(err error) error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		_, fromServer := serverError(err)
		if _, broken := errors.AsType[mssql.StreamError](err); !fromServer && !broken {
			return err
		}
		parts := joined.Unwrap()
		safe := make([]error, len(parts))
		for i, part := range parts {
			safe[i] = safeError(part)
		}
		return errors.Join(safe...)
	}
	if fatal, ok := errors.AsType[mssql.ServerError](err); ok {
		if server, ok := serverError(fatal); ok {
			return around(err, fatal, fmt.Errorf("the server ended the connection: %w", newError(server)))
		}
	}
	if server, ok := serverError(err); ok {
		return around(err, server, newError(server))
	}
	if stream, ok := errors.AsType[mssql.StreamError](err); ok {
		return around(err, stream, brokenStream(stream))
	}
	return err
}

// around replaces the cause of err, and keeps the text before it.
func around(err, cause, safe error) error {
	if prefix, ok := strings.CutSuffix(err.Error(), cause.Error()); ok && prefix != "" {
		return fmt.Errorf("%s%w", prefix, safe)
	}
	return safe
}

// brokenStream says what the driver calls an invalid stream, which mostly is a link that broke.
func brokenStream(stream mssql.StreamError) error {
	switch {
	case isBroken(stream):
		return providers.Unavailable(errors.New("the connection to the server broke off"))
	case stream.InnerError == nil:
		return stream
	default:
		return fmt.Errorf("the server's answer breaks off: %w", stream.InnerError)
	}
}

func isBroken(stream mssql.StreamError) bool {
	return slices.ContainsFunc([]error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed}, func(broken error) bool { return errors.Is(stream.InnerError, broken) })
}
