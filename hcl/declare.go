package hcl

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

// labels of the top-level blocks.
var topLevel = map[string][]string{
	"registrar":   nil,
	"variable":    {"name"},
	"locals":      nil,
	"source":      {"provider", "name"},
	"destination": {"provider", "name"},
	"faculty":     {"label"},
	"sync":        {"name"},
	"schedule":    {"name"},
	"module":      {"name"},
	"notify":      {"kind", "name"},
	"moved":       nil,
	"check":       {"name"},
	"on_change":   {"name"},
	"policy":      {"name"},
}

func blockTypes() []string { return slices.Collect(maps.Keys(topLevel)) }

// declare finds the names that the files declare, so that every block can refer
// to every other wherever it stands. Only blocks that declare one are kept.
func (c *compiler) declare() {
	c.blocks = slices.DeleteFunc(c.blocks, func(b *hclsyntax.Block) bool {
		labels, known := topLevel[b.Type]
		switch {
		case known:
			return !c.checkLabels(b, labels) || !c.checkNames(b) || !c.declareBlock(b)
		case isUnsupportedItem(b.Type):
			c.unsupported(b.TypeRange, "The block "+b.Type)
		default:
			c.errorf(b.TypeRange, unsupportedBlock, "There is no block %q.%s", b.Type, didYouMean(b.Type, blockTypes()))
		}
		return true
	})
}

func (c *compiler) checkNames(b *hclsyntax.Block) bool {
	for i, label := range b.Labels {
		if !c.checkIdentifier(label, b.LabelRanges[i]) {
			return false
		}
	}
	return true
}

// declareBlock is false for a second block of one name.
func (c *compiler) declareBlock(b *hclsyntax.Block) bool {
	name := ""
	if len(b.Labels) > 0 {
		name = b.Labels[len(b.Labels)-1]
	}
	switch b.Type {
	case "registrar":
		if c.parent != nil {
			c.errorf(b.DefRange(), unsupportedBlock, "The registrar block stands in the root of the configuration only, not in a module.")
			return false
		}
		if c.settings != nil {
			return c.duplicate(b, "registrar block", c.settings)
		}
		c.settings = b
	case "variable":
		if first := c.variables[name]; first != nil {
			return c.duplicate(b, "variable", first.block)
		}
		c.variables[name] = &variable{name: name, block: b}
	case "locals":
		c.declareLocals(b)
	case "source":
		return declareConnection(c, b, c.sources)
	case "destination":
		return declareConnection(c, b, c.destinations)
	case "faculty":
		if first := c.faculties[name]; first != nil {
			return c.duplicate(b, "faculty", first.block)
		}
		c.faculties[name] = &faculty{label: name, block: b}
	case "schedule":
		if first := c.schedules[name]; first != nil {
			return c.duplicate(b, "schedule", first.block)
		}
		c.schedules[name] = &scheduleBlock{block: b, schedule: &config.Schedule{}}
	case "notify":
		if first := c.notifiers[pair(b)]; first != nil {
			return c.duplicate(b, "notifier", first.block)
		}
		c.notifiers[pair(b)] = &notifyBlock{block: b, notifier: &config.Notifier{}}
	case "module":
		if first := c.modules[name]; first != nil {
			return c.duplicate(b, "module", first.block)
		}
		c.modules[name] = &moduleBlock{name: name, block: b, module: c}
	case "sync":
		if first := c.syncs[name]; first != nil {
			return c.duplicate(b, "sync", first.block)
		}
		declared := &syncBlock{name: name, block: b, module: c}
		c.syncs[name] = declared
		c.syncOrder = append(c.syncOrder, declared)
	case "check":
		if first := c.checks[name]; first != nil {
			return c.duplicate(b, "check", first)
		}
		c.checks[name] = b
	case "on_change":
		if first := c.observers[name]; first != nil {
			return c.duplicate(b, "on_change block", first)
		}
		c.observers[name] = b
	case "policy":
		if first := c.policies[name]; first != nil {
			return c.duplicate(b, "policy", first)
		}
		c.policies[name] = b
	}
	return true
}

func declareConnection(c *compiler, b *hclsyntax.Block, known map[string]*connection) bool {
	if first := known[pair(b)]; first != nil {
		return c.duplicate(b, b.Type, first.block)
	}
	known[pair(b)] = &connection{block: b, connection: &config.Connection{}}
	return true
}

// pair is the key of blocks that have two labels.
func pair(b *hclsyntax.Block) string { return b.Labels[0] + "." + b.Labels[1] }

// duplicate reports b as another block of first's name, and is false.
func (c *compiler) duplicate(b *hclsyntax.Block, what string, first *hclsyntax.Block) bool {
	if len(b.Labels) == 0 {
		c.errorf(b.DefRange(), "Duplicate "+what, "There can be one %s; the first is at %s.", what, position(first.DefRange()))
	} else {
		c.errorf(b.DefRange(), "Duplicate "+what, "The %s %q is declared at %s already.", what, b.Labels[len(b.Labels)-1], position(first.DefRange()))
	}
	return false
}
