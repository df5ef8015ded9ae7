package hcl

import (
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
	"github.com/registrar-sync/registrar/providers"
)

var incrementalSchema = schema{arguments: map[string]bool{"watermark": false, "fingerprints": false, "full_every": false, "overlap": false}}

// openIncremental opens the block and takes the watermark out of its arguments: it is of the row.
func (c *compiler) openIncremental(s *syncBlock, each scope) {
	if len(s.top.blocks["incremental"]) == 0 {
		return
	}
	b := c.open(s.top.blocks["incremental"][0], "sync's incremental block", incrementalSchema, each)
	s.incremental = b
	s.watermark = b.arguments["watermark"]
	delete(b.arguments, "watermark")
	c.checkHow(s, b)
	if s.watermark != nil {
		inRow := each
		inRow.row = true
		c.check(s.watermark.Expr, inRow)
	}
}

// checkHow checks that one of the ways to tell what changed is written.
func (c *compiler) checkHow(s *syncBlock, b *block) {
	if s.watermark == nil && !b.has("fingerprints") {
		c.errorf(b.header, missingArgument, howNeeded)
		c.failures++
	}
}

const howNeeded = `A sync's incremental block needs "watermark" or "fingerprints".`

// compileFingerprints is compileIncremental for what is told by fingerprints.
func (c *compiler) compileFingerprints(i *instance, b *block) {
	conflict := func(a *hclsyntax.Attribute) {
		if a != nil {
			c.errorf(a.NameRange, "Conflicting arguments", "Fingerprints compare everything each time, and %q is for what is told by a watermark: write one or the other.", a.Name)
			c.failures++
		}
	}
	conflict(i.block.watermark)
	conflict(b.arguments["full_every"])
	conflict(b.arguments["overlap"])
	n, ok := b.whole("fingerprints", config.MinFingerprints)
	if ok && n > config.MaxFingerprints {
		b.fail("fingerprints", invalidValue, `"fingerprints" is %d; expected the number of buckets, from %d to %d.`, n, config.MinFingerprints, config.MaxFingerprints)
		return
	}
	if ok && c.readsOnce(i, b) {
		i.sync.Incremental = &config.Incremental{Fingerprints: int(n), Range: position(b.header)}
	}
}

// readsOnce reports whether the sync has a table or one query.
func (c *compiler) readsOnce(i *instance, b *block) bool {
	if len(i.sync.Source.Queries) == 0 {
		return true
	}
	c.errorf(b.header, "Conflicting blocks", "The queries of this sync name what is to be done themselves; incremental is for a table or one query, of which it reads what changed.")
	c.failures++
	return false
}

func (c *compiler) compileIncremental(i *instance) {
	if i.block.incremental == nil {
		return
	}
	b := i.block.incremental.in(i.scope)
	switch written := i.block.incremental.has("fingerprints"); {
	case b.has("fingerprints"):
		c.compileFingerprints(i, b)
		return
	case i.block.watermark == nil && written: // null is as left out
		i.block.incremental.fail("fingerprints", missingArgument, howNeeded)
	}
	if i.block.watermark == nil {
		return
	}
	out := &config.Incremental{FullEvery: config.DefaultFullEvery, Range: position(b.header)}
	ok := c.compileWatermark(i, i.block.watermark, out)
	if every, given := b.duration("full_every"); given {
		if every < time.Minute {
			b.fail("full_every", invalidValue, `"full_every" is %s; expected a minute or more.`, every)
		}
		out.FullEvery = every
	}
	if overlap, given := b.duration("overlap"); given {
		out.Overlap = &overlap
	}
	if !c.readsOnce(i, b) {
		return
	}
	if !c.filters(i.sync.Source.From) {
		c.errorf(b.header, "Source cannot filter", "The provider %q reads all of a table each time: incremental is for sources that are asked for what changed. Remove the block.", i.sync.Source.From.Provider)
		c.failures++
		return
	}
	if ok {
		i.sync.Incremental = out
	}
}

func (c *compiler) compileWatermark(i *instance, a *hclsyntax.Attribute, out *config.Incremental) bool {
	expr, _ := c.rowExpression(a.Expr, i.scope, rowexpr.Compile)
	switch {
	case expr.Bind == nil: // that is reported already, or not known
		return false
	case !expr.Plain:
		c.errorf(a.Expr.Range(), invalidValue, `"watermark" must be a column of the source, as row.updated_at: the source itself compares it.`)
		c.failures++
		return false
	}
	out.Watermark = expr.Refs[0]
	return true
}

// filters reports whether a source can be asked for what changed; also where that is not known.
func (c *compiler) filters(from *config.Connection) bool {
	if from == nil {
		return true
	}
	for _, p := range c.opts.Providers {
		if _, ok := p.(providers.SourceProvider); ok && p.Name() == from.Provider {
			_, filters := p.(providers.Filterer)
			return filters
		}
	}
	return true
}
