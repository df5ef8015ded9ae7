package hcl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

// limits are the arguments of a guard block that are a count of rows or a share.
var limits = []struct {
	name string
	of   func(*config.Guard) **config.Limit
}{
	{"max_insert", func(g *config.Guard) **config.Limit { return &g.MaxInsert }},
	{"max_update", func(g *config.Guard) **config.Limit { return &g.MaxUpdate }},
	{"max_delete", func(g *config.Guard) **config.Limit { return &g.MaxDelete }},
	{"max_undelete", func(g *config.Guard) **config.Limit { return &g.MaxUndelete }},
	{"max_purge", func(g *config.Guard) **config.Limit { return &g.MaxPurge }},
	{"max_reject", func(g *config.Guard) **config.Limit { return &g.MaxReject }},
}

// guardSchema is that of the guard blocks of a sync, of a faculty and of the
// registrar block.
var guardSchema = func() schema {
	s := schema{arguments: map[string]bool{"min_source_rows": false, "min_source_ratio": false, "on_breach": false}}
	for _, l := range limits {
		s.arguments[l.name] = false
	}
	return s
}()

// guardArguments are what a guard block says: each sets one field, so that blocks
// can be laid over one another, argument by argument.
type guardArguments []func(*config.Guard)

// lay sets what the block says, and leaves the rest.
func (g guardArguments) lay(over *config.Guard) {
	for _, set := range g {
		set(over)
	}
}

// defaultGuard is the guard of a sync for which nothing is written anywhere.
func defaultGuard(s *config.Sync) config.Guard {
	g := config.Guard{
		MinSourceRows: 1,
		// A share of a handful of rows is no measure: one of three would be too many.
		MaxDelete: &config.Limit{Percent: 30, Least: 10, Range: s.Range},
		MaxReject: &config.Limit{Percent: 5, Range: s.Range},
		OnBreach:  config.Hold,
		Range:     s.Range,
	}
	if len(s.Source.Queries) > 0 {
		g.MinSourceRows = 0
	}
	return g
}

// compileGuard completes an instance's guard: what its block leaves out is its
// faculty's, the registrar block's, or the default.
func (c *compiler) compileGuard(i *instance) {
	g := defaultGuard(i.sync)
	c.guard.lay(&g)
	if i.faculty != nil {
		i.faculty.guard.lay(&g)
	}
	if i.block.guard != nil {
		b := i.block.guard.in(i.scope)
		g.Range = position(b.header)
		b.guard().lay(&g)
	}
	i.sync.Guard = g
}

// innerGuard compiles the guard block within a faculty or registrar block, nil if
// there is none.
func (b *block) innerGuard(title string, s scope) guardArguments {
	found := b.blocks["guard"]
	if len(found) == 0 {
		return nil
	}
	return b.c.open(found[0], title, guardSchema, s).in(s).guard()
}

// guard evaluates the arguments that are written and not null.
func (b *block) guard() guardArguments {
	var out guardArguments
	if n, ok := b.whole("min_source_rows", 0); ok {
		out = append(out, func(g *config.Guard) { g.MinSourceRows = n })
	}
	if ratio, ok := b.ratio("min_source_ratio"); ok {
		out = append(out, func(g *config.Guard) { g.MinSourceRatio = ratio })
	}
	for _, l := range limits {
		if limit := b.limit(l.name); limit != nil {
			out = append(out, func(g *config.Guard) { *l.of(g) = limit })
		}
	}
	if b.has("on_breach") {
		breach := choice(b, "on_breach", []config.OnBreach{config.Hold, config.HoldDeletes}, config.Hold)
		out = append(out, func(g *config.Guard) { g.OnBreach = breach })
	}
	return out
}

// limit evaluates a count of rows or a percentage such as "5%"; nil if it is left
// out or faulty.
func (b *block) limit(name string) *config.Limit {
	v, ok := b.value(name)
	if !ok {
		return nil
	}
	out := &config.Limit{Range: position(b.at(name))}
	if v.Type() != cty.String {
		if out.Count, ok = b.whole(name, 0); !ok {
			return nil
		}
		return out
	}
	text := strings.TrimSpace(v.AsString())
	share, isShare := strings.CutSuffix(text, "%")
	if !isShare {
		if _, err := strconv.ParseUint(text, 10, 63); err == nil {
			// Whichever of the two was meant, the other could let a disaster through.
			b.fail(name, invalidValue, `%q is %q, which may mean either: write %s for a count of rows, or "%s%%" for a share.`, name, text, text, text)
		} else {
			b.fail(name, invalidValue, `%q is %q; expected a count of rows, such as 20, or a share, such as "5%%".`, name, text)
		}
		return nil
	}
	percent, err := parsePercent(share)
	if err != nil || percent == 0 {
		b.fail(name, invalidValue, `%q is %q; expected a percentage above 0 and up to 100, such as "5%%", or a count of rows.`, name, text)
		return nil
	}
	out.Percent = percent
	return out
}

// ratio evaluates a percentage from 0 to 100.
func (b *block) ratio(name string) (float64, bool) {
	v, ok := b.value(name)
	if !ok {
		return 0, false
	}
	if v.Type() == cty.String {
		if share, isShare := strings.CutSuffix(strings.TrimSpace(v.AsString()), "%"); isShare {
			if percent, err := parsePercent(share); err == nil {
				return percent, true
			}
		}
		b.fail(name, invalidValue, `%q is %q; expected a percentage from 0 to 100, such as "80%%".`, name, v.AsString())
		return 0, false
	}
	b.fail(name, invalidValue, `%q must be text with a percent sign, such as "80%%", not %s.`, name, typeName(v.Type()))
	return 0, false
}

// parsePercent reads a number from 0 to 100, in plain digits.
func parsePercent(text string) (float64, error) {
	text = strings.TrimSpace(text)
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "0123456789.") != "" || percent > 100 {
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
