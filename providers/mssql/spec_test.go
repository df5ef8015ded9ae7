package mssql_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
)

const least = "host = \"sql.example.org\"\ndatabase = \"timetable\"\nuser = \"reader\"\npassword = \"Pa55\"\n"

func TestSpec(t *testing.T) {
	for text, want := range map[string]string{
		least:                 "",
		least + `port = 1433`: "",
		least + `encrypt = "strict"` + "\nca_file = \"ca.pem\"\ntlsmin = \"1.3\"": "",
		least + "domain = \"CAMPUS\"\ninstance = \"SQLEXPRESS\"":                  "",
		least + "port = secret":                                      "",
		least + `encrypt = "disable"`:                                "warning: Unencrypted connection",
		least + "trust_certificate = true":                           "warning: Unverified server",
		least + "trust_certificate = false":                          "",
		least + `encrypt = "optional"`:                               "error: Unsuitable value for encrypt: encrypt must be one of",
		least + "port = 0":                                           "error: Unsuitable value for port: port must be a whole number from 1 to 65535",
		least + "connect_timeout = 1.5":                              "connect_timeout must be a whole number",
		least + "read_timeout = 0":                                   "read_timeout must be a whole number",
		least + `tlsmin = "0.9"`:                                     "error: Unsuitable value for tlsmin",
		least + "port = 1433\ninstance = \"X\"":                      "error: Conflicting attributes: instance has the port looked up",
		least + "encrypt = \"strict\"\ntrust_certificate = true":     `error: Conflicting attributes: encrypt = "strict" always checks`,
		least + "trust_certificate = true\nca_file = \"ca.pem\"":     "error: Conflicting attributes: trust_certificate takes any certificate",
		least + "encrypt = \"disable\"\ntlsmin = \"1.2\"":            "error: Conflicting attributes: tlsmin is about TLS",
		least + "lock_timeout = 5":                                   "Unsupported argument",
		"database = \"d\"\nuser = \"u\"\npassword = \"Pa55\"":        "Missing required argument",
		strings.Replace(least, "sql.example.org", `sql\\EXPRESS`, 1): "error: Unsuitable value for host",
		strings.Replace(least, "reader", `CAMPUS\\reader`, 1):        "error: Unsuitable value for user",
	} {
		file, diags := hclparse.NewParser().ParseHCL([]byte(text), "main.hcl")
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		_, diags = hcldec.Decode(file.Body, mssql.New().SourceSpec(), &hcl.EvalContext{Variables: map[string]cty.Value{"secret": cty.NumberIntVal(1433).Mark("sensitive")}})
		var got []string
		for _, d := range diags {
			severity := "error"
			if d.Severity == hcl.DiagWarning {
				severity = "warning"
			}
			got = append(got, severity+": "+d.Summary+": "+d.Detail)
			if d.Subject == nil {
				t.Errorf("%s: no range", d.Summary)
			}
			if strings.Contains(d.Error(), "Pa55") {
				t.Errorf("the password is shown: %v", d)
			}
		}
		if (want == "") != (got == nil) || !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s\nyields %q, expected %q", text, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	for name, test := range map[string]struct {
		attributes providers.Attributes
		want       string
	}{
		"no host":       {providers.Attributes{"database": "d", "user": "u", "password": "Pa55"}, "no host"},
		"no password":   {providers.Attributes{"host": "h", "database": "d", "user": "u"}, "no password"},
		"beyond U+FFFF": {providers.Attributes{"host": "h", "database": "d", "user": "u", "password": "Pa55🙂"}, "password holds a character beyond U+FFFF"},
		"tlsmin":        {providers.Attributes{"host": "h", "database": "d", "user": "u", "password": "Pa55", "tlsmin": "2"}, "tlsmin"},
	} {
		if _, err := mssql.New().OpenSource(t.Context(), test.attributes, ""); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "Pa55") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
