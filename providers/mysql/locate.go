package mysql

import (
	"net"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator. It does not read tls_ca.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	var where providers.Location
	if authority := attributes.String("tls_ca"); authority != "" {
		path, err := providers.ResolvePath(authority, dir)
		if err != nil {
			return providers.Location{}, err
		}
		where.Paths = append(where.Paths, path)
		bare := providers.Attributes{}
		for name, value := range attributes {
			if name != "tls_ca" {
				bare[name] = value
			}
		}
		attributes = bare
	}
	s, err := parse(attributes, dir)
	if err != nil {
		return providers.Location{}, err
	}
	where.Database = s.database
	if s.socket != "" {
		where.Hosts = []string{"unix:" + s.socket}
	} else {
		where.Hosts = []string{strings.ToLower(net.JoinHostPort(s.host, strconv.FormatInt(s.port, 10)))}
	}
	return where, nil
}
