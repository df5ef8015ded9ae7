package providertest

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

func (h *Harness) exerciseLock(t *testing.T) {
	t.Run("transaction", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		db.seed(t, "room", []string{"code"}, nil)
		d := db.destination(t)
		conn := connect(t, d)
		table := describe(t, d, "room")
		for _, commit := range []bool{false, true} {
			tx, err := d.Begin(newContext(t), conn, time.Second)
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
	t.Run("two applies", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		// Two destinations, as two processes would open.
		first, second := db.destination(t), db.destination(t)
		if _, ok := first.(providers.SharedStaging); ok {
			exerciseSessionLock(t, first, second)
			return
		}
		exerciseBegin(t, first, second)
	})
	t.Run("shared staging", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		shared, ok := d.(providers.SharedStaging)
		if !ok {
			t.Skip("staging tables end with their connection")
		}
		conn := connect(t, d)
		for _, name := range []string{"one_a", "one_b", "two_a"} {
			exec(t, conn, d.Dialect().CreateStage(d.Dialect().StageTable(name), []sqlgen.Column{h.textColumn("code")}))
		}
		// Another connection sees them.
		names, err := shared.StageTables(newContext(t), connect(t, d), "one_")
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"one_a", "one_b"}) {
			t.Errorf("staging tables %q", names)
		}
	})
}

// exerciseBegin: where no lock is taken beforehand, Begin keeps two applies apart.
func exerciseBegin(t *testing.T, first, second providers.Destination) {
	a, b := connect(t, first), connect(t, second)
	tx, err := first.Begin(newContext(t), a, time.Second)
	if err != nil {
		t.Fatalf("the first: %v", err)
	}
	for _, wait := range []time.Duration{0, 300 * time.Millisecond} {
		began := time.Now()
		if _, err := second.Begin(newContext(t), b, wait); !errors.Is(err, providers.ErrLocked) {
			t.Fatalf("the second: %v", err)
		}
		if took := time.Since(began); took < wait || took > wait+5*time.Second {
			t.Errorf("gave up after %s of %s", took, wait)
		}
	}
	// The wait ends when the first does.
	done := make(chan error, 1)
	go func() {
		time.Sleep(300 * time.Millisecond)
		done <- tx.Rollback()
	}()
	waited, err := second.Begin(newContext(t), b, 30*time.Second)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatalf("it was free in time: %v", err)
	}
	if err := waited.Commit(); err != nil {
		t.Fatal(err)
	}
	tx, err = first.Begin(newContext(t), a, 0)
	if err != nil {
		t.Fatalf("a commit does not give it back: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}

func exerciseSessionLock(t *testing.T, first, second providers.Destination) {
	a, b := connect(t, first), connect(t, second)
	try := func(d providers.Destination, conn *sql.Conn, name string, want bool) {
		t.Helper()
		if got, err := d.(providers.Locker).TryLock(newContext(t), conn, name); err != nil || got != want {
			t.Fatalf("try lock: %v, %v, expected %v", got, err, want)
		}
	}
	try(first, a, "apply", true)
	try(second, b, "apply", false)
	try(second, b, "another", true)
	if err := first.(providers.Locker).Unlock(newContext(t), a, "apply"); err != nil {
		t.Fatal(err)
	}
	try(second, b, "apply", true)
	// A transaction's end does not give it back.
	tx, err := second.Begin(newContext(t), b, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	try(first, a, "apply", false)
	// The connection's end does.
	if err := b.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		got, err := first.(providers.Locker).TryLock(newContext(t), a, "apply")
		if err != nil {
			t.Fatal(err)
		}
		if got {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the lock outlives its connection")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
