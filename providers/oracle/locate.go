package oracle

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator. The database is the service's name, or the SID.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	s, err := parse(attributes, dir)
	if err != nil {
		return providers.Location{}, err
	}
	where := providers.Location{Hosts: []string{strings.ToLower(net.JoinHostPort(s.host, strconv.Itoa(s.port)))}, Database: s.service}
	if where.Database == "" {
		where.Database = s.sid
	}
	if s.wallet == "" {
		return where, nil
	}
	// The files that the driver opens, and not only their folder: either may be a link.
	for _, name := range []string{"", "cwallet.sso", "ewallet.p12"} {
		path, err := providers.ResolvePath(filepath.Join(s.wallet, name), dir)
		if err != nil {
			return providers.Location{}, err
		}
		where.Paths = append(where.Paths, path)
	}
	return where, nil
}
