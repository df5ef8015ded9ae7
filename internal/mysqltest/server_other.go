//go:build !unix

package mysqltest

// startServer finds nothing to start: where there is no shell to keep the
// server, TEST_MYSQL_DSN must name one.
func startServer() (*server, error) { return nil, errNoServer }
