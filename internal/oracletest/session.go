package oracletest

import (
	"bytes"
	"fmt"
	"net"
)

// session is one connection.
type session struct {
	server  *Server
	number  int
	w       *wire
	charset Charset
	cursors map[int]*cursor
	last    int // the last cursor's number
	lobs    map[string][]byte
}

func newSession(server *Server, conn net.Conn, number int) *session {
	charset := server.config.Charset
	if charset == 0 {
		charset = AL32UTF8
	}
	return &session{
		server: server, number: number, charset: charset,
		w:       &wire{conn: conn, packets: make(chan packet, 16)},
		cursors: map[int]*cursor{}, lobs: map[string][]byte{},
	}
}

func (s *session) end() { _ = s.w.conn.Close() }

func (s *session) request() *request { return &request{w: s.w} }

// expect demands these octets.
func (r *request) expect(want ...byte) {
	if got := r.bytes(len(want)); r.err == nil && !bytes.Equal(got, want) {
		r.fail("got % x where % x is due", got, want)
	}
}

// run serves the client until it is gone.
func (s *session) run() error {
	if ok, err := s.connect(); !ok {
		return err
	}
	s.server.running.Go(s.w.listen)
	defer func() {
		_ = s.w.conn.Close()
		for range s.w.packets { // so that the reader can end
		}
	}()
	if err := s.negotiate(); err != nil {
		return err
	}
	if ok, err := s.login(); !ok {
		return err
	}
	for {
		r := s.request()
		switch message := r.byte(); {
		case r.err != nil:
			return r.err
		case message == 3:
			if err := s.call(r, r.byte()); err != nil {
				return err
			}
		case message == 0x11:
			if err := s.piggyback(r, r.byte()); err != nil {
				return err
			}
		default:
			return fmt.Errorf("message %d where a call is due", message)
		}
	}
}

// The functions that a client calls.
const (
	callReExecute    = 0x04
	callFetch        = 0x05
	callLogoff       = 0x09
	callCommit       = 0x0e
	callRollback     = 0x0f
	callVersion      = 0x3b
	callReExecFetch  = 0x4e
	callExecute      = 0x5e
	callLob          = 0x60
	callCloseCursors = 0x69
	callPing         = 0x93
)

func (s *session) call(r *request, function byte) error {
	r.byte() // the call's number
	switch function {
	case callExecute:
		return s.execute(r)
	case callReExecute, callReExecFetch:
		return s.executeAgain(r)
	case callFetch:
		number, count := r.int(), r.int()
		if r.err != nil {
			return r.err
		}
		found := s.cursors[number]
		if found == nil {
			return fmt.Errorf("a fetch from the unknown cursor %d", number)
		}
		s.server.fetches.Add(1)
		return s.answerRows(found, count)
	case callLob:
		return s.lob(r)
	case callVersion:
		r.skip(1)
		r.int()
		r.skip(2)
		r.int()
		if r.err != nil {
			return r.err
		}
		banner := "Oracle Database 19c (a double)"
		s.w.put(8)
		s.w.putInt(len(banner))
		s.w.putClr([]byte(banner))
		s.w.putInt(serverVersion)
		return s.done()
	case callCommit:
		s.server.record(Statement{Session: s.number, SQL: "COMMIT"})
		return s.done()
	case callRollback:
		s.server.record(Statement{Session: s.number, SQL: "ROLLBACK"})
		return s.done()
	case callPing, callLogoff:
		return s.done()
	default:
		return fmt.Errorf("a call of function %#x", function)
	}
}

// done is the answer to a call that has nothing to tell.
func (s *session) done() error {
	s.w.put(9)
	s.w.putInt(0)
	s.w.putInt(0)
	return s.w.flush()
}

// piggyback travels in front of a call, and has no answer of its own.
func (s *session) piggyback(r *request, function byte) error {
	r.skip(2)
	switch function {
	case callCloseCursors:
		for range r.int() {
			number := r.int()
			if found := s.cursors[number]; found != nil && found.result.DropAtClose {
				return errGone
			}
			delete(s.cursors, number)
		}
		return r.err
	case callLob: // frees temporary ones, of which there are none
		r.fail("a temporary LOB is freed")
	default:
		r.fail("a piggyback of function %#x", function)
	}
	return r.err
}

// summary ends an answer.
type summary struct {
	code, position, cursor int
	rows                   int64
	text                   string
}

func (s *session) putSummary(m summary) {
	w := s.w
	w.put(4)
	w.putInt(0) // end-of-call status
	w.putInt(0) // the message's number
	w.putInt(int(m.rows))
	w.putInt(m.code)
	w.putInt(0)
	w.putInt(0)
	w.putInt(m.cursor)
	w.putInt(m.position)
	w.put(0, 0)
	w.putInt(0)
	w.putInt(0)
	w.put(0, 0)
	w.putInt(0) // a row's address, in five parts
	w.putInt(0)
	w.put(0)
	w.putInt(0)
	w.putInt(0)
	w.putInt(0)
	w.put(0, 0)
	w.putInt(0)
	w.putInt(0)
	w.putDlc(nil)
	w.putInt(0) // errors of an array's rows, in three lists
	w.putInt(0)
	w.putInt(0)
	w.putInt(m.code)
	w.putInt(int(m.rows))
	if m.code != 0 {
		w.putClr([]byte(m.text))
	}
}

// fail is the answer with an error. Whatever was put before goes first.
func (s *session) fail(e *Error, cursor int) error {
	if s.server.config.Markers {
		if err := s.announce(); err != nil {
			return err
		}
	}
	s.putSummary(summary{code: e.Code, position: e.Position, cursor: cursor, text: string(s.charset.encode(fmt.Sprintf("ORA-%05d: %s\n", e.Code, e.Text)))})
	return s.w.flush()
}

// announce interrupts the answer, and waits until the client knows.
func (s *session) announce() error {
	if err := s.w.flush(); err != nil {
		return err
	}
	for _, kind := range []byte{markerBreak, markerReset} {
		if err := s.w.marker(kind); err != nil {
			return err
		}
	}
	for p := range s.w.packets {
		if p.kind == packetMarker && len(p.data) == 3 && p.data[2] == markerReset {
			return nil
		}
	}
	return s.w.failed
}

// held waits; errBroken where the client asks to break the call off.
func (s *session) held(hold <-chan struct{}) error {
	for {
		select {
		case <-hold:
			return nil
		case <-s.server.ending:
			return errGone
		case p, ok := <-s.w.packets:
			switch {
			case !ok:
				return s.w.failed
			case p.kind == packetMarker && len(p.data) == 3 && p.data[2] != markerReset:
				return errBroken
			case p.kind == packetData:
				s.w.in = append(s.w.in, p.data...)
			}
		}
	}
}

// broken is the answer to a break.
func (s *session) broken(cursor int) error {
	s.w.out = s.w.out[:0]
	if err := s.announce(); err != nil {
		return err
	}
	s.putSummary(summary{code: 1013, cursor: cursor, text: "ORA-01013: user requested cancel of current operation\n"})
	return s.w.flush()
}
