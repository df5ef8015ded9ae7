package rowexpr

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

func decimal(text string) value.Value {
	v, err := value.ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return v
}

func date(text string) value.Value {
	v, err := value.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return v
}

func stamp(text string) value.Value {
	v, err := value.ParseDateTime(text)
	if err != nil {
		panic(err)
	}
	return v
}

var sample = testRow{
	"NAME": value.OfText(" Éloïse "), "code": value.OfText("A"), "N": value.OfInt(7), "price": decimal("1.10"), "f": value.OfFloat(0.1),
	"yes": value.OfBool(true), "no": value.OfBool(false), "empty": value.OfText(""), "nul": {}, "five": value.OfText("5"),
	"day": date("2026-01-31"), "at": stamp("2026-01-31 10:30:00"), "ts": value.OfInstant(time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC)),
	"clock": value.OfTime(8 * time.Hour), "blob": value.OfBytes([]byte{1, 2}), "nfd": value.OfText("e\u0301"), "nan": decimal("NaN"),
	"big": value.OfInt(math.MaxInt64), "old": date("0044-03-15 BC"), "never": value.Infinite(value.Date, false), "list": value.OfText("a,b"),
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		// References.
		{`row.NAME`, "text: Éloïse "},
		{`row.name`, "text: Éloïse "},
		{`row["NAME"]`, "text: Éloïse "},
		{`row["name"]`, "null"},
		{`(row.price)`, "decimal:1.10"},
		{`"${row.price}"`, "decimal:1.10"},
		{`row.f`, "float:0.1"},
		{`row.blob`, `bytes:\x0102`},
		{`row.nfd`, "text:e\u0301"},

		// Templates.
		{`"<${trim(row.NAME)}>"`, "text:<Éloïse>"},
		{`"${row.price} €"`, "text:1.10 €"},
		{`"${row.f}/${row.N}/${row.yes}"`, "text:0.1/7/true"},
		{`"${row.day} ${row.at} ${row.ts} ${row.clock}"`, "text:2026-01-31 2026-01-31 10:30:00 2026-01-31 09:30:00Z 08:00:00"},
		{`"a${row.nul}b"`, "null"},
		{`"a${row.nfd}b"`, "text:a\u00e9b"},
		{`"%{ if row.yes }y${row.N}%{ else }n%{ endif }"`, "text:y7"},
		{`"x%{ if row.nul }y%{ endif }"`, "text:x"},
		{"<<EOT\nHello ${trim(row.NAME)},\n  ${row.N}\nEOT\n", "text:Hello Éloïse,\n  7\n"},
		{"<<-EOT\n    a${row.N}\n      b\n    EOT\n", "text:a7\n  b\n"},
		{`"${row.N}${~ " x" }"`, "text:7 x"},

		// Numbers.
		{`row.five + 1`, "integer:6"},
		{`row.N / 2`, "decimal:3.5"},
		{`row.N / 7`, "integer:1"},
		{`1 / row.N * 7`, "decimal:0." + strings.Repeat("9", 59) + "9"},
		{`row.N % 4`, "integer:3"},
		{`-row.N % 4`, "integer:-3"},
		{`row.price % 0.2`, "decimal:0.1"},
		{`-row.N`, "integer:-7"},
		{`row.big + 1`, "decimal:9223372036854775808"},
		{`row.big + 1 - 1`, "integer:9223372036854775807"},
		{`-row.big - 2`, "decimal:-9223372036854775809"},
		{`row.big * row.big`, "decimal:85070591730234615847396907784232501249"},
		{`(-row.big - 1) * -1`, "decimal:9223372036854775808"},
		{`(-row.big - 1) / -1`, "decimal:9223372036854775808"},
		{`row.f + 0.2`, "decimal:0.3"},
		{`row.price * 1`, "decimal:1.1"},
		{`row.price * 10`, "integer:11"},
		{`row.nul + 1`, "null"},
		{`row.nul / 0`, "null"},
		{`-row.nul`, "null"},

		// Comparisons.
		{`row.price == 1.1`, "bool:true"},
		{`row.N == 7.0`, "bool:true"},
		{`row.five == 5`, "bool:false"},
		{`row.five < 6`, "bool:true"},
		{`row.f == 0.1`, "bool:true"},
		{`row.nfd == "\u00e9"`, "bool:true"},
		{`row.nul == null`, "bool:true"},
		{`null != row.nul`, "bool:false"},
		{`row.code == null`, "bool:false"},
		{`row.empty == null`, "bool:false"},
		{`row.code == row.nul`, "null"},
		{`row.nul != "x"`, "null"},
		{`row.nul < 1`, "null"},
		{`row.day < date("2026-02-01")`, "bool:true"},
		{`row.day == date("2026-01-31")`, "bool:true"},
		{`row.old < row.day`, "bool:true"},
		{`row.never > row.day`, "bool:true"},
		{`row.at >= datetime("2026-01-31 10:30")`, "bool:true"},
		{`row.clock < time("08:00:01")`, "bool:true"},
		{`date(row.at) == row.day`, "bool:true"},
		{`row.nan == row.nan`, "bool:true"},
		{`row.nan == 1`, "bool:false"},
		{`row.blob == row.blob`, "bool:true"},

		// Logic with three truth values.
		{`row.no && row.nul`, "bool:false"},
		{`row.nul && row.no`, "bool:false"},
		{`row.yes && row.nul`, "null"},
		{`row.nul && row.yes`, "null"},
		{`row.yes || row.nul`, "bool:true"},
		{`row.nul || row.yes`, "bool:true"},
		{`row.no || row.nul`, "null"},
		{`row.nul || row.no`, "null"},
		{`row.nul || row.nul`, "null"},
		{`!row.nul`, "null"},
		{`!row.yes`, "bool:false"},
		{`row.no && row.code + 1 > 0`, "bool:false"},
		{`row.yes || row.code + 1 > 0`, "bool:true"},

		// Conditionals.
		{`row.nul ? 1 : 2`, "integer:2"},
		{`row.yes ? row.N : row.code`, "text:7"},
		{`row.yes ? row.price : "none"`, "text:1.10"},
		{`row.yes ? row.price : 0`, "decimal:1.10"},
		{`row.yes ? 1 : "x${row.N}"`, "text:1"},
		{`row.yes ? row.N : row.nul`, "integer:7"},
		{`row.yes ? null : row.N`, "null"},
		{`row.yes ? row.day : null`, "date:2026-01-31"},
		{`row.yes ? 1 : row.code + 1`, "integer:1"},
		{`row.code != null ? row.code : "?"`, "text:A"},
		{`row.yes ? split(",", row.list)[1] : "x"`, "text:b"},

		// Tables of constants.
		{`{ A = "active", L = "leave" }[row.code]`, "text:active"},
		{`{ A = 1, B = null }[row.code]`, "integer:1"},
		{`{ "7" = "seven" }[row.N]`, "text:seven"},
		{`["a", "b"][row.N - 6]`, "text:b"},
		{`{ A = { x = 3 } }[row.code].x`, "integer:3"},
		{`{ A = "x" }[row.nul]`, "null"},
		{`try({ B = "x" }[row.code], "other")`, "text:other"},
		{`contains(["A", "B"], row.code)`, "bool:true"},
		{`contains([7, "8"], row.N)`, "bool:true"},
		{`contains([1.1], row.price)`, "bool:true"},
		{`contains(["7"], row.N)`, "bool:false"},
		{`contains(["A"], row.nul)`, "null"},
		{`contains([date("2026-01-31")], row.day)`, "bool:true"},
		{`contains(["2026-01-31"], row.day)`, "bool:false"},
		{`coalesce({ x = "y" }["x"], row.code)`, "text:y"},

		// Collections made of the row.
		{`split(",", row.list)[1]`, "text:b"},
		{`split(",", row.nul)[0]`, "null"},
		{`split("", row.list)[2]`, "text:b"},
		{`(split(row.code, "xAyA"))["2"]`, "text:"},
		{`split(",", row.list)[row.N - 6]`, "text:b"},
		{`length(split(",", row.list))`, "integer:2"},
		{`join("-", [row.code, row.N])`, "text:A-7"},
		{`join("-", [row.code, row.nul])`, "null"},
		{`join("-", compact([row.code, row.nul, row.empty, "z"]))`, "text:A-z"},
		{`jsonencode({ a = row.N, b = [row.nul, row.day] })`, `text:{"a":7,"b":[null,"2026-01-31"]}`},
		{`jsondecode("{\"a\": {\"b\": [1, ${row.N}]}}").a.b[1]`, "integer:7"},
		{`[row.code, row.N][1]`, "integer:7"},
		{`coalesce(split(",", row.list)...)`, "text:a"},
		{`coalesce([row.nul, row.code]...)`, "text:A"},
		{`max(row.N, [3, 9]...)`, "integer:9"},
		{`regex("(?P<first>.)(?P<rest>.*)", row.list).rest`, "text:,b"},
		{`element(split(",", row.list), -1)`, "text:b"},
		{`length(regexall("[ab]", row.list)) > 1`, "bool:true"},

		// Functions about NULL and errors.
		{`coalesce(row.nul, row.empty, "x")`, "text:"},
		{`coalesce(row.nul, row.nul)`, "null"},
		{`coalesce(row.price, 0)`, "decimal:1.10"},
		{`coalesce(row.code, row.code + 1)`, "text:A"},
		{`nullif(row.empty, "")`, "null"},
		{`nullif(row.code, "")`, "text:A"},
		{`nullif(row.code, row.nul)`, "text:A"},
		{`nullif(row.price, 1.1)`, "null"},
		{`try(row.code + 1, row.N)`, "integer:7"},
		{`try(row.nul, 1)`, "null"},
		{`can(row.code + 1)`, "bool:false"},
		{`can(row.nul + 1)`, "bool:true"},

		// Functions.
		{`upper(trim(row.NAME))`, "text:ÉLOÏSE"},
		{`trim(row.NAME, " É")`, "text:loïse"},
		{`unaccent(row.NAME)`, "text: Eloise "},
		{`strlen(row.nfd)`, "integer:1"},
		{`length(row.price)`, "integer:4"},
		{`substr(row.NAME, 1, 3)`, "text:Élo"},
		{`substr(row.list, 1, -1)`, "text:,b"},
		{`substr(row.list, 9, 1)`, "text:"},
		{`lpad(row.N, 3)`, "text:007"},
		{`lpad("${row.NAME}", 3, "-")`, "text: Éloïse "},
		{`rpad(row.code, 3)`, "text:A  "},
		{`round(row.price, 1)`, "decimal:1.1"},
		{`round(0.06 * row.N / 7, 1)`, "decimal:0.1"},
		{`round(row.N / -2)`, "integer:-4"},
		{`round(1234.5 + row.N, -2)`, "integer:1200"},
		{`ceil(row.N * 0.0000001)`, "integer:1"},
		{`floor(row.N * -0.0000001)`, "integer:-1"},
		{`abs(-row.big - 1)`, "decimal:9223372036854775808"},
		{`to_number(replace("1 234 567,80x", "x", row.empty), true)`, "decimal:1234567.8"},
		{`to_number("-1.234,5${row.empty}", true)`, "decimal:-1234.5"},
		{`to_number(row.five)`, "integer:5"},
		{`to_text(row.blob)`, `text:\x0102`},
		{`sha256(row.blob)`, "text:a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222"},
		{`base64encode(row.blob)`, "text:AQI="},
		{`to_date("29/02/${row.N + 2021}", "DD/MM/YYYY")`, "date:2028-02-29"},
		{`to_date("1 Mar ${row.N + 60}", "D MMM YY")`, "date:2067-03-01"},
		{`to_timestamp("${row.day} 02:30", "YYYY-MM-DD hh:mm", "Europe/Paris")`, "timestamp with time zone:2026-01-31 01:30:00Z"},
		{`to_timestamp("${row.day}T02:30:15.25+0530", "YYYY-MM-DD'T'hh:mm:ss.ffZZZZ")`, "timestamp with time zone:2026-01-30 21:00:15.25Z"},
		{`to_timestamp("${row.day} 12:05 am", "YYYY-MM-DD HH:mm aa")`, "timestamp:2026-01-31 00:05:00"},
		{`in_zone(row.ts, "Europe/Paris")`, "timestamp:2026-01-31 10:30:00"},
		{`in_zone(row.at, "Europe/Paris")`, "timestamp with time zone:2026-01-31 09:30:00Z"},
		{`formatdate("EEEE D MMMM YYYY, H:mm aa", row.at)`, "text:Saturday 31 January 2026, 10:30 am"},
		{`formatdate("hh'h'mm", row.clock)`, "text:08h00"},
		{`formatdate("YYYY-MM-DD'T'hh:mm:ssZ", row.ts)`, "text:2026-01-31T09:30:00Z"},
		{`formatdate("DD", "2026-01-31T00:00:00+02:00${row.empty}")`, "text:31"},
		{`add_days(row.day, 29)`, "date:2026-03-01"},
		{`add_days(row.never, 1)`, "date:infinity"},
		{`add_days(row.ts, -1)`, "timestamp with time zone:2026-01-30 09:30:00Z"},
		{`year(row.old)`, "integer:-44"},
		{`month(row.at) + day(row.day)`, "integer:32"},
		{`time(row.at)`, "time:10:30:00"},
		{`datetime(row.day)`, "timestamp:2026-01-31 00:00:00"},
		{`format("%s %s %05d", row.code, row.day, row.N)`, "text:A 2026-01-31 00007"},
		{`format("%v", row.nul)`, "null"},
		{`replace(row.list, "/[a-z]/", "<$0>")`, "text:<a>,<b>"},
		{`replace(row.list, "a", "$0")`, "text:$0,b"},
		{`parseint("zz", row.N + 29)`, "integer:1295"},
	} {
		t.Run(c.source, func(t *testing.T) {
			t.Parallel()
			got, err := run(t, c.source, sample)
			if err != nil {
				t.Fatal(err)
			}
			text := "null"
			if !got.IsNull() {
				text = got.Kind().String() + ":" + got.Text()
			}
			if text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

func TestRowsThatCannotBeComputed(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`row.code + 1`:                                `^\+: a number is required$`,
		`1 - row.day`:                                 `^-: a number is required$`,
		`row.N / (row.N - 7)`:                         `^/: division by zero$`,
		`row.price / (row.N - 7)`:                     `^/: division by zero$`,
		`row.N % (row.N - 7)`:                         `^%: division by zero$`,
		`row.price % (row.N - 7)`:                     `^%: division by zero$`,
		`row.nan + 1`:                                 `^\+: the number is not finite$`,
		`row.nan < 1`:                                 `^<: the number is not finite$`,
		`row.code < 1`:                                `^<: a number is required$`,
		`row.day < row.at`:                            `^<: a date cannot be compared with a timestamp$`,
		`row.day == row.code`:                         `^==: a date cannot be compared with text$`,
		`row.at != row.ts`:                            `^!=: a timestamp cannot be compared with a timestamp with time zone$`,
		`row.day == row.N`:                            `^==: a date cannot be compared with a number$`,
		`row.code && row.yes`:                         `^&&: true or false is required$`,
		`!row.code`:                                   `^!: true or false is required$`,
		`row.code ? 1 : 2`:                            `^conditional: true or false is required$`,
		`row.yes ? row.N : row.yes`:                   `^conditional: the results are not of one type$`,
		`"x${row.blob}"`:                              `^template: text is required$`,
		`upper(row.blob)`:                             `^upper: text is required$`,
		`regex("[0-9]", row.code)`:                    `^regex: the pattern does not match$`,
		`regex("([0-9])", row.code)[0]`:               `^regex: the pattern does not match, or is not one$`,
		`regexreplace(row.code, "[${row.code}", "")`:  `^regexreplace: the pattern is not a regular expression: missing closing \]$`,
		`date(row.code)`:                              `^date: not a date of the form YYYY-MM-DD$`,
		`date(row.ts)`:                                `in_zone`,
		`datetime(row.code)`:                          `^datetime: not a timestamp`,
		`time(row.code)`:                              `^time: not a time`,
		`to_date(row.code, "DD/MM/YYYY")`:             `^to_date: the text does not have the form of the format$`,
		`to_date("30/02/202${row.N}", "DD/MM/YYYY")`:  `^to_date: no such day$`,
		`to_date("01/01/202${row.N}x", "DD/MM/YYYY")`: `^to_date: the text does not have the form`,
		`to_timestamp("2026-01-01 2${row.N}:00", "YYYY-MM-DD hh:mm")`:      `^to_timestamp: no such time of day$`,
		`to_timestamp("2026-01-01 13 PM${row.empty}", "YYYY-MM-DD HH AA")`: `^to_timestamp: no such hour$`,
		`in_zone(row.at, row.code)`:                                        `^in_zone: the time zone is not known$`,
		`in_zone(row.day, "UTC")`:                                          `^in_zone: a timestamp is required$`,
		`formatdate("Z", row.day)`:                                         `^formatdate: a date has no time zone$`,
		`formatdate("YYYY", row.clock)`:                                    `^formatdate: a time has no date$`,
		`formatdate("YYYY", row.never)`:                                    `^formatdate: an infinite date has no parts$`,
		`formatdate("YYYY", row.code)`:                                     `^formatdate: the text is not a timestamp in RFC 3339`,
		`formatdate(row.code, row.day)`:                                    `^formatdate: the format has a verb`,
		`add_days(row.day, row.price)`:                                     `^add_days: a whole number is required$`,
		`add_days(row.day, row.big)`:                                       `^add_days: the date is out of range$`,
		`add_days(row.code, 1)`:                                            `^add_days: a date or timestamp is required`,
		`year(row.ts)`:                                                     `^year: a timestamp with time zone has no date`,
		`lpad(row.code, 10001)`:                                            `^lpad: the width must be`,
		`lpad(row.code, 3, row.list)`:                                      `^lpad: the padding must be one character$`,
		`indent(row.big, row.code)`:                                        `^indent: the width must be`,
		`format("%99999d", row.N)`:                                         `^format: an argument does not suit its verb$`,
		`format("%d", row.code)`:                                           `^format: an argument does not suit its verb$`,
		`to_number(row.code)`:                                              `^to_number: the text is not a number$`,
		`to_number("12 34,5${row.empty}", true)`:                           `^to_number: the text is not a number$`,
		`parseint(row.code, 10)`:                                           `^parseint: the text is not a whole number in this base$`,
		`parseint(row.code, row.big)`:                                      `^parseint: the base must be`,
		`tobool(row.code)`:                                                 `^tobool: true or false is required$`,
		`tonumber(row.code)`:                                               `^tonumber: a number is required$`,
		`base64decode(row.code)`:                                           `^base64decode: the text is not base64$`,
		`jsondecode(row.code)`:                                             `^jsondecode: the text is not JSON$`,
		`jsondecode("[${row.N}]")`:                                         `^a single value is required, not a tuple$`,
		`{ B = 1 }[row.code]`:                                              `^the collection has no element for this key$`,
		`[1, 2][row.N]`:                                                    `^the collection has no element for this key$`,
		`split(",", row.list)[2]`:                                          `^split: the collection has no element for this key$`,
		`split("", row.empty)[0]`:                                          `^split: the collection has no element for this key$`,
		`split(",", row.list)[-1]`:                                         `^the collection has no element for this key$`,
		`split(",", row.list)[0.5]`:                                        `^the collection has no element for this key$`,
		`split(",", row.list)[row.N]`:                                      `^the collection has no element for this key$`,
		`jsondecode("{}${row.empty}").x`:                                   `^the collection has no element for this key$`,
		`try(row.code + 1, row.code - 1)`:                                  `^try: no argument could be evaluated; the last: -: a number is required$`,
		`nullif(row.day, row.code)`:                                        `^nullif: a date cannot be compared with text$`,
		`element([], row.N)`:                                               `^element: `,
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			got, err := run(t, source, sample)
			if err == nil {
				t.Fatalf("got %s %q", got.Kind(), got.Text())
			}
			if !regexp.MustCompile(want).MatchString(err.Error()) {
				t.Errorf("error %q, want %s", err, want)
			}
		})
	}
}

func TestMistakesInExpressions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, summary, at string }{
		{`row`, unsupported, "row"},
		{`row.*`, unsupported, "row.*"},
		{`row[*].x`, unsupported, "row[*].x"},
		{`row.x.y`, "Invalid column reference", "row.x.y"},
		{`row.x[0]`, "Invalid column reference", "row.x[0]"},
		{`row[0]`, "Invalid column name", "[0]"},
		{`row[row.x]`, unsupported, "row.x"},
		{`row[1 + 1]`, "Invalid column name", "1 + 1"},
		{`row.x[row.y]`, "Invalid index", "row.x[row.y]"},
		{`[for x in row : x]`, unsupported, "[for x in row : x]"},
		{`[for x in ["a"] : x if row.y]`, unsupported, `[for x in ["a"] : x if row.y]`},
		{`"%{ for x in [row.a] }${x}%{ endfor }"`, unsupported, ""},
		{`split(",", row.x)[*]`, unsupported, ""},
		{`{ (row.x) = 1 }`, unsupported, ""},
		{`[row.x]`, "Unsuitable value", "[row.x]"},
		{`split(",", row.x)`, "Unsuitable value", ""},
		{`["a", "b"]`, "Unsuitable value", ""},
		{`{ a = 1 }`, "Unsuitable value", ""},
		{`"a${[row.x]}b"`, "Invalid template interpolation value", "[row.x]"},
		{`row.x + "abc"`, "Invalid operand", `"abc"`},
		{`row.x + true`, "Invalid operand", "true"},
		{`row.x + date("2026-01-01")`, "Invalid operand", `date("2026-01-01")`},
		{`row.x < "abc"`, "", ""}, // left to the row, as it may be NULL
		{`row.x < true`, "Invalid operand", "true"},
		{`row.x && 1`, "Invalid operand", "1"},
		{`date(row.x) == "2026-01-01"`, "Invalid comparison", ""},
		{`date(row.x) < datetime("2026-01-01")`, "", ""},
		{`row.x ? 1 : true`, "Inconsistent conditional result types", ""},
		{`row.x ? date("2026-01-01") : 1`, "Inconsistent conditional result types", ""},
		{`1 ? row.x : row.y`, "Invalid operand", "1"},
		{`uper(row.x)`, "Call to unknown function", "uper"},
		{`upper(row.x, 1)`, "Too many function arguments", ""},
		{`replace(row.x, "a")`, "Not enough function arguments", ")"},
		{`lpad(row.x)`, "Not enough function arguments", ")"},
		{`lpad(row.x, 1, "a", "b")`, "Too many function arguments", ""},
		{`lpad(row.x, "wide")`, "Invalid function argument", `"wide"`},
		{`substr(row.x, true, 1)`, "Invalid function argument", "true"},
		{`regex("(", row.x)`, "Invalid function argument", ""},
		{`replace(row.x, "/(/", "")`, "Invalid function argument", ""},
		{`to_date(row.x, "DD/MM")`, "Invalid function argument", ""},
		{`to_date(row.x, "DD.MM.YYYY HH")`, "Invalid function argument", ""},
		{`formatdate("QQ", row.x)`, "Invalid function argument", ""},
		{`formatdate("'open", row.x)`, "Invalid function argument", ""},
		{`in_zone(row.x, "Europe/Atlantis")`, "Invalid function argument", ""},
		{`to_timestamp(row.x, "YYYY-MM-DD", "Local")`, "Invalid function argument", ""},
		{`max(row.x...)`, "Invalid expanding argument value", "row.x"},
		{`try([row.x]...)`, unsupported, ""},
		{`upper("a") + row.x`, "Invalid operand", `upper("a")`},
		{`tonumber("abc") + row.x`, "Invalid function argument", ""},
		{`dest.x == row.x`, "Unknown variable", "dest"},
		{`1 / 0`, "Unsuitable value", "1 / 0"},
		{`row.x + 1 / 0`, "Unsuitable value", "1 / 0"},
		{`now()`, "Not supported in this version", "now()"},
		{`coalesce(row.x, now())`, "Not supported in this version", "now()"},
		{`upper("${now()}")`, "Not supported in this version", "now()"},
		{`lookup("department", "id", { code = row.x })`, unsupported, ""},
		{`lookup({ a = 1 }, row.x)`, unsupported, ""},
		{`reads(row.x)`, unsupported, "reads(row.x)"},
		{`var.later`, "Value not known", "var.later"},
	} {
		t.Run(c.source, func(t *testing.T) {
			t.Parallel()
			functions := Functions()
			functions["reads"] = function.New(&function.Spec{
				Params: []function.Parameter{{Name: "path", Type: cty.String}}, Type: function.StaticReturnType(cty.String),
			})
			_, diags := Compile(parse(t, c.source), &hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{
				"var": cty.ObjectVal(map[string]cty.Value{"later": cty.UnknownVal(cty.String)}),
			}})
			if c.summary == "" {
				if diags.HasErrors() {
					t.Fatal(diags)
				}
				return
			}
			if len(diags) != 1 {
				t.Fatalf("%d diagnostics: %v", len(diags), diags)
			}
			if d := diags[0]; d.Summary != c.summary && !(c.summary == "Invalid function argument" && strings.HasPrefix(d.Summary, c.summary)) {
				t.Errorf("%s: %s; want %s", d.Summary, d.Detail, c.summary)
			}
			if d := diags[0]; d.Subject == nil || d.Detail == "" {
				t.Errorf("the diagnostic lacks a range or a detail: %v", d)
			} else if got := string(d.Subject.SliceBytes([]byte(c.source))); c.at != "" && got != c.at {
				t.Errorf("the diagnostic points at %q, want %q", got, c.at)
			}
		})
	}
}

func TestReferencesAreListedOnce(t *testing.T) {
	t.Parallel()
	compiled, diags := Compile(parse(t, `"${row.a}${row.B}${row.b}${row.A}${row["b"]}${row["b"]}${row["B"]}${row[key]}"`), &hcl.EvalContext{
		Variables: map[string]cty.Value{"key": cty.StringVal("odd name")},
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	want := []config.ColumnRef{{Name: "a"}, {Name: "B"}, {Name: "b", Exact: true}, {Name: "B", Exact: true}, {Name: "odd name", Exact: true}}
	if diff := cmp.Diff(want, compiled.Refs, cmpopts.IgnoreFields(config.ColumnRef{}, "Range")); diff != "" {
		t.Error(diff)
	}
	first := compiled.Refs[0].Range
	if first.File != "test.hcl" || first.Start != (config.Pos{Line: 1, Column: 4, Byte: 3}) || first.End.Byte != 8 {
		t.Errorf("the first reference is at %+v", first)
	}
	row := []value.Value{{}, value.OfText("1"), value.OfText("2"), value.OfText("3"), value.OfText("4"), value.OfText("5")}
	got, err := compiled.Bind([]int{5, 4, 3, 2, 1})(row)
	if err != nil || got.Text() != "54453321" {
		t.Errorf("%q, %v", got.Text(), err)
	}
}

func TestPlainIsABareReference(t *testing.T) {
	t.Parallel()
	for source, plain := range map[string]bool{
		`row.x`: true, `row["x"]`: true, `(row.x)`: true, `"${row.x}"`: true,
		`"${row.x} "`: false, `upper(row.x)`: false, `row.x == null`: false, `5`: false, `coalesce(row.x)`: false, `-row.x`: false,
	} {
		compiled, diags := Compile(parse(t, source), nil)
		if diags.HasErrors() || compiled.Plain != plain {
			t.Errorf("%s: plain is %v, %v", source, compiled.Plain, diags)
		}
		if compiled.Plain && len(compiled.Refs) != 1 {
			t.Errorf("%s: %d references", source, len(compiled.Refs))
		}
		if got := compiled.Range; got.End.Byte != len(source) {
			t.Errorf("%s: the range ends at %d", source, got.End.Byte)
		}
	}
}

func TestWhatIsFreeOfTheRowIsFolded(t *testing.T) {
	t.Parallel()
	calls := 0
	functions := Functions()
	functions["expensive"] = function.New(&function.Spec{
		Type: function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
			calls++
			return cty.StringVal("x"), nil
		},
	})
	parent := &hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{
		"var": cty.ObjectVal(map[string]cty.Value{"secret": cty.StringVal("s").Mark("sensitive"), "list": cty.TupleVal([]cty.Value{cty.StringVal("s").Mark("sensitive")})}),
	}}
	ctx := parent.NewChild()
	ctx.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal("hss")})}
	compiled, diags := Compile(parse(t, `"${expensive()}${row.x}-${each.key}-${var.secret}${var.list[0]}${[for c in ["a", "b"] : upper(c)][1]}"`), ctx)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	eval := compiled.Bind([]int{0})
	for range 3 {
		if got, err := eval([]value.Value{value.OfInt(1)}); err != nil || got.Text() != "x1-hss-ssB" {
			t.Fatalf("%q, %v", got.Text(), err)
		}
	}
	if calls != 1 {
		t.Errorf("the constant call was made %d times", calls)
	}
}

func TestConstants(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]value.Value{
		`5`: value.OfInt(5), `1.50`: decimal("1.5"), `"x"`: value.OfText("x"), `true`: value.OfBool(true), `null`: {}, `date("2026-01-31")`: date("2026-01-31"),
		`9223372036854775808`: decimal("9223372036854775808"), `-0.0`: value.OfInt(0), `1 / 4`: decimal("0.25"), `upper(null)`: {},
		`time("08:00")`: value.OfTime(8 * time.Hour), `0.1 + 0.2`: decimal("0.3"), `date("2026-01-31") == date("2026-01-31")`: value.OfBool(true),
	} {
		compiled, diags := Compile(parse(t, source), nil)
		if diags.HasErrors() {
			t.Errorf("%s: %s", source, diags)
			continue
		}
		if got, err := compiled.Bind(nil)(nil); err != nil || !got.Equal(want) || len(compiled.Refs) != 0 {
			t.Errorf("%s = %s %q, %v", source, got.Kind(), got.Text(), err)
		}
	}
}

func TestCtyRoundTrip(t *testing.T) {
	t.Parallel()
	for name, v := range sample {
		back, err := FromCty(ToCty(v))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := v
		switch {
		case name == "nfd":
			want = value.OfText("\u00e9")
		case isNumeric(v.Kind()) && name != "nan":
			want, _ = asNumber(v)
			want = normalNumber(want)
		}
		if !back.Equal(want) {
			t.Errorf("%s: %s %q came back as %s %q", name, v.Kind(), v.Text(), back.Kind(), back.Text())
		}
	}
	for _, v := range []cty.Value{cty.NilVal, cty.DynamicVal, cty.UnknownVal(cty.String), cty.StringVal("x").Mark(1), cty.EmptyTupleVal, cty.PositiveInfinity, cty.MustParseNumberVal("1e99999")} {
		if got, err := FromCty(v); err == nil {
			t.Errorf("%#v became %q", v, got.Text())
		}
	}
}

// propagating are the documented functions whose arguments may not be NULL without
// the result being NULL.
func propagating(name string) bool {
	switch name {
	case "coalesce", "nullif", "try", "can", "jsonencode", "merge":
		return false
	}
	return true
}

func TestNullPropagatesThroughEveryFunction(t *testing.T) {
	t.Parallel()
	for _, d := range documentedFunctions(t) {
		if !propagating(d.name) {
			continue
		}
		var outer *hclsyntax.FunctionCallExpr
		_ = hclsyntax.VisitAll(parse(t, d.expr), func(n hclsyntax.Node) hcl.Diagnostics {
			if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && call.Name == d.name && outer == nil {
				outer = call
			}
			return nil
		})
		for i, arg := range outer.Args {
			replaced := func(by string) string {
				return d.expr[outer.Range().Start.Byte:arg.Range().Start.Byte] + by + d.expr[arg.Range().End.Byte:outer.Range().End.Byte]
			}
			if v := evaluate(t, replaced("null")); !v.IsNull() {
				t.Errorf("%s = %#v", replaced("null"), v)
			}
			test := replaced("row.nul") + " == null"
			if v, err := run(t, test, sample); err != nil || !v.Bool() {
				t.Errorf("argument %d: %s is %q, %v", i+1, test, v.Text(), err)
			}
		}
	}
}

// Errors go where values must not be seen: whatever fails, its text repeats none.
func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	const marker = "Zyxw83647"
	holds := func(text string) bool {
		return strings.Contains(strings.ToLower(text), "zyxw") || strings.Contains(text, "8364")
	}
	rows := []value.Value{
		value.OfText(marker), value.OfText("[" + marker), value.OfInt(83647), decimal("8364.7"), value.OfBytes([]byte(marker)),
		value.OfTime(8364 * time.Second), value.OfDate(time.Unix(8364*86400, 0)), value.Infinite(value.Date, false),
	}
	failures := 0
	try := func(source string) {
		compiled, diags := Compile(parse(t, source), nil)
		if diags.HasErrors() {
			t.Errorf("%s: %s", source, diags)
			return
		}
		for _, v := range rows {
			row := make([]value.Value, len(compiled.Refs))
			for i := range row {
				row[i] = v
			}
			index := make([]int, len(row))
			for i := range index {
				index[i] = i
			}
			if _, err := compiled.Bind(index)(row); err != nil {
				failures++
				if holds(err.Error()) {
					t.Errorf("%s: %v", source, err)
				}
			}
		}
	}
	for _, d := range documentedFunctions(t) {
		lifted, _ := lift(t, d.expr)
		if d.name == "csvdecode" || d.name == "jsondecode" {
			lifted = d.name + "(row.x).zz"
		}
		try("jsonencode(" + lifted + ")")
	}
	for _, op := range []string{"+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||"} {
		try("row.a " + op + " row.b")
	}
	for _, source := range []string{
		`!row.a`, `-row.a`, `"x${row.a}"`, `row.a ? 1 : 2`, `row.a == row.b ? row.a : true`, `{ a = 1 }[row.a]`, `[1][row.a]`, `split(",", row.a)[row.b]`,
		`jsondecode("{\"a\": \"${row.a}\"}")[row.a]`, `try(row.a + 1, row.b + 1, tonumber(row.a))`, `format("%d", row.a)`, `format(row.a, row.b)`, `format("%${row.a}", 1)`,
		`add_days(date("2026-01-01"), row.a)`, `formatdate(row.a, date("2026-01-01"))`, `to_date("x", row.a)`, `to_date(row.a, "DD/MM/YYYY")`,
		`regex(row.a, row.b)`, `regex("(a)", row.a)[0]`, `zipmap([row.a], [1, 2])[row.b]`, `element([], row.a)`, `jsondecode(row.a)`, `csvdecode(row.a)[0]`, `csvdecode("a\n${row.a},${row.b}")[0].a`,
		`range(row.a)[0]`, `date(row.a) < date("2026-01-01")`, `coalesce(tonumber(row.a), 1)`, `tobool(row.a)`, `parseint(row.a, 10)`, `join(row.a, [row.b])`,
		`sort([row.a, [row.b]])[0]`, `merge({ a = row.a }, row.b).a`, `keys(row.a)[0]`, `values(row.a)[0]`,
	} {
		try(source)
	}
	if failures < 100 {
		t.Errorf("only %d evaluations failed: the test proves nothing", failures)
	}
}

func TestEvalIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`upper(trim(row.a))`, `unaccent("${row.a} ${row.b}")`, `{ x = "y" }[lower(row.a)]`, `split("-", "${row.a}-${row.b}")[1]`, `regexreplace(row.a, "[a-z]", "-")`,
		`to_date("0${row.b}/01/2026", "DD/MM/YYYY")`, `format("%s-%d", row.a, row.b)`, `row.b / 3 + row.b * 1.5`, `contains(["X", "Y"], row.a)`,
	} {
		compiled, diags := Compile(parse(t, source), nil)
		if diags.HasErrors() {
			t.Fatalf("%s: %s", source, diags)
		}
		eval := compiled.Bind([]int{0, 1}[:len(compiled.Refs)])
		rows := make([][]value.Value, 8)
		want := make([]string, len(rows))
		for i := range rows {
			rows[i] = []value.Value{value.OfText("X"), value.OfInt(int64(i + 1))}
			if len(compiled.Refs) > 0 && compiled.Refs[0].Name == "b" {
				rows[i][0], rows[i][1] = rows[i][1], rows[i][0]
			}
			v, err := eval(rows[i])
			if err != nil {
				t.Fatalf("%s: %v", source, err)
			}
			want[i] = v.Text()
		}
		var group sync.WaitGroup
		for i := range rows {
			group.Go(func() {
				for range 200 {
					if v, err := eval(rows[i]); err != nil || v.Text() != want[i] {
						t.Errorf("%s: %q, %v; want %q", source, v.Text(), err, want[i])
						return
					}
				}
			})
		}
		group.Wait()
	}
}

func TestFunctionsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	mine := Functions()
	delete(mine, "upper")
	if _, ok := Functions()["upper"]; !ok {
		t.Error("a caller's change reaches others")
	}
}

// What outside row expressions is not comparable says so, instead of comparing texts
// or day numbers.
func TestDatesAreNotNumbersToHCL(t *testing.T) {
	t.Parallel()
	for _, source := range []string{`date("2026-01-01") < date("2026-01-02")`, `date("2026-01-01") + 1`} {
		if v, diags := parse(t, source).Value(&hcl.EvalContext{Functions: Functions()}); !diags.HasErrors() {
			t.Errorf("%s = %#v", source, v)
		}
	}
	for source, want := range map[string]bool{
		`date("2026-01-01") == date("2026-01-01")`:                               true,
		`date("2026-01-01") != date("2026-01-02")`:                               true,
		`"x${date("2026-01-01")}" == "x2026-01-01"`:                              true,
		`length(toset([date("2026-01-01"), date("2026-01-01")])) == 1`:           true,
		`{ "2026-01-01" = true }[date("2026-01-01")]`:                            true,
		`contains([date("2026-01-01"), time("08:00")], time("08:00:00"))`:        true,
		`jsonencode({ a = [date("2026-01-01")] }) == "{\"a\":[\"2026-01-01\"]}"`: true,
	} {
		if v := evaluate(t, source); v.True() != want {
			t.Errorf("%s = %#v", source, v)
		}
	}
}

// Numbers as long as a type of 38 digits allows, and beyond, are exact.
func TestLongNumbersAreExact(t *testing.T) {
	t.Parallel()
	row := testRow{
		"a": decimal(strings.Repeat("9", 38) + "." + strings.Repeat("1", 38)), "b": decimal("0." + strings.Repeat("0", 37) + "1"),
		// On both sides of what an int64 holds.
		"d18": decimal(strings.Repeat("9", 18)), "d19": decimal(strings.Repeat("9", 19)), "d20": decimal(strings.Repeat("9", 20)),
		"f18": decimal("-" + strings.Repeat("9", 9) + "." + strings.Repeat("9", 9)), "f19": decimal("-" + strings.Repeat("9", 10) + "." + strings.Repeat("9", 9)),
		"s17": decimal("0." + strings.Repeat("0", 16) + "1"), "most": decimal("9223372036854775807"), "more": decimal("9223372036854775808"),
	}
	for source, want := range map[string]string{
		`row.a + row.b`: strings.Repeat("9", 38) + "." + strings.Repeat("1", 37) + "2",
		`row.a * 10`:    strings.Repeat("9", 38) + "1." + strings.Repeat("1", 37),
		`row.a - row.a`: "0",
		`row.b * row.b`: "0." + strings.Repeat("0", 75) + "1",
		`row.a / 0.5`:   "1" + strings.Repeat("9", 37) + "8." + strings.Repeat("2", 38),
		`floor(row.a)`:  strings.Repeat("9", 38),
		`row.a % 1`:     "0." + strings.Repeat("1", 38),
		`"${row.a}"`:    strings.Repeat("9", 38) + "." + strings.Repeat("1", 38),

		`row.d18 + 1`:         "1" + strings.Repeat("0", 18),
		`row.d18 + row.d18`:   "1" + strings.Repeat("9", 17) + "8",
		`row.d18 * row.d18`:   strings.Repeat("9", 17) + "8" + strings.Repeat("0", 17) + "1",
		`row.d19 + 1`:         "1" + strings.Repeat("0", 19),
		`row.d19 - row.d18`:   "9" + strings.Repeat("0", 18),
		`row.d20 + 1`:         "1" + strings.Repeat("0", 20),
		`row.f18 - 1`:         "-1000000000.999999999",
		`row.f19 - 1`:         "-10000000000.999999999",
		`row.f19 * 10`:        "-" + strings.Repeat("9", 11) + "." + strings.Repeat("9", 8),
		`row.d18 + row.s17`:   strings.Repeat("9", 18) + "." + strings.Repeat("0", 16) + "1",
		`row.s17 * row.s17`:   "0." + strings.Repeat("0", 33) + "1",
		`round(row.f19, 2)`:   "-10000000000",
		`row.most + 1`:        "9223372036854775808",
		`-row.more - 1`:       "-9223372036854775809",
		`row.most + row.most`: "18446744073709551614",
	} {
		if got, err := run(t, source, row); err != nil || got.Text() != want {
			t.Errorf("%s = %s, %v; want %s", source, got.Text(), err, want)
		}
	}
	for _, source := range []string{`row.a > row.a - row.b`, `row.d19 > row.d18`, `row.d20 > row.d19`, `row.f19 < row.f18`, `row.more > row.most`} {
		if got, err := run(t, source, row); err != nil || !got.Bool() {
			t.Errorf("%s is not true: %v", source, err)
		}
	}
}

func ExampleCompile() {
	expr, diags := hclsyntax.ParseExpression([]byte(`"${upper(trim(row.name))} (${row.code})"`), "rooms.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		panic(diags)
	}
	compiled, diags := Compile(expr, nil)
	if diags.HasErrors() {
		panic(diags)
	}
	// The source's columns are CODE and NAME.
	eval := compiled.Bind([]int{1, 0})
	v, err := eval([]value.Value{value.OfText("A12"), value.OfText(" Salle Bleue ")})
	fmt.Println(v.Text(), err)
	// Output: SALLE BLEUE (A12) <nil>
}
