package csv_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
)

func decode(t *testing.T, body string, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(body), "x.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return hcldec.Decode(file.Body, csv.New().SourceSpec(), ctx)
}

func TestSpecAccepts(t *testing.T) {
	for _, body := range []string{
		`directory = "data"`,
		`
		directory        = "/srv/exports/apogee"
		extension        = ".txt"
		delimiter        = "\t"
		encoding         = "ISO-8859-15"
		quote            = "'"
		comment          = "#"
		null             = "\\N"
		date_format      = "DD/MM/YYYY"
		timestamp_format = "DD/MM/YYYY hh:mm:ss"
		decimal          = ","
		thousands        = " "
		true_values      = ["O"]
		false_values     = ["N"]
		trim             = true
		types = {
		  DATE_NAI         = "date"
		  "rooms.capacity" = "integer"
		  changed          = "timestamp"
		}`,
		`
		directory = "."
		header    = false
		columns   = ["code", "label"]
		quote     = ""
		delimiter = "§"`,
	} {
		if _, diags := decode(t, body, nil); len(diags) > 0 {
			t.Errorf("%s\n%v", body, diags)
		}
	}
}

func TestSpecRefuses(t *testing.T) {
	for body, want := range map[string]string{ // want stands in the detail; the subject is what «» marks
		`directory = «""»`:                          `write "." for the configuration's own directory`,
		`extension = «"csv"»`:                       `write it with its dot, such as ".csv"`,
		`extension = «"."»`:                         "not a file name's extension",
		`extension = «"./x"»`:                       "not a file name's extension",
		`delimiter = «""»`:                          `"" has 0 characters: a delimiter is exactly one`,
		`delimiter = «";;"»`:                        `";;" has 2 characters`,
		`delimiter = «"\n"»`:                        "cannot delimit fields",
		`delimiter = «"x"»`:                         "letters and digits are part of values",
		`encoding = «"utf-9"»`:                      `"utf-9" is not a known encoding. Did you mean "utf-8"?`,
		`encoding = «"klingon"»`:                    `"klingon" is not a known encoding. Some known ones: utf-8,`,
		`encoding = «"windows-152"»`:                `Did you mean "windows-1252"?`,
		`quote = «"''"»`:                            "is not one ASCII character",
		`quote = «"«"»`:                             "is not one ASCII character",
		`comment = «"a"»`:                           "a punctuation character is expected",
		`comment = «" "»`:                           "a punctuation character is expected",
		`columns = «[]»`:                            "it names no columns",
		`columns = «["a", ""]»`:                     "the name of column 2 is empty",
		`columns = «["a", "a"]»`:                    `the name "a" stands twice`,
		`date_format = «"DD/MM/YY"»`:                "a year has four digits",
		`date_format = «"dd/mm/yyyy"»`:              `"d" is not part of a format`,
		`date_format = «"MM/YYYY"»`:                 "is not a whole date",
		`date_format = «"DD/mm/YYYY"»`:              "is not a whole date: YYYY, MM and DD are needed, and case counts",
		`date_format = «"DD/MM/YYYY mm"»`:           "MM is the month and mm the minute",
		`date_format = «"DD/MM/YYYY/DD"»`:           `"DD" stands twice`,
		`date_format = «"DMMYYYY"»`:                 `"MM" follows a field of one or two digits`,
		`date_format = «"DD-MON-YYYY"»`:             `"O" is not part of a format`,
		`timestamp_format = «"DD/MM/YYYY"»`:         "lacks the time of day",
		`timestamp_format = «"DD/MM/YYYY hh:mm.f"»`: "has a fraction, f, but no seconds",
		`decimal = «";"»`:                           `it is "." or ","`,
		`thousands = «"  "»`:                        "it is one character",
		`thousands = «"-"»`:                         "it is one character",
		`true_values = «[""]»`:                      "none that is empty",
		`false_values = «[]»`:                       "at least one text",
		`types = «{ a = "dates" }»`:                 `column "a": "dates" is not a type; the types are bool, date, decimal, float, integer, text, time, timestamp, timestamptz. Did you mean "date"?`,
		`types = «{ a = null }»`:                    `column "a": "" is not a type`,
		`trim = «"perhaps"»`:                        "bool",
	} {
		plain := strings.NewReplacer("quote = «\"«\"»", "quote = \"«\"", "«", "", "»", "").Replace(body)
		if !strings.Contains(plain, "directory") {
			plain += "\ndirectory = \"data\"\n"
		}
		_, diags := decode(t, plain, nil)
		if len(diags) != 1 || diags[0].Severity != hcl.DiagError || !strings.Contains(strings.ToLower(diags[0].Detail), strings.ToLower(want)) {
			t.Errorf("%s: %v, want %q", plain, diags, want)
			continue
		}
		_, marked, _ := strings.Cut(body, "«")
		marked = strings.TrimSuffix(marked, "»")
		if got := string(diags[0].Subject.SliceBytes([]byte(plain))); got != marked {
			t.Errorf("%s: the subject is %q", plain, got)
		}
	}
}

func TestSpecRefusesTogether(t *testing.T) {
	for _, test := range [][2]string{
		{`delimiter = "'", quote = "'"`, `Delimiter and quote are the same character, "'".`},
		{`delimiter = "#", comment = "#"`, `Delimiter and comment are the same character, "#".`},
		{`quote = "'", comment = "'"`, `Quote and comment are the same character, "'".`},
		{`decimal = ",", thousands = ","`, `Decimal and thousands are the same character, ",".`},
		{`columns = ["a"]`, "Set header = false, or leave columns out"},
		{`true_values = ["O"]`, "are set together"},
		{`true_values = ["O"], false_values = ["N", "O"]`, `both contain "O"`},
		{`delimiter = "→", encoding = "windows-1252"`, "the character '→' does not exist in windows-1252"},
		{`timestamp_format = "YYYY-MM-DD hh:mmZ", types = { a = "timestamp" }`, "declare it a timestamptz"},
		{`timestamp_format = "YYYY-MM-DD hh:mm", types = { a = "timestamptz", b = "date" }`, "has no Z for its offset"},
		{`directory = "data", delimiter = ";"` + "\n" + `nothing = 1`, `"nothing"`},
	} {
		body, want := test[0], test[1]
		body = strings.ReplaceAll(body, `", `, "\"\n")
		body = strings.ReplaceAll(body, `], f`, "]\nf")
		body = strings.ReplaceAll(body, "\"N\"\n\"O\"", `"N", "O"`)
		body = strings.ReplaceAll(body, "\"timestamptz\"\nb", `"timestamptz", b`)
		if !strings.Contains(body, "directory") {
			body += "\ndirectory = \"data\"\n"
		}
		_, diags := decode(t, body, nil)
		if len(diags) != 1 || !strings.Contains(strings.ToLower(diags[0].Detail), strings.ToLower(want)) {
			t.Errorf("%s\n%v, want %q", body, diags, want)
		}
	}
	if _, diags := decode(t, "", nil); len(diags) != 1 || !strings.Contains(diags[0].Detail, `"directory" is required`) {
		t.Errorf("no directory: %v", diags)
	}
}

func TestSpecKeepsSecretsAndWaitsForValues(t *testing.T) {
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{
		"secret":  cty.StringVal("hunter2").Mark("sensitive"),
		"unknown": cty.UnknownVal(cty.String),
	}}
	_, diags := decode(t, "directory = \"data\"\nencoding = secret\n", ctx)
	if len(diags) != 1 || strings.Contains(diags.Error(), "hunter2") || !strings.Contains(diags[0].Detail, "sensitive") {
		t.Errorf("%v", diags)
	}
	if _, diags := decode(t, "directory = unknown\ndelimiter = unknown\n", ctx); len(diags) > 0 {
		t.Errorf("%v", diags)
	}
}

// Attributes that did not come through the spec are checked all the same.
func TestOpenSourceRefuses(t *testing.T) {
	dir := write(t, map[string]string{"data/x.csv": "c\n", "file": ""})
	for want, attributes := range map[string]providers.Attributes{
		"directory: it is empty":              {"directory": ""},
		`open directory "nowhere": `:          {"directory": "nowhere"},
		`open directory "file": it is a file`: {"directory": "file"},
		"delimiter: ":                         {"delimiter": "ab"},
		"quote: ":                             {"quote": "ab"},
		"comment: ":                           {"comment": "ab"},
		"encoding: ":                          {"encoding": "ebcdic"},
		"extension: ":                         {"extension": "csv"},
		"columns: ":                           {"columns": []any{"a", "a"}},
		"decimal: ":                           {"decimal": "x"},
		"thousands: ":                         {"thousands": "xx"},
		"date_format: ":                       {"date_format": "x"},
		"timestamp_format: ":                  {"timestamp_format": "x"},
		`types: column "a": `:                 {"types": map[string]any{"a": "x"}},
	} {
		if source, err := csv.New().OpenSource(t.Context(), with(attributes), dir); err == nil {
			t.Errorf("%s: accepted %v", want, source)
		} else if !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), dir) {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}
