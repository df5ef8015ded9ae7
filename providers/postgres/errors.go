package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/providers"
)

// Error is what the server said, without anything that may quote a row's values:
// neither DETAIL nor CONTEXT, no quoted part of a message about data, and nothing
// that a trigger or a function wrote.
type Error struct {
	Code    string // SQLSTATE
	Message string
	Hint    string // "" for most
	// Constraint, Table and Column are the objects at fault, as far as the server
	// names them; not quoted.
	Constraint, Table, Column string
}

func (e *Error) Error() string {
	text := e.Message + " (SQLSTATE " + e.Code + ")"
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// SQLState returns the five characters of the SQLSTATE.
func (e *Error) SQLState() string { return e.Code }

// Unwrap returns providers.ErrLocked where the wait for a lock was over.
func (e *Error) Unwrap() error {
	if e.Code == codeLockNotAvailable {
		return providers.ErrLocked
	}
	return nil
}

const (
	codeLockNotAvailable = "55P03"
	codeQueryCanceled    = "57014"
	codeDenied           = "42501"
	codeUndefinedTable   = "42P01"
	codeUndefinedObject  = "42704"
	// codeIndeterminate: a parameter whose type nothing in the statement tells.
	codeIndeterminate = "42P18"
)

var (
	_ providers.ErrorScrubber = (*destination)(nil)
	_ providers.ErrorScrubber = (*source)(nil)
)

// SafeError returns err with each error of the server replaced by an *Error.
func (*destination) SafeError(err error) error { return safeError(err) }

// SafeError returns err with each error of the server replaced by an *Error.
func (*source) SafeError(err error) error { return safeError(err) }

// safeError keeps what was wrapped around a server's error, and every other error.
func safeError(err error) error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return safeJoined(err, joined.Unwrap())
	}
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	safe := newError(server)
	if prefix, ok := strings.CutSuffix(err.Error(), server.Error()); ok {
		return fmt.Errorf("%s%w", prefix, safe)
	}
	return safe
}

func safeJoined(err error, parts []error) error {
	if _, ok := errors.AsType[*pgconn.PgError](err); !ok {
		return err
	}
	safe := make([]error, len(parts))
	for i, part := range parts {
		safe[i] = safeError(part)
	}
	return errors.Join(safe...)
}

func newError(server *pgconn.PgError) *Error {
	e := &Error{
		Code: server.Code, Message: server.Message,
		Constraint: server.ConstraintName, Table: server.TableName, Column: server.ColumnName,
	}
	switch {
	case raisedByCode(server):
		e.Message = "refused by the database's own code"
		if where := raisedAt(server.Where); where != "" {
			e.Message += ", " + where
		}
	case strings.HasPrefix(server.Code, "22"):
		e.Message = maskQuoted(server.Message)
	case (server.Position == 0 || server.Where != "") && !namesOnly(server.Code):
		// Not about the statement's text: a value may have been taken for a name, as a cast to regclass does.
		e.Message = maskQuoted(server.Message)
		if before, _, ok := strings.Cut(e.Message, ": "); ok {
			e.Message = before + ": …"
		}
	case strings.HasPrefix(server.Code, "42"):
		// About the statement's text, which holds no values.
		e.Hint = server.Hint
		if server.Code == codeUndefinedObject && strings.Contains(server.Message, foldingCollation) {
			e.Hint = `compare = "case_insensitive" needs a server built with ICU, and a database whose encoding ICU knows, such as UTF8`
		}
	}
	return e
}

// namesOnly reports whether messages of a SQLSTATE name what is there, and nothing else: constraints, users, databases, locks.
func namesOnly(code string) bool {
	return slices.Contains([]string{"23", "28", "3D", "40", "53", "57"}, code[:min(2, len(code))]) || code == codeLockNotAvailable || code == codeDenied
}

// raisedByCode reports whether a function or trigger worded the message: it may
// say anything, under any SQLSTATE.
func raisedByCode(server *pgconn.PgError) bool {
	return strings.HasPrefix(server.Code, "P0") || strings.HasPrefix(server.Code, "38") || server.Routine == "exec_stmt_raise" ||
		slices.Contains([]string{"plperl.c", "plpy_elog.c", "pltcl.c"}, server.File)
}

var raisePlace = regexp.MustCompile(`^PL/pgSQL function [^"'\n]+ line \d+ at [A-Za-z ]+$`)

// raisedAt returns the first line of a CONTEXT, if it only names a function.
func raisedAt(where string) string {
	line, _, _ := strings.Cut(where, "\n")
	if raisePlace.MatchString(line) {
		return line
	}
	return ""
}

// quotes are those that the server's translations put around values.
const quotes = "\"'«»„“”‘’「」"

var byteSequence = regexp.MustCompile(`0x[0-9a-fA-F]{2}( 0x[0-9a-fA-F]{2})*`)

// maskQuoted replaces what stands between the first quote and the last: a value may
// hold quotes itself.
func maskQuoted(message string) string {
	message = byteSequence.ReplaceAllString(message, "…")
	first, last := strings.IndexAny(message, quotes), strings.LastIndexAny(message, quotes)
	if first < 0 {
		return message
	}
	_, size := utf8.DecodeRuneInString(message[last:])
	return message[:first] + "…" + message[last+size:]
}

// connectError words a failed connection. Its text holds no credentials.
func (s *settings) connectError(err error) error {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		safe := newError(server)
		if s.fromURL && strings.HasPrefix(server.Code, "28") {
			safe.Message = maskQuoted(safe.Message) // names the user
		}
		safe.Message = s.scrub(safe.Message)
		return fmt.Errorf("connect to %s: %w", s.identity(), safe)
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return fmt.Errorf("connect to %s: %w", s.identity(), ended)
		}
	}
	text := err.Error()
	if connect, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		text = connect.Unwrap().Error() // its own text names the user
	}
	worded := fmt.Errorf("connect to %s: %s", s.identity(), s.scrub(strings.ReplaceAll(text, "\n", "; ")))
	return providers.KeepTransient(worded, err, (*Provider)(nil))
}
