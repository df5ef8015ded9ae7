package hcl

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
)

// spellParts writes a text as SQL would: 'text' || column.
func spellParts(parts []config.TemplatePart) string {
	var out []string
	for _, part := range parts {
		if part.Column != "" {
			out = append(out, part.Column)
		} else {
			out = append(out, "'"+part.Text+"'")
		}
	}
	return strings.Join(out, " || ")
}

func TestTemplate(t *testing.T) {
	for source, want := range map[string]string{
		`"(archived) ${dest.name}"`:                         "'(archived) ' || name",
		`"${dest.name}"`:                                    "name",
		`("${(dest["Full name"])}")`:                        "Full name",
		`"${dest[local.column]}, ${dest.site}"`:             "title || ', ' || site",
		`"${upper(local.mark)}${1 + 1}${dest.name}${true}"`: "'GONE' || '2' || name || 'true'",
		`"a ${"b ${dest.name}"} ${"${dest.site}"}"`:         "'a ' || 'b ' || name || ' ' || site",
		`"gone   ${~ dest.name ~}   x"`:                     "'gone' || name || 'x'",
		"<<EOT\n${dest.name}$${x}\nEOT\n":                   "name || '${x}\n'",
		`"$${dest.name}"`:                                   "",
	} {
		text := common + "locals {\n  column = \"title\"\n  mark = \"gone\"\n}\n" +
			syncText("room", `{ origin = "x" }`, "", "lifecycle {\n  archive = {\n    gone_on = now()\n    note = "+source+"\n  }\n  restore = { gone_on = null }\n}")
		l := mustLoad(t, directory(t, "main.hcl", text), testOptions()).Syncs[0].Lifecycle
		a := l.Archive[1]
		if got := spellParts(a.Template); got != want || a.Now || want != "" != a.Value.IsNull() {
			t.Errorf("%s is %s, %q, want %s", source, got, a.Value.Text(), want)
		}
		for _, part := range a.Template {
			if part.Range.Start.Line < 11 {
				t.Errorf("%s: %+v has no place", source, part)
			}
		}
	}
}

// What the archive's own texts make of a predicate is not known.
func TestOutcomeOfTemplate(t *testing.T) {
	set := []config.Assignment{{Column: "name", Template: []config.TemplatePart{{Text: "gone "}, {Column: "name"}}}}
	for op, want := range map[config.PredicateOp]truths{
		config.IsNull: isTrue | isFalse, config.IsNotNull: isTrue | isFalse, config.Less: anything,
	} {
		if got := outcome(&config.Predicate{Op: op, Column: "NAME"}, set); got != want {
			t.Errorf("%s may be %03b, want %03b", op, got, want)
		}
	}
}

// Another sync must not change in the same plan what a text is made of.
func TestTemplateReadsColumns(t *testing.T) {
	text := syncText("room", `{ origin = "A" }`, "name = row.name", `lifecycle {
    archive = {
      gone_on = now()
      note    = "had ${dest.seats} seats"
    }
    restore = { gone_on = null, note = null }
  }`) + strings.Replace(syncText("room", `{ origin = "A" }`, "seats = row.seats", `lifecycle { operations = ["update"] }`), `sync "room"`, `sync "seats"`, 1)
	failing(t, directory(t, "main.hcl", common+text), testOptions(), "Overlapping syncs", `both use the column "seats"`)
}
