package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// blockSize is what a pipe hands over at a time: COPY's own rows are small.
const blockSize = 256 << 10

// COPY's formats.
const (
	binaryFormat = "binary"
	textFormat   = "text" // psql's, unless told otherwise
)

// relay pipes a binary COPY out of one database into a COPY of another: the least
// that any program can do that brings rows from here to there.
func relay(ctx context.Context, from *pgx.Conn, table string, to *pgx.Conn, into string) error {
	return relayAs(ctx, binaryFormat, from, table, to, into)
}

func relayAs(ctx context.Context, format string, from *pgx.Conn, table string, to *pgx.Conn, into string) error {
	list := strings.Join(columns, ", ")
	reader, writer := io.Pipe()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		blocks := bufio.NewWriterSize(writer, blockSize)
		_, err := from.PgConn().CopyTo(ctx, blocks, "COPY "+table+" ("+list+") TO STDOUT (FORMAT "+format+")")
		err = errors.Join(err, blocks.Flush())
		return errors.Join(err, writer.CloseWithError(err))
	})
	group.Go(func() error {
		_, err := to.PgConn().CopyFrom(ctx, bufio.NewReaderSize(reader, blockSize), "COPY "+into+" ("+list+") FROM STDIN (FORMAT "+format+")")
		return errors.Join(err, reader.CloseWithError(err))
	})
	return group.Wait()
}

// between connects to a source and a destination, whose URLs the environment
// holds: arguments are everyone's to read.
func between(ctx context.Context, use func(source, destination *pgx.Conn) error) (err error) {
	var conns []*pgx.Conn
	defer func() {
		for _, c := range conns {
			err = errors.Join(err, c.Close(ctx))
		}
	}()
	for _, name := range []string{envSource, envDestination} {
		c, err := connect(ctx, name)
		if err != nil {
			return err
		}
		conns = append(conns, c)
	}
	return use(conns[0], conns[1])
}

func execute(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// asGoodDBA are the settings of the session that the limit, the MERGE and
// registrar have alike.
func asGoodDBA(ctx context.Context, conn *pgx.Conn) error {
	return execute(ctx, conn, "SET work_mem = '64MB'", "SET jit = off")
}
