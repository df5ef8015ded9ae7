package oracletest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

const (
	protocolVersion = 315        // of TNS
	ttcVersion      = 11         // which fields the messages have
	serverVersion   = 0x13000000 // 19.0
	nationalCharset = 2000       // AL16UTF16
)

// Errors of the listener and of the login.
const (
	codeNoService   = 12514
	codeBadPassword = 1017
)

var namedService = regexp.MustCompile(`\((?:SERVICE_NAME|SID)=([^()]*)\)`)

// connect is the handshake with the listener; false where it refused.
func (s *session) connect() (bool, error) {
	p, err := readPacket(s.w.conn, false)
	if err != nil {
		return false, err
	}
	if p.kind != packetConnect || len(p.data) < 62 {
		return false, fmt.Errorf("a packet of kind %d with %d octets where CONNECT is due", p.kind, len(p.data))
	}
	text := p.data[62:]
	if len(text) < int(binary.BigEndian.Uint16(p.data[16:])) {
		if p, err = readPacket(s.w.conn, false); err != nil {
			return false, err
		}
		text = p.data
	}
	found := namedService.FindSubmatch(text)
	if found == nil {
		return false, fmt.Errorf("no service in %q", text)
	}
	if !strings.EqualFold(string(found[1]), s.server.config.Service) {
		return false, s.refuse(codeNoService)
	}
	accept := make([]byte, 41)
	binary.BigEndian.PutUint16(accept, uint16(len(accept)))
	accept[4] = packetAccept
	binary.BigEndian.PutUint16(accept[8:], protocolVersion)
	binary.BigEndian.PutUint16(accept[20:], uint16(len(accept)))
	binary.BigEndian.PutUint32(accept[32:], dataUnit)
	binary.BigEndian.PutUint32(accept[36:], dataUnit)
	_, err = s.w.conn.Write(accept)
	return err == nil, err
}

func (s *session) refuse(code int) error {
	message := fmt.Sprintf("(DESCRIPTION=(TMP=)(VSNNUM=%d)(ERR=%d)(ERROR_STACK=(ERROR=(CODE=%d)(EMFI=4))))", serverVersion, code, code)
	p := append(make([]byte, 12), message...)
	binary.BigEndian.PutUint16(p, uint16(len(p)))
	p[4] = packetRefuse
	binary.BigEndian.PutUint16(p[10:], uint16(len(message)))
	_, err := s.w.conn.Write(p)
	return err
}

// negotiate settles the protocol and the representation of types.
func (s *session) negotiate() error {
	if err := s.w.more(); err != nil {
		return err
	}
	if !bytes.HasPrefix(s.w.in, []byte{1, 6, 0}) {
		return fmt.Errorf("% x where the protocol is due", s.w.in[:min(8, len(s.w.in))])
	}
	s.w.in = nil
	w := s.w
	w.put(1, 6, 0)
	w.put([]byte("x86_64/Linux 2.4.xx\x00")...)
	w.put(byte(s.charset), byte(s.charset>>8), 1)
	w.put(0, 0)
	national := make([]byte, 11)
	binary.BigEndian.PutUint16(national[9:], nationalCharset)
	w.put(0, byte(len(national)))
	w.put(national...)
	capabilities := make([]byte, 45)
	capabilities[4] = 32 | 2 // keys by PBKDF2
	capabilities[7] = ttcVersion
	capabilities[15] = 1      // messages have an end-of-call status
	capabilities[16] = 1      // and a number
	capabilities[27] = 1      // types have two octets
	capabilities[37] = 32 | 2 // big pieces of long values; version of the time zones
	w.put(byte(len(capabilities)))
	w.put(capabilities...)
	w.put(7, 2, 1, 0, 0, 0, 0, 4) // 4: texts of 32767 octets
	if err := w.flush(); err != nil {
		return err
	}

	if err := w.more(); err != nil {
		return err
	}
	if w.in[0] != 2 {
		return fmt.Errorf("message %d where the types are due", w.in[0])
	}
	w.in = nil
	w.put(2)
	w.put(128, 0, 0, 0, 60, 60, 60, 128, 0, 0, 0) // the database's time zone is UTC
	w.put(0, 0, 0, 32)
	w.put(0, 0)
	return w.flush()
}

// login checks the password as O5LOGON does, with a verifier of version 12c. False where it was wrong.
func (s *session) login() (bool, error) {
	first := s.request()
	first.expect(3, 0x76, 0, 1)
	first.int()
	first.int()
	first.skip(5)
	user := string(first.clr())
	for range 5 {
		first.keyValue()
	}
	if first.err != nil {
		return false, first.err
	}

	secret := make([]byte, 16+16+32)
	_, _ = rand.Read(secret) // never fails
	salt, mixSalt, serverKey := secret[:16], secret[16:32], secret[32:]
	const verifierTurns, mixTurns = 4096, 3
	speedy, err := pbkdf2.Key(sha512.New, s.server.config.Password, append(append([]byte{}, salt...), "AUTH_PBKDF2_SPEEDY_KEY"...), verifierTurns, 64)
	if err != nil {
		return false, err
	}
	hash := sha512.Sum512(append(speedy, salt...))
	verifier := hash[:32]
	w := s.w
	w.put(8)
	w.putInt(5)
	w.putKeyValue("AUTH_SESSKEY", fmt.Sprintf("%X", crypt(verifier, serverKey, true)), 0)
	w.putKeyValue("AUTH_VFR_DATA", fmt.Sprintf("%X", salt), 18453)
	w.putKeyValue("AUTH_PBKDF2_CSK_SALT", fmt.Sprintf("%X", mixSalt), 0)
	w.putKeyValue("AUTH_PBKDF2_VGEN_COUNT", fmt.Sprint(verifierTurns), 0)
	w.putKeyValue("AUTH_PBKDF2_SDER_COUNT", fmt.Sprint(mixTurns), 0)
	s.putSummary(summary{})
	if err := w.flush(); err != nil {
		return false, err
	}

	second := s.request()
	second.expect(3, 0x73, 0)
	second.byte()
	second.int()
	second.int()
	second.byte()
	pairs := second.int()
	second.skip(2)
	second.clr()
	given := map[string]string{}
	for range pairs {
		key, value := second.keyValue()
		given[key] = value
	}
	if second.err != nil {
		return false, second.err
	}
	refused := s.server.config.Refuse
	if !strings.EqualFold(user, s.server.config.User) || !s.passwordIs(given, verifier, serverKey, mixSalt, mixTurns) {
		refused = &Error{Code: codeBadPassword, Text: "invalid username/password; logon denied"}
	}
	if refused != nil {
		return false, s.fail(refused, 0)
	}

	w.put(23, 5) // the session's language, for which the client would ask otherwise
	w.putInt(0)
	w.put(0)
	w.putInt(1)
	w.put(0)
	w.putKeyValue("AUTH_NLS_LXLAN", "AMERICAN", 16)
	w.putInt(0)
	w.put(8)
	w.putInt(3)
	w.putKeyValue("AUTH_SESSION_ID", fmt.Sprint(s.number), 0)
	w.putKeyValue("AUTH_SERIAL_NUM", "1", 0)
	w.putKeyValue("AUTH_SC_SERVICE_NAME", s.server.config.Service, 0)
	s.putSummary(summary{})
	return true, w.flush()
}

func (s *session) passwordIs(given map[string]string, verifier, serverKey, salt []byte, turns int) bool {
	encrypted, err := hex.DecodeString(given["AUTH_SESSKEY"])
	if err != nil || len(encrypted) != len(serverKey) {
		return false
	}
	clientKey := crypt(verifier, encrypted, false)
	mixed, err := pbkdf2.Key(sha512.New, fmt.Sprintf("%X%X", clientKey, serverKey), salt, turns, 32)
	if err != nil {
		return false
	}
	password, err := hex.DecodeString(given["AUTH_PASSWORD"])
	if err != nil || len(password) < 32 || len(password)%aes.BlockSize != 0 {
		return false
	}
	plain := crypt(mixed, password, false)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > aes.BlockSize {
		return false
	}
	return string(plain[16:len(plain)-padding]) == s.server.config.Password
}

// crypt is AES in CBC mode from a vector of zeros.
func crypt(key, data []byte, encrypt bool) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // a length of key that is not one
	}
	out := make([]byte, len(data))
	zeros := make([]byte, aes.BlockSize)
	if encrypt {
		cipher.NewCBCEncrypter(block, zeros).CryptBlocks(out, data)
	} else {
		cipher.NewCBCDecrypter(block, zeros).CryptBlocks(out, data)
	}
	return out
}
