package sqlite

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"

	"modernc.org/sqlite"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// storable is (conversions, value, …): true where decoding would store each value just
// as it is, else an error, which ends the statement.
const storable = "registrar_storable"

var errNotStorable = errors.New("a value must be decoded")

// conversion is the way of a value from a source's column into the stage.
type conversion struct {
	from, to value.Type
	notNull  bool
}

// storing spells the conversions of a relay's columns. A type's declaration says all of it.
func storing(from []providers.Column, columns []providers.RelayColumn) string {
	var text strings.Builder
	for _, c := range columns {
		null := "?"
		if c.NotNull {
			null = "!"
		}
		// No declaration holds a NUL.
		text.WriteString(null + from[c.From].Type.SQL + "\x00" + c.Type.SQL + "\x00")
	}
	return text.String()
}

// conversions remembers what texts of storing mean: a function is called for each row.
type conversions struct {
	mu   sync.Mutex
	text string
	list []conversion
}

func (c *conversions) of(text string) []conversion {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list != nil && c.text == text {
		return c.list
	}
	c.text, c.list = strings.Clone(text), nil
	parts := strings.Split(c.text, "\x00")
	for i := 0; i+1 < len(parts); i += 2 {
		c.list = append(c.list, conversion{from: typeOf(parts[i][1:]), to: typeOf(parts[i+1]), notNull: parts[i][0] == '!'})
	}
	return c.list
}

// registerStorable adds the function to a driver. Its arguments are SQLite's own memory,
// and are not kept.
func registerStorable(d *sqlite.Driver) error {
	known := &conversions{}
	return d.RegisterFunction(storable, &sqlite.FunctionImpl{
		NArgs: -1, Deterministic: true, VolatileArgs: true,
		Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if len(args) == 0 {
				return nil, errNotStorable
			}
			text, _ := args[0].(string)
			list := known.of(text)
			if len(list) != len(args)-1 {
				return nil, errNotStorable
			}
			for i := range list {
				if !list[i].keeps(args[i+1]) {
					return nil, errNotStorable
				}
			}
			return int64(1), nil
		},
	})
}

// keeps reports whether what is stored in the source's column is what decoding would
// store in the stage's, class and all.
func (c *conversion) keeps(cell driver.Value) bool {
	if cell == nil {
		return !c.notNull
	}
	v, ok := valueOf(cell, c.from)
	if !ok {
		return false
	}
	// Without a zone: what needs one is never kept as it is.
	fitted, err := c.to.Fit(v, nil)
	if err != nil {
		return false
	}
	switch stored := bind(fitted).(type) {
	case int64:
		return stored == cell
	case float64:
		return stored == cell
	case string:
		return stored == cell
	case []byte:
		was, ok := cell.([]byte)
		return ok && bytes.Equal(was, stored)
	default:
		return false
	}
}
