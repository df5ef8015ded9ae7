package mssqltest

import (
	"encoding/binary"
	"fmt"
)

// Kind says what a client asks for.
type Kind int

// The kinds of requests.
const (
	Batch    Kind = iota // text
	Call                 // a procedure; sp_executesql is text with parameters
	Begin                // the beginning of a transaction
	Commit               // its end
	Rollback             // its end, undone
	BulkLoad             // the rows that follow an INSERT BULK
)

// Request is what a client sent.
type Request struct {
	Kind Kind
	// Connection counts from 1.
	Connection int
	// Reset: the session was to be made as new before.
	Reset bool
	// SQL is the text of a batch, or of sp_executesql.
	SQL string
	// Procedure is the one called, where it is not sp_executesql.
	Procedure string
	Params    []Param
	// Transaction is the descriptor that came with the request; 0: none.
	Transaction uint64
	// Isolation is the level asked for at Begin: 0 the session's, 1 to 4 from READ
	// UNCOMMITTED to SERIALIZABLE, 5 SNAPSHOT.
	Isolation byte
	// Bulk is what a BulkLoad holds.
	Bulk *Bulk
}

// Param is a parameter as the server would see it: see readValue.
type Param struct {
	Name  string // with its @
	Type  string
	Value any
}

// Bulk is a bulk load, decoded.
type Bulk struct {
	Columns []Param // without values
	Rows    [][]any
}

const executeSQL = 10

// parse reads a message as a request.
func parse(m message) (*Request, error) {
	r := &Request{Reset: m.reset}
	c := &cursor{rest: m.body}
	if m.kind != packetBulk {
		r.Transaction = transactionOf(c)
	}
	switch m.kind {
	case packetBatch:
		r.SQL = fromUTF16(c.rest)
		return r, nil
	case packetRPC:
		r.Kind = Call
		return r, parseCall(c, r)
	case packetTransact:
		return r, parseTransact(c, r)
	case packetBulk:
		r.Kind = BulkLoad
		return r, parseBulk(c, r)
	default:
		return nil, fmt.Errorf("a message of type %d: %w", m.kind, errProtocol)
	}
}

// transactionOf reads the headers that all requests have.
func transactionOf(c *cursor) (descriptor uint64) {
	headers := &cursor{rest: c.take(int(c.u32()) - 4)}
	for len(headers.rest) > 0 && !headers.short {
		n := int(headers.u32())
		kind := headers.u16()
		data := headers.take(n - 6)
		if kind == 2 && len(data) >= 8 {
			descriptor = binary.LittleEndian.Uint64(data)
		}
	}
	return descriptor
}

func parseCall(c *cursor, r *Request) error {
	byNumber := false
	if n := c.u16(); n == 0xffff {
		if id := c.u16(); id != executeSQL {
			return fmt.Errorf("procedure number %d: %w", id, errProtocol)
		}
		byNumber = true
	} else {
		r.Procedure = c.text(int(n))
	}
	c.u16() // options
	for len(c.rest) > 0 && !c.short {
		p := Param{Name: c.text(int(c.u8()))}
		c.u8() // by reference or not
		t := readType(c, false)
		value, err := readValue(c, t)
		if err != nil {
			return err
		}
		p.Type, p.Value = t.String(), value
		r.Params = append(r.Params, p)
	}
	if c.short {
		return fmt.Errorf("a call breaks off: %w", errProtocol)
	}
	if byNumber {
		if len(r.Params) < 2 {
			return fmt.Errorf("sp_executesql without a text: %w", errProtocol)
		}
		r.SQL = fmt.Sprint(r.Params[0].Value)
		r.Params = r.Params[2:]
	}
	return nil
}

func parseTransact(c *cursor, r *Request) error {
	switch what := c.u16(); what {
	case 5:
		r.Kind, r.Isolation = Begin, c.u8()
	case 7:
		r.Kind = Commit
	case 8:
		r.Kind = Rollback
	default:
		return fmt.Errorf("request %d about a transaction: %w", what, errProtocol)
	}
	return nil
}

func parseBulk(c *cursor, r *Request) error {
	if c.u8() != tokenColumns {
		return fmt.Errorf("a bulk load without columns: %w", errProtocol)
	}
	r.Bulk = &Bulk{}
	types := make([]wireType, c.u16())
	for i := range types {
		c.u32() // the user's type
		c.u16() // flags
		types[i] = readType(c, true)
		r.Bulk.Columns = append(r.Bulk.Columns, Param{Type: types[i].String(), Name: c.text(int(c.u8()))})
	}
	for {
		switch token := c.u8(); {
		case c.short:
			return fmt.Errorf("a bulk load breaks off: %w", errProtocol)
		case token == tokenDone:
			return nil
		case token != tokenRow:
			return fmt.Errorf("token %#x in a bulk load: %w", token, errProtocol)
		}
		row := make([]any, len(types))
		for i, t := range types {
			var err error
			if row[i], err = readValue(c, t); err != nil {
				return err
			}
		}
		r.Bulk.Rows = append(r.Bulk.Rows, row)
	}
}
