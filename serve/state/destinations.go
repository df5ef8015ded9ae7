package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// placeEvery is about how often a place at a destination is looked for.
	placeEvery = 250 * time.Millisecond
	// placeTries is how often in a row that may fail, a second apart.
	placeTries = 60
)

// Acquire takes one of limit places at the destination: a session's advisory lock, on a connection that
// does nothing else and with which it is lost. At most limit of this process look for one.
func (s *shared) Acquire(ctx context.Context, destination string, limit int) (func(), error) {
	release, err := s.limits.acquire(ctx, destination, limit)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		conn, err := s.takePlace(ctx, destination, min(limit, maxPlaces))
		if err == nil {
			return sync.OnceFunc(func() {
				disconnect(ctx, conn)
				release()
			}), nil
		}
		// PostgreSQL may be down for a while.
		if ctx.Err() != nil || try == placeTries || !wait(time.Second, ctx.Done()) {
			release()
			return nil, fmt.Errorf("wait for a place at %s: %w", destination, errors.Join(context.Cause(ctx), err))
		}
	}
}

// takePlace waits until a place is free, or the connection breaks.
func (s *shared) takePlace(ctx context.Context, destination string, limit int) (_ *pgx.Conn, err error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			disconnect(ctx, conn)
		}
	}()
	var id int32
	// Looked for first, since an INSERT takes a number even where it adds nothing.
	for _, statement := range []string{
		"INSERT INTO destination (name) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM destination WHERE name = $1) ON CONFLICT DO NOTHING RETURNING id",
		"SELECT id FROM destination WHERE name = $1",
	} {
		err := conn.QueryRow(ctx, statement, destination).Scan(&id)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, err
		}
	}
	for {
		for place := range int32(limit) {
			var taken bool
			if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1::int4, $2::int4)", lockSpace, id*maxPlaces+place).Scan(&taken); err != nil {
				return nil, err
			}
			if taken {
				return conn, nil
			}
		}
		if !wait(placeEvery/2+rand.N(placeEvery), ctx.Done()) {
			return nil, context.Cause(ctx)
		}
	}
}
