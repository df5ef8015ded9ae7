package mssql

import (
	"errors"
	"fmt"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/internal/value"
)

// maxDigits is the precision of SQL Server's widest decimal.
const maxDigits = 38

// Argument implements sqlsource.Engine. Text of ASCII alone is sent as varchar: beside a column of
// varchar, nvarchar would keep the server from using an index. Wall clocks are sent as text, too,
// which becomes a value of the type that it is compared with: a datetime2 is never equal to
// the datetime of the same digits. An instant is a datetimeoffset(7).
func (engine) Argument(v value.Value) (any, error) {
	switch v.Kind() {
	case value.Null:
		return nil, nil //nolint:nilnil // NULL
	case value.Bool:
		return v.Bool(), nil
	case value.Int:
		return v.Int(), nil
	case value.Float:
		return v.Float(), nil
	case value.Bytes:
		return []byte(v.Str()), nil
	case value.Decimal:
		if digits := strings.Trim(v.Text(), "-"); len(strings.ReplaceAll(digits, ".", "")) > maxDigits {
			return nil, fmt.Errorf("it has more than %d digits", maxDigits)
		} else if digits[0] < '0' || digits[0] > '9' {
			return nil, errors.New("it is not a finite number")
		}
		return mssql.VarChar(v.Text()), nil
	case value.Date, value.DateTime:
		if err := inCalendar(v); err != nil {
			return nil, err
		}
		return mssql.VarChar(cutFraction(v.Text())), nil
	case value.Instant:
		if err := inCalendar(v); err != nil {
			return nil, err
		}
		return v.Time(), nil
	case value.Time:
		if v.Clock() >= 24*time.Hour {
			return nil, errors.New("the server's day ends before 24:00")
		}
		return mssql.VarChar(cutFraction(v.Text())), nil
	default:
		text := v.Text()
		for i := range len(text) {
			if text[i] >= 0x80 {
				return text, nil
			}
		}
		return mssql.VarChar(text), nil
	}
}

// inCalendar refuses the times that the driver would replace by the nearest one.
func inCalendar(v value.Value) error {
	if year := v.Time().Year(); v.IsInfinite() || year < 1 || year > 9999 {
		return errors.New("it is not between the years 1 and 9999")
	}
	return nil
}

// cutFraction leaves as many digits of a second as the server reads.
func cutFraction(text string) string {
	const digits = 7
	if i := strings.IndexByte(text, '.'); i >= 0 && len(text) > i+1+digits {
		return text[:i+1+digits]
	}
	return text
}
