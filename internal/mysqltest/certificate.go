package mysqltest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The files that writeCertificates makes.
const (
	caFile          = "ca.pem"
	certificateFile = "certificate.pem"
	keyFile         = "key.pem"
)

// writeCertificates makes an authority, and a key and a certificate for 127.0.0.1 that is valid until then.
func writeCertificates(directory string, until time.Time) error {
	now := time.Now()
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
			NotBefore: now.AddDate(0, 0, -2), NotAfter: now.AddDate(0, 0, 2), BasicConstraintsValid: true,
		}
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority := template(1, "registrar tests")
	authority.IsCA, authority.KeyUsage = true, x509.KeyUsageCertSign
	authorityRaw, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	own := template(2, "registrar test server")
	own.KeyUsage, own.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	own.NotAfter = until
	own.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	raw, err := x509.CreateCertificate(rand.Reader, own, authority, key.Public(), authorityKey)
	if err != nil {
		return err
	}
	keyRaw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name, kind string
		content    []byte
	}{{caFile, "CERTIFICATE", authorityRaw}, {certificateFile, "CERTIFICATE", raw}, {keyFile, "PRIVATE KEY", keyRaw}} {
		block := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.content})
		if err := os.WriteFile(filepath.Join(directory, file.name), block, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Certificates returns files of an authority's certificate, and of the certificate and key of a server on
// 127.0.0.1 that it vouches for until then; all in PEM. They are not those of the server that the package starts.
func Certificates(t testing.TB, until time.Time) (authority, certificate, key string) {
	t.Helper()
	directory := t.TempDir()
	if err := writeCertificates(directory, until); err != nil {
		t.Fatalf("mysqltest: %v", err)
	}
	return filepath.Join(directory, caFile), filepath.Join(directory, certificateFile), filepath.Join(directory, keyFile)
}
