package hcl

import (
	"crypto/ed25519"
	"time"

	"github.com/hashicorp/go-version"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/signature"
)

const defaultPlanTTL = 72 * time.Hour

var settingsSchema = schema{
	arguments: map[string]bool{
		"required_version": false, "plan_ttl": false, "timezone": false, "atomic": false,
		"trusted_keys": false, "require_approval": false, "sensitive": false,
	},
	blocks: map[string]nested{"guard": {}, "retry": {}, "service": {}, "limits": {}},
}

var limitsSchema = schema{arguments: map[string]bool{"plan_timeout": false, "statement_timeout": false, "max_rows": false}}

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
	c.config.Settings.TrustedKeys = b.trustedKeys()
	if n, ok := b.whole("require_approval", 0); ok {
		if n > config.MaxApprovals {
			b.fail("require_approval", invalidValue, `"require_approval" is %d; expected at most %d.`, n, config.MaxApprovals)
		} else {
			c.config.Settings.RequireApproval = int(n)
		}
	}
	c.maskAll, _ = b.maskAll()
	c.compileLimits(b)
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

// trustedKeys evaluates the argument trusted_keys.
func (b *block) trustedKeys() []ed25519.PublicKey {
	keys, ok := b.words("trusted_keys")
	if ok && len(keys) == 0 {
		b.fail("trusted_keys", invalidValue, `"trusted_keys" is empty: leave it out if plans need no signature.`)
	}
	var out []ed25519.PublicKey
	for _, w := range keys {
		key, err := signature.ParseWritten(w.text)
		if err != nil {
			b.c.failures++
			b.c.errorf(w.at, invalidValue, `"trusted_keys" holds %q: %s.`, w.text, err)
			continue
		}
		out = append(out, key)
	}
	return out
}

// compileLimits compiles the limits block of the registrar block.
func (c *compiler) compileLimits(settings *block) {
	for _, inner := range settings.blocks["limits"] {
		b := c.open(inner, "limits block", limitsSchema, settings.scope).in(settings.scope)
		l := &c.config.Settings.Limits
		l.PlanTimeout = b.timeout("plan_timeout")
		l.StatementTimeout = b.timeout("statement_timeout")
		l.MaxRows, _ = b.whole("max_rows", 1)
	}
}

// timeout evaluates a span of a second or more; 0 where it is left out or faulty.
func (b *block) timeout(name string) time.Duration {
	d, ok := b.duration(name)
	if ok && d < config.MinTimeout {
		b.fail(name, invalidValue, `%q is %s; expected a second or more.`, name, d)
		return 0
	}
	return d
}
