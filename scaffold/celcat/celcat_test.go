package celcat

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// Two layouts, both invented, since the real one is not known.
func TestConvert(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"elements", "attributes"} {
		src, err := os.ReadFile(filepath.Join("testdata", name+".xml"))
		if err != nil {
			t.Fatal(err)
		}
		result, err := Convert("CTSyncConfig.xml", src)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden := filepath.Join("testdata", name+".hcl")
		if *update {
			if err := os.WriteFile(golden, result.Text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(result.Text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if strings.Contains(string(result.Text), "hunter2") {
			t.Errorf("%s: a password is written", name)
		}
		for line := range strings.Lines(string(result.Text)) {
			if line != "\n" && !strings.HasPrefix(line, "#") {
				t.Errorf("%s: not a comment: %s", name, line)
			}
		}
	}
}

// Nothing of the file is lost, but for what is masked.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	result, err := Convert("f", []byte(`<a x="un"><b>deux<c/>trois</b><!-- quatre --><b>SELECT cinq FROM t</b><d><![CDATA[six
sept]]></d><e>Passage</e></a>`))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"un", "deux", "trois", "quatre", "cinq", "six", "sept", "Passage"} {
		if strings.Count(string(result.Text), word) == 0 {
			t.Errorf("%s is lost:\n%s", word, result.Text)
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	text := `<tâches><nom>Référentiel œ €</nom></tâches>`
	windows, err := charmap.Windows1252.NewEncoder().String(`<?xml version="1.0" encoding="Windows-1252"?>` + text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(`<?xml version="1.0" encoding="utf-16"?>` + text)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{text, "\ufeff" + text, windows, wide} {
		result, err := Convert("f", []byte(src))
		if err != nil {
			t.Errorf("%.40q: %v", src, err)
			continue
		}
		if want := "# tâches/nom = Référentiel œ €\n"; !strings.Contains(string(result.Text), want) {
			t.Errorf("%.40q: no %q in\n%s", src, want, result.Text)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		{`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, "document type"},
		{`<a>&b;</a>`, "not well-formed"},
		{`<a><b></a>`, "not well-formed"},
		{``, "no element"},
		{`id;name`, "no element"},
		{`<?xml version="1.0" encoding="ebcdic"?><a/>`, "ebcdic"},
		{strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200), "nested more than"},
		{"<a>" + strings.Repeat("<b/>", maxElements) + "</a>", "in all"},
		{"<a>" + strings.Repeat(" ", MaxOctets) + "</a>", "octets"},
	} {
		if _, err := Convert("f.xml", []byte(c.src)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "f.xml: ") {
			t.Errorf("%.60s: %v, want %s", c.src, err, c.want)
		}
	}
}

func FuzzConvert(f *testing.F) {
	f.Add([]byte(`<a b="SELECT 1 FROM x"><c>08:00</c><d>2026-09-01</d></a>`))
	f.Add([]byte("<a><add>SELECT 1 </add><update>select 2 </update>\u2028# ${x}</a>"))
	f.Fuzz(func(t *testing.T, src []byte) {
		result, err := Convert("f", src)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(result.Text)) {
			if line != "\n" && !strings.HasPrefix(line, "#") {
				t.Errorf("not a comment: %q", line)
			}
		}
	})
}
