package serve

import (
	"net"
	"strings"
)

// tellSystemd tells systemd how far the service is, as sd_notify(3) does: `systemctl start` then waits until the
// configuration compiled and the state answered, and fails where they do not. The protocol is one datagram, for which
// no library is worth its name in go.mod.
func (s *service) tellSystemd(state string) {
	if s.NotifySocket == "" {
		return
	}
	name := s.NotifySocket
	if strings.HasPrefix(name, "@") {
		name = "\x00" + name[1:] // an abstract socket
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(state))
		_ = conn.Close()
	}
	if err != nil {
		s.Log.Warn("systemd could not be told", "state", state, "error", err)
	}
}
