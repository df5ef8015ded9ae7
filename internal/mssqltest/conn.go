package mssqltest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
)

// conn is a connection. Requests are answered one by one; meanwhile a reader listens for the
// one message that may come between: that the client wants no more.
type conn struct {
	server     *Server
	raw        net.Conn
	transport  net.Conn // raw, or TLS over it
	number     int
	packetSize int
	out        packets

	transaction uint64 // the open one's descriptor; 0: none

	mu          sync.Mutex
	busy        bool          // a request is being answered
	interrupted chan struct{} // closed when the client wants no more of it
	gone        chan struct{} // closed when the client has left
}

// fatal is from which severity on an error ends the connection.
const fatal = 20

// errOver ends a connection that did what it was told to.
var errOver = errors.New("the connection is over")

func (c *conn) serve() {
	c.gone = make(chan struct{})
	if !c.login() {
		return
	}
	incoming := make(chan message)
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(incoming)
		for {
			m, err := readMessage(c.transport)
			if err != nil {
				close(c.gone)
				c.interrupt()
				return
			}
			if m.kind == packetAttention && c.interrupt() {
				continue
			}
			select {
			case incoming <- m:
			case <-stop:
				return
			}
		}
	})
	for m := range incoming {
		if c.handle(m) != nil {
			break
		}
	}
	close(stop)
	_ = c.raw.Close()
	reader.Wait()
}

// interrupt reports whether there was something to interrupt.
func (c *conn) interrupt() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.busy {
		return false
	}
	select {
	case <-c.interrupted:
	default:
		close(c.interrupted)
	}
	return true
}

func (c *conn) handle(m message) error {
	if m.kind == packetAttention { // too late: the answer is out
		c.out.body = appendDone(c.out.body, tokenDone, doneAttention, 0)
		return c.out.finish()
	}
	request, err := parse(m)
	if err != nil {
		return err
	}
	request.Connection = c.number
	c.mu.Lock()
	c.busy, c.interrupted = true, make(chan struct{})
	c.mu.Unlock()
	c.server.record(request)
	err = c.answer(request)
	c.mu.Lock()
	c.busy = false
	late := false
	select {
	case <-c.interrupted:
		late = true
	default:
	}
	c.mu.Unlock()
	switch {
	case errors.Is(err, errInterrupted):
		c.out.body = appendDone(c.out.body, tokenDone, doneAttention, 0)
		return c.out.finish()
	case err == nil && late:
		c.out.body = appendDone(c.out.body, tokenDone, doneAttention, 0)
		return c.out.finish()
	}
	return err
}

// errInterrupted: the client wants no more.
var errInterrupted = errors.New("interrupted")

func (c *conn) checkInterrupted() error {
	select {
	case <-c.interrupted:
		return errInterrupted
	default:
		return nil
	}
}

func (c *conn) answer(request *Request) error {
	var response *Response
	if request.Transaction != c.transaction && request.Kind != Begin && request.Kind != BulkLoad {
		response = Fails(3989, "New request is not allowed to start because it should come with valid transaction descriptor.")
	} else if response = c.server.config.Handler(request); response == nil {
		response = &Response{}
	}
	if response.Wait != nil {
		select {
		case <-response.Wait:
		case <-c.interrupted:
			return errInterrupted
		case <-c.server.ctx.Done():
			return errOver
		}
	}
	if response.Error == nil {
		c.changeTransaction(request.Kind)
	}
	for r := response; r != nil; r = r.Next {
		if err := c.result(request, r); err != nil {
			return err
		}
	}
	if err := c.out.finish(); err != nil || response.Error != nil && response.Error.Class >= fatal {
		return errors.Join(err, errOver)
	}
	return nil
}

func (c *conn) changeTransaction(kind Kind) {
	descriptor := func(n uint64) []byte {
		if n == 0 {
			return []byte{0}
		}
		return binary.LittleEndian.AppendUint64([]byte{8}, n)
	}
	before := c.transaction
	switch kind {
	case Begin:
		c.transaction = 0x1_0000_0000 + uint64(len(c.server.Requests()))
		c.out.body = appendChange(c.out.body, changeBegin, descriptor(c.transaction), descriptor(0))
	case Commit:
		c.transaction = 0
		c.out.body = appendChange(c.out.body, changeCommit, descriptor(0), descriptor(before))
	case Rollback:
		c.transaction = 0
		c.out.body = appendChange(c.out.body, changeRollback, descriptor(0), descriptor(before))
	case Batch, Call, BulkLoad:
	}
}

// result sends columns, rows, and the end of a result.
func (c *conn) result(request *Request, r *Response) error {
	count, err := c.rows(r)
	if err != nil {
		return err
	}
	switch r.Fault {
	case Drop:
		// What is there already reaches the client.
		_ = c.out.flush()
		return errOver
	case Stall:
		_ = c.out.flush()
		select {
		case <-c.gone:
		case <-c.server.ctx.Done():
		}
		return errOver
	case Garbage:
		c.out.body = append(c.out.body, 0x00, 0x01, 0x02, 0x03)
		return c.out.finish()
	case NoFault:
	}
	status := uint16(0)
	if r.Error != nil {
		c.out.body = appendError(c.out.body, r.Error)
		status |= doneError
		if r.Error.Class >= fatal {
			status |= doneFatal
		}
	}
	if r.AbortsTransaction {
		c.changeTransaction(Rollback)
	}
	if r.Affected != 0 {
		count = r.Affected
	}
	if r.Columns != nil || r.Affected != 0 {
		status |= doneCount
	}
	more := uint16(0)
	if r.Next != nil {
		more = doneMore
	}
	if request.Kind != Call {
		c.out.body = appendDone(c.out.body, tokenDone, status|more, count)
		return nil
	}
	if r.Columns != nil {
		c.out.body = appendDone(c.out.body, tokenDoneInProc, doneMore|doneCount, count)
	}
	c.out.body = binary.LittleEndian.AppendUint32(append(c.out.body, tokenReturnStatus), 0)
	c.out.body = appendDone(c.out.body, tokenDoneProc, status&^doneCount|more, 0)
	return nil
}

func (c *conn) rows(r *Response) (count int64, err error) {
	if r.Columns == nil {
		return 0, nil
	}
	types := make([]wireType, len(r.Columns))
	for i, column := range r.Columns {
		if types[i], err = parseType(column.Type, column.NotNull); err != nil {
			return 0, err
		}
	}
	c.out.body = appendColumns(c.out.body, r.Columns, types)
	if r.Rows == nil {
		return 0, nil
	}
	if r.Times > 1 {
		return c.repeated(r, types)
	}
	for row := range r.Rows {
		if len(row) != len(types) {
			return count, fmt.Errorf("a row of %d values for %d columns", len(row), len(types))
		}
		if c.out.body, err = appendRow(c.out.body, types, row); err != nil {
			return count, err
		}
		count++
		if err = c.out.spill(); err != nil {
			return count, err
		}
		if err = c.checkInterrupted(); err != nil {
			return count, err
		}
	}
	return count, nil
}

// repeated encodes the rows once, and sends them often.
func (c *conn) repeated(r *Response, types []wireType) (count int64, err error) {
	var encoded []byte
	for row := range r.Rows {
		if encoded, err = appendRow(encoded, types, row); err != nil {
			return 0, err
		}
		count++
	}
	for range r.Times {
		c.out.body = append(c.out.body, encoded...)
		if err = c.out.spill(); err != nil {
			return 0, err
		}
		if err = c.checkInterrupted(); err != nil {
			return 0, err
		}
	}
	return count * int64(r.Times), nil
}
