package csv_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers"
)

func TestRead(t *testing.T) {
	type attributes = providers.Attributes
	for name, test := range map[string]struct {
		file       string
		attributes attributes
		columns    []string // c, d unless set
		want       [][]string
		err        string // a part of the error's text
	}{
		"plain":                  {file: "c,d\n1,2\n3,4\n", want: [][]string{{"'1'", "'2'"}, {"'3'", "'4'"}}},
		"no final newline":       {file: "c,d\n1,2", want: [][]string{{"'1'", "'2'"}}},
		"crlf":                   {file: "c,d\r\n1,2\r\n", want: [][]string{{"'1'", "'2'"}}},
		"mixed line ends":        {file: "c,d\r\n1,2\n3,4\r\n", want: [][]string{{"'1'", "'2'"}, {"'3'", "'4'"}}},
		"cr":                     {file: "c,d\r1,2\r3,4", want: [][]string{{"'1'", "'2'"}, {"'3'", "'4'"}}},
		"cr at the end":          {file: "c,d\n1,2\r", want: [][]string{{"'1'", "'2'"}}},
		"stray cr":               {file: "c,d\n1,2\n3\rx,4\n", want: [][]string{{"'1'", "'2'"}}, err: `data/x.csv:3: column "c": a carriage return`},
		"header only":            {file: "c,d\n"},
		"header without newline": {file: "c,d"},

		"quoted delimiter":      {file: "c,d\n\"1,5\",2\n", want: [][]string{{"'1,5'", "'2'"}}},
		"doubled quotes":        {file: "c,d\n\"say \"\"yes\"\"\",\"\"\"\"\n", want: [][]string{{`'say "yes"'`, `'"'`}}},
		"newlines in quotes":    {file: "c,d\n\"1\r\n\n2\r3\",\"\n\"\n", want: [][]string{{"'1\r\n\n2\r3'", "'\n'"}}},
		"quoted header":         {file: "\"c\",\"d,\"\"e\"\"\"\n1,2\n", columns: []string{"c", `d,"e"`}, want: [][]string{{"'1'", "'2'"}}},
		"quoted at end of file": {file: "c,d\n1,\"2\"", want: [][]string{{"'1'", "'2'"}}},
		"quote in a field":      {file: "c,d\n1,5\" disk\n", err: `data/x.csv:2: column "d": a quote inside`},
		"blank before a quote":  {file: "c,d\n1, \"2\"\n", err: `data/x.csv:2: column "d": a quote inside`},
		"text behind a quote":   {file: "c,d\n\"1\"x,2\n", err: `data/x.csv:2: column "c": text behind`},
		"unclosed quote":        {file: "c,d\n1,2\n3,\"4\n5,6\n7,8\n", want: [][]string{{"'1'", "'2'"}}, err: `data/x.csv:3: column "d": the quote that opens here is not closed`},
		"lines behind newlines": {file: "c,d\n\"1\n\n\",2\n3\n", want: [][]string{{"'1\n\n'", "'2'"}}, err: "data/x.csv:5: "},
		"lines of a cr file":    {file: "c,d\r\"1\r\r\",2\r3\r", want: [][]string{{"'1\r\r'", "'2'"}}, err: "data/x.csv:5: "},
		"quotes off":            {file: "c,d\n\"1\",5\"\n", attributes: attributes{"quote": ""}, want: [][]string{{`'"1"'`, `'5"'`}}},
		"another quote":         {file: "c,d\n'1,''',\"2\n", attributes: attributes{"quote": "'"}, want: [][]string{{"'1,''", `'"2'`}}},

		"semicolon":              {file: "c;d\n1,5;2\n", attributes: attributes{"delimiter": ";"}, want: [][]string{{"'1,5'", "'2'"}}},
		"tab":                    {file: "c\td\n1\t\n", attributes: attributes{"delimiter": "\t"}, want: [][]string{{"'1'", "NULL"}}},
		"delimiter in utf-8":     {file: "c§d\n©§\"§\"\n", attributes: attributes{"delimiter": "§"}, want: [][]string{{"'©'", "'§'"}}},
		"delimiter in latin 1":   {file: "c\xa7d\n\xe9\xa7\n", attributes: attributes{"delimiter": "§", "encoding": "iso-8859-1"}, want: [][]string{{"'é'", "NULL"}}},
		"comments":               {file: "# \"made\nc,d\n#1,2\r3\n3,#4\n\"#5\",6\n#", attributes: attributes{"comment": "#"}, want: [][]string{{"'3'", "'#4'"}, {"'#5'", "'6'"}}},
		"comments count":         {file: "# made\r\nc,d\r\n#\r\n1\r\n", attributes: attributes{"comment": "#"}, err: "data/x.csv:4: "},
		"no comments unless set": {file: "c,d\n#1,2\n", want: [][]string{{"'#1'", "'2'"}}},

		"null":                {file: "c,d\n,\"\"\n\"\",\n", want: [][]string{{"NULL", "''"}, {"''", "NULL"}}},
		"null at end of file": {file: "c,d\n1,", want: [][]string{{"'1'", "NULL"}}},
		"null marker":         {file: "c,d\n\\N,\"\\N\"\n,\"\"\n", attributes: attributes{"null": `\N`}, want: [][]string{{"NULL", `'\N'`}, {"''", "''"}}},
		"blanks are no null":  {file: "c,d\n , 2 \n", want: [][]string{{"' '", "' 2 '"}}},
		"trim":                {file: " c ,d\n  , 2 \n \"3\" ,\" \"\n\" 4\"\t,\u00a05\u00a0\n", attributes: attributes{"trim": true}, want: [][]string{{"NULL", "'2'"}, {"'3'", "''"}, {"'4'", "'5'"}}},
		"trim with tabs":      {file: "c\td\n\t \" 1\"\n", attributes: attributes{"trim": true, "delimiter": "\t"}, want: [][]string{{"NULL", "'1'"}}},

		"short row":                 {file: "c,d,e\n1,2,3\n4\n", columns: []string{"c", "d", "e"}, want: [][]string{{"'1'", "'2'", "'3'"}}, err: `data/x.csv:3: the row has 1 field, 3 were expected: missing are "d", "e"`},
		"cut off":                   {file: "c,d\n1,2\n3", want: [][]string{{"'1'", "'2'"}}, err: `data/x.csv:3: the row has 1 field, 2 were expected: missing are "d"`},
		"long row":                  {file: "c,d\n1,2,3,4\n", err: "data/x.csv:2: the row has 4 fields, 2 were expected"},
		"empty lines":               {file: "c,d\n\n1,2\n\r\n3,4\n\n", want: [][]string{{"'1'", "'2'"}, {"'3'", "'4'"}}},
		"line of blanks":            {file: "c,d\n \n", err: "data/x.csv:2: the row has 1 field"},
		"empty lines of one column": {file: "c\n\n1\n\"\"\n", columns: []string{"c"}, want: [][]string{{"NULL"}, {"'1'"}, {"''"}}},
		"empty lines first":         {file: "\n\r\nc,d\n1,2\n", want: [][]string{{"'1'", "'2'"}}},

		"empty file":                {file: "", err: "data/x.csv is empty: a header"},
		"only a mark":               {file: "\xef\xbb\xbf", err: "data/x.csv is empty: a header"},
		"only a newline":            {file: "\n", err: "data/x.csv is empty: a header"},
		"header with an empty name": {file: "c,,e\n", err: "data/x.csv:1: the header's field 2 is empty"},
		"header with a name twice":  {file: "c,\"d\n\",c\n", err: "data/x.csv:2: the header's fields 1 and 3 are the same"},
		"header, names by case":     {file: "c,C\n1,2\n", columns: []string{"c", "C"}, want: [][]string{{"'1'", "'2'"}}},
		"header not utf-8":          {file: "c,\xe9\n", err: "data/x.csv:1: field 2: it holds bytes that are not utf-8"},
		"no header":                 {file: "1,2\n3,4\n", attributes: attributes{"header": false}, columns: []string{"c1", "c2"}, want: [][]string{{"'1'", "'2'"}, {"'3'", "'4'"}}},
		"no header, bad row":        {file: "1,2\n3\n", attributes: attributes{"header": false}, columns: []string{"c1", "c2"}, want: [][]string{{"'1'", "'2'"}}, err: `data/x.csv:2: the row has 1 field, 2 were expected: missing are "c2"`},
		"no header, names":          {file: "1,2\n", attributes: attributes{"header": false, "columns": []any{"a", "b"}}, columns: []string{"a", "b"}, want: [][]string{{"'1'", "'2'"}}},
		"no header, wrong names":    {file: "1,2\n", attributes: attributes{"header": false, "columns": []any{"a"}}, columns: []string{"a"}, err: "data/x.csv:1: the row has 2 fields, 1 were expected"},
		"no header, no rows":        {file: "", attributes: attributes{"header": false, "columns": []any{"a"}}, columns: []string{"a"}},
		"no header, unknown":        {file: "", attributes: attributes{"header": false}, err: "data/x.csv is empty, so its columns are not known"},
		"no header, empty line":     {file: "\n1,2\n", attributes: attributes{"header": false}, err: "data/x.csv:1: the first line is empty"},
		"no header, latin 1":        {file: "\xe9,2\n", attributes: attributes{"header": false, "encoding": "iso-8859-1"}, columns: []string{"c1", "c2"}, want: [][]string{{"'é'", "'2'"}}},

		"nul":              {file: "c,d\n1,2\x003\n", err: `data/x.csv:2: column "d": it contains a NUL`},
		"nul in latin 1":   {file: "c,d\n1,\xe92\x003\n", attributes: attributes{"encoding": "iso-8859-1"}, err: `data/x.csv:2: column "d": it contains a NUL`},
		"text not utf-8":   {file: "c,d\nétat,\"a\nb\"\n\"\n\",caf\xe9\n", want: [][]string{{"'état'", "'a\nb'"}}, err: `data/x.csv:5: column "d": it holds bytes that are not utf-8`},
		"undoubled quotes": {file: "c,d\n\"\"\"é\"\"\"\"\",é\n", want: [][]string{{`'"é""'`, "'é'"}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"data/x.csv": test.file})
			columns, got, err := all(t.Context(), t, open(t, dir, test.attributes), "x")
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			if columns == nil && err != nil {
				return // an error of Read: there are no rows
			}
			if test.columns == nil {
				test.columns = []string{"c", "d"}
			}
			if diff := cmp.Diff(test.columns, columns); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}
