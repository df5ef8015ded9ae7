package oracle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/providers"
)

// certificate signs itself.
func certificate(t *testing.T, from, until time.Time, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if address := net.ParseIP(name); address != nil {
		template.IPAddresses = []net.IP{address}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// secured has a server whose certificate is valid in these days, counted from today.
func secured(t *testing.T, from, until int, name string) (*oracletest.Server, *x509.CertPool) {
	t.Helper()
	day := 24 * time.Hour
	signed, pool := certificate(t, time.Now().Add(time.Duration(from)*day), time.Now().Add(time.Duration(until)*day), name)
	return oracletest.New(t, oracletest.Config{
		TLS: &tls.Config{Certificates: []tls.Certificate{signed}, MinVersion: tls.VersionTLS12},
		Handle: func(s oracletest.Statement) oracletest.Result {
			columns := []oracletest.Column{{Name: "A", Type: oracletest.Varchar2}, {Name: "B", Type: oracletest.Num}}
			return oracletest.Result{Columns: columns, Next: oracletest.Rows([]any{"AL32UTF8", charsetAL32UTF8})}
		},
	}), pool
}

func TestTLS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		from, until int
		certified   string
		trusted     bool
		want        string
	}{
		{"a good certificate", -1, 1, "127.0.0.1", true, ""},
		{"an unknown authority", -1, 1, "127.0.0.1", false, "the authority that issued the server's certificate is not known: have the system trust it, or set wallet"},
		{"an expired certificate", -2, -1, "127.0.0.1", true, "the server's certificate has expired or is not valid yet"},
		{"another server's certificate", -1, 1, "db.example.org", true, `the server's certificate is not for "127.0.0.1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, pool := secured(t, c.from, c.until, c.certified)
			settings, err := parse(providers.Attributes{"host": "127.0.0.1", "port": int64(server.Port()), "service": "XEPDB1", "user": "scott", "password": "tiger", "tls": true}, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			settings.roots = x509.NewCertPool()
			if c.trusted {
				settings.roots = pool
			}
			opened, err := newSource(settings).Snapshot(t.Context())
			if err == nil {
				err = opened.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.want != "" && len(server.Statements()) > 0 {
				t.Error("it logged in")
			}
		})
	}
}

func TestAPlainLoginToATLSPortSaysSo(t *testing.T) {
	t.Parallel()
	server, _ := secured(t, -1, 1, "127.0.0.1")
	settings, err := parse(providers.Attributes{"host": "127.0.0.1", "port": int64(server.Port()), "service": "XEPDB1", "user": "scott", "password": "tiger", "connect_timeout": int64(2)}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, err = newSource(settings).Snapshot(t.Context())
	if err == nil || !strings.Contains(err.Error(), "TLS") && !strings.Contains(err.Error(), "tls = true") {
		t.Errorf("%v", err)
	}
}
