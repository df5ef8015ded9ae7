package postgres

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers"
)

func TestTLSFinding(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	trusting, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the server's client has another transport")
	}
	config := trusting.TLSClientConfig.Clone()
	config.ServerName, config.MaxVersion = "example.com", tls.VersionTLS12
	encrypted, err := tls.Dial("tcp", server.Listener.Addr().String(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer encrypted.Close()
	plain, _ := net.Pipe()
	defer plain.Close()
	const local, remote = "127.0.0.1", "db.example.org"
	for _, test := range []struct {
		host, mode string
		line       net.Conn
		want       providers.Finding
	}{
		{local, "", plain, providers.Finding{State: providers.FindingOK, Found: "none, and none needed: the server is on this machine"}},
		{remote, "disable", plain, providers.Finding{State: providers.FindingWarning, Found: "none: passwords and rows go to another machine in plain text", Remedy: `set sslmode = "verify-full"`}},
		{local, "require", encrypted, providers.Finding{State: providers.FindingOK, Found: "TLS 1.2, certificate not verified; the server is on this machine"}},
		{remote, "", encrypted, providers.Finding{
			State: providers.FindingWarning, Found: "TLS 1.2, certificate not verified: another machine could pass for the server",
			Remedy: `set sslmode = "verify-full", and sslrootcert where the authority is your own`,
		}},
		{remote, "verify-ca", encrypted, providers.Finding{State: providers.FindingOK, Found: "TLS 1.2, certificate verified, host name not"}},
		{remote, "verify-full", encrypted, providers.Finding{State: providers.FindingOK, Found: "TLS 1.2, certificate and host name verified"}},
	} {
		attributes := providers.Attributes{"host": test.host, "database": "d", "user": "u"}
		if test.mode != "" {
			attributes["sslmode"] = test.mode
		}
		s, err := parse(attributes, "")
		if err != nil {
			t.Fatal(err)
		}
		config, err := s.config(sessionParams())
		if err != nil {
			t.Fatal(err)
		}
		test.want.Subject = "tls"
		if diff := cmp.Diff(test.want, s.tlsFinding(test.line, config.TLSConfig)); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", test.host, test.mode, diff)
		}
	}
}

// TestSessionFindings: what a pooler drops is found, whatever else there is.
func TestSessionFindings(t *testing.T) {
	f := facts{settings: sessionParams()}
	f.settings["datestyle"] = "ISO, DMY"
	if got := f.sessionFindings(); len(got) != 1 || got[0].State != providers.FindingOK || got[0].Subject != "time zone" {
		t.Errorf("%+v", got)
	}
	f.settings["timezone"], f.settings["datestyle"] = "Europe/Paris", "ISOLATED"
	want := []providers.Finding{{
		Subject: "session", State: providers.FindingProblem, Found: "something between here and the server drops settings of the session: datestyle, timezone",
		Remedy: "connect to the server itself, or let the pooler pass these settings on",
	}}
	if diff := cmp.Diff(want, f.sessionFindings()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	delete(f.settings, "datestyle") // unknown to the server
	if got := f.sessionFindings()[0].Found; got == want[0].Found {
		t.Error(got)
	}
}

func TestAdviceOnOldServer(t *testing.T) {
	if got := New().Advice(tooOld(&settings{host: "db.example.org", database: "d"}, "12.22")); got != "have the server upgraded" {
		t.Error(got)
	}
}
