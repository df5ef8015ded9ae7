package mssqltest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"unicode/utf16"
)

// Types of packets.
const (
	packetBatch     = 1
	packetRPC       = 3
	packetReply     = 4
	packetAttention = 6
	packetBulk      = 7
	packetTransact  = 14
	packetLogin     = 16
	packetSSPI      = 17
	packetPrelogin  = 18
)

const (
	headerSize        = 8
	defaultPacketSize = 4096

	statusLast  = 0x01
	statusReset = 0x08
)

// message is all the packets of one request.
type message struct {
	kind  byte
	reset bool // the session is to be as new
	body  []byte
}

// readPacket returns a packet's header and body.
func readPacket(r io.Reader) (header [headerSize]byte, body []byte, err error) {
	if _, err = io.ReadFull(r, header[:]); err != nil {
		return header, nil, err
	}
	size := int(binary.BigEndian.Uint16(header[2:]))
	if size < headerSize {
		return header, nil, fmt.Errorf("a packet of %d octets: %w", size, errProtocol)
	}
	body = make([]byte, size-headerSize)
	_, err = io.ReadFull(r, body)
	return header, body, err
}

func readMessage(r io.Reader) (m message, err error) {
	for first := true; ; first = false {
		header, body, err := readPacket(r)
		if err != nil {
			return m, err
		}
		if first {
			m.kind, m.reset = header[0], header[1]&statusReset != 0
		} else if header[0] != m.kind {
			return m, fmt.Errorf("packet %d within message %d: %w", header[0], m.kind, errProtocol)
		}
		m.body = append(m.body, body...)
		if header[1]&statusLast != 0 {
			return m, nil
		}
	}
}

// packets cuts a reply into packets.
type packets struct {
	to       io.Writer
	size     int // of a packet, with its header
	sequence byte
	body     []byte // not sent yet
	wire     []byte // reused: what is written at once
}

// spill sends what fills whole packets.
func (p *packets) spill() error {
	const enough = 1 << 16
	if len(p.body) < enough {
		return nil
	}
	whole := p.body
	p.wire = p.wire[:0]
	for room := p.size - headerSize; len(p.body) > room; {
		p.cut(room, 0)
	}
	return p.write(whole)
}

// flush sends all there is, and does not end the message.
func (p *packets) flush() error { return p.sendAll(0) }

// finish sends the rest, and ends the message.
func (p *packets) finish() error {
	err := p.sendAll(statusLast)
	p.sequence = 0
	return err
}

func (p *packets) sendAll(status byte) error {
	whole := p.body
	p.wire = p.wire[:0]
	for room := p.size - headerSize; len(p.body) > room; {
		p.cut(room, 0)
	}
	p.cut(len(p.body), status)
	return p.write(whole)
}

// cut makes a packet of the first n octets.
func (p *packets) cut(n int, status byte) {
	p.sequence++
	p.wire = append(p.wire, packetReply, status)
	p.wire = binary.BigEndian.AppendUint16(p.wire, uint16(n+headerSize))
	p.wire = append(p.wire, 0, 0, p.sequence, 0)
	p.wire = append(p.wire, p.body[:n]...)
	p.body = p.body[n:]
}

// write keeps what is not cut off yet where the whole was.
func (p *packets) write(whole []byte) error {
	p.body = append(whole[:0], p.body...)
	_, err := p.to.Write(p.wire)
	return err
}

// handshakeConn carries TLS within packets, until the handshake is over.
type handshakeConn struct {
	net.Conn
	rest []byte
	done bool
}

func (h *handshakeConn) Read(b []byte) (int, error) {
	if h.done {
		return h.Conn.Read(b)
	}
	for len(h.rest) == 0 {
		header, body, err := readPacket(h.Conn)
		if err != nil {
			return 0, err
		}
		if header[0] != packetPrelogin {
			return 0, errors.New("not a packet of a handshake")
		}
		h.rest = body
	}
	n := copy(b, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

func (h *handshakeConn) Write(b []byte) (int, error) {
	if h.done {
		return h.Conn.Write(b)
	}
	for rest := b; len(rest) > 0; {
		n := min(len(rest), defaultPacketSize-headerSize)
		status := byte(0)
		if n == len(rest) {
			status = statusLast
		}
		packet := binary.BigEndian.AppendUint16([]byte{packetPrelogin, status}, uint16(n+headerSize))
		packet = append(append(packet, 0, 0, 1, 0), rest[:n]...)
		if _, err := h.Conn.Write(packet); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(b), nil
}

// cursor reads the fields of a message. After a field that is not there, all are zero, and
// short is set.
type cursor struct {
	rest  []byte
	short bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.rest) {
		c.short, c.rest = true, nil
		return make([]byte, max(min(n, 64), 0))
	}
	out := c.rest[:n]
	c.rest = c.rest[n:]
	return out
}

func (c *cursor) u8() byte    { return c.take(1)[0] }
func (c *cursor) u16() uint16 { return binary.LittleEndian.Uint16(c.take(2)) }
func (c *cursor) u32() uint32 { return binary.LittleEndian.Uint32(c.take(4)) }
func (c *cursor) u64() uint64 { return binary.LittleEndian.Uint64(c.take(8)) }

// text is of n characters of UTF-16.
func (c *cursor) text(n int) string { return fromUTF16(c.take(2 * n)) }

func fromUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

func appendUTF16(dst []byte, s string) []byte {
	for _, unit := range utf16.Encode([]rune(s)) {
		dst = binary.LittleEndian.AppendUint16(dst, unit)
	}
	return dst
}

// appendShort appends text with its length in one octet, appendLong in two.
func appendShort(dst []byte, s string) []byte {
	encoded := appendUTF16(nil, s)
	return append(append(dst, byte(len(encoded)/2)), encoded...)
}

func appendLong(dst []byte, s string) []byte {
	encoded := appendUTF16(nil, s)
	return append(binary.LittleEndian.AppendUint16(dst, uint16(len(encoded)/2)), encoded...)
}
