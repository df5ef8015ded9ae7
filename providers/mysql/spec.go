package mysql

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

// The values of tls. There is none that falls back to an open connection without a word.
const (
	tlsDisable    = "disable"
	tlsRequire    = "require"
	tlsVerifyCA   = "verify-ca"
	tlsVerifyFull = "verify-full"
)

// spec declares:
//
//	host             name or address
//	port             3306 unless set
//	socket           path of a socket, instead of host and port
//	database, user   required
//	password
//	tls              disable, require, verify-ca or verify-full; require unless set (verify-full with
//	                 tls_ca), but for a server on this machine, where it is used if the server has it
//	tls_ca           PEM file of the authority to trust, relative to the configuration; the
//	                 system's authorities unless set
//	connect_timeout  seconds that connecting and logging in may take, 15 unless set
//	read_timeout     seconds for which the server may send nothing while rows are read, 300 unless set
func spec() hcldec.Spec {
	attributes := connectionAttributes()
	attributes["read_timeout"] = providers.CheckedAttribute("read_timeout", cty.Number, providers.WholeNumber("read_timeout", 1, 86400))
	return &hcldec.ValidateSpec{Wrapped: attributes, Func: checkTogether}
}

// destinationSpec declares what spec does, without read_timeout.
func destinationSpec() hcldec.Spec {
	return &hcldec.ValidateSpec{Wrapped: connectionAttributes(), Func: checkTogether}
}

func connectionAttributes() hcldec.ObjectSpec {
	attributes := hcldec.ObjectSpec{}
	for _, name := range []string{"host", "socket", "password", "tls_ca"} {
		attributes[name] = &hcldec.AttrSpec{Name: name, Type: cty.String}
	}
	for _, name := range []string{"database", "user"} {
		attributes[name] = &hcldec.AttrSpec{Name: name, Type: cty.String, Required: true}
	}
	attributes["tls"] = providers.CheckedAttribute("tls", cty.String, providers.OneOf("tls", tlsDisable, tlsRequire, tlsVerifyCA, tlsVerifyFull))
	attributes["port"] = providers.CheckedAttribute("port", cty.Number, providers.WholeNumber("port", 1, 65535))
	attributes["connect_timeout"] = providers.CheckedAttribute("connect_timeout", cty.Number, providers.WholeNumber("connect_timeout", 1, 3600))
	return attributes
}

// checkTogether demands one server, and an authority only where it is heeded.
func checkTogether(object cty.Value) hcl.Diagnostics {
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
	switch {
	case given("socket"):
		for _, name := range []string{"host", "port"} {
			if given(name) {
				report("Conflicting attributes", "socket already says where to connect: remove %s, or socket.", name)
			}
		}
	case !given("host"):
		report("Missing attribute", "host is required, unless socket is given.")
	}
	if tls, _ := object.GetAttr("tls").Unmark(); given("tls_ca") && tls.IsKnown() && !tls.IsNull() {
		if mode := tls.AsString(); mode == tlsDisable || mode == tlsRequire {
			report("Conflicting attributes", "With tls = %q no certificate is verified: write tls = %q, or remove tls_ca.", mode, tlsVerifyFull)
		}
	}
	return diags
}
