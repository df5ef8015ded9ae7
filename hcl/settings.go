package hcl

import (
	"time"

	"github.com/hashicorp/go-version"

	"github.com/registrar-sync/registrar/config"
)

const defaultPlanTTL = 72 * time.Hour

var settingsSchema = schema{
	arguments: map[string]bool{"required_version": false, "plan_ttl": false, "timezone": false, "atomic": false},
	blocks:    map[string]nested{"guard": {}, "retry": {}, "service": {}},
}

// compileSettings compiles the registrar block, which may be missing.
func (c *compiler) compileSettings() {
	c.config.Settings.PlanTTL = defaultPlanTTL
	c.config.Settings.Timezone = time.UTC
	c.config.Settings.Atomic = config.AtomicSync
	c.config.Settings.Retry = defaultRetry
	c.config.Settings.Service = config.Service{Timezone: time.UTC, RunsPerDestination: 1}
	if c.settings == nil {
		return
	}
	sc := scope{ctx: c.base, locals: true}
	b := c.open(c.settings, "registrar block", settingsSchema, sc).in(sc)
	c.checkVersion(b)
	if ttl, ok := b.duration("plan_ttl"); ok {
		if ttl < time.Minute {
			b.fail("plan_ttl", invalidValue, `"plan_ttl" is %s; expected a minute or more.`, ttl)
		} else {
			c.config.Settings.PlanTTL = ttl
		}
	}
	c.config.Settings.Timezone = b.location("timezone", time.UTC)
	c.config.Settings.Atomic = choice(b, "atomic", []config.Atomic{config.AtomicSync, config.AtomicFaculty, config.AtomicAll}, config.AtomicSync)
	c.compileRetry(b)
	c.compileService(b)
	c.guard = b.innerGuard("guard block of the registrar block", sc)
}

func (c *compiler) checkVersion(b *block) {
	text, ok := b.text("required_version")
	if !ok {
		return
	}
	constraints, err := version.NewConstraint(text)
	if err != nil {
		b.fail("required_version", invalidValue, `"required_version" is %q; expected conditions such as ">= 0.1, < 2.0".`, text)
		return
	}
	have, err := version.NewVersion(c.opts.Version)
	if err != nil {
		return
	}
	// A release candidate has what its release will have.
	if !constraints.Check(have.Core()) {
		b.fail("required_version", "Unsuitable version", "This configuration requires registrar %s; this is %s.", text, have)
	}
}
