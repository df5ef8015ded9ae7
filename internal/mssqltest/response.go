package mssqltest

import (
	"encoding/binary"
	"iter"
)

// Response is what the double answers. The zero value: done, no rows.
type Response struct {
	// Columns are those of a result; nil: there is none.
	Columns []Column
	// Rows are the result's; nil: none. A row has a value per column.
	Rows iter.Seq[[]any]
	// Times repeats the rows, which are then encoded once only; 0 stands for 1.
	Times int
	// Affected counts the rows that a statement wrote; 0 is not announced.
	Affected int64
	// Error ends the answer, behind the rows.
	Error *Error
	// AbortsTransaction: the error, or whatever else, ended the transaction.
	AbortsTransaction bool
	// Fault befalls the connection behind the rows.
	Fault Fault
	// Wait withholds the answer until it is closed, or the client asks to cancel.
	Wait <-chan struct{}
	// Next is a further result of the same request.
	Next *Response
}

// Fault is what befalls a connection.
type Fault int

// The faults. Nothing of a Response comes behind its Fault.
const (
	NoFault Fault = iota
	Drop          // the connection is closed
	Stall         // the server says nothing more, and hears nothing
	Garbage       // what comes is no TDS
)

// Column is a column of a result. Its values are, by its type, nil for NULL or
//
//	bit                       bool
//	tinyint … bigint          int, int64; so for a bigint in a sql_variant
//	real, float               float64
//	decimal, money            text: 12.50
//	dates and times           a time.Time, or text: 2026-03-29 02:30:00.5 +02:00
//	uniqueidentifier          text
//	char, varchar, text       text, sent in code page 1252, or Raw
//	nchar, nvarchar, ntext    text, or Raw
//	xml                       text
//	binary types, CLR types   []byte
type Column struct {
	Name    string
	Type    string // as T-SQL spells it: decimal(10,2), nvarchar(max)
	NotNull bool   // its type on the wire is then another
}

// Error is a server's error. The line counts from 1, in the text of the batch.
type Error struct {
	Number       int32
	State, Class byte // Class is the severity; those from 20 end the connection
	Message      string
	Procedure    string
	Line         int32
}

// Rows makes a sequence of rows that are all there.
func Rows(rows ...[]any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, row := range rows {
			if !yield(row) {
				return
			}
		}
	}
}

// Fails is an answer that is an error.
func Fails(number int32, message string) *Response {
	return &Response{Error: &Error{Number: number, State: 1, Class: 16, Message: message, Line: 1}}
}

// Tokens of a reply.
const (
	tokenColumns      = 0x81
	tokenError        = 0xaa
	tokenLoginAck     = 0xad
	tokenRow          = 0xd1
	tokenSparseRow    = 0xd2 // with a bit per NULL
	tokenChange       = 0xe3
	tokenSSPI         = 0xed
	tokenDone         = 0xfd
	tokenDoneProc     = 0xfe
	tokenDoneInProc   = 0xff
	tokenReturnStatus = 0x79

	doneMore      = 0x01
	doneError     = 0x02
	doneCount     = 0x10
	doneAttention = 0x20
	doneFatal     = 0x100

	changeDatabase   = 1
	changePacketSize = 4
	changeBegin      = 8
	changeCommit     = 9
	changeRollback   = 10
)

// sparse is from how many columns on rows with NULLs are sent with a bit for each.
const sparse = 8

func appendError(dst []byte, e *Error) []byte {
	body := binary.LittleEndian.AppendUint32(nil, uint32(e.Number))
	body = append(body, e.State, e.Class)
	body = appendShort(appendShort(appendLong(body, e.Message), "DOUBLE"), e.Procedure)
	body = binary.LittleEndian.AppendUint32(body, uint32(e.Line))
	return append(binary.LittleEndian.AppendUint16(append(dst, tokenError), uint16(len(body))), body...)
}

func appendDone(dst []byte, token byte, status uint16, rows int64) []byte {
	dst = binary.LittleEndian.AppendUint16(append(dst, token), status)
	dst = binary.LittleEndian.AppendUint16(dst, 0)
	return binary.LittleEndian.AppendUint64(dst, uint64(rows))
}

// appendChange appends a change of the session, whose values have their lengths before them.
func appendChange(dst []byte, what byte, now, before []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(append(dst, tokenChange), uint16(1+len(now)+len(before)))
	return append(append(append(dst, what), now...), before...)
}

func appendColumns(dst []byte, columns []Column, types []wireType) []byte {
	dst = binary.LittleEndian.AppendUint16(append(dst, tokenColumns), uint16(len(columns)))
	for i, t := range types {
		dst = binary.LittleEndian.AppendUint32(dst, t.userType)
		flags := uint16(0x08) // may be written
		if !columns[i].NotNull {
			flags |= 0x01
		}
		dst = binary.LittleEndian.AppendUint16(dst, flags)
		dst = appendShort(appendType(dst, t), columns[i].Name)
	}
	return dst
}

func appendRow(dst []byte, types []wireType, row []any) ([]byte, error) {
	nulls := make([]byte, (len(types)+7)/8)
	some := false
	for i, v := range row {
		if v == nil {
			nulls[i/8] |= 1 << (i % 8)
			some = true
		}
	}
	dense := !some || len(types) < sparse
	if dense {
		dst = append(dst, tokenRow)
	} else {
		dst = append(append(dst, tokenSparseRow), nulls...)
	}
	for i, t := range types {
		if row[i] == nil && !dense {
			continue
		}
		var err error
		if dst, err = appendValue(dst, t, row[i]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}
