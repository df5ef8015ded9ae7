//go:build unix

package pgtest_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// envVictim marks the copy of this test process that is killed.
const envVictim = "PGTEST_VICTIM"

func TestServerEndsWithAKilledProcess(t *testing.T) {
	t.Parallel()
	if os.Getenv("TEST_POSTGRES_URL") != "" {
		t.Skip("the server was not started by this package")
	}
	database := pgtest.New(t)
	if os.Getenv(envVictim) != "" {
		fmt.Println(database, text(t, connect(t, database), "SELECT current_setting('data_directory')"))
		select {} // until it is killed
	}

	victim := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	victim.Env = append(os.Environ(), envVictim+"=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var address, data string
	_, scanErr := fmt.Fscanln(out, &address, &data)
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // it was killed: that is its error
	if scanErr != nil {
		t.Fatalf("the process to kill did not say what it started: %v", scanErr)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}

	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, dialErr := net.DialTimeout("tcp", u.Host, time.Second)
		if dialErr == nil {
			_ = conn.Close()
		}
		_, statErr := os.Stat(filepath.Dir(data))
		if dialErr != nil && errors.Is(statErr, os.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("what outlived its process: a server on %s: %t; its files in %s: %t", u.Host, dialErr == nil, data, statErr == nil)
		}
	}
}
