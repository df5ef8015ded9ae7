package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// Masking says what outputs may show of a sync's values.
type Masking struct {
	// Sensitive are the columns that are not shown.
	Sensitive []string
	// Pseudonym names a masked part of a key, so that who reads can tell one row from another and find it
	// again within the plan; nil: none is named.
	Pseudonym func(text string) string
}

// Masking returns what outputs of this plan may show of a sync. Syncs of one source have the same
// pseudonyms, those of another plan have others.
func (p *Plan) Masking(s *register.SyncSummary) Masking {
	return Masking{Sensitive: s.Sensitive, Pseudonym: pseudonyms(p.PseudonymKey, s.Source)}
}

// Reader returns the register so that it lists a sync's operations and findings in an order that tells nothing of what is
// masked: where a part of the key is, they do not come by their keys.
func (p *Plan) Reader(ctx context.Context, r register.Register, q providers.Querier, s *register.SyncSummary) (register.Register, error) {
	if len(s.Sensitive) == 0 {
		return r, nil
	}
	hides := false
	look := func(key register.Document) {
		// Of one that was redacted nobody knows any more what it hid.
		hides = hides || slices.ContainsFunc(cells(key, Masking{Sensitive: s.Sensitive}), Cell.hides)
	}
	var err error
	if s.Total() > 0 {
		err = r.Operations(ctx, q, p.ID, s.AfterSeq, s.AfterSeq+1, 1, func(o *register.Operation) error { look(o.Key); return nil })
	} else {
		err = r.Findings(ctx, q, p.ID, s.Sync, "", 1, func(f *register.Finding) error { look(f.Key); return nil })
	}
	if err != nil || !hides {
		return r, err
	}
	return r.Shuffled(p.orderSalt()), nil
}

// Hidden is what outputs show in place of a sensitive cell.
func (c Cell) Hidden() string {
	if c.Redacted {
		return redactedText
	}
	if c.Pseudonym == "" {
		return hiddenText
	}
	return strings.TrimSuffix(hiddenText, ")") + " " + c.Pseudonym + ")"
}
