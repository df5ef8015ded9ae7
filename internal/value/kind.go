package value

import "fmt"

// Kind names what a Value or a column holds. JSON, UUID and Other are kinds of
// columns only: their values travel as Text.
type Kind uint8

// The kinds, from the simplest to the least portable.
const (
	Null     Kind = iota // no value
	Bool                 // true or false
	Int                  // 64-bit signed integer
	Decimal              // exact decimal number, which keeps its scale (1.10 is not 1.1)
	Float                // IEEE 754 double
	Text                 // Unicode text without NUL
	Bytes                // octets
	Date                 // calendar day
	Time                 // time of day without a zone
	DateTime             // calendar day and time of day, without a zone: a wall clock
	Instant              // point in time, kept in UTC
	JSON                 // column of JSON documents
	UUID                 // column of UUIDs
	Other                // column whose values only the database's own text form describes
)

var kindNames = [...]string{
	"null", "bool", "integer", "decimal", "float", "text", "bytes", "date", "time",
	"timestamp", "timestamp with time zone", "json", "uuid", "other",
}

// String returns the name that messages use, such as "decimal".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}
