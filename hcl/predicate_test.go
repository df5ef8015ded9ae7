package hcl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
)

// spell writes a predicate in the manner of SQL.
func spell(p *config.Predicate) string {
	if p == nil {
		return "none"
	}
	var operands, values []string
	for _, operand := range p.Operands {
		operands = append(operands, spell(operand))
	}
	for _, v := range p.Values {
		values = append(values, v.Kind().String()+" "+v.Text())
	}
	switch p.Op {
	case config.And, config.Or:
		return "(" + strings.Join(operands, " "+string(p.Op)+" ") + ")"
	case config.Not:
		return "not " + operands[0]
	default:
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", p.Column, p.Op, strings.Join(values, ", ")))
	}
}

func TestPredicate(t *testing.T) {
	for source, want := range map[string]string{
		`dest.frozen`:                            "frozen = bool true",
		`dest["Is frozen"]`:                      "Is frozen = bool true",
		`dest[local.column]`:                     "year = bool true",
		`!(dest.frozen)`:                         "not frozen = bool true",
		`dest.a == null`:                         "a is null",
		`null != dest.a`:                         "a is not null",
		`dest.a == local.none`:                   "a is null",
		`dest.a == "x"`:                          "a = text x",
		`dest.a != 1.50`:                         "a <> decimal 1.5",
		`"x" == dest.a`:                          "a = text x",
		`2 < dest.a`:                             "a > integer 2",
		`2 <= dest.a`:                            "a >= integer 2",
		`2 > dest.a`:                             "a < integer 2",
		`2 >= dest.a`:                            "a <= integer 2",
		`dest.a <= 1 + 1`:                        "a <= integer 2",
		`dest.d > date("2026-01-31")`:            "d > date 2026-01-31",
		`dest.a == upper(local.column)`:          "a = text YEAR",
		`dest.a && dest.b && (dest.c && dest.d)`: "(a = bool true and b = bool true and c = bool true and d = bool true)",
		`dest.a && dest.b || dest.c`:             "((a = bool true and b = bool true) or c = bool true)",
		`dest.a == false || contains(["2024", "2025"], dest.year)`:    "(a = bool false or year in text 2024, text 2025)",
		`contains(toset(["b", "a"]), dest[local.column])`:             "year in text a, text b",
		`contains([for y in local.years : y if y < 2025], dest.year)`: "year in integer 2024",
		`contains([], dest.year)`:                                     "(year is null and year is not null)",
		`null`:                                                        "none",
	} {
		text := common + "locals {\n  column = \"year\"\n  none = null\n  years = [2024, 2025]\n}\n" +
			syncText("room", `{ origin = "x" }`, "", "lifecycle {\n  protect = "+source+"\n}")
		c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
		if got := spell(c.Syncs[0].Lifecycle.Protect); got != want {
			t.Errorf("%s is %q, want %q", source, got, want)
		}
	}
}

// What is known of a predicate once some columns are set.
func TestOutcome(t *testing.T) {
	set := `{ status = "GONE", hidden = true, n = 3, nothing = null, empty = "", since = now() }`
	text := func(source string) string {
		return common + syncText("room", `{ origin = "x" }`, "", "lifecycle {\n  archive = "+set+"\n  protect = "+source+"\n}")
	}
	for source, want := range map[string]truths{
		`dest.status == "GONE"`:                                 isTrue,
		`dest.STATUS == "GONE"`:                                 isTrue,
		`dest.status == "gone"`:                                 isTrue | isFalse, // a collation may say so
		`dest.status == "HERE"`:                                 isFalse,
		`dest.status != "HERE"`:                                 isTrue,
		`contains(["HERE", "GONE"], dest.status)`:               isTrue,
		`contains(["HERE", "gone"], dest.status)`:               isTrue | isFalse,
		`contains(["HERE"], dest.status)`:                       isFalse,
		`dest.status > "A"`:                                     isTrue | isFalse,
		`dest.hidden`:                                           isTrue,
		`!dest.hidden`:                                          isFalse,
		`dest.n == "3"`:                                         isTrue | isFalse,
		`dest.n == 4`:                                           isFalse,
		`dest.nothing == 4`:                                     isUnknown,
		`!(dest.nothing == 4)`:                                  isUnknown,
		`dest.nothing == null`:                                  isTrue,
		`dest.nothing != null`:                                  isFalse,
		`dest.empty == null`:                                    isTrue | isFalse, // it is, on Oracle
		`dest.empty == "x"`:                                     anything,
		`dest.since == null`:                                    isFalse,
		`dest.since != null`:                                    isTrue,
		`dest.since > "2026-01-01"`:                             isTrue | isFalse,
		`dest.other`:                                            anything,
		`dest.other && dest.hidden`:                             anything,
		`dest.other && dest.status == "HERE"`:                   isFalse,
		`dest.other || dest.hidden`:                             isTrue,
		`dest.hidden && dest.nothing == 4`:                      isUnknown,
		`dest.status == "HERE" || dest.nothing == 4`:            isUnknown,
		`dest.status == "HERE" && dest.nothing == 4`:            isFalse,
		`contains([], dest.status)`:                             isFalse,
		`dest.hidden && dest.status == "GONE" && dest.n != 4`:   isTrue,
		`dest.hidden || dest.nothing == 1 || dest.other == "x"`: isTrue,
	} {
		c, diags := Load(directory(t, "main.hcl", text(source)), testOptions())
		if diags.HasErrors() {
			t.Fatalf("%s: %s", source, detailed(diags))
		}
		l := c.Syncs[0].Lifecycle
		if got := outcome(l.Protect, l.Archive); got != want {
			t.Errorf("%s may be %03b, want %03b", source, got, want)
		}
	}
}
