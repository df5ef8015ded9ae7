package sqlite

import (
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// RowHash is of a function of ours: SQLite has no SHA-256.
func (dialect) RowHash(texts, documents []string) string {
	arguments := append([]string{strconv.Itoa(len(texts))}, texts...)
	return rowHash + "(" + strings.Join(append(arguments, documents...), ", ") + ")"
}

// The octets that stand before a document, where it is NULL, and before what is no text at
// all. JSON has none of them, not even within a string.
const (
	documentMark = 1
	nullMark     = 2
	otherMark    = 3
)

// hashRow is rowHash. It keeps none of its arguments.
func hashRow(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	texts, _ := args[0].(int64)
	row := make([]byte, 0, 2048)
	for i, arg := range args[1:] {
		text, isText := arg.(string)
		switch {
		case arg == nil && int64(i) < texts:
			return nil, nil //nolint:nilnil // SQL's NULL
		case !isText && arg != nil: // no program of ours writes that
			row = fmt.Appendf(row, "%c%T %v", otherMark, arg, arg)
		case int64(i) < texts:
			row = strconv.AppendInt(row, int64(len(text)), 10)
			row = append(append(row, ':'), text...)
		case arg == nil:
			row = append(row, nullMark)
		default:
			row = append(append(row, documentMark), text...)
		}
	}
	sum := sha256.Sum256(row)
	return sum[:], nil
}
