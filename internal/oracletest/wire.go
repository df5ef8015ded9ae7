package oracletest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// Packets of TNS.
const (
	packetConnect = 1
	packetAccept  = 2
	packetRefuse  = 4
	packetData    = 6
	packetMarker  = 12
)

// Kinds of markers.
const (
	markerBreak     = 1
	markerReset     = 2
	markerInterrupt = 3
)

// dataUnit is how much a packet holds at most.
const dataUnit = 1 << 16

// bigChunk is how much of a long value goes in one piece.
const bigChunk = 0x7fff

var (
	errGone   = errors.New("the client is gone")
	errBroken = errors.New("the client broke the call off")
)

type packet struct {
	kind byte
	data []byte // without the header; of data packets also without the flags
}

// readPacket reads one packet. Lengths have four octets once the handshake is over.
func readPacket(r io.Reader, wide bool) (packet, error) {
	var header [8]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return packet{}, errors.Join(errGone, err)
	}
	length := int(binary.BigEndian.Uint16(header[:]))
	if wide {
		length = int(binary.BigEndian.Uint32(header[:]))
	}
	if length < len(header) || length > 1<<24 {
		return packet{}, fmt.Errorf("a packet of %d octets", length)
	}
	p := packet{kind: header[4], data: make([]byte, length-len(header))}
	if _, err := io.ReadFull(r, p.data); err != nil {
		return packet{}, errors.Join(errGone, err)
	}
	if p.kind == packetData {
		if len(p.data) < 2 {
			return packet{}, errors.New("a data packet without flags")
		}
		if p.data[1]&0x40 != 0 {
			return packet{}, errGone // it took leave
		}
		p.data = p.data[2:]
	}
	return p, nil
}

// wire is a connection after the handshake: a stream of octets each way, and markers beside it.
type wire struct {
	conn    net.Conn
	packets chan packet // closed when the client is gone
	failed  error       // why, once packets is closed
	in      []byte
	out     []byte
}

// listen reads ahead, so that a break is noticed while an answer is held back.
func (w *wire) listen() {
	defer close(w.packets)
	for {
		p, err := readPacket(w.conn, true)
		if err != nil {
			w.failed = err
			return
		}
		w.packets <- p
	}
}

// more waits for the next packet of a request.
func (w *wire) more() error {
	for {
		p, ok := <-w.packets
		switch {
		case !ok:
			return w.failed
		case p.kind == packetData:
			w.in = append(w.in, p.data...)
			return nil
		case p.kind != packetMarker:
			return fmt.Errorf("a packet of kind %d within a request", p.kind)
		}
		// A break that came too late to break anything.
	}
}

func (w *wire) take(n int) ([]byte, error) {
	for len(w.in) < n {
		if err := w.more(); err != nil {
			return nil, err
		}
	}
	taken := w.in[:n:n]
	w.in = w.in[n:]
	return taken, nil
}

func (w *wire) send(kind byte, data []byte) error {
	header := 8
	if kind == packetData {
		header = 10
	}
	p := make([]byte, header, header+len(data))
	p[4] = kind
	p = append(p, data...)
	binary.BigEndian.PutUint32(p, uint32(len(p)))
	if _, err := w.conn.Write(p); err != nil {
		return errors.Join(errGone, err)
	}
	return nil
}

func (w *wire) marker(kind byte) error { return w.send(packetMarker, []byte{1, 0, kind}) }

// flush sends what was put, and forgets what is left of the request.
func (w *wire) flush() error {
	for start := 0; start < len(w.out); start += dataUnit - 64 {
		if err := w.send(packetData, w.out[start:min(len(w.out), start+dataUnit-64)]); err != nil {
			return err
		}
	}
	w.out = w.out[:0]
	return nil
}

// request reads the parts of a message, and remembers the first error.
type request struct {
	w   *wire
	err error
}

func (r *request) bytes(n int) []byte {
	if r.err != nil {
		return make([]byte, n)
	}
	b, err := r.w.take(n)
	if err != nil {
		r.err = err
		return make([]byte, n)
	}
	return b
}

func (r *request) byte() byte { return r.bytes(1)[0] }

func (r *request) skip(n int) { r.bytes(n) }

// int is a number preceded by its length.
func (r *request) int() int {
	size := int(r.byte())
	negative := size&0x80 != 0
	size &= 0x7f
	if size > 8 {
		r.fail("a number of %d octets", size)
		return 0
	}
	n := 0
	for _, b := range r.bytes(size) {
		n = n<<8 | int(b)
	}
	if negative {
		return -n
	}
	return n
}

func (r *request) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// clr is a value preceded by its length, in pieces where it is long; nil where it is empty.
func (r *request) clr() []byte {
	size := int(r.byte())
	switch size {
	case 0, 0xff, 0xfd:
		return nil
	case 0xfe:
		var all []byte
		for r.err == nil {
			n := r.int()
			if n == 0 {
				break
			}
			all = append(all, r.bytes(n)...)
		}
		return all
	default:
		return append([]byte(nil), r.bytes(size)...)
	}
}

// dlc is a clr preceded by its whole length, or a zero.
func (r *request) dlc() []byte {
	if r.int() == 0 {
		return nil
	}
	return r.clr()
}

func (r *request) keyValue() (key, value string) {
	key, value = string(r.dlc()), string(r.dlc())
	r.int()
	return key, value
}

func (w *wire) put(b ...byte) { w.out = append(w.out, b...) }

func (w *wire) putInt(n int) { w.out = appendInt(w.out, n) }

func appendInt(out []byte, n int) []byte {
	sign := byte(0)
	if n < 0 {
		sign, n = 0x80, -n
	}
	if n == 0 {
		return append(out, 0)
	}
	var space [8]byte
	binary.BigEndian.PutUint64(space[:], uint64(n))
	at := 0
	for space[at] == 0 {
		at++
	}
	return append(append(out, byte(8-at)|sign), space[at:]...)
}

func appendClr(out, data []byte) []byte {
	if len(data) <= 0xfc {
		return append(append(out, byte(len(data))), data...)
	}
	out = append(out, 0xfe)
	for len(data) > 0 {
		n := min(len(data), bigChunk)
		out = append(appendInt(out, n), data[:n]...)
		data = data[n:]
	}
	return append(out, 0)
}

func (w *wire) putClr(data []byte) { w.out = appendClr(w.out, data) }

func (w *wire) putDlc(data []byte) {
	w.putInt(len(data))
	if len(data) > 0 {
		w.putClr(data)
	}
}

func (w *wire) putKeyValue(key, value string, number int) {
	w.putDlc([]byte(key))
	w.putDlc([]byte(value))
	w.putInt(number)
}
