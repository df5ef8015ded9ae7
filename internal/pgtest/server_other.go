//go:build !unix

package pgtest

// startServer finds nothing to start: where there is no shell to keep the
// server, TEST_POSTGRES_URL must name one.
func startServer() (*server, error) { return nil, errNoServer }
