package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// The environment in which contestants find the databases.
const (
	envSource      = "REGISTRAR_VAR_source_url"
	envDestination = "REGISTRAR_VAR_destination_url"
)

// runDatabase is the destination of whatever runs; each run gets a fresh one.
const runDatabase = "bench_run"

// lab is where contestants run: a server, a folder, and what measures them.
type lab struct {
	dir     string
	program string // this one
	url     *url.URL
	admin   *pgx.Conn
	server  serverProcess
	// permanent are the server's processes that do not come and go with connections.
	permanent map[int]stat
	log       io.Writer // progress
}

// openLab starts the server. The folder is the caller's to remove.
func openLab(ctx context.Context, dir string, log io.Writer) (*lab, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := pgtest.Start()
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, program: program, log: log}
	if l.url, err = url.Parse(text); err != nil {
		return nil, err
	}
	if l.admin, err = pgx.Connect(ctx, text); err != nil {
		return nil, err
	}
	var backend int
	err = l.admin.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend)
	if err == nil && runtime.GOOS == "linux" {
		var s stat
		if s, err = readStat(backend); err == nil {
			l.server = serverProcess(s.parent)
			l.permanent, err = l.server.children()
		}
	}
	if err == nil {
		// What would start by itself, in the middle of somebody's run. And what tests do
		// without would make whoever writes most look good.
		err = execute(
			ctx, l.admin, "ALTER SYSTEM SET autovacuum = off", "ALTER SYSTEM SET max_wal_size = '8GB'", "ALTER SYSTEM SET checkpoint_timeout = '1h'",
			"ALTER SYSTEM SET full_page_writes = on", "ALTER SYSTEM SET synchronous_commit = on", "SELECT pg_reload_conf()",
		)
	}
	if err != nil {
		return nil, errors.Join(err, l.close(ctx))
	}
	return l, nil
}

func (l *lab) close(ctx context.Context) error { return l.admin.Close(ctx) }

// database returns the URL of a database of the server.
func (l *lab) database(name string) string {
	u := *l.url
	u.Path = "/" + name
	return u.String()
}

// create makes a database and runs statements in it. What they made is then as it
// will be in a database that has been there for long: analysed, and without rows
// that a first reader would still have to mark.
func (l *lab) create(ctx context.Context, name string, statements ...string) error {
	started := time.Now()
	if err := execute(ctx, l.admin, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return err
	}
	return l.with(ctx, name, func(conn *pgx.Conn) error {
		if err := execute(ctx, conn, statements...); err != nil {
			return err
		}
		err := execute(ctx, conn, "VACUUM (ANALYZE)")
		fmt.Fprintf(l.log, "made database %s in %s\n", name, time.Since(started).Round(time.Second/10))
		return err
	})
}

func (l *lab) with(ctx context.Context, name string, use func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, l.database(name))
	if err != nil {
		return err
	}
	return errors.Join(use(conn), conn.Close(ctx))
}

// fresh makes runDatabase a copy of a template, file by file, and waits until the
// server is at rest. What is about to be read is read once before.
func (l *lab) fresh(ctx context.Context, template, source, sourceTable string) error {
	copying := ""
	if version, _ := strconv.Atoi(strings.SplitN(l.admin.PgConn().ParameterStatus("server_version"), ".", 2)[0]); version >= 15 {
		copying = " STRATEGY = FILE_COPY" // the only one before
	}
	if err := l.settled(ctx); err != nil {
		return err
	}
	if err := execute(ctx, l.admin, "DROP DATABASE IF EXISTS "+runDatabase, "CREATE DATABASE "+runDatabase+" TEMPLATE "+template+copying); err != nil {
		return err
	}
	if source != "" {
		if err := l.with(ctx, source, func(conn *pgx.Conn) error { return execute(ctx, conn, "SELECT count(*) FROM "+sourceTable) }); err != nil {
			return err
		}
	}
	err := l.with(ctx, runDatabase, func(conn *pgx.Conn) error {
		return execute(ctx, conn, "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema') "+
			"LOOP EXECUTE 'SELECT count(*) FROM ' || t; END LOOP; END $$")
	})
	if err != nil {
		return err
	}
	return errors.Join(l.settled(ctx), execute(ctx, l.admin, "CHECKPOINT"))
}

// settled waits until the server has only those processes that it had at the start,
// of which one is our own connection's. Being disconnected is not enough: a process
// that is still ending takes time, and its time is added to its parent's only when
// it has ended.
func (l *lab) settled(ctx context.Context) error {
	for {
		busy, err := l.busy(ctx)
		if err != nil || !busy {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (l *lab) busy(ctx context.Context) (bool, error) {
	if l.server == 0 {
		var others int
		err := l.admin.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()").Scan(&others)
		return others > 0, err
	}
	children, err := l.server.children()
	for pid := range children {
		if _, ok := l.permanent[pid]; !ok {
			return true, err
		}
	}
	return false, err
}

// command is a process to measure.
type command struct {
	program string // this program as a contestant, unless set
	args    []string
	env     []string // added to our own
	dir     string
	// fails is what it says before it fails, as it is meant to; "" for all others.
	fails string
}

var errUnexpectedEnd = errors.New("it did not end as it should")

// measure runs a command to its end.
func (l *lab) measure(ctx context.Context, c command) (usage, error) {
	if c.program == "" {
		c.program = l.program
	}
	peak := filepath.Join(l.dir, "peak")
	_ = os.Remove(peak) // of the run before
	cmd := exec.CommandContext(ctx, c.program, c.args...)
	cmd.Dir = c.dir
	cmd.Env = append(append(os.Environ(), c.env...), envContestant+"=1", envPeak+"="+peak)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output

	before, err := l.server.cpu()
	if err != nil {
		return usage{}, err
	}
	started := time.Now()
	err = cmd.Run()
	if failed := err != nil; failed != (c.fails != "") || !strings.Contains(output.String(), c.fails) {
		return usage{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), errors.Join(err, ctx.Err(), errUnexpectedEnd), output.Bytes())
	}
	u := usage{wall: time.Since(started), client: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if err := l.settled(ctx); err != nil {
		return usage{}, err
	}
	after, err := l.server.cpu()
	if err != nil {
		return usage{}, err
	}
	u.server = after - before
	if text, err := os.ReadFile(peak); err == nil {
		u.peak, _ = strconv.ParseInt(string(text), 10, 64)
	}
	return u, nil
}

// connect opens the database whose URL the environment holds.
func connect(ctx context.Context, name string) (*pgx.Conn, error) {
	text := os.Getenv(name)
	if text == "" {
		return nil, fmt.Errorf("%s is not set", name)
	}
	return pgx.Connect(ctx, text)
}
