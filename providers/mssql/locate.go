package mssql

import (
	"net"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

// browserPort is that of the service, over UDP, which is asked where an instance listens.
const browserPort = "1434"

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator. The port of a named instance is the browser service's word, so that any port of
// the host may be reached: host:*.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	s, err := parse(attributes, dir)
	if err != nil {
		return providers.Location{}, err
	}
	host := strings.ToLower(s.host)
	where := providers.Location{Database: s.database}
	if s.instance != "" {
		where.Hosts = []string{net.JoinHostPort(host, browserPort), net.JoinHostPort(host, "*")}
	} else {
		where.Hosts = []string{net.JoinHostPort(host, strconv.Itoa(s.port))}
	}
	if s.caFile != "" {
		path, err := providers.ResolvePath(s.caFile, dir)
		if err != nil {
			return providers.Location{}, err
		}
		where.Paths = append(where.Paths, path)
	}
	return where, nil
}
