package state

import (
	"context"
	"fmt"
	"sync"
)

// limits counts who holds a destination in this process.
type limits struct {
	mu      sync.Mutex
	held    map[string]int
	changed chan struct{} // closed, and made anew, at each release
}

// acquire waits until fewer than limit hold the destination.
func (l *limits) acquire(ctx context.Context, destination string, limit int) (release func(), err error) {
	if limit < 1 {
		return nil, fmt.Errorf("a limit of %d runs at a time: at least 1", limit)
	}
	for {
		changed, ok := l.try(destination, limit)
		if ok {
			return sync.OnceFunc(func() { l.release(destination) }), nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// try takes a place, or returns what is closed when one may be free.
func (l *limits) try(destination string, limit int) (changed <-chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held, l.changed = map[string]int{}, make(chan struct{})
	}
	if l.held[destination] >= limit {
		return l.changed, false
	}
	l.held[destination]++
	return nil, true
}

func (l *limits) release(destination string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[destination]--; l.held[destination] == 0 {
		delete(l.held, destination)
	}
	close(l.changed)
	l.changed = make(chan struct{})
}
