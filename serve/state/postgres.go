package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const (
	schema       = "registrar_state"
	postgresNow  = "clock_timestamp()"
	postgresSoon = "clock_timestamp() + interval '2 seconds'"
	// poolSize is for what the service asks of its state, River's listener included, unless the URL says
	// pool_max_conns. What is held for long has connections of its own.
	poolSize = 8
	// connectTimeout is unless the URL says connect_timeout.
	connectTimeout = 10 * time.Second
)

// Advisory locks have two keys. The first is lockSpace ("RGST"), the second one of these, or from maxPlaces on a
// place at a destination.
const (
	lockSpace     int32 = 0x52475354
	lockMigration int32 = 0
	lockWrite     int32 = 1
	// maxPlaces at a destination are told apart.
	maxPlaces = 1024
)

// shared is a state in a PostgreSQL database, which several replicas share.
type shared struct {
	database
	pool   *pgxpool.Pool
	queue  *river.Client[pgx.Tx] // inserts only
	limits limits
}

var _ Store = (*shared)(nil)

func openShared(ctx context.Context, location string) (_ Store, err error) {
	config, err := pgxpool.ParseConfig(location)
	if err != nil {
		// Its text may repeat the password where the URL is malformed.
		return nil, errors.New("the service's state is not a URL of the form postgres://user:password@host:port/database")
	}
	defer func() { err = withoutPassword(err, config.ConnConfig.Password) }()
	given := url.Values{}
	if u, err := url.Parse(location); err == nil {
		given = u.Query()
	}
	if !given.Has("pool_max_conns") {
		config.MaxConns = poolSize
	}
	if !given.Has("connect_timeout") {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "registrar serve"
	}
	config.AfterConnect = prepare
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the service's state: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	s := &shared{database: database{db: db, now: postgresNow, soon: postgresSoon, alone: lockWrites}, pool: pool}
	defer func() {
		if err != nil {
			err = fmt.Errorf("open the service's state: %w", errors.Join(err, s.Close()))
		}
	}()
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	s.queue, err = river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *shared) Close() error {
	err := s.db.Close()
	s.pool.Close()
	return err
}

// prepare sets what a connection must have: where the tables are, and that the server soon sees that a
// replica is gone whose machine is, too, so that its locks are free again.
func prepare(ctx context.Context, conn *pgx.Conn) error {
	for _, statement := range []string{
		"SET search_path TO " + schema,
		"SET tcp_keepalives_idle TO 10", "SET tcp_keepalives_interval TO 5", "SET tcp_keepalives_count TO 3",
		// Who holds a place at a destination says nothing for hours.
		"SELECT set_config('idle_session_timeout', '0', false) WHERE current_setting('server_version_num')::int4 >= 140000",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("prepare the connection: %w", err)
		}
	}
	return nil
}

func lockWrites(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1::int4, $2::int4)", lockSpace, lockWrite)
	return err
}

// migrate makes the schema and its tables where they are missing. Replicas start at once: one does it.
func (s *shared) migrate(ctx context.Context) (err error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer disconnect(ctx, conn)
	// It is released with the connection.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1::int4, $2::int4)", lockSpace, lockMigration); err != nil {
		return err
	}
	var hasSchema, hasVersion bool
	if err := conn.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL, to_regclass($1 || '.version') IS NOT NULL", schema).Scan(&hasSchema, &hasVersion); err != nil {
		return err
	}
	// Even IF NOT EXISTS it needs the right to make one.
	if !hasSchema {
		if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
			return fmt.Errorf("make schema %s (an administrator may make it for this user): %w", schema, err)
		}
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		spelling := strings.NewReplacer("{text}", `text COLLATE "C"`, "{instant}", "timestamptz", "{json}", "json", "{identity}", "integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY")
		return migrate(ctx, tx, spelling, hasVersion)
	})
	if err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(s.pool), &rivermigrate.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("make the tables of River: %w", err)
	}
	return nil
}

// connect returns a connection of its own, for what would keep one of the pool's for too long.
func (s *shared) connect(ctx context.Context) (*pgx.Conn, error) {
	config := s.pool.Config().ConnConfig
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, conn); err != nil {
		disconnect(ctx, conn)
		return nil, err
	}
	return conn, nil
}

// disconnect frees what the connection holds, also where ctx has ended.
func disconnect(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = conn.Close(ctx) // nothing is to be done about it: the server sees that the line is gone
}

// withoutPassword is err, which does not repeat the password.
func withoutPassword(err error, password string) error {
	if err == nil || password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "…"))
}
