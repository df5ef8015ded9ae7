package transfer

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers/bundle"
)

// pair is a faculty of a bundle, and the one of the configuration that it is.
type pair struct {
	from  *bundle.Faculty
	to    *config.Faculty
	syncs []syncPair // in the bundle's order
}

// syncPair is a sync of a bundle, and the instance of the configuration that it is.
type syncPair struct {
	from *bundle.Sync
	to   *config.Sync
}

// rows is the number of rows that the bundle has of the faculty.
func (p *pair) rows() int64 {
	var n int64
	for i := range p.from.Syncs {
		n += p.from.Syncs[i].Rows
	}
	return n
}

// chosenOf returns the faculties of a bundle that are wanted, by their codes at the origin; all of them where none is named.
func chosenOf(b *bundle.Bundle, wanted []string) ([]*bundle.Faculty, error) {
	var chosen []*bundle.Faculty
	var known []string
	for i := range b.Faculties {
		f := &b.Faculties[i]
		known = append(known, f.IDExport)
		if len(wanted) == 0 || slices.Contains(wanted, f.IDExport) {
			chosen = append(chosen, f)
		}
	}
	for _, one := range wanted {
		if !slices.Contains(known, one) {
			return nil, fmt.Errorf("the bundle has no faculty whose Id_Export is %q.%s It has: %s", one, suggest.Question(one, known), strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

// codeOf is what a faculty is called between servers: its code, or its label where it has none.
func codeOf(f *config.Faculty) string { return cmp.Or(f.Code, f.Label) }

// lineOf is a faculty's line in the manifest.
func lineOf(manifest string, f *bundle.Faculty) config.Range {
	at := config.Pos{Line: f.Line, Column: 1}
	return config.Range{File: filepath.ToSlash(filepath.Base(manifest)), Start: at, End: at}
}

// match finds the faculties, and their instances of syncs, that those of a bundle are to become.
func match(cfg *config.Config, manifest string, chosen []*bundle.Faculty) ([]pair, config.Diagnostics) {
	var diags config.Diagnostics
	var pairs []pair
	taken := map[*config.Faculty]*bundle.Faculty{}
	for _, from := range chosen {
		at, code := lineOf(manifest, from), from.TargetID()
		var found []*config.Faculty
		var codes []string
		for _, f := range cfg.Faculties {
			codes = append(codes, codeOf(f))
			if codeOf(f) == code {
				found = append(found, f)
			}
		}
		switch {
		case len(found) == 0:
			diags.Errorf(at, "No such faculty", "The configuration has no faculty with the code %q, which %s is to have.%s Declare it, with its syncs; or write the code of one that is declared as Id_Import.",
				code, from.Name, suggest.Question(code, codes))
			continue
		case len(found) > 1:
			diags.Errorf(found[1].Range, "Two faculties with one code", "%s and %s both have the code %q, which %s is to have: it could be either.", found[0].Address, found[1].Address, code, from.Name)
			continue
		}
		if other := taken[found[0]]; other != nil {
			diags.Errorf(at, "Two faculties become one", "%s would become %s, as %s of line %d does: give each an Id_Import of its own.", from.Name, found[0].Address, other.Name, other.Line)
			continue
		}
		taken[found[0]] = from
		p := pair{from: from, to: found[0]}
		p.syncs = matchSyncs(cfg, &p, &diags)
		pairs = append(pairs, p)
	}
	return pairs, diags
}

// matchSyncs finds the instances by the names of their syncs, and where a faculty has several of one name by their keys.
func matchSyncs(cfg *config.Config, p *pair, diags *config.Diagnostics) []syncPair {
	var names []string
	for _, s := range cfg.Syncs {
		if s.Faculty == p.to.Label && !slices.Contains(names, blockName(s.Address)) {
			names = append(names, blockName(s.Address))
		}
	}
	var pairs []syncPair
	for i := range p.from.Syncs {
		from := &p.from.Syncs[i]
		var found []*config.Sync
		for _, s := range cfg.Syncs {
			if s.Faculty == p.to.Label && blockName(s.Address) == from.Name {
				found = append(found, s)
			}
		}
		if len(found) > 1 {
			found = slices.DeleteFunc(found, func(s *config.Sync) bool { return s.Address != from.Address })
		}
		switch {
		case len(found) == 0:
			diags.Errorf(p.to.Range, "Missing sync", "The bundle has %d rows of %s (%s), and %s has no such sync here.%s Its rows would be lost: declare it with that name.",
				from.Rows, from.Address, from.Table, p.to.Address, suggest.Question(from.Name, names))
		case slices.ContainsFunc(pairs, func(other syncPair) bool { return other.to == found[0] }):
			diags.Errorf(found[0].Range, "Two syncs become one", "Two syncs of the bundle would become %s, one of them %s: name the instances here as they are there.", found[0].Address, from.Address)
		default:
			pairs = append(pairs, syncPair{from, found[0]})
		}
	}
	return pairs
}

// blockName is the name of a sync's block with those of the modules that hold it, without the keys of instances: rooms, or
// module.parts.rooms for module.parts["a"].sync.rooms["hss"].
func blockName(address string) string {
	var out strings.Builder
	quoted := false
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c != '[' && c != ']':
			out.WriteByte(c)
		}
	}
	name := out.String()
	if rest, ok := strings.CutPrefix(name, "sync."); ok {
		return rest
	}
	if i := strings.LastIndex(name, ".sync."); i >= 0 {
		return name[:i] + "." + name[i+len(".sync."):]
	}
	return name
}
