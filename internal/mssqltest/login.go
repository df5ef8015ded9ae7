package mssqltest

import (
	"crypto/subtle"
	"crypto/tls"
	"encoding/binary"
	"fmt"
)

// Options of a pre-login, and what they say of encryption.
const (
	optionVersion    = 0
	optionEncryption = 1
	optionMARS       = 4
	optionEnd        = 0xff

	clientNoTLS = 2
	serverOff   = 0
	serverOn    = 1
	serverNoTLS = 2
	serverReq   = 3
)

// login makes the connection ready for requests; false where it has ended.
func (c *conn) login() bool {
	if c.server.config.Silent {
		<-c.server.ctx.Done()
		return false
	}
	info := Login{}
	if c.server.config.Encryption == EncryptFirst {
		secured := tls.Server(c.raw, c.server.tlsConfig())
		if err := secured.HandshakeContext(c.server.ctx); err != nil {
			return false
		}
		c.transport = secured
		info.Encrypted, info.AllEncrypted, info.TLSVersion = true, true, secured.ConnectionState().Version
	}
	hello, err := readMessage(c.transport)
	if err != nil || hello.kind != packetPrelogin {
		return false
	}
	answer := c.server.encryptionFor(wantedEncryption(hello.body))
	c.out = packets{to: c.transport, size: defaultPacketSize}
	c.out.body = prelogin(answer)
	if c.out.finish() != nil {
		return false
	}
	if answer != serverNoTLS && !info.Encrypted {
		wrapped := &handshakeConn{Conn: c.raw}
		secured := tls.Server(wrapped, c.server.tlsConfig())
		if err := secured.HandshakeContext(c.server.ctx); err != nil {
			return false
		}
		wrapped.done = true
		c.transport, c.out.to = secured, secured
		info.Encrypted, info.AllEncrypted, info.TLSVersion = true, answer != serverOff, secured.ConnectionState().Version
	}
	request, err := readMessage(c.transport)
	if err != nil || request.kind != packetLogin {
		return false
	}
	if info.Encrypted && !info.AllEncrypted {
		c.transport, c.out.to = c.raw, c.raw
	}
	return c.checkLogin(request.body, info)
}

func (s *Server) tlsConfig() *tls.Config {
	newest := s.config.MaxTLS
	if newest == 0 {
		newest = tls.VersionTLS12
		if s.config.Encryption == EncryptFirst {
			newest = tls.VersionTLS13
		}
	}
	return &tls.Config{ //nolint:gosec // it speaks what the old servers do that tlsmin is for
		Certificates: []tls.Certificate{s.certificate},
		MinVersion:   tls.VersionTLS10,
		MaxVersion:   newest,
		NextProtos:   []string{"tds/8.0"},
		// What follows a handshake would come in packets, where the client no longer looks for them.
		SessionTicketsDisabled: true,
	}
}

// wantedEncryption returns what the client's pre-login says of encryption.
func wantedEncryption(body []byte) byte {
	for c := (cursor{rest: body}); !c.short; {
		option := c.u8()
		place := c.take(4)
		if option == optionEnd {
			break
		}
		if at := int(binary.BigEndian.Uint16(place)); option == optionEncryption && at < len(body) {
			return body[at]
		}
	}
	return clientNoTLS
}

func (s *Server) encryptionFor(wanted byte) byte {
	switch s.config.Encryption {
	case EncryptNone:
		return serverNoTLS
	case EncryptLogin:
		return wanted
	default:
		if wanted == clientNoTLS {
			return serverReq
		}
		return serverOn
	}
}

func prelogin(encryption byte) []byte {
	options := []struct {
		token byte
		data  []byte
	}{
		{optionVersion, []byte{16, 0, 0x10, 0, 0, 0}},
		{optionEncryption, []byte{encryption}},
		{optionMARS, []byte{0}},
	}
	var head, data []byte
	start := 5*len(options) + 1
	for _, o := range options {
		head = append(head, o.token)
		head = binary.BigEndian.AppendUint16(head, uint16(start+len(data)))
		head = binary.BigEndian.AppendUint16(head, uint16(len(o.data)))
		data = append(data, o.data...)
	}
	return append(append(head, optionEnd), data...)
}

// Places in a LOGIN7 record.
const (
	loginVersion    = 4
	loginPacketSize = 8
	loginFlags2     = 25
	loginHost       = 36
	loginUser       = 40
	loginPassword   = 44
	loginProgram    = 48
	loginDatabase   = 68
	loginSSPI       = 78
	loginHeader     = 94

	flagIntegrated = 0x80
)

func (c *conn) checkLogin(body []byte, info Login) bool {
	if len(body) < loginHeader {
		return false
	}
	field := func(at, unit int) []byte {
		from, n := int(binary.LittleEndian.Uint16(body[at:])), unit*int(binary.LittleEndian.Uint16(body[at+2:]))
		if from+n > len(body) {
			return nil
		}
		return body[from : from+n]
	}
	info.TDSVersion = binary.LittleEndian.Uint32(body[loginVersion:])
	info.PacketSize = binary.LittleEndian.Uint32(body[loginPacketSize:])
	info.Host, info.User = fromUTF16(field(loginHost, 2)), fromUTF16(field(loginUser, 2))
	info.Application, info.Database = fromUTF16(field(loginProgram, 2)), fromUTF16(field(loginDatabase, 2))
	var refused *Error
	if body[loginFlags2]&flagIntegrated != 0 {
		info.Windows, info.Domain = true, negotiatedDomain(field(loginSSPI, 1))
		refused = &Error{Number: 18452, State: 1, Class: 14, Message: "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication."}
	} else {
		password := append([]byte(nil), field(loginPassword, 2)...)
		for i, b := range password {
			b ^= 0xA5
			password[i] = b<<4 | b>>4
		}
		if info.User != c.server.config.User || subtle.ConstantTimeCompare([]byte(fromUTF16(password)), []byte(c.server.config.Password)) != 1 {
			refused = &Error{Number: 18456, State: 1, Class: 14, Message: fmt.Sprintf("Login failed for user '%s'.", info.User)}
		}
	}
	if refused == nil && info.Database != "" && info.Database != c.server.config.Database {
		refused = &Error{Number: 4060, State: 1, Class: 11, Message: fmt.Sprintf("Cannot open database \"%s\" requested by the login. The login failed.", info.Database)}
	}
	info.Accepted = refused == nil
	c.server.recordLogin(info)
	if refused != nil {
		c.out.body = appendError(c.out.body, refused)
		c.out.body = appendDone(c.out.body, tokenDone, doneError, 0)
		_ = c.out.finish()
		return false
	}
	c.packetSize = int(info.PacketSize)
	c.out.body = appendChange(c.out.body, changeDatabase, appendShort(nil, c.server.config.Database), appendShort(nil, "master"))
	c.out.body = appendChange(c.out.body, changePacketSize, appendShort(nil, fmt.Sprint(c.packetSize)), appendShort(nil, fmt.Sprint(defaultPacketSize)))
	c.out.body = appendLoginAck(c.out.body, info.TDSVersion)
	c.out.body = appendDone(c.out.body, tokenDone, 0, 0)
	if c.out.finish() != nil {
		return false
	}
	c.out.size = c.packetSize
	return true
}

// negotiatedDomain is the domain that NTLM's first message names.
func negotiatedDomain(message []byte) string {
	if len(message) < 24 {
		return ""
	}
	n, from := int(binary.LittleEndian.Uint16(message[16:])), int(binary.LittleEndian.Uint32(message[20:]))
	if from+n > len(message) {
		return ""
	}
	return string(message[from : from+n])
}

func appendLoginAck(dst []byte, version uint32) []byte {
	ack := binary.BigEndian.AppendUint32([]byte{1}, version)
	ack = appendShort(ack, "Microsoft SQL Server")
	ack = append(ack, 16, 0, 0x10, 0)
	return append(binary.LittleEndian.AppendUint16(append(dst, tokenLoginAck), uint16(len(ack))), ack...)
}
