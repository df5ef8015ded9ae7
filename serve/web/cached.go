package web

import (
	"context"
	"sync"
	"time"
)

// cached keeps, for a short while, what costs a connection to each destination, and its
// error, too: however many look at the page, a database that is down is asked as seldom.
type cached[T any] struct {
	mu    sync.Mutex
	key   string
	until time.Time
	value T
	err   error
}

const (
	cacheLife    = 10 * time.Second
	cacheTimeout = 5 * time.Second
)

// get returns what fetch returned last for the key, or now.
func (c *cached[T]) get(ctx context.Context, now time.Time, key string, fetch func(ctx context.Context) (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if fresh := now.Before(c.until) && !now.Before(c.until.Add(-cacheLife)); fresh && key == c.key {
		return c.value, c.err
	}
	// Whoever asked first may leave; what they asked for is for the others, too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cacheTimeout)
	defer cancel()
	c.value, c.err = fetch(ctx)
	c.key, c.until = key, now.Add(cacheLife)
	return c.value, c.err
}
