package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// generator is a provider of rows that cost nothing, or next to nothing: all but
// the key are computed before the first row is asked for. What a plan from it costs,
// mapping and staging cost. The benchmark alone has it.
type generator struct{}

var _ providers.SourceProvider = generator{}

func (generator) Name() string { return "generator" }

// SourceSpec declares:
//
//	rows      the number of rows of its only table; required
//	repeated  the last row has the key of the first, upon which a plan ends when all
//	          rows are staged; false unless set
func (generator) SourceSpec() hcldec.Spec {
	return hcldec.ObjectSpec{
		"rows":     &hcldec.AttrSpec{Name: "rows", Type: cty.Number, Required: true},
		"repeated": &hcldec.AttrSpec{Name: "repeated", Type: cty.Bool},
	}
}

func (generator) OpenSource(_ context.Context, attributes providers.Attributes, _ string) (providers.Source, error) {
	patterns, err := generatedPatterns()
	return generated{rows: attributes.Int("rows", 0), repeated: attributes.Bool("repeated", false), patterns: patterns}, err
}

// generated is an open source, and its own snapshot.
type generated struct {
	rows     int64
	repeated bool
	patterns [][]value.Value
}

func (g generated) Snapshot(context.Context) (providers.Snapshot, error) { return g, nil }

func (g generated) Read(ctx context.Context, _ providers.Query) (providers.Rows, error) {
	return &generatedRows{generated: g, ctx: ctx}, nil
}

func (generated) Close() error { return nil }

type generatedRows struct {
	generated
	ctx  context.Context // that of Read, which ends the rows
	next int64
	key  []byte
}

func (*generatedRows) Columns() []providers.Column {
	text := value.Type{Kind: value.Text, SQL: "text"}
	return []providers.Column{
		{Name: "code", Type: text},
		{Name: "name", Type: text},
		{Name: "status", Type: text},
		{Name: "email", Type: text},
		{Name: "campus", Type: text},
		{Name: "born", Type: value.Type{Kind: value.Date, SQL: "date"}},
		{Name: "fees", Type: value.Type{Kind: value.Decimal, SQL: "numeric(10,2)", Precision: 10, Scale: 2}},
		{Name: "seen", Type: value.Type{Kind: value.Instant, SQL: "timestamptz", Fraction: 6}},
	}
}

func (g *generatedRows) Next(row []value.Value) error {
	if g.next == g.rows {
		return io.EOF
	}
	if g.next%4096 == 0 {
		if err := g.ctx.Err(); err != nil {
			return err
		}
	}
	copy(row, g.patterns[g.next%int64(len(g.patterns))])
	// In no order, as dataset.go's.
	number := g.next
	if g.repeated && g.next == g.rows-1 {
		number = 0
	}
	x := number * 2654435761 % (1 << 30)
	g.key = strconv.AppendInt(g.key[:0], x*(2*x+1)%(1<<30), 16)
	row[0] = value.OfText(string(g.key))
	g.next++
	return nil
}

// generatedPatterns are the rows, over and over again, but for their keys.
func generatedPatterns() ([][]value.Value, error) {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	patterns := make([][]value.Value, 997)
	for i := range patterns {
		fees, err := value.ParseDecimal(fmt.Sprintf("%d.%02d", i, i%100))
		if err != nil {
			return nil, err
		}
		if i%10 == 0 {
			fees = value.Value{}
		}
		patterns[i] = []value.Value{
			{},
			value.OfText(fmt.Sprintf("  Person of number %d ", i)),
			value.OfText([]string{"A", "L"}[i%2]),
			value.OfText(fmt.Sprintf("Person.%d@ETU.example.org", i)),
			value.OfText(fmt.Sprintf("campus %d", i%7)),
			value.OfDate(first.AddDate(-20, 0, i)),
			fees,
			value.OfInstant(first.Add(time.Duration(i) * time.Hour)),
		}
	}
	return patterns, nil
}

// generatedMapping has five expressions per row; three columns are references.
const generatedMapping = `
    code       = row.code
    name       = upper(trim(row.name))
    first_name = { A = "active", L = "on leave" }[row.status]
    email      = lower(row.email)
    note       = "${row.campus} (${row.born})"
    born       = row.born
    fees       = row.fees == null ? 0 : row.fees
    seen       = row.seen
`
