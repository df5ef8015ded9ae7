package xlsx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// A small file that unpacks to much is refused, whether it says so or not.
func TestLimits(t *testing.T) {
	const rels = `<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="w.xml"/></Relationships>`
	const book = `<workbook><sheets><sheet name="S" id="r1"/></sheets></workbook>`
	const bookRels = `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="t.xml"/></Relationships>`
	small := limits{entries: 10, sheet: 4000, texts: 3000, other: 2000, token: 500}
	for name, test := range map[string]struct {
		texts string
		more  int
		want  string
	}{
		"fine":            {"<sst><si><t>a</t></si></sst>", 0, ""},
		"many texts":      {"<sst>" + strings.Repeat("<si><t>a</t></si>", 200) + "</sst>", 0, "at most 3000 are read"},
		"empty texts":     {"<sst>" + strings.Repeat("<si/>", 100) + "</sst>", 0, "their memory may be 3000 octets"},
		"one large text":  {"<sst><si><t>" + strings.Repeat("a", 600) + "</t></si></sst>", 0, "longer than 500 octets"},
		"runs of a text":  {"<sst><si>" + strings.Repeat("<r><t>"+strings.Repeat("a", 100)+"</t></r>", 6) + "</si></sst>", 0, "more than 500 octets"},
		"many parts":      {"<sst/>", 20, "at most 10 are read"},
		"an endless name": {"<sst><" + strings.Repeat("a", 600) + "/></sst>", 0, "longer than 500 octets"},
	} {
		t.Run(name, func(t *testing.T) {
			parts := map[string]string{"_rels/.rels": rels, "w.xml": book, "_rels/w.xml.rels": bookRels, "t.xml": test.texts}
			for i := range test.more {
				parts[fmt.Sprint("part", i)] = "x"
			}
			var file bytes.Buffer
			out := zip.NewWriter(&file)
			for name, text := range parts {
				w, err := out.Create(name)
				if err == nil {
					_, err = w.Write([]byte(text))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			_, err := openBook(t.Context(), bytes.NewReader(file.Bytes()), int64(file.Len()), "x.xlsx", small)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
