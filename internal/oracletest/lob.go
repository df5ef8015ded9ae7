package oracletest

import (
	"encoding/binary"
	"fmt"
)

const locatorLength = 40

// putLocator puts what stands for a LOB, and remembers its content.
func (s *session) putLocator(column Column, cell any) {
	locator := make([]byte, locatorLength)
	binary.BigEndian.PutUint64(locator[locatorLength-8:], uint64(len(s.lobs)+1))
	var content []byte
	switch value := cell.(type) {
	case []byte:
		content = value
	case string:
		switch {
		case column.properties().national || tables[s.charset] == nil:
			locator[6] = 0x80 // characters of several octets travel as UTF-16
			content = encodeUTF16(value)
		default:
			content = s.charset.encode(value)
		}
	}
	s.lobs[string(locator)] = content
	s.w.putInt(locatorLength)
	s.w.putClr(locator)
}

// lob reads a LOB, or its size.
func (s *session) lob(r *request) error {
	r.byte()
	locatorSize := r.int()
	r.byte()
	r.int()
	r.skip(2)
	withCharset := r.byte() != 0
	r.skip(2)
	operation := r.int()
	r.byte()
	numbers := r.int()
	r.int()
	r.int()
	withSize := r.byte() != 0
	r.skip(6)
	locator := r.bytes(locatorSize)
	charset := 0
	if withCharset {
		charset = r.int()
	}
	for range numbers {
		r.int()
	}
	if withSize {
		r.int()
	}
	if r.err != nil {
		return r.err
	}
	content, ok := s.lobs[string(locator)]
	if !ok {
		return fmt.Errorf("an unknown LOB is asked for")
	}
	w := s.w
	switch operation {
	case 2:
		w.put(14)
		w.putClr(content)
	case 1:
	default:
		return fmt.Errorf("operation %#x of a LOB", operation)
	}
	w.put(8)
	w.put(locator...)
	if withCharset {
		w.putInt(charset)
	}
	if withSize {
		w.putInt(len(content))
	}
	return s.done()
}
