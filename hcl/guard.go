package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

var guardSchema = schema{arguments: map[string]bool{
	"min_source_rows": false, "max_insert": false, "max_update": false, "max_delete": false, "on_breach": false,
}}

func (c *compiler) compileGuard(i *instance) {
	g := &i.sync.Guard
	g.MinSourceRows, g.Range = 1, i.sync.Range
	if i.block.guard == nil {
		return
	}
	b := i.block.guard.in(i.scope)
	g.Range = position(b.header)
	if n, ok := b.whole("min_source_rows", 0); ok {
		g.MinSourceRows = n
	}
	g.MaxInsert, g.MaxUpdate, g.MaxDelete = b.limit("max_insert"), b.limit("max_update"), b.limit("max_delete")
	c.compileBreach(b)
}

func (c *compiler) compileBreach(b *block) {
	text, ok := b.text("on_breach")
	switch {
	case !ok || text == "hold":
	case slices.Contains(unsupportedBreaches, text):
		c.unsupported(b.at("on_breach"), "on_breach = "+quoted(text))
	default:
		b.fail("on_breach", invalidValue, `"on_breach" is %q; expected "hold".%s`, text, nearest(text, []string{"hold"}))
	}
}

// limit evaluates a count of rows or a percentage such as "5%".
func (b *block) limit(name string) *config.Limit {
	v, ok := b.value(name)
	if !ok {
		return nil
	}
	out := &config.Limit{Range: position(b.at(name))}
	if v.Type() == cty.String {
		if share, isShare := strings.CutSuffix(strings.TrimSpace(v.AsString()), "%"); isShare {
			percent, err := parsePercent(share)
			if err != nil {
				b.fail(name, invalidValue, `%q is %q; expected a percentage above 0 and up to 100, such as "5%%", or a count of rows.`, name, v.AsString())
				return nil
			}
			out.Percent = percent
			return out
		}
	}
	n, ok := b.whole(name, 0)
	if !ok {
		return nil
	}
	out.Count = n
	return out
}

// parsePercent reads a number above 0 and up to 100, in plain digits.
func parsePercent(text string) (float64, error) {
	text = strings.TrimSpace(text)
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "0123456789.") != "" || percent <= 0 || percent > 100 {
		return 0, fmt.Errorf("not a percentage: %q", text)
	}
	return percent, nil
}

// count spells a number with its noun: no column, 1 column, 2 columns.
func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}
