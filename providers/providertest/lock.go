package providertest

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

// lock begins a transaction and takes the lock in it; whichever of the two finds
// the database locked says so.
func lock(t *testing.T, d providers.Destination, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
	t.Helper()
	ctx := newContext(t)
	tx, err := d.Begin(ctx, conn, wait)
	if err != nil {
		return nil, err
	}
	if err := d.Lock(ctx, tx, "apply", wait); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

func (h *Harness) exerciseLock(t *testing.T) {
	t.Run("excludes", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		// Two destinations, as two processes would open.
		first, second := db.destination(t), db.destination(t)
		a, b := connect(t, first), connect(t, second)
		tx, err := lock(t, first, a, time.Second)
		if err != nil {
			t.Fatalf("the first lock: %v", err)
		}
		for _, wait := range []time.Duration{0, 300 * time.Millisecond} {
			began := time.Now()
			if _, err := lock(t, second, b, wait); !errors.Is(err, providers.ErrLocked) {
				t.Fatalf("the second lock: %v", err)
			}
			if took := time.Since(began); took < wait || took > wait+5*time.Second {
				t.Errorf("gave up after %s of %s", took, wait)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		tx, err = lock(t, second, b, time.Second)
		if err != nil {
			t.Fatalf("the lock is not given back: %v", err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		tx, err = lock(t, first, a, time.Second)
		if err != nil {
			t.Fatalf("the lock is not given back by a commit: %v", err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("waits", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		first, second := db.destination(t), db.destination(t)
		a, b := connect(t, first), connect(t, second)
		tx, err := lock(t, first, a, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			time.Sleep(300 * time.Millisecond)
			done <- tx.Rollback()
		}()
		waited, err := lock(t, second, b, 30*time.Second)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatalf("the lock was free in time: %v", err)
		}
		if err := waited.Rollback(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("rolls back", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		db.seed(t, "room", []string{"code"}, nil)
		d := db.destination(t)
		conn := connect(t, d)
		table := describe(t, d, "room")
		for _, commit := range []bool{false, true} {
			tx, err := lock(t, d, conn, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			exec(t, tx, "INSERT INTO "+table.Name+" VALUES ('a')")
			end, want := tx.Rollback, "0"
			if commit {
				end, want = tx.Commit, "1"
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			if got := count(t, conn, table.Name); got != want {
				t.Errorf("%s rows, expected %s", got, want)
			}
		}
	})
	t.Run("session", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		locker, ok := d.(providers.SessionLocker)
		if !ok {
			if !h.Capabilities.StagingEndsWithConn {
				t.Fatal("staging tables outlive their connection, and no lock tells which are in use")
			}
			t.Skip("staging tables end with their connection")
		}
		a, b := connect(t, d), connect(t, d)
		try := func(conn *sql.Conn, want bool) {
			t.Helper()
			if got, err := locker.TryLock(newContext(t), conn, "stage"); err != nil || got != want {
				t.Fatalf("try lock: %v, %v, expected %v", got, err, want)
			}
		}
		try(a, true)
		try(b, false)
		if err := locker.Unlock(newContext(t), a, "stage"); err != nil {
			t.Fatal(err)
		}
		try(b, true)
		if got, err := locker.TryLock(newContext(t), a, "another"); err != nil || !got {
			t.Fatalf("another name: %v, %v", got, err)
		}
		// Killing the connection gives the lock back.
		if err := b.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
			t.Fatal(err)
		}
		deadline := time.Now().Add(10 * time.Second)
		for {
			got, err := locker.TryLock(newContext(t), a, "stage")
			if err != nil {
				t.Fatal(err)
			}
			if got {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the lock outlives its connection")
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
}
