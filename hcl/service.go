package hcl

import (
	"time"

	"github.com/registrar-sync/registrar/config"
)

var (
	retrySchema   = schema{arguments: map[string]bool{"attempts": false, "wait": false, "max_wait": false}}
	serviceSchema = schema{
		arguments: map[string]bool{"timezone": false, "runs_per_destination": false},
		blocks:    openingBlocks,
	}

	defaultRetry = config.Retry{Attempts: 4, Wait: 30 * time.Second, MaxWait: 10 * time.Minute}
)

const (
	maxAttempts = 100
	maxRuns     = 1000
)

// compileRetry compiles the retry block of the registrar block.
func (c *compiler) compileRetry(settings *block) {
	for _, inner := range settings.blocks["retry"] {
		b := c.open(inner, "retry block", retrySchema, settings.scope).in(settings.scope)
		r := &c.config.Settings.Retry
		if n, ok := b.upTo("attempts", maxAttempts); ok {
			r.Attempts = n
		}
		if wait, ok := b.wait("wait"); ok {
			r.Wait = wait
			// One that is longer than the default bound is its own bound.
			r.MaxWait = max(r.MaxWait, wait)
		}
		if limit, ok := b.wait("max_wait"); ok {
			if limit < r.Wait {
				b.fail("max_wait", invalidValue, `"max_wait" is %s, which is less than "wait", %s.`, limit, r.Wait)
			} else {
				r.MaxWait = limit
			}
		}
	}
}

// wait evaluates a span that runs wait for.
func (b *block) wait(name string) (time.Duration, bool) {
	d, ok := b.duration(name)
	if ok && (d < time.Second || d > day) {
		b.fail(name, invalidValue, `%q is %s; expected "1s" to "24h".`, name, d)
		return 0, false
	}
	return d, ok
}

// upTo evaluates a whole number from 1 to most.
func (b *block) upTo(name string, most int64) (int, bool) {
	n, ok := b.whole(name, 1)
	if ok && n > most {
		b.fail(name, invalidValue, "%q is %d; expected at most %d.", name, n, most)
		return 0, false
	}
	return int(n), ok
}

// compileService compiles the service block of the registrar block.
func (c *compiler) compileService(settings *block) {
	s := &c.config.Settings.Service
	s.Timezone = c.config.Settings.Timezone
	for _, inner := range settings.blocks["service"] {
		b := c.open(inner, "service block", serviceSchema, settings.scope).in(settings.scope)
		s.Range = position(b.header)
		s.Timezone = b.location("timezone", c.config.Settings.Timezone)
		if n, ok := b.upTo("runs_per_destination", maxRuns); ok {
			s.RunsPerDestination = n
		}
		s.Active, s.Windows, s.Except = c.compileOpenings(b)
	}
}
