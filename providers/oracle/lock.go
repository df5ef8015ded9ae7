package oracle

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

// lockID is a name's place among the locks of DBMS_LOCK that users may number: 0 to 1073741823. ALLOCATE_UNIQUE would
// give one, and commit.
func lockID(name string) uint32 {
	sum := sha256.Sum256([]byte("registrar\x00" + name))
	return binary.BigEndian.Uint32(sum[:4]) >> 2
}

// Codes by which the blocks below say what DBMS_LOCK returned, and that of a name that the server does not know.
const (
	codeTimeout  = 20_001
	codeNotOwned = 20_004
	codeUnknown  = 6550
)

// TryLock takes the named lock until Unlock, or until conn is closed or dies.
func (d *destination) TryLock(ctx context.Context, conn *sql.Conn, name string) (taken bool, err error) {
	if d.lock == lockByRow {
		taken, err = d.tryRow(ctx, conn, name)
	} else {
		taken, err = tryPackage(ctx, conn, name)
	}
	if err != nil {
		return false, fmt.Errorf("try the lock %q: %w", name, d.SafeError(err))
	}
	return taken, nil
}

// Unlock gives a lock taken by TryLock back; one that conn does not hold is an error.
func (d *destination) Unlock(ctx context.Context, conn *sql.Conn, name string) error {
	err := onWriter(conn, func(s *writer) error {
		if d.lock == lockByRow {
			lock := s.locks[name]
			if lock == nil {
				return errors.New("this connection does not hold it")
			}
			delete(s.locks, name)
			return lock.release(true)
		}
		_, err := s.exec(ctx, fmt.Sprintf("DECLARE done INTEGER; BEGIN done := DBMS_LOCK.RELEASE(%d); IF done <> 0 THEN RAISE_APPLICATION_ERROR(-20000 - done, 'registrar'); END IF; END;", lockID(name)), nil)
		var own *Error
		if errors.As(err, &own) && own.Code == codeNotOwned {
			return errors.New("this connection does not hold it")
		}
		if err == nil {
			s.held--
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("give back the lock %q: %w", name, d.SafeError(err))
	}
	return nil
}

// tryPackage takes an exclusive lock of the session's, which no commit gives back. It is asked in a block that fails
// where the lock is another's: 4 is the session's own already.
func tryPackage(ctx context.Context, conn *sql.Conn, name string) (taken bool, err error) {
	err = onWriter(conn, func(s *writer) error {
		_, err := s.exec(ctx, fmt.Sprintf("DECLARE done INTEGER; BEGIN done := DBMS_LOCK.REQUEST(%d, 6, 0, FALSE); IF done NOT IN (0, 4) THEN RAISE_APPLICATION_ERROR(-20000 - done, 'registrar'); END IF; END;", lockID(name)), nil)
		var own *Error
		switch {
		case err == nil:
			taken = true
			s.held++
			return nil
		case errors.As(err, &own) && own.Code == codeTimeout:
			return nil
		case errors.As(err, &own) && own.Code == codeUnknown && strings.Contains(own.Message+own.Hint, "PLS-"):
			return fmt.Errorf(`%w; GRANT EXECUTE ON SYS.DBMS_LOCK TO this user, or set lock = "row" wherever this database is applied to`, err)
		case errors.As(err, &own) && own.Code == codeUnknown:
			return fmt.Errorf(`the user may not use DBMS_LOCK: GRANT EXECUTE ON SYS.DBMS_LOCK TO it, or set lock = "row" wherever this database is applied to: %w`, err)
		default:
			return err
		}
	})
	return taken, err
}

// rowLock is a row that a transaction on a connection of its own has locked.
type rowLock struct {
	conn *sql.Conn
	name string
}

const lockRows = "REGISTRAR_LOCK"

// tryRow locks a row of a table in the session's schema. A row that another gave back, and with it deleted, in the
// middle is made again.
func (d *destination) tryRow(ctx context.Context, conn *sql.Conn, name string) (taken bool, err error) {
	var mine bool
	if err := onWriter(conn, func(s *writer) error {
		mine = s.locks[name] != nil
		return nil
	}); err != nil || mine {
		return mine, err
	}
	own, err := d.Conn(ctx)
	if err != nil {
		return false, err
	}
	lock := &rowLock{conn: own, name: name}
	defer func() {
		if !taken {
			err = errors.Join(err, lock.release(false))
		}
	}()
	const attempts = 5
	for range attempts {
		taken, err = lock.try(ctx)
		switch {
		case errors.Is(err, providers.ErrLocked):
			return false, nil
		case err != nil:
			return false, err
		case !taken:
			continue
		}
		return true, onWriter(conn, func(s *writer) error {
			if s.locks == nil {
				s.locks = map[string]*rowLock{}
			}
			s.locks[name] = lock
			return nil
		})
	}
	return false, nil
}

func (l *rowLock) try(ctx context.Context) (bool, error) {
	key := []driver.NamedValue{{Ordinal: 1, Value: l.name}}
	taken := false
	err := onWriter(l.conn, func(s *writer) error {
		create := dialect{}.CreateTable(quote(lockRows), []string{`"NAME" VARCHAR2(400 CHAR) NOT NULL`, `PRIMARY KEY ("NAME")`})
		if _, err := s.ExecContext(ctx, create, nil); err != nil {
			return err
		}
		_, err := s.ExecContext(ctx, unlessThere, key)
		if err != nil {
			return err
		}
		s.inTx = true
		rows, err := s.QueryContext(ctx, `SELECT r."NAME" FROM `+quote(lockRows)+` r WHERE r."NAME" = :1 FOR UPDATE NOWAIT`, key)
		if err != nil {
			return err
		}
		row := make([]driver.Value, 1)
		err = rows.Next(row)
		taken = err == nil
		if isEnd(err) {
			err = nil
		}
		return errors.Join(err, rows.Close())
	})
	return taken, err
}

// unlessThere makes the row, unless somebody else does.
const unlessThere = `BEGIN INSERT INTO "REGISTRAR_LOCK" ("NAME") SELECT :1 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM "REGISTRAR_LOCK" r WHERE r."NAME" = :1); EXCEPTION WHEN DUP_VAL_ON_INDEX THEN NULL; END;`

// release ends the transaction, and with it the lock; with remove, the row goes, too.
func (l *rowLock) release(remove bool) error {
	err := onWriter(l.conn, func(s *writer) error {
		if s.broken {
			return nil
		}
		var err error
		if remove {
			_, err = s.exec(context.Background(), `DELETE FROM "REGISTRAR_LOCK" WHERE "NAME" = :1`, []driver.NamedValue{{Ordinal: 1, Value: l.name}})
		}
		s.inTx = false
		return errors.Join(err, s.end(context.Background(), remove && err == nil))
	})
	return errors.Join(err, l.conn.Close())
}

// StageTables lists the staging tables of the session's schema.
func (d *destination) StageTables(ctx context.Context, q providers.Querier, prefix string) ([]string, error) {
	var names []string
	err := each(ctx, q, func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		if rest, ok := strings.CutPrefix(shown(name), stagePrefix); ok && strings.HasPrefix(rest, prefix) {
			names = append(names, rest)
		}
		return nil
	}, "SELECT t.TABLE_NAME FROM ALL_TABLES t WHERE t.OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND UPPER(t.TABLE_NAME) LIKE 'REGISTRAR\\_STAGE\\_%' ESCAPE '\\' ORDER BY 1")
	if err != nil {
		return nil, fmt.Errorf("list staging tables: %w", d.SafeError(err))
	}
	return names, nil
}
