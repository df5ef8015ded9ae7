package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator. A search path that a URL gives is part of the database's name: what a table's
// name means depends on it.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	s, err := parse(attributes, dir)
	if err != nil {
		return providers.Location{}, err
	}
	where := providers.Location{Database: s.database}
	if s.searchPath != "" {
		where.Database += "?search_path=" + s.searchPath
	}
	if s.sslRootCert != "" && s.sslRootCert != "system" {
		path, err := providers.ResolvePath(s.sslRootCert, dir)
		if err != nil {
			return providers.Location{}, err
		}
		where.Paths = append(where.Paths, path)
	}
	// What pgx will dial is its word; it reads no file for that.
	bare := *s
	bare.sslMode, bare.sslRootCert = "disable", ""
	config, err := bare.config(sessionParams())
	if err != nil {
		return providers.Location{}, errors.New("its hosts and ports cannot be read")
	}
	where.Hosts = append(where.Hosts, location(config.Host, config.Port))
	for _, fallback := range config.Fallbacks {
		where.Hosts = append(where.Hosts, location(fallback.Host, fallback.Port))
	}
	return where, nil
}

func location(host string, port uint16) string {
	network, address := pgconn.NetworkAddress(host, port)
	if network == "unix" {
		return "unix:" + address
	}
	return strings.ToLower(address)
}
