package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/registrar-sync/registrar/providers"
)

// connector opens connections that remember their session locks.
type connector struct{ driver.Connector }

func newConnector(config *pgx.ConnConfig) driver.Connector {
	return connector{stdlib.GetConnector(*config)}
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unexpected driver connection %T", opened), opened.Close())
	}
	// What is written outside of Begin's transactions are staging tables, which no crash need
	// spare: nobody waits for the disk. Not as a parameter of the connection, which would
	// become the default that Begin goes back to.
	if _, err := conn.Conn().Exec(ctx, "SET synchronous_commit = off"); err != nil {
		return nil, errors.Join(safeError(err), opened.Close())
	}
	return &session{Conn: conn}, nil
}

// session is a connection. database/sql keeps it for reuse after its user closed it;
// the locks taken on it must not stay behind.
type session struct {
	*stdlib.Conn
	locks int
}

var _ driver.Validator = (*session)(nil)

// IsValid is asked when the connection goes back into the pool.
func (s *session) IsValid() bool {
	if s.locks == 0 || s.Conn.Conn().IsClosed() {
		return !s.Conn.Conn().IsClosed()
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	_, err := s.Conn.Conn().Exec(ctx, "SELECT pg_advisory_unlock_all()")
	s.locks = 0
	return err == nil
}

// onSession calls f with the session under a connection.
func onSession(conn *sql.Conn, f func(*session) error) error {
	return conn.Raw(func(raw any) error {
		s, ok := raw.(*session)
		if !ok {
			return fmt.Errorf("unexpected driver connection %T", raw)
		}
		return f(s)
	})
}

// lockID is a name's place among the database's advisory locks, which other programs
// use too.
func lockID(name string) int64 {
	sum := sha256.Sum256([]byte("registrar\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// StageTables lists unlogged tables of schema registrar that this role owns, directly
// or through a role that it is a member of: others it could not drop.
func (d *destination) StageTables(ctx context.Context, q providers.Querier, prefix string) ([]string, error) {
	var names []string
	err := sqlCatalog(q)(ctx, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, `SELECT c.relname::text FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1::text AND c.relkind = 'r' AND c.relpersistence = 'u' AND pg_catalog.pg_has_role(c.relowner, 'USAGE') AND starts_with(c.relname::text, $2::text)
ORDER BY c.relname`, schema, prefix)
	if err != nil {
		return nil, fmt.Errorf("list staging tables: %w", safeError(err))
	}
	return names, nil
}

// TryLock takes the named lock until Unlock, or until conn is closed or dies.
func (d *destination) TryLock(ctx context.Context, conn *sql.Conn, name string) (taken bool, err error) {
	err = onSession(conn, func(s *session) error {
		if err := s.Conn.Conn().QueryRow(ctx, "SELECT pg_try_advisory_lock($1::int8)", lockID(name)).Scan(&taken); err != nil {
			return err
		}
		if taken {
			s.locks++
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("try the lock %q: %w", name, safeError(err))
	}
	return taken, nil
}

// Unlock gives a lock taken by TryLock back; one that conn does not hold is an error.
func (d *destination) Unlock(ctx context.Context, conn *sql.Conn, name string) error {
	err := onSession(conn, func(s *session) error {
		var held bool
		if err := s.Conn.Conn().QueryRow(ctx, "SELECT pg_advisory_unlock($1::int8)", lockID(name)).Scan(&held); err != nil {
			return err
		}
		if !held {
			return errors.New("this connection does not hold it")
		}
		s.locks--
		return nil
	})
	if err != nil {
		return fmt.Errorf("give back the lock %q: %w", name, safeError(err))
	}
	return nil
}
