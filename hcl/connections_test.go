package hcl

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
)

// strict checks its block as a whole.
type strict struct{ sourceOnly }

func (strict) SourceSpec() hcldec.Spec {
	return &hcldec.ValidateSpec{
		Wrapped: hcldec.ObjectSpec{
			"user":     &hcldec.AttrSpec{Name: "user", Type: cty.String, Required: true},
			"password": &hcldec.AttrSpec{Name: "password", Type: cty.String},
		},
		Func: func(v cty.Value) hcl.Diagnostics {
			return hcl.Diagnostics{{
				Severity: hcl.DiagError, Summary: "Unsuitable block",
				Detail: "The password " + v.GetAttr("password").AsString() + " is no good.", Subject: &hcl.Range{Filename: "main.hcl", Start: hcl.InitialPos, End: hcl.InitialPos},
			}}
		},
	}
}

// nothing declares no arguments.
type nothing struct{ sourceOnly }

func (nothing) SourceSpec() hcldec.Spec { return nil }

func TestChecksOfTheWholeBlock(t *testing.T) {
	opts := testOptions()
	opts.Providers = append(opts.Providers, strict{sourceOnly{named{"strict"}}})
	opts.Environ = []string{"REGISTRAR_VAR_secret=" + secret}
	declared := "variable \"secret\" { sensitive = true }\n"

	text := failing(t, directory(t, "main.hcl", "source \"strict\" \"a\" {\n user = \"u\"\n password = var.secret\n}\n"+declared), opts, "Unsuitable block", withheld)
	if strings.Contains(text, secret) {
		t.Errorf("the secret is shown:\n%s", text)
	}
	// What HCL says of the block's form quotes no value.
	failing(t, directory(t, "main.hcl", "source \"strict\" \"a\" { password = var.secret }\n"+declared), opts, `The argument "user" is required`)
	failing(t, directory(t, "main.hcl", "source \"strict\" \"a\" {\n user = \"u\"\n password = \"open\"\n}\n"+declared), opts, "The password open is no good.")
}

func TestProviderWithoutArguments(t *testing.T) {
	opts := testOptions()
	opts.Providers = append(opts.Providers, nothing{sourceOnly{named{"nothing"}}})
	c := mustLoad(t, directory(t, "main.hcl", `source "nothing" "a" {}`), opts)
	if c.Sources[0].Attributes == nil || len(c.Sources[0].Attributes) != 0 {
		t.Errorf("Attributes = %v", c.Sources[0].Attributes)
	}
	failing(t, directory(t, "main.hcl", `source "nothing" "a" { x = 1 }`), opts, `"x" is not expected here`)
}
