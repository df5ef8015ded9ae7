package hcl

import (
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	in := "sync \"a\" {\r\nfor_each=faculty\r\n  source {\r\n    from = source.csv.rooms\r\n table=\"x\"\r\n}\r\n}"
	want := `sync "a" {
  for_each = faculty
  source {
    from  = source.csv.rooms
    table = "x"
  }
}
`
	got, diags := Format([]byte(in), "a.hcl")
	if string(got) != want || len(diags) > 0 {
		t.Errorf("got:\n%s\n%s", got, detailed(diags))
	}
	again, _ := Format(got, "a.hcl")
	if string(again) != want {
		t.Errorf("formatted again:\n%s", again)
	}
	if empty, diags := Format(nil, "a.hcl"); len(empty) != 0 || len(diags) != 0 {
		t.Errorf("nothing became %q", empty)
	}
}

func TestFormatBroken(t *testing.T) {
	in := "a = 1\n\nsync \"a\" {\n  x = \n}\n"
	got, diags := Format([]byte(in), "dir/a.hcl")
	if string(got) != in {
		t.Errorf("got %q", got)
	}
	if text := detailed(diags); !diags.HasErrors() || !strings.Contains(text, "dir/a.hcl:4") {
		t.Errorf("diagnostics: %s", text)
	}
}

func TestHoldsValues(t *testing.T) {
	for text, want := range map[string]bool{
		"":          false,
		"# x = 1\n": false,
		"locals {\n  x = { y = [1] }\n  z = 1\n}\n":  false,
		"sync \"a = b\" {\n  t = \"${a == 1}\"\n}\n": false,
		"x = 1":                            true,
		"\ufeff# comment\r\n\r\nx = 1\r\n": true,
		"locals {\n  a = \"${b}\"\n}\nx = <<E\ns\nE\n": true,
		"}\nx = \"unclosed":                            true,
	} {
		if got := HoldsValues([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
