package hcl

import (
	"regexp"
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

// comparisons are the values of compare, as messages list them.
var comparisons = []config.CompareMode{
	config.CompareExact, config.CompareTrimmed, config.CompareFolded, "rounded(2)", config.CompareDate,
}

var roundedForm = regexp.MustCompile(`^rounded\(\s*([0-9]{1,2})\s*\)$`)

// maxDigits is the most that a decimal column has behind the point, in any engine.
const maxDigits = 38

// compare evaluates a column's compare argument.
func (c *compiler) compare(b *block) config.Compare {
	exact := config.Compare{Mode: config.CompareExact}
	text, ok := b.text("compare")
	if !ok {
		return exact
	}
	if m := roundedForm.FindStringSubmatch(text); m != nil {
		digits, err := strconv.Atoi(m[1])
		if err == nil && digits <= maxDigits {
			return config.Compare{Mode: config.CompareRounded, Digits: digits}
		}
		b.fail("compare", invalidValue, `"compare" is %q; a number has up to %d digits behind the point.`, text, maxDigits)
		return exact
	}
	switch mode := config.CompareMode(text); mode {
	case config.CompareExact, config.CompareTrimmed, config.CompareFolded, config.CompareDate:
		return config.Compare{Mode: mode}
	case config.CompareRounded:
		b.fail("compare", invalidValue, `"compare" is %q; say to how many digits behind the point, as in "rounded(2)".`, text)
	default:
		b.fail("compare", invalidValue, `"compare" is %q; expected %s.%s`, text, alternatives(comparisons), nearest(text, comparisons))
	}
	return exact
}

// isComparison tells compare = rounded(2), which lacks the quotes.
func isComparison(call *hclsyntax.FunctionCallExpr) bool {
	return call.Name == string(config.CompareRounded)
}
