package oracle

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

// maxSeconds is the greatest of the timeouts, a day.
const maxSeconds = 86_400

// spec declares:
//
//	host             name or address; required
//	port             1521 unless set
//	service, sid     which database: exactly one of the two
//	user             required
//	password         required, unless the wallet holds it
//	tls              false unless set
//	wallet           folder with a cwallet.sso, relative to the configuration: whom to trust; only with tls
//	connect_timeout  seconds until a login must be over, 15 unless set
//	read_timeout     seconds; a server that sends nothing for so long ends the read; 300 unless set
//	prefetch_rows    rows asked for at a time, 500 unless set: fewer where rows hold large LOBs, as an answer
//	                 is in memory as a whole
func spec() hcldec.Spec {
	attributes := hcldec.ObjectSpec{}
	for _, name := range []string{"host", "user", "password", "wallet"} {
		attributes[name] = &hcldec.AttrSpec{Name: name, Type: cty.String}
	}
	for _, name := range []string{"service", "sid"} {
		attributes[name] = providers.CheckedAttribute(name, cty.String, func(v cty.Value) string { return badName(name, v.AsString()) })
	}
	attributes["tls"] = &hcldec.AttrSpec{Name: "tls", Type: cty.Bool}
	for name, most := range map[string]int64{"port": 65_535, "connect_timeout": maxSeconds, "read_timeout": maxSeconds, "prefetch_rows": 20_000} {
		attributes[name] = providers.CheckedAttribute(name, cty.Number, providers.WholeNumber(name, 1, most))
	}
	return &hcldec.ValidateSpec{Wrapped: attributes, Func: checkParts}
}

// checkParts looks at what one attribute alone does not show.
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
	for _, name := range []string{"host", "user"} {
		if !given(name) {
			report("Missing attribute", "%s is required.", name)
		}
	}
	switch {
	case given("service") && given("sid"):
		report("Conflicting attributes", "service and sid both name the database: remove one, sid unless the database is an old one.")
	case !given("service") && !given("sid"):
		report("Missing attribute", "service is required: the name of the service as the listener knows it. For a database that has only a SID, write sid.")
	}
	tls, _ := object.GetAttr("tls").Unmark()
	if given("wallet") && (tls.IsNull() || tls.IsKnown() && tls.False()) {
		report("Conflicting attributes", "wallet is of no use without tls = true.")
	}
	return diags
}
