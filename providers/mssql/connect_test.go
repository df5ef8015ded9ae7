package mssql_test

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
)

// TestConnect: who is spoken to, and what is said where that fails.
func TestConnect(t *testing.T) {
	t.Parallel() // it waits
	strangers := filepath.Join(t.TempDir(), "strangers.pem")
	if err := os.WriteFile(strangers, mssqltest.New(t, mssqltest.Config{}).CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	type attributes = providers.Attributes
	for name, test := range map[string]struct {
		server mssqltest.Config
		change attributes // nil removes one
		want   string     // "" for success
	}{
		"mandatory":            {},
		"strict":               {server: mssqltest.Config{Encryption: mssqltest.EncryptFirst}, change: attributes{"encrypt": "strict", "tlsmin": "1.3"}},
		"disable":              {server: mssqltest.Config{Encryption: mssqltest.EncryptNone}, change: attributes{"encrypt": "disable"}},
		"trusted":              {server: mssqltest.Config{Expired: true, Hosts: []string{"sql.example.org"}}, change: attributes{"trust_certificate": true, "ca_file": nil}},
		"old TLS, allowed":     {server: mssqltest.Config{MaxTLS: tls.VersionTLS10}, change: attributes{"tlsmin": "1.0"}},
		"another name":         {server: mssqltest.Config{Hosts: []string{"sql.example.org"}}, change: attributes{"hostname_in_certificate": "sql.example.org"}},
		"strict, demanded":     {server: mssqltest.Config{Encryption: mssqltest.EncryptFirst}, want: "encrypt = \"strict\""},
		"not only at login":    {server: mssqltest.Config{Encryption: mssqltest.EncryptLogin}},
		"wrong password":       {change: attributes{"password": "Pa55"}, want: "the server refuses the user or the password (error 18456)"},
		"wrong database":       {change: attributes{"database": "nosuch"}, want: "no such database, or this login has no user in it (error 4060)"},
		"Windows":              {change: attributes{"domain": "CAMPUS"}, want: "this login of Windows"},
		"expired":              {server: mssqltest.Config{Expired: true}, want: "have the certificate renewed"},
		"unknown authority":    {change: attributes{"ca_file": strangers}, want: "in ca_file"},
		"of another name":      {server: mssqltest.Config{Hosts: []string{"sql.example.org"}}, want: "set hostname_in_certificate"},
		"of another name, too": {change: attributes{"hostname_in_certificate": "sql.example.org"}, want: "set hostname_in_certificate"},
		"old TLS":              {server: mssqltest.Config{MaxTLS: tls.VersionTLS11}, want: "set tlsmin"},
		"no TLS":               {server: mssqltest.Config{Encryption: mssqltest.EncryptNone}, want: `encrypt = "disable"`},
		"silent":               {server: mssqltest.Config{Silent: true}, change: attributes{"connect_timeout": int64(1)}, want: "did not answer within 1s (connect_timeout)"},
		"no file":              {change: attributes{"ca_file": "nosuch.pem"}, want: "ca_file: open"},
		"not a certificate":    {change: attributes{"ca_file": "/dev/null"}, want: "holds no certificate"},
		"strict, not known":    {change: attributes{"encrypt": "strict"}, want: "set encrypt to \"mandatory\""},
	} {
		t.Run(name, func(t *testing.T) {
			server, given := serve(t, test.server, &database{})
			for key, v := range test.change {
				if given[key] = v; v == nil {
					delete(given, key)
				}
			}
			snapshot, err := openSource(t, given).Snapshot(t.Context())
			if err == nil {
				if err := snapshot.Close(); err != nil {
					t.Error(err)
				}
			}
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if l := server.Logins()[0]; l.AllEncrypted != (name != "disable") || l.Application != "registrar" {
					t.Errorf("login %+v", l)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "connect to sqlserver://127.0.0.1:") || strings.Contains(err.Error(), "Pa55") {
				t.Errorf("%v, expected %q", err, test.want)
			}
			for _, l := range server.Logins() {
				if l.Accepted || name == "Windows" && (!l.Windows || l.Domain != "CAMPUS") {
					t.Errorf("login %+v", l)
				}
			}
		})
	}
}

// TestPasswordInTheClear: to a server without TLS no password is sent unasked.
func TestPasswordInTheClear(t *testing.T) {
	server, given := serve(t, mssqltest.Config{Encryption: mssqltest.EncryptNone}, &database{})
	if _, err := openSource(t, given).Snapshot(t.Context()); err == nil || len(server.Logins()) != 0 {
		t.Errorf("%v, %+v", err, server.Logins())
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	listener.Close()
	_, err = openSource(t, providers.Attributes{"host": "127.0.0.1", "port": int64(address.Port), "database": "d", "user": "u", "password": "Pa55"}).Snapshot(t.Context())
	if err == nil || !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "Pa55") {
		t.Errorf("%v", err)
	} else if advice := mssql.New().Advice(err); !strings.Contains(advice, "check host and port") {
		t.Errorf("%q for %v", advice, err)
	}
}

// TestNoInstance: an instance's port is asked for, and nobody knows it here.
func TestNoInstance(t *testing.T) {
	t.Parallel() // it waits
	attributes := providers.Attributes{"host": "127.0.0.1", "instance": "NOSUCH", "database": "d", "user": "u", "password": "Pa55", "connect_timeout": int64(1)}
	if _, err := openSource(t, attributes).Snapshot(t.Context()); err == nil || !strings.Contains(err.Error(), "write port instead of instance") {
		t.Errorf("%v", err)
	}
}

// TestClosed: a snapshot leaves no connection behind.
func TestClosed(t *testing.T) {
	server, given := serve(t, mssqltest.Config{}, &database{})
	source := openSource(t, given)
	for range 3 {
		snapshot, err := source.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := snapshot.Close(); err != nil {
			t.Error(err)
		}
	}
	if server.Accepted() != 3 {
		t.Errorf("%d connections for three snapshots", server.Accepted())
	}
}
