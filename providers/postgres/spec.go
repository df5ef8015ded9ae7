package postgres

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

// partNames are the attributes that url stands for.
var partNames = []string{"host", "port", "database", "user", "password", "sslmode", "sslrootcert"}

// spec declares:
//
//	url              postgres://user:password@host:port/database?sslmode=…, a secret as a whole; or else
//	host             name, address, or directory of a socket; required
//	port             5432 unless set
//	database, user   required
//	password
//	sslmode          disable, require, verify-ca or verify-full; require unless set, but for a host
//	                 that is this machine. allow and prefer are refused: they fall back to an
//	                 unencrypted connection silently
//	sslrootcert      PEM file of the authority to trust, relative to the configuration
//	application_name registrar unless set
//	connect_timeout  seconds, 15 unless set
func spec() hcldec.Spec {
	attributes := hcldec.ObjectSpec{}
	for _, name := range []string{"url", "host", "database", "user", "password", "sslrootcert", "application_name"} {
		attributes[name] = &hcldec.AttrSpec{Name: name, Type: cty.String}
	}
	attributes["sslmode"] = providers.CheckedAttribute("sslmode", cty.String, func(v cty.Value) string {
		return badSSLMode(v.AsString())
	})
	attributes["port"] = providers.CheckedAttribute("port", cty.Number, providers.WholeNumber("port", 1, 65535))
	attributes["connect_timeout"] = providers.CheckedAttribute("connect_timeout", cty.Number, providers.WholeNumber("connect_timeout", 1, 3600))
	return &hcldec.ValidateSpec{Wrapped: attributes, Func: checkParts}
}

// checkParts demands a url, or else the parts.
func checkParts(object cty.Value) hcl.Diagnostics {
	object, _ = object.Unmark()
	if !object.IsKnown() || object.IsNull() {
		return nil
	}
	given := func(name string) bool {
		v, _ := object.GetAttr(name).Unmark()
		return !v.IsKnown() || !v.IsNull()
	}
	var diags hcl.Diagnostics
	report := func(summary, format string, args ...any) {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...)})
	}
	if given("url") {
		for _, name := range partNames {
			if given(name) {
				report("Conflicting attributes", "url already says where to connect: remove %s, or write host, database and user instead of url.", name)
			}
		}
		return diags
	}
	for _, name := range []string{"host", "database", "user"} {
		if !given(name) {
			report("Missing attribute", "%s is required, unless url is given.", name)
		}
	}
	return diags
}
