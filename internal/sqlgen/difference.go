package sqlgen

// Compare says which differences between two values of a column count.
type Compare struct {
	Mode   CompareMode
	Digits int    // of CompareRounded
	Zone   string // of CompareDate: where days begin, an IANA name
}

// CompareMode is how values are compared.
type CompareMode string

// The modes, other than exact comparison.
const (
	CompareTrimmed CompareMode = "trimmed"
	CompareFolded  CompareMode = "case_insensitive"
	CompareRounded CompareMode = "rounded"
	CompareDate    CompareMode = "date"
)

func (c *composer) distinct(a, b string) string { return c.d.Distinct([]string{a}, []string{b}) }

// different is the condition that a compared column differs between s and t, or will refer to
// a row that is not there yet.
func (c *composer) different(t *Target) string {
	compared := t.Compared(c.d)
	side := func(alias string) []string {
		exprs := make([]string, len(compared))
		for i, column := range compared {
			exprs[i] = c.relaxed(t, c.of(alias, column), column)
		}
		return exprs
	}
	var conditions []string
	if len(compared) > 0 {
		conditions = append(conditions, c.d.Distinct(side("s"), side("t")))
	}
	for _, column := range compared {
		if lookup := t.LookupOf(column); lookup != nil {
			conditions = append(conditions, c.pending(lookup, "s"))
		}
	}
	if len(conditions) == 0 {
		return "1 = 0"
	}
	if len(conditions) == 1 {
		return conditions[0]
	}
	return or(conditions...)
}

// relaxed is an expression of the column that two values have in common where
// their difference does not count.
func (c *composer) relaxed(t *Target, expr string, column Column) string {
	compare, ok := t.Compare[column.Name]
	if !ok {
		return c.d.Comparable(expr, column)
	}
	switch compare.Mode {
	case CompareRounded:
		return c.d.Rounded(expr, compare.Digits, column)
	case CompareTrimmed:
		return c.d.ByteOrder(c.d.Trim(c.d.Canonical(expr, column)))
	case CompareDate:
		return c.d.Day(expr, c.bindText(compare.Zone), column)
	case CompareFolded:
		return c.d.ByteOrder(c.d.LowerCase(c.d.Canonical(expr, column)))
	default:
		return c.d.Comparable(expr, column)
	}
}
