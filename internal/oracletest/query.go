package oracletest

import (
	"errors"
	"fmt"
)

// Options of an execute call.
const (
	optionParse      = 0x01
	optionDefine     = 0x10
	optionExecute    = 0x20
	optionFetch      = 0x40
	optionAutoCommit = 0x100
)

// noData is the code that ends a result.
const noData = 1403

// parameter is a bound variable, or a defined column, as a client describes it.
type parameter struct {
	kind      byte
	charsetID int
}

// cursor is a statement that was parsed, and its answer.
type cursor struct {
	number  int
	sql     string
	binds   []parameter
	result  Result
	types   []byte // of the columns on the wire: define changes those of LOBs
	inline  bool   // LOBs travel in the rows
	row     []any
	sent    int
	encoded [][]byte // the rows, where they are repeated
	ended   bool
}

func (s *session) execute(r *request) error {
	options := r.int()
	number := r.int()
	r.byte()
	r.int()
	r.byte()
	r.int()
	r.skip(2)
	r.byte()
	prefetch := r.int()
	r.int() // how much of a LONG is wanted
	r.byte()
	bindCount := r.int()
	r.skip(5)
	r.byte()
	defineCount := r.int()
	r.skip(3 + 5)
	r.byte()
	r.int()
	r.byte()
	r.skip(5 + 2)
	text := ""
	if options&optionParse != 0 {
		text = s.charset.decode(r.clr())
	}
	var settings [13]int
	for i := range settings {
		settings[i] = r.int()
	}
	described := make([]parameter, bindCount+defineCount)
	for i := range described {
		described[i] = r.parameter()
	}
	if r.err != nil {
		return r.err
	}

	if options&optionDefine != 0 {
		found := s.cursors[number]
		if found == nil || len(found.types) != len(described) {
			return fmt.Errorf("columns are defined of cursor %d, which has others", number)
		}
		found.define(described)
		return s.answerRows(found, settings[1])
	}
	if options&optionParse == 0 || options&optionExecute == 0 {
		return fmt.Errorf("an execute call with the options %#x", options)
	}
	s.last++
	opened := &cursor{number: s.last, sql: text, binds: described}
	s.cursors[opened.number] = opened
	rows := 1
	if settings[9]&0x4000 != 0 {
		rows = settings[1]
	}
	return s.run1(r, opened, rows, prefetch, options&optionAutoCommit != 0)
}

// executeAgain is an execute call of a cursor that is still parsed.
func (s *session) executeAgain(r *request) error {
	number, count := r.int(), r.int()
	fetches := r.int() != 0
	autoCommit := r.int()&1 != 0
	if r.err != nil {
		return r.err
	}
	found := s.cursors[number]
	if found == nil {
		return fmt.Errorf("the unknown cursor %d is executed", number)
	}
	again := &cursor{number: number, sql: found.sql, binds: found.binds}
	s.cursors[number] = again
	if fetches {
		return s.run1(r, again, 1, count, autoCommit)
	}
	return s.run1(r, again, count, 0, autoCommit)
}

// run1 reads the bound values, asks the test for the answer, and gives it.
func (s *session) run1(r *request, c *cursor, rows, prefetch int, autoCommit bool) error {
	statement := Statement{Session: s.number, SQL: c.sql, AutoCommit: autoCommit}
	if len(c.binds) > 0 {
		for range rows {
			statement.Rows = append(statement.Rows, s.values(r, c.binds))
		}
	}
	if r.err != nil {
		return r.err
	}
	s.server.record(statement)
	c.result = s.server.config.Handle(statement)
	if c.result.Hold != nil && c.result.HoldAfter == 0 {
		switch err := s.held(c.result.Hold); {
		case errors.Is(err, errBroken):
			return s.broken(c.number)
		case err != nil:
			return err
		}
	}
	if c.result.Err != nil {
		return s.fail(c.result.Err, c.number)
	}
	if len(c.result.Columns) == 0 {
		s.putSummary(summary{rows: c.result.Affected, cursor: c.number})
		return s.w.flush()
	}
	c.row = make([]any, len(c.result.Columns))
	late := false // its rows are sent only when asked for
	for _, column := range c.result.Columns {
		kind := column.properties().wire
		c.types = append(c.types, kind)
		late = late || kind == wireClob || kind == wireBlob || kind == wireLong || kind == wireLongRaw
	}
	s.describe(c)
	if late {
		s.putSummary(summary{cursor: c.number})
		return s.w.flush()
	}
	return s.answerRows(c, prefetch)
}

// values reads one row of bound values: those of long types come last.
func (s *session) values(r *request, binds []parameter) []any {
	r.expect(7)
	row := make([]any, len(binds))
	for _, long := range []bool{false, true} {
		for i, bind := range binds {
			if isLong(bind.kind) != long {
				continue
			}
			raw := r.clr()
			if raw == nil || r.err != nil {
				continue
			}
			var err error
			if row[i], err = s.decode(bind, raw); err != nil {
				r.fail("parameter %d: %w", i+1, err)
			}
		}
	}
	return row
}

func (r *request) parameter() parameter {
	p := parameter{kind: r.byte()}
	r.skip(3)
	r.int()
	r.int()
	r.int()
	r.dlc()
	r.int()
	p.charsetID = r.int()
	r.byte()
	r.int()
	r.int()
	return p
}

func (c *cursor) define(columns []parameter) {
	for i, column := range columns {
		c.types[i] = column.kind
		c.inline = c.inline || column.kind == wireLongVarchar
	}
}

// describe puts the columns.
func (s *session) describe(c *cursor) {
	w := s.w
	w.put(16, 0)
	w.putInt(0)
	w.putInt(len(c.result.Columns))
	w.put(0)
	for _, column := range c.result.Columns {
		s.putColumn(column)
	}
	w.putDlc(nil)
	for range 4 {
		w.putInt(0)
	}
	w.putDlc(nil)
}

func (s *session) putColumn(column Column) {
	w, t := s.w, column.properties()
	charsetID, form := 0, byte(0)
	switch {
	case t.national:
		charsetID, form = nationalCharset, 2
	case t.text:
		charsetID, form = int(s.charset), 1
	}
	size := column.Size
	if size == 0 && t.text && t.wire != wireClob {
		size = 4000
	}
	w.put(t.wire, 0, byte(column.Precision))
	if t.longScale {
		scale := column.Scale
		if t.wire == wireNumber && column.Precision == 0 {
			scale = -127
		}
		w.putInt(scale)
	} else {
		w.put(byte(column.Scale))
	}
	w.putInt(max(size, 22))
	w.putInt(0)
	w.putInt(0)
	w.putDlc(nil)
	w.putInt(0)
	w.putInt(charsetID)
	w.put(form)
	w.putInt(size)
	w.putInt(0)
	w.put(1, 0)
	w.putDlc(s.charset.encode(column.Name))
	w.putDlc(nil)
	w.putDlc([]byte(column.ObjectName))
	w.putInt(0)
	w.putInt(0)
}

// answerRows sends up to count rows, and says whether they were the last.
func (s *session) answerRows(c *cursor, count int) error {
	w := s.w
	w.put(6, 0)
	w.putInt(len(c.row))
	w.putInt(0)
	w.putInt(count)
	w.putInt(0)
	w.putDlc(nil)
	w.putDlc(nil)
	for range count {
		switch f := c.result; {
		case f.EndEarly > 0 && c.sent >= f.EndEarly:
			s.putSummary(summary{rows: int64(c.sent), cursor: c.number})
			return w.flush()
		case f.Fail != nil && c.sent == f.FailAfter:
			return s.fail(f.Fail, c.number)
		case f.DropAfter > 0 && c.sent == f.DropAfter:
			if err := w.flush(); err != nil {
				return err
			}
			return errGone
		case f.Hold != nil && f.HoldAfter > 0 && c.sent == f.HoldAfter:
			switch err := s.held(f.Hold); {
			case errors.Is(err, errBroken):
				return s.broken(c.number)
			case err != nil:
				return err
			}
		}
		ok, err := s.putRow(c)
		if err != nil {
			return err
		}
		if !ok {
			s.putSummary(summary{code: noData, rows: int64(c.sent), cursor: c.number, text: "ORA-01403: no data found\n"})
			return w.flush()
		}
		c.sent++
	}
	s.putSummary(summary{rows: int64(c.sent), cursor: c.number})
	return w.flush()
}

// putRow puts the next row; false at the end.
func (s *session) putRow(c *cursor) (bool, error) {
	repeat := c.result.Repeat
	if repeat > 1 && c.ended {
		if c.sent >= repeat*len(c.encoded) {
			return false, nil
		}
		s.w.put(c.encoded[c.sent%len(c.encoded)]...)
		return true, nil
	}
	if c.result.Next == nil || !c.result.Next(c.row) {
		if c.ended = true; repeat > 1 && len(c.encoded) > 0 {
			return s.putRow(c)
		}
		return false, nil
	}
	from := len(s.w.out)
	s.w.put(7)
	for i, cell := range c.row {
		if err := s.putCell(c, i, cell); err != nil {
			return false, fmt.Errorf("column %s: %w", c.result.Columns[i].Name, err)
		}
	}
	if repeat > 1 {
		c.encoded = append(c.encoded, append([]byte(nil), s.w.out[from:]...))
	}
	return true, nil
}
