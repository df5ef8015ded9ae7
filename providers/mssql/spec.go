package mssql

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

// spec declares:
//
//	host                     name or address; required
//	port                     1433 unless set
//	instance                 a named instance, whose port its server is asked for; not beside port
//	database, user, password required
//	domain                   the login is one of Windows', checked by NTLM: user of this domain
//	encrypt                  mandatory (unless set), strict (TDS 8.0), or disable, which warns
//	trust_certificate        true: whatever certificate the server shows is taken, which warns
//	ca_file                  PEM file of the authority to trust, relative to the configuration; the
//	                         system's authorities unless set
//	hostname_in_certificate  the name that the certificate has for the server; host unless set
//	tlsmin                   1.0, 1.1, 1.2 (unless set) or 1.3
//	connect_timeout          seconds, 15 unless set
//	read_timeout             seconds that the server may send nothing, 300 unless set
func spec() hcldec.Spec {
	attributes := hcldec.ObjectSpec{
		"port":            providers.CheckedAttribute("port", cty.Number, providers.WholeNumber("port", 1, 65535)),
		"connect_timeout": providers.CheckedAttribute("connect_timeout", cty.Number, providers.WholeNumber("connect_timeout", 1, 3600)),
		"read_timeout":    providers.CheckedAttribute("read_timeout", cty.Number, providers.WholeNumber("read_timeout", 1, 86400)),
		"tlsmin":          providers.CheckedAttribute("tlsmin", cty.String, providers.OneOf("tlsmin", "1.0", "1.1", "1.2", "1.3")),
		"encrypt": &hcldec.ValidateSpec{
			Wrapped: providers.CheckedAttribute("encrypt", cty.String, providers.OneOf("encrypt", "strict", "mandatory", "disable")),
			Func: warning("Unencrypted connection", `encrypt = "disable" sends the password, and every row, so that anybody on the way can read and change them. Leave it out wherever the server can do TLS: tlsmin is for old ones.`,
				func(v cty.Value) bool { return v.AsString() == "disable" }),
		},
		"trust_certificate": &hcldec.ValidateSpec{
			Wrapped: &hcldec.AttrSpec{Name: "trust_certificate", Type: cty.Bool},
			Func: warning("Unverified server", "trust_certificate = true takes whoever answers for the server, and tells them the password. Name the authority that signed its certificate in ca_file instead.",
				func(v cty.Value) bool { return v.True() }),
		},
	}
	for _, name := range []string{"host", "database", "user", "password"} {
		attributes[name] = &hcldec.AttrSpec{Name: name, Type: cty.String, Required: true}
	}
	for _, name := range []string{"instance", "domain", "ca_file", "hostname_in_certificate"} {
		attributes[name] = &hcldec.AttrSpec{Name: name, Type: cty.String}
	}
	return &hcldec.ValidateSpec{Wrapped: attributes, Func: checkTogether}
}

// warning warns of the known values for which unsafe is true. It is a warning, not an error: a server may
// know no better.
func warning(summary, detail string, unsafe func(cty.Value) bool) func(cty.Value) hcl.Diagnostics {
	return func(v cty.Value) hcl.Diagnostics {
		v, _ = v.Unmark()
		if !v.IsKnown() || v.IsNull() || !unsafe(v) {
			return nil
		}
		return hcl.Diagnostics{{Severity: hcl.DiagWarning, Summary: summary, Detail: detail}}
	}
}

// checkTogether refuses what does not go together.
func checkTogether(object cty.Value) hcl.Diagnostics {
	object, _ = object.Unmark()
	if !object.IsKnown() || object.IsNull() {
		return nil
	}
	given := func(name string) bool {
		v, _ := object.GetAttr(name).Unmark()
		return !v.IsKnown() || !v.IsNull()
	}
	text := func(name string) string {
		v, _ := object.GetAttr(name).Unmark()
		if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
			return ""
		}
		return v.AsString()
	}
	var diags hcl.Diagnostics
	report := func(summary, format string, args ...any) {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...)})
	}
	if given("instance") && given("port") {
		report("Conflicting attributes", "instance has the port looked up, and port already says it: remove one of them.")
	}
	if strings.ContainsAny(text("host"), `\,/`) {
		report("Unsuitable value for host", "host is a name or an address only: write instance and port apart, and neither tcp: nor a comma.")
	}
	if strings.Contains(text("user"), `\`) {
		report("Unsuitable value for user", `A login of Windows is written in two attributes, domain and user; the name of a SQL login holds no \.`)
	}
	trusted, _ := object.GetAttr("trust_certificate").Unmark()
	if trusted.IsKnown() && !trusted.IsNull() && trusted.True() {
		if text("encrypt") == "strict" {
			report("Conflicting attributes", `encrypt = "strict" always checks the certificate: remove trust_certificate, and name the authority in ca_file.`)
		}
		for _, name := range []string{"ca_file", "hostname_in_certificate"} {
			if given(name) {
				report("Conflicting attributes", "trust_certificate takes any certificate, and %s says what to check: remove one of them.", name)
			}
		}
	}
	if text("encrypt") == "disable" {
		for _, name := range []string{"ca_file", "hostname_in_certificate", "tlsmin", "trust_certificate"} {
			if given(name) {
				report("Conflicting attributes", `%s is about TLS, which encrypt = "disable" does without: remove one of them.`, name)
			}
		}
	}
	return diags
}
