package hcltext

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Whatever the text, it is that text again, or a comment.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a\"b\\c", "${x}", "%{ if }", "a\nb\r\nc\u2028d", "*/ } x = 1", "\u202e\x00\x1b[31m", "SQL\nSQL_\n", "é œ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd")
		expr, diags := hclsyntax.ParseExpression([]byte(Quote(text)), "", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%q: %v", text, diags)
		}
		if v, diags := expr.Value(nil); diags.HasErrors() || !strings.Contains(text, "\x00") && kept(v.AsString()) != kept(text) {
			t.Errorf("%q is %#v", text, v)
		}
		for _, line := range strings.FieldsFunc(Comment(text), func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' }) {
			if !strings.HasPrefix(line, "#") {
				t.Errorf("%q leaves its comment: %q", text, line)
			}
		}
		if label := Label(text); !hclsyntax.ValidIdentifier(label) {
			t.Errorf("%q: the label %q is no name", text, label)
		}
	})
}

// kept brings text into the form in which HCL keeps it.
func kept(text string) string {
	expr, _ := hclsyntax.ParseExpression([]byte(`"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "${", "$${", "%{", "%%{").Replace(text)+`"`), "", hcl.InitialPos)
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		return text
	}
	return v.AsString()
}

func TestLabel(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	for _, c := range [][2]string{{"Import_PFI SIFAC", "import_pfi_sifac"}, {"Étudiants (UFR n°2)", "etudiants_ufr_n_2"}, {"12", "sync_12"}, {"", "sync"}, {"import-pfi sifac", "import_pfi_sifac_2"}} {
		if got := Unique(Label(c[0]), taken); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
}

func TestRow(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]string{"COD_ETU": "row.COD_ETU", "Code étu": `row["Code étu"]`, "a-b": `row["a-b"]`, `x"y`: `row["x\"y"]`, "": `row[""]`} {
		if got := Row(column); got != want {
			t.Errorf("%q: %s, want %s", column, got, want)
		}
	}
}
