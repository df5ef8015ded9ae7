package mysql_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclparse"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mysql"
)

func TestSpec(t *testing.T) {
	const whole = "database = \"moodle\"\nuser = \"reader\"\n"
	for body, want := range map[string]string{ // part of the diagnostics, "" for none
		whole + `host = "db"`:                        "",
		whole + `socket = "/run/mysqld/mysqld.sock"`: "",
		whole + "host = \"db\"\nport = 3307\ntls = \"verify-full\"\ntls_ca = \"ca.pem\"\nconnect_timeout = 5\nread_timeout = 60\npassword = \"p\"": "",
		whole:                                                           "host is required, unless socket",
		whole + "host = \"db\"\nsocket = \"/s\"":                        "remove host, or socket",
		whole + "port = 1\nsocket = \"/s\"":                             "remove port, or socket",
		whole + "host = \"db\"\nport = 0":                               "port must be a whole number from 1 to 65535",
		whole + "host = \"db\"\nport = 3306.5":                          "port must be a whole number",
		whole + "host = \"db\"\ntls = \"prefer\"":                       `tls must be one of ["disable" "require" "verify-ca" "verify-full"]`,
		whole + "host = \"db\"\ntls = \"require\"\ntls_ca = \"ca.pem\"": "no certificate is verified",
		whole + "host = \"db\"\nread_timeout = 0":                       "read_timeout must be",
		whole + "host = \"db\"\nconnect_timeout = 9999":                 "connect_timeout must be",
		"host = \"db\"\nuser = \"reader\"":                              "database",
		whole + "host = \"db\"\nurl = \"mysql://x\"":                    "url",
	} {
		file, diags := hclparse.NewParser().ParseHCL([]byte(body), "test.hcl")
		if !diags.HasErrors() {
			_, diags = hcldec.Decode(file.Body, mysql.New().SourceSpec(), nil)
		}
		switch text := diags.Error(); {
		case want == "" && diags.HasErrors():
			t.Errorf("%s\n%s", body, text)
		case want != "" && !strings.Contains(text, want):
			t.Errorf("%s\nyields %q, expected %q", body, text, want)
		}
	}
}

func TestOpenSourceErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "none.pem"), []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]providers.Attributes{
		"neither host nor socket": {"host": ""},
		"has no database":         {"database": ""},
		"has no user":             {"user": ""},
		"missing.pem":             {"tls_ca": "missing.pem"},
		"holds no certificate":    {"tls_ca": "none.pem"},
	} {
		attributes := providers.Attributes{"host": "db.example.org", "database": "d", "user": "u", "password": "s3cret"}
		maps.Copy(attributes, change)
		_, err := mysql.New().OpenSource(t.Context(), attributes, dir)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v, expected %q", err, want)
		}
	}
}
