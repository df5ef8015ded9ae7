package oracle

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	go_ora "github.com/sijms/go-ora/v2"
	"github.com/sijms/go-ora/v2/converters"
	"github.com/sijms/go-ora/v2/network"
)

// Numbers of charsets among Oracle's.
const (
	charsetASCII    = 1
	charsetUTF8     = 871 // of three octets at most
	charsetAL24UTF  = 870
	charsetAL32UTF8 = 873
)

// charset is the database's. The nil charset knows plain ASCII only.
type charset struct {
	name  string
	id    int
	table converters.IStringConverter
}

func newCharset(name string, id int) (*charset, error) {
	table := converters.NewStringConverter(id)
	if table == nil {
		return nil, fmt.Errorf("the database's character set %s (%d) is not supported", name, id)
	}
	return &charset{name: name, id: id, table: table}, nil
}

// lacks returns the first character of a text that the charset does not have.
func (c *charset) lacks(text string) (r rune, before int, found bool) {
	if c != nil && c.id == charsetAL32UTF8 {
		return 0, 0, false
	}
	for _, r := range text {
		if r >= utf8.RuneSelf && !c.holds(r) {
			return r, before, true
		}
		before++
	}
	return 0, 0, false
}

// holds reports whether a character comes back as it went.
func (c *charset) holds(r rune) bool {
	switch {
	case c == nil:
		return false
	case c.id == charsetUTF8 || c.id == charsetAL24UTF:
		return r <= 0xffff
	default:
		text := string(r)
		return c.table.Decode(c.table.Encode(text)) == text
	}
}

// strict is a character set of the driver's that gives octets which are none of its characters as text that is no UTF-8,
// for the decoders to refuse. The driver would put a question mark there.
type strict struct{ converters.IStringConverter }

// Decode implements converters.IStringConverter.
func (s strict) Decode(octets []byte) string {
	text := s.IStringConverter.Decode(octets)
	for _, octet := range octets {
		if octet >= utf8.RuneSelf {
			if !bytes.Equal(s.Encode(text), octets) {
				return "\xff"
			}
			break
		}
	}
	return text
}

// Clone implements converters.IStringConverter.
func (s strict) Clone() converters.IStringConverter { return strict{s.IStringConverter.Clone()} }

// makeStrict replaces the character set of a connection's database where it is one of single octets, not all of which are
// characters, such as US7ASCII. The driver takes another one only before it knows which the database has.
func makeStrict(conn *go_ora.Connection) error {
	field := reflect.ValueOf(conn).Elem().FieldByName("sStrConv")
	if !field.IsValid() || field.Type() != reflect.TypeFor[converters.IStringConverter]() {
		return errors.New("the driver does not tell the database's character set: this program was built with another version of it")
	}
	open := reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
	known, ok := reflect.TypeAssert[*converters.StringConverter](open)
	if !ok || known.CharWidth != 1 {
		return nil
	}
	for octet := range 256 {
		one := []byte{byte(octet)}
		if !bytes.Equal(known.Encode(known.Decode(one)), one) {
			open.Set(reflect.ValueOf(strict{known}))
			break
		}
	}
	return nil
}

func (c *charset) String() string {
	if c == nil {
		return "US7ASCII"
	}
	return c.name
}

// checkText refuses what the driver would replace.
func (c *charset) checkText(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("it is not UTF-8")
	}
	if r, _, lacking := c.lacks(text); lacking {
		return fmt.Errorf("the database's character set %s has no U+%04X", c, r)
	}
	return nil
}

// checkStatement refuses what the driver would replace, in the text or in an argument.
func (c *charset) checkStatement(text string, args []driver.NamedValue) error {
	if r, before, lacking := c.lacks(text); lacking {
		return &Error{before: before + 1, Message: fmt.Sprintf("the database's character set %s has no U+%04X", c, r)}
	}
	for _, arg := range args {
		if given, ok := arg.Value.(string); ok {
			if err := c.checkText(given); err != nil {
				return fmt.Errorf("parameter %d: %w", arg.Ordinal, err)
			}
		}
	}
	return nil
}

// safeError makes an *Error of a server's error, and finds the place in the statement's text.
func (c *charset) safeError(text string, err error) error {
	if err == nil { // for each row
		return nil
	}
	server, isServer := errors.AsType[*network.OracleError](err)
	switch {
	case isServer:
		safe := newError(server)
		safe.before = c.characters(text, server.ErrPos())
		return safe
	case errors.Is(err, driver.ErrBadConn):
		return lostError{}
	default:
		return err
	}
}

// characters converts a server's offset, which counts octets of the text as it was sent; to 1 and up, 0 where
// there is no place: the server says 0 for that, too.
func (c *charset) characters(text string, octets int) int {
	if octets <= 0 {
		return 0
	}
	before := 0
	for _, r := range text {
		if octets <= 0 {
			break
		}
		size := 1
		if c != nil && r >= utf8.RuneSelf {
			size = len(c.table.Encode(string(r)))
		}
		octets -= size
		before++
	}
	return before + 1
}
