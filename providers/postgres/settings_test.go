package postgres

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

func TestURL(t *testing.T) {
	s, err := parse(providers.Attributes{"url": "postgres://us%40er:p%3Aw%2Ford@db.example.org:5433/time%20table?sslmode=verify-full&application_name=x&search_path=a,b"}, "")
	if err != nil {
		t.Fatal(err)
	}
	config, err := s.config(destinationParams())
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != "db.example.org" || config.Port != 5433 || config.User != "us@er" || config.Password != "p:w/ord" || config.Database != "time table" {
		t.Errorf("%s %d %s %s", config.Host, config.Port, config.User, config.Database)
	}
	if config.TLSConfig == nil || config.TLSConfig.InsecureSkipVerify || config.TLSConfig.ServerName != "db.example.org" || len(config.Fallbacks) != 0 {
		t.Error("verify-full does not verify")
	}
	for name, want := range map[string]string{"application_name": "x", "search_path": "a,b", "timezone": "UTC", "datestyle": "ISO", "jit": "off", "work_mem": "64MB"} {
		if got := config.RuntimeParams[name]; got != want {
			t.Errorf("%s is %q, expected %q", name, got, want)
		}
	}
	if got := s.identity(); got != "postgres://db.example.org:5433/time%20table" {
		t.Error(got)
	}
}

// TestNoSilentDowngrade: only a server on this machine is spoken to in the clear
// unasked.
func TestNoSilentDowngrade(t *testing.T) {
	for host, encrypted := range map[string]bool{
		"db.example.org": true, "10.0.0.1": true, "localhost,db.example.org": true,
		"localhost": false, "127.0.0.1": false, "::1": false, "/var/run/postgresql": false,
	} {
		s, err := parse(providers.Attributes{"host": host, "database": "d", "user": "u"}, "")
		if err != nil {
			t.Fatal(err)
		}
		config, err := s.config(sessionParams())
		if err != nil {
			t.Fatal(err)
		}
		open := config.TLSConfig == nil
		for _, fallback := range config.Fallbacks {
			open = open || fallback.TLSConfig == nil
		}
		if open == encrypted {
			t.Errorf("%s: in the clear %v", host, open)
		}
	}
	for _, mode := range []string{"prefer", "allow", "nonsense"} {
		if _, err := parse(providers.Attributes{"host": "h", "database": "d", "user": "u", "sslmode": mode}, ""); err == nil {
			t.Errorf("sslmode %s is accepted", mode)
		}
		if _, err := parse(providers.Attributes{"url": "postgres://u@h/d?sslmode=" + mode}, ""); err == nil {
			t.Errorf("sslmode %s is accepted in a url", mode)
		}
	}
}

// TestEnvironment: a merge request's configuration must not be able to send the
// runner's own credentials to a server of its choice.
func TestEnvironment(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".pgpass"), []byte("*:*:*:*:file-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"HOME": home, "PGHOST": "elsewhere", "PGPORT": "1", "PGDATABASE": "elsewhere", "PGUSER": "somebody", "PGPASSWORD": "env-secret",
		"PGPASSFILE": filepath.Join(home, ".pgpass"), "PGAPPNAME": "a", "PGCONNECT_TIMEOUT": "999", "PGSSLMODE": "disable", "PGSSLROOTCERT": "/nowhere", "PGSSLCERT": "/nowhere",
		"PGSSLKEY": "/nowhere", "PGSSLCERTMODE": "require", "PGSSLNEGOTIATION": "direct", "PGTARGETSESSIONATTRS": "standby", "PGTZ": "Asia/Tokyo",
		"PGOPTIONS": "-c datestyle=German", "PGMINPROTOCOLVERSION": "3.2", "PGREQUIREAUTH": "none", "PGCHANNELBINDING": "disable",
	} {
		t.Setenv(name, text)
	}
	s, err := parse(providers.Attributes{"host": "db.example.org", "database": "d", "user": "u"}, "")
	if err != nil {
		t.Fatal(err)
	}
	config, err := s.config(sessionParams())
	if err != nil {
		t.Fatal(err)
	}
	if config.Password != "" || config.User != "u" || config.Host != "db.example.org" || config.Port != 5432 || config.Database != "d" ||
		config.ConnectTimeout.Seconds() != defaultConnectTimeout || config.TLSConfig == nil || config.ValidateConnect != nil ||
		config.RequireAuth != "" || config.ChannelBinding != "prefer" || config.SSLNegotiation != "postgres" {
		t.Errorf("the environment counts: %+v", config.Config)
	}
	for name := range config.RuntimeParams {
		if _, ours := sessionParams()[name]; !ours && name != "application_name" {
			t.Errorf("parameter %s", name)
		}
	}
	if config.RuntimeParams["timezone"] != "UTC" {
		t.Error("the time zone is the environment's")
	}

	t.Setenv("PGSERVICE", "other")
	if _, err := s.config(sessionParams()); err == nil || !strings.Contains(err.Error(), "PGSERVICE") {
		t.Errorf("a service: %v", err)
	}
}

func TestSettingsErrorsAreSilent(t *testing.T) {
	for _, attributes := range []providers.Attributes{
		{"url": "postgres://jane:hunter2@db.example.org:notaport/d"},
		{"url": "postgres://jane:hunter2%zz@db.example.org/d"},
		{"url": "postgres://jane:hunter2@db.example.org/d?sslkey=hunter2"},
		{"url": "postgres://jane:hunter2@db.example.org/d?options=-c%20x"},
		{"url": "postgres://jane:hunter2@db.example.org/d?sslmode=hunter2"},
		{"url": "postgres://jane:hunter2@db.example.org/d?connect_timeout=hunter2"},
		{"url": "postgres://jane:hunter2@db.example.org/d?sslmode=require&sslrootcert=hunter2.pem"},
		{"url": "postgres://jane:hunter2@db.example.org:5432:99/d"},
		{"url": "postgres://jane:hunter2@/d"},
		{"url": "postgres://jane:hunter2@db.example.org"},
		{"url": "mysql://jane:hunter2@db.example.org/d"},
		{"url": "host=db.example.org user=jane password=hunter2"},
		{"url": "jane:hunter2"},
		{"host": "h", "database": "d", "user": "jane", "password": "hunter2", "sslrootcert": "hunter2.pem"},
	} {
		s, err := parse(attributes, "/")
		if err == nil {
			_, err = s.config(sessionParams())
		}
		if err == nil {
			t.Errorf("accepted: %v", attributes)
			continue
		}
		for _, secret := range []string{"hunter2", "jane"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%v: the error holds %q", err, secret)
			}
		}
	}
}

func TestSpec(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want []string // parts of the diagnostics, on the line given behind @
	}{
		"url":                {`url = "postgres://u@h/d"`, nil},
		"parts":              {"host = \"h\"\nport = 5433\ndatabase = \"d\"\nuser = \"u\"\npassword = secret\nsslmode = \"verify-full\"", nil},
		"url, tuned":         {"url = \"postgres://u@h/d\"\nconnect_timeout = 3\napplication_name = \"x\"", nil},
		"unknown url":        {"url = unknown", nil},
		"secret":             {"url = secret", nil},
		"nothing":            {"", []string{"host is required", "database is required", "user is required"}},
		"both":               {"url = \"postgres://u@h/d\"\npassword = \"x\"", []string{"remove password"}},
		"downgrade":          {"host = \"h\"\ndatabase = \"d\"\nuser = \"u\"\nsslmode = \"prefer\"", []string{"without saying so@4"}},
		"port":               {"host = \"h\"\nport = 70000\ndatabase = \"d\"\nuser = \"u\"", []string{"1 to 65535@2"}},
		"fractional port":    {"host = \"h\"\nport = 1.5\ndatabase = \"d\"\nuser = \"u\"", []string{"1 to 65535@2"}},
		"timeout":            {"url = \"postgres://u@h/d\"\nconnect_timeout = 0", []string{"1 to 3600@2"}},
		"unknown attribute":  {"url = \"postgres://u@h/d\"\nsslkey = \"x\"", []string{"sslkey"}},
		"a secret of a kind": {"host = \"h\"\ndatabase = \"d\"\nuser = \"u\"\nport = secret", []string{"number"}},
	} {
		t.Run(name, func(t *testing.T) {
			file, diags := hclparse.NewParser().ParseHCL([]byte(test.body), "main.hcl")
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			_, diags = hcldec.Decode(file.Body, New().SourceSpec(), &hcl.EvalContext{Variables: map[string]cty.Value{
				"unknown": cty.UnknownVal(cty.String), "secret": cty.StringVal("hunter2").Mark("sensitive"),
			}})
			if len(diags) != len(test.want) {
				t.Fatalf("%v", diags)
			}
			for i, want := range test.want {
				text, line, _ := strings.Cut(want, "@")
				if !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool {
					return strings.Contains(d.Summary+" "+d.Detail, text) && (line == "" || d.Subject != nil && line == string('0'+byte(d.Subject.Start.Line)))
				}) {
					t.Errorf("expected %q in %v", test.want[i], diags)
				}
			}
			if strings.Contains(diags.Error(), "hunter2") {
				t.Errorf("a secret is shown: %v", diags)
			}
		})
	}
}
